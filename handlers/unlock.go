package handlers

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
)

// passwordView is the page that asks for a room's password, the same with and without scripts.
type passwordView struct {
	*page
	Room  roomLink
	Error string
	Plain bool   // it leads to the page without a script
	Token string // of the form
}

// askPassword shows the form for a room's password to whoever has yet to give it. Of all other rooms that somebody may not see, it says
// what was to be said of them.
func (s *site) askPassword(c *fiber.Ctx, who identity, room chat.RoomName, plain bool, hidden error) error {
	var known *problem
	if !errors.As(hidden, &known) || known != errNoRoom {
		return hidden
	}
	err := formProblem(s.hub.Unlock(c.UserContext(), who.user.ID, room, ""))
	switch {
	case !errors.As(err, &known):
		return err
	case known.Code == "not_found":
		return hidden
	case wantsJSON(c), known.Code != string(chat.CodeLocked): // who was removed is told so
		return known
	}
	return s.passwordPage(c, room, plain, nil)
}

func (s *site) passwordPage(c *fiber.Ctx, room chat.RoomName, plain bool, wrong *problem) error {
	p := s.page(c, room.Title()+" · "+s.name)
	view := passwordView{page: p, Room: roomLinkOf(chat.RoomInfo{Name: room}, ""), Plain: plain, Token: s.formToken(c)}
	if wrong != nil {
		view.Error = p.refusal(wrong)
		c.Status(wrong.status)
		retryAfter(c, wrong)
	}
	c.Set(fiber.HeaderCacheControl, "no-store") // who comes back to it by Back may be in
	return s.render(c, "password", view)
}

// unlock answers POST /rooms/ROOM/password: the room is open to whoever gives its password.
func (s *site) unlock(c *fiber.Ctx) error {
	room, who, plain := chat.RoomName(c.Params("room")), me(c), c.FormValue("from") == "plain"
	err := s.mayRead(c, who, room)
	var wrong *problem
	if errors.As(err, &wrong) {
		err = formProblem(s.hub.Unlock(c.UserContext(), who.user.ID, room, c.FormValue("password")))
	}
	switch {
	case err == nil && wantsJSON(c):
		return c.JSON(fiber.Map{"room": room})
	case err == nil && plain:
		return c.Redirect(plainPath(room), http.StatusSeeOther)
	case err == nil:
		return c.Redirect(roomPath(room), http.StatusSeeOther)
	case wantsJSON(c) || !errors.As(err, &wrong) || wrong.Code == "not_found":
		return err
	default:
		return s.passwordPage(c, room, plain, wrong)
	}
}
