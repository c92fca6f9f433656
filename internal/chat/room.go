package chat

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

// itemKind says what waits in a room's inbox.
type itemKind uint8

const (
	itemPost     itemKind = iota + 1
	itemJoin              // a member comes in, or asks again from a seq
	itemQuit              // a member's connection left the room
	itemIdentify          // a member is known by another user or name from now on
	itemExpire            // the grace of a user is over
	itemTyping
	itemMembers // a member asks who is there
	itemHeard   // another node has stored up to seq, or it is time to look again
)

// item is one thing for a room's turn to handle.
type item struct {
	kind   itemKind
	member *Member
	user   User // itemIdentify, itemTyping: who the member is; itemExpire: whose grace
	ref    string
	of     CommandKind
	event  Event // itemPost
	since  int64 // itemJoin
	seq    int64 // itemHeard
	silent bool  // itemJoin
	join   int   // itemJoin: its number, as [Member.takeRoom] gave it
	told   bool  // itemPost: its sender has its answer
	atOnce bool  // itemQuit: without grace
}

// seat is one connection in the room. A user has as many as connections that joined.
type seat struct {
	member *Member
	user   UserID
	silent bool
}

// presence is one user in the room, however many seats they have.
type presence struct {
	user  User
	seats int
	leave *time.Timer // runs while seats is 0
}

// room is a room that somebody here uses. What a room has said is in the log; a room that nobody uses is forgotten.
type room struct {
	hub  *Hub
	name RoomName

	mu      sync.Mutex // guards inbox, running, present and, for those outside the turn, the length of seats
	inbox   []item
	running bool
	present map[UserID]*presence
	seated  int

	// What follows belongs to the turn.
	seats     []seat
	places    map[*Member]int // index into seats
	delivered int64           // the seq up to which the seats have been told, -1 before the log was asked
	said      delivery
	page      *latest
}

func newRoom(h *Hub, name RoomName) *room {
	return &room{hub: h, name: name, present: map[UserID]*presence{}, places: map[*Member]int{}, delivered: -1}
}

// put adds an item and reports whether the caller has to begin a turn.
func (r *room) put(it item) (begin bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inbox = append(r.inbox, it)
	begin = !r.running
	r.running = true
	return begin
}

// unused reports whether nothing would be lost with the room. The caller holds hub.mu, so that nothing is put meanwhile.
func (r *room) unused() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.running && len(r.inbox) == 0 && len(r.present) == 0 && r.seated == 0
}

// turn handles what waits until nothing does.
func (r *room) turn() {
	var batch []item
	for {
		r.mu.Lock()
		batch, r.inbox = r.inbox, batch[:0]
		if len(batch) == 0 {
			r.inbox, r.page = nil, nil // an idle room keeps no buffers
			r.running = false
			r.mu.Unlock()
			r.hub.forget(r)
			return
		}
		r.mu.Unlock()
		r.handle(batch)
		clear(batch)
	}
}

// handle goes through a batch in order. Neighbouring posts are stored together.
func (r *room) handle(batch []item) {
	defer r.contain(batch)
	for len(batch) > 0 {
		n := 0
		for n < len(batch) && batch[n].kind == itemPost {
			n++
		}
		if n > 0 {
			r.post(batch[:n])
			batch = batch[n:]
			continue
		}
		r.one(&batch[0])
		batch = batch[1:]
	}
	r.flush()
}

func (r *room) one(it *item) {
	switch it.kind {
	case itemJoin:
		r.join(it)
	case itemQuit:
		r.quit(it.member, it.atOnce)
	case itemIdentify:
		r.identify(it.member, it.user)
	case itemExpire:
		r.expire(it.user.ID)
	case itemTyping:
		r.say(Signal{Kind: SignalTyping, User: it.user})
	case itemMembers:
		r.flush()
		it.member.Reply(&Reply{Kind: ReplyMembers, Of: it.of, Ref: it.ref, Room: r.name, Members: r.here()})
	case itemHeard:
		if r.delivered < 0 { // a private room that was not in use here: begin with what the ring is about
			r.delivered = it.seq - 1
		}
		r.catchUp(it.seq)
	}
}

// begin asks the log where the room is, the first time.
func (r *room) begin() error {
	if r.delivered >= 0 {
		return nil
	}
	last, err := r.hub.opts.Log.Last(r.hub.work, r.name)
	if err != nil {
		return err
	}
	r.delivered = last
	return nil
}

// post stores a batch, delivers it and tells each sender.
func (r *room) post(posts []item) {
	r.hub.counts.posts.Add(int64(len(posts)))
	err := r.begin()
	var stored []Appended
	if err == nil {
		events := make([]Event, len(posts))
		now := r.hub.now()
		for i := range posts {
			events[i] = posts[i].event
			events[i].Time = now
		}
		stored, err = r.hub.opts.Log.Append(r.hub.work, events)
	}
	if err != nil {
		if !isLogged(err) {
			r.hub.opts.Logger.Error("messages could not be stored; their senders were told to try again",
				"messages", len(posts), "error", err)
		}
		for i := range posts {
			refused := unavailable(err, "The message could not be stored. Try again in a moment.")
			refused.Ref, refused.Of = posts[i].ref, posts[i].of
			r.answer(&posts[i], &Reply{Kind: ReplyError, Err: refused})
		}
		return
	}
	r.tell(posts, stored)
	for i := range posts {
		e := &stored[i]
		r.answer(&posts[i], &Reply{Kind: ReplyAck, Room: e.Room, ID: e.ClientID, Seq: e.Seq, Time: e.Time})
	}
}

// answer replies to the sender of a post and lets it send another.
func (r *room) answer(it *item, reply *Reply) {
	it.told = true
	<-it.member.pending
	reply.Ref, reply.Of = it.ref, it.of
	it.member.Reply(reply)
}

// tell delivers what has been stored, in the order of seq, with whatever another node stored in between.
func (r *room) tell(posts []item, stored []Appended) {
	last := r.delivered
	for i := range stored {
		e := &stored[i]
		if e.Duplicate {
			continue
		}
		r.hub.stored.Add(1)
		last = e.Seq
		if e.Seq == r.delivered+1 {
			r.said.add(news{event: &e.Event, from: posts[i].member})
			r.delivered = e.Seq
		} else {
			r.catchUp(e.Seq)
		}
	}
	r.flush()
	if last > 0 {
		r.hub.opts.Relay.Ring(r.name, last)
	}
}

// catchUp delivers from the log what lies between the last delivered event and seq.
func (r *room) catchUp(seq int64) {
	for r.delivered < seq {
		events, err := r.hub.opts.Log.After(r.hub.work, r.name, r.delivered, catchUpPage)
		if err != nil {
			r.hub.opts.Logger.Error("stored messages could not be read; they are delivered late", "room", r.name, "error", err)
			r.later(catchUpAgain, item{kind: itemHeard, seq: seq})
			return
		}
		if len(events) == 0 { // the ring was ahead of what can be read; its next repetition brings it
			return
		}
		for i := range events {
			r.said.add(news{event: &events[i]})
		}
		r.delivered = events[len(events)-1].Seq
		r.flush()
	}
}

const (
	catchUpPage  = 256
	catchUpAgain = time.Second
)

// later submits an item after a time, unless the hub has closed by then.
func (r *room) later(after time.Duration, it item) *time.Timer {
	return time.AfterFunc(after, func() { r.hub.submit(r.name, it) })
}

func sortUsers(users []User) []User {
	slices.SortFunc(users, func(a, b User) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return users
}
