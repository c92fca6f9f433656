package account

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"maps"
	"sync"
	"time"
)

// OfferFor is how long a code for another device is good.
const OfferFor = 2 * time.Minute

// offersMost bounds how many codes are good at a time; each session has one at most.
const offersMost = 10_000

// offers are the codes by which people sign in another device of theirs. They are kept in memory alone: after a restart one asks for
// another.
type offers struct {
	mu    sync.Mutex       // guards what follows
	given map[string]offer // by the hash of the code
}

// offer is one of them.
type offer struct {
	session Session // that asked for it; it is no good when that one has ended
	until   time.Time
}

// give notes a code, in place of another of the same session. It returns false where there are as many as there may be.
func (o *offers) give(hash []byte, one offer, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	maps.DeleteFunc(o.given, func(_ string, other offer) bool {
		return other.session.ID == one.session.ID || !now.Before(other.until)
	})
	if len(o.given) >= offersMost {
		return false
	}
	if o.given == nil {
		o.given = map[string]offer{}
	}
	o.given[string(hash)] = one
	return true
}

// find returns the offer of a code that is still good, and takes it away where it is for use.
func (o *offers) find(hash []byte, now time.Time, take bool) (offer, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	one, ok := o.given[string(hash)]
	if ok && take {
		delete(o.given, string(hash))
	}
	return one, ok && now.Before(one.until)
}

// Offer returns a code by which whoever has it signs in as the session's user, once and within [OfferFor]. An earlier one of the same
// session is no good any more.
func (a *Accounts) Offer(session Session) (string, error) {
	var bits [20]byte
	rand.Read(bits[:]) // never fails
	code := base64.RawURLEncoding.EncodeToString(bits[:])
	now := a.opts.Now()
	if !a.offers.give(hashOf(code), offer{session, now.Add(OfferFor)}, now) {
		return "", refuse(CodeForbidden, "Too many devices are being added just now. Try again in two minutes.")
	}
	return code, nil
}

// Offered returns the user as whom a code signs in, or ErrNotFound. The code is good as before.
func (a *Accounts) Offered(ctx context.Context, code string) (User, error) {
	one, ok := a.offers.find(hashOf(code), a.opts.Now(), false)
	if !ok {
		return User{}, ErrNotFound
	}
	return a.offering(ctx, one)
}

// offering returns the user of an offer whose session stands.
func (a *Accounts) offering(ctx context.Context, one offer) (User, error) {
	stands, err := a.Stands(ctx, one.session.ID)
	if err == nil && !stands {
		err = ErrNotFound
	}
	if err != nil {
		return User{}, err
	}
	user, err := a.store.UserByID(ctx, one.session.User.ID)
	return user, wrap(err, "reading a user")
}

// Accept begins a session by a code, as the user of the session that asked for the code, and uses it up. It is ErrNotFound where the
// code is none, was used, is too old, or the session that asked for it has ended. The one that the browser had ends, as with
// [Accounts.Join].
func (a *Accounts) Accept(ctx context.Context, code, agent, current string) (Joined, error) {
	one, ok := a.offers.find(hashOf(code), a.opts.Now(), true)
	if !ok {
		return Joined{}, ErrNotFound
	}
	user, err := a.offering(ctx, one)
	if err != nil {
		return Joined{}, err
	}
	before, err := a.current(ctx, current)
	if err != nil {
		return Joined{}, err
	}
	ended, err := a.makeRoom(ctx, user.ID, before.ID)
	if err != nil {
		return Joined{}, err
	}
	j := Joined{Session: Session{ID: newID("s_"), User: user}, Token: newToken(), Ended: ended}
	b := Beginning{
		UserID: user.ID, By: one.session.ID, At: a.opts.Now(),
		Session: NewSession{ID: j.ID, Hash: hashOf(j.Token), Agent: cut(agent, agentMost)},
	}
	if before.ID != "" {
		b.Replaces = hashOf(current)
		j.Ended = append(j.Ended, before.ID)
	}
	err = a.store.BeginSession(ctx, b)
	if errors.Is(err, ErrConflict) { // it ended just now
		return Joined{}, ErrNotFound
	}
	return j, wrap(err, "beginning a session")
}
