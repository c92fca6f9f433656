//go:build !unix

package conn

import "syscall"

// writeNow leaves everything to the backlog's goroutine where a write without waiting isn't to be had.
func writeNow(syscall.RawConn, []byte) (int, error) { return 0, nil }
