//go:build !unix

package cli

import "os"

// resizes tells nothing here: the size is asked for with each drawing.
func resizes() (<-chan os.Signal, func()) { return nil, func() {} }
