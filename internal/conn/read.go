package conn

import (
	"encoding/binary"
	"errors"
	"math"
	"sync"
	"unicode/utf8"
)

const (
	maxControl = 125     // bytes of a control frame's payload (RFC 6455, section 5.5)
	chunk      = 4 << 10 // bytes read at once, so that bad UTF-8 and memory are met as they come
)

// protocolError is a violation that ends the connection with its close code.
type protocolError struct {
	code   int
	reason string
}

func (e *protocolError) Error() string { return e.reason }

var messages = sync.Pool{New: func() any { b := make([]byte, 0, 512); return &b }}

const keptMost = 64 << 10 // bytes of a buffer that goes back to the pool

// release gives back what Read returned last.
func (c *Conn) release() {
	if c.message != nil && cap(*c.message) <= keptMost {
		*c.message = (*c.message)[:0]
		messages.Put(c.message)
	}
	c.message = nil
}

// Read returns the next whole message; it is valid until the next call. Pings are answered, and a text that isn't UTF-8 ends the
// connection as soon as that can be seen. binary says which kind the message is. The error is [ErrClosed], or [ErrResting] where a poller
// watches the connection.
func (c *Conn) Read() (message []byte, binary bool, err error) {
	c.release()
	c.pace()
	if message, binary, err = c.read(); err == nil || err == ErrResting { //nolint:errorlint // and then another turn may read already
		return message, binary, err
	}
	var broken *protocolError
	if errors.As(err, &broken) {
		c.Close(broken.code, broken.reason)
	}
	c.mu.Lock()
	if c.code == 0 {
		c.code = closeAbnormal
	}
	c.mu.Unlock()
	return nil, false, ErrClosed
}

var errLength = &protocolError{closeProtocol, "a frame's length is not in its shortest form"}

// header is the begin of one frame.
type header struct {
	fin    bool
	opcode byte
	length int
	mask   [4]byte
}

func (c *Conn) read() ([]byte, bool, error) {
	var opcode byte // of the message under way, 0 for none
	var fragments int
	var text utf8Check
	for {
		if opcode == 0 && c.rests() {
			return nil, false, ErrResting
		}
		h, err := c.header()
		if err != nil {
			return nil, false, err
		}
		if !c.rate.take() {
			c.counters.TooManyFrames.Add(1)
			return nil, false, &protocolError{closePolicy, "rate_limit.frames: too many frames; send fewer a second"}
		}
		if h.opcode >= opClose {
			if err := c.control(&h); err != nil {
				return nil, false, err
			}
			continue
		}
		switch {
		case h.opcode == opContinuation && opcode == 0:
			return nil, false, &protocolError{closeProtocol, "continuation of nothing"}
		case h.opcode != opContinuation && opcode != 0:
			return nil, false, &protocolError{closeProtocol, "a new message inside a fragmented one"}
		case h.opcode == opBinary && !c.limits.Binary:
			return nil, false, &protocolError{closeUnsupported, "send text, not binary"}
		case h.opcode != opContinuation:
			opcode = h.opcode
			c.message = messages.Get().(*[]byte)
		}
		if fragments++; c.limits.Fragments > 0 && fragments > c.limits.Fragments {
			c.counters.TooManyFragments.Add(1)
			return nil, false, &protocolError{closePolicy, "limits.fragments: too many frames for one message"}
		}
		if most := c.limits.Message; most > 0 && h.length > most-len(*c.message) {
			return nil, false, &protocolError{closeTooBig, "limits.frame_bytes: message too big"}
		}
		var check *utf8Check
		if opcode == opText {
			check = &text
		}
		if err := c.payload(&h, check); err != nil {
			return nil, false, err
		}
		if !h.fin {
			continue
		}
		if opcode == opText && !text.complete() {
			return nil, false, &protocolError{closeNotUTF8, "not UTF-8"}
		}
		return *c.message, opcode == opBinary, nil
	}
}

// header reads one frame's header and refuses what a client may not send (RFC 6455, section 5.2).
func (c *Conn) header() (h header, err error) {
	var b [8]byte
	if c.over() { // which waiting for bytes would tell, but some may be there already
		return h, ErrClosed
	}
	if err := c.fill(b[:2]); err != nil {
		return h, err
	}
	h.fin, h.opcode, h.length = b[0]&0x80 != 0, b[0]&0x0F, int(b[1]&0x7F)
	switch {
	case b[0]&0x70 != 0:
		return h, &protocolError{closeProtocol, "reserved bits are set"}
	case h.opcode > opBinary && h.opcode < opClose || h.opcode > opPong:
		return h, &protocolError{closeProtocol, "unknown opcode"}
	case b[1]&0x80 == 0:
		return h, &protocolError{closeProtocol, "frame is not masked"}
	case h.opcode >= opClose && (h.length > maxControl || !h.fin):
		return h, &protocolError{closeProtocol, "control frame too long or fragmented"}
	}
	switch h.length {
	case 126:
		if err := c.fill(b[:2]); err != nil {
			return h, err
		}
		if h.length = int(binary.BigEndian.Uint16(b[:2])); h.length < 126 {
			return h, errLength
		}
	case 127:
		if err := c.fill(b[:8]); err != nil {
			return h, err
		}
		switch length := binary.BigEndian.Uint64(b[:8]); {
		case length < 1<<16 || length > math.MaxInt64:
			return h, errLength
		case length > math.MaxInt32:
			return h, &protocolError{closeTooBig, "limits.frame_bytes: message too big"}
		default:
			h.length = int(length)
		}
	}
	if err := c.fill(h.mask[:]); err != nil {
		return h, err
	}
	c.counters.FramesIn.Add(1)
	return h, nil
}

// payload appends one frame's payload to the message, unmasked, and checks it as it comes.
func (c *Conn) payload(h *header, check *utf8Check) error {
	for done := 0; done < h.length; {
		if err := c.more(); err != nil {
			return err
		}
		piece := c.in.unread[:min(len(c.in.unread), h.length-done)]
		c.in.unread = c.in.unread[len(piece):]
		unmask(piece, h.mask, done)
		done += len(piece)
		if check != nil && !check.valid(piece) {
			return &protocolError{closeNotUTF8, "not UTF-8"}
		}
		*c.message = append(*c.message, piece...)
	}
	return nil
}

// control handles a ping, pong or close frame. A close frame is answered, and ends reading.
func (c *Conn) control(h *header) error {
	var b [maxControl]byte
	body := b[:h.length]
	if err := c.fill(body); err != nil {
		return err
	}
	unmask(body, h.mask, 0)
	switch h.opcode {
	case opPing:
		c.counters.PingsIn.Add(1)
		c.Write(append([]byte{0x80 | opPong, byte(len(body))}, body...))
	case opClose:
		code := closeNoStatus
		if len(body) == 1 {
			return &protocolError{closeProtocol, "close frame with half a code"}
		}
		if len(body) >= 2 {
			code = int(binary.BigEndian.Uint16(body))
			if !mayBeSent(code) {
				return &protocolError{closeProtocol, "close code may not be sent"}
			}
			if !utf8.Valid(body[2:]) {
				return &protocolError{closeNotUTF8, "not UTF-8"}
			}
		}
		c.answerClose(code)
		return ErrClosed
	}
	return nil
}

// answerClose answers the other side's close frame with the same code (RFC 6455, section 5.5.1).
func (c *Conn) answerClose(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code == 0 {
		c.code = code
	}
	c.close(code, "")
}

// mayBeSent reports whether a close code is one that an endpoint may send (RFC 6455, section 7.4, and the IANA registry).
func mayBeSent(code int) bool {
	return code >= 1000 && code <= 1014 && code != 1004 && code != closeNoStatus && code != closeAbnormal ||
		code >= 3000 && code <= 4999
}

// fill reads len(p) bytes.
func (c *Conn) fill(p []byte) error {
	for len(p) > 0 {
		if err := c.more(); err != nil {
			return err
		}
		n := copy(p, c.in.unread)
		p, c.in.unread = p[n:], c.in.unread[n:]
	}
	return nil
}

// unmask applies the mask to a piece of a payload that begins at offset (RFC 6455, section 5.3).
func unmask(p []byte, mask [4]byte, offset int) {
	var turned [8]byte // the mask twice, as it falls on the piece
	for i := range turned {
		turned[i] = mask[(offset+i)&3]
	}
	for eight := binary.NativeEndian.Uint64(turned[:]); len(p) >= 8; p = p[8:] {
		binary.NativeEndian.PutUint64(p, binary.NativeEndian.Uint64(p)^eight)
	}
	for i := range p {
		p[i] ^= turned[i]
	}
}

// utf8Check checks text that comes in pieces. A rune may be cut anywhere; what can't become one is refused at once.
type utf8Check struct {
	begun [utf8.UTFMax]byte // the bytes of a cut rune
	n     int
}

func (u *utf8Check) valid(p []byte) bool {
	for u.n > 0 && len(p) > 0 {
		u.begun[u.n] = p[0]
		u.n++
		p = p[1:]
		if utf8.FullRune(u.begun[:u.n]) {
			if r, size := utf8.DecodeRune(u.begun[:u.n]); r == utf8.RuneError && size == 1 {
				return false
			}
			u.n = 0
		}
	}
	tail := len(p)
	for back := 1; back <= min(utf8.UTFMax-1, len(p)); back++ {
		if utf8.RuneStart(p[len(p)-back]) {
			if !utf8.FullRune(p[len(p)-back:]) {
				tail = len(p) - back
			}
			break
		}
	}
	if !utf8.Valid(p[:tail]) {
		return false
	}
	u.n += copy(u.begun[u.n:], p[tail:])
	return true
}

// complete reports whether the text did not end inside a rune.
func (u *utf8Check) complete() bool { return u.n == 0 }
