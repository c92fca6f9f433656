//go:build unix

package conn

import (
	"errors"
	"syscall"
)

// tryRead returns the function with which a connection reads as soon as something is there. Only then it takes a buffer.
func (c *Conn) tryRead() func(fd uintptr) bool { return c.try }

// try reads what is there. It returns false, and holds no buffer, when that is nothing yet.
func (c *Conn) try(fd uintptr) bool {
	buffer := buffers.Get().(*[chunk]byte)
	for {
		n, err := syscall.Read(int(fd), buffer[:])
		switch {
		case n > 0:
			c.in.buffer, c.in.unread = buffer, buffer[:n]
			return true
		case errors.Is(err, syscall.EINTR):
			continue
		}
		buffers.Put(buffer)
		if errors.Is(err, syscall.EAGAIN) {
			return false
		}
		c.in.err = err
		return true
	}
}
