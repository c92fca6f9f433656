package chat

import (
	"errors"
	"time"
)

// ask is one who waits for an answer that says who is there.
type ask struct {
	it    *item
	reply *Reply
	fresh bool // came in with this batch
}

// join gives a member a seat and notes what it is answered, so that nothing lies between the two. All who come in with one batch are
// answered together.
func (r *room) join(it *item) {
	if it.since < 0 && r.refusesMore(it, ReplyJoined) {
		return
	}
	reply, err := r.backlog(it)
	if err != nil {
		r.refuseJoin(it, err)
		return
	}
	it.member.weigh(reply.Messages, reply.Changes)
	a := ask{it: it, reply: reply}
	if !r.name.IsDirect() {
		a.fresh = r.sit(it)
		it.member.cameIn(r.name, it.join)
	}
	r.asks = append(r.asks, a)
}

// refuseJoin says why a member doesn't come in, who is then not in the room.
func (r *room) refuseJoin(it *item, err error) {
	if _, seated := r.places[it.member]; !seated {
		it.member.joinFailed(r.name, it.join)
	}
	var why *Error
	if errors.As(err, &why) {
		refused := *why
		it.refuse(&refused)
		return
	}
	r.hub.opts.Logger.Error("a room could not be opened; who joined was told to try again", "room", r.name, "error", err)
	it.refuse(unavailable(err, "The room could not be opened. Try again in a moment."))
}

// members notes that somebody asks who is there.
func (r *room) members(it *item) {
	if !r.refusesMore(it, ReplyMembers) {
		r.asks = append(r.asks, ask{it: it, reply: &Reply{Kind: ReplyMembers}})
	}
}

// asksMost is how often a member may ask a room for the same before it is answered: a client that joins at the handshake and then says
// so once more means no harm.
const asksMost = 2

// refusesMore refuses what a member asks for once more than that. All answers of a batch are written at once: however polite a reader,
// nobody can be given as many as somebody can ask for meanwhile.
func (r *room) refusesMore(it *item, kind ReplyKind) bool {
	if r.hub.opts.Limits.commands().unlimited() {
		return false
	}
	asked := 0
	for i := range r.asks {
		if a := &r.asks[i]; a.it.member == it.member && a.reply.Kind == kind {
			asked++
		}
	}
	if asked < asksMost {
		return false
	}
	r.hub.refused.commands.Add(1)
	it.refuse(TooMany(limitCommands, asksPause, "The same is asked for already."))
	return true
}

// asksPause is when it is worth asking again.
const asksPause = time.Second

// refuse answers a command with the reason why not.
func (it *item) refuse(why *Error) {
	why.Ref, why.Of = it.ref, it.of
	it.member.Reply(&Reply{Kind: ReplyError, Ref: it.ref, Of: it.of, Err: why})
}

// answerAsks answers all who wait for it with who is there now. What was said before and not told yet is in that answer, but for those
// who had a seat already: they are told it first, as they count along.
func (r *room) answerAsks() {
	for i := range r.asks {
		a := &r.asks[i]
		m, reply := a.it.member, a.reply
		if place, seated := r.places[m]; seated {
			s := &r.seats[place]
			if !a.fresh {
				r.catchUpSeat(s)
			}
			s.from = int32(len(r.said.news))
		}
		reply.Ref, reply.Of, reply.Room = a.it.ref, a.it.of, r.name
		switch {
		case r.name.IsDirect():
		case reply.Kind == ReplyMembers:
			here := r.here()
			reply.Members, reply.PreparedMembers = here.users, here.prepared
			reply.Away = r.hub.awayOf(here.users)
			m.weighMembers(here.users)
		default:
			here := r.told()
			reply.Members, reply.Count, reply.PreparedMembers = here.users, here.count, here.prepared
			reply.Away = r.hub.awayOf(here.users)
		}
		m.Reply(reply)
	}
	clear(r.asks)
	r.asks = r.asks[:0]
}

// catchUpSeat tells a seat now what everybody is told next.
func (r *room) catchUpSeat(s *seat) {
	if told := int32(len(r.said.news)); s.from < told {
		r.hub.counts.delivered.Add(int64(r.said.write(s)))
		s.from = told
	}
}

// backlog reads what a joining member has missed.
func (r *room) backlog(it *item) (*Reply, error) {
	if err := r.opens(it.member); err != nil {
		return nil, err
	}
	if err := r.begin(); err != nil {
		return nil, err
	}
	reply := &Reply{Kind: ReplyJoined, Last: r.delivered, Facts: *r.facts, Resumed: it.since >= 0}
	if r.name.IsDirect() {
		members, err := r.hub.roommates(r.hub.work, r.name)
		if err != nil {
			return nil, err
		}
		reply.Members, reply.Away = members, r.hub.awayOf(members)
	}
	p, err := r.page(it.since)
	if err != nil {
		return nil, err
	}
	if reply.Resumed {
		reply.Truncated = p.since < 0
		r.hub.counts.resume(p.missed, reply.Truncated)
	}
	reply.Messages, reply.Changes, reply.More, reply.Prepared = p.messages, p.changes, p.more, p.prepared
	return reply, nil
}

// pages are what was read for those who come in, kept from one join to the next for as long as the turn lasts and nothing is said.
// Whoever talks waits for those who come in, because one turn serves both: a crowd at the door, most of whom have missed the same,
// must cost one reading and one encoding.
type pages struct {
	last  int64 // the room's seq that they reach to
	since map[int64]*page
}

// page is what those are answered who come back with the same since, or without one.
type page struct {
	since             int64 // below 0: these are the latest messages
	missed            int   // events after since
	messages, changes []Event
	more              bool
	prepared          *Prepared
}

// pagesMost bounds how much is kept, which is up to 256 KiB of text for each.
const pagesMost = 16

// page returns what somebody is answered who has everything up to since, or nothing where that is below 0. Who missed more than an
// answer holds is given the latest messages.
func (r *room) page(since int64) (*page, error) {
	if r.pages.last != r.delivered || len(r.pages.since) >= pagesMost {
		r.pages = pages{}
	}
	if p := r.pages.since[since]; p != nil {
		return p, nil
	}
	p, err := r.read(since)
	if err != nil {
		return nil, err
	}
	if r.pages.since == nil {
		r.pages = pages{last: r.delivered, since: map[int64]*page{}}
	}
	r.pages.since[since] = p
	return p, nil
}

func (r *room) read(since int64) (*page, error) {
	if since < 0 {
		messages, more, err := r.hub.page(r.hub.work, r.name, r.delivered+1, HistoryPage)
		return &page{since: -1, messages: messages, more: more, prepared: &Prepared{}}, err
	}
	if since > r.delivered {
		return r.page(-1)
	}
	missed, whole, err := r.missed(since)
	if err != nil {
		return nil, err
	}
	if !whole {
		return r.page(-1)
	}
	p := &page{since: since, missed: len(missed), more: since > 0, prepared: &Prepared{}}
	p.take(missed, r.delivered)
	return p, nil
}

// missed reads what came after since, piece by piece, and stops where it is more than one answer may hold: however much was said
// meanwhile, and however long the messages are, a storm of reconnects costs no more memory than the answers do.
func (r *room) missed(since int64) (events []Event, whole bool, err error) {
	if since == r.delivered {
		return nil, true, nil
	}
	size := 0
	for {
		piece, err := r.hub.opts.Log.After(r.hub.work, r.name, since, resumePiece)
		if err != nil {
			return nil, false, err
		}
		for i := range piece {
			size += piece[i].weight()
		}
		events = append(events, piece...)
		if len(events) > resumeMost || size > answerBytes {
			return nil, false, nil
		}
		if len(piece) < resumePiece {
			return events, true, r.hub.quote(r.hub.work, events)
		}
		since = piece[len(piece)-1].Seq
	}
}

// take sorts what was missed into messages, as they are now, and changes of messages from before. What is later than last comes live.
func (p *page) take(missed []Event, last int64) {
	for _, e := range missed {
		switch {
		case e.Seq > last:
		case e.Kind == KindMessage:
			p.messages = append(p.messages, e)
		case e.Of <= p.since:
			p.changes = append(p.changes, e)
		}
	}
}

// sit gives a member a seat, and counts its user as present. It returns false where the member has one.
func (r *room) sit(it *item) bool {
	if _, seated := r.places[it.member]; seated {
		return false
	}
	user := it.member.User() // as they are now: a rename that overtook this item was not told of this seat
	r.places[it.member] = len(r.seats)
	r.seats = append(r.seats, seat{member: it.member, user: user.ID, silent: it.silent, from: int32(len(r.said.news))})
	r.mu.Lock()
	r.seated = len(r.seats)
	r.mu.Unlock()
	if !it.silent {
		r.arrive(user)
	}
	return true
}

// quit takes a member's seat away.
func (r *room) quit(m *Member, atOnce bool) {
	i, seated := r.places[m]
	if !seated {
		return
	}
	r.catchUpSeat(&r.seats[i])
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
