package handlers

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
)

// join answers POST /join: a name, where keys are required a key, and a session in return.
func (s *site) join(c *fiber.Ctx) error {
	name, key, room := c.FormValue("name"), c.FormValue("key"), roomAsked(c.FormValue("room"))
	joined, err := s.signIn(c, name, key)
	if err != nil {
		return s.joinRefused(c, name, room, err)
	}
	for _, session := range joined.Ended {
		s.hub.EndSession(session)
	}
	s.setSession(c, joined.Token)
	return s.welcome(c, chatUser(joined.User), room)
}

// welcome leads somebody who has just signed in to a room.
func (s *site) welcome(c *fiber.Ctx, user chat.User, room chat.RoomName) error {
	if wantsJSON(c) {
		return c.JSON(fiber.Map{"user": user.ID, "name": user.Name, "room": room})
	}
	if c.FormValue("plain") != "" { // the form came from a browser without scripts
		return c.Redirect(plainPath(room), http.StatusSeeOther)
	}
	return c.Redirect(roomPath(room), http.StatusSeeOther)
}

// joinRefused shows the form again with what is wrong beside the field.
func (s *site) joinRefused(c *fiber.Ctx, name string, room chat.RoomName, err error) error {
	var p *problem
	if wantsJSON(c) || !errors.As(err, &p) {
		return err
	}
	view := s.joinView(c, room)
	view.Name, view.Error = name, &fieldError{Message: view.refusal(p), Suggestion: p.Suggestion}
	switch p.Code {
	case "bad_name", "name_taken":
		view.Error.Field = "name"
	case "wrong_key":
		view.Error.Field, view.TakesKey = "key", !view.NeedsKey
	}
	c.Status(p.status)
	return s.render(c, "join", view)
}

// leave answers POST /leave: the session ends, and with it its connections.
func (s *site) leave(c *fiber.Ctx) error {
	who, err := s.signedIn(c)
	switch {
	case err == nil:
		if err := s.signOut(c, who.session); err != nil {
			return err
		}
	case !errors.Is(err, errNoSession):
		return err
	}
	s.clearSession(c)
	if wantsJSON(c) {
		return c.SendStatus(http.StatusNoContent)
	}
	return c.Redirect("/", http.StatusSeeOther)
}
