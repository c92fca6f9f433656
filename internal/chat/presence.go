package chat

import (
	"context"
	"errors"
)

// arrive counts one more seat of a user. The first one is told to the others, unless the user was away only for a moment.
func (r *room) arrive(user User) {
	if r.addSeat(user) {
		r.moved(Signal{Kind: SignalJoin, User: user})
	} else {
		r.rename(user)
	}
}

// addSeat reports whether the user wasn't there before.
func (r *room) addSeat(user User) (first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.present[user.ID]
	if p == nil {
		p = &presence{user: user}
		r.present[user.ID] = p
	}
	first = p.seats == 0 && p.leave == nil
	if p.leave != nil {
		p.leave.Stop()
		p.leave = nil
	}
	p.seats++
	return first
}

// depart counts one seat less of a user. After the last one the user has left: at once, or when nobody came back within the grace.
func (r *room) depart(id UserID, atOnce bool) {
	if user, gone := r.takeSeat(id, atOnce); gone {
		r.hub.hasLeft(id)
		r.moved(Signal{Kind: SignalLeave, User: user})
	}
}

// takeSeat reports whether the user has left, and begins their grace where there is one.
func (r *room) takeSeat(id UserID, atOnce bool) (user User, gone bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.present[id]
	p.seats--
	switch {
	case p.seats > 0:
		return p.user, false
	case !atOnce && r.hub.opts.Grace > 0:
		p.leave = r.later(r.hub.opts.Grace, item{kind: itemExpire, user: p.user})
		return p.user, false
	}
	delete(r.present, id)
	return p.user, true
}

// expire ends a grace that nobody came back in. A timer that fired just before somebody did finds their seats, or a newer timer,
// which then is early by less than the grace.
func (r *room) expire(id UserID) {
	if user, gone := r.endGrace(id); gone {
		r.hub.hasLeft(id)
		r.moved(Signal{Kind: SignalLeave, User: user})
	}
}

func (r *room) endGrace(id UserID) (user User, gone bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.present[id]
	if p == nil || p.seats > 0 {
		return User{}, false
	}
	if p.leave != nil {
		p.leave.Stop()
	}
	delete(r.present, id)
	return p.user, true
}

// identify gives a seat to another user, or its user another name.
func (r *room) identify(m *Member, user User) {
	i, seated := r.places[m]
	if !seated {
		return
	}
	s := &r.seats[i]
	before, wasSilent := s.user, s.silent
	s.user, s.silent = user.ID, false
	switch {
	case wasSilent:
		r.arrive(user)
	case before == user.ID:
		r.rename(user)
	default:
		r.depart(before, true)
		r.arrive(user)
	}
}

// rename tells a user's new name, once however many seats they have.
func (r *room) rename(user User) {
	if was := r.setName(user); was != user.Name {
		r.roster = nil
		r.say(Signal{Kind: SignalRename, User: user, Was: was})
	}
}

func (r *room) setName(user User) (was string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.present[user.ID]
	was = p.user.Name
	p.user = user
	return was
}

func (r *room) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.present)
}

// stopTimers ends the graces: the hub is closing, and nobody is left to be told.
func (r *room) stopTimers() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.present {
		if p.leave != nil {
			p.leave.Stop()
		}
	}
}

// typing tells the others, at most once a second; the rest is silently enough.
func (m *Member) typing(_ context.Context, cmd *Command, name RoomName) error {
	now := m.hub.now()
	if since := now.Sub(m.typed); since < 0 || since >= typingEvery {
		m.typed = now
		m.hub.submit(name, item{kind: itemTyping, member: m, user: m.User()})
	}
	m.done(cmd, name)
	return nil
}

// members answers with who is there: in the room's turn, behind the joins that wait, the asker's own among them; of two at once.
func (m *Member) members(ctx context.Context, cmd *Command, name RoomName) error {
	if !name.IsDirect() {
		if !m.hub.submit(name, item{kind: itemMembers, member: m, ref: cmd.Ref, of: cmd.Kind}) {
			return errDraining
		}
		return nil
	}
	members, err := m.hub.roommates(ctx, name)
	if err == nil {
		m.Reply(&Reply{Kind: ReplyMembers, Of: cmd.Kind, Ref: cmd.Ref, Room: name, Members: members})
	}
	return err
}

// roommates lists who is in a room: those there now, and of a private room its two.
func (h *Hub) roommates(ctx context.Context, name RoomName) ([]User, error) {
	a, b, direct := name.Pair()
	if !direct {
		here, _ := h.Here(name)
		return here, nil
	}
	var members []User
	for i, id := range [...]UserID{a, b} {
		if i > 0 && a == b { // the room of someone with themselves
			break
		}
		u, err := h.opts.People.ByID(ctx, id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		members = append(members, u)
	}
	return members, nil
}
