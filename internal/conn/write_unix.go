//go:build unix

package conn

import (
	"errors"
	"syscall"
)

// writeNow writes what the kernel takes without waiting, and returns how much that was.
func writeNow(direct syscall.RawConn, p []byte) (n int, err error) {
	if direct == nil {
		return 0, nil
	}
	var wrote error
	err = direct.Write(func(fd uintptr) bool {
		for {
			n, wrote = syscall.Write(int(fd), p)
			if !errors.Is(wrote, syscall.EINTR) {
				return true
			}
		}
	})
	if err != nil {
		return 0, err
	}
	if wrote != nil {
		if errors.Is(wrote, syscall.EAGAIN) {
			return 0, nil
		}
		return 0, wrote
	}
	return n, nil
}
