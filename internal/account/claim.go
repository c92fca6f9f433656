package account

import (
	"context"
	"errors"
)

// Claim returns the guest who goes by a name that was said on a socket without a proof. Who comes back is the same user as before,
// also after a restart, so that what they send again is known. The error is an *Error where the name is at fault.
func (a *Accounts) Claim(ctx context.Context, text string) (User, error) {
	if a.opts.Access == AccessKeys {
		return User{}, errKeyNeeded
	}
	name, err := CheckName(text)
	if err != nil {
		return User{}, err
	}
	var user User
	err = a.take(ctx, name, "", func(h *Holder) error {
		guest := User{Kind: KindGuest}
		if h != nil && h.Kind == KindGuest {
			guest = h.User
		}
		user, err = a.letIn(ctx, guest, name, h)
		return err
	})
	return user, err
}

// Guest returns a new guest with a name of the kind "Guest 12", who has said none.
func (a *Accounts) Guest(ctx context.Context) (User, error) {
	if a.opts.Access == AccessKeys {
		return User{}, errKeyNeeded
	}
	for {
		name := GuestName(a.guests.Add(1))
		h, err := a.holder(ctx, name)
		if err != nil {
			return User{}, err
		}
		if h != nil && (a.keeps(h) || a.opts.InUse(h.ID) || a.arriving.left(h.ID) > 0) {
			continue
		}
		user, err := a.letIn(ctx, User{Kind: KindGuest}, name, h)
		if !errors.Is(err, ErrConflict) {
			return user, wrap(err, "giving out a guest's name")
		}
	}
}

var errKeyNeeded = refuse(CodeWrongKey, "A key is needed here. Say who you are with the one that you were given.")

// letIn gives a name to a guest, who is then waited for. It returns ErrConflict where somebody else was let in as the same guest.
func (a *Accounts) letIn(ctx context.Context, guest User, name Name, h *Holder) (User, error) {
	t := a.taking(guest, name, h)
	if !a.arriving.add(t.User.ID) {
		return User{}, ErrConflict
	}
	if err := a.store.Take(ctx, t); err != nil {
		return User{}, err
	}
	return t.User, nil
}

// Arrived notes that a user who was given a name is connected: InUse says so from now on. Until then, and for half a second at most, a
// name is kept for who was let in by it.
func (a *Accounts) Arrived(userID string) { a.arriving.arrived(userID) }

// Rename gives a user another name, or another spelling of the one they have. The error is an *Error where the name is at fault or,
// with CodeForbidden, where it is an account's, and ErrNotFound where there is no such user.
func (a *Accounts) Rename(ctx context.Context, userID, text string) (User, error) {
	user, err := a.store.UserByID(ctx, userID)
	if err != nil {
		return User{}, wrap(err, "reading a user")
	}
	if user.Kind == KindAccount {
		return User{}, refuse(CodeForbidden, "The name of an account can't be changed here. Ask whoever gave you the key.")
	}
	name, err := CheckName(text)
	if err != nil {
		return User{}, err
	}
	err = a.take(ctx, name, user.ID, func(h *Holder) error {
		t := a.taking(user, name, h)
		if err := a.store.Take(ctx, t); err != nil {
			return err
		}
		user = t.User
		return nil
	})
	return user, err
}
