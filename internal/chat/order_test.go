package chat_test

import (
	"path/filepath"
	"testing"
	"time"

	"parley/internal/account"
	"parley/internal/chat"
)

func TestModeratorRemovesAndKeepsOutAndNobodyElseDoes(t *testing.T) {
	h, s := hubAndStore(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, time.Hour)
	accounts := account.New(s, account.Options{Hold: time.Hour, InUse: func(id string) bool { return h.Online(chat.UserID(id)) }})
	made, _, err := accounts.AddModerator(t.Context(), "Mod")
	if err != nil {
		t.Fatal(err)
	}
	taken(t, s, bob, eve)
	moderator := chat.User{ID: chat.UserID(made.ID), Name: made.Name}
	m, inM := enter(t, h, moderator)
	e, inE := enter(t, h, eve)
	b, inB := enter(t, h, bob)
	_, inB2 := enter(t, h, bob)
	for _, kind := range []chat.CommandKind{chat.CmdKick, chat.CmdBan, chat.CmdUnban} {
		refusedWith(t, e, chat.Command{Kind: kind, Name: "Bob"}, chat.CodeForbidden)
		refusedWith(t, e, chat.Command{Kind: kind, Name: "Mod"}, chat.CodeForbidden)
	}
	refusedWith(t, m, chat.Command{Kind: chat.CmdKick, Name: "mod"}, chat.CodeForbidden)
	refusedWith(t, m, chat.Command{Kind: chat.CmdKick, Name: "Nobody"}, chat.CodeNotFound)
	refusedWith(t, m, chat.Command{Kind: chat.CmdKick, Name: "Bob", Text: longText(chat.ReasonMost + 1)}, chat.CodeTooLong)

	// What others said: moderators delete it, but in a private room, and edit none of it.
	do(t, b, chat.Command{Kind: chat.CmdSend, Text: "rude"})
	said := inB.read(t, isReply(chat.ReplyAck)).Reply.Seq
	refusedWith(t, e, chat.Command{Kind: chat.CmdDelete, Of: said}, chat.CodeForbidden)
	refusedWith(t, m, chat.Command{Kind: chat.CmdEdit, Of: said, Text: "kind"}, chat.CodeForbidden)
	do(t, m, chat.Command{Kind: chat.CmdDelete, Of: said})
	inE.read(t, func(l line) bool {
		return l.Event != nil && l.Event.Kind == chat.KindDelete && l.Event.User.ID == moderator.ID
	})
	private := chat.Direct(moderator.ID, bob.ID)
	do(t, b, chat.Command{Kind: chat.CmdSend, To: "Mod", Text: "rude again"})
	alone := inB.read(t, isReply(chat.ReplyAck)).Reply.Seq
	refusedWith(t, m, chat.Command{Kind: chat.CmdDelete, Room: private, Of: alone}, chat.CodeForbidden)

	do(t, m, chat.Command{Kind: chat.CmdKick, Name: "bob", Text: "too rude"})
	for _, in := range []*inbox{inB, inB2} {
		if code := in.ended(t); code != chat.CloseRemoved {
			t.Errorf("Bob's connection is closed with %d", code)
		}
	}
	b.Close()
	if err := accounts.Barred(t.Context(), string(bob.ID)); err != nil {
		t.Errorf("who is removed is kept out: %v", err)
	}

	do(t, m, chat.Command{Kind: chat.CmdBan, User: bob.ID, For: time.Hour})
	if p := inM.read(t, isBarred).Reply.Profile; !p.Barred.After(time.Now()) {
		t.Errorf("the moderator is told %+v", p)
	}
	do(t, e, chat.Command{Kind: chat.CmdWhois, Name: "Bob"})
	if p := inE.read(t, isReply(chat.ReplyWhois)).Reply.Profile; p.Barred != nil {
		t.Error("others are told who is kept out")
	}
	if _, err := accounts.Claim(t.Context(), "BOB"); !isBarredError(err) {
		t.Errorf("whoever says the name is told %v", err)
	}
	if _, err := accounts.Join(t.Context(), account.JoinRequest{Name: "Bob"}); !isBarredError(err) {
		t.Errorf("whoever joins by the name is told %v", err)
	}
	if _, err := accounts.Rename(t.Context(), string(eve.ID), "Bob"); !isBarredError(err) {
		t.Errorf("who takes the name is told %v", err)
	}
	do(t, m, chat.Command{Kind: chat.CmdUnban, Name: "Bob"})
	if _, err := accounts.Join(t.Context(), account.JoinRequest{Name: "Bob"}); isBarredError(err) {
		t.Errorf("who is let in again is told %v", err)
	}
}

func isBarred(l line) bool {
	return isReply(chat.ReplyWhois)(l) && l.Reply.Profile.Barred != nil
}

func isBarredError(err error) bool {
	refused, ok := err.(*account.Error)
	return ok && refused.Code == account.CodeBarred
}
