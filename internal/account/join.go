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

// Join begins a session: by a key as its account, else by a name. Whoever has a session already remains the same user under the new
// name, unless either is an account; that session ends. The token is for the cookie alone. The error is an *Error where the name
// (CodeBadName, CodeNameTaken) or the key (CodeWrongKey) is at fault.
func (a *Accounts) Join(ctx context.Context, r JoinRequest) (token string, session Session, err error) {
	current, err := a.current(ctx, r.Current)
	if err != nil {
		return "", Session{}, err
	}
	j := joining{token: newToken()}
	j.begins = &NewSession{ID: newID("s_"), Hash: hashOf(j.token), Agent: cut(r.Agent, agentMost)}
	if current.ID != "" {
		j.replaces = hashOf(r.Current)
	}
	if r.Key != "" || a.opts.Access == AccessKeys {
		session.User, err = a.joinByKey(ctx, r, j, current)
	} else {
		session.User, err = a.joinByName(ctx, r, j, current)
	}
	if err != nil {
		return "", Session{}, err
	}
	session.ID = j.begins.ID
	return j.token, session, nil
}

// joining is a session about to begin.
type joining struct {
	token    string
	begins   *NewSession
	replaces []byte
}

// continues gives the new session the id of the one that it replaces, where it is the same user's: its open connections go on.
func (j *joining) continues(current Session, user User) {
	if current.ID != "" && current.User.ID == user.ID {
		j.begins.ID = current.ID
	}
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

func (a *Accounts) joinByKey(ctx context.Context, r JoinRequest, j joining, current Session) (User, error) {
	if r.Key == "" {
		return User{}, refuse(CodeWrongKey, "A key is needed here. Enter the one that you were given.")
	}
	user, err := a.ByKey(ctx, r.Key)
	if errors.Is(err, ErrNotFound) {
		return User{}, refuse(CodeWrongKey, "This key belongs to nobody. Check that all of it is there.")
	}
	if err != nil {
		return User{}, err
	}
	name, err := CheckName(user.Name)
	if err != nil {
		return User{}, err
	}
	if said, err := CheckName(r.Name); r.Name != "" && (err != nil || said.key != name.key) {
		return User{}, refuse(CodeWrongKey, "This key belongs to another name. Check both, or leave the name empty.")
	}
	j.continues(current, user)
	err = a.take(ctx, name, user.ID, func(h *Holder) error {
		t := a.taking(user, name, h)
		t.Session, t.Replaces = j.begins, j.replaces
		return a.store.Take(ctx, t)
	})
	return user, err
}

func (a *Accounts) joinByName(ctx context.Context, r JoinRequest, j joining, current Session) (User, error) {
	name, err := CheckName(r.Name)
	if err != nil {
		return User{}, err
	}
	user := User{Kind: KindPerson}
	if current.ID != "" && (current.User.Kind != KindAccount || isNamed(current.User, name)) {
		user = current.User
		j.continues(current, user)
	}
	err = a.take(ctx, name, user.ID, func(h *Holder) error {
		t := a.taking(user, name, h)
		if user.Kind == KindAccount {
			t.User.Name = user.Name // which is not for the form to change, not even its capitals
		}
		t.Session, t.Replaces = j.begins, j.replaces
		if err := a.store.Take(ctx, t); err != nil {
			return err
		}
		user = t.User
		return nil
	})
	return user, err
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
