package handlers

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
)

// The chat page for whoever has no script: an old e-reader, a text browser, a browser that was told so. It is one document without
// anything that only a script would show, newest message first, and comes anew by itself while one reads. Where one writes it stays
// as it is, so that nothing that was typed is lost. What is typed goes to plain_send.go.

// plainPage answers GET /rooms/ROOM/plain. What of it is shown is said by the parameters, which docs/protocol.md lists.
func (s *site) plainPage(c *fiber.Ctx) error {
	if name := c.Query("join"); name != "" {
		room, err := roomTyped(s.page(c, ""), name)
		if err != nil {
			return s.plain(c, &plainAsked{wrong: err})
		}
		return c.Redirect(plainPath(room), http.StatusSeeOther)
	}
	query := c.Context().QueryArgs()
	asked := &plainAsked{
		isWriting: query.Has("write"), isHelp: query.Has("help"), isIgnored: query.Has("ignored"), isInvite: query.Has("invite"),
		whois: c.Query("whois"), isInvited: query.Has("invited"),
	}
	if query.Has("search") {
		asked.search = &searchAsked{words: c.Query("search"), everywhere: c.Query("where") == "all", place: c.Query("place")}
	}
	for name, seq := range map[string]*int64{"before": &asked.before, "after": &asked.after, "of": &asked.of} {
		var err error
		if *seq, err = seqOf(name, c.Query(name)); err != nil {
			return err
		}
	}
	return s.plain(c, asked)
}

// plainPath is the address of a room's page without a script.
func plainPath(room chat.RoomName) string { return roomPath(room) + "/plain" }

// whoisPath is where that page says who somebody is.
func whoisPath(room chat.RoomName, name string) string {
	return plainPath(room) + "?whois=" + url.QueryEscape(name)
}

// seqOf reads the seq of a message, 0 for none.
func seqOf(name, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seq <= 0 {
		return 0, newProblem("bad_request", name+" is the seq of a message.")
	}
	return seq, nil
}

// plainAsked is what is to be shown.
type plainAsked struct {
	before    int64 // messages older than this; 0 for the newest
	after     int64 // the newest, but none up to this: the rest was cleared away
	of        int64 // the message with which something is to be done; 0 for none
	isWriting bool
	search    *searchAsked
	// What is answered to commands: see [site.plainAnswer].
	isHelp, isIgnored, isInvite bool
	whois                       string // of whom; isInvited: who was just invited
	isInvited                   bool

	text      string // that stands in the form: that of a new message, or isEditing
	isEditing bool
	caption   string   // of a file
	wrong     *problem // why it was not sent
}

// isLive reports whether the page shows what is being said, and comes anew.
func (a *plainAsked) isLive() bool {
	return a.before == 0 && a.of == 0 && !a.isWriting && a.search == nil && !a.isHelp && !a.isIgnored && !a.isInvite && a.whois == "" && a.wrong == nil
}

func (s *site) plain(c *fiber.Ctx, asked *plainAsked) error {
	room, who, ctx := chat.RoomName(c.Params("room")), me(c), c.UserContext()
	if s.visits.wasRemoved(who.session) {
		return errRemoved
	}
	if err := s.mayRead(c, who, room); err != nil {
		return s.askPassword(c, who, room, true, err)
	}
	if room.IsDirect() { // a visit would make one with whoever there isn't
		if _, err := s.peerOf(c, room, who.user); err != nil {
			return err
		}
	}
	here, err := s.visits.at(ctx, who, room)
	if err != nil {
		return formProblem(err)
	}
	view, err := s.plainFrame(c, who, room)
	if err != nil {
		return err
	}
	view.After = asked.after
	// What was typed and came too late is shown in its form: nothing of it is lost.
	view.CanWrite = !view.Archived || asked.wrong != nil && (asked.isWriting || asked.of != 0)
	asked.isWriting = asked.isWriting && view.CanWrite
	if view.Answer, err = s.plainAnswer(c, view, here, asked); err == nil && asked.search != nil {
		view.Found, err = s.plainSearch(c, view, here, asked.search)
	}
	if err != nil && !errors.As(err, &asked.wrong) {
		return err
	}
	switch {
	case asked.of != 0:
		err = s.plainAct(c, view, asked.of)
	case view.Found == nil:
		err = s.plainMessages(c, here, view, asked)
	default:
		err = nil // it is in asked.wrong
	}
	if err != nil {
		return err
	}
	view.fillForms(asked)
	if asked.isLive() {
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

// plainFrame is the page around what is asked for: the room, the other rooms, and who is here.
func (s *site) plainFrame(c *fiber.Ctx, who identity, room chat.RoomName) (*plainView, error) {
	around, err := s.around(c, who, room)
	if err != nil {
		return nil, err
	}
	view := &plainView{
		page: s.page(c, around.Room.Title+" · "+s.name), around: around, Token: s.formToken(c), FormID: newFormID(), CanLeave: canLeave(room),
	}
	view.FileRules = s.fileRules(view.page)
	if view.Archived {
		if view.Deletes, err = s.hub.IsModerator(c.UserContext(), who.user.ID); err != nil {
			return nil, err
		}
	}
	for _, face := range around.People {
		view.People = append(view.People, plainPerson{face, plainPath(chat.Direct(who.user.ID, face.User))})
	}
	return view, nil
}

// plainMessages puts the messages into the page.
func (s *site) plainMessages(c *fiber.Ctx, here *visit, view *plainView, asked *plainAsked) error {
	ctx, user, room := c.UserContext(), view.Me.User, view.Room.Name
	var messages []chat.Event
	var last int64
	var more bool
	var err error
	if view.IsNewest = asked.before == 0; view.IsNewest {
		messages, last, more, err = s.hub.Latest(ctx, user, room)
	} else {
		messages, more, err = s.hub.Older(ctx, user, room, asked.before)
	}
	if err != nil {
		return err
	}
	if view.IsNewest {
		s.readTo(c, here, room, last)
	}
	ignored, err := s.hub.Ignored(ctx, user)
	if err != nil {
		return err
	}
	view.show(messages, more, ignored)
	return nil
}

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
