package conn

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// input is what came and was not looked at yet. A connection that waits has no buffer: thousands of silent ones would hold as many.
type input struct {
	unread []byte
	buffer *[chunk]byte  // that unread is in; nil while nothing is unread, and where unread is what the handshake left
	heard  time.Duration // of our clock, when bytes came last
	pinged time.Duration // when it was asked for a sign of life since then, 0 for not; while it rests, guarded by Conn.mu
	more   bool          // there may be more to read now
	err    error         // of the last try
	wait   syscall.RawConn
}

var buffers = sync.Pool{New: func() any { return new([chunk]byte) }}

// takeRest takes what the handshake has read too much, up to the size of its buffer, and then goes around that buffer, which would
// stay for as long as the connection.
func (c *Conn) takeRest() {
	past := time.Unix(1, 0) // so that nothing is read from the network
	if c.raw.SetReadDeadline(past) != nil {
		return
	}
	rest, err := io.ReadAll(c.raw)
	if len(rest) > 0 {
		c.in.unread = rest
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && below(c.raw).SetReadDeadline(time.Time{}) == nil {
		c.raw = below(c.raw)
	}
}

// more waits until at least one byte is unread. A connection that is silent for too long is pinged, and given up when it stays silent.
func (c *Conn) more() error {
	if len(c.in.unread) > 0 {
		return nil
	}
	c.putBack()
	for since, pinged := c.in.heard, false; ; since, pinged = clock(), true {
		if !c.setReadDeadline(since) {
			return ErrClosed
		}
		err := c.readNow()
		if c.came() {
			return nil
		}
		var timeout net.Error
		switch {
		case err == nil:
			return io.EOF
		case !errors.As(err, &timeout) || !timeout.Timeout():
			return err
		case pinged:
			c.counters.Silent.Add(1)
			return ErrClosed
		case !c.Write([]byte{0x80 | opPing, 0}):
			return ErrClosed
		}
		c.counters.PingsOut.Add(1)
	}
}

// came notes what has been read, and reports whether that is anything.
func (c *Conn) came() bool {
	n := len(c.in.unread)
	if n == 0 {
		return false
	}
	c.in.heard, c.in.pinged, c.in.more = clock(), 0, n == chunk
	c.rate.fill(c.in.heard)
	c.counters.BytesIn.Add(int64(n))
	return true
}

// over reports whether there is nothing more to read for anybody.
func (c *Conn) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broken || c.closing
}

// setReadDeadline lets a connection be noticed that has been silent since then. It returns false when there is nothing more to read
// for anybody.
func (c *Conn) setReadDeadline(since time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken || c.closing {
		return false
	}
	if c.limits.Ping <= 0 {
		return true
	}
	return c.raw.SetReadDeadline(began.Add(since+c.limits.Ping)) == nil
}

// readNow waits for bytes and reads some, or returns an error. Neither is the end of the connection.
func (c *Conn) readNow() error {
	if c.fd >= 0 {
		return c.readWhenThere()
	}
	c.in.buffer = buffers.Get().(*[chunk]byte) // here it has to be there while we wait
	n, err := c.raw.Read(c.in.buffer[:])
	if c.in.unread = c.in.buffer[:n]; n == 0 {
		c.putBack()
	}
	return err
}

// putBack gives the buffer back when all that is in it was looked at.
func (c *Conn) putBack() {
	c.in.unread = nil
	if c.in.buffer != nil {
		buffers.Put(c.in.buffer)
		c.in.buffer = nil
	}
}
