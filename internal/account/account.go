// Package account knows who people are: names, users, the sessions they sign in with and the keys of accounts. It imports no
// other package of the program; handlers and cli call [Accounts], and store keeps what the interfaces of this file ask for.
//
// A user is one of three kinds. A guest said a name on a socket and has nothing to prove it with. A person has signed in with a
// name and holds it by a session. An account holds its name by a key, for good. A name may go from one user to another, but not
// while who has it is connected or can prove it; a user's id, and with it private rooms and one's own messages, never does.
package account

import (
	"context"
	"time"
)

// Kind says what a user's name rests on. The values are stored.
type Kind string

// The kinds of users.
const (
	KindGuest   Kind = "guest"   // said a name on a socket
	KindPerson  Kind = "person"  // has had a session
	KindAccount Kind = "account" // has a key
)

// User is somebody with a name. The ID is public, never changes and grants nothing: "u_" and characters of a-z 0-9 _ -.
type User struct {
	ID   string
	Name string
	Kind Kind
}

// Session is one sign-in of a user. Its ID is no secret; what grants it is the token, which only its cookie knows.
type Session struct {
	ID   string
	User User
}

// Holder is the user who has a name now, with what decides whether it may go to somebody else.
type Holder struct {
	User
	SessionSeen time.Time // when the latest used of the user's sessions was seen; zero where there is none
}

// Users keeps users, and which of them has which name. Each key of a name has one user at most.
//
// It is called by several goroutines at once, and other processes may write the same database.
type Users interface {
	// Holder returns the user who has the name with this key now, or ErrNotFound.
	Holder(ctx context.Context, key string) (Holder, error)
	// UserByID returns a user, or ErrNotFound.
	UserByID(ctx context.Context, id string) (User, error)
	// Take gives a name to a user, with all that comes with it, in one transaction. When it is not as [Taking] expects, nothing is
	// stored and the error is ErrConflict.
	Take(ctx context.Context, t Taking) error
	// Nameless returns those of the ids whose user has no name now, because it went to somebody else, or of whom there is no user.
	Nameless(ctx context.Context, ids []string) ([]string, error)
	// Stale returns the ids of users above after, in order, at most limit, of whom Remove would take anything away.
	Stale(ctx context.Context, before time.Time, after string, limit int) ([]string, error)
	// Remove takes from each of these users the sessions not seen since before, and removes those users who then have neither a
	// session nor a key nor a private room and were not seen since either. Rooms' logs keep what they said.
	Remove(ctx context.Context, ids []string, before time.Time) error
	// BarredUntil returns until when a user is kept out, the zero time where they never were.
	BarredUntil(ctx context.Context, id string) (time.Time, error)
	// RemoveSilentRooms removes the rooms in which nothing was ever said and that nobody is in.
	RemoveSilentRooms(ctx context.Context) error
}

// Sessions keeps sessions, by the SHA-256 hash of their token.
type Sessions interface {
	// SessionByHash returns a session and when it was seen last, or ErrNotFound.
	SessionByHash(ctx context.Context, hash []byte) (Session, time.Time, error)
	// SeenSession notes that a session was in use. It is no error where there is none.
	SeenSession(ctx context.Context, id string, at time.Time) error
	// BeginSession begins another session of a user, in one transaction. It is ErrConflict, and nothing is stored, where the session
	// that lets it in has ended.
	BeginSession(ctx context.Context, b Beginning) error
	// EndSession forgets a session. It is no error where there is none.
	EndSession(ctx context.Context, hash []byte) error
	// SessionsGone returns those of the ids that no session has.
	SessionsGone(ctx context.Context, ids []string) ([]string, error)
	// SessionsOf returns the sessions of a user, the one seen last first.
	SessionsOf(ctx context.Context, userID string) ([]SignIn, error)
	// EndSessionsOf forgets those of the sessions with these ids that are the user's.
	EndSessionsOf(ctx context.Context, userID string, ids []string) error
}

// Keys keeps the keys of accounts, by their SHA-256 hash.
type Keys interface {
	// UserByKey returns the account that a key opens, or ErrNotFound.
	UserByKey(ctx context.Context, hash []byte) (User, error)
	// KeyHashes returns the hashes of all keys.
	KeyHashes(ctx context.Context) ([][]byte, error)
	// HasAccounts reports whether there is any account.
	HasAccounts(ctx context.Context) (bool, error)
	// Accounts lists all accounts, by name.
	Accounts(ctx context.Context) ([]Listed, error)
	// Rekey takes all keys from an account and gives it a new one, or makes it no account any more where hash is nil. Its sessions
	// end. It is ErrNotFound where the user is no account.
	Rekey(ctx context.Context, userID string, hash []byte, at time.Time) error
	// SetModerator makes a user one who keeps order in the chat, or not.
	SetModerator(ctx context.Context, userID string, is bool) error
	// SetConfigured makes the accounts of the configuration what is given. One that was given before and isn't any more is no
	// account from then on, unless it has another key; whose key went loses their sessions; and a person who has the name of an
	// account loses it. A name or key that another account has is an *Error.
	SetConfigured(ctx context.Context, accounts []Configured, at time.Time) error
}

// Store is all that [Accounts] needs kept. An implementation must pass the suite in store/storetest.
type Store interface {
	Users
	Sessions
	Keys
}

// Taking is one change of who has a name.
type Taking struct {
	User User // who takes it, as they are afterwards; a new one where New is set
	New  bool
	Key  string // the name's
	// From is the id of who has the name, "" for nobody; another holder by now is a conflict. Somebody other than User loses it,
	// with their sessions; that is a conflict where they have become an account or have a session seen after Held.
	From string
	Held time.Time
	// Session begins with the name where it isn't nil. Replaces is the hash of one that ends with it, or nil. A person who isn't New
	// goes on by nothing but that one, so that it is a conflict where it has ended already: two can't both go on by it.
	Session  *NewSession
	Replaces []byte
	KeyHash  []byte // a key that the user gets, or nil
	At       time.Time
}

// NewSession is a session that begins.
type NewSession struct {
	ID    string
	Hash  []byte // of the token
	Agent string // the browser's own words for itself
}

// Beginning is a session of a user that another one of theirs lets in.
type Beginning struct {
	UserID   string
	By       string // the id of the session that lets it in
	Session  NewSession
	Replaces []byte // the hash of the token of one that ends with it, or nil
	At       time.Time
}

// Listed is an account as it is listed.
type Listed struct {
	User
	Configured bool // it stands in the configuration
	Moderator  bool // it keeps order in the chat
}

// Configured is an account of the configuration as it is stored.
type Configured struct {
	User      User
	Key       string // of the name
	KeyHash   []byte
	Moderator bool // keeps order in the chat
}
