package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// Access says who is let in.
type Access string

// The two ways to be let in.
const (
	AccessOpen Access = "open" // a name is enough
	AccessKeys Access = "keys" // an account's key is needed
)

// Options are how names and sessions are dealt with.
type Options struct {
	Access Access
	// Hold is for how long a session is good, and its name with it, after it was seen last. 0 keeps a name only while somebody
	// goes by it, and lets a session last until the name has gone to somebody else.
	Hold time.Duration
	// InUse reports whether a user is connected now. nil says no, as where no server runs.
	InUse func(userID string) bool
	// Open returns the sessions that have a connection now. nil says none, as where no server runs.
	Open func() []string
	Now  func() time.Time // time.Now by default
}

const (
	// holdLeast is for how long the name of somebody who has just joined is theirs whatever Hold is: their page is still loading.
	holdLeast = time.Minute
	// seenEvery is how often at most it is stored that a session was seen.
	seenEvery = time.Minute
	// takeTries is how often a name is tried for that others are trying for too.
	takeTries = 8
	// staleAfter is when what is left of people who are gone is removed, where Hold is 0.
	staleAfter = 30 * 24 * time.Hour
)

// Accounts gives out names, sessions and keys.
type Accounts struct {
	store    Store
	opts     Options
	guests   atomic.Int64 // the number of the last guest's name
	arriving arrivals
	offers   offers
}

// New returns accounts kept in store.
func New(store Store, opts Options) *Accounts {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.InUse == nil {
		opts.InUse = func(string) bool { return false }
	}
	if opts.Open == nil {
		opts.Open = func() []string { return nil }
	}
	return &Accounts{store: store, opts: opts}
}

// BySession returns the session that a cookie's token grants, or ErrNotFound, and notes that it is in use.
func (a *Accounts) BySession(ctx context.Context, token string) (Session, error) {
	session, seen, err := a.store.SessionByHash(ctx, hashOf(token))
	if err != nil {
		return Session{}, wrap(err, "reading a session")
	}
	now := a.opts.Now()
	// That the user is here by another session, or by a key, keeps this one no longer: it may be on a phone that somebody found.
	expired := a.opts.Hold > 0 && now.Sub(seen) > a.opts.Hold && !slices.Contains(a.opts.Open(), session.ID)
	if expired || a.opts.Access == AccessKeys && session.User.Kind != KindAccount {
		return Session{}, ErrNotFound
	}
	if now.Sub(seen) >= seenEvery {
		// A session that is good remains so where nothing can be written.
		_ = a.store.SeenSession(ctx, session.ID, now)
	}
	return session, nil
}

// Seen notes that a session was in use until now: call it when a connection of the session ends, which may have lasted long.
func (a *Accounts) Seen(ctx context.Context, sessionID string) error {
	if isKeyMark(sessionID) { // a key doesn't grow old
		return nil
	}
	return wrap(a.store.SeenSession(ctx, sessionID, a.opts.Now()), "noting that a session was in use")
}

// Leave ends the session that a token grants. The name is free from then on, unless it is an account's. It is no error where there
// is no such session.
func (a *Accounts) Leave(ctx context.Context, token string) error {
	return wrap(a.store.EndSession(ctx, hashOf(token)), "ending a session")
}

// ByKey returns the account that a key opens, or ErrNotFound.
func (a *Accounts) ByKey(ctx context.Context, key string) (User, error) {
	user, err := a.store.UserByKey(ctx, hashOf(key))
	if err != nil {
		return User{}, wrap(err, "reading a key")
	}
	return user, a.Barred(ctx, user.ID)
}

// Purge removes what is left of people who have been gone for longer than names are held: sessions that are no good any more, and
// users with nothing that anyone could miss. What they said stays; rooms in which nobody ever said anything go with them.
func (a *Accounts) Purge(ctx context.Context) error {
	hold := a.opts.Hold
	if hold <= 0 {
		hold = staleAfter
	}
	const atOnce = 200 // so that nobody waits for long who wants to write meanwhile
	before := a.opts.Now().Add(-hold)
	for after := ""; ; {
		ids, err := a.store.Stale(ctx, before, after, atOnce)
		if err != nil {
			return wrap(err, "looking for people who are gone")
		}
		if len(ids) == 0 {
			return wrap(a.store.RemoveSilentRooms(ctx), "removing rooms that nobody is in")
		}
		after = ids[len(ids)-1]
		gone := ids[:0]
		for _, id := range ids {
			if !a.opts.InUse(id) {
				gone = append(gone, id)
			} else if err := a.purgeSessions(ctx, id, before); err != nil {
				return err
			}
		}
		if err := a.store.Remove(ctx, gone, before); err != nil {
			return wrap(err, "removing people who are gone")
		}
	}
}

// purgeSessions ends those sessions of somebody who is here that have no connection and were not seen since before.
func (a *Accounts) purgeSessions(ctx context.Context, userID string, before time.Time) error {
	all, err := a.signIns(ctx, userID)
	if err != nil {
		return err
	}
	var ids []string
	for _, s := range all {
		if !s.Open && s.Seen.Before(before) {
			ids = append(ids, s.ID)
		}
	}
	return wrap(a.store.EndSessionsOf(ctx, userID, ids), "ending old sessions")
}

// holder returns who has a name, nil for nobody.
func (a *Accounts) holder(ctx context.Context, name Name) (*Holder, error) {
	h, err := a.store.Holder(ctx, name.key)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap(err, "reading who has a name")
	}
	return &h, nil
}

// held is the time from which on the sessions are that keep a name.
func (a *Accounts) held() time.Time { return a.opts.Now().Add(-max(a.opts.Hold, holdLeast)) }

// keeps reports whether a holder has proof of the name: a key, or a session that is still good.
func (a *Accounts) keeps(h *Holder) bool {
	return h.Kind == KindAccount || !h.SessionSeen.Before(a.held())
}

// isTaken reports whether nobody else can have the name now. Suggestions ask it, which may be wrong for a moment.
func (a *Accounts) isTaken(ctx context.Context, name Name) (bool, error) {
	h, err := a.holder(ctx, name)
	if err != nil || h == nil {
		return false, err
	}
	return a.keeps(h) || a.opts.InUse(h.ID) || a.arriving.left(h.ID) > 0, nil
}

// taken is the refusal of a name that somebody has.
func (a *Accounts) taken(ctx context.Context, name Name) error {
	suggestion, err := Suggest(name, func(key string) (bool, error) { return a.isTaken(ctx, Name{key: key}) })
	if err != nil {
		return err
	}
	return &Error{Code: CodeNameTaken, Message: "That name is in use. Try another.", Suggestion: suggestion.text}
}

// take calls attempt until it has decided who has the name: with the name's holder, nil for nobody, after making sure that it isn't
// somebody who is there or has a proof. An attempt that returns ErrConflict found the holder changed.
func (a *Accounts) take(ctx context.Context, name Name, self string, attempt func(h *Holder) error) error {
	for range takeTries {
		h, err := a.holder(ctx, name)
		if err != nil {
			return err
		}
		if h != nil {
			if err := a.Barred(ctx, h.ID); err != nil {
				return err
			}
		}
		if h != nil && h.ID != self {
			if a.keeps(h) {
				return a.taken(ctx, name)
			}
			switch there, err := a.isThere(ctx, h.ID); {
			case err != nil:
				return err
			case there:
				return a.taken(ctx, name)
			}
		}
		if err := attempt(h); !errors.Is(err, ErrConflict) {
			return wrap(err, "giving out a name")
		}
	}
	return a.taken(ctx, name)
}

// isThere reports whether a user is connected. Who was let in a moment ago is waited for, so that of two who say the same name at
// once one alone goes by it.
func (a *Accounts) isThere(ctx context.Context, id string) (bool, error) {
	for {
		if a.opts.InUse(id) {
			return true, nil
		}
		wait := a.arriving.left(id)
		if wait <= 0 {
			return false, nil
		}
		timer := time.NewTimer(min(wait, lookAgain))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return false, ctx.Err()
		}
	}
}

// taking begins a [Taking] of a name for a user from its holder.
func (a *Accounts) taking(user User, name Name, h *Holder) Taking {
	user.Name = name.text
	t := Taking{User: user, New: user.ID == "", Key: name.key, Held: a.held(), At: a.opts.Now()}
	if t.New {
		t.User.ID = newID("u_")
	}
	if h != nil {
		t.From = h.ID
	}
	return t
}

// wrap says what was being done when the store failed. A refusal, and that something isn't there, are no failures.
func wrap(err error, doing string) error {
	var refused *Error
	if err == nil || errors.As(err, &refused) || errors.Is(err, ErrNotFound) {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
