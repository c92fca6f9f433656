// Package conn is one upgraded socket: it reads whole messages, and writes frames without ever making their writer wait. Only the
// handlers import it; the session knows it as an interface.
//
// The handshake is the websocket package's. From then on the connection is ours: the package keeps several kilobytes for each, does
// not check text for UTF-8, and lets one blocked write block whoever writes. So a Conn reads and writes the frames of RFC 6455
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
	"sync"
	"syscall"
	"time"
)

// Limits bound what one connection may cost. 0 means no limit, and for Ping no pings.
type Limits struct {
	Message      int           // bytes of one message, however many fragments it comes in
	Backlog      int           // bytes that wait for a reader that is slower than the others
	Ping         time.Duration // a connection that is silent for so long is pinged; one that stays silent for as long again is dead
	WriteTimeout time.Duration // how long one write may make no progress
	Binary       bool          // binary messages are taken too; otherwise they end the connection with 1003
}

const closeWait = 2 * time.Second // how long the other side has to answer a close frame (RFC 6455, section 7.1.1)

// Close codes of RFC 6455, section 7.4.1, that a Conn gives or finds.
const (
	closeNormal      = 1000
	closeProtocol    = 1002
	closeUnsupported = 1003
	closeNoStatus    = 1005
	closeAbnormal    = 1006
	closeNotUTF8     = 1007
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
	raw    net.Conn
	below  net.Conn        // raw without the handshake's wrapping
	direct syscall.RawConn // writes without waiting; nil where raw can't
	limits Limits

	message *[]byte // what Read returned last; goes back to the pool at the next Read

	mu       sync.Mutex // guards what follows
	flying   int        // bytes that the writer has taken from the backlog and not yet written
	backlog  []byte     // whole frames behind those
	closing  bool       // a close frame has been sent or queued; nothing is written after it
	broken   bool       // the transport failed; nothing can be written any more
	code     int        // how it ended, 0 while open
	finished bool
	writer   sync.WaitGroup
}

// New takes over an upgraded connection. raw must return from Read what the handshake left unread.
func New(raw net.Conn, limits Limits) *Conn {
	c := &Conn{raw: raw, limits: limits}
	below := raw
	if u, ok := raw.(interface{ UnsafeConn() net.Conn }); ok { // fasthttp's hijacked connection
		below = u.UnsafeConn()
	}
	c.below = below
	if tcp, ok := below.(*net.TCPConn); ok {
		if direct, err := tcp.SyscallConn(); err == nil {
			c.direct = direct
		}
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
	if waiting := c.flying + len(c.backlog); waiting > 0 && c.limits.Backlog > 0 && waiting+len(frames) > c.limits.Backlog {
		c.backlog = nil // frames that were not begun; the one under way is completed, so that the close frame can be read
		c.close(closeTooSlow, "too slow to read")
		return false
	}
	return c.write(frames)
}

// write puts frames on their way, in order. The caller holds mu.
func (c *Conn) write(frames []byte) bool {
	if c.flying > 0 {
		c.backlog = append(c.backlog, frames...)
		return true
	}
	n, err := writeNow(c.direct, frames)
	if err != nil {
		c.fail()
		return false
	}
	if n == len(frames) {
		return true
	}
	rest := append([]byte(nil), frames[n:]...) // the caller's bytes are shared with other connections
	c.flying = len(rest)
	c.writer.Go(func() { c.writeAll(rest) })
	return true
}

// writeAll writes what the kernel didn't take at once, and ends when nothing waits.
func (c *Conn) writeAll(frames []byte) {
	for {
		err := c.writeSome(frames)
		c.mu.Lock()
		if err != nil {
			c.fail()
		}
		frames, c.backlog = c.backlog, nil
		c.flying = len(frames)
		c.mu.Unlock()
		if len(frames) == 0 {
			return
		}
	}
}

// writeSome writes frames, piece by piece, each with its own time limit.
func (c *Conn) writeSome(frames []byte) error {
	const piece = 64 << 10
	for len(frames) > 0 {
		if err := c.raw.SetWriteDeadline(c.writeDeadline()); err != nil {
			return err
		}
		n, err := c.raw.Write(frames[:min(piece, len(frames))])
		if err != nil {
			return err
		}
		frames = frames[n:]
	}
	return c.raw.SetWriteDeadline(time.Time{})
}

func (c *Conn) writeDeadline() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closing:
		return time.Now().Add(closeWait)
	case c.limits.WriteTimeout > 0:
		return time.Now().Add(c.limits.WriteTimeout)
	default:
		return time.Time{}
	}
}

// fail notes that nothing can be written any more, and wakes the reader. The caller holds mu.
func (c *Conn) fail() {
	c.broken = true
	c.backlog = nil
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
		c.code = code
	}
	var body []byte
	if code != closeNoStatus {
		body = binary.BigEndian.AppendUint16(nil, uint16(code))
		body = append(body, reason[:min(len(reason), maxControl-2)]...)
	}
	c.write(append([]byte{0x80 | opClose, byte(len(body))}, body...))
	c.closing = true
	_ = c.raw.SetReadDeadline(time.Now()) // wakes the reader; fails only where it has ended
	_ = c.raw.SetWriteDeadline(time.Now().Add(closeWait))
}

// Finish closes the connection for good, after what is queued was written and the other side had a moment to answer the close
// frame. The goroutine that reads calls it last.
func (c *Conn) Finish() {
	c.mu.Lock()
	if c.code == 0 {
		c.code = closeAbnormal
	}
	c.closing = true
	already, broken := c.finished, c.broken
	c.finished = true
	c.mu.Unlock()
	if already {
		return
	}
	_ = c.raw.SetWriteDeadline(time.Now().Add(closeWait))
	c.writer.Wait()
	if !broken {
		c.lingerClose()
	}
	_ = c.raw.Close() // the error would only say that the other side was first
	c.release()
}

// lingerClose ends our half of the connection and reads on until the other side has ended its own. Closing a socket with unread bytes
// would take the close frame with it.
func (c *Conn) lingerClose() {
	if half, ok := c.below.(interface{ CloseWrite() error }); ok && half.CloseWrite() != nil {
		return
	}
	if c.raw.SetReadDeadline(time.Now().Add(closeWait)) != nil {
		return
	}
	var unread [512]byte
	for {
		if _, err := c.raw.Read(unread[:]); err != nil {
			return
		}
	}
}

// String names the other side, for logs.
func (c *Conn) String() string { return fmt.Sprint(c.raw.RemoteAddr()) }
