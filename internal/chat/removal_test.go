package chat_test

import (
	"errors"
	"slices"
	"testing"

	"parley/internal/chat"
)

func TestWhoIsRemovedFromARoomIsOutAtOnceAndStaysOut(t *testing.T) {
	for name, entry := range map[string]chat.Entry{"by invitation": chat.EntryInvitation, "with a password": chat.EntryPassword} {
		t.Run(name, func(t *testing.T) {
			h, _ := acquainted(t, chat.Limits{})
			a, inA := enter(t, h, ada)
			b, inB := enter(t, h, bob)
			_, inPhone := enter(t, h, bob) // of Bob's, and only in the lobby
			e, inE := enter(t, h, eve)
			room := made(t, a, inA, entry)
			remove := chat.Command{Kind: chat.CmdRemove, Room: room, Name: "bob"}
			refusedWith(t, a, remove, chat.CodeNotFound)
			for _, name := range []string{"Bob", "Eve"} {
				do(t, a, chat.Command{Kind: chat.CmdInvite, Room: room, Name: name})
			}
			join := chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1}
			do(t, b, join)
			inB.read(t, isReply(chat.ReplyJoined))
			do(t, e, join)
			inE.read(t, isReply(chat.ReplyJoined))
			do(t, a, chat.Command{Kind: chat.CmdSend, Room: room, Text: "treasure for @Bob"})
			inB.read(t, isText("treasure for @Bob"))

			refusedWith(t, e, remove, chat.CodeForbidden)
			refusedWith(t, a, chat.Command{Kind: chat.CmdRemove, Room: room, Name: "Ada"}, chat.CodeForbidden)
			refusedWith(t, a, chat.Command{Kind: chat.CmdRemove, Room: room, Name: "Nobody"}, chat.CodeNotFound)
			refusedWith(t, a, chat.Command{Kind: chat.CmdRemove, Room: chat.Lobby, Name: "Bob"}, chat.CodeForbidden)
			do(t, a, chat.Command{Kind: chat.CmdAbout, Room: room})
			want := []chat.Insider{{User: ada, Role: chat.RoleOwner}, {User: bob, Role: chat.RoleMember}, {User: eve, Role: chat.RoleMember}}
			if got := inA.read(t, isReply(chat.ReplyAbout)).Reply.Insiders; !slices.Equal(got, want) {
				t.Errorf("those who were let in are %+v", got)
			}
			do(t, a, remove)
			if r := inA.read(t, isReply(chat.ReplyRemoved)).Reply; r.User != bob || r.Room != room {
				t.Errorf("who removes is told %+v", r)
			}
			for _, in := range []*inbox{inB, inPhone} {
				if r := in.read(t, isReply(chat.ReplyRemoval)).Reply; r.User != ada || r.Room != room || r.Time.IsZero() {
					t.Errorf("who is removed is told %+v", r)
				}
			}
			inE.read(t, func(l line) bool { return l.Signal != nil && l.Signal.Kind == chat.SignalLeave && l.Signal.User == bob })

			hearsNothing(t, a, inE, inB, room)
			isOut(t, h, b, inB, room)
			if entry == chat.EntryPassword {
				join.Password = "open sesame"
				refusedWith(t, b, join, chat.CodeForbidden)
			} else {
				refusedWith(t, b, join, chat.CodeNotFound)
			}
			refusedWith(t, b, chat.Command{Kind: chat.CmdInvite, Room: room, Name: "Bob"}, chat.CodeNotFound)

			do(t, e, chat.Command{Kind: chat.CmdInvite, Room: room, Name: "Bob"})
			inB.read(t, isReply(chat.ReplyInvitation))
			do(t, b, join)
			if r := inB.read(t, isReply(chat.ReplyJoined)).Reply; len(r.Messages) != 2 {
				t.Errorf("who is invited again is told %+v", r)
			}
		})
	}
}

// hearsNothing says something in a room, which one inbox gets, and requires that nothing of the room comes to another.
func hearsNothing(t *testing.T, speaker *chat.Member, in, out *inbox, room chat.RoomName) {
	t.Helper()
	before := len(out.all())
	do(t, speaker, chat.Command{Kind: chat.CmdSend, Room: room, Text: "he is gone"})
	in.read(t, isText("he is gone"))
	do(t, speaker, chat.Command{Kind: chat.CmdSend, Text: "in the lobby"})
	out.read(t, isText("in the lobby"))
	for _, l := range out.all()[before:] {
		if l.Event != nil && l.Event.Room == room || l.Signal != nil && l.Signal.Room == room {
			t.Fatalf("who was removed is told %+v", l)
		}
	}
}

// isUnreadable requires that nothing of a room is read for a user, as if there were none.
func isUnreadable(t *testing.T, h *chat.Hub, user chat.UserID, room chat.RoomName) {
	t.Helper()
	for name, way := range map[string]func() error{
		"Latest":  func() error { _, _, _, err := h.Latest(t.Context(), user, room); return err },
		"Older":   func() error { _, _, err := h.Older(t.Context(), user, room, 0); return err },
		"Last":    func() error { _, err := h.Last(t.Context(), user, room); return err },
		"MayRead": func() error { return h.MayRead(t.Context(), user, room) },
		"Export":  func() error { _, err := h.Export(t.Context(), user, room); return err },
	} {
		if err := way(); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("%s answers with %v", name, err)
		}
	}
}

// isOut requires that a room is in nothing that a user can ask for.
func isOut(t *testing.T, h *chat.Hub, m *chat.Member, in *inbox, room chat.RoomName) {
	t.Helper()
	isUnreadable(t, h, m.User().ID, room)
	for _, kind := range []chat.CommandKind{
		chat.CmdSend, chat.CmdHistory, chat.CmdMembers, chat.CmdPins, chat.CmdAbout, chat.CmdRead, chat.CmdTyping, chat.CmdReact,
	} {
		refusedWith(t, m, chat.Command{Kind: kind, Room: room, Text: "hi", Of: 1, Emoji: "👍", On: true}, chat.CodeNotFound)
	}
	refusedWith(t, m, chat.Command{Kind: chat.CmdSearch, Room: room, Text: "treasure"}, chat.CodeNotFound)
	if got := finds(t, m, in, chat.Command{Text: "treasure"}); len(got) != 0 {
		t.Errorf("a search finds something in %v", got)
	}
	do(t, m, chat.Command{Kind: chat.CmdMentions})
	if hits := in.read(t, isReply(chat.ReplyMentions)).Reply.Found.Hits; len(hits) != 0 {
		t.Errorf("the mentions are %+v", hits)
	}
	if _, listed := listOf(t, h, m.User()); listed(room) != nil {
		t.Errorf("it is listed as %+v", listed(room))
	}
}

func TestNoJoinOutrunsARemoval(t *testing.T) {
	h, _ := acquainted(t, chat.Limits{})
	a, inA := enter(t, h, ada)
	b, inB := enter(t, h, bob)
	room := made(t, a, inA, chat.EntryInvitation)
	for range 30 {
		do(t, a, chat.Command{Kind: chat.CmdInvite, Room: room, Name: "Bob"})
		removed := make(chan error, 1)
		go func() {
			removed <- a.Do(t.Context(), &chat.Command{Kind: chat.CmdRemove, Room: room, Name: "Bob"})
		}()
		join := func() error { return b.Do(t.Context(), &chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1}) }
		var removal error
		for isDone := false; !isDone; {
			select {
			case removal = <-removed:
				isDone = true
			default:
			}
			var refused *chat.Error
			if err := join(); err != nil && (!errors.As(err, &refused) || refused.Code != chat.CodeNotFound) {
				t.Fatal(err)
			}
		}
		if removal != nil {
			t.Fatal(removal)
		}
		refusedWith(t, b, chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1}, chat.CodeNotFound)
		hearsNothing(t, a, inA, inB, room)
	}
}

func TestPasswordOfARoomIsChangedByWhoLooksAfterIt(t *testing.T) {
	h, _ := acquainted(t, chat.Limits{})
	a, inA := enter(t, h, ada)
	b, inB := enter(t, h, bob)
	e, inE := enter(t, h, eve)
	room := made(t, a, inA, chat.EntryPassword)
	join := chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1, Password: "open sesame"}
	do(t, b, join)
	inB.read(t, isReply(chat.ReplyJoined))
	change := chat.Command{Kind: chat.CmdPassword, Room: room, Password: "open barley"}
	refusedWith(t, b, change, chat.CodeForbidden)
	refusedWith(t, a, chat.Command{Kind: chat.CmdPassword, Room: room, Password: "123"}, chat.CodeBadRequest)
	refusedWith(t, a, chat.Command{Kind: chat.CmdPassword, Room: chat.Lobby, Password: "open barley"}, chat.CodeBadRequest)
	do(t, a, change)
	inA.read(t, isReply(chat.ReplyAbout))
	refusedWith(t, e, join, chat.CodeLocked)
	join.Password = "open barley"
	do(t, e, join)
	inE.read(t, isReply(chat.ReplyJoined))
	do(t, a, chat.Command{Kind: chat.CmdSend, Room: room, Text: "hi"})
	inB.read(t, isText("hi")) // and who was in stays in
}

func TestKickOfWhoLooksAfterARoomIsFromThatRoomAlone(t *testing.T) {
	h, s := acquainted(t, chat.Limits{})
	m, inM := enter(t, h, moderator(t, s))
	a, inA := enter(t, h, ada)
	_, inB := enter(t, h, bob)
	e, inE := enter(t, h, eve)
	room := made(t, a, inA, chat.EntryInvitation)
	kick := chat.Command{Kind: chat.CmdKick, Room: room, Name: "Bob"}
	refusedWith(t, e, kick, chat.CodeNotFound) // as of every closed room that one knows nothing of
	refusedWith(t, a, chat.Command{Kind: chat.CmdKick, Room: chat.Lobby, Name: "Bob"}, chat.CodeForbidden)
	for _, name := range []string{"Bob", "Eve"} {
		do(t, a, chat.Command{Kind: chat.CmdInvite, Room: room, Name: name})
	}
	do(t, e, chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1})
	inE.read(t, isReply(chat.ReplyJoined))
	refusedWith(t, e, kick, chat.CodeForbidden)
	do(t, a, kick)
	inA.read(t, isReply(chat.ReplyRemoved))
	inB.read(t, isReply(chat.ReplyRemoval))
	do(t, a, chat.Command{Kind: chat.CmdSend, Text: "still here?"})
	inB.read(t, isText("still here?"))

	for _, name := range []string{"Bob", "Mod"} {
		do(t, a, chat.Command{Kind: chat.CmdInvite, Room: room, Name: name})
	}
	do(t, m, chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1})
	inM.read(t, isReply(chat.ReplyJoined))
	do(t, m, kick)
	if code := inB.ended(t); code != chat.CloseRemoved {
		t.Errorf("who is kicked by a moderator of the chat is closed with %d", code)
	}
}
