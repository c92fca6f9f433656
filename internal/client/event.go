package client

import "time"

// Event is something that happened in the conversation. It is one of the types below that say so.
type Event interface{ event() }

// User is somebody in the chat.
type User struct {
	ID   string `json:"user"`
	Name string `json:"name"`
}

// Welcome says who one is. It is the first event, and comes again after a reconnect and when one's name changed.
type Welcome struct {
	User      User
	Limits    Limits
	Rooms     []RoomInfo
	Ignored   []User // whom one ignores
	Moderator bool   // whether one keeps order
}

// Limits are the server's, as the welcome tells them. 0 is none.
type Limits struct {
	MessageLength int     `json:"message_length"` // characters
	History       int     `json:"history"`        // messages in a page of history
	RateMessages  float64 `json:"rate_messages"`  // messages per second on average
	RateBurst     int     `json:"rate_burst"`     // messages at once
}

// RoomInfo is one line of the list of rooms.
type RoomInfo struct {
	Room    string `json:"room"`
	Peer    User   `json:"peer"`    // the other one, in a private room
	Last    int64  `json:"last"`    // the room's latest seq
	Read    int64  `json:"read"`    // how far one has read
	Unread  int    `json:"unread"`  // messages of others after Read
	Members int    `json:"members"` // how many are there now
	Inviter User   `json:"inviter"` // who asked one into it, where one has not come in yet
	Locked  bool   `json:"locked"`  // it has a password, which one has not given
}

// Joined says that one is in a room now. The latest messages of before have just been told, with History set.
type Joined struct {
	Room    string
	Members []User // who is there, oneself too; of a crowd, some of them
	Count   int    // how many are there where Members are not all of them, else 0
	Resumed bool   // one was in it before a cut
}

// Left says that one is in the room no longer.
type Left struct {
	Room  string
	Never bool // nor ever was: one isn't let in
}

// Message is something that was said. The messages of a room come in the order of Seq, each once, whatever the connection went
// through meanwhile.
type Message struct {
	Room    string
	Seq     int64
	ID      string // the sender's own id
	User    User
	Text    string // "" when it was deleted
	Time    time.Time
	Edited  bool
	Deleted bool
	Files   []File
	Quote   *Quote // of what it answers, nil where it answers nothing
	History bool   // it was said before one came in
	Own     bool
	Peer    User // in a private room: the one who isn't oneself
}

// Quote is what a message shows of the one that it answers.
type Quote struct {
	User
	Text    string `json:"text"` // its first line, as it reads
	Deleted bool   `json:"deleted"`
}

// Topic says that a room has another topic; "" is none.
type Topic struct {
	Room string
	Seq  int64
	User User
	Text string
	Time time.Time
}

// File is one that a message has.
type File struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"` // by content
	Size int64  `json:"size"` // bytes
	URL  string `json:"url"`  // the whole address, which asks for the session or key; "" where it has been removed
}

// Changed says that a message, which was a [Message] event before or is older than what one has seen, was edited or deleted.
type Changed struct {
	Room    string
	Seq, Of int64
	User    User // who changed it
	Text    string
	Deleted bool
	Time    time.Time
	Peer    User
}

// Presence says that somebody came, went or has another name.
type Presence struct {
	Room  string
	Event string // "join", "leave", "rename", "away", "back"
	User  User
	Text  string // what was said of being away
	Was   string // the name before a rename
}

// Typing says that somebody is writing something just now.
type Typing struct {
	Room string
	User User
}

// Members answers [Client.Members].
type Members struct {
	Room    string
	Members []User
}

// Absence is that somebody is away.
type Absence struct {
	Text  string    `json:"text"`
	Since time.Time `json:"since"`
}

// Whois answers [Client.Whois], [Client.Away] and [Client.Back].
type Whois struct {
	User      User
	Here      bool
	Since     time.Time // since when they are here
	Away      *Absence  // nil where they are not
	Rooms     []string  // that both are in now
	Barred    time.Time // until when they are kept out, zero where they aren't
	Moderator bool      // keeps order
}

// Ignored lists whom one ignores: the answer to [Client.Ignore], and told when it is changed elsewhere.
type Ignored struct{ People []User }

// Invited answers [Client.Invite].
type Invited struct {
	Room string
	User User
}

// Invitation says that somebody asks one into a room.
type Invitation struct {
	Room string
	User User // who asks
}

// Removed answers [Client.Remove].
type Removed struct {
	Room string
	User User
}

// Removal says that somebody has taken one out of a room.
type Removal struct {
	Room string
	User User // who did
}

// About answers [Client.SetPassword].
type About struct{ Room string }

// Rooms answers [Client.Rooms].
type Rooms struct{ Rooms []RoomInfo }

// Found answers [Client.Search].
type Found struct {
	Hits   []Hit // the latest first
	More   bool  // there may be older ones
	Behind bool  // some messages, neither the latest nor the oldest, can't be found yet
}

// Hit is a message that a search finds.
type Hit struct {
	Room string `json:"room"`
	Seq  int64  `json:"seq"`
	User
	Time    time.Time `json:"time"`
	Snippet []string  `json:"snippet"` // a piece of the text: what was not looked for and what was take turns
}

// Sent says that a message is stored: the server acknowledged it.
type Sent struct{ Outgoing }

// Refused says that the server doesn't take a message, or that it could not: the message is given up.
type Refused struct {
	Outgoing
	Code    string
	Message string
}

// Failed says why a request that isn't a message was refused.
type Failed struct {
	Code    string
	Message string
}

// IdleWarning says that the connection ends after Left without an act of the person.
type IdleWarning struct{ Left time.Duration }

// Lost says that the connection is gone. Unless it was closed for idleness, it is being made again.
type Lost struct {
	Code int  // the close code, 1006 where none came
	Idle bool // nobody did anything for long: [Client.Reconnect] or a message makes it again, nothing else does
}

// Back says that the connection is there again and all that was said meanwhile has been told.
type Back struct {
	Missed    int  // messages of others that came meanwhile
	Truncated bool // more were said meanwhile than the server sends at once: only the latest were told
}

// Ended is the last event of a conversation that the server ended for good.
type Ended struct{ Err error }

func (Welcome) event()     {}
func (Joined) event()      {}
func (Left) event()        {}
func (Message) event()     {}
func (Changed) event()     {}
func (Topic) event()       {}
func (Presence) event()    {}
func (Typing) event()      {}
func (Members) event()     {}
func (Found) event()       {}
func (Rooms) event()       {}
func (Invited) event()     {}
func (Invitation) event()  {}
func (Removed) event()     {}
func (Removal) event()     {}
func (About) event()       {}
func (Whois) event()       {}
func (Ignored) event()     {}
func (Sent) event()        {}
func (Refused) event()     {}
func (Failed) event()      {}
func (IdleWarning) event() {}
func (Lost) event()        {}
func (Back) event()        {}
func (Ended) event()       {}
