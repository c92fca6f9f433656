package chat

import (
	"fmt"
	"time"
)

// CommandKind says what a [Command] asks for.
type CommandKind uint8

// The commands. A dialect's decoder makes them of frames; a dialect need not have all of them.
const (
	CmdSend CommandKind = iota + 1
	CmdEdit
	CmdDelete
	CmdReact
	CmdTopic
	CmdPin
	CmdJoin
	CmdLeave
	CmdHistory
	CmdSearch
	CmdMentions
	CmdMembers
	CmdPins
	CmdCreate
	CmdInvite
	CmdArchive
	CmdRemove
	CmdPassword
	CmdAbout
	CmdRooms
	CmdRead
	CmdMute
	CmdTyping
	CmdActive
	CmdPing
	CmdRename
	CmdAway
	CmdBack
	CmdWhois
	CmdIgnore
	CmdKick
	CmdBan
	CmdUnban
	CmdClaim // a name said in the first frame of a dialect that names its speaker; Text, when not empty, is then sent
)

// Command is one thing that a connection asks for, whatever dialect it was written in.
type Command struct {
	Kind CommandKind
	// Ref is the dialect's own mark of the request, which the [Reply] carries back. In rpc it is the JSON text of the id.
	Ref string
	// ID is the client's own id of what it sends, up to 64 characters, unique per user. "" asks for no protection from repeats.
	ID       string
	Room     RoomName      // "" is the room that the connection joined first
	To       string        // CmdSend: the name of the one other reader, instead of Room
	Text     string        // CmdSend, CmdEdit, CmdTopic, CmdClaim; CmdSearch: what is looked for
	Name     string        // CmdRename, CmdClaim; of whom CmdWhois, CmdIgnore, CmdInvite, CmdRemove, CmdKick, CmdBan and CmdUnban are; CmdCreate: the room's title
	User     UserID        // the same, but of CmdInvite, instead of Name
	Entry    Entry         // CmdCreate
	Password string        // CmdCreate, CmdJoin, CmdPassword
	ReplyTo  int64         // CmdSend
	For      time.Duration // CmdBan: for how long, 0 until CmdUnban
	Files    []string      // CmdSend: the ids of files that were uploaded
	Of       int64         // CmdEdit, CmdDelete, CmdReact, CmdPin
	Emoji    string        // CmdReact
	On       bool          // CmdReact, CmdPin, CmdMute, CmdArchive; CmdRooms: those that are archived
	Since    int64         // CmdJoin: everything after this seq; below 0 asks for the latest messages
	Before   int64         // CmdHistory: messages before this seq. 0 asks for the latest
	Place    string        // CmdSearch, CmdMentions: where an answer said to go on. "" asks for the latest
	Seq      int64         // CmdRead
	Limit    int           // CmdHistory, CmdSearch, CmdMentions: how many messages at most; 0 is the default
}

// IsAct reports whether the command shows that a person is there, which is what resets the idle clock.
func (c *Command) IsAct() bool {
	switch c.Kind {
	case CmdSend, CmdEdit, CmdDelete, CmdReact, CmdTopic, CmdPin, CmdPins, CmdMute, CmdCreate, CmdInvite, CmdArchive, CmdRemove, CmdPassword,
		CmdAbout, CmdLeave, CmdTyping, CmdActive, CmdRename, CmdClaim, CmdMembers, CmdHistory, CmdSearch, CmdMentions, CmdAway, CmdBack,
		CmdIgnore, CmdKick, CmdBan, CmdUnban:
		return true
	default: // a reconnecting page joins, reads and pings by itself
		return false
	}
}

// IsPost reports whether the command becomes an event of a room's log.
func (k CommandKind) IsPost() bool { return k >= CmdSend && k <= CmdPin }

// ReplyKind says what a [Reply] answers.
type ReplyKind uint8

// The replies.
const (
	ReplyWelcome ReplyKind = iota + 1
	ReplyJoined
	ReplyLeft
	ReplyAck
	ReplyHistory
	ReplyFound
	ReplyMentions
	ReplyMembers
	ReplyPins
	ReplyCreated
	ReplyInvited    // somebody was invited, as one asked for
	ReplyInvitation // one is invited by somebody
	ReplyRemoved    // somebody was removed from a room, as one asked for
	ReplyRemoval    // one was removed from a room by somebody
	ReplyAbout
	ReplyRooms
	ReplyRead
	ReplyMuted
	ReplyPong
	ReplyDone // a command that has no answer of its own in the native dialect; dialects that answer everything say yes
	ReplyIdleWarning
	ReplyWhois
	ReplyIgnored
	ReplyError
)

// Reply is what one connection alone is told.
type Reply struct {
	Kind ReplyKind
	Of   CommandKind // the command that it answers, 0 for none
	Ref  string      // as in the command
	Room RoomName
	User User      // ReplyWelcome: who one is
	Time time.Time // ReplyWelcome: now; ReplyAck: the event's

	ID  string // ReplyAck: the client's id
	Seq int64  // ReplyAck, ReplyRead

	On   bool // ReplyMuted; ReplyAbout: the room is archived; ReplyRooms: those that are
	Role Role // ReplyAbout: one's own

	Insiders []Insider // ReplyAbout: of a closed room, those who look after it first

	Last      int64     // ReplyJoined: the room's last seq that the reply covers
	Members   []User    // ReplyJoined, ReplyMembers: who is there, each once, sorted by name
	Count     int       // ReplyJoined: how many are there where Members are not all of them, else 0
	Messages  []Event   // ReplyJoined, ReplyHistory: oldest first, as they are now; ReplyPins: the latest pinned first
	Prepared  *Prepared // ReplyJoined: shared with other replies that have the same Messages and Changes; may be nil
	Changes   []Event   // ReplyJoined: what changed messages that are older than Since
	Resumed   bool      // ReplyJoined: the command had a since
	Truncated bool      // ReplyJoined: too much was missed; these are only the latest messages
	Facts     Facts     // ReplyJoined: what the room is beside its log
	More      bool      // ReplyJoined, ReplyHistory: older messages exist before these; ReplyPins: not all of them are told
	Found     Found     // ReplyFound, ReplyMentions
	Place     string    // ReplyFound, ReplyMentions: where to go on; "" where everything has been looked at

	Away      []Absence // ReplyJoined, ReplyMembers: those of Members who are away
	Profile   *Profile  // ReplyWhois
	Moderator bool      // ReplyWelcome: whether one keeps order
	Ignored   []User    // ReplyWelcome: whom one ignores. ReplyIgnored has them in Members

	// PreparedMembers is shared with other replies that have the same Members; may be nil.
	PreparedMembers *Prepared

	Rooms  []RoomInfo // ReplyWelcome, ReplyRooms
	Limits Limits     // ReplyWelcome
	Idle   time.Duration
	Err    *Error // ReplyError
}

// Prepared keeps what encoders made of a part of one reply for others with the same, so that a crowd that comes in costs one
// encoding. It belongs to one goroutine. nil keeps nothing.
type Prepared struct{ made []prepared }

type prepared struct {
	by   Encoder
	part []byte
}

// Append appends what encode makes of the part for an encoder, made once.
func (p *Prepared) Append(dst []byte, by Encoder, encode func(dst []byte) []byte) []byte {
	if p == nil {
		return encode(dst)
	}
	for i := range p.made {
		if p.made[i].by == by {
			return append(dst, p.made[i].part...)
		}
	}
	part := encode(nil)
	p.made = append(p.made, prepared{by, part})
	return append(dst, part...)
}

// RoomInfo is a room as one user sees it in a list.
type RoomInfo struct {
	Name     RoomName
	Peer     User  // a private room's other user
	Last     int64 // the room's last seq
	Topic    string
	Read     int64 // how far this user has read
	Unread   int   // messages of others after Read, counted up to UnreadMost; 0 in public rooms that one is not in
	Muted    bool  // this user doesn't want to be told of it: see [CmdMute]
	Locked   bool  // it has a password, which this user has yet to give: nothing else of it is told
	Archived bool
	Joined   bool // this user is in it: came in and did not leave
	Inviter  User // who asked this user into it, where they have not come in yet
	Members  int  // users there now

	Mentions int // those of the unread messages that mean this user, counted up to UnreadMost likewise
}

// RoomsMost is how many rooms a list has at most.
const RoomsMost = 500

// UnreadMost is where counting unread messages stops; a list shows "99+" from there on.
const UnreadMost = 100

// Code is the stable name of an error, the same in every dialect.
type Code string

// The error codes.
const (
	CodeBadJSON     Code = "bad_json"
	CodeBadRequest  Code = "bad_request"
	CodeUnknownType Code = "unknown_type"
	CodeTooLong     Code = "too_long"
	CodeEmpty       Code = "empty"
	CodeNotMember   Code = "not_member"
	CodeNotFound    Code = "not_found"
	CodeForbidden   Code = "forbidden"
	CodeRateLimited Code = "rate_limited"
	CodeUnavailable Code = "unavailable"
	CodeLocked      Code = "locked" // the room has a password, and this isn't it
	CodeTaken       Code = "taken"  // there is such a room
)

// Error is a refusal: a stable code and a sentence for people that says what is wrong and what would be right.
type Error struct {
	Code    Code
	Message string
	// Ref and Of are filled in by whoever knows the command; decoders fill in Ref where the frame still shows it.
	Ref string
	Of  CommandKind
	// Limit is the setting that was kept to, and RetryAfter how long to wait where waiting helps; both for CodeRateLimited.
	Limit      string
	RetryAfter time.Duration
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Errorf makes an [Error].
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Encoder writes what a dialect says, as whole WebSocket frames appended to dst. A dialect that has nothing to say appends
// nothing. Encoders hold no state, and two values that are equal write the same bytes: a room encodes once for each.
type Encoder interface {
	AppendEvent(dst []byte, e *Event) []byte
	AppendSignal(dst []byte, s *Signal) []byte
	AppendReply(dst []byte, r *Reply) []byte
	// EchoesOwn reports whether the connection that sent a message is given it like everyone else.
	EchoesOwn() bool
}

// Sink is where a member's frames go. Write never blocks and says no when the connection is at its end. Close starts to close
// with a WebSocket close code (RFC 6455, section 7.4) and does not wait. Neither keeps what it was given.
type Sink interface {
	Write(frames []byte) bool
	Close(code int, reason string)
}

// Close codes that the core and the session give.
const (
	CloseGoingAway    = 1001
	CloseFlooding     = 1008
	CloseInternal     = 1011
	CloseIdle         = 4000
	CloseRemoved      = 4001
	CloseTooSlow      = 4003
	CloseSessionEnded = 4004
)
