package chat

// join gives a member what it asked for and a seat, so that nothing lies between the two.
func (r *room) join(it *item) {
	reply, err := r.backlog(it)
	if err != nil {
		r.hub.opts.Logger.Error("a room could not be opened; who joined was told to try again", "room", r.name, "error", err)
		if _, seated := r.places[it.member]; !seated {
			it.member.joinFailed(r.name, it.join)
		}
		refused := unavailable(err, "The room could not be opened. Try again in a moment.")
		refused.Ref, refused.Of = it.ref, it.of
		it.member.Reply(&Reply{Kind: ReplyError, Ref: it.ref, Of: it.of, Err: refused})
		return
	}
	it.member.weigh(reply.Messages, reply.Changes)
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
			missed, whole, err := r.missed(it.since)
			if err != nil {
				return nil, err
			}
			if reply.Truncated = !whole; whole {
				reply.take(missed, it.since)
				reply.More = it.since > 0
				r.hub.counts.resume(len(missed), false)
				return reply, nil
			}
		}
		r.hub.counts.resume(0, true)
	}
	page, err := r.latest()
	if err != nil {
		return nil, err
	}
	reply.Messages, reply.More, reply.Prepared = page.messages, page.more, page.prepared
	return reply, nil
}

// latest is the newest page of a room's messages, kept from one join to the next for as long as the turn lasts and nothing is said.
type latest struct {
	last     int64 // the room's seq that it reaches to
	messages []Event
	more     bool
	prepared *Prepared
}

// latest reads the newest page, or has it. Whoever talks waits for those who come in, because one turn serves both: a crowd at the
// door must cost one reading and one encoding.
func (r *room) latest() (*latest, error) {
	if r.page != nil && r.page.last == r.delivered {
		return r.page, nil
	}
	messages, more, err := r.hub.page(r.hub.work, r.name, r.delivered+1, HistoryPage)
	if err != nil {
		return nil, err
	}
	r.page = &latest{last: r.delivered, messages: messages, more: more, prepared: &Prepared{}}
	return r.page, nil
}

// missed reads what came after since, piece by piece, and stops where it is more than one answer may hold: however much was said
// meanwhile, and however long the messages are, a storm of reconnects costs no more memory than the answers do.
func (r *room) missed(since int64) (events []Event, whole bool, err error) {
	size := 0
	for {
		piece, err := r.hub.opts.Log.After(r.hub.work, r.name, since, resumePiece)
		if err != nil {
			return nil, false, err
		}
		for i := range piece {
			size += len(piece[i].Text)
		}
		events = append(events, piece...)
		if len(events) > resumeMost || size > answerBytes {
			return nil, false, nil
		}
		if len(piece) < resumePiece {
			return events, true, nil
		}
		since = piece[len(piece)-1].Seq
	}
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
