package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
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
		`'; DROP TABLE events; --`, `"quoted" \backslashed\ $1 ? :name %s {{.}}`, "tab\tand\nlines\n\nof text", "👩‍👩‍👧‍👦 🏳️‍🌈 𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "\u202eright to left\u202c",
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

func testSameUserAndIDIsStoredOnce(t *testing.T, open Opener) {
	log := open.opened(t)
	first := appended(t, log, message(chat.Lobby, ada, "1", "one"), message(chat.Lobby, ada, "1", "one again"))
	if first[0].Duplicate || !first[1].Duplicate {
		t.Fatalf("a repeat in one call: %+v", first)
	}
	same(t, "the repeat in the same call", first[0].Event, first[1].Event)

	later := message(chat.Lobby, chat.User{ID: ada.ID, Name: "Ada Lovelace"}, "1", "changed")
	later.Time = noon.Add(time.Minute)
	elsewhere := later
	elsewhere.Room = "dev"
	for _, e := range []chat.Event{later, elsewhere} {
		same(t, "a repeat in a later call", []chat.Appended{{Event: first[0].Event, Duplicate: true}}, appended(t, log, e))
	}
	mixed := appended(t, log, message(chat.Lobby, ada, "2", "two"), later, message(chat.Lobby, ada, "3", "three"))
	if mixed[0].Seq != 2 || !mixed[1].Duplicate || mixed[1].Seq != 1 || mixed[2].Seq != 3 {
		t.Errorf("a repeat among new events: %+v", mixed)
	}
	if other := appended(t, log, message(chat.Lobby, bob, "1", "mine"))[0]; other.Duplicate || other.Seq != 4 {
		t.Errorf("another user's id is another id: %+v", other)
	}
	for range 2 {
		if none := appended(t, log, message(chat.Lobby, ada, "", "no id"))[0]; none.Duplicate {
			t.Errorf("an event without an id is never a repeat: %+v", none)
		}
	}
	var texts []string
	for _, e := range whole(t, log, chat.Lobby) {
		texts = append(texts, e.Text)
	}
	same(t, "what was stored", []string{"one", "two", "three", "mine", "no id", "no id"}, texts)
	if n := len(whole(t, log, "dev")); n != 0 {
		t.Errorf("the repeat in another room left %d events there", n)
	}
	deleted := appended(t, log, deletion(chat.Lobby, ada, 1))[0]
	gone := appended(t, log, later)[0]
	if !gone.Duplicate || gone.Seq != 1 || gone.Text != "" || gone.Deleted != deleted.Seq {
		t.Errorf("a repeat of what was deleted meanwhile: %+v", gone)
	}
}

func testSameUserAndIDAtOnceIsStoredOnce(t *testing.T, open Opener) {
	log := open.opened(t)
	const calls, ids = 16, 10
	var mu sync.Mutex
	stored := map[string][]chat.Appended{}
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() {
			for n := range ids {
				id := fmt.Sprint(n)
				a, err := log.Append(t.Context(), []chat.Event{message(roomNamed(i), ada, id, "hi")})
				if err != nil {
					t.Errorf("Append: %v", err)
					return
				}
				mu.Lock()
				stored[id] = append(stored[id], a...)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id, all := range stored {
		fresh := 0
		for _, a := range all {
			if !a.Duplicate {
				fresh++
			}
			if a.Room != all[0].Room || a.Seq != all[0].Seq {
				t.Errorf("the id %s is %s %d and %s %d", id, a.Room, a.Seq, all[0].Room, all[0].Seq)
			}
		}
		if fresh != 1 || len(all) != calls {
			t.Errorf("the id %s was stored %d times in %d calls", id, fresh, len(all))
		}
	}
	total := 0
	for i := range calls {
		total += len(whole(t, log, roomNamed(i)))
	}
	if total != ids {
		t.Errorf("%d events of %d ids", total, ids)
	}
}

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
	late := appended(t, log, edit(chat.Lobby, ada, 1, "secret three"), reacted(chat.Lobby, bob, 1, "🎉", true), deletion(chat.Lobby, bob, 1))

	events := whole(t, log, chat.Lobby)
	same(t, "what is stored of changes that came late", events[7:], []chat.Event{late[0].Event, late[1].Event, late[2].Event})
	gone := events[0]
	if gone.Text != "" || gone.Deleted != 7 || gone.Edited != 3 || len(gone.Reactions) != 0 || gone.User != ada || gone.ClientID != "1" {
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
	appended(t, log, message(chat.Lobby, ada, "1", "one"), message(chat.Lobby, ada, "2", "two"), message(chat.Lobby, ada, "3", "three"))
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
	want := []chat.Reaction{{Emoji: "👍", Users: []chat.UserID{cyd.ID, ada.ID, bob.ID}}, {Emoji: "🎉", Users: []chat.UserID{ada.ID}}}
	same(t, "by Message", want, messageAt(t, log, chat.Lobby, 1).Reactions)
	page, err := log.Before(t.Context(), chat.Lobby, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "by Before", [][]chat.Reaction{want, nil, nil}, [][]chat.Reaction{page[0].Reactions, page[1].Reactions, page[2].Reactions})
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

func testFailedAppendStoresNothing(t *testing.T, open Opener) {
	log := open.opened(t)
	bad := [][]chat.Event{
		{message(chat.Lobby, ada, "a", "one"), message("dev", ada, "b", "of another room")},
		{message(chat.Lobby, ada, "c", "one"), {Room: chat.Lobby, Kind: 99, User: ada, Time: noon}},
		{{Room: chat.Lobby, User: ada, Time: noon}},
		{message("", ada, "d", "nowhere")},
	}
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			if stored, err := log.Append(t.Context(), bad[i%len(bad)]); err == nil {
				t.Errorf("Append took %+v", stored)
			}
		})
		wg.Go(func() {
			if _, err := log.Append(t.Context(), []chat.Event{message("dev", bob, fmt.Sprint(i), "good")}); err != nil {
				t.Errorf("a good event beside bad ones: %v", err)
			}
		})
	}
	wg.Wait()
	if n := len(whole(t, log, chat.Lobby)); n != 0 {
		t.Errorf("%d events of calls that failed", n)
	}
	if n := len(whole(t, log, "dev")); n != 50 {
		t.Errorf("%d good events of 50", n)
	}
}

func testEndedContextStoresNothing(t *testing.T, open Opener) {
	log := open.opened(t)
	appended(t, log, message(chat.Lobby, ada, "1", "one"))
	ended := cancelled()
	_, err := log.Append(ended, []chat.Event{message(chat.Lobby, ada, "2", "two")})
	for what, err := range map[string]error{
		"Append":  err,
		"Last":    func() error { _, err := log.Last(ended, chat.Lobby); return err }(),
		"After":   func() error { _, err := log.After(ended, chat.Lobby, 0, 10); return err }(),
		"Before":  func() error { _, err := log.Before(ended, chat.Lobby, 0, 10); return err }(),
		"Message": func() error { _, err := log.Message(ended, chat.Lobby, 1); return err }(),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with an ended context: %v", what, err)
		}
	}
	if n := len(whole(t, log, chat.Lobby)); n != 1 {
		t.Errorf("%d events", n)
	}
}

// testEndingContexts ends contexts while their appends wait or run: what is answered with an error is not there, all else is.
func testEndingContexts(t *testing.T, open Opener) {
	log := open.opened(t)
	const calls = 400
	var mu sync.Mutex
	var want []string
	var wg sync.WaitGroup
	for i := range calls {
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(func() {
			text := fmt.Sprint(i)
			_, err := log.Append(ctx, []chat.Event{message(chat.Lobby, ada, text, text)})
			switch {
			case err == nil:
				mu.Lock()
				want = append(want, text)
				mu.Unlock()
			case !errors.Is(err, context.Canceled):
				t.Errorf("Append: %v", err)
			}
		})
		if rand.IntN(2) == 0 {
			wg.Go(cancel)
		}
		defer cancel()
	}
	wg.Wait()
	answered := map[string]bool{}
	for _, text := range want {
		answered[text] = true
	}
	for _, e := range whole(t, log, chat.Lobby) {
		if !answered[e.Text] {
			t.Errorf("%s is stored and was answered with an error", e.Text)
		}
		delete(answered, e.Text)
	}
	if len(answered) > 0 {
		t.Errorf("answered as stored and not there: %v", answered)
	}
}
