package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/internal/chat"
)

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

func testSentFindsWhatAUserStoredUnderAnID(t *testing.T, open Opener) {
	log := open.opened(t)
	appended(t, log, message(chat.Lobby, bob, "1", "Bob's"), message(chat.Lobby, bob, "", "without an id"))
	want := appended(t, log, message("dev", ada, "1", "Ada's"))[0].Event
	got, err := log.Sent(t.Context(), ada.ID, "1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "what Ada stored as 1", want, got)
	for _, none := range []struct {
		user chat.UserID
		id   string
	}{{ada.ID, "2"}, {"u_nobody", "1"}, {bob.ID, ""}} {
		if e, err := log.Sent(t.Context(), none.user, none.id); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("%s stored nothing as %q, and it found %+v, %v", none.user, none.id, e, err)
		}
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
