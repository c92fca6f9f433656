package storetest

import (
	"fmt"
	"testing"
	"time"

	"parley/internal/chat"
)

// meaning returns a message or an edit that means users, by the names that its text has for them.
func meaning(e chat.Event, users ...chat.User) chat.Event {
	e.Mentions = &chat.Mentions{}
	for _, u := range users {
		e.Mentions.Users = append(e.Mentions.Users, chat.Mention{User: u.ID, Name: u.Name})
	}
	return e
}

// meaningAll returns a message or an edit that means everybody who was there.
func meaningAll(e chat.Event, there ...chat.User) chat.Event {
	if e.Mentions == nil {
		e.Mentions = &chat.Mentions{}
	}
	e.Mentions.Here = true
	for _, u := range there {
		e.Mentions.There = append(e.Mentions.There, u.ID)
	}
	return e
}

// meant returns where a user is meant, the latest first.
func meant(t *testing.T, s Store, user chat.User) []string {
	t.Helper()
	events, err := s.Mentions(t.Context(), user.ID, chat.MentionPlace{}, 100)
	must(t, err)
	return places(events)
}

func places(events []chat.Event) []string {
	var found []string
	for i := range events {
		found = append(found, fmt.Sprint(events[i].Room, " ", events[i].Seq))
	}
	return found
}

func testMentionsAreKeptWithTheirMessage(t *testing.T, open Opener) {
	s := open.opened(t)
	appended(t, s, message(chat.Lobby, ada, "1", "hi"))
	appended(t, s, meaning(message(chat.Lobby, ada, "2", "@Bob and @bob and @Cyd"), bob, chat.User{ID: bob.ID, Name: "bob"}, cyd))
	appended(t, s, meaningAll(meaning(message("dev", ada, "3", "@Cyd, @here"), cyd), bob, cyd))
	same(t, "of Bob", []string{"lobby 2", "dev 1"}, meant(t, s, bob))
	same(t, "of Ada, who wrote them", []string(nil), meant(t, s, ada))

	two := &chat.Mentions{Users: []chat.Mention{{User: bob.ID, Name: "Bob"}, {User: bob.ID, Name: "bob"}, {User: cyd.ID, Name: "Cyd"}}}
	same(t, "by Message", two, messageAt(t, s, chat.Lobby, 2).Mentions)
	log := whole(t, s, chat.Lobby)
	same(t, "by After", []*chat.Mentions{nil, two}, []*chat.Mentions{log[0].Mentions, log[1].Mentions})
	page, err := s.Before(t.Context(), "dev", 0, 10)
	must(t, err)
	same(t, "by Before", &chat.Mentions{Users: []chat.Mention{{User: cyd.ID, Name: "Cyd"}}, Here: true}, page[0].Mentions)
}

func testEditsAndDeletionsChangeWhoIsMeant(t *testing.T, open Opener) {
	s := open.opened(t)
	appended(t, s, meaning(message(chat.Lobby, ada, "1", "@Bob"), bob), meaning(message(chat.Lobby, ada, "2", "@Bob"), bob))
	appended(t, s, meaningAll(message(chat.Lobby, ada, "3", "@here"), bob))
	appended(t, s, meaning(edit(chat.Lobby, ada, 1, "no, @Cyd"), cyd))
	appended(t, s, meaningAll(edit(chat.Lobby, ada, 3, "all @here"), cyd)) // who came meanwhile was not there
	same(t, "of Bob", []string{"lobby 3", "lobby 2"}, meant(t, s, bob))
	same(t, "of Cyd", []string{"lobby 1"}, meant(t, s, cyd))
	edited := &chat.Mentions{Users: []chat.Mention{{User: cyd.ID, Name: "Cyd"}}}
	events := whole(t, s, chat.Lobby)
	same(t, "the message", edited, events[0].Mentions)
	same(t, "its edit", edited, events[3].Mentions)

	appended(t, s, edit(chat.Lobby, ada, 3, "nobody"), deletion(chat.Lobby, ada, 2))
	same(t, "of Bob afterwards", []string(nil), meant(t, s, bob))
	appended(t, s, meaning(edit(chat.Lobby, ada, 2, "@Bob"), bob), meaning(edit(chat.Lobby, ada, 99, "@Bob"), bob))
	same(t, "of Bob by what comes too late, or of what isn't there", []string(nil), meant(t, s, bob))
}

func testUnreadMentionsAreCounted(t *testing.T, open Opener) {
	s := open.opened(t)
	must(t, s.Enter(t.Context(), chat.Lobby, bob.ID))
	appended(t, s, meaning(message(chat.Lobby, ada, "1", "@Bob @bob"), bob, chat.User{ID: bob.ID, Name: "bob"}))
	appended(t, s, message(chat.Lobby, ada, "2", "hi"), meaningAll(message(chat.Lobby, ada, "3", "@here"), bob))
	appended(t, s, meaning(message("dev", ada, "4", "@Bob"), bob))
	theirs := chat.Direct(ada.ID, bob.ID)
	appended(t, s, meaning(message(theirs, ada, "5", "@Bob"), bob))
	for room, want := range map[chat.RoomName]int{chat.Lobby: 2, "dev": 0, theirs: 1} {
		if got := seen(t, s, bob, room).Mentions; got != want {
			t.Errorf("%d unread mentions in %s, want %d", got, room, want)
		}
	}
	marks(t, s, chat.Lobby, bob.ID, 1)
	same(t, "after reading the first", 1, seen(t, s, bob, chat.Lobby).Mentions)
	marks(t, s, chat.Lobby, bob.ID, 3)
	same(t, "after reading all", 0, seen(t, s, bob, chat.Lobby).Mentions)
	same(t, "of who wrote them", 0, seen(t, s, ada, theirs).Mentions)
}

func testMentionsArePagedAcrossRooms(t *testing.T, open Opener) {
	s := open.opened(t)
	var want []string
	for i := range 12 {
		room := []chat.RoomName{"a", "b", "c"}[i%3]
		e := meaning(message(room, ada, fmt.Sprint(i), "@Bob"), bob)
		e.Time = noon.Add(time.Duration(i/6) * time.Second) // many at the same time
		appended(t, s, e)
	}
	all, err := s.Mentions(t.Context(), bob.ID, chat.MentionPlace{}, 100)
	must(t, err)
	want = places(all)
	if len(want) != 12 || all[0].Time.Before(all[11].Time) {
		t.Fatalf("all of them are %v", want)
	}
	var got []string
	var before chat.MentionPlace
	for range 4 {
		page, err := s.Mentions(t.Context(), bob.ID, before, 3)
		must(t, err)
		got = append(got, places(page)...)
		last := page[len(page)-1]
		before = chat.MentionPlace{Time: last.Time, Room: last.Room, Seq: last.Seq}
	}
	same(t, "page by page", want, got)
	end, err := s.Mentions(t.Context(), bob.ID, before, 3)
	must(t, err)
	same(t, "after the last", []string(nil), places(end))
}

// Whoever is meant where they may not read learns nothing of it, however it came to be stored.
func testMentionsInRoomsOfOthersAreNotListed(t *testing.T, open Opener) {
	s := open.opened(t)
	appended(t, s, meaning(message(chat.Direct(ada.ID, bob.ID), ada, "1", "@Cyd"), cyd))
	appended(t, s, meaning(message("~club", ada, "2", "@Cyd"), cyd))
	appended(t, s, meaning(message("dev", ada, "3", "@Cyd"), cyd))
	same(t, "of Cyd", []string{"dev 1"}, meant(t, s, cyd))
	for _, info := range listed(t, s, cyd) {
		if info.Mentions > 0 && info.Name != "dev" {
			t.Errorf("Cyd's list counts mentions in %s", info.Name)
		}
	}
}

// Whom one ignores calls one in vain, until one doesn't ignore them any more.
func testMentionsByWhomOneIgnores(t *testing.T, open Opener) {
	s := open.opened(t)
	must(t, s.Enter(t.Context(), chat.Lobby, bob.ID))
	appended(t, s, meaning(message(chat.Lobby, ada, "1", "@Bob"), bob), meaning(message(chat.Lobby, cyd, "2", "@Bob"), bob))
	must(t, s.Ignore(t.Context(), bob.ID, cyd.ID, true))
	same(t, "while ignoring Cyd", []string{"lobby 1"}, meant(t, s, bob))
	same(t, "counted while ignoring Cyd", 1, seen(t, s, bob, chat.Lobby).Mentions)
	same(t, "unread while ignoring Cyd", 1, seen(t, s, bob, chat.Lobby).Unread)
	must(t, s.Ignore(t.Context(), bob.ID, cyd.ID, false))
	same(t, "afterwards", []string{"lobby 2", "lobby 1"}, meant(t, s, bob))
	same(t, "unread afterwards", 2, seen(t, s, bob, chat.Lobby).Unread)
}
