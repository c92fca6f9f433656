package chat_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/internal/account"
	"parley/internal/chat"
	"parley/internal/store"
)

// made makes a closed room and comes into it.
func made(t *testing.T, m *chat.Member, in *inbox, entry chat.Entry) chat.RoomName {
	t.Helper()
	do(t, m, chat.Command{Kind: chat.CmdCreate, Name: "team", Entry: entry, Password: "open sesame"})
	room := in.read(t, isReply(chat.ReplyCreated)).Reply.Room
	if room.Entry() != entry || room.Title() != "team" || !room.IsClosed() {
		t.Fatalf("a room was made that is called %q", room)
	}
	do(t, m, chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1})
	in.read(t, isReply(chat.ReplyJoined))
	return room
}

// acquainted opens a hub whose store knows Ada, Bob and Eve.
func acquainted(t *testing.T, limits chat.Limits) (*chat.Hub, *store.Store) {
	t.Helper()
	h, s := hubAndStore(t, filepath.Join(t.TempDir(), "parley.db"), limits, 0)
	for _, u := range []chat.User{ada, bob, eve} {
		taking := account.Taking{
			User: account.User{ID: string(u.ID), Name: u.Name, Kind: account.KindPerson}, New: true, Key: strings.ToLower(u.Name),
		}
		if err := s.Take(t.Context(), taking); err != nil {
			t.Fatal(err)
		}
	}
	return h, s
}

// finds returns the rooms in which a member finds a word.
func finds(t *testing.T, m *chat.Member, in *inbox, cmd chat.Command) []chat.RoomName {
	t.Helper()
	cmd.Kind = chat.CmdSearch
	do(t, m, cmd)
	var rooms []chat.RoomName
	for _, hit := range in.read(t, isReply(chat.ReplyFound)).Reply.Found.Hits {
		rooms = append(rooms, hit.Room)
	}
	return rooms
}

func TestRoomByInvitationIsThereForWhoIsInvitedAlone(t *testing.T) {
	h, _ := acquainted(t, chat.Limits{})
	a, inA := enter(t, h, ada)
	b, inB := enter(t, h, bob)
	e, inE := enter(t, h, eve)
	room := made(t, a, inA, chat.EntryInvitation)
	do(t, a, chat.Command{Kind: chat.CmdTopic, Room: room, Text: "secret topic"})
	do(t, a, chat.Command{Kind: chat.CmdSend, Room: room, Text: "treasure for @Eve and @Bob"})
	inA.read(t, isText("treasure for @Eve and @Bob"))

	isUnreadable(t, h, eve.ID, room)
	for _, cmd := range []chat.Command{{Text: "treasure"}, {Text: "from:Ada"}, {Text: "after:2020-01-01"}} {
		if got := finds(t, e, inE, cmd); len(got) != 0 {
			t.Errorf("a stranger who searches %q finds something in %v", cmd.Text, got)
		}
	}
	do(t, e, chat.Command{Kind: chat.CmdMentions})
	if hits := inE.read(t, func(l line) bool { return l.Reply != nil && l.Reply.Of == chat.CmdMentions }).Reply.Found.Hits; len(hits) != 0 {
		t.Errorf("a stranger is told of mentions: %+v", hits)
	}
	if _, listed := listOf(t, h, eve); listed(room) != nil {
		t.Errorf("listed to a stranger: %+v", listed(room))
	}
	refusedWith(t, e, chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1}, chat.CodeNotFound)
	refusedWith(t, e, chat.Command{Kind: chat.CmdInvite, Room: room, Name: "Eve"}, chat.CodeNotFound)

	refusedWith(t, a, chat.Command{Kind: chat.CmdInvite, Room: room, Name: "Nobody"}, chat.CodeNotFound)
	refusedWith(t, a, chat.Command{Kind: chat.CmdInvite, Room: chat.Direct(ada.ID, bob.ID), Name: "Eve"}, chat.CodeBadRequest)
	refusedWith(t, a, chat.Command{Kind: chat.CmdInvite, Room: room, Name: "ADA"}, chat.CodeBadRequest)
	do(t, a, chat.Command{Kind: chat.CmdInvite, Room: room, Name: "bob"})
	if r := inA.read(t, isReply(chat.ReplyInvited)).Reply; r.User != bob || r.Room != room {
		t.Errorf("who invites is told %+v", r)
	}
	if r := inB.read(t, isReply(chat.ReplyInvitation)).Reply; r.User != ada || r.Room != room {
		t.Errorf("who is invited is told %+v", r)
	}
	if _, listed := listOf(t, h, bob); listed(room) == nil || listed(room).Topic != "secret topic" || listed(room).Joined {
		t.Errorf("listed to who is invited: %+v", listed(room))
	}
	do(t, b, chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1})
	if r := inB.read(t, isReply(chat.ReplyJoined)).Reply; len(r.Messages) != 1 || r.Facts.Topic != "secret topic" {
		t.Errorf("who comes in is told %+v", r)
	}
	for _, cmd := range []chat.Command{{Text: "treasure"}, {Text: "treasure", Room: room}, {Text: "from:Ada"}} {
		if got := finds(t, b, inB, cmd); !slices.Contains(got, room) {
			t.Errorf("who was invited searches %q and finds something in %v", cmd.Text, got)
		}
	}
	do(t, b, chat.Command{Kind: chat.CmdAbout, Room: room})
	if r := inB.read(t, isReply(chat.ReplyAbout)).Reply; r.Role != chat.RoleMember {
		t.Errorf("who was invited is %v", r.Role)
	}
	do(t, b, chat.Command{Kind: chat.CmdLeave, Room: room})
	inB.read(t, isReply(chat.ReplyLeft))
	refusedWith(t, b, chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1}, chat.CodeNotFound)
	if got := finds(t, b, inB, chat.Command{Text: "treasure"}); len(got) != 0 {
		t.Errorf("who left finds something in %v", got)
	}
	do(t, a, chat.Command{Kind: chat.CmdLeave, Room: room})
	inA.read(t, isReply(chat.ReplyLeft))
	do(t, a, chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1}) // its owner comes back
	inA.read(t, isReply(chat.ReplyJoined))
}

func TestPasswordLetsOneInOnceAndIsTriedSlowly(t *testing.T) {
	h, _ := acquainted(t, chat.Limits{Commands: 1000, CommandsBurst: 1000})
	a, inA := enter(t, h, ada)
	b, inB := enter(t, h, bob)
	e, inE := enter(t, h, eve)
	refusedWith(t, a, chat.Command{Kind: chat.CmdCreate, Name: "team", Entry: chat.EntryPassword, Password: "123"}, chat.CodeBadRequest)
	room := made(t, a, inA, chat.EntryPassword)
	refusedWith(t, b, chat.Command{Kind: chat.CmdCreate, Name: "team", Entry: chat.EntryPassword, Password: "1234"}, chat.CodeTaken)
	do(t, a, chat.Command{Kind: chat.CmdTopic, Room: room, Text: "secret topic"})
	do(t, a, chat.Command{Kind: chat.CmdSend, Room: room, Text: "treasure"})
	inA.read(t, isText("treasure"))
	if _, listed := listOf(t, h, eve); listed(room) == nil || *listed(room) != (chat.RoomInfo{Name: room, Locked: true}) {
		t.Errorf("listed to a stranger: %+v", listed(room))
	}
	join := chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1}
	refusedWith(t, b, join, chat.CodeLocked)
	join.Password = "open sesame"
	do(t, b, join)
	inB.read(t, isReply(chat.ReplyJoined))
	join.Password = ""
	_, second := enter(t, h, bob) // another device of Bob's
	if _, listed := listOf(t, h, bob); listed(room) == nil || listed(room).Locked || listed(room).Topic != "secret topic" {
		t.Errorf("listed to who gave it: %+v", listed(room))
	}
	_ = second

	for range 5 {
		join.Password = "open says me"
		refusedWith(t, e, join, chat.CodeLocked)
	}
	join.Password = "open sesame"
	if refused := refusedWith(t, e, join, chat.CodeRateLimited); refused.Limit == "" || refused.RetryAfter <= 0 {
		t.Errorf("after too many tries: %+v", refused)
	}
	if got := finds(t, e, inE, chat.Command{Text: "treasure"}); len(got) != 0 {
		t.Errorf("a stranger finds something in %v", got)
	}
	if err := h.MayRead(t.Context(), eve.ID, room); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("a stranger may read it: %v", err)
	}
}

// moderator makes an account that keeps order in the chat.
func moderator(t *testing.T, s *store.Store) chat.User {
	t.Helper()
	mod := chat.User{ID: "u_mod", Name: "Mod"}
	err := s.Take(t.Context(), account.Taking{User: account.User{ID: string(mod.ID), Name: mod.Name, Kind: account.KindAccount}, New: true, Key: "mod"})
	if err == nil {
		err = s.SetModerator(t.Context(), string(mod.ID), true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return mod
}

func TestArchivedRoomIsReadAndNotWritten(t *testing.T) {
	h, s := acquainted(t, chat.Limits{})
	a, inA := enter(t, h, ada)
	b, inB := enter(t, h, bob)
	for _, one := range []struct {
		m  *chat.Member
		in *inbox
	}{{a, inA}, {b, inB}} { // Ada first: she makes it
		do(t, one.m, chat.Command{Kind: chat.CmdJoin, Room: "barn", Since: -1})
		one.in.read(t, isReply(chat.ReplyJoined))
		do(t, one.m, chat.Command{Kind: chat.CmdSend, Room: "barn", ID: "hay", Text: "hay"})
		one.in.read(t, isReply(chat.ReplyAck))
	}
	archive := func(room chat.RoomName, on bool) chat.Command {
		return chat.Command{Kind: chat.CmdArchive, Room: room, On: on}
	}
	refusedWith(t, b, archive("barn", true), chat.CodeForbidden)
	refusedWith(t, a, archive(chat.Lobby, true), chat.CodeForbidden)
	do(t, a, archive("barn", true))
	isArchive := func(l line) bool { return l.Signal != nil && l.Signal.Kind == chat.SignalArchive }
	if got := inB.read(t, isArchive).Signal; !got.On || got.User != ada || got.Room != "barn" {
		t.Errorf("the others are told %+v", got)
	}
	stored := h.Stats().Stored
	for _, kind := range []chat.CommandKind{chat.CmdSend, chat.CmdEdit, chat.CmdDelete, chat.CmdReact, chat.CmdTopic, chat.CmdPin} {
		do(t, a, chat.Command{Kind: kind, Room: "barn", Text: "hi", Of: 1, Emoji: "👍", On: true})
		if r := inA.read(t, isReply(chat.ReplyError)).Reply; r.Err.Code != chat.CodeForbidden || r.Of != kind {
			t.Errorf("command %d: %+v", kind, r.Err)
		}
	}
	if err := h.MayWrite(t.Context(), a.User().ID, "barn"); err == nil {
		t.Error("files for it are taken")
	}
	do(t, b, chat.Command{Kind: chat.CmdSend, Room: "barn", ID: "hay", Text: "hay"}) // sent again by who did not hear
	inB.read(t, isReply(chat.ReplyAck))
	if got := h.Stats().Stored; got != stored {
		t.Errorf("%d events were stored", got-stored)
	}
	do(t, b, chat.Command{Kind: chat.CmdHistory, Room: "barn"})
	if r := inB.read(t, isReply(chat.ReplyHistory)).Reply; len(r.Messages) != 2 {
		t.Errorf("its messages are %+v", r.Messages)
	}
	for _, user := range []chat.User{ada, bob, eve} {
		if _, listed := listOf(t, h, user); listed("barn") != nil {
			t.Errorf("listed to %s: %+v", user.Name, listed("barn"))
		}
	}
	do(t, b, chat.Command{Kind: chat.CmdRooms, On: true})
	if rooms := inB.read(t, isReply(chat.ReplyRooms)).Reply.Rooms; len(rooms) != 1 || rooms[0].Name != "barn" || !rooms[0].Archived {
		t.Errorf("the archived rooms are %+v", rooms)
	}
	e, inE := enter(t, h, eve)
	do(t, e, chat.Command{Kind: chat.CmdJoin, Room: "barn", Since: -1})
	if r := inE.read(t, isReply(chat.ReplyJoined)).Reply; !r.Facts.Archived || len(r.Messages) != 2 {
		t.Errorf("who comes is told %+v", r)
	}
	m, inM := enter(t, h, moderator(t, s))
	do(t, m, chat.Command{Kind: chat.CmdJoin, Room: "barn", Since: -1})
	inM.read(t, isReply(chat.ReplyJoined))
	do(t, m, chat.Command{Kind: chat.CmdDelete, Room: "barn", ID: "gone", Of: 2})
	inM.read(t, isReply(chat.ReplyAck))
	inE.read(t, func(l line) bool { return l.Event != nil && l.Event.Kind == chat.KindDelete && l.Event.Of == 2 })
	do(t, m, chat.Command{Kind: chat.CmdReact, Room: "barn", ID: "heart", Of: 1, Emoji: "❤️", On: true})
	if r := inM.read(t, isReply(chat.ReplyError)).Reply; r.Err.Code != chat.CodeForbidden {
		t.Errorf("a moderator who reacts is told %+v", r.Err)
	}
	do(t, a, archive("barn", false))
	inB.read(t, func(l line) bool { return isArchive(l) && !l.Signal.On })
	do(t, b, chat.Command{Kind: chat.CmdSend, Room: "barn", Text: "back again"})
	inE.read(t, isText("back again"))
	if _, listed := listOf(t, h, eve); listed("barn") == nil {
		t.Error("an opened room isn't listed")
	}
}
