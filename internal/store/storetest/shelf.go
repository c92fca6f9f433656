package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/internal/chat"
)

// TestShelf holds a store against the obligations of [chat.Shelf].
func TestShelf(t *testing.T, open Opener) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Opener)
	}{
		{"EnteringMakesTheRoom", testEnteringMakesTheRoom},
		{"ReadMarksNeverGoBack", testReadMarksNeverGoBack},
		{"CountsWhatOthersSaidSince", testCountsWhatOthersSaidSince},
		{"CountingStops", testCountingStops},
		{"PrivateRoomsAreListedToTheirTwoAlone", testPrivateRooms},
		{"ListsTheLatestUsedFirst", testListsTheLatestUsedFirst},
		{"ShelfIsKeptWhenOpenedAgain", testShelfIsKept},
		{"ManyWriteAtOnce", testManyWriteAtOnce},
		{"EndedContextChangesNothing", testEndedContextChangesNothing},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open) })
	}
}

// listed returns the rooms that a user sees.
func listed(t *testing.T, s Store, user chat.User) []chat.RoomInfo {
	t.Helper()
	rooms, err := s.Rooms(t.Context(), user.ID)
	if err != nil {
		t.Fatalf("Rooms: %v", err)
	}
	return rooms
}

// seen returns one room as a user sees it; it must be listed.
func seen(t *testing.T, s Store, user chat.User, room chat.RoomName) chat.RoomInfo {
	t.Helper()
	rooms := listed(t, s, user)
	at := slices.IndexFunc(rooms, func(r chat.RoomInfo) bool { return r.Name == room })
	if at < 0 {
		t.Fatalf("%s is not listed to %s: %+v", room, user.Name, rooms)
	}
	return rooms[at]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func testEnteringMakesTheRoom(t *testing.T, open Opener) {
	s := open.opened(t)
	same(t, "the rooms of a new store", []chat.RoomInfo(nil), listed(t, s, ada))
	for range 2 {
		must(t, s.Enter(t.Context(), "dev", ada.ID))
		same(t, "to who entered", chat.RoomInfo{Name: "dev", Joined: true}, seen(t, s, ada, "dev"))
		same(t, "to someone else", chat.RoomInfo{Name: "dev"}, seen(t, s, bob, "dev"))
	}
	appended(t, s, message("dev", bob, "1", "hi"))
	must(t, s.MarkRead(t.Context(), "dev", ada.ID, 1))
	for range 2 {
		must(t, s.Exit(t.Context(), "dev", ada.ID))
		same(t, "to who left", chat.RoomInfo{Name: "dev", Last: 1, Read: 1}, seen(t, s, ada, "dev"))
	}
	must(t, s.Exit(t.Context(), "dev", bob.ID)) // who never was there
	must(t, s.Enter(t.Context(), "dev", ada.ID))
	same(t, "to who came back", chat.RoomInfo{Name: "dev", Last: 1, Read: 1, Joined: true}, seen(t, s, ada, "dev"))
	appended(t, s, message("new", bob, "2", "hi"))
	same(t, "a room by what was said in it", chat.RoomInfo{Name: "new", Last: 1, Unread: 1}, seen(t, s, ada, "new"))
}

func testReadMarksNeverGoBack(t *testing.T, open Opener) {
	s := open.opened(t)
	must(t, s.Enter(t.Context(), "dev", ada.ID))
	for _, step := range []struct{ mark, read int64 }{{0, 0}, {5, 5}, {3, 5}, {5, 5}, {6, 6}, {-1, 6}} {
		must(t, s.MarkRead(t.Context(), "dev", ada.ID, step.mark))
		if r := seen(t, s, ada, "dev"); r.Read != step.read || !r.Joined {
			t.Errorf("after marking %d: %+v", step.mark, r)
		}
	}
	must(t, s.MarkRead(t.Context(), "dev", bob.ID, 4))
	if r := seen(t, s, bob, "dev"); r.Read != 4 || r.Joined {
		t.Errorf("of someone who isn't in the room: %+v", r)
	}
}

func testCountsWhatOthersSaidSince(t *testing.T, open Opener) {
	s := open.opened(t)
	appended(t, s, message("dev", bob, "1", "one"), message("dev", ada, "2", "mine"), message("dev", cyd, "3", "three"))
	appended(t, s, edit("dev", bob, 1, "first"), reacted("dev", cyd, 1, "👍", true), message("dev", bob, "4", "six"))
	unread := func(want int) {
		t.Helper()
		if r := seen(t, s, ada, "dev"); r.Unread != want {
			t.Errorf("%d unread, not %d: %+v", r.Unread, want, r)
		}
	}
	unread(3)
	must(t, s.MarkRead(t.Context(), "dev", ada.ID, 1))
	unread(2)
	appended(t, s, deletion("dev", bob, 6))
	unread(1)
	must(t, s.MarkRead(t.Context(), "dev", ada.ID, 3))
	unread(0)
	must(t, s.MarkRead(t.Context(), "dev", ada.ID, 1000))
	unread(0)
}

func testCountingStops(t *testing.T, open Opener) {
	s := open.opened(t)
	events := make([]chat.Event, chat.UnreadMost+50)
	for i := range events {
		events[i] = message("dev", bob, fmt.Sprint(i), "hi")
	}
	appended(t, s, events...)
	for _, step := range []struct {
		mark int64
		want int
	}{{0, chat.UnreadMost}, {50, chat.UnreadMost}, {51, chat.UnreadMost - 1}} {
		must(t, s.MarkRead(t.Context(), "dev", ada.ID, step.mark))
		if r := seen(t, s, ada, "dev"); r.Unread != step.want {
			t.Errorf("%d unread after %d, not %d", r.Unread, step.mark, step.want)
		}
	}
}

func testPrivateRooms(t *testing.T, open Opener) {
	s := open.opened(t)
	both, own := chat.Direct(ada.ID, bob.ID), chat.Direct(cyd.ID, cyd.ID)
	for _, user := range []chat.User{ada, bob} {
		must(t, s.Enter(t.Context(), both, user.ID))
	}
	if n := len(listed(t, s, ada)); n != 0 {
		t.Errorf("%d private rooms without a word in them are listed", n)
	}
	appended(t, s, message(both, ada, "1", "psst"), message(both, ada, "2", "you"))
	appended(t, s, message(own, cyd, "1", "note"))
	for _, test := range []struct {
		user chat.User
		want chat.RoomInfo
	}{
		{ada, chat.RoomInfo{Name: both, Peer: chat.User{ID: bob.ID}, Last: 2, Joined: true}},
		{bob, chat.RoomInfo{Name: both, Peer: chat.User{ID: ada.ID}, Last: 2, Joined: true, Unread: 2}},
		{cyd, chat.RoomInfo{Name: own, Peer: chat.User{ID: cyd.ID}, Last: 1}},
	} {
		same(t, "the private rooms of "+test.user.Name, []chat.RoomInfo{test.want}, listed(t, s, test.user))
	}
	must(t, s.MarkRead(t.Context(), both, cyd.ID, 1)) // a mark of a stranger opens nothing
	if n := len(listed(t, s, cyd)); n != 1 {
		t.Errorf("%d rooms are listed to a stranger", n)
	}
}

func testListsTheLatestUsedFirst(t *testing.T, open Opener) {
	s := open.opened(t)
	const rooms, most = 520, 500
	var wg sync.WaitGroup
	for i := range rooms {
		wg.Go(func() {
			e := message(roomNamed(i), bob, fmt.Sprint(i), "hi")
			e.Time = noon.Add(time.Duration(i) * time.Second)
			if _, err := s.Append(t.Context(), []chat.Event{e}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	again := message(roomNamed(100), bob, "again", "hi")
	again.Time = noon.Add(time.Hour)
	appended(t, s, again)
	want := []chat.RoomName{roomNamed(100)}
	for i := rooms - 1; len(want) < most; i-- {
		if i != 100 {
			want = append(want, roomNamed(i))
		}
	}
	var got []chat.RoomName
	for _, r := range listed(t, s, ada) {
		got = append(got, r.Name)
	}
	same(t, "the rooms", want, got)
}

func testShelfIsKept(t *testing.T, open Opener) {
	place := t.TempDir()
	s := open(t, place)
	appended(t, s, message("dev", bob, "1", "hi"), message("dev", bob, "2", "hi"))
	must(t, s.Enter(t.Context(), "dev", ada.ID))
	must(t, s.MarkRead(t.Context(), "dev", ada.ID, 1))
	want := listed(t, s, ada)
	must(t, s.Close())
	for what, err := range map[string]error{
		"Enter":    s.Enter(t.Context(), "dev", bob.ID),
		"Exit":     s.Exit(t.Context(), "dev", ada.ID),
		"MarkRead": s.MarkRead(t.Context(), "dev", ada.ID, 2),
	} {
		if err == nil {
			t.Errorf("%s of a closed store says nothing", what)
		}
	}
	s = open(t, place)
	defer s.Close()
	same(t, "the rooms after opening again", want, listed(t, s, ada))
}

func testManyWriteAtOnce(t *testing.T, open Opener) {
	s := open.opened(t)
	var wg sync.WaitGroup
	for i := range 50 {
		user := chat.User{ID: chat.UserID(fmt.Sprintf("u_%d", i)), Name: "Guest"}
		wg.Go(func() {
			must := func(err error) {
				if err != nil {
					t.Error(err)
				}
			}
			must(s.Enter(t.Context(), "dev", user.ID))
			_, err := s.Append(t.Context(), []chat.Event{message(roomNamed(i), user, "1", "hi")})
			must(err)
			must(s.MarkRead(t.Context(), "dev", user.ID, int64(i)))
			_, err = s.Rooms(t.Context(), user.ID)
			must(err)
		})
	}
	wg.Wait()
	for i := range 50 {
		user := chat.User{ID: chat.UserID(fmt.Sprintf("u_%d", i))}
		if r := seen(t, s, user, "dev"); !r.Joined || r.Read != int64(i) {
			t.Errorf("user %d: %+v", i, r)
		}
	}
}

func testEndedContextChangesNothing(t *testing.T, open Opener) {
	s := open.opened(t)
	must(t, s.Enter(t.Context(), "dev", ada.ID))
	want := listed(t, s, ada)
	ended := cancelled()
	for what, err := range map[string]error{
		"Enter":    s.Enter(ended, "other", ada.ID),
		"Exit":     s.Exit(ended, "dev", ada.ID),
		"MarkRead": s.MarkRead(ended, "dev", ada.ID, 9),
		"Rooms":    func() error { _, err := s.Rooms(ended, ada.ID); return err }(),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with an ended context: %v", what, err)
		}
	}
	same(t, "the rooms", want, listed(t, s, ada))
}
