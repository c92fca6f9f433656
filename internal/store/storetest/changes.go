package storetest

import (
	"strings"
	"testing"

	"parley/internal/chat"
)

func testEditChangesTheMessage(t *testing.T, open Opener) {
	log := open.opened(t)
	appended(t, log, message(chat.Lobby, ada, "1", "helo"), message(chat.Lobby, bob, "1", "helo"))
	appended(t, log, message("dev", ada, "2", "helo"))
	appended(t, log, edit(chat.Lobby, ada, 1, "hello"))
	appended(t, log, edit(chat.Lobby, ada, 1, "hello!"))
	events := whole(t, log, chat.Lobby)
	var texts []string
	for _, e := range events {
		texts = append(texts, e.Text)
	}
	same(t, "the log", []string{"hello!", "helo", "hello", "hello!"}, texts)
	if events[0].Edited != 4 || events[1].Edited != 0 || events[0].Time != noon || events[3].Of != 1 {
		t.Errorf("the events are %+v", events)
	}
	if e := messageAt(t, log, "dev", 1); e.Text != "helo" || e.Edited != 0 {
		t.Errorf("the message of another room has changed: %+v", e)
	}
}

func testDeletionLeavesNothingToRead(t *testing.T, open Opener) {
	log := open.opened(t)
	appended(t, log, message(chat.Lobby, ada, "1", "secret"), message(chat.Lobby, ada, "2", "other"))
	appended(t, log, edit(chat.Lobby, ada, 1, "secret too"), edit(chat.Lobby, ada, 2, "another"))
	appended(t, log, reacted(chat.Lobby, bob, 1, "👍", true), reacted(chat.Lobby, bob, 2, "👍", true))
	appended(t, log, deletion(chat.Lobby, ada, 1))
	late := appended(t, log,
		edit(chat.Lobby, ada, 1, "secret three"), reacted(chat.Lobby, bob, 1, "🎉", true), deletion(chat.Lobby, bob, 1))

	events := whole(t, log, chat.Lobby)
	same(t, "what is stored of changes that came late", events[7:], []chat.Event{late[0].Event, late[1].Event, late[2].Event})
	gone := events[0]
	if gone.Text != "" || gone.Deleted != 7 || gone.Edited != 3 || len(gone.Reactions) != 0 ||
		gone.User != ada || gone.ClientID != "1" {
		t.Errorf("the deleted message is %+v", gone)
	}
	for _, e := range events {
		if strings.Contains(e.Text, "secret") {
			t.Errorf("event %d still says %q", e.Seq, e.Text)
		}
	}
	if e := events[1]; e.Text != "another" || len(e.Reactions) != 1 || events[3].Text != "another" {
		t.Errorf("the other message has changed too: %+v", e)
	}
}

func testReactionsStandInTheOrderOfSetting(t *testing.T, open Opener) {
	log := open.opened(t)
	for _, id := range []string{"1", "2", "3"} {
		appended(t, log, message(chat.Lobby, ada, id, "hi"))
	}
	set := func(user chat.User, of int64, emoji string, on bool) {
		appended(t, log, reacted(chat.Lobby, user, of, emoji, on))
	}
	set(cyd, 1, "👍", true)
	set(bob, 1, "🎉", true)
	set(ada, 1, "👍", true)
	set(bob, 1, "👍", true)
	set(ada, 1, "👍", true) // again: no second time, and no later place
	set(bob, 2, "👍", true)
	set(bob, 2, "👍", false)
	set(bob, 2, "👍", false) // what isn't there
	set(bob, 1, "🎉", false)
	set(ada, 1, "🎉", true)
	want := []chat.Reaction{
		{Emoji: "👍", Users: []chat.UserID{cyd.ID, ada.ID, bob.ID}},
		{Emoji: "🎉", Users: []chat.UserID{ada.ID}},
	}
	same(t, "by Message", want, messageAt(t, log, chat.Lobby, 1).Reactions)
	page, err := log.Before(t.Context(), chat.Lobby, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]chat.Reaction{want, nil, nil} {
		same(t, "by Before", want, page[i].Reactions)
	}
	events := whole(t, log, chat.Lobby)
	same(t, "by After", want, events[0].Reactions)
	if len(events) != 13 || events[12].Emoji != "🎉" || !events[12].On || events[11].On || events[12].Of != 1 {
		t.Errorf("every reaction is an event, too: %+v", events[11:])
	}
}

func testChangesOfWhatIsNoMessage(t *testing.T, open Opener) {
	log := open.opened(t)
	appended(t, log, message(chat.Lobby, ada, "1", "one"), edit(chat.Lobby, ada, 1, "two"))
	for _, of := range []int64{2, 99, 0, -1} { // an edit, one to come, none
		appended(t, log, edit(chat.Lobby, ada, of, "three"), reacted(chat.Lobby, ada, of, "👍", true), deletion(chat.Lobby, ada, of))
	}
	appended(t, log, edit("dev", ada, 1, "three"), deletion("dev", ada, 1))
	want := message(chat.Lobby, ada, "1", "two")
	want.Seq, want.Edited = 1, 2
	same(t, "the only message", want, messageAt(t, log, chat.Lobby, 1))
	if e := whole(t, log, chat.Lobby)[1]; e.Text != "two" || e.Deleted != 0 {
		t.Errorf("the edit has changed: %+v", e)
	}
}

func testAppendAndChangeInOneCall(t *testing.T, open Opener) {
	log := open.opened(t)
	stored := appended(t, log,
		message(chat.Lobby, ada, "1", "one"), message(chat.Lobby, ada, "2", "two"), edit(chat.Lobby, ada, 1, "first"),
		reacted(chat.Lobby, bob, 1, "👍", true), deletion(chat.Lobby, ada, 2), edit(chat.Lobby, ada, 1, "the first"))
	if stored[0].Text != "one" {
		t.Errorf("Append returns an event as it happened, not as it became: %+v", stored[0])
	}
	one, two := messageAt(t, log, chat.Lobby, 1), messageAt(t, log, chat.Lobby, 2)
	if one.Text != "the first" || one.Edited != 6 || len(one.Reactions) != 1 || two.Text != "" || two.Deleted != 5 {
		t.Errorf("the messages are %+v and %+v", one, two)
	}
}
