//go:build !unix

package cli

import "os"

// resizes tells nothing here: the size is asked for with each drawing.
func resizes() (<-chan os.Signal, func()) { return nil, func() {} }

// lockAlone says no: where there are no such locks, terminals can't know of each other, and keep nothing.
func lockAlone(*os.File) bool { return false }
