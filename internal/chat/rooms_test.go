package chat_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"parley/internal/chat"
)

// listOf returns a user's list by name.
func listOf(t *testing.T, h *chat.Hub, user chat.User) ([]chat.RoomInfo, func(chat.RoomName) *chat.RoomInfo) {
	t.Helper()
	rooms, err := h.Rooms(t.Context(), user.ID)
	if err != nil {
		t.Fatal(err)
	}
	return rooms, func(name chat.RoomName) *chat.RoomInfo {
		i := slices.IndexFunc(rooms, func(r chat.RoomInfo) bool { return r.Name == name })
		if i < 0 {
			return nil
		}
		return &rooms[i]
	}
}

func TestRoomWithoutAWordIsListedToOthersWhileSomebodyIsInIt(t *testing.T) {
	h := newHub(t)
	a, in := enter(t, h, ada)
	do(t, a, chat.Command{Kind: chat.CmdJoin, Room: "garden", Since: -1})
	in.read(t, isReply(chat.ReplyJoined))
	if _, room := listOf(t, h, ada); room("garden") == nil || *room("garden") != (chat.RoomInfo{Name: "garden", Joined: true, Members: 1}) {
		t.Errorf("to who is in it: %+v", room("garden"))
	}
	if _, room := listOf(t, h, bob); room("garden") == nil || *room("garden") != (chat.RoomInfo{Name: "garden", Members: 1}) {
		t.Errorf("to others: %+v", room("garden"))
	}
	do(t, a, chat.Command{Kind: chat.CmdLeave, Room: "garden"})
	if err := h.Drain(t.Context()); err != nil { // the room has then handled the leaving
		t.Fatal(err)
	}
	for _, user := range []chat.User{ada, bob} {
		if _, room := listOf(t, h, user); room("garden") != nil {
			t.Errorf("to %s when nobody is there: %+v", user.Name, room("garden"))
		}
	}
}

// Four connections that make more rooms than a list has, some with and some without a word, take nobody's own rooms from their list.
func TestJunkRoomsLeaveOnesOwnInTheList(t *testing.T) {
	h, s := hubAndStore(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 0)
	b, in := enter(t, h, bob)
	do(t, b, chat.Command{Kind: chat.CmdSend, ID: "1", Text: "hello"})
	in.read(t, isReply(chat.ReplyAck))
	do(t, b, chat.Command{Kind: chat.CmdJoin, Room: "family", Since: -1})
	in.read(t, isReply(chat.ReplyJoined))
	e, junk := enter(t, h, eve)
	for i := range chat.RoomsMost + 40 {
		room := chat.RoomName(fmt.Sprint("junk-", i))
		do(t, e, chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1})
		junk.read(t, isReply(chat.ReplyJoined))
		if i == 299 { // so far without a word, and somebody is in all of them
			if rooms, _ := listOf(t, h, bob); len(rooms) != 2+100 {
				t.Errorf("%d rooms are listed; want the two of one's own and 100 that were begun", len(rooms))
			}
		}
		if i%2 == 0 {
			do(t, e, chat.Command{Kind: chat.CmdLeave, Room: room})
		}
	}
	later := time.Now().Add(time.Hour)
	for i := range chat.RoomsMost + 40 {
		room := chat.RoomName(fmt.Sprint("junk-", i))
		event := chat.Event{Room: room, Kind: chat.KindMessage, User: eve, Text: "junk", Time: later}
		if _, err := s.Append(t.Context(), []chat.Event{event}); err != nil {
			t.Fatal(err)
		}
	}
	rooms, room := listOf(t, h, bob)
	if len(rooms) != chat.RoomsMost {
		t.Errorf("%d rooms are listed", len(rooms))
	}
	if r := room(chat.Lobby); r == nil || *r != (chat.RoomInfo{Name: chat.Lobby, Last: 1, Joined: true, Members: 2}) {
		t.Errorf("the lobby: %+v", r)
	}
	if r := room("family"); r == nil || *r != (chat.RoomInfo{Name: "family", Joined: true, Members: 1}) {
		t.Errorf("the room that was joined: %+v", r)
	}
}

func TestOtherConnectionsHearOfAMarkNoFurtherThanTheRoomGoes(t *testing.T) {
	h := newHub(t)
	a, in := enter(t, h, ada)
	b, _ := enter(t, h, bob)
	_, other := enter(t, h, ada)
	do(t, b, chat.Command{Kind: chat.CmdSend, ID: "1", Text: "hello"})
	in.read(t, isText("hello"))
	do(t, a, chat.Command{Kind: chat.CmdRead, Room: chat.Lobby, Seq: 1<<53 - 1})
	if read := other.read(t, isReply(chat.ReplyRead)).Reply; read.Seq != 1 {
		t.Errorf("heard of %d", read.Seq)
	}
	do(t, b, chat.Command{Kind: chat.CmdSend, ID: "2", Text: "later"})
	in.read(t, isText("later"))
	if _, room := listOf(t, h, ada); room(chat.Lobby).Unread != 1 {
		t.Errorf("unread: %+v", room(chat.Lobby))
	}
}
