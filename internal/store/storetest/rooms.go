package storetest

import (
	"fmt"
	"testing"

	"parley/internal/chat"
)

func topic(room chat.RoomName, text string) chat.Event {
	return chat.Event{Room: room, Kind: chat.KindTopic, User: ada, Text: text, Time: noon}
}

func pin(room chat.RoomName, of int64, on bool) chat.Event {
	return chat.Event{Room: room, Kind: chat.KindPin, User: ada, Of: of, On: on, Time: noon}
}

// factsOf returns what a room is beside its log.
func factsOf(t *testing.T, s Store, room chat.RoomName) chat.Facts {
	t.Helper()
	facts, err := s.Facts(t.Context(), room)
	must(t, err)
	return facts
}

func testTopics(t *testing.T, open Opener) {
	place := t.TempDir()
	s := open(t, place)
	same(t, "what a room is that isn't there", chat.Facts{}, factsOf(t, s, "dev"))
	appended(t, s, topic("dev", "tomatoes"), message("dev", bob, "1", "hi"))
	appended(t, s, topic("other", "peas"))
	appended(t, s, topic("dev", "pears"))
	same(t, "what the room is", chat.Facts{Topic: "pears"}, factsOf(t, s, "dev"))
	same(t, "the room in a list", chat.RoomInfo{Name: "dev", Last: 3, Topic: "pears"}, seen(t, s, bob, "dev"))
	events := whole(t, s, "dev")
	same(t, "the first topic in the log", "tomatoes", events[0].Text)
	if page, err := s.Before(t.Context(), "dev", 0, 10); err != nil || len(page) != 1 {
		t.Errorf("a page of messages holds %+v (%v)", page, err)
	}
	must(t, s.Close())
	s = open(t, place)
	defer s.Close()
	same(t, "what the room is after opening again", chat.Facts{Topic: "pears"}, factsOf(t, s, "dev"))
	appended(t, s, topic("dev", ""))
	same(t, "without a topic", chat.Facts{}, factsOf(t, s, "dev"))
}

func testPins(t *testing.T, open Opener) {
	s := open.opened(t)
	for i := range 4 { // 1 to 4
		appended(t, s, message("dev", bob, fmt.Sprint(i), "hi"))
	}
	appended(t, s, pin("dev", 3, true), pin("dev", 1, true), pin("dev", 3, true), pin("dev", 5, true), pin("dev", 99, true))
	same(t, "in the order of pinning, messages alone", []int64{3, 1}, factsOf(t, s, "dev").Pins)
	appended(t, s, pin("dev", 3, false), pin("dev", 4, true), pin("dev", 2, false), pin("dev", 3, true))
	same(t, "after taking one back", []int64{1, 4, 3}, factsOf(t, s, "dev").Pins)
	appended(t, s, deletion("dev", bob, 4), pin("dev", 4, true))
	same(t, "after a deletion", []int64{1, 3}, factsOf(t, s, "dev").Pins)
	same(t, "in another room", []int64(nil), factsOf(t, s, "other").Pins)
}

func testMuting(t *testing.T, open Opener) {
	s := open.opened(t)
	must(t, s.Mute(t.Context(), "dev", ada.ID, true)) // which isn't there
	for _, user := range []chat.User{ada, bob} {
		must(t, s.Enter(t.Context(), "dev", user.ID))
	}
	appended(t, s, message("dev", bob, "1", "hi"))
	marks(t, s, "dev", ada.ID, 1)
	for range 2 {
		must(t, s.Mute(t.Context(), "dev", ada.ID, true))
		same(t, "to who muted it", chat.RoomInfo{Name: "dev", Last: 1, Read: 1, Joined: true, Muted: true}, seen(t, s, ada, "dev"))
		same(t, "to the other", chat.RoomInfo{Name: "dev", Last: 1, Joined: true}, seen(t, s, bob, "dev"))
	}
	must(t, s.Mute(t.Context(), "dev", ada.ID, false))
	same(t, "after unmuting", chat.RoomInfo{Name: "dev", Last: 1, Read: 1, Joined: true}, seen(t, s, ada, "dev"))
	private := chat.Direct(ada.ID, bob.ID)
	appended(t, s, message(private, bob, "2", "psst"))
	must(t, s.Mute(t.Context(), private, ada.ID, true))
	if r := seen(t, s, ada, private); !r.Muted || r.Joined || r.Unread != 1 {
		t.Errorf("a private room that is muted is %+v", r)
	}
}
