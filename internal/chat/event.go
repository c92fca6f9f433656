package chat

import (
	"strings"
	"time"
)

// UserID is the public identity of a user: "u_" and random characters. It never changes and grants nothing.
type UserID string

// User is who somebody is to the others.
type User struct {
	ID   UserID
	Name string
}

// Kind says what an [Event] did. The numbers are stored: never reuse or reorder them.
type Kind uint8

// The kinds of events.
const (
	KindMessage  Kind = 1
	KindEdit     Kind = 2
	KindDelete   Kind = 3
	KindReaction Kind = 4
	KindTopic    Kind = 5 // the room has another topic: Text, "" for none
	KindPin      Kind = 6
)

// Event is one entry of a room's log. Everything durable that happens in a room is an event with the room's next Seq.
//
// A message that is read back from the log is the message as it is now: Text is the latest text, Edited and Deleted name the
// event that changed it last, Reactions is what stands under it.
type Event struct {
	Room RoomName
	Seq  int64 // 1, 2, 3 … without gaps in each room
	Kind Kind
	User User // the name as it was when the event happened
	// ClientID is the sender's own id, unique per user: the same user and id is the same event. "" where a dialect has none.
	ClientID string
	Text     string    // KindMessage, KindEdit, KindTopic
	ReplyTo  int64     // KindMessage: seq of the message that it answers, or 0
	Of       int64     // KindEdit, KindDelete, KindReaction, KindPin: seq of the message that it changes
	Emoji    string    // KindReaction
	On       bool      // KindReaction, KindPin: set or taken back
	Files    []File    // KindMessage; none of one that was deleted
	Time     time.Time // the server's, UTC, whole milliseconds

	Edited    int64 // KindMessage, as it is now: seq of its latest edit, or 0
	Deleted   int64 // KindMessage, as it is now: seq of its deletion, or 0; Text is then ""
	Reactions []Reaction
	Quote     *Quote // KindMessage that answers another: what it shows of that one; nil in what comes from the log

	Mentions *Mentions // KindMessage, KindEdit: whom Text means; nil where that is nobody
}

// Reaction is one emoji under a message and who set it, in the order in which they did.
type Reaction struct {
	Emoji string
	Users []UserID
}

// SignalKind says what a [Signal] tells.
type SignalKind uint8

// The kinds of signals.
const (
	SignalJoin SignalKind = iota + 1
	SignalLeave
	SignalRename
	SignalTyping
	SignalAway
	SignalBack
	SignalArchive // the room is archived, or not any more
	SignalCrowd   // so many are there that nobody is told of each who comes or goes
)

// Signal is what is told to those who are there now and kept nowhere. It is never told to the user that it is about, except a
// rename and being away, which everyone hears.
type Signal struct {
	Kind    SignalKind
	Room    RoomName
	User    User
	Was     string // SignalRename: the name before
	Text    string // SignalAway: what was said of it
	On      bool   // SignalArchive
	Count   int    // SignalCrowd: how many users are there
	Members []User // SignalCrowd: who they are, where it is a crowd no longer and each is told of again; else nil
	// SignalCrowd: who of it has gone away lately, or Members who is, and who is back.
	Away []Absence
	Back []UserID
	Time time.Time
}

// isForOthers reports whether the user that it is about is not told.
func (s *Signal) isForOthers() bool {
	return s.Kind == SignalJoin || s.Kind == SignalLeave || s.Kind == SignalTyping
}

// RoomName is the name of a room: 1 to 48 of a-z 0-9 - _ for a public room. A private room of two has a name that no public room
// can have and that says who the two are (see [Direct]), so that the right to read it is a function of the name alone. A closed room
// has one that begins with ~ (see [RoomName.IsClosed]), and is for those who have a role in it.
type RoomName string

// Lobby is where people land.
const Lobby RoomName = "lobby"

// Direct returns the name of the private room of two users. It is the same whichever of them asks.
func Direct(a, b UserID) RoomName {
	if b < a {
		a, b = b, a
	}
	return RoomName("@" + string(a) + "." + string(b))
}

// Pair returns the two users of a private room, and false for any other name.
func (r RoomName) Pair() (a, b UserID, ok bool) {
	rest, ok := strings.CutPrefix(string(r), "@")
	if !ok {
		return "", "", false
	}
	x, y, ok := strings.Cut(rest, ".")
	if !ok || !isUserID(x) || !isUserID(y) || y < x {
		return "", "", false
	}
	return UserID(x), UserID(y), true
}

// isUserID reports whether s can be a user's id. Room names are logged and stand in addresses, so nothing else may pass for one.
func isUserID(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-':
		default:
			return false
		}
	}
	return s != "" && len(s) <= maxUserID
}

// IsDirect reports whether r is a private room of two.
func (r RoomName) IsDirect() bool {
	_, _, ok := r.Pair()
	return ok
}

// Public reports whether r is well formed as the name of a public room.
func (r RoomName) Public() bool {
	if len(r) < 1 || len(r) > maxRoomName {
		return false
	}
	for _, c := range []byte(r) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// ReadableBy reports whether a user may know anything at all of r who was not let in: see [RoomName.ReadableAs].
func (r RoomName) ReadableBy(user UserID) bool {
	if a, b, ok := r.Pair(); ok {
		return user == a || user == b
	}
	return r.Public()
}

// Peer returns the other one of a private room's two users.
func (r RoomName) Peer(user UserID) UserID {
	a, b, _ := r.Pair()
	if user == a {
		return b
	}
	return a
}

const (
	maxRoomName = 48 // characters
	maxUserID   = 40 // bytes
)
