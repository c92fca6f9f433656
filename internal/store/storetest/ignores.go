package storetest

import (
	"context"
	"testing"

	"parley/internal/account"
	"parley/internal/chat"
)

// taker is a store in which names can be taken, which is what makes users of them.
type taker interface {
	Take(ctx context.Context, t account.Taking) error
}

// people makes users in a store.
func people(t *testing.T, s Store, users ...chat.User) {
	t.Helper()
	for _, u := range users {
		must(t, s.(taker).Take(t.Context(), account.Taking{
			User: account.User{ID: string(u.ID), Name: u.Name, Kind: account.KindPerson}, New: true, Key: u.Name,
		}))
	}
}

func ignoredBy(t *testing.T, s Store, user chat.User) []chat.User {
	t.Helper()
	users, err := s.Ignored(t.Context(), user.ID)
	must(t, err)
	return users
}

func testIgnores(t *testing.T, open Opener) {
	place := t.TempDir()
	s := open(t, place)
	people(t, s, ada, bob, cyd)
	must(t, s.Ignore(t.Context(), ada.ID, bob.ID, false)) // whom one doesn't ignore one may stop ignoring
	same(t, "of nobody", []chat.User(nil), ignoredBy(t, s, ada))
	for range 2 {
		must(t, s.Ignore(t.Context(), ada.ID, bob.ID, true))
	}
	must(t, s.Ignore(t.Context(), ada.ID, cyd.ID, true))
	must(t, s.Ignore(t.Context(), bob.ID, cyd.ID, true))
	must(t, s.Close())
	s = open(t, place)
	defer s.Close()
	if got := ignoredBy(t, s, ada); len(got) != 2 {
		t.Errorf("Ada ignores %+v after opening again, want Bob and Cyd", got)
	}
	must(t, s.Ignore(t.Context(), ada.ID, bob.ID, false))
	same(t, "after taking one back", []chat.User{cyd}, ignoredBy(t, s, ada))
	same(t, "of another", []chat.User{cyd}, ignoredBy(t, s, bob))
	same(t, "of who is ignored", []chat.User(nil), ignoredBy(t, s, cyd))
	if err := s.Ignore(cancelled(), ada.ID, bob.ID, true); err == nil {
		t.Error("an ended context ignores all the same")
	}
}
