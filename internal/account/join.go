package account

import (
	"context"
	"errors"
)

// JoinRequest is what the form on the first page says.
type JoinRequest struct {
	Name    string
	Key     string // of an account, or ""
	Agent   string // the browser's own words for itself
	Current string // the token of the session that the browser has, or ""
}

// agentMost is how much of a browser's words is kept, in bytes.
const agentMost = 256

// Joined is what signing in has come to.
type Joined struct {
	Session
	Token string   // for the cookie alone
	Ended []string // the ids of the sessions that ended by it, whose connections the caller then closes
}

// Join begins a session: by a key as its account, else by a name. It is always a new one, and the one that the browser had ends, so
// that a session that somebody else put into the browser never becomes one's own. Whoever had a session of the same name remains the
// same user; by another name one is somebody new. The error is an *Error where the name (CodeBadName, CodeNameTaken) or the key
// (CodeWrongKey) is at fault.
func (a *Accounts) Join(ctx context.Context, r JoinRequest) (Joined, error) {
	current, err := a.current(ctx, r.Current)
	if err != nil {
		return Joined{}, err
	}
	j := joining{Joined: Joined{Token: newToken()}}
	j.begins = &NewSession{ID: newID("s_"), Hash: hashOf(j.Token), Agent: cut(r.Agent, agentMost)}
	j.ID = j.begins.ID
	if current.ID != "" {
		j.replaces, j.Ended = hashOf(r.Current), []string{current.ID}
	}
	if r.Key != "" || a.opts.Access == AccessKeys {
		err = a.joinByKey(ctx, r, &j, current)
	} else {
		err = a.joinByName(ctx, r, &j, current)
	}
	if err != nil {
		return Joined{}, err
	}
	return j.Joined, nil
}

// joining is a session about to begin.
type joining struct {
	Joined
	begins   *NewSession
	replaces []byte
}

// current returns the session that a browser has, the zero Session for none.
func (a *Accounts) current(ctx context.Context, token string) (Session, error) {
	if token == "" {
		return Session{}, nil
	}
	session, err := a.BySession(ctx, token)
	if errors.Is(err, ErrNotFound) {
		return Session{}, nil
	}
	return session, err
}

func (a *Accounts) joinByKey(ctx context.Context, r JoinRequest, j *joining, current Session) error {
	if r.Key == "" {
		return refuse(CodeWrongKey, "A key is needed here. Enter the one that you were given.")
	}
	user, err := a.ByKey(ctx, r.Key)
	if errors.Is(err, ErrNotFound) {
		return refuse(CodeWrongKey, "This key belongs to nobody. Check that all of it is there.")
	}
	if err != nil {
		return err
	}
	name, err := CheckName(user.Name)
	if err != nil {
		return err
	}
	if said, err := CheckName(r.Name); r.Name != "" && (err != nil || said.key != name.key) {
		return refuse(CodeWrongKey, "This key belongs to another name. Check both, or leave the name empty.")
	}
	ended, err := a.makeRoom(ctx, user.ID, current.ID)
	if err != nil {
		return err
	}
	j.User, j.Ended = user, append(j.Ended, ended...)
	return a.take(ctx, name, user.ID, func(h *Holder) error {
		t := a.taking(user, name, h)
		t.Session, t.Replaces = j.begins, j.replaces
		return a.store.Take(ctx, t)
	})
}

func (a *Accounts) joinByName(ctx context.Context, r JoinRequest, j *joining, current Session) error {
	name, err := CheckName(r.Name)
	if err != nil {
		return err
	}
	user := User{Kind: KindPerson}
	if current.ID != "" && isNamed(current.User, name) {
		user = current.User
	}
	return a.take(ctx, name, user.ID, func(h *Holder) error {
		t := a.taking(user, name, h)
		if user.Kind == KindAccount {
			t.User.Name = user.Name // which is not for the form to change, not even its capitals
		}
		t.Session, t.Replaces = j.begins, j.replaces
		if err := a.store.Take(ctx, t); err != nil {
			return err
		}
		j.User = t.User
		return nil
	})
}

// isNamed reports whether a user goes by a name already.
func isNamed(user User, name Name) bool {
	own, err := CheckName(user.Name)
	return err == nil && own.key == name.key
}

// cut shortens text to n bytes.
func cut(text string, n int) string {
	if len(text) > n {
		text = text[:n]
	}
	return toValid(text)
}
