//go:build unix

package conn

import (
	"errors"
	"net"
	"syscall"
)

// readWhenThere waits until something is there, and only then takes a buffer.
func (c *Conn) readWhenThere() (err error) {
	if c.in.wait == nil { // rare where a poller watches: in the middle of a message alone
		if c.in.wait, err = c.raw.(*net.TCPConn).SyscallConn(); err != nil {
			return err
		}
	}
	c.in.err = nil
	return errors.Join(c.in.wait.Read(c.try), c.in.err)
}

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
