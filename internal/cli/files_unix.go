//go:build unix

package cli

import (
	"log/slog"
	"syscall"
)

// raiseFileLimit lets the process have as many open files, and so connections, as the system allows it.
func raiseFileLimit(log *slog.Logger) {
	var limit syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	if err == nil && limit.Cur < limit.Max {
		limit.Cur = limit.Max
		err = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	}
	if err != nil {
		log.Warn("the number of connections may be limited by the system", "open_files", limit.Cur, "error", err)
	}
}
