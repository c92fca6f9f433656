//go:build !unix

package cli

import "log/slog"

// raiseFileLimit has nothing to do where the system has no such limit.
func raiseFileLimit(*slog.Logger) {}
