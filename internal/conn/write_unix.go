//go:build unix

package conn

import (
	"errors"
	"net"
	"syscall"
)

// descriptor is what a TCP connection goes by at the kernel, -1 of any other. Going by it, and not by [syscall.RawConn], spares each
// write a lock and two calls by pointer. It is ours to see that nobody does so once the connection is closed.
func descriptor(raw net.Conn) int {
	tcp, ok := raw.(*net.TCPConn)
	if !ok {
		return -1
	}
	direct, err := tcp.SyscallConn()
	if err != nil {
		return -1
	}
	found := -1
	if direct.Control(func(fd uintptr) { found = int(fd) }) != nil {
		return -1
	}
	return found
}

// writeNow writes what the kernel takes without waiting, and returns how much that was.
func writeNow(fd int, p []byte) (int, error) {
	for {
		switch n, err := send(fd, p); {
		case err == nil:
			return n, nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return 0, nil
		default:
			return 0, err
		}
	}
}
