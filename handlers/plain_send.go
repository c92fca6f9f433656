package handlers

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
)

// postMessage answers POST /rooms/ROOM/messages: a form with a message, or with a command. It is sent the way that every message goes.
// A program says what it means: what it sends is a message, whatever it begins with.
func (s *site) postMessage(c *fiber.Ctx) error {
	room, who, text := chat.RoomName(c.Params("room")), me(c), c.FormValue("text")
	form := &typedForm{site: s, c: c, who: who, room: room, id: formMessageID(c.FormValue("id"), text)}
	var err error
	if form.replyTo, err = seqOf("reply_to", c.FormValue("reply_to")); err != nil {
		return err
	}
	asked := &plainAsked{isWriting: true, text: text, of: form.replyTo}
	if form.here, err = s.comeBy(c, who, room); err != nil {
		return s.plainRefused(c, asked, err)
	}
	if wantsJSON(c) {
		seq, err := form.send(room, text)
		if err != nil {
			return err
		}
		return c.JSON(fiber.Map{"room": room, "id": form.id, "seq": seq})
	}
	next, err := form.run(chat.ReadTyped(chat.SlashPage, text))
	switch {
	case err != nil:
		return s.plainRefused(c, asked, err)
	case next != "":
	case c.FormValue("from") == "plain":
		next = plainPath(room)
	default:
		next = roomPath(room)
	}
	return c.Redirect(next, http.StatusSeeOther)
}

// plainRefused shows the page again with why a form was refused, and with what was typed. Who may not see the room isn't shown it.
func (s *site) plainRefused(c *fiber.Ctx, asked *plainAsked, err error) error {
	if wantsJSON(c) || !errors.As(err, &asked.wrong) || asked.wrong == errNoRoom || asked.wrong == errRemoved || asked.wrong == errUnauthorized {
		return err
	}
	return s.plain(c, asked)
}

// comeBy is the visit of somebody who sends a form to a room that they may know of.
func (s *site) comeBy(c *fiber.Ctx, who identity, room chat.RoomName) (*visit, error) {
	if err := s.mayRead(c, who, room); err != nil {
		return nil, err
	}
	if s.visits.wasRemoved(who.session) {
		return nil, errRemoved
	}
	if refused := s.spend(s.address(c), chat.CostMessage); refused != nil {
		return nil, formProblem(refused)
	}
	here, err := s.visits.at(c.UserContext(), who, room)
	return here, formProblem(err)
}

// formProblem makes a refusal of the core into one of a page.
func formProblem(err error) error {
	var refused *chat.Error
	switch {
	case errors.Is(err, chat.ErrNotFound):
		return errNoRoom
	case !errors.As(err, &refused):
		return err
	}
	p := newProblem(string(refused.Code), refused.Message)
	p.Limit, p.RetryAfter = refused.Limit, refused.RetryAfter.Milliseconds()
	if refused.Code == chat.CodeForbidden { // by the room, not for the form
		p.word = "refused.not_yours"
	}
	if p.status == 0 {
		p.status = http.StatusUnprocessableEntity // too long, or empty
	}
	return p
}

// newFormID is the id of the message that a form will send.
func newFormID() string {
	var bits [16]byte
	rand.Read(bits[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(bits[:])
}

// formMessageID is the client id of a message that a form sent, "" where the form has none. The text is part of it: the same form sent
// twice is one message; another text in it, after the browser's Back, is another.
func formMessageID(form, text string) string {
	if form == "" || len(form) > 32 {
		return ""
	}
	hash := sha256.Sum256([]byte(text))
	return form + "." + base64.RawURLEncoding.EncodeToString(hash[:12])
}
