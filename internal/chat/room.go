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
			r.inbox = nil // an idle room keeps no buffers
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
		r.hub.opts.Logger.Error("messages could not be stored; their senders were told to try again",
			"messages", len(posts), "error", err)
		for i := range posts {
			r.answer(&posts[i], &Reply{
				Kind: ReplyError,
				Err: &Error{
					Code: CodeUnavailable, Message: "The message could not be stored. Try again in a moment.",
					Ref: posts[i].ref, Of: posts[i].of,
				},
			})
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
	reply.Ref, reply.Of = it.ref, it.of
	it.member.Reply(reply)
	<-it.member.pending
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

// join gives a member what it asked for and a seat, so that nothing lies between the two.
func (r *room) join(it *item) {
	reply, err := r.backlog(it)
	if err != nil {
		r.hub.opts.Logger.Error("a room could not be opened; who joined was told to try again", "room", r.name, "error", err)
		if _, seated := r.places[it.member]; !seated {
			it.member.joinFailed(r.name, it.join)
		}
		it.member.Reply(&Reply{Kind: ReplyError, Ref: it.ref, Of: it.of, Err: &Error{
			Code: CodeUnavailable, Message: "The room could not be opened. Try again in a moment.", Ref: it.ref, Of: it.of,
		}})
		return
	}
	r.flush() // what was said before is not told to the one who has it in the backlog
	if r.name.IsDirect() {
		it.member.Reply(reply)
		return
	}
	r.sit(it)
	reply.Members = r.here()
	it.member.Reply(reply)
}

// backlog reads what a joining member has missed.
func (r *room) backlog(it *item) (*Reply, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	reply := &Reply{Kind: ReplyJoined, Ref: it.ref, Of: it.of, Room: r.name, Last: r.delivered}
	if r.name.IsDirect() {
		members, err := r.hub.roommates(r.hub.work, r.name)
		if err != nil {
			return nil, err
		}
		reply.Members = members
	}
	if it.since >= 0 {
		reply.Resumed = true
		if reply.Truncated = it.since > r.delivered; !reply.Truncated {
			missed, err := r.hub.opts.Log.After(r.hub.work, r.name, it.since, resumeMost+1)
			if err != nil {
				return nil, err
			}
			if reply.Truncated = len(missed) > resumeMost; !reply.Truncated {
				reply.take(missed, it.since)
				reply.More = it.since > 0
				return reply, nil
			}
		}
	}
	messages, more, err := r.hub.page(r.hub.work, r.name, r.delivered+1, HistoryPage)
	if err != nil {
		return nil, err
	}
	reply.Messages, reply.More = messages, more
	return reply, nil
}

// take sorts what was missed into messages, as they are now, and changes of messages from before. What is later than the reply's
// Last comes live.
func (reply *Reply) take(missed []Event, since int64) {
	for _, e := range missed {
		switch {
		case e.Seq > reply.Last:
		case e.Kind == KindMessage:
			reply.Messages = append(reply.Messages, e)
		case e.Of <= since:
			reply.Changes = append(reply.Changes, e)
		}
	}
}

// sit gives a member a seat, and counts its user as present.
func (r *room) sit(it *item) {
	if _, seated := r.places[it.member]; seated {
		return
	}
	user := it.member.User() // as they are now: a rename that overtook this item was not told of this seat
	r.places[it.member] = len(r.seats)
	r.seats = append(r.seats, seat{member: it.member, user: user.ID, silent: it.silent})
	r.mu.Lock()
	r.seated = len(r.seats)
	r.mu.Unlock()
	if !it.silent {
		r.arrive(user)
	}
}

// quit takes a member's seat away.
func (r *room) quit(m *Member, atOnce bool) {
	i, seated := r.places[m]
	if !seated {
		return
	}
	r.flush()
	s := r.seats[i]
	last := len(r.seats) - 1
	r.seats[i] = r.seats[last]
	r.places[r.seats[i].member] = i
	r.seats[last] = seat{}
	r.seats = r.seats[:last]
	delete(r.places, m)
	r.mu.Lock()
	r.seated = last
	r.mu.Unlock()
	if !s.silent {
		r.depart(s.user, atOnce)
	}
}

// delivery is what has been said and not yet written to the seats.
type delivery struct {
	news  []news
	packs []pack
}

// news is one stored event or one signal.
type news struct {
	event  *Event
	signal *Signal
	from   *Member // of an event: the connection that sent it, if it is one of ours
}

// pack is the news in one dialect: the frames of all of it, and where those of each end.
type pack struct {
	encoder Encoder
	frames  []byte
	ends    []int
}

func (d *delivery) add(n news) { d.news = append(d.news, n) }

// say adds a signal to what is delivered next.
func (r *room) say(s Signal) {
	s.Room, s.Time = r.name, r.hub.now()
	r.said.add(news{signal: &s})
}

// flush writes what has been said to every seat: encoded once per dialect, in one write per seat.
func (r *room) flush() {
	d := &r.said
	if len(d.news) == 0 {
		return
	}
	seats := r.seats
	if a, b, direct := r.name.Pair(); direct {
		seats = nil
		for _, m := range r.hub.connections(a, b) {
			seats = append(seats, seat{member: m, user: m.User().ID})
		}
	}
	for i := range seats {
		s := &seats[i]
		p := d.pack(*s.member.encoder.Load())
		begin := 0 // where the frames begin that are not written yet
		for j := range d.news {
			if !d.news[j].isFor(s, p.encoder) {
				if end := p.start(j); end > begin {
					s.member.sink.Write(p.frames[begin:end])
				}
				begin = p.ends[j]
			}
		}
		if begin < len(p.frames) {
			s.member.sink.Write(p.frames[begin:])
		}
	}
	*d = delivery{}
}

// isFor reports whether a seat is told: rpc does not echo a message to the connection that sent it, and presence and typing are
// told to the others.
func (n *news) isFor(s *seat, enc Encoder) bool {
	if n.signal != nil {
		return n.signal.Kind == SignalRename || n.signal.User.ID != s.user
	}
	return n.from != s.member || enc.EchoesOwn()
}

func (p *pack) start(i int) int {
	if i == 0 {
		return 0
	}
	return p.ends[i-1]
}

// pack returns the news in one dialect.
func (d *delivery) pack(enc Encoder) *pack {
	for i := range d.packs {
		if d.packs[i].encoder == enc {
			return &d.packs[i]
		}
	}
	p := pack{encoder: enc}
	for i := range d.news {
		if n := &d.news[i]; n.event != nil {
			p.frames = enc.AppendEvent(p.frames, n.event)
		} else {
			p.frames = enc.AppendSignal(p.frames, n.signal)
		}
		p.ends = append(p.ends, len(p.frames))
	}
	d.packs = append(d.packs, p)
	return &d.packs[len(d.packs)-1]
}

func sortUsers(users []User) []User {
	slices.SortFunc(users, func(a, b User) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return users
}
