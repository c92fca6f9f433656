package load

import (
	"bytes"
	"errors"
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
	Index   int    // from 0, in the order of opening; its messages say it plus one
	Name    string // what it goes by
	Room    string
	Sent    int // messages so far
	Refused int // of them those that the chat did not take, as they were too many
	Open    bool
	Query   string // more of the address, like since=41
	Key     string // its session's cookie, like name=value; without it the name in the address says who it is

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

// Say sends the member's next message. Where the connection has ended nothing is sent, nor counted.
func (m *Member) Say() Token {
	if m.stage != open {
		return 0
	}
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
		if m.stage == open {
			m.b.live--
		}
		m.stage, m.Open = ended, false
		m.link.end(true)
	}
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
		switch {
		case m.rough:
		case tooMany(text):
			m.Refused++
			m.b.Result.Verified.Refused++
		default:
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

// tooMany reports whether a frame of an error says rate_limited, in the words of any dialect.
func tooMany(text []byte) bool {
	return bytes.Contains(text, []byte("rate_limited")) || bytes.Contains(text, []byte(`"code":429`)) ||
		bytes.Contains(text, []byte("error: Too many messages"))
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
	if was == open {
		m.b.live--
	}
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
