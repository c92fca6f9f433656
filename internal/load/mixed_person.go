package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// told is a frame of the dialect json, as far as it is looked at.
type told struct {
	Type, Room, ID, User, Code, Emoji string
	Seq, Of, Last                     int64
	On, Truncated                     bool
	Messages, Changes                 []told
	Rooms, Hits                       []struct {
		Room string
		Last int64
	}
}

// whole leaves all frames to the handler.
type whole struct{ speaker }

func (whole) read(*Member, []byte) (what, Token, int64) { return isOther, 0, 0 }

// person is somebody of the company, with one connection.
type person struct {
	Quiet
	d       *day
	m       *Member
	seats   []*seat // the first is the one of all, then others of theirs, then private ones
	asked   map[string]question
	outbox  []*letter // what is not acknowledged yet
	joining int       // rooms that have not answered yet
	here    bool      // in all rooms
	arrived bool      // was here before
	coming  question
	letters int
	mine    []place // messages of theirs that are stored
}

// question is what waits for an answer since a moment.
type question struct {
	what  string
	since time.Time
}

// letter is something that is stored and acknowledged.
type letter struct {
	id, what string
	frame    []byte
	room     string // "" for a private message
}

type place struct {
	room string
	seq  int64
}

// come opens the connection, for the first time or again.
func (p *person) come(what string, now time.Time) {
	if p.m.stage != ended {
		return
	}
	p.coming = question{what, now}
	p.m.Query = ""
	for i, s := range p.seats {
		s.since = -1
		if p.arrived {
			s.since = s.have
		}
		if i == 0 && p.arrived {
			p.m.Query = fmt.Sprintf("since=%d", s.have)
		}
	}
	p.d.b.Dial(p.m)
}

// away is after the connection has ended.
func (p *person) away() {
	p.here, p.joining = false, 0
	clear(p.asked)
	for _, s := range p.seats {
		s.there, s.held = false, nil
	}
}

// End implements [Handler].
func (p *person) End(*Member, error) { p.away() }

// Opened implements [Handler]: one is in the first room by the address.
func (p *person) Opened(*Member) {
	p.joining = 1
	for _, s := range p.seats[1:] {
		p.join(s)
	}
}

func (p *person) join(s *seat) {
	p.joining++
	if s.since < 0 {
		p.send(`{"type":"join","room":%q}`, s.name)
	} else {
		p.send(`{"type":"join","room":%q,"since":%d}`, s.name, s.since)
	}
}

func (p *person) send(format string, args ...any) { p.m.Send(fmt.Appendf(nil, format, args...)) }

// post sends what is acknowledged, now or as soon as they are in.
func (p *person) post(l *letter, now time.Time) {
	p.outbox = append(p.outbox, l)
	if p.here {
		p.asked[l.id] = question{l.what, now}
		p.m.Send(slices.Clone(l.frame))
	}
}

// Frame implements [Handler].
func (p *person) Frame(m *Member, frame []byte) {
	for _, skipped := range []string{"presence", "typing", "crowd", "read", "members"} {
		if bytes.HasPrefix(frame, []byte(`{"type":"`+skipped+`"`)) {
			p.d.signals++
			return
		}
	}
	e := &told{}
	if err := json.Unmarshal(frame, e); err != nil {
		p.d.b.complain(m, err.Error())
		return
	}
	found := &p.d.b.Result.Verified
	switch e.Type {
	case "welcome":
		p.welcome(e)
	case "joined":
		p.seat(e.Room).joined(e, found)
		if p.joining--; p.joining == 0 && !p.here {
			p.settle()
		}
	case "message", "edited", "deleted", "reaction", "topic", "pinned":
		s := p.seat(e.Room)
		if sent, ok := p.d.sent[e.ID]; ok && s.there && e.Type == "message" {
			Record(p.d.times("sent to delivered"), p.d.b.now.Sub(sent))
		}
		s.live(e, found)
	case "ack":
		p.acked(e)
	case "history":
		p.answered("history")
		for i := range e.Messages {
			p.seat(e.Room).log.saw(&e.Messages[i], found)
		}
	case "found":
		p.answered("found")
		p.d.hits += len(e.Hits)
		for _, h := range e.Hits {
			if strings.HasPrefix(h.Room, "@") && !slices.ContainsFunc(p.seats, func(s *seat) bool { return s.name == h.Room }) {
				p.d.b.complain(m, "found in a private room of others: "+h.Room)
			}
		}
	case "error":
		p.d.errors[e.Code]++
		if e.Code != "rate_limited" {
			p.d.b.complain(m, string(frame))
			break
		}
		found.Refused++
		p.outbox = slices.DeleteFunc(p.outbox, func(l *letter) bool { return l.id == e.ID })
	}
}

// welcome catches up with private rooms, in which others may have said something meanwhile.
func (p *person) welcome(w *told) {
	for _, r := range w.Rooms {
		if !strings.HasPrefix(r.Room, "@") {
			continue
		}
		known := len(p.seats)
		s := p.seat(r.Room)
		if len(p.seats) > known && r.Last > 0 { // one that is new; the others were asked for at once
			s.there, s.since = false, 0
			p.join(s)
		}
	}
}

// settle is when all rooms have answered.
func (p *person) settle() {
	p.here, p.arrived = true, true
	Record(p.d.times(p.coming.what), p.d.b.now.Sub(p.coming.since))
	for _, l := range p.outbox {
		p.asked[l.id] = question{l.what, p.d.b.now}
		p.m.Send(slices.Clone(l.frame))
	}
}

// seat is theirs in a room. A private one comes into being by itself, and begins with its first message.
func (p *person) seat(room string) *seat {
	for _, s := range p.seats {
		if s.name == room {
			return s
		}
	}
	s := &seat{log: p.d.log(room), name: room, private: strings.HasPrefix(room, "@"), there: true}
	if !s.private {
		p.d.b.complain(p.m, "told of a room in which one isn't: "+room)
	}
	p.seats = append(p.seats, s)
	return s
}

func (p *person) answered(key string) {
	if q, ok := p.asked[key]; ok {
		Record(p.d.times(q.what), p.d.b.now.Sub(q.since))
		delete(p.asked, key)
	}
}

func (p *person) acked(e *told) {
	p.answered(e.ID)
	at := slices.IndexFunc(p.outbox, func(l *letter) bool { return l.id == e.ID })
	if at < 0 {
		return // one of two: it was sent again
	}
	l := p.outbox[at]
	p.outbox = slices.Delete(p.outbox, at, at+1)
	log := p.d.log(e.Room)
	log.last = max(log.last, e.Seq)
	if l.what == postNames[say] || l.what == postNames[tell] {
		log.acks[e.Seq] = l.id
		p.mine = append(p.mine, place{e.Room, e.Seq})
	}
}

// postNames are what is acknowledged.
var postNames = map[deed]string{say: "message to ack", tell: "private message to ack", edit: "edit to ack", react: "reaction to ack"}
