package load

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Handler is told what comes in for members, with no other handler of the run running meanwhile. What it is given of a frame is good
// until it returns.
type Handler interface {
	// Opened says that the handshake is done.
	Opened(m *Member)
	// Message is a message of this run, after the member's order has been checked. seq is 0 where the dialect has none.
	Message(m *Member, t Token, seq int64)
	// Ack says that the member's own message is stored, in the dialects that say so.
	Ack(m *Member, t Token)
	// Frame is any other frame.
	Frame(m *Member, frame []byte)
	// End says that the connection ended otherwise than by [Member.Leave] or [Member.Cut].
	End(m *Member, err error)
}

// Quiet is a Handler that does nothing; others embed it.
type Quiet struct{}

// Opened implements Handler.
func (Quiet) Opened(*Member) {}

// Message implements Handler.
func (Quiet) Message(*Member, Token, int64) {}

// Ack implements Handler.
func (Quiet) Ack(*Member, Token) {}

// Frame implements Handler.
func (Quiet) Frame(*Member, []byte) {}

// End implements Handler.
func (Quiet) End(*Member, error) {}

// Member is a connection of the run. Its methods are called with no handler running, or by one: see [Bench.Do].
type Member struct {
	Index int    // from 0, in the order of opening; its messages say it plus one
	Name  string // what it goes by
	Room  string
	Sent  int // messages so far
	Open  bool
	Query string // more of the address, like since=41

	b       *Bench
	handler Handler
	speak   speaker
	order   *Order // nil where nothing is checked
	seat    int    // in the order, from 0
	view    view
	link    link
	stage   stage
	accept  string // what the server has to answer to our key
	rest    []byte // of a frame that has not come whole
	parts   []byte // of a message in fragments
	ready   bool   // has seen a message of the beginning, or said one that was acknowledged
	leaving bool
	rough   bool
	begun   time.Time
	opened  time.Time
}

// stage is how far a connection has come.
type stage int

const (
	connecting stage = iota
	upgrading
	open
	ended
)

// link is a connection below the frames.
type link interface {
	send(b []byte) // never waits, and keeps nothing of b
	end(reset bool)
}

var (
	errEnded  = errors.New("the connection ended")
	endOfHead = []byte("\r\n\r\n")
)

// Say sends the member's next message.
func (m *Member) Say() Token {
	m.Sent++
	t := token(m.Index+1, m.Sent)
	m.say(t)
	return t
}

func (m *Member) say(t Token) {
	m.Send(m.speak.send(m.b.buf[:0], m, t))
}

// Send sends a text frame.
func (m *Member) Send(payload []byte) {
	if m.stage != open {
		return
	}
	m.b.buf = payload[:0]
	m.write(0x81, payload)
}

// write sends a frame. The link keeps nothing of the bytes.
func (m *Member) write(first byte, payload []byte) {
	m.b.out = frame(m.b.out[:0], first, payload)
	m.link.send(m.b.out)
}

// frame appends a masked frame to dst (RFC 6455, section 5.2).
func frame(dst []byte, first byte, payload []byte) []byte {
	dst = append(dst, first)
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, 0x80|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 0x80|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 0x80|127), uint64(n))
	}
	var mask [4]byte
	binary.NativeEndian.PutUint32(mask[:], rand.Uint32())
	dst = append(dst, mask[:]...)
	at := len(dst)
	dst = append(dst, payload...)
	for i := range payload {
		dst[at+i] ^= mask[i&3]
	}
	return dst
}

// Leave closes the connection as one who goes: with code 1000, waiting for the server's answer.
func (m *Member) Leave() {
	if m.stage == open {
		m.leaving = true
		m.Open = false
		m.write(0x88, []byte{0x03, 0xe8})
	}
}

// Cut breaks the connection without a word, with a reset.
func (m *Member) Cut() {
	if m.stage != ended {
		m.stage, m.Open = ended, false
		m.link.end(true)
	}
}

// took handles bytes that came, and returns how many of them are done with.
func (m *Member) took(in []byte) (used int, err error) {
	if m.stage == upgrading {
		end := bytes.Index(in, endOfHead)
		switch {
		case end < 0 && len(in) > 1<<16:
			return 0, errors.New("the answer to the handshake has no end")
		case end < 0:
			return 0, nil
		}
		used = end + len(endOfHead)
		if err := m.upgraded(string(in[:used]), string(in[used:])); err != nil {
			return used, err
		}
	}
	for m.stage == open && len(in)-used >= 2 {
		n, err := m.next(in[used:])
		if n == 0 || err != nil {
			return used, err
		}
		used += n
	}
	return used, nil
}

// upgraded looks at the server's answer to the handshake. What is behind it, as far as it has come, may say why not.
func (m *Member) upgraded(head, behind string) error {
	line, headers, _ := strings.Cut(head, "\r\n")
	if !strings.HasPrefix(line, "HTTP/1.1 101") {
		line = strings.TrimPrefix(line, "HTTP/1.1 ")
		return errors.New(strings.TrimSpace(fmt.Sprintf("the server says no to the handshake: %s %.300s", line, behind)))
	}
	for h := range strings.SplitSeq(headers, "\r\n") {
		name, value, _ := strings.Cut(h, ":")
		if strings.EqualFold(name, "Sec-WebSocket-Accept") && strings.TrimSpace(value) == m.accept {
			m.stage, m.Open, m.opened = open, true, m.b.now
			m.b.cameIn(m)
			return nil
		}
	}
	return errors.New("the server's answer to the handshake lacks Sec-WebSocket-Accept, or has another than it must be")
}

const maxFrame = 256 << 20 // bytes; more is no chat

// next handles the frame that in begins with and returns how long it is, 0 where it isn't whole yet.
func (m *Member) next(in []byte) (int, error) {
	head, length := 2, int(in[1])
	switch {
	case length < 126:
	case length == 126:
		head = 4
		if len(in) < head {
			return 0, nil
		}
		length = int(binary.BigEndian.Uint16(in[2:]))
	case length == 127:
		head = 10
		if len(in) < head {
			return 0, nil
		}
		if n := binary.BigEndian.Uint64(in[2:]); n > maxFrame {
			return 0, fmt.Errorf("a frame of %d bytes", n)
		}
		length = int(binary.BigEndian.Uint64(in[2:]))
	default:
		return 0, errors.New("a masked frame from the server")
	}
	if len(in) < head+length {
		return 0, nil
	}
	return head + length, m.frame(in[0], in[head:head+length])
}

// frame handles a whole frame.
func (m *Member) frame(first byte, payload []byte) error {
	switch first {
	case 0x81, 0x82: // some chats send text as binary frames
		m.messages(payload)
	case 0x01, 0x02, 0x00, 0x80:
		m.parts = append(m.parts, payload...)
		if first == 0x80 {
			m.messages(m.parts)
			m.parts = nil
		}
	case 0x88:
		if !m.leaving {
			m.write(0x88, payload)
			return closed(payload)
		}
		return errEnded
	case 0x89:
		m.write(0x8a, payload)
	case 0x8a:
	default:
		return fmt.Errorf("a frame that begins with %#x", first)
	}
	return nil
}

// closed says with which code and reason the server closed the connection.
func closed(payload []byte) error {
	if len(payload) < 2 {
		return errors.New("the server closed the connection without a code")
	}
	return fmt.Errorf("the server closed the connection with %d %s", binary.BigEndian.Uint16(payload), payload[2:])
}

// message handles a text.
func (m *Member) message(text []byte) {
	m.b.moved++
	what, t, seq := m.speak.read(m, text)
	switch what {
	case isMessage:
		if t.sender() == 0 { // of the beginning
			m.ready = true
			return
		}
		if !m.b.said(t) { // by another run, in the same room
			m.handler.Frame(m, text)
			return
		}
		if m.order != nil {
			m.order.saw(m, t, seq)
		}
		m.handler.Message(m, t, seq)
	case isAck:
		if t.sender() == 0 {
			m.ready = true
			return
		}
		m.handler.Ack(m, t)
	case isError:
		if !m.rough {
			m.b.complain(m, string(text))
		}
		m.handler.Frame(m, text)
	case isJoined:
		m.handler.Frame(m, text)
		m.missed(text)
	default:
		m.handler.Frame(m, text)
	}
}

// missed handles the messages that json tells all at once to one who comes back.
func (m *Member) missed(joined []byte) {
	if m.Query == "" {
		return
	}
	for {
		at := bytes.Index(joined, jsonMessage)
		if at < 0 {
			return
		}
		end := bytes.Index(joined[at+1:], jsonMessage)
		if end < 0 {
			end = len(joined) - at - 1
		}
		m.message(joined[at : at+1+end])
		joined = joined[at+1+end:]
	}
}

// said reports whether a message is one that this run has said.
func (b *Bench) said(t Token) bool {
	return t.Sender() < len(b.members) && t.number() <= b.members[t.Sender()].Sent
}

// end handles the end of a connection that we didn't cut.
func (m *Member) end(err error) {
	if m.stage == ended {
		return
	}
	was := m.stage
	m.stage, m.Open, m.rest = ended, false, nil
	m.link.end(m.leaving || was == open)
	switch {
	case was < open:
		m.b.dialing--
		m.b.dialMore()
		if !m.rough {
			m.b.notOpened(m, err)
		}
		m.handler.End(m, err)
	case m.leaving:
		m.handler.End(m, nil)
	default:
		if !m.rough {
			m.b.complain(m, err.Error())
			m.b.Result.Verified.Ended++
		}
		m.handler.End(m, err)
	}
}
