package chat

import (
	"sync"
	"sync/atomic"
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
	itemSay     // a user is away or back
	itemArchive // the room is archived or not any more, because of user
	itemTell    // it is time to tell the signals that were held back
)

// item is one thing for a room's turn to handle.
type item struct {
	kind   itemKind
	member *Member
	user   User // itemIdentify, itemTyping: who the member is; itemExpire: whose grace; itemQuit: who removed the member
	ref    string
	of     CommandKind
	event  Event   // itemPost
	signal *Signal // itemSay
	since  int64   // itemJoin
	seq    int64   // itemHeard
	silent bool    // itemJoin
	on     bool    // itemArchive
	join   int     // itemJoin: its number, as [Member.takeRoom] gave it
	told   bool    // itemPost: its sender has its answer, or is owed none
	atOnce bool    // itemQuit: without grace
}

// seat is one connection in the room. A user has as many as connections that joined.
type seat struct {
	member *Member
	user   UserID
	from   int32 // the first of what is said next that it is told: what came before, its answer to the join told it
	silent bool
	done   bool // it has been written what is said now
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

	archived atomic.Bool // for those outside the turn: see [Facts]

	mu      sync.Mutex // guards inbox, running, present and, for those outside the turn, the length of seats
	inbox   []item
	running bool
	present map[UserID]*presence
	seated  int

	// What follows belongs to the turn.
	seats     []seat
	places    map[*Member]int // index into seats
	delivered int64           // the seq up to which the seats have been told, -1 before the log was asked
	facts     *Facts          // as they are at delivered; nil before the log was asked
	posts     []*item         // of the batch, those that are not stored yet
	asks      []ask           // of the batch, those who are not answered yet
	said      delivery
	pages     pages
	roster    *roster // who is there, nil where that has to be listed anew
	crowd     crowd
	toldAt    time.Time // when signals were told by themselves last
	wakeAt    time.Time // when the next itemTell comes, zero for never
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
			r.inbox = nil
			r.rest()
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

// rest lets go of the buffers: an idle room keeps none. What is held back stays.
func (r *room) rest() {
	r.posts, r.asks, r.pages, r.roster = nil, nil, pages{}, nil
	if len(r.said.news) == 0 {
		r.said = delivery{}
	}
}

// handle goes through a batch in order. All its posts are stored together and all who come in are answered together, first, however
// they are mixed: a thousand of each cost one transaction and one list of who is there. Neither can tell, as they came at the same time.
// What else a member does comes behind the posts that they sent before.
func (r *room) handle(batch []item) {
	defer r.contain(batch)
	for i := range batch {
		it := &batch[i]
		switch it.kind {
		case itemPost:
			r.posts = append(r.posts, it)
		case itemJoin:
			r.join(it)
		case itemMembers:
			r.members(it)
		default:
			if it.member != nil && it.member.isPosting() {
				r.post()
			}
			r.one(it)
		}
	}
	r.post()
	r.answerAsks()
	r.tellSignals()
}

func (r *room) one(it *item) {
	switch it.kind {
	case itemQuit:
		if it.of != 0 {
			r.answerAsks() // a join of theirs may be among them
		}
		r.quit(it.member, it.atOnce)
		switch it.of {
		case CmdLeave:
			it.member.Reply(&Reply{Kind: ReplyLeft, Of: it.of, Ref: it.ref, Room: r.name})
		case CmdRemove:
			it.member.Reply(&Reply{Kind: ReplyRemoval, Room: r.name, User: it.user, Time: r.hub.now()})
		}
	case itemIdentify:
		r.identify(it.member, it.user)
	case itemExpire:
		r.expire(it.user.ID)
	case itemTyping:
		if !r.crowd.is && (r.facts == nil || !r.facts.Archived) {
			r.say(Signal{Kind: SignalTyping, User: it.user})
		}
	case itemSay:
		r.tellAway(*it.signal)
	case itemArchive:
		if r.facts != nil {
			r.facts.Archived = it.on
		}
		r.archived.Store(it.on)
		r.say(Signal{Kind: SignalArchive, User: it.user, On: it.on})
	case itemTell:
		r.wakeAt = time.Time{}
	case itemHeard:
		r.answerAsks()       // from here on they are told live
		if r.delivered < 0 { // a private room that was not in use here: begin with what the ring is about
			r.delivered = it.seq - 1
		}
		r.catchUp(it.seq)
	}
}

// begin asks the log where the room is, the first time.
func (r *room) begin() error {
	if r.facts == nil {
		facts, err := r.hub.opts.Shelf.Facts(r.hub.work, r.name)
		if err != nil {
			return err
		}
		r.facts = &facts
		r.archived.Store(facts.Archived)
	}
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

// post stores the posts of the batch, delivers them and answers each sender. Who came in meanwhile is answered before, and is told
// them live.
func (r *room) post() {
	if len(r.posts) == 0 {
		return
	}
	r.answerAsks()
	r.hub.counts.posts.Add(int64(len(r.posts)))
	stored, err := r.append()
	if err != nil {
		if !isLogged(err) {
			r.hub.opts.Logger.Error("messages could not be stored; their senders were told to try again",
				"messages", len(r.posts), "error", err)
		}
		for _, it := range r.posts {
			refused := unavailable(err, "The message could not be stored. Try again in a moment.")
			refused.Ref, refused.Of = it.ref, it.of
			it.settle()
			it.member.Reply(&Reply{Kind: ReplyError, Ref: it.ref, Of: it.of, Err: refused})
		}
	} else {
		r.tell(stored)
	}
	clear(r.posts)
	r.posts = r.posts[:0]
}

func (r *room) append() ([]Appended, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	r.sift()
	if len(r.posts) == 0 {
		return nil, nil
	}
	events := make([]Event, len(r.posts))
	now := r.hub.now()
	for i, it := range r.posts {
		events[i] = it.event
		events[i].Time = now
	}
	return r.hub.opts.Log.Append(r.hub.work, events)
}

// settle notes that a post has its answer, and lets its sender send another.
func (it *item) settle() {
	it.told = true
	it.member.posted()
}

// tell delivers what has been stored, in the order of seq, with whatever another node stored in between.
func (r *room) tell(stored []Appended) {
	last := r.delivered
	for i := range stored {
		e := &stored[i]
		if e.Duplicate {
			continue
		}
		r.hub.stored.Add(1)
		last = e.Seq
		if e.Seq == r.delivered+1 {
			r.said.add(news{event: &e.Event, from: r.posts[i].member})
			r.facts.take(&e.Event)
			r.delivered = e.Seq
		} else {
			r.catchUp(e.Seq)
		}
	}
	r.flush(stored)
	if last > 0 && len(stored) > 0 {
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
		if err := r.hub.quote(r.hub.work, events); err != nil { // they are told without
			r.hub.opts.Logger.Warn("what messages answer could not be read; they are delivered without it", "room", r.name, "error", err)
		}
		if len(events) == 0 { // the ring was ahead of what can be read; its next repetition brings it
			return
		}
		for i := range events {
			r.said.add(news{event: &events[i]})
			r.facts.take(&events[i])
		}
		r.delivered = events[len(events)-1].Seq
		r.flush(nil)
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
