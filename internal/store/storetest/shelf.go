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
		{"ReadMarksGoNeitherBackNorBeyondTheRoom", testReadMarks},
		{"CountsWhatOthersSaidSince", testCountsWhatOthersSaidSince},
		{"CountingStops", testCountingStops},
		{"PrivateRoomsAreListedToTheirTwoAlone", testPrivateRooms},
		{"ListsTheLatestUsedFirst", testListsTheLatestUsedFirst},
		{"OwnRoomsAreNotPushedOut", testOwnRoomsAreNotPushedOut},
		{"MentionsAreKeptWithTheirMessage", testMentionsAreKeptWithTheirMessage},
		{"EditsAndDeletionsChangeWhoIsMeant", testEditsAndDeletionsChangeWhoIsMeant},
		{"UnreadMentionsAreCounted", testUnreadMentionsAreCounted},
		{"MentionsArePagedAcrossRooms", testMentionsArePagedAcrossRooms},
		{"MentionsInRoomsOfOthersAreNotListed", testMentionsInRoomsOfOthersAreNotListed},
		{"WhatThoseSayWhomOneIgnoresDoesNotCount", testMentionsByWhomOneIgnores},
		{"SilentRoomsAreRemoved", testSilentRooms},
		{"ShelfIsKeptWhenOpenedAgain", testShelfIsKept},
		{"ManyWriteAtOnce", testManyWriteAtOnce},
		{"TopicsStandBesideTheLog", testTopics},
		{"PinsStandInTheirOrder", testPins},
		{"IgnoringIsKeptForEachUser", testIgnores},
		{"WhoIsKeptOutIsRemembered", testOrder},
		{"MutingIsKeptForEachUser", testMuting},
		{"RolesAreKept", testRoles},
		{"ClosedRoomsAreListedToThoseLetIn", testClosedRooms},
		{"PasswordsFitOrDoNot", testPasswords},
		{"WhoIsInvitedSeesByWhom", testInvitations},
		{"WhoIsRemovedStaysOut", testRemovals},
		{"WhoWasLetInIsListed", testInsiders},
		{"ArchivedRoomsAreListedApart", testArchived},
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

// marks marks how far a user has read.
func marks(t *testing.T, s Store, room chat.RoomName, user chat.UserID, seq int64) {
	t.Helper()
	_, err := s.MarkRead(t.Context(), room, user, seq)
	must(t, err)
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
		same(t, "to someone else, before a word was said", []chat.RoomInfo(nil), listed(t, s, bob))
	}
	appended(t, s, message("dev", bob, "1", "hi"))
	same(t, "to someone else", chat.RoomInfo{Name: "dev", Last: 1}, seen(t, s, bob, "dev"))
	marks(t, s, "dev", ada.ID, 1)
	for range 2 {
		must(t, s.Exit(t.Context(), "dev", ada.ID))
		same(t, "to who left", chat.RoomInfo{Name: "dev", Last: 1, Read: 1}, seen(t, s, ada, "dev"))
	}
	must(t, s.Exit(t.Context(), "dev", bob.ID)) // who never was there
	must(t, s.Enter(t.Context(), "dev", ada.ID))
	same(t, "to who came back", chat.RoomInfo{Name: "dev", Last: 1, Read: 1, Joined: true}, seen(t, s, ada, "dev"))
	appended(t, s, message("new", bob, "2", "hi"))
	same(t, "a room by what was said in it", chat.RoomInfo{Name: "new", Last: 1}, seen(t, s, ada, "new"))
}

func testReadMarks(t *testing.T, open Opener) {
	s := open.opened(t)
	if mark, err := s.MarkRead(t.Context(), "dev", ada.ID, 3); mark != 0 || err != nil {
		t.Errorf("in a room that isn't there: %d, %v", mark, err)
	}
	must(t, s.Enter(t.Context(), "dev", ada.ID))
	say := func(id string) { appended(t, s, message("dev", bob, id, "hi")) }
	for i := range 6 {
		say(fmt.Sprint(i))
	}
	const beyond = 1<<53 - 1
	for _, step := range []struct{ mark, read int64 }{{0, 0}, {4, 4}, {3, 4}, {4, 4}, {5, 5}, {-1, 5}, {beyond, 6}, {2, 6}} {
		mark, err := s.MarkRead(t.Context(), "dev", ada.ID, step.mark)
		if r := seen(t, s, ada, "dev"); err != nil || mark != step.read || r.Read != step.read || !r.Joined {
			t.Errorf("after marking %d: %d, %v: %+v", step.mark, mark, err, r)
		}
	}
	say("later")
	if r := seen(t, s, ada, "dev"); r.Unread != 1 {
		t.Errorf("what is said after a mark beyond the room: %+v", r)
	}
	marks(t, s, "dev", bob.ID, 4)
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
	unread(0) // where she isn't nothing waits for her
	must(t, s.Enter(t.Context(), "dev", ada.ID))
	unread(3)
	marks(t, s, "dev", ada.ID, 1)
	unread(2)
	must(t, s.Exit(t.Context(), "dev", ada.ID))
	unread(0)
	must(t, s.Enter(t.Context(), "dev", ada.ID))
	unread(2)
	appended(t, s, deletion("dev", bob, 6))
	unread(1)
	marks(t, s, "dev", ada.ID, 3)
	unread(0)
	marks(t, s, "dev", ada.ID, 1000)
	unread(0)
}

func testCountingStops(t *testing.T, open Opener) {
	s := open.opened(t)
	events := make([]chat.Event, chat.UnreadMost+50)
	for i := range events {
		events[i] = message("dev", bob, fmt.Sprint(i), "hi")
	}
	appended(t, s, events...)
	must(t, s.Enter(t.Context(), "dev", ada.ID))
	for _, step := range []struct {
		mark int64
		want int
	}{{0, chat.UnreadMost}, {50, chat.UnreadMost}, {51, chat.UnreadMost - 1}} {
		marks(t, s, "dev", ada.ID, step.mark)
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
	marks(t, s, both, cyd.ID, 1) // a mark of a stranger opens nothing
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

// What strangers do, who make more rooms than a list has, leaves a user's own rooms where they are.
func testOwnRoomsAreNotPushedOut(t *testing.T, open Opener) {
	s := open.opened(t)
	private := chat.Direct(ada.ID, bob.ID)
	must(t, s.Enter(t.Context(), "family", ada.ID))
	must(t, s.Enter(t.Context(), "begun", ada.ID))
	must(t, s.Enter(t.Context(), chat.Lobby, bob.ID))
	appended(t, s, message("family", bob, "1", "hi"), message("family", bob, "2", "hi"))
	appended(t, s, message(private, bob, "3", "psst"))
	appended(t, s, message(chat.Lobby, bob, "4", "hello"))
	marks(t, s, "family", ada.ID, 1)
	want := map[chat.RoomName]chat.RoomInfo{
		"family":   {Name: "family", Last: 2, Read: 1, Unread: 1, Joined: true},
		"begun":    {Name: "begun", Joined: true},
		private:    {Name: private, Peer: chat.User{ID: bob.ID}, Last: 1, Unread: 1},
		chat.Lobby: {Name: chat.Lobby, Last: 1},
	}
	var wg sync.WaitGroup
	for i := range 600 {
		wg.Go(func() {
			err := s.Enter(t.Context(), roomNamed(i), cyd.ID)
			if err == nil && i%12 > 0 { // in 50 of them they say nothing
				e := message(roomNamed(i), cyd, fmt.Sprint(i), "junk")
				e.Time = noon.Add(time.Hour)
				_, err = s.Append(t.Context(), []chat.Event{e})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got := listed(t, s, ada)
	if len(got) != chat.RoomsMost {
		t.Errorf("%d rooms are listed", len(got))
	}
	for i, r := range got {
		switch w, own := want[r.Name]; {
		case i < len(want) != own:
			t.Errorf("room %d is %+v", i, r)
		case own:
			same(t, "a room of one's own", w, r)
		case r.Last == 0:
			t.Errorf("a room of others without a word in it is listed: %+v", r)
		}
	}
}

// A room is removed once nobody is in it and nothing was said; one that has either stays as it is.
func testSilentRooms(t *testing.T, open Opener) {
	s := open.opened(t)
	for i := range 450 { // more than one step
		must(t, s.Enter(t.Context(), roomNamed(i), cyd.ID))
		must(t, s.Exit(t.Context(), roomNamed(i), cyd.ID))
	}
	must(t, s.Enter(t.Context(), roomNamed(7), ada.ID))
	appended(t, s, message(roomNamed(8), bob, "1", "hi"))
	marks(t, s, roomNamed(8), cyd.ID, 1)
	for range 2 {
		must(t, s.RemoveSilentRooms(t.Context()))
		same(t, "the rooms of who is in one", []chat.RoomInfo{
			{Name: roomNamed(7), Joined: true}, {Name: roomNamed(8), Last: 1},
		}, listed(t, s, ada))
		same(t, "the rooms of who left", []chat.RoomInfo{{Name: roomNamed(8), Last: 1, Read: 1}}, listed(t, s, cyd))
	}
	appended(t, s, message(roomNamed(9), bob, "2", "hi")) // one that is gone begins anew
	same(t, "a room that was removed", chat.RoomInfo{Name: roomNamed(9), Last: 1}, seen(t, s, cyd, roomNamed(9)))
}

func testShelfIsKept(t *testing.T, open Opener) {
	place := t.TempDir()
	s := open(t, place)
	appended(t, s, message("dev", bob, "1", "hi"), message("dev", bob, "2", "hi"))
	must(t, s.Enter(t.Context(), "dev", ada.ID))
	marks(t, s, "dev", ada.ID, 1)
	want := listed(t, s, ada)
	must(t, s.Close())
	for what, err := range map[string]error{
		"Enter":    s.Enter(t.Context(), "dev", bob.ID),
		"Exit":     s.Exit(t.Context(), "dev", ada.ID),
		"MarkRead": func() error { _, err := s.MarkRead(t.Context(), "dev", ada.ID, 2); return err }(),
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
	for i := range 50 {
		appended(t, s, message("dev", bob, fmt.Sprint(i), "hi"))
	}
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
			_, err = s.MarkRead(t.Context(), "dev", user.ID, int64(i))
			must(err)
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
		"MarkRead": func() error { _, err := s.MarkRead(ended, "dev", ada.ID, 9); return err }(),
		"Rooms":    func() error { _, err := s.Rooms(ended, ada.ID); return err }(),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with an ended context: %v", what, err)
		}
	}
	same(t, "the rooms", want, listed(t, s, ada))
}
