package conn

import (
	"errors"
	"os"
	"time"
)

// Write writes whole frames, or puts them into the backlog. It never waits. It returns false when the connection is at its end.
func (c *Conn) Write(frames []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing || c.broken {
		return false
	}
	if c.waiting > 0 && c.limits.Backlog > 0 && c.waiting+len(frames) > c.limits.Backlog {
		c.drop() // frames that were not begun; the one under way is completed, so that the close frame can be read
		c.close(closeTooSlow, "limits.backlog_bytes: too slow to read")
		return false
	}
	return c.write(frames)
}

// write puts frames on their way, in order. The caller holds mu, which is let go while the kernel takes them: who comes meanwhile
// leaves theirs in the backlog and goes on, and they are written here.
func (c *Conn) write(frames []byte) bool {
	if c.writing {
		c.counters.FramesOut.Add(countFrames(frames))
		c.wait(len(frames))
		c.backlog = append(c.backlog, frames...)
		return true
	}
	c.writing = true
	for shared := true; ; shared = false { // the caller's bytes are shared with other connections; those of the backlog aren't
		n, err := c.writeNow(frames)
		c.counters.BytesOut.Add(int64(n))
		rest := frames[n:]
		switch {
		case err == nil && shared:
			c.counters.FramesOut.Add(countFrames(frames))
			rest = append([]byte(nil), rest...)
			c.wait(len(rest))
		case err == nil:
			c.wait(-n)
		default:
			if !shared {
				c.counters.Dropped.Add(int64(len(rest)))
				c.wait(-len(frames))
			}
			c.fail()
			c.wrote()
			return false
		}
		if len(rest) > 0 {
			c.behind = true
			c.counters.Behind.Add(1)
			go c.writeAll(rest)
			return true
		}
		if len(c.backlog) == 0 {
			c.wrote()
			return true
		}
		frames, c.backlog = c.backlog, nil
	}
}

// writeNow writes what the kernel takes without waiting, with mu let go, and returns how much that was.
func (c *Conn) writeNow(frames []byte) (n int, err error) {
	if c.fd < 0 { // everything is left to the backlog's goroutine
		return 0, nil
	}
	c.mu.Unlock()
	defer c.mu.Lock()
	return writeNow(c.fd, frames)
}

// wrote is the end of somebody's writing. The caller holds mu.
func (c *Conn) wrote() {
	c.writing, c.unheeded = false, false
	if c.behind {
		c.behind = false
		c.counters.Behind.Add(-1)
	}
	if c.written != nil {
		close(c.written)
		c.written = nil
	}
}

// wait notes that n bytes more wait, or less. The caller holds mu.
func (c *Conn) wait(n int) {
	if n != 0 {
		c.waiting += n
		c.counters.Backlog.Add(int64(n))
	}
}

// drop forgets what waits and was not begun. The caller holds mu.
func (c *Conn) drop() {
	c.counters.Dropped.Add(int64(len(c.backlog)))
	c.wait(-len(c.backlog))
	c.backlog = nil
}

// writeAll writes what the kernel didn't take at once, and ends when nothing waits. [Conn.Finish] waits for that.
func (c *Conn) writeAll(frames []byte) {
	for {
		n, err := c.writeSome(frames)
		c.counters.BytesOut.Add(int64(n))
		c.mu.Lock()
		if err != nil {
			c.counters.Dropped.Add(int64(len(frames) - n))
			c.fail()
		}
		c.wait(-len(frames))
		frames, c.backlog = c.backlog, nil
		if len(frames) == 0 {
			c.wrote()
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
	}
}

// writeSome writes frames, and gives up when there is no progress for too long. It returns how much was written.
func (c *Conn) writeSome(frames []byte) (int, error) {
	const piece = 64 << 10
	written := 0
	for written < len(frames) {
		if err := c.setWriteDeadline(); err != nil {
			return written, err
		}
		n, err := c.raw.Write(frames[written:min(written+piece, len(frames))])
		written += n
		if err != nil && (n == 0 || !errors.Is(err, os.ErrDeadlineExceeded)) {
			return written, err
		}
	}
	return written, nil
}

// setWriteDeadline says when the next write has to have made progress. It does so with mu held, so that a close that comes meanwhile
// has the last word.
func (c *Conn) setWriteDeadline() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken++ // or it is the first try
	now := time.Now()
	var deadline time.Time
	switch {
	case c.closing:
		deadline = now.Add(closeWait)
		if c.closeBy.Before(deadline) {
			deadline = c.closeBy
		}
	case c.limits.WriteTimeout > 0:
		deadline = now.Add(c.limits.WriteTimeout)
	}
	return c.raw.SetWriteDeadline(deadline)
}
