package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// SignIn is a session as its user sees it in a list.
type SignIn struct {
	ID    string
	Agent string // the browser's own words for itself
	Begun time.Time
	Seen  time.Time
	Open  bool // it has a connection now; not the store's business
}

// SignIns lists the sessions of a user that are still good, the one used last first.
func (a *Accounts) SignIns(ctx context.Context, userID string) ([]SignIn, error) {
	all, err := a.signIns(ctx, userID)
	if err != nil {
		return nil, err
	}
	now := a.opts.Now() // as BySession goes by it
	expired := func(s SignIn) bool { return a.opts.Hold > 0 && !s.Open && now.Sub(s.Seen) > a.opts.Hold }
	return slices.DeleteFunc(all, expired), nil
}

// signIns lists all sessions of a user, the one seen last first, with which of them have a connection.
func (a *Accounts) signIns(ctx context.Context, userID string) ([]SignIn, error) {
	all, err := a.store.SessionsOf(ctx, userID)
	if err != nil {
		return nil, wrap(err, "listing sessions")
	}
	open := map[string]bool{} // at once, since whoever knows looks at all connections
	for _, id := range a.opts.Open() {
		open[id] = true
	}
	for i := range all {
		all[i].Open = open[all[i].ID]
	}
	return all, nil
}

// sessionsMost is how many sessions somebody can have.
const sessionsMost = 50

// makeRoom ends sessions of somebody so that one more keeps to sessionsMost: those that were unused for longest, and one with a
// connection only where all have one. It returns the ids of those that ended. The one that is replaced, "" for none, makes room by
// itself.
func (a *Accounts) makeRoom(ctx context.Context, userID, replaced string) ([]string, error) {
	all, err := a.signIns(ctx, userID)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(s SignIn) bool { return s.ID == replaced })
	slices.SortStableFunc(all, func(x, y SignIn) int {
		switch {
		case x.Open && !y.Open:
			return -1
		case y.Open && !x.Open:
			return 1
		}
		return 0
	})
	var ids []string
	for _, s := range all[min(len(all), sessionsMost-1):] {
		ids = append(ids, s.ID)
	}
	return ids, wrap(a.store.EndSessionsOf(ctx, userID, ids), "ending sessions")
}

// End ends one session of a user, whose connections the caller then closes. It returns false where the user has no such session.
func (a *Accounts) End(ctx context.Context, userID, sessionID string) (bool, error) {
	all, err := a.store.SessionsOf(ctx, userID)
	if err != nil {
		return false, wrap(err, "listing sessions")
	}
	if !slices.ContainsFunc(all, func(s SignIn) bool { return s.ID == sessionID }) {
		return false, nil
	}
	return true, wrap(a.store.EndSessionsOf(ctx, userID, []string{sessionID}), "ending a session")
}

// EndOthers ends all sessions of a user but one, and returns the ids of those that ended.
func (a *Accounts) EndOthers(ctx context.Context, userID, kept string) ([]string, error) {
	all, err := a.store.SessionsOf(ctx, userID)
	if err != nil {
		return nil, wrap(err, "listing sessions")
	}
	var ids []string
	for _, s := range all {
		if s.ID != kept {
			ids = append(ids, s.ID)
		}
	}
	return ids, wrap(a.store.EndSessionsOf(ctx, userID, ids), "ending sessions")
}

// Stands reports whether a session, or the key behind a mark of [KeyMark], has not been ended. Whoever let somebody in asks once more
// when the connection can be found and closed: what ended in between was ended before there was anything to close.
func (a *Accounts) Stands(ctx context.Context, id string) (bool, error) {
	ended, err := a.Ended(ctx, []string{id})
	return len(ended) == 0, err
}

// Ended returns those of some sessions and marks of keys that stand no longer. Another process may have ended them.
func (a *Accounts) Ended(ctx context.Context, ids []string) ([]string, error) {
	sessions, marks := []string{}, []string{}
	for _, id := range ids {
		if isKeyMark(id) {
			marks = append(marks, id)
		} else {
			sessions = append(sessions, id)
		}
	}
	ended, err := a.store.SessionsGone(ctx, sessions)
	if err != nil || len(marks) == 0 {
		return ended, wrap(err, "reading sessions")
	}
	hashes, err := a.store.KeyHashes(ctx)
	if err != nil {
		return nil, wrap(err, "reading keys")
	}
	standing := map[string]bool{}
	for _, hash := range hashes {
		standing[markOf(hash)] = true
	}
	for _, mark := range marks {
		if !standing[mark] {
			ended = append(ended, mark)
		}
	}
	return ended, nil
}

// Nameless returns those of some users who have no name any more. Who only said theirs loses it to an account of that name that another
// process makes; who is connected all the same goes by somebody else's.
func (a *Accounts) Nameless(ctx context.Context, userIDs []string) ([]string, error) {
	ids, err := a.store.Nameless(ctx, userIDs)
	return ids, wrap(err, "reading who has lost their name")
}

// KeyMark is what connections that a key opened go by, as those of a session go by its id. It is no secret: it is made of the hash's
// hash.
func KeyMark(key string) string { return markOf(hashOf(key)) }

const keyMark = "k_"

func markOf(hash []byte) string {
	again := sha256.Sum256(hash)
	return keyMark + hex.EncodeToString(again[:10])
}

func isKeyMark(id string) bool { return strings.HasPrefix(id, keyMark) }
