// Package conn is one upgraded socket: it reads whole messages, and writes frames without ever making their writer wait. Only the
// handlers import it; the session knows it as an interface.
//
// The handshake is the websocket package's. From then on the connection is ours: the package keeps several kilobytes for each, as the
// HTTP server below does, does not check text for UTF-8, and lets one blocked write block whoever writes. So a Conn reads and writes the frames of RFC 6455
// itself, on the connection below.
//
// One goroutine reads, and closes the connection at its end ([Conn.Finish]). Anyone may write. What the kernel takes at once is
// written by the caller; the rest becomes a backlog with a goroutine that ends with it. A backlog past its bound ends the
// connection with 4003.
package conn

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"
)

// Limits bound what one connection may cost. 0 means no limit, and for Ping no pings.
type Limits struct {
	Message      int           // bytes of one message, however many fragments it comes in
	Backlog      int           // bytes that wait for a reader that is slower than the others
	Ping         time.Duration // a connection that is silent for so long is pinged; one that stays silent for as long again is dead
	WriteTimeout time.Duration // how long one write may make no progress
	Frames       float64       // frames of every kind, control frames and fragments too, that may come in a second on average
	FramesBurst  int           // frames that may come at once, before Frames holds; 0 is no limit, and then Frames is none either
	Fragments    int           // frames of one message
	Binary       bool          // binary messages are taken too; otherwise they end the connection with 1003
}

const (
	closeWait = 2 * time.Second // how long the other side has to answer a close frame (RFC 6455, section 7.1.1)
	flushWait = 6 * time.Second // how long a closed connection may take to read what was written before; stopping takes 9 s at most
)

// Close codes of RFC 6455, section 7.4.1, that a Conn gives or finds.
const (
	closeNormal      = 1000
	closeGoingAway   = 1001
	closeProtocol    = 1002
	closeUnsupported = 1003
	closeNoStatus    = 1005
	closeAbnormal    = 1006
	closeNotUTF8     = 1007
	closePolicy      = 1008
	closeTooBig      = 1009
	closeTooSlow     = 4003
)

// Opcodes of RFC 6455, section 5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA
)

// ErrClosed is what Read returns at the end of a connection. [Conn.Code] says how it ended.
var ErrClosed = errors.New("connection closed")

// Conn is one upgraded connection.
type Conn struct {
	raw      net.Conn
	below    net.Conn        // raw without the handshake's wrapping
	direct   syscall.RawConn // reads and writes without waiting; nil where raw can't
	limits   Limits
	counters *Counters

	// The reader's own.
	in      input
	message *[]byte   // what Read returned last; goes back to the pool at the next Read
	heard   time.Time // when bytes came last
	rate    frameRate

	mu       sync.Mutex // guards what follows
	writing  bool       // the backlog's goroutine is there
	waiting  int        // bytes that it has taken from the backlog and not finished, and those of the backlog
	backlog  []byte     // whole frames behind those it has taken
	closing  bool       // a close frame has been sent or queued, or the reader has ended; nothing is written after it
	closeBy  time.Time  // while closing, when the last byte has to be written
	broken   bool       // the transport failed; nothing can be written any more
	code     int        // how it ended, 0 while open
	ours     bool       // this side closed it
	finished bool
	writer   sync.WaitGroup
}

// New takes over an upgraded connection. raw must return from Read what the handshake left unread. What the connection does is counted
// in counters, which may be nil.
func New(raw net.Conn, limits Limits, counters *Counters) *Conn {
	if counters == nil {
		counters = new(Counters)
	}
	now := time.Now()
	c := &Conn{
		raw: raw, below: raw, limits: limits, counters: counters,
		heard: now, rate: newFrameRate(limits.Frames, limits.FramesBurst, now),
	}
	if u, ok := raw.(interface{ UnsafeConn() net.Conn }); ok { // fasthttp's hijacked connection
		c.below = u.UnsafeConn()
		c.takeRest()
	}
	if tcp, ok := c.below.(*net.TCPConn); ok {
		if direct, err := tcp.SyscallConn(); err == nil {
			c.direct = direct
		}
	}
	if c.direct != nil && c.raw == c.below {
		c.in.try = c.tryRead()
	}
	return c
}

// Code says how the connection ended: the close code that came or went first, 1006 where none did, 0 while it is open.
func (c *Conn) Code() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.code
}

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

// write puts frames on their way, in order. The caller holds mu.
func (c *Conn) write(frames []byte) bool {
	if c.writing {
		c.counters.FramesOut.Add(countFrames(frames))
		c.wait(len(frames))
		c.backlog = append(c.backlog, frames...)
		return true
	}
	n, err := writeNow(c.direct, frames)
	if err != nil {
		c.fail()
		return false
	}
	c.counters.FramesOut.Add(countFrames(frames))
	c.counters.BytesOut.Add(int64(n))
	if n == len(frames) {
		return true
	}
	rest := append([]byte(nil), frames[n:]...) // the caller's bytes are shared with other connections
	c.writing = true
	c.counters.Behind.Add(1)
	c.wait(len(rest))
	c.writer.Go(func() { c.writeAll(rest) })
	return true
}

// wait notes that n bytes more wait, or less. The caller holds mu.
func (c *Conn) wait(n int) {
	c.waiting += n
	c.counters.Backlog.Add(int64(n))
}

// drop forgets what waits and was not begun. The caller holds mu.
func (c *Conn) drop() {
	c.counters.Dropped.Add(int64(len(c.backlog)))
	c.wait(-len(c.backlog))
	c.backlog = nil
}

// writeAll writes what the kernel didn't take at once, and ends when nothing waits.
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
		done := len(frames) == 0
		if done {
			c.writing = false
			c.counters.Behind.Add(-1)
			if !c.closing { // else what is written now would fail when the deadline of what was written has passed
				_ = c.raw.SetWriteDeadline(time.Time{})
			}
		}
		c.mu.Unlock()
		if done {
			return
		}
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

// fail notes that nothing can be written any more, and wakes the reader. The caller holds mu.
func (c *Conn) fail() {
	c.broken = true
	c.drop()
	if c.code == 0 {
		c.code = closeAbnormal
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
	c.write(closeFrame(code, reason))
	c.end()
	_ = c.raw.SetReadDeadline(time.Now()) // wakes the reader; fails only where it has ended
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
// frame. The goroutine that reads calls it last.
func (c *Conn) Finish() {
	c.mu.Lock()
	already := c.finished
	if c.code == 0 {
		c.code = closeAbnormal
	}
	c.end()
	c.finished = true
	c.mu.Unlock()
	if already {
		return
	}
	c.writer.Wait()
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
	if half, ok := c.below.(interface{ CloseWrite() error }); ok && half.CloseWrite() != nil {
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

// String names the other side, for logs.
func (c *Conn) String() string { return fmt.Sprint(c.raw.RemoteAddr()) }
