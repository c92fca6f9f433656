package handlers

import (
	"errors"
	"io"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
	"parley/internal/upload"
)

// postFile answers POST /rooms/ROOM/plain/files: a form with a file, which is sent when it is whole. What is typed beside it is said
// with it; a command can't be.
func (s *site) postFile(c *fiber.Ctx) error {
	room, who, form := chat.RoomName(c.Params("room")), me(c), c.Locals(parcelKey).(*parcel)
	asked := &plainAsked{isWriting: true, caption: form.fields["text"]}
	_, err := s.comeBy(c, who, room)
	if err == nil {
		err = formProblem(s.hub.MayWrite(c.UserContext(), who.user.ID, room))
	}
	if err != nil {
		return s.plainRefused(c, asked, err)
	}
	caption, err := s.captionOf(c, asked.caption)
	if err != nil {
		return s.plainRefused(c, asked, err)
	}
	name := form.file.FileName()
	if name == "" {
		return s.plainRefused(c, asked, errFieldsOnly)
	}
	f, err := s.uploads.Take(c.UserContext(), upload.Taking{
		User: string(who.user.ID), Name: name, Size: form.size, Around: bodyMost, Body: form.file,
	})
	if err != nil {
		return s.plainRefused(c, asked, uploadRefused(err))
	}
	cmd := &chat.Command{
		Kind: chat.CmdSend, Room: room, Text: caption, Files: []string{f.ID}, ID: formMessageID(form.fields["id"], name+"\n"+caption),
	}
	answer, err := s.sendLate(c, who, cmd)
	// What was not sent is not kept: the form was refused, or it came twice and the file of the first is there.
	if gone := s.uploads.Cancel(c.UserContext(), string(who.user.ID), f.ID); gone != nil && !errors.Is(gone, upload.ErrNotFound) {
		s.log.Error("a file that was not sent stays until it is too old", "file", f.ID, "error", gone)
	}
	switch {
	case err != nil:
		return s.plainRefused(c, asked, err)
	case wantsJSON(c):
		return c.JSON(fiber.Map{"room": room, "id": cmd.ID, "seq": answer.Seq})
	}
	if err := endParcel(c); err != nil {
		return err
	}
	return c.Redirect(plainPath(room), http.StatusSeeOther)
}

// captionOf is what is said with a file of what was typed beside it. A program says what it means: see [site.postMessage].
func (s *site) captionOf(c *fiber.Ctx, line string) (string, error) {
	if wantsJSON(c) {
		return line, nil
	}
	typed := chat.ReadTyped(chat.SlashPage, line)
	if !typed.IsCommand {
		return typed.Text, nil
	}
	if typed.Slash == nil {
		return "", (&typedForm{site: s, c: c}).unknown(typed.Name)
	}
	return "", badCommand(s.page(c, "").Say("plain.file.command", "name", typed.Name))
}

// sendLate sends what took a while to come: who sends it may have left meanwhile, or been put out.
func (s *site) sendLate(c *fiber.Ctx, who identity, cmd *chat.Command) (formAnswer, error) {
	if _, err := s.signedIn(c); errors.Is(err, errNoSession) {
		return formAnswer{}, errUnauthorized
	} else if err != nil {
		return formAnswer{}, err
	}
	if s.visits.wasRemoved(who.session) {
		return formAnswer{}, errRemoved
	}
	here, err := s.visits.at(c.UserContext(), who, cmd.Room)
	if err != nil {
		return formAnswer{}, formProblem(err)
	}
	answer, err := here.do(c.UserContext(), cmd)
	return answer, formProblem(err)
}

// endParcel reads the end of a form, so that its connection can be used on. Where more comes than an end has, it isn't.
func endParcel(c *fiber.Ctx) error {
	stream := c.Context().RequestBodyStream()
	if n, err := io.CopyN(io.Discard, stream, parcelEnd); n == parcelEnd || !errors.Is(err, io.EOF) {
		return nil //nolint:nilerr // whoever answers sees that there is more
	}
	return c.Request().CloseBodyStream()
}

const parcelEnd = 4 << 10
