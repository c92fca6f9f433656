package handlers

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
)

// The chat page for whoever has no script: an old e-reader, a text browser, a browser that was told so. It is one document without
// anything that only a script would show, newest message first, and comes anew by itself while one reads. Where one writes it stays
// as it is, so that nothing that was typed is lost.

// plainPage answers GET /rooms/ROOM/plain. With before=SEQ it shows older messages; with write, the form.
func (s *site) plainPage(c *fiber.Ctx) error {
	before, err := seqAsked(c)
	if err != nil {
		return err
	}
	isWriting := c.Context().QueryArgs().Has("write")
	return s.plain(c, plainAsked{before: before, isWriting: isWriting})
}

// seqAsked is the message before which older ones are wanted, 0 for the newest.
func seqAsked(c *fiber.Ctx) (int64, error) {
	text := c.Query("before")
	if text == "" {
		return 0, nil
	}
	before, err := strconv.ParseInt(text, 10, 64)
	if err != nil || before <= 0 {
		return 0, newProblem("bad_request", "before is the seq of a message.")
	}
	return before, nil
}

// plainAsked is what is to be shown.
type plainAsked struct {
	before    int64
	isWriting bool
	text      string   // that stands in the form
	wrong     *problem // why it was not sent
}

func (s *site) plain(c *fiber.Ctx, asked plainAsked) error {
	room, who, ctx := chat.RoomName(c.Params("room")), me(c), c.UserContext()
	if s.visits.wasRemoved(who.session) {
		return errRemoved
	}
	if err := s.mayRead(c, who, room); err != nil {
		return s.askPassword(c, who, room, err)
	}
	link, _, _, err := s.roomAndPeople(c, room, who.user) // whether there is such a private room
	if err != nil {
		return err
	}
	here, err := s.visits.at(ctx, who, room)
	if err != nil {
		return formProblem(err)
	}
	view := plainView{
		Me: faceOf(who.user, who.user.ID), Token: s.formToken(c), FormID: newFormID(), Writing: asked.isWriting, Text: asked.text,
		IsNewest: asked.before == 0,
	}
	var messages []chat.Event
	var last int64
	var more bool
	if view.IsNewest {
		messages, last, more, err = s.hub.Latest(ctx, who.user.ID, room)
	} else {
		messages, more, err = s.hub.Older(ctx, who.user.ID, room, asked.before)
	}
	if err != nil {
		return err
	}
	if view.IsNewest {
		s.readTo(c, here, room, last)
	}
	rooms, err := s.hub.Rooms(ctx, who.user.ID)
	if err != nil {
		return err
	}
	var people []face
	if link, people, view.HereCount, err = s.roomAndPeople(c, room, who.user); err != nil {
		return err
	}
	s.setSession(c, c.Cookies(cookieName)) // whoever comes by keeps it for as long again
	view.page, view.Room, view.Rooms = s.page(c, link.Title+" · "+s.name), link, roomLinks(rooms, link)
	for _, face := range people {
		view.People = append(view.People, plainPerson{face, roomPath(chat.Direct(who.user.ID, face.User))})
	}
	view.Room.Topic = topicOf(rooms, room)
	ignored, err := s.hub.Ignored(ctx, who.user.ID)
	if err != nil {
		return err
	}
	view.show(messages, more, ignored)
	if view.IsNewest && !view.Writing {
		view.Refresh = int(math.Ceil(s.config.Presence.Refresh.Seconds()))
	}
	if asked.wrong != nil {
		view.Error = view.refusal(asked.wrong)
		c.Status(asked.wrong.status)
		retryAfter(c, asked.wrong)
	}
	return s.render(c, "plain", view)
}

var errRemoved = newProblem("removed", "A moderator has removed you from the chat. You can come back.")

// readTo notes how far somebody has read. The page is shown also where that fails.
func (s *site) readTo(c *fiber.Ctx, here *visit, room chat.RoomName, last int64) {
	if last == 0 {
		return
	}
	_, err := here.do(c.UserContext(), &chat.Command{Kind: chat.CmdRead, Room: room, Seq: last})
	var refused *chat.Error
	if err != nil && !errors.As(err, &refused) {
		s.log.Error("how far somebody has read was not noted", "room", room, "error", err)
	}
}

// plainView is the page without a script.
type plainView struct {
	*page
	Me        face
	Room      roomLink
	HereCount int
	Messages  []plainRow // newest first
	Before    int64      // where older messages begin, 0 where there are none
	IsNewest  bool       // these are the room's newest messages
	Refresh   int        // seconds after which the page comes anew, 0 for never
	Writing   bool
	Text      string // in the form
	Error     string
	Rooms     []roomLink
	People    []plainPerson
	Token     string // of the forms
	FormID    string // of the message that the form sends
	Zone      string // in which times are told
}

// plainRow is a message, with its day where that is another than of the newer one above.
type plainRow struct {
	row
	NewDay  string
	Answers *plainQuote
}

// plainQuote is what a message answers, with the seq before which the page of older messages begins with it.
type plainQuote struct {
	*quoteView
	Next int64
}

// plainPerson is somebody who is here, with the address of the private room with them.
type plainPerson struct {
	face
	Href string
}

// show turns messages round. Times are the server's: the reader's clock is not known, and on one's own network it is the same.
func (v *plainView) show(messages []chat.Event, more bool, ignored []chat.User) {
	for i := range messages {
		messages[i].Time = messages[i].Time.Local()
	}
	v.Zone, _ = time.Now().Zone()
	if more && len(messages) > 0 {
		v.Before = messages[0].Seq
	}
	day := ""
	for _, r := range slices.Backward(rows(v.page, messages, v.Me.User)) {
		one := plainRow{row: r}
		if r.Quote != nil {
			one.Answers = &plainQuote{r.Quote, r.ReplyTo + 1}
		}
		one.hide(ignored)
		if r.Day != day {
			one.NewDay, day = r.Day, r.Day
		}
		v.Messages = append(v.Messages, one)
	}
}

// postMessage answers POST /rooms/ROOM/messages: a form with a message. It is sent the way that every message goes.
func (s *site) postMessage(c *fiber.Ctx) error {
	room, who, text := chat.RoomName(c.Params("room")), me(c), c.FormValue("text")
	id := formMessageID(c.FormValue("id"), text)
	said, err := text, error(nil)
	if !wantsJSON(c) { // a program says what it means
		said, err = typed(text)
	}
	var seq int64
	if err == nil {
		seq, err = s.sendForm(c, who, room, &chat.Command{Kind: chat.CmdSend, ID: id, Room: room, Text: said})
	}
	var wrong *problem
	switch {
	case err == nil && wantsJSON(c):
		return c.JSON(fiber.Map{"room": room, "id": id, "seq": seq})
	case err == nil && c.FormValue("from") == "plain":
		return c.Redirect(roomPath(room)+"/plain", http.StatusSeeOther)
	case err == nil:
		return c.Redirect(roomPath(room), http.StatusSeeOther)
	case wantsJSON(c) || !errors.As(err, &wrong) || wrong.Code == "not_found" || wrong == errRemoved:
		return err
	default:
		return s.plain(c, plainAsked{isWriting: true, text: text, wrong: wrong})
	}
}

// typed is what somebody says who typed a text into a form. Of the commands, only those are understood that say something.
func typed(text string) (string, error) {
	command, isOne := strings.CutPrefix(text, "/")
	if !isOne || strings.HasPrefix(command, "/") {
		return strings.TrimPrefix(text, "/"), nil
	}
	name, rest, _ := strings.Cut(command, " ")
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "me":
		return text, nil
	case "shrug":
		return strings.TrimSpace(rest + " " + chat.Shrug), nil
	default:
		p := newProblem("unknown_command", "Of the commands, this page knows only /me and /shrug. To send this as it is, begin with //.")
		p.status = http.StatusUnprocessableEntity
		return "", p
	}
}

func (s *site) sendForm(c *fiber.Ctx, who identity, room chat.RoomName, cmd *chat.Command) (int64, error) {
	if err := s.mayRead(c, who, room); err != nil {
		return 0, err
	}
	if s.visits.wasRemoved(who.session) {
		return 0, errRemoved
	}
	if refused := s.spend(s.address(c), chat.CostMessage); refused != nil {
		return 0, formProblem(refused)
	}
	here, err := s.visits.at(c.UserContext(), who, room)
	if err != nil {
		return 0, formProblem(err)
	}
	seq, err := here.do(c.UserContext(), cmd)
	return seq, formProblem(err)
}

// formProblem makes a refusal of the core into one of a page.
func formProblem(err error) error {
	var refused *chat.Error
	switch {
	case errors.Is(err, chat.ErrNotFound):
		return newProblem("not_found", "There is no such room.")
	case !errors.As(err, &refused):
		return err
	}
	p := newProblem(string(refused.Code), refused.Message)
	p.Limit, p.RetryAfter = refused.Limit, refused.RetryAfter.Milliseconds()
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
