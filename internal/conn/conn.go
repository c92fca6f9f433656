// Package conn is one upgraded socket: it reads whole messages, and writes frames without ever making their writer wait. Only the
// handlers import it; the session knows it as an interface.
//
// The handshake is the websocket package's. From then on the connection is ours: the package keeps several kilobytes for each, as the
// HTTP server below does, does not check text for UTF-8, and lets one blocked write block whoever writes. So a Conn reads and writes the frames of RFC 6455
// itself, on the connection below.
//
// One goroutine at a time reads, and closes the connection at its end ([Conn.Finish]). Where a [Poller] watches the connection there is
// none while nothing comes. Anyone may write. What the kernel takes at once is written by the caller; the rest becomes a backlog with a
// goroutine that ends with it. A backlog past its bound ends the connection with 4003.
package conn

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
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
	fd       int // raw's descriptor, to read and write without waiting; -1 where that can't be done. It is open until Finish has closed raw
	limits   *Limits
	counters *Counters
	poller   *Poller // wakes the connection when something comes; nil where Read waits
	turn     func()  // run in a goroutine of its own then

	// The reader's own.
	in      input
	message *[]byte // what Read returned last; goes back to the pool at the next Read
	rate    frameRate

	mu       sync.Mutex    // guards what follows
	resting  bool          // nobody reads; the poller, or a close, begins a turn
	writing  bool          // somebody writes, without holding mu; what comes meanwhile goes into the backlog
	behind   bool          // that is the backlog's goroutine
	waiting  int           // bytes of the backlog, and of what its goroutine has taken from it and not finished
	backlog  []byte        // whole frames, behind those that are being written
	written  chan struct{} // is closed when nobody writes any more; nil where nobody waits for that
	taken    int           // how often the kernel has taken something of the backlog
	unheeded bool          // the other side took nothing while it was waited for, and has not taken all since
	closing  bool          // a close frame has been sent or queued, or the reader has ended; nothing is written after it
	closeBy  time.Time     // while closing, when the last byte has to be written
	broken   bool          // the transport failed; nothing can be written any more
	code     int           // how it ended, 0 while open
	ours     bool          // this side closed it
	finished bool
}

// began is when our clock began. A time since then takes a third of the bytes of a [time.Time], and thousands of connections have
// several.
var began = time.Now()

// clock tells the time since the program began, whatever the date is set to.
func clock() time.Duration { return time.Since(began) }

// New takes over an upgraded connection. raw must return from Read what the handshake left unread. What the connection does is counted
// in counters, which may be nil. limits are read for as long as the connection lasts, and may be those of others, too.
func New(raw net.Conn, limits *Limits, counters *Counters) *Conn {
	if counters == nil {
		counters = new(Counters)
	}
	now := clock()
	c := &Conn{
		raw: raw, fd: -1, limits: limits, counters: counters, in: input{heard: now},
		rate: newFrameRate(limits.Frames, limits.FramesBurst, now),
	}
	if below(raw) != raw {
		c.takeRest()
	}
	c.fd = descriptor(c.raw)
	return c
}

// below is a connection without the handshake's wrapping.
func below(raw net.Conn) net.Conn {
	if u, ok := raw.(interface{ UnsafeConn() net.Conn }); ok { // fasthttp's hijacked connection
		return u.UnsafeConn()
	}
	return raw
}

// Code says how the connection ended: the close code that came or went first, 1006 where none did, 0 while it is open.
func (c *Conn) Code() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.code
}

// String names the other side, for logs.
func (c *Conn) String() string { return fmt.Sprint(c.raw.RemoteAddr()) }
