package account

import (
	"context"
	"errors"
	"slices"
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

// Stands reports whether a session has not been ended. Whoever let a session in asks once more when its connection can be found and
// closed: what ended in between was ended before there was anything to close.
func (a *Accounts) Stands(ctx context.Context, sessionID string) (bool, error) {
	switch err := a.store.HasSession(ctx, sessionID); {
	case err == nil:
		return true, nil
	case errors.Is(err, ErrNotFound):
		return false, nil
	default:
		return false, wrap(err, "reading a session")
	}
}
