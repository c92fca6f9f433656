package handlers

import (
	"context"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/internal/account"
	"parley/internal/chat"
	"parley/internal/config"
)

const cookieName = "parley_session"

var (
	errNoSession    = errors.New("no session")
	errUnauthorized = newProblem("unauthorized", "Say who you are: with the session cookie, a Key header, or in open access ?name=NAME.")
)

// signedIn is who the session cookie says, or errNoSession.
func (s *site) signedIn(c *fiber.Ctx) (identity, error) {
	token := c.Cookies(cookieName)
	if token == "" {
		return identity{}, errNoSession
	}
	session, err := s.accounts.BySession(c.UserContext(), token)
	if errors.Is(err, account.ErrNotFound) {
		return identity{}, errNoSession
	}
	if err != nil {
		return identity{}, err
	}
	return identity{
		user: chatUser(session.User), session: session.ID, known: true, hasKey: session.User.Kind == account.KindAccount,
	}, nil
}

// identify is who a connection is: its session, its key, the name that it says, or a guest.
func (s *site) identify(c *fiber.Ctx) (identity, error) {
	who, err := s.signedIn(c)
	if !errors.Is(err, errNoSession) {
		return who, err
	}
	ctx := c.UserContext()
	if key := keyOf(c); key != "" {
		return s.byKey(c, key)
	}
	// A cookie that means nothing any more is a session that ended: its page has to hear of that, not become somebody else.
	if s.config.Access == config.AccessKeys || c.Cookies(cookieName) != "" && c.Query("name") == "" {
		return identity{}, errUnauthorized
	}
	if name := c.Query("name"); name != "" {
		user, err := s.accounts.Claim(ctx, name)
		return identity{user: chatUser(user), known: true}, nameTried(c, err)
	}
	user, err := s.accounts.Guest(ctx)
	return identity{user: chatUser(user)}, err
}

// byKey is who has a key.
func (s *site) byKey(c *fiber.Ctx, key string) (identity, error) {
	user, err := s.accounts.ByKey(c.UserContext(), key)
	if errors.Is(err, account.ErrNotFound) {
		failed(c)
		return identity{}, newProblem("unauthorized", "This key belongs to no account.")
	}
	return identity{user: chatUser(user), session: account.KeyMark(key), known: true, byKey: true}, nameTried(c, err)
}

func chatUser(u account.User) chat.User { return chat.User{ID: chat.UserID(u.ID), Name: u.Name} }

// signIn begins a session, for a name or a key.
func (s *site) signIn(c *fiber.Ctx, name, key string) (account.Joined, error) {
	joined, err := s.accounts.Join(c.UserContext(), account.JoinRequest{
		Name: name, Key: key, Agent: c.Get(fiber.HeaderUserAgent), Current: c.Cookies(cookieName),
	})
	if err != nil {
		return account.Joined{}, nameTried(c, err)
	}
	return joined, nil
}

// signOut ends a session and its connections.
func (s *site) signOut(c *fiber.Ctx, session string) error {
	if err := s.accounts.Leave(c.UserContext(), c.Cookies(cookieName)); err != nil {
		return err
	}
	s.hub.EndSession(session)
	return nil
}

func (s *site) setSession(c *fiber.Ctx, token string) {
	c.Cookie(s.cookie(c, token, s.config.Names.Hold))
}

func (s *site) clearSession(c *fiber.Ctx) {
	c.Cookie(s.cookie(c, "", -time.Hour))
}

func (s *site) cookie(c *fiber.Ctx, token string, age time.Duration) *fiber.Cookie {
	return &fiber.Cookie{
		Name: cookieName, Value: token, Path: "/", MaxAge: int(age.Seconds()), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: s.scheme(c) == "https",
	}
}

// names gives out names to connections; what is wrong with one is told in the chat's words.
type names struct{ accounts *account.Accounts }

// Claim implements session.Names.
func (n names) Claim(ctx context.Context, name string) (chat.User, error) {
	user, err := n.accounts.Claim(ctx, name)
	return chatUser(user), nameError(err)
}

// Arrived implements session.Names.
func (n names) Arrived(user chat.UserID) { n.accounts.Arrived(string(user)) }

// Rename implements session.Names.
func (n names) Rename(ctx context.Context, id chat.UserID, name string) (chat.User, error) {
	user, err := n.accounts.Rename(ctx, string(id), name)
	return chatUser(user), nameError(err)
}

// nameTried is what a form or a handshake says of a refused name or key, which counts as a failed try.
func nameTried(c *fiber.Ctx, err error) error {
	var refused *account.Error
	if !errors.As(err, &refused) {
		return err
	}
	failed(c)
	p := newProblem(string(refused.Code), refused.Message)
	p.Suggestion = refused.Suggestion
	return p
}

// nameError is what a connection says of it.
func nameError(err error) error {
	var refused *account.Error
	switch {
	case !errors.As(err, &refused):
		return err
	case refused.Code == account.CodeBadName:
		return chat.Errorf(chat.CodeBadRequest, "%s", refused.Message)
	case refused.Suggestion != "":
		return chat.Errorf(chat.CodeForbidden, "%s %s is free.", refused.Message, refused.Suggestion)
	default:
		return chat.Errorf(chat.CodeForbidden, "%s", refused.Message)
	}
}
