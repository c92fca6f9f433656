package chat

import (
	"context"
	"slices"
	"time"
)

// Profile is what anybody may know of a user: nothing that isn't to be seen in the rooms that both are in.
type Profile struct {
	User      User
	Here      bool
	Since     time.Time  // Here: since when they have been connected
	Away      *Absence   // nil where they are not
	Rooms     []RoomName // that both are in now, sorted by name
	Moderator bool       // keeps order
	Barred    *time.Time // until when they are kept out, where they are and a moderator asks
}

// whois answers who a user is that is known by name or by id.
func (m *Member) whois(ctx context.Context, cmd *Command) error {
	user, err := m.named(ctx, cmd)
	if err != nil {
		return err
	}
	return m.tellProfile(ctx, cmd, user)
}

// tellProfile answers a command with what the asker may know of a user.
func (m *Member) tellProfile(ctx context.Context, cmd *Command, user User) error {
	p := &Profile{User: user}
	p.Since, p.Here = m.hub.since(user.ID)
	if p.Here {
		for _, a := range m.hub.awayOf([]User{user}) {
			p.Away = &a
		}
		theirs := m.hub.roomsOf(user.ID)
		p.Rooms = slices.DeleteFunc(m.hub.roomsOf(m.User().ID), func(name RoomName) bool { return !slices.Contains(theirs, name) })
	}
	var err error
	if p.Moderator, err = m.hub.IsModerator(ctx, user.ID); err != nil {
		return err
	}
	if m.moderates(ctx) == nil {
		until, err := m.hub.opts.Shelf.BarredUntil(ctx, string(user.ID))
		if err != nil {
			return err
		}
		if until.After(m.hub.now()) {
			p.Barred = &until
		}
	}
	m.Reply(&Reply{Kind: ReplyWhois, Of: cmd.Kind, Ref: cmd.Ref, Profile: p})
	return nil
}

// named finds the user whom a command names, by id or by name.
func (m *Member) named(ctx context.Context, cmd *Command) (User, error) {
	find := func() (User, error) { return m.hub.opts.People.ByName(ctx, cmd.Name) }
	if cmd.User != "" {
		find = func() (User, error) { return m.hub.opts.People.ByID(ctx, cmd.User) }
	}
	user, err := find()
	if isNotFound(err) {
		return User{}, errNobody
	}
	return user, err
}

var errNobody = Errorf(CodeNotFound, "Nobody goes by that name. Look at who is here.")

// since returns since when a user has been connected, and whether they are.
func (h *Hub) since(id UserID) (time.Time, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p := h.people[id]; p != nil {
		return p.since, true
	}
	return time.Time{}, false
}

// roomsOf returns the rooms, not private ones of two, that a user's connections are in, each once, sorted.
func (h *Hub) roomsOf(id UserID) []RoomName {
	var names []RoomName
	for _, m := range h.connections(id) {
		names = append(names, m.joined()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
