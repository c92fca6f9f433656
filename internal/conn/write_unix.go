//go:build unix

package conn

import (
	"errors"
	"sync"
	"syscall"
)

// attempt is one write without waiting. It is kept for the next, as the function that the runtime calls would else be allocated for
// each frame that is sent to each connection.
type attempt struct {
	bytes   []byte
	written int
	err     error
	do      func(fd uintptr) bool
}

var attempts = sync.Pool{New: func() any {
	a := new(attempt)
	a.do = func(fd uintptr) bool {
		for {
			a.written, a.err = syscall.Write(int(fd), a.bytes)
			if !errors.Is(a.err, syscall.EINTR) {
				return true // also where nothing could be written: we don't wait
			}
		}
	}
	return a
}}

// writeNow writes what the kernel takes without waiting, and returns how much that was.
func writeNow(direct syscall.RawConn, p []byte) (n int, err error) {
	if direct == nil {
		return 0, nil
	}
	a := attempts.Get().(*attempt)
	defer attempts.Put(a)
	a.bytes = p
	err = direct.Write(a.do)
	n, wrote := max(a.written, 0), a.err
	a.bytes, a.written, a.err = nil, 0, nil
	switch {
	case err != nil:
		return 0, err
	case errors.Is(wrote, syscall.EAGAIN):
		return 0, nil
	default:
		return n, wrote
	}
}
