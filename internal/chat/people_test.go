package chat_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"parley/internal/account"
	"parley/internal/chat"
	"parley/internal/store"
)

// taken gives users their names in a store.
func taken(t *testing.T, s *store.Store, users ...chat.User) {
	t.Helper()
	for _, u := range users {
		name, err := account.CheckName(u.Name)
		if err != nil {
			t.Fatal(err)
		}
		taking := account.Taking{
			User: account.User{ID: string(u.ID), Name: u.Name, Kind: account.KindPerson}, New: true, Key: name.Key(),
		}
		if err := s.Take(t.Context(), taking); err != nil {
			t.Fatal(err)
		}
	}
}

func isSignal(kind chat.SignalKind, of chat.User) func(line) bool {
	return func(l line) bool { return l.Signal != nil && l.Signal.Kind == kind && l.Signal.User.ID == of.ID }
}

func TestAwayIsToldToTheRoomsAndEndsByTheNextMessage(t *testing.T) {
	h := newHub(t)
	a, inA := enter(t, h, ada)
	_, inA2 := enter(t, h, ada)
	b, inB := enter(t, h, bob)
	do(t, b, chat.Command{Kind: chat.CmdJoin, Room: "dev", Since: -1})
	do(t, a, chat.Command{Kind: chat.CmdAway, Text: " at\nlunch "})
	for _, in := range []*inbox{inB, inA, inA2} {
		if got := in.read(t, isSignal(chat.SignalAway, ada)).Signal; got.Text != "at lunch" || got.Room != chat.Lobby {
			t.Errorf("told of %+v", got)
		}
	}
	do(t, a, chat.Command{Kind: chat.CmdTyping})
	e, inE := enter(t, h, eve)
	if got := joinedReply(inE).Away; len(got) != 1 || got[0].User != ada.ID || got[0].Text != "at lunch" || got[0].Since.IsZero() {
		t.Errorf("who comes in is told that %+v are away", got)
	}
	do(t, e, chat.Command{Kind: chat.CmdMembers})
	if got := inE.read(t, isReply(chat.ReplyMembers)).Reply.Away; len(got) != 1 {
		t.Errorf("who asks is told that %+v are away", got)
	}
	do(t, a, chat.Command{Kind: chat.CmdSend, Text: "I am here"})
	inB.read(t, isSignal(chat.SignalBack, ada))
	do(t, a, chat.Command{Kind: chat.CmdSend, Text: "once more"})
	inB.read(t, isText("once more"))
	backs := 0
	for _, l := range inB.all() {
		if isSignal(chat.SignalBack, ada)(l) {
			backs++
		}
	}
	if backs != 1 {
		t.Errorf("that Ada is back was told %d times", backs)
	}
	refusedWith(t, a, chat.Command{Kind: chat.CmdAway, Text: longText(chat.AwayMost + 1)}, chat.CodeTooLong)
}

func longText(n int) string { return string(slices.Repeat([]rune("ä"), n)) }

func joinedReply(in *inbox) *chat.Reply {
	for _, l := range in.all() {
		if isReply(chat.ReplyJoined)(l) {
			return l.Reply
		}
	}
	return &chat.Reply{}
}

func TestAwayOutlastsAReloadAndEndsWithLeaving(t *testing.T) {
	h := hubOn(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, time.Hour)
	a, _ := enter(t, h, ada)
	do(t, a, chat.Command{Kind: chat.CmdAway})
	a.Close() // and comes back within the grace
	a, inA := enter(t, h, ada)
	if got := joinedReply(inA).Away; len(got) != 1 {
		t.Errorf("after a reload %+v are away", got)
	}
	_, inB := enter(t, h, bob)
	a.Leave()
	a.Close()
	inB.read(t, isSignal(chat.SignalLeave, ada))
	_, inA = enter(t, h, ada)
	if got := joinedReply(inA).Away; len(got) != 0 {
		t.Errorf("after leaving and coming anew %+v are away", got)
	}
}

func TestWhoisTellsNothingOfRoomsThatTheAskerIsNotIn(t *testing.T) {
	h, s := hubAndStore(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 0)
	taken(t, s, ada, bob, eve)
	a, inA := enter(t, h, ada)
	b, _ := enter(t, h, bob)
	e, inE := enter(t, h, eve)
	for _, room := range []chat.RoomName{"club", "dev", chat.Direct(ada.ID, bob.ID)} {
		do(t, b, chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1})
	}
	do(t, a, chat.Command{Kind: chat.CmdJoin, Room: "dev", Since: -1})
	do(t, b, chat.Command{Kind: chat.CmdAway, Text: "lunch"})
	ask := func(m *chat.Member, in *inbox, cmd chat.Command) *chat.Profile {
		t.Helper()
		cmd.Kind = chat.CmdWhois
		do(t, m, cmd)
		return in.read(t, isReply(chat.ReplyWhois)).Reply.Profile
	}
	p := ask(a, inA, chat.Command{Name: "bob"})
	if p.User != bob || !p.Here || p.Since.IsZero() || p.Away == nil || p.Away.Text != "lunch" {
		t.Errorf("Ada is told of Bob: %+v", p)
	}
	if want := []chat.RoomName{"dev", "lobby"}; !slices.Equal(p.Rooms, want) {
		t.Errorf("Ada is told that both are in %v, want %v", p.Rooms, want)
	}
	if p := ask(e, inE, chat.Command{User: bob.ID}); !slices.Equal(p.Rooms, []chat.RoomName{chat.Lobby}) {
		t.Errorf("Eve is told that both are in %v, want the lobby alone", p.Rooms)
	}
	b.Close()
	inA.read(t, isSignal(chat.SignalLeave, bob))
	if p := ask(a, inA, chat.Command{Name: "Bob"}); p.Here || p.Away != nil || len(p.Rooms) > 0 {
		t.Errorf("of Bob, who is gone, Ada is told %+v", p)
	}
	refusedWith(t, a, chat.Command{Kind: chat.CmdWhois, Name: "Nobody"}, chat.CodeNotFound)
}

func TestIgnoringIsToldToOnesOwnConnectionsAlone(t *testing.T) {
	h, s := hubAndStore(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 0)
	taken(t, s, ada, bob)
	a, inA := enter(t, h, ada)
	_, inA2 := enter(t, h, ada)
	b, inB := enter(t, h, bob)
	told := len(inB.all())
	do(t, a, chat.Command{Kind: chat.CmdIgnore, Name: "BOB", On: true, Ref: "c1"})
	for _, in := range []*inbox{inA, inA2} {
		if got := in.read(t, isReply(chat.ReplyIgnored)).Reply.Members; len(got) != 1 || got[0] != bob {
			t.Errorf("Ada is told that she ignores %+v", got)
		}
	}
	refusedWith(t, a, chat.Command{Kind: chat.CmdIgnore, User: ada.ID, On: true}, chat.CodeBadRequest)
	refusedWith(t, a, chat.Command{Kind: chat.CmdIgnore, Name: "Nobody", On: true}, chat.CodeNotFound)
	do(t, b, chat.Command{Kind: chat.CmdSend, Text: "does anybody hear me?"})
	inB.read(t, isReply(chat.ReplyAck))
	inA.read(t, isText("does anybody hear me?")) // hiding is the clients' doing
	for _, l := range inB.all()[told:] {
		if l.Event == nil && !isReply(chat.ReplyAck)(l) {
			t.Errorf("Bob is told %s", describe([]line{l}))
		}
	}
	do(t, a, chat.Command{Kind: chat.CmdIgnore, User: bob.ID})
	if got := inA2.read(t, isReply(chat.ReplyIgnored)).Reply.Members; len(got) != 0 {
		t.Errorf("Ada still ignores %+v", got)
	}
}
