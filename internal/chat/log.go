package chat

import (
	"context"
	"errors"
)

// ErrNotFound is what a [Log], [Shelf] or [People] says of something that isn't there.
var ErrNotFound = errors.New("not found")

// ErrTaken is what a [Shelf] says of a room that is there already.
var ErrTaken = errors.New("taken")

// Log keeps the events of every room. It is the truth: what is in it happened, in the order of Seq, and nothing else did.
//
// An implementation must pass the suite in store/storetest. It is called by several goroutines at once, but Append for one room
// is only ever called by one goroutine of this process; other processes may append to the same room.
type Log interface {
	// Append stores the events, all of one room, in their order and in one transaction, and returns when they would survive a
	// crash. It sets Seq; Time is the caller's. An event whose User.ID and ClientID (if not "") are stored already is not
	// stored again: its place in the result holds the stored one, with Duplicate set, even where that is in another room. The
	// files of a message are its own from then on; one that isn't there to be sent (see [Files]) is left out of it. An edit,
	// deletion or reaction also changes the message that it is of, and whom it means. On an error nothing was stored.
	Append(ctx context.Context, events []Event) ([]Appended, error)
	// Last returns the room's highest seq, 0 for a room without events.
	Last(ctx context.Context, room RoomName) (int64, error)
	// After returns the events with a seq above since, in order, at most limit of them. Messages are as they are now.
	After(ctx context.Context, room RoomName, since int64, limit int) ([]Event, error)
	// Before returns the latest messages with a seq below before (0: the latest of all), at most limit, oldest first, as
	// they are now. Events that are not messages are left out.
	Before(ctx context.Context, room RoomName, before int64, limit int) ([]Event, error)
	// Message returns one message as it is now, or ErrNotFound where seq isn't a message.
	Message(ctx context.Context, room RoomName, seq int64) (Event, error)
	// Sent returns the event that the user stored under an id of the client's, in whichever room, or ErrNotFound.
	Sent(ctx context.Context, user UserID, clientID string) (Event, error)
}

// Appended is what became of one event of [Log].Append.
type Appended struct {
	Event
	Duplicate bool
}

// Shelf keeps which rooms there are, which of them a user is in and how far they have read. Its writes are less precious than the
// log's: the last moments before a crash may be forgotten.
type Shelf interface {
	// Enter notes that the user is in the room, and that the room exists. It keeps a read mark that is there.
	Enter(ctx context.Context, room RoomName, user UserID) error
	// Exit notes that the user left the room. The read mark is kept.
	Exit(ctx context.Context, room RoomName, user UserID) error
	// MarkRead notes how far a user has read, and returns it. It never goes back, and never beyond the room's highest seq.
	MarkRead(ctx context.Context, room RoomName, user UserID, seq int64) (mark int64, err error)
	// Mute notes whether a user wants to be told of what is said in a room. Rooms says so.
	Mute(ctx context.Context, room RoomName, user UserID, on bool) error
	// Create makes a room that nobody has made, and its owner, who is in it then; the password is kept as a hash of Argon2id, and ""
	// for none. It returns ErrTaken where there is such a room.
	Create(ctx context.Context, room RoomName, owner UserID, password string) error
	// Role returns what a user is in a room, RoleNone also where there is no such room.
	Role(ctx context.Context, room RoomName, user UserID) (Role, error)
	// SetRole makes a user something in a room that is there. Enter keeps it; Exit takes it from a member of a closed room, not from
	// those who are more or were removed, nor does coming in. Who is removed is in the room no more, and finds it in no list.
	SetRole(ctx context.Context, room RoomName, user UserID, role Role) error
	// Invite makes a user who is none yet a member of a closed room that is there. Until they come in, Rooms says who asked them, but not
	// of whom they ignore.
	Invite(ctx context.Context, room RoomName, user, by UserID) error
	// Unlock reports whether a password is the room's; ErrNotFound where there is no room that has one.
	Unlock(ctx context.Context, room RoomName, password string) (bool, error)
	// SetPassword gives a room that has a password another one.
	SetPassword(ctx context.Context, room RoomName, password string) error
	// Insiders lists those who were let into a room, whoever looks after it first, then by name, at most InsidersMost.
	Insiders(ctx context.Context, room RoomName) ([]Insider, error)
	// Archive notes whether a room is archived: Facts says so, and Rooms leaves it out.
	Archive(ctx context.Context, room RoomName, on bool) error
	// Archived lists rooms that are archived and that a user may know of, the latest used first, at most ArchivedMost.
	Archived(ctx context.Context, user UserID) ([]RoomInfo, error)
	// Facts returns what a room is beside its log, which events have made of it; nothing of a room that isn't there.
	Facts(ctx context.Context, room RoomName) (Facts, error)
	// Rooms lists at most RoomsMost rooms: the user's own first, which are those that they joined, their private rooms that have
	// events, and the lobby; then other public rooms that have events, and rooms with a password. In both parts the latest used come
	// first. Rooms that others make never push out own ones. Members is not its business and stays 0. Unread counts messages of others
	// that are not deleted, from Read on, up to UnreadMost, in rooms that the user is in and in private ones; elsewhere it is 0.
	// Mentions counts, of those in the same rooms, the messages after Read that mean the user, up to UnreadMost.
	Rooms(ctx context.Context, user UserID) ([]RoomInfo, error)
	// Mentions returns at most limit messages that mean the user, by name or because they were there, as they are now, the latest
	// first: those before a place, or for none the latest of all. Rooms that the user may not know of are left out.
	Mentions(ctx context.Context, user UserID, before MentionPlace, limit int) ([]Event, error)
	Ignores
	Order
}

// People finds users.
type People interface {
	// ByName returns the user who goes by the name now, compared as names are (RFC 8266), or ErrNotFound.
	ByName(ctx context.Context, name string) (User, error)
	// Formerly returns users, at most 20, who went by the name before and don't now.
	Formerly(ctx context.Context, name string) ([]UserID, error)
	// ByNames does what ByName does for many names: what it returns has a user for each, who is nobody where ByName finds none.
	ByNames(ctx context.Context, names []string) ([]User, error)
	// ByID returns a user, or ErrNotFound.
	ByID(ctx context.Context, id UserID) (User, error)
}

// Relay is the doorbell between nodes that share a log. It may lose or repeat a ring, and may ring late; it must not block.
// An implementation must pass the suite in relay/relaytest.
type Relay interface {
	// Ring tells the other nodes that the room's log reaches to seq. It never blocks.
	Ring(room RoomName, seq int64)
	// Listen calls heard for each ring of another node, one at a time, until ctx ends; it returns ctx's error then.
	Listen(ctx context.Context, heard func(room RoomName, seq int64)) error
}
