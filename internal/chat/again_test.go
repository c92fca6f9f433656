package chat_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/account"
	"parley/internal/chat"
	"parley/internal/store"
)

func TestDeletionSentAgainIsAcknowledgedAgain(t *testing.T) {
	h := newHub(t)
	a, in := enter(t, h, ada)
	do(t, a, chat.Command{Kind: chat.CmdSend, ID: "said", Text: "oops"})
	in.read(t, isReply(chat.ReplyAck))
	for range 2 { // the second time by a client that was cut off before it heard the ack
		do(t, a, chat.Command{Kind: chat.CmdDelete, ID: "gone", Room: chat.Lobby, Of: 1})
		if ack := in.read(t, isReply(chat.ReplyAck)).Reply; ack.Seq != 2 || ack.ID != "gone" {
			t.Errorf("acknowledged with %+v", ack)
		}
	}
	refusedWith(t, a, chat.Command{Kind: chat.CmdDelete, ID: "other", Room: chat.Lobby, Of: 1}, chat.CodeNotFound)
	refusedWith(t, a, chat.Command{Kind: chat.CmdDelete, Room: chat.Lobby, Of: 1}, chat.CodeNotFound)
}

func TestWhatIsSentAgainTooLateHasItsFirstAck(t *testing.T) {
	h := newHub(t)
	a, in := enter(t, h, ada)
	commands := []chat.Command{
		{Kind: chat.CmdSend, ID: "said", Text: "oops"},
		{Kind: chat.CmdEdit, ID: "edited", Room: chat.Lobby, Of: 1, Text: "hello"},
		{Kind: chat.CmdReact, ID: "liked", Room: chat.Lobby, Of: 1, Emoji: "👍", On: true},
		{Kind: chat.CmdSend, ID: "answered", Text: "yes", ReplyTo: 1},
		{Kind: chat.CmdDelete, ID: "gone", Room: chat.Lobby, Of: 1},
	}
	var first []chat.Reply
	for _, cmd := range commands {
		do(t, a, cmd)
		first = append(first, *in.read(t, isReply(chat.ReplyAck)).Reply)
	}
	for i, cmd := range commands { // by a client that was cut off before it heard any of the acks
		do(t, a, cmd)
		if ack := in.read(t, isReply(chat.ReplyAck)).Reply; ack.ID != cmd.ID || ack.Seq != first[i].Seq || !ack.Time.Equal(first[i].Time) {
			t.Errorf("%s was acknowledged with %+v, and again with %+v", cmd.ID, first[i], ack)
		}
	}
	if _, last, _, err := h.Latest(t.Context(), ada.ID, chat.Lobby); err != nil || last != int64(len(commands)) {
		t.Errorf("%d events are stored, %v", last, err)
	}
	refusedWith(t, a, chat.Command{Kind: chat.CmdEdit, ID: "new", Room: chat.Lobby, Of: 1, Text: "late"}, chat.CodeNotFound)
}

// ailing is a store that can't say once where a room is, and only when it is let.
type ailing struct {
	*store.Store
	let   chan struct{}
	asked atomic.Int64
}

func (a *ailing) Last(ctx context.Context, room chat.RoomName) (int64, error) {
	if a.asked.Add(1) == 1 {
		<-a.let
		return 0, errors.New("the disk is busy")
	}
	return a.Store.Last(ctx, room)
}

// ailingHub is a hub on an ailing store.
func ailingHub(t *testing.T) (h *chat.Hub, log *ailing) {
	t.Helper()
	h, _ = hubOf(t, filepath.Join(t.TempDir(), "parley.db"), func(s *store.Store, o *chat.Options) {
		log = &ailing{Store: s, let: make(chan struct{})}
		o.Log = log
	})
	return h, log
}

func TestJoinThatFailsDoesNotUndoALaterOne(t *testing.T) {
	h, log := ailingHub(t)
	in := newInbox()
	m := h.Connect(ada, "", lines{echoes: true}, in, false)
	for range 2 {
		do(t, m, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
	}
	close(log.let)
	in.read(t, isReply(chat.ReplyError))
	in.read(t, isReply(chat.ReplyJoined))
	do(t, m, chat.Command{Kind: chat.CmdSend, ID: "1", Text: "I am in"})
	in.read(t, isReply(chat.ReplyAck))
	m.Close()
	if err := h.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if here, _ := h.Here(chat.Lobby); len(here) != 0 {
		t.Errorf("%v are there after the only connection closed", here)
	}
}

// newHubOfPeople is a hub and two people whom its store knows.
func newHubOfPeople(t *testing.T) (h *chat.Hub, one, two chat.User) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "parley.db")
	h = hubOn(t, path, chat.Limits{}, 0)
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	people := account.New(s, account.Options{
		Access: account.AccessOpen, Hold: time.Hour, InUse: func(string) bool { return false }, Now: time.Now,
	})
	var users [2]chat.User
	for i, name := range [...]string{"Ada", "Bob"} {
		u, err := people.Claim(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		users[i] = chat.User{ID: chat.UserID(u.ID), Name: u.Name}
	}
	return h, users[0], users[1]
}

func TestPrivateRoomJoinedFirstIsTheOneThatIsMeant(t *testing.T) {
	h, one, two := newHubOfPeople(t)
	room := chat.Direct(one.ID, two.ID)
	in := newInbox()
	m := h.Connect(one, "", lines{echoes: true}, in, false)
	t.Cleanup(m.Close)
	do(t, m, chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1})
	in.read(t, isReply(chat.ReplyJoined))
	do(t, m, chat.Command{Kind: chat.CmdSend, ID: "1", Text: "between us"})
	if ack := in.read(t, isReply(chat.ReplyAck)).Reply; ack.Room != room {
		t.Errorf("stored in %s", ack.Room)
	}
}

func TestPrivateRoomWithOneselfHasOneMember(t *testing.T) {
	h, one, _ := newHubOfPeople(t)
	m, in := enter(t, h, one)
	room := chat.Direct(one.ID, one.ID)
	do(t, m, chat.Command{Kind: chat.CmdSend, ID: "1", Room: room, Text: "note to self"})
	in.read(t, isReply(chat.ReplyAck))
	do(t, m, chat.Command{Kind: chat.CmdMembers, Room: room})
	if got := in.read(t, isReply(chat.ReplyMembers)).Reply.Members; len(got) != 1 {
		t.Errorf("its members are %v", got)
	}
	rooms, err := h.Rooms(t.Context(), one.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rooms {
		if r.Name == room && r.Members != 1 {
			t.Errorf("it counts %d members", r.Members)
		}
	}
}

func TestOnlyUserIDsMakeAPrivateRoom(t *testing.T) {
	for _, name := range []chat.RoomName{"@a&b.u_x", "@a b.u_x", "@<b>.u_x", "@\r\n.u_x", "@.u_x", "@u_a.u_b.u_c", "@u_b.u_a"} {
		if name.IsDirect() || name.ReadableBy("u_x") {
			t.Errorf("%q passes for a private room", name)
		}
	}
	if !chat.Direct("u_b2", "u_a-_9").IsDirect() {
		t.Error("a private room of two users isn't one")
	}
}

func TestWhoAsksForTheMembersAtOnceIsAmongThem(t *testing.T) {
	h, in := newHub(t), newInbox()
	m := h.Connect(ada, "", lines{echoes: true}, in, false)
	t.Cleanup(m.Close)
	for range 20 {
		do(t, m, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
		do(t, m, chat.Command{Kind: chat.CmdMembers})
		if got := in.read(t, isReply(chat.ReplyMembers)).Reply.Members; len(got) != 1 {
			t.Errorf("there are %v", got)
		}
		do(t, m, chat.Command{Kind: chat.CmdLeave})
		in.read(t, isReply(chat.ReplyLeft))
	}
}

// Whoever was told so the other way round would wait for messages in a room that they are not in.
func TestLeftIsToldBehindTheJoinBefore(t *testing.T) {
	h, log := ailingHub(t)
	in := newInbox()
	m := h.Connect(ada, "", lines{echoes: true}, in, false)
	for _, kind := range []chat.CommandKind{chat.CmdJoin, chat.CmdJoin, chat.CmdLeave, chat.CmdJoin} { // the first keeps the turn busy
		do(t, m, chat.Command{Kind: kind, Room: chat.Lobby, Since: -1})
	}
	close(log.let)
	for _, want := range []chat.ReplyKind{chat.ReplyError, chat.ReplyJoined, chat.ReplyLeft, chat.ReplyJoined} {
		if got := in.read(t, func(l line) bool { return l.Reply != nil }).Reply.Kind; got != want {
			t.Errorf("told %v, want %v", got, want)
		}
	}
	m.Close()
}
