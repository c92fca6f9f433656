package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/chat"
)

// TestLog holds a store against the obligations of [chat.Log].
func TestLog(t *testing.T, open Opener) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Opener)
	}{
		{"ReturnsWhatItWasGiven", testReturnsWhatItWasGiven},
		{"KeepsHostileTexts", testKeepsHostileTexts},
		{"CutsTimesToMilliseconds", testCutsTimesToMilliseconds},
		{"KeepsAllWhenOpenedAgain", testKeepsAllWhenOpenedAgain},
		{"ConcurrentAppendsToManyRoomsLeaveNoGaps", testConcurrentAppendsToManyRooms},
		{"ConcurrentAppendsToOneRoomLeaveNoGaps", testConcurrentAppendsToOneRoom},
		{"SameUserAndIDIsStoredOnce", testSameUserAndIDIsStoredOnce},
		{"SentFindsWhatAUserStoredUnderAnID", testSentFindsWhatAUserStoredUnderAnID},
		{"SameUserAndIDAtOnceIsStoredOnce", testSameUserAndIDAtOnceIsStoredOnce},
		{"EditChangesTheMessage", testEditChangesTheMessage},
		{"DeletionLeavesNothingToRead", testDeletionLeavesNothingToRead},
		{"ReactionsStandInTheOrderOfSetting", testReactionsStandInTheOrderOfSetting},
		{"ChangesOfWhatIsNoMessageChangeNothing", testChangesOfWhatIsNoMessage},
		{"AppendAndChangeInOneCall", testAppendAndChangeInOneCall},
		{"PagesEndWhereTheyShould", testPagesEndWhereTheyShould},
		{"MessageIsNotFound", testMessageIsNotFound},
		{"FailedAppendStoresNothing", testFailedAppendStoresNothing},
		{"EndedContextStoresNothing", testEndedContextStoresNothing},
		{"EndingContextsLeaveWhatWasAnswered", testEndingContexts},
		{"AnswersLikeTheModel", testAnswersLikeTheModel},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open) })
	}
}

func testReturnsWhatItWasGiven(t *testing.T, open Opener) {
	log := open.opened(t)
	direct := chat.Direct(ada.ID, bob.ID)
	for _, room := range []chat.RoomName{chat.Lobby, "a-room_0", direct} {
		sent := []chat.Event{
			message(room, ada, "id of "+string(room), "hello"),
			{Room: room, Kind: chat.KindMessage, User: bob, Text: "hello to you", ReplyTo: 1, Time: noon.Add(time.Hour)},
		}
		before := append([]chat.Event(nil), sent...)
		stored := appended(t, log, sent...)
		same(t, "the caller's events", before, sent)
		for i := range sent {
			sent[i].Seq = int64(i + 1)
			same(t, "what Append returns", chat.Appended{Event: sent[i]}, stored[i])
			same(t, "what Message returns", sent[i], messageAt(t, log, room, sent[i].Seq))
		}
		same(t, "what After returns", sent, whole(t, log, room))
	}
	if stored, err := log.Append(t.Context(), nil); err != nil || len(stored) != 0 {
		t.Errorf("Append of nothing: %v, %v", stored, err)
	}
	same(t, "a room that isn't there", []chat.Event(nil), whole(t, log, "nowhere"))
}

func testKeepsHostileTexts(t *testing.T, open Opener) {
	log := open.opened(t)
	texts := []string{
		`'; DROP TABLE events; --`, `"quoted" \backslashed\ $1 ? :name %s {{.}}`, "tab\tand\nlines\n\nof text",
		"👩‍👩‍👧‍👦 🏳️‍🌈 𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "\u202eright to left\u202c",
		"e\u0301 is not é", "<script>alert(1)</script>", strings.Repeat("語", 4000), strings.Repeat("😀", 4000), "0", "1e400", "null",
	}
	for i, text := range texts {
		user := chat.User{ID: chat.UserID(fmt.Sprintf("u_%d", i)), Name: text}
		e := appended(t, log, message(chat.Lobby, user, text, text))[0].Event
		same(t, "a hostile message", e, messageAt(t, log, chat.Lobby, e.Seq))
		if e.Text != text || e.User.Name != text || e.ClientID != text {
			t.Errorf("%q came back as %+v", text, e)
		}
		r := appended(t, log, reacted(chat.Lobby, user, e.Seq, text, true))[0]
		same(t, "a hostile reaction", []chat.Reaction{{Emoji: text, Users: []chat.UserID{user.ID}}},
			messageAt(t, log, chat.Lobby, r.Of).Reactions)
		if again := appended(t, log, message(chat.Lobby, user, text, "again"))[0]; !again.Duplicate || again.Seq != e.Seq {
			t.Errorf("the id %q is not known again", text)
		}
	}
}

func testCutsTimesToMilliseconds(t *testing.T, open Opener) {
	log := open.opened(t)
	e := message(chat.Lobby, ada, "1", "hi")
	e.Time = time.Date(2026, 11, 21, 13, 0, 0, 123_999_999, time.FixedZone("elsewhere", 3600))
	want := time.Date(2026, 11, 21, 12, 0, 0, 123_000_000, time.UTC)
	for what, got := range map[string]time.Time{
		"Append":  appended(t, log, e)[0].Time,
		"Message": messageAt(t, log, chat.Lobby, 1).Time,
	} {
		if !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s returns the time %v, not %v", what, got, want)
		}
	}
}

func testKeepsAllWhenOpenedAgain(t *testing.T, open Opener) {
	place := t.TempDir()
	log := open(t, place)
	appended(t, log, message(chat.Lobby, ada, "1", "one"), message(chat.Lobby, bob, "1", "two"))
	appended(t, log, edit(chat.Lobby, ada, 1, "first"), reacted(chat.Lobby, bob, 1, "👍", true))
	want := whole(t, log, chat.Lobby)
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := log.Append(t.Context(), []chat.Event{message(chat.Lobby, ada, "2", "late")}); err == nil {
		t.Error("a closed store takes events")
	}
	log = open(t, place)
	defer log.Close()
	same(t, "the log after opening it again", want, whole(t, log, chat.Lobby))
	again := appended(t, log, message(chat.Lobby, ada, "1", "one"), message(chat.Lobby, ada, "2", "three"))
	if !again[0].Duplicate || again[0].Seq != 1 || again[1].Duplicate || again[1].Seq != 5 {
		t.Errorf("a repeat and a new message after opening again: %+v", again)
	}
}

func testConcurrentAppendsToManyRooms(t *testing.T, open Opener) {
	log := open.opened(t)
	const rooms, calls = 40, 25
	var wg sync.WaitGroup
	for i := range rooms {
		wg.Go(func() {
			for n := range calls {
				events := make([]chat.Event, 1+n%3)
				for k := range events {
					events[k] = message(roomNamed(i), ada, fmt.Sprint(i, n, k), fmt.Sprint(n, k))
				}
				if _, err := log.Append(t.Context(), events); err != nil {
					t.Errorf("Append: %v", err)
				}
			}
		})
	}
	wg.Wait()
	for i := range rooms {
		var want, got []string
		for n := range calls {
			for k := range 1 + n%3 {
				want = append(want, fmt.Sprint(n, k))
			}
		}
		for _, e := range whole(t, log, roomNamed(i)) {
			got = append(got, e.Text)
		}
		same(t, "the messages of one room", want, got)
	}
}

func testConcurrentAppendsToOneRoom(t *testing.T, open Opener) {
	log := open.opened(t)
	const writers, calls = 8, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			last := int64(0)
			for n := range calls {
				stored, err := log.Append(t.Context(), []chat.Event{
					message(chat.Lobby, ada, fmt.Sprint(w, n), "hi"), message(chat.Lobby, ada, "", "hi"),
				})
				if err != nil {
					t.Errorf("Append: %v", err)
					return
				}
				if stored[0].Seq <= last || stored[1].Seq != stored[0].Seq+1 {
					t.Errorf("seqs %d and %d after %d", stored[0].Seq, stored[1].Seq, last)
				}
				last = stored[1].Seq
			}
		})
	}
	wg.Wait()
	if n := len(whole(t, log, chat.Lobby)); n != 2*writers*calls {
		t.Errorf("%d events of %d", n, 2*writers*calls)
	}
}

func testPagesEndWhereTheyShould(t *testing.T, open Opener) {
	log := open.opened(t)
	for n := range 30 { // messages at 1, 4, 7 …, each followed by two reactions
		appended(t, log, message(chat.Lobby, ada, fmt.Sprint(n), "hi"))
		appended(t, log, reacted(chat.Lobby, bob, int64(3*n+1), "👍", true), reacted(chat.Lobby, cyd, int64(3*n+1), "👍", true))
		appended(t, log, message("dev", ada, "dev"+fmt.Sprint(n), "elsewhere"))
	}
	for _, test := range []struct {
		what       string
		read       func(context.Context, chat.RoomName, int64, int) ([]chat.Event, error)
		from       int64
		limit      int
		first, len int
	}{
		{"after the first", log.After, 1, 3, 2, 3},
		{"after nothing", log.After, 0, 3, 1, 3},
		{"after less than nothing", log.After, -5, 3, 1, 3},
		{"after the last but one", log.After, 89, 50, 90, 1},
		{"after the last", log.After, 90, 50, 0, 0},
		{"after what is to come", log.After, 1000, 50, 0, 0},
		{"after, no limit left", log.After, 1, 0, 0, 0},
		{"after, below no limit", log.After, 1, -1, 0, 0},
		{"before the last message", log.Before, 88, 2, 82, 2},
		{"before a reaction", log.Before, 87, 2, 82, 2},
		{"the latest", log.Before, 0, 2, 85, 2},
		{"before what is to come", log.Before, math.MaxInt64, 1, 88, 1},
		{"before the second", log.Before, 4, 50, 1, 1},
		{"before the first", log.Before, 1, 50, 0, 0},
		{"all", log.Before, 0, 1000, 1, 30},
		{"before, no limit left", log.Before, 0, 0, 0, 0},
		{"before, below no limit", log.Before, 0, -1, 0, 0},
	} {
		events, err := test.read(t.Context(), chat.Lobby, test.from, test.limit)
		if err != nil {
			t.Errorf("%s: %v", test.what, err)
		}
		if len(events) != test.len || len(events) > 0 && events[0].Seq != int64(test.first) {
			t.Errorf("%s: %d events from %+v", test.what, len(events), events[:min(1, len(events))])
		}
		for i, e := range events {
			if i > 0 && e.Seq <= events[i-1].Seq || e.Room != chat.Lobby {
				t.Errorf("%s: %d of %s after %d", test.what, e.Seq, e.Room, events[i-1].Seq)
			}
		}
	}
}

func testMessageIsNotFound(t *testing.T, open Opener) {
	log := open.opened(t)
	appended(t, log, message(chat.Lobby, ada, "1", "one"), reacted(chat.Lobby, ada, 1, "👍", true))
	for _, test := range []struct {
		room chat.RoomName
		seq  int64
	}{{chat.Lobby, 2}, {chat.Lobby, 3}, {chat.Lobby, 0}, {chat.Lobby, -1}, {"dev", 1}, {"", 1}} {
		if e, err := log.Message(t.Context(), test.room, test.seq); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("Message %d of %q is %+v (%v)", test.seq, test.room, e, err)
		}
	}
}
