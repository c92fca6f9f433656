// Package storetest is what every store must do: the obligations of [chat.Log], [chat.Shelf] and [chat.Finder] as tests. A store's own tests run
// it; nothing else imports it.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/internal/chat"
)

// Store is what the suite is about.
type Store interface {
	chat.Log
	chat.Shelf
	chat.Finder
	RemoveSilentRooms(ctx context.Context) error
	Close() error
}

// Opener opens the store that lies at place, an empty folder or what an earlier call for the same place has left there. The store
// is closed by the suite.
type Opener func(t *testing.T, place string) Store

// opened returns a new store that is closed when the test ends.
func (open Opener) opened(t *testing.T) Store {
	s := open(t, t.TempDir())
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

var (
	ada = chat.User{ID: "u_ada", Name: "Ada"}
	bob = chat.User{ID: "u_bob", Name: "Bob"}
	cyd = chat.User{ID: "u_cyd", Name: "Cyd"}
)

// noon is when the events of the suite happen; the store must not ask what time it is of its own.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func message(room chat.RoomName, user chat.User, id, text string) chat.Event {
	return chat.Event{Room: room, Kind: chat.KindMessage, User: user, ClientID: id, Text: text, Time: noon}
}

func edit(room chat.RoomName, user chat.User, of int64, text string) chat.Event {
	return chat.Event{Room: room, Kind: chat.KindEdit, User: user, Of: of, Text: text, Time: noon}
}

func deletion(room chat.RoomName, user chat.User, of int64) chat.Event {
	return chat.Event{Room: room, Kind: chat.KindDelete, User: user, Of: of, Time: noon}
}

func reacted(room chat.RoomName, user chat.User, of int64, emoji string, on bool) chat.Event {
	return chat.Event{Room: room, Kind: chat.KindReaction, User: user, Of: of, Emoji: emoji, On: on, Time: noon}
}

// appended stores events and fails the test if that fails.
func appended(t *testing.T, log chat.Log, events ...chat.Event) []chat.Appended {
	t.Helper()
	stored, err := log.Append(t.Context(), events)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	if len(stored) != len(events) {
		t.Fatalf("Append of %d events returned %d", len(events), len(stored))
	}
	return stored
}

// whole returns everything in a room, read in pages, and checks that seqs are 1, 2, 3 … and that Last knows the last.
func whole(t *testing.T, log chat.Log, room chat.RoomName) []chat.Event {
	t.Helper()
	const page = 100
	var events []chat.Event
	for {
		next, err := log.After(t.Context(), room, int64(len(events)), page)
		if err != nil {
			t.Fatalf("After: %v", err)
		}
		for _, e := range next {
			events = append(events, e)
			if e.Seq != int64(len(events)) {
				t.Fatalf("event %d of %s has seq %d", len(events), room, e.Seq)
			}
		}
		if len(next) < page {
			break
		}
	}
	if last, err := log.Last(t.Context(), room); err != nil || last != int64(len(events)) {
		t.Fatalf("Last of a room with %d events is %d (%v)", len(events), last, err)
	}
	return events
}

func messageAt(t *testing.T, log chat.Log, room chat.RoomName, seq int64) chat.Event {
	t.Helper()
	e, err := log.Message(t.Context(), room, seq)
	if err != nil {
		t.Fatalf("Message %d: %v", seq, err)
	}
	return e
}

// same fails the test unless got is want; a list of nothing is none.
func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := difference(want, got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

func difference(want, got any) string { return cmp.Diff(want, got, cmpopts.EquateEmpty()) }

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func roomNamed(i int) chat.RoomName { return chat.RoomName(fmt.Sprintf("room-%d", i)) }
