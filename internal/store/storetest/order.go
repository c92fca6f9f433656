package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"parley/internal/chat"
)

// promoter is a store in which users can be made moderators.
type promoter interface {
	SetModerator(ctx context.Context, user string, is bool) error
}

func testOrder(t *testing.T, open Opener) {
	place := t.TempDir()
	s := open(t, place)
	people(t, s, ada, bob)
	is := func(s Store, u chat.User) bool {
		t.Helper()
		is, err := s.IsModerator(t.Context(), u.ID)
		must(t, err)
		return is
	}
	until := func(s Store, u chat.User) time.Time {
		t.Helper()
		until, err := s.BarredUntil(t.Context(), string(u.ID))
		must(t, err)
		return until
	}
	must(t, s.(promoter).SetModerator(t.Context(), string(ada.ID), true))
	if is(s, ada) || is(s, cyd) {
		t.Error("who is no account keeps order")
	}
	must(t, s.Bar(t.Context(), bob.ID, noon))
	if err := s.Bar(t.Context(), cyd.ID, noon); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("nobody is kept out: %v", err)
	}
	must(t, s.Close())
	s = open(t, place)
	defer s.Close()
	same(t, "until when Bob is kept out", noon, until(s, bob))
	same(t, "and Ada", time.Time{}, until(s, ada))
	must(t, s.Bar(t.Context(), bob.ID, chat.ForEver))
	same(t, "for ever", chat.ForEver, until(s, bob))
	must(t, s.Bar(t.Context(), bob.ID, time.Time{}))
	same(t, "no longer", time.Time{}, until(s, bob))
	if err := s.Bar(cancelled(), bob.ID, noon); err == nil {
		t.Error("an ended context keeps somebody out")
	}
}
