// Package config is the settings: what there is to set, the defaults, and how a file, the environment and flags change them. Only
// cli calls [Load]; cli and the handlers read a [Config]. It imports no other package of the program.
//
// Everything about a setting stands in one row of the table in settings.go: its name, what may be written and the field it sets.
// The file, the environment, the flags, the help and the error messages all follow from that row. config.yaml at the top of the
// project says the same to people; a test holds the two against each other.
package config

import (
	"fmt"
	"strings"
	"time"
)

// Config is every setting. A limit or time of 0 is none.
type Config struct {
	Listen         string // host:port; port 0 is any free one
	Data           string // the folder of the database
	Name           string // of the chat, on the join page; "" is the name of the machine
	Access         string // AccessOpen or AccessKeys
	Accounts       []Account
	Origins        []string // scheme://host[:port] in lower case, as browsers send it
	Hosts          []string // names in lower case that the chat goes by, besides this machine's and those of Origins
	TrustedProxies []string // addresses and networks
	IdleTimeout    time.Duration
	RateLimit      RateLimit
	Limits         Limits
	Upload         Upload
	Names          Names
	Presence       Presence
	Socket         Socket
	Log            Log
	Dev            bool // templates and static files are read from disk
}

// The ways to let people in.
const (
	AccessOpen = "open" // a name is enough
	AccessKeys = "keys" // an account's key is needed
)

// Account is somebody who holds a name by a key.
type Account struct {
	ID   string // public, 1 to 32 of a-z 0-9 _ -
	Name string
	Key  string // "sha256:" and 64 hexadecimal digits in lower case
	Role string // "moderator", or ""
}

// RateLimit is how often somebody may do something.
type RateLimit struct {
	Messages float64 // per second and user, on average
	Burst    int     // messages at once
	Tries    int     // failed joins per minute and address
	Uploads  int     // files per minute and user

	Commands      float64 // what is asked for besides messages, per second and user
	CommandsBurst int
	Frames        float64 // of any kind, per second and connection, beside those that hold the messages allowed
	FramesBurst   int
	Warnings      int     // refusals in a row that end a connection
	AddressUsers  int     // as how many users one address counts for what it may send
	Requests      float64 // pages, forms and WebSockets that are asked for, per second and address
	RequestsBurst int
}

// InForce is the limits as they hold: where messages has none, neither have commands, frames and requests, so that a load test has
// one thing to say; and frames is beside the frames that hold the messages allowed.
func (r RateLimit) InForce() RateLimit {
	if r.Messages <= 0 {
		return RateLimit{Tries: r.Tries}
	}
	if r.Frames > 0 && r.FramesBurst > 0 {
		r.Frames += r.Messages
		r.FramesBurst += r.Burst
	}
	return r
}

// Limits are sizes and counts.
type Limits struct {
	MessageLength int // characters
	FrameBytes    int // of what a client sends at once
	BacklogBytes  int // that wait for a connection that is slow to read
	Connections   int
	Rooms         int // per connection

	Fragments             int      // frames of one message
	ConnectionsPerAddress int      // of WebSockets, and as many others
	Requests              int      // connections that are no WebSockets, or not yet
	Exempt                []string // addresses and networks that no limit per address holds for
}

// Upload is how much people may send of files.
type Upload struct {
	FileBytes  int64 // of one file
	UserBytes  int64 // of all files of one user
	TotalBytes int64 // of all files
	Expire     time.Duration
}

// Names is what a name rests on.
type Names struct {
	Hold time.Duration // how long a name stays its user's after they were last seen
}

// Presence is who is there.
type Presence struct {
	Grace   time.Duration // after a connection that broke, before its user has left
	Refresh time.Duration // after which the page without a script comes anew
}

// Socket is the upkeep of connections.
type Socket struct {
	Ping         time.Duration // a connection that is silent for so long is asked for a sign of life
	WriteTimeout time.Duration // how long one write may make no progress

	FirstFrame     time.Duration // how long who has not said who they are may say nothing
	RequestTimeout time.Duration // how long a request may take to come in, header and body
}

// Log is what goes to standard error.
type Log struct {
	Level  string // debug, info, warn, error
	Format string // text, json
}

// Default returns what is in force where nothing is set.
func Default() Config {
	return Config{
		Listen:      ":3000",
		Data:        "./data",
		Access:      AccessOpen,
		IdleTimeout: 5 * time.Minute,
		RateLimit: RateLimit{
			Messages: 5, Burst: 20, Commands: 50, CommandsBurst: 1000, Frames: 100, FramesBurst: 1000, Warnings: 30,
			AddressUsers: 50, Requests: 100, RequestsBurst: 2000, Tries: 20, Uploads: 60,
		},
		Limits: Limits{
			MessageLength: 4000, FrameBytes: 64 << 10, Fragments: 1000, BacklogBytes: 1 << 20, Rooms: 50,
			Connections: 20_000, ConnectionsPerAddress: 2000, Requests: 4000, Exempt: []string{"127.0.0.0/8", "::1"},
		},
		Upload:   Upload{FileBytes: 100e6, UserBytes: 2e9, TotalBytes: 20e9},
		Names:    Names{Hold: 30 * 24 * time.Hour},
		Presence: Presence{Grace: 4 * time.Second, Refresh: 15 * time.Second},
		Socket: Socket{
			Ping: 25 * time.Second, WriteTimeout: 10 * time.Second, FirstFrame: 2 * time.Minute, RequestTimeout: 10 * time.Second,
		},
		Log: Log{Level: "info", Format: "text"},
	}
}

// Error is what is wrong with one setting: one line that says where it is set, what is wrong and what would be right.
type Error struct {
	Where   string // FILE:LINE, a variable or a flag; "" where it isn't known
	Key     string // of the setting; "" where none is concerned
	Problem string

	other string // the key of another setting that Problem is about too
}

func (e *Error) Error() string {
	var parts []string
	for _, part := range []string{e.Where, e.Key, e.Problem} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// A character takes up to 12 bytes in JSON, as two \u escapes, and what is around the text takes up to 1,024.
const (
	characterBytes = 12
	envelopeBytes  = 1024
)

// Validate finds settings that don't go together; each alone is right when it has been set by [Load]. The error is an *Error.
func (c *Config) Validate() error {
	least := int64(c.Limits.MessageLength)*characterBytes + envelopeBytes
	if frame := int64(c.Limits.FrameBytes); frame > 0 && c.Limits.MessageLength > 0 && frame < least {
		return &Error{
			Key: "limits.frame_bytes", other: "limits.message_length",
			Problem: fmt.Sprintf("%d is too few for limits.message_length %d; write at least %d, or 0 for no limit",
				frame, c.Limits.MessageLength, least),
		}
	}
	return nil
}
