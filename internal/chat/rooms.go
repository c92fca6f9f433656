package chat

import "strings"

// Role is what a user is in a room. The numbers are stored, and whoever may do what a role may, may do it with a higher one.
type Role uint8

// The roles. In an open room whoever comes in has none: everybody is let in there.
const (
	RoleNone      Role = iota
	RoleMember         // was let into a closed room: invited, or gave its password
	RoleModerator      // keeps order
	RoleOwner          // made the room
)

// String is the role as frames say it.
func (r Role) String() string {
	return [...]string{"", "member", "moderator", "owner"}[min(r, RoleOwner)]
}

// Entry says who may come into a room.
type Entry uint8

// The entries.
const (
	EntryOpen       Entry = iota // everybody
	EntryPassword                // whoever gives its password, once
	EntryInvitation              // whoever is invited by somebody in it; nobody else can know that it is there
)

// closedMark begins the name of a closed room, which no open one can have, so that it is known by the name alone what rule a room has.
// Behind the closedCut a room by invitation has characters that the server gives it: who makes one learns nothing of others by names
// that are taken.
const (
	closedMark = "~"
	closedCut  = "."
	suffixSize = 8
)

// Entry returns who may come in, as the name says. It says nothing of whether there is such a room.
func (r RoomName) Entry() Entry {
	switch {
	case !strings.HasPrefix(string(r), closedMark):
		return EntryOpen
	case strings.Contains(string(r), closedCut):
		return EntryInvitation
	default:
		return EntryPassword
	}
}

// IsClosed reports whether r is well formed as the name of a room that not everybody may come into.
func (r RoomName) IsClosed() bool {
	rest, closed := strings.CutPrefix(string(r), closedMark)
	title, suffix, cut := strings.Cut(rest, closedCut)
	if cut && (len(suffix) != suffixSize || !RoomName(suffix).Public()) {
		return false
	}
	return closed && RoomName(title).Public()
}

// Valid reports whether there can be such a room at all.
func (r RoomName) Valid() bool { return r.Public() || r.IsClosed() || r.IsDirect() }

// Title is how people call the room. A private room of two goes by the other one's name instead.
func (r RoomName) Title() string {
	title, _, _ := strings.Cut(strings.TrimPrefix(string(r), closedMark), closedCut)
	return title
}

// ReadableAs reports whether a user who has a role in r may know anything at all of it. It is the one rule that keeps rooms private;
// what it says of the name alone is [RoomName.ReadableBy].
func (r RoomName) ReadableAs(user UserID, role Role) bool {
	return r.ReadableBy(user) || r.IsClosed() && role >= RoleMember
}
