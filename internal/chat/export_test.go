package chat_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"parley/internal/chat"
)

func TestExportIsReadPageByPageUpToWhereItBegan(t *testing.T) {
	h := newHub(t)
	m, in := enter(t, h, ada)
	const said = 230
	for i := range said {
		do(t, m, chat.Command{Kind: chat.CmdSend, Text: fmt.Sprint("message ", i+1)})
	}
	do(t, m, chat.Command{Kind: chat.CmdReact, Of: 1, Emoji: "👍", On: true})
	do(t, m, chat.Command{Kind: chat.CmdSend, Text: "an answer", ReplyTo: 7})
	in.read(t, isText("an answer"))
	x, err := h.Export(t.Context(), bob.ID, chat.Lobby)
	if err != nil || x.Empty() {
		t.Fatal(err)
	}
	do(t, m, chat.Command{Kind: chat.CmdSend, Text: "too late"})
	do(t, m, chat.Command{Kind: chat.CmdDelete, Of: 229})
	in.read(t, isText("too late"))
	n := 0
	for {
		page, err := x.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		if len(page) > chat.HistoryPage {
			t.Errorf("%d messages at once", len(page))
		}
		for i := range page {
			n++
			if want := fmt.Sprint("message ", n); n <= said && n != 229 && page[i].Text != want {
				t.Errorf("message %d is %q", n, page[i].Text)
			}
		}
		if last := page[len(page)-1]; last.ReplyTo != 0 && (last.Quote == nil || last.Quote.Text != "message 7") {
			t.Errorf("the answer answers %+v", last.Quote)
		}
	}
	if n != said+1 {
		t.Errorf("%d messages; want %d", n, said+1)
	}
	if page, err := x.Next(t.Context()); len(page) != 0 || err != nil {
		t.Errorf("behind its end are %v, %v", page, err)
	}
}

func TestExportHasTopicsAndPinsAndTheNamesOfThoseWhoReacted(t *testing.T) {
	h, _ := acquainted(t, chat.Limits{})
	m, in := enter(t, h, ada)
	b, _ := enter(t, h, bob)
	do(t, m, chat.Command{Kind: chat.CmdSend, Text: "the plan"})
	in.read(t, isText("the plan"))
	do(t, b, chat.Command{Kind: chat.CmdReact, Of: 1, Emoji: "👍", On: true})
	do(t, b, chat.Command{Kind: chat.CmdPin, Of: 1, On: true})
	do(t, m, chat.Command{Kind: chat.CmdTopic, Text: "Lunch"})
	do(t, m, chat.Command{Kind: chat.CmdEdit, Of: 1, Text: "the new plan"})
	do(t, m, chat.Command{Kind: chat.CmdSend, Text: "the end"})
	in.read(t, isText("the end"))
	x, err := h.Export(t.Context(), bob.ID, chat.Lobby)
	if err != nil {
		t.Fatal(err)
	}
	page, err := x.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var kinds []chat.Kind
	for i := range page {
		kinds = append(kinds, page[i].Kind)
	}
	if want := []chat.Kind{chat.KindMessage, chat.KindPin, chat.KindTopic, chat.KindMessage}; !slices.Equal(kinds, want) || page[0].Edited == 0 {
		t.Errorf("it has %v; the first %+v", kinds, page[0])
	}
	if names := x.Names(); len(names) != 1 || names[bob.ID] != bob.Name {
		t.Errorf("who reacted: %v", names)
	}
}

func TestExportOfARoomByInvitationIsForThoseWhoAreInAndEndsWhereOneMayNotAnyMore(t *testing.T) {
	h, s := acquainted(t, chat.Limits{})
	m, in := enter(t, h, ada)
	room := made(t, m, in, chat.EntryInvitation)
	for i := range 2*chat.HistoryPage + 1 {
		do(t, m, chat.Command{Kind: chat.CmdSend, Room: room, Text: fmt.Sprint("secret ", i)})
	}
	in.read(t, isText(fmt.Sprint("secret ", 2*chat.HistoryPage)))
	if _, err := h.Export(t.Context(), bob.ID, room); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("who is not invited is told %v", err)
	}
	do(t, m, chat.Command{Kind: chat.CmdInvite, Room: room, Name: "Bob"})
	in.read(t, isReply(chat.ReplyInvited))
	x, err := h.Export(t.Context(), bob.ID, room)
	if err != nil {
		t.Fatal(err)
	}
	if page, err := x.Next(t.Context()); err != nil || len(page) == 0 {
		t.Fatal(page, err)
	}
	if err := s.SetRole(t.Context(), room, bob.ID, chat.RoleNone); err != nil {
		t.Fatal(err)
	}
	if page, err := x.Next(t.Context()); !errors.Is(err, chat.ErrNotFound) || len(page) != 0 {
		t.Errorf("who is in no more gets %d messages, %v", len(page), err)
	}
}

func TestExportIsRefusedToWhoeverMayNotKnowTheRoom(t *testing.T) {
	h := newHub(t)
	room := chat.Direct(ada.ID, bob.ID)
	for user, want := range map[chat.UserID]error{ada.ID: nil, bob.ID: nil, eve.ID: chat.ErrNotFound} {
		if _, err := h.Export(t.Context(), user, room); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", user, err, want)
		}
	}
	if _, err := h.Export(t.Context(), ada.ID, "NO SUCH"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("a name that no room can have: %v", err)
	}
}
