package chat

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// person is a user with at least one open connection.
type person struct {
	user    atomic.Pointer[User]
	members []*Member // guarded by Hub.mu; few
	since   time.Time // when the first of them came

	mu      sync.Mutex // guards budgets
	budgets budgets
}

// Member is one connection's place in the chat. Its methods are called by the one goroutine that reads the connection; the sink is
// written by the rooms' turns as well.
type Member struct {
	hub     *Hub
	sink    Sink
	session string // the session that it belongs to, "" for none
	person  atomic.Pointer[person]
	encoder atomic.Pointer[Encoder]
	gone    atomic.Bool // leaves without grace
	silent  bool        // has not said yet who it is: reads, but is not announced
	typed   time.Time   // when typing was last told

	mu      sync.Mutex    // guards what follows
	rooms   []joinedRoom  // that it is in, or has asked for; few
	joins   int           // how many joins were asked for
	first   RoomName      // the room that commands without a room mean
	posting int           // posts under way
	full    chan struct{} // closed when there are less than pendingMost of them again; nil where nobody waits for that
}

// Connect makes a member of a new connection. A silent one is not announced until [Member.Identify] says who it is. The caller
// closes the member when the connection ends.
func (h *Hub) Connect(user User, session string, enc Encoder, sink Sink, silent bool) *Member {
	m := &Member{hub: h, sink: sink, session: session, silent: silent}
	m.encoder.Store(&enc)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seatPerson(m, user)
	return m
}

// seatPerson puts m among the user's connections. The caller holds h.mu.
func (h *Hub) seatPerson(m *Member, user User) {
	p := h.people[user.ID]
	if p == nil {
		p = &person{budgets: h.spent[user.ID], since: h.now()}
		h.people[user.ID] = p
		delete(h.spent, user.ID)
	}
	p.user.Store(&user)
	p.members = append(p.members, m)
	m.person.Store(p)
}

// unseatPerson takes m from its user's connections. The caller holds h.mu.
func (h *Hub) unseatPerson(m *Member) {
	p := m.person.Load()
	if i := slices.Index(p.members, m); i >= 0 {
		p.members = slices.Delete(p.members, i, i+1)
	}
	if id := p.user.Load().ID; len(p.members) == 0 && h.people[id] == p {
		delete(h.people, id)
		h.keepBudgets(id, p)
	}
}

// User returns who the member is now.
func (m *Member) User() User { return *m.person.Load().user.Load() }

// Speak changes the dialect in which the member is written to.
func (m *Member) Speak(enc Encoder) { m.encoder.Store(&enc) }

// Reply tells this connection alone. It returns false when the connection is at its end.
func (m *Member) Reply(r *Reply) bool {
	if r.Kind == ReplyError {
		m.hub.counts.refuse(r.Err.Code)
	}
	buffer := replies.Get().(*[]byte)
	defer replies.Put(buffer)
	frames := (*m.encoder.Load()).AppendReply((*buffer)[:0], r)
	if cap(frames) <= replyKept {
		*buffer = frames
	}
	return len(frames) == 0 || m.sink.Write(frames)
}

// replies are buffers for what one connection is told: a crowd that comes in would leave megabytes of them behind. Larger ones than
// replyKept, in bytes, are not kept.
var replies = sync.Pool{New: func() any { return new([]byte) }}

const replyKept = 64 << 10

// Identify says who a member is from now on: a guest that made itself known, or the same user by another name. Either is told to
// the rooms that it is in.
func (m *Member) Identify(user User) {
	before, wasSilent := m.User(), m.silent
	m.hub.mu.Lock()
	if user.ID == before.ID {
		m.person.Load().user.Store(&user)
	} else {
		m.hub.unseatPerson(m)
		m.hub.seatPerson(m, user)
	}
	m.hub.mu.Unlock()
	m.silent = false
	for _, other := range m.hub.connections(user.ID) {
		for _, name := range other.joined() {
			m.hub.submit(name, item{kind: itemIdentify, member: other, user: user})
		}
	}
	if wasSilent {
		for _, name := range m.joined() {
			m.enter(m.hub.work, name)
		}
	}
}

// Leave makes the member's coming [Member.Close] a leave at once, without the grace that a reload has.
func (m *Member) Leave() { m.gone.Store(true) }

// Close takes the member out of every room. Nothing is written to its sink after the rooms have handled what waits in them with that.
func (m *Member) Close() {
	m.hub.mu.Lock()
	m.hub.unseatPerson(m)
	m.hub.mu.Unlock()
	rooms := m.joined()
	for _, name := range rooms {
		m.hub.submit(name, item{kind: itemQuit, member: m, atOnce: m.gone.Load()})
	}
	if len(rooms) == 0 { // else it has left when it has left one
		m.hub.hasLeft(m.User().ID)
	}
}
