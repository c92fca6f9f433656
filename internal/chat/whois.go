package chat

import (
	"context"
	"slices"
	"time"
)

// Profile is what anybody may know of a user: nothing that isn't to be seen in the rooms that both are in.
type Profile struct {
	User  User
	Here  bool
	Since time.Time  // Here: since when they have been connected
	Away  *Absence   // nil where they are not
	Rooms []RoomName // that both are in now, sorted by name
}

// whois answers who a user is that is known by name or by id.
func (m *Member) whois(ctx context.Context, cmd *Command) error {
	user, err := m.named(ctx, cmd)
	if err != nil {
		return err
	}
	m.tellProfile(cmd, user)
	return nil
}

// tellProfile answers a command with what the asker may know of a user.
func (m *Member) tellProfile(cmd *Command, user User) {
	p := &Profile{User: user}
	p.Since, p.Here = m.hub.since(user.ID)
	if p.Here {
		for _, a := range m.hub.awayOf([]User{user}) {
			p.Away = &a
		}
		theirs := m.hub.roomsOf(user.ID)
		p.Rooms = slices.DeleteFunc(m.hub.roomsOf(m.User().ID), func(name RoomName) bool { return !slices.Contains(theirs, name) })
	}
	m.Reply(&Reply{Kind: ReplyWhois, Of: cmd.Kind, Ref: cmd.Ref, Profile: p})
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
