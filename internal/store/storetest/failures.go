package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"parley/internal/chat"
)

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
