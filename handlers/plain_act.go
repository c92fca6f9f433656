package handlers

import (
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
)

// atHand are the reactions that need no picker. static/js/ui/reactions.js has the same.
var atHand = [...]string{"👍", "❤️", "😂", "🎉", "😮", "😢"}

// plainAct is a message with what one can do with it.
type plainAct struct {
	plainRow
	CanDelete bool
	Source    string // as it was written, to be changed
	Emoji     []plainEmoji
}

// plainEmoji is a reaction that one can set, or take back.
type plainEmoji struct {
	Emoji string
	IsOn  bool // it is one's own
}

// plainAct shows a message of the room and what one can do with it.
func (s *site) plainAct(c *fiber.Ctx, view *plainView, seq int64) error {
	ctx, user := c.UserContext(), view.Me.User
	messages, _, err := s.hub.Older(ctx, user, view.Room.Name, seq+1)
	if err != nil {
		return err
	}
	if len(messages) == 0 || messages[len(messages)-1].Seq != seq {
		return newProblem("not_found", "There is no such message.")
	}
	message := messages[len(messages)-1]
	view.show([]chat.Event{message}, false, nil)
	act := &plainAct{plainRow: view.Messages[0], Source: message.Text}
	act.Acts = "" // here it is
	switch {
	case view.Archived:
		act.CanDelete = view.Deletes
	case act.Mine:
		act.CanDelete = true
	default:
		if act.CanDelete, err = s.hub.KeepsOrderIn(ctx, user, view.Room.Name); err != nil {
			return err
		}
	}
	for _, emoji := range atHand {
		act.Emoji = append(act.Emoji, plainEmoji{Emoji: emoji})
	}
	for _, r := range message.Reactions {
		at := slices.IndexFunc(act.Emoji, func(e plainEmoji) bool { return e.Emoji == r.Emoji })
		if at < 0 {
			at, act.Emoji = len(act.Emoji), append(act.Emoji, plainEmoji{Emoji: r.Emoji})
		}
		act.Emoji[at].IsOn = slices.Contains(r.Users, user)
	}
	view.Act = act
	return nil
}

// actPath is where a message is shown with what one can do with it.
func actPath(room chat.RoomName, seq int64) string { return plainPath(room) + "?of=" + sizeOf(seq) }

// changeMessage answers POST /rooms/ROOM/messages/OF: a form that edits a message, deletes it, or sets or takes back a reaction.
func (s *site) changeMessage(c *fiber.Ctx) error {
	room, who := chat.RoomName(c.Params("room")), me(c)
	of, err := seqOf("the end of the address", c.Params("of"))
	if err != nil {
		return err
	}
	cmd := &chat.Command{Room: room, Of: of}
	next, asked := actPath(room, of), &plainAsked{of: of}
	switch c.FormValue("do") {
	case "edit":
		cmd.Kind, cmd.Text, asked.text, asked.isEditing = chat.CmdEdit, c.FormValue("text"), c.FormValue("text"), true
	case "delete":
		cmd.Kind, next = chat.CmdDelete, plainPath(room)
	case "react":
		cmd.Kind, cmd.Emoji, cmd.On = chat.CmdReact, c.FormValue("on"), true
		if off := c.FormValue("off"); off != "" {
			cmd.Emoji, cmd.On = off, false
		}
	default:
		return newProblem("bad_request", "Say what to do with the message: edit, delete or react.")
	}
	cmd.ID = formMessageID(c.FormValue("id"), c.FormValue("do")+cmd.Emoji+cmd.Text)
	here, err := s.comeBy(c, who, room)
	if err != nil {
		return s.plainRefused(c, asked, err)
	}
	answer, err := here.do(c.UserContext(), cmd)
	switch {
	case err != nil:
		return s.plainRefused(c, asked, formProblem(err))
	case wantsJSON(c):
		return c.JSON(fiber.Map{"room": room, "of": of, "id": cmd.ID, "seq": answer.Seq})
	}
	return c.Redirect(next, http.StatusSeeOther)
}
