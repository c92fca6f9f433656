package store

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/account"
)

func TestNameOfASessionIsTaken(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	_, s := h.join("Ada", "")
	h.pass(hold)
	for _, name := range []string{"Ada", "ada", "ＡＤＡ"} {
		refused := h.joinRefused(account.CodeNameTaken, account.JoinRequest{Name: name})
		if !strings.HasSuffix(refused.Suggestion, " 2") || strings.Contains(refused.Message, s.User.ID) {
			t.Errorf("the refusal is %+v", refused)
		}
		h.claimRefused(account.CodeNameTaken, name)
	}
	h.join("Ada 2", "")
	if e := h.joinRefused(account.CodeNameTaken, account.JoinRequest{Name: "Ada"}); e.Suggestion != "Ada 3" {
		t.Errorf("suggested is %q", e.Suggestion)
	}
	guest := h.claim("Bob")
	h.connects(guest)
	_, err := h.Rename(t.Context(), guest.ID, "ADA")
	refused(t, "renaming to a taken name", err, account.CodeNameTaken)
}

func TestNameIsFreeAfterTheHold(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	token, ada := h.join("Ada", "")
	h.pass(hold + time.Millisecond)
	h.connects(ada.User)
	h.opens(ada.ID)
	h.joinRefused(account.CodeNameTaken, account.JoinRequest{Name: "Ada"}) // she has been there all the time
	h.session(token, &ada.User)
	h.disconnects(ada.User)
	h.opens()

	// Using a session keeps it. Noting that a connection of it has ended does, too.
	h.pass(hold)
	h.session(token, &ada.User)
	h.pass(hold)
	h.session(token, &ada.User)
	h.pass(hold)
	if err := h.Seen(t.Context(), ada.ID); err != nil {
		t.Fatal(err)
	}
	h.pass(hold)
	h.joinRefused(account.CodeNameTaken, account.JoinRequest{Name: "Ada"})

	h.pass(time.Millisecond)
	h.session(token, nil)
	_, next := h.join("Ada", "")
	if next.User.ID == ada.User.ID {
		t.Error("the name went to somebody else together with what the first one was told in private")
	}
	h.session(token, nil)
}

func TestWithoutAHoldANameIsFreeWhenItsUserIsGone(t *testing.T) {
	h := houseOn(t, fresh(t), account.AccessOpen, 0)
	token, ada := h.join("Ada", "")
	h.joinRefused(account.CodeNameTaken, account.JoinRequest{Name: "Ada"}) // her page is still loading
	h.connects(ada.User)
	h.pass(365 * 24 * time.Hour)
	h.joinRefused(account.CodeNameTaken, account.JoinRequest{Name: "Ada"})
	h.disconnects(ada.User)
	h.session(token, &ada.User)
	h.pass(time.Hour)
	h.join("Ada", "")
	h.session(token, nil)
}

func TestLeavingFreesTheName(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	token, ada := h.join("Ada", "")
	h.connects(ada.User)
	for range 2 { // a second time is no error
		if err := h.Leave(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	h.session(token, nil)
	h.joinRefused(account.CodeNameTaken, account.JoinRequest{Name: "Ada"}) // until the connections have ended
	h.disconnects(ada.User)
	if guest := h.claim("Ada"); guest.ID == ada.User.ID || guest.Kind != account.KindGuest {
		t.Errorf("saying the name of a person who has left makes one %+v", guest)
	}
}

func TestRejoiningByTheSameNameKeepsTheUser(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	first, ada := h.join("Ada", "")
	h.connects(ada.User) // in another tab
	second, again := h.join("ADA", first)
	if again.User.ID != ada.User.ID || again.User.Name != "ADA" || again.ID == ada.ID {
		t.Errorf("by the same name: %+v, before %+v", again, ada)
	}
	if second == first {
		t.Error("the token is the same after signing in again")
	}
	h.session(first, nil)
	h.session(second, &again.User)

	third, bob := h.join("Bob", second)
	if bob.User.ID == ada.User.ID || bob.User.Name != "Bob" {
		t.Errorf("by another name: %+v, before %+v", bob, ada)
	}
	h.session(second, nil)
	h.session(third, &bob.User)
	h.disconnects(ada.User) // as whoever ends a session sees to
	h.join("Ada", "")       // is free now
	h.joinRefused(account.CodeNameTaken, account.JoinRequest{Name: "Ada", Current: third})
	h.session(third, &bob.User)
	h.join("Eve", "a token that is no good")
}

func TestRenaming(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	token, ada := h.join("Ada", "")
	h.connects(ada.User)
	for _, name := range []string{"ADA", "Bob", "Bob"} {
		renamed, err := h.Rename(t.Context(), ada.User.ID, name)
		if err != nil || renamed.ID != ada.User.ID || renamed.Name != name || renamed.Kind != account.KindPerson {
			t.Fatalf("renamed to %q: %+v, %v", name, renamed, err)
		}
		h.session(token, &renamed)
	}
	if other := h.claim("Ada"); other.ID == ada.User.ID {
		t.Error("the old name is still theirs")
	}
	h.claimRefused(account.CodeNameTaken, "bob")
	if _, err := h.Rename(t.Context(), "u_nobody", "Eve"); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("renaming nobody: %v", err)
	}
}

func TestOneOfManyWhoJoinAtOnceGetsTheName(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	h.claim("Ada") // a guest who has gone
	h.race(t, func(ctx context.Context) error {
		_, err := h.Join(ctx, account.JoinRequest{Name: "Ada"})
		return err
	})
}

func TestOneOfManyWhoClaimAtOnceGetsTheName(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	claim := func(ctx context.Context) error {
		user, err := h.Claim(ctx, "Ada")
		if err == nil {
			h.connects(user)
		}
		return err
	}
	h.race(t, claim)
	ada, err := h.store.ByName(t.Context(), "Ada")
	if err != nil {
		t.Fatal(err)
	}
	h.disconnects(account.User{ID: string(ada.ID)})
	h.race(t, claim) // and again, now that there is such a guest
}

// race has fifty try at once and expects that one succeeds, and that the others are told that the name is taken.
func (h *house) race(t *testing.T, try func(context.Context) error) {
	t.Helper()
	errs := make(chan error, 50)
	var wg sync.WaitGroup
	for range cap(errs) {
		wg.Go(func() { errs <- try(t.Context()) })
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, &account.Error{Code: account.CodeNameTaken}) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d got the name", won)
	}
}
