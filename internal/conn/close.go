package conn

import (
	"encoding/binary"
	"time"
	"unicode/utf8"
)

// fail notes that nothing can be written any more, and wakes the reader. The caller holds mu.
func (c *Conn) fail() {
	c.broken = true
	c.drop()
	if c.code == 0 {
		c.code = closeAbnormal
	}
	c.wake()
}

// wake makes the reader find that there is nothing more to read, or begins a turn in which that is found. The caller holds mu.
func (c *Conn) wake() {
	if c.resting {
		c.resting = false
		go c.turn()
		return
	}
	_ = c.raw.SetReadDeadline(time.Now()) // fails only where the reader has ended as well
}

// Close sends a close frame behind what is queued and gives the other side a moment to answer. It does not wait.
func (c *Conn) Close(code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.close(code, reason)
}

// close is Close for a caller that holds mu.
func (c *Conn) close(code int, reason string) {
	if c.closing || c.broken {
		return
	}
	if c.code == 0 {
		c.code, c.ours = code, true
	}
	c.end() // first, as mu is let go in between
	c.write(closeFrame(code, reason))
	c.wake()
}

// closeFrame is a close frame, with as much of the reason as fits into one (RFC 6455, section 5.5.1).
func closeFrame(code int, reason string) []byte {
	frame := []byte{0x80 | opClose, 0}
	if code != closeNoStatus {
		frame = binary.BigEndian.AppendUint16(frame, uint16(code))
		for len(reason) > maxControl-2 { // the reason has to be UTF-8, so it is cut between two runes
			_, last := utf8.DecodeLastRuneInString(reason)
			reason = reason[:len(reason)-last]
		}
		frame = append(frame, reason...)
	}
	frame[1] = byte(len(frame) - 2)
	return frame
}

// end notes that nothing more is written than what waits, and that this may not take for ever. The caller holds mu.
func (c *Conn) end() {
	if c.closing {
		return
	}
	now := time.Now()
	c.closing, c.closeBy = true, now.Add(flushWait)
	_ = c.raw.SetWriteDeadline(now.Add(closeWait)) // for the write under way; each later one sets its own
}

// Finish closes the connection for good, after what is queued was written and the other side had a moment to answer the close
// frame. Who reads calls it last.
func (c *Conn) Finish() {
	c.mu.Lock()
	already := c.finished
	if c.code == 0 {
		c.code = closeAbnormal
	}
	c.end()
	c.finished = true
	if c.writing && c.written == nil {
		c.written = make(chan struct{})
	}
	written := c.written
	c.mu.Unlock()
	if already {
		return
	}
	if written != nil {
		<-written
	}
	if c.poller != nil {
		c.poller.forget(c)
	}
	c.mu.Lock()
	broken := c.broken
	c.counters.end(c.code, c.ours)
	c.mu.Unlock()
	if !broken {
		c.lingerClose()
	}
	_ = c.raw.Close() // the error would only say that the other side was first
	c.release()
	c.putBack()
}

// lingerClose ends our half of the connection and reads on until the other side has ended its own. Closing a socket with unread bytes
// would take the close frame with it. Whoever goes on sending is cut off.
func (c *Conn) lingerClose() {
	const most = 4 << 20 // bytes
	if half, ok := below(c.raw).(interface{ CloseWrite() error }); ok && half.CloseWrite() != nil {
		return
	}
	if c.raw.SetReadDeadline(time.Now().Add(closeWait)) != nil {
		return
	}
	unread := buffers.Get().(*[chunk]byte)
	defer buffers.Put(unread)
	for read := 0; read < most; {
		n, err := c.raw.Read(unread[:])
		if err != nil {
			return
		}
		read += n
	}
}
