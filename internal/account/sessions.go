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
}

// SignIns lists the sessions of a user that are still good, the one used last first.
func (a *Accounts) SignIns(ctx context.Context, userID string) ([]SignIn, error) {
	all, err := a.store.SessionsOf(ctx, userID)
	if err != nil {
		return nil, wrap(err, "listing sessions")
	}
	now, good, isHere := a.opts.Now(), all[:0], a.opts.InUse(userID) // as BySession goes by it
	for _, s := range all {
		if a.opts.Hold <= 0 || isHere || now.Sub(s.Seen) <= a.opts.Hold {
			good = append(good, s)
		}
	}
	return good, nil
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

// KeyMark is what connections that a key opened go by, as those of a session go by its id. It is no secret: it is made of the hash's
// hash.
func KeyMark(key string) string { return markOf(hashOf(key)) }

const keyMark = "k_"

func markOf(hash []byte) string {
	again := sha256.Sum256(hash)
	return keyMark + hex.EncodeToString(again[:10])
}

func isKeyMark(id string) bool { return strings.HasPrefix(id, keyMark) }
