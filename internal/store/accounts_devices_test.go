package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"parley/internal/account"
)

func (h *house) offer(s account.Session) string {
	h.t.Helper()
	code, err := h.Offer(s)
	if err != nil || len(code) < 22 {
		h.t.Fatalf("the code is %q, %v", code, err)
	}
	return code
}

func (h *house) noOffer(what, code string) {
	h.t.Helper()
	if user, err := h.Offered(h.t.Context(), code); !errors.Is(err, account.ErrNotFound) {
		h.t.Errorf("%s: the code is good for %+v, %v", what, user, err)
	}
	if joined, err := h.Accept(h.t.Context(), code, "a phone", ""); !errors.Is(err, account.ErrNotFound) {
		h.t.Errorf("%s: the code gives %+v, %v", what, joined, err)
	}
}

func TestCodeSignsInOneOtherDeviceOnce(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	laptop, ada := h.join("Ada", "")
	code := h.offer(ada)
	for range 3 { // looking at it uses nothing up
		if user, err := h.Offered(t.Context(), code); err != nil || user != ada.User {
			t.Fatalf("the code is for %+v, %v", user, err)
		}
	}
	joined, err := h.Accept(t.Context(), code, "a phone", "")
	if err != nil || joined.User != ada.User || joined.ID == ada.ID || joined.Token == laptop || len(joined.Ended) != 0 {
		t.Fatalf("the phone is %+v, %v", joined, err)
	}
	h.session(joined.Token, &ada.User)
	h.session(laptop, &ada.User)
	if all, err := h.SignIns(t.Context(), ada.User.ID); err != nil || len(all) != 2 {
		t.Errorf("Ada is signed in as %+v, %v", all, err)
	}
	h.noOffer("used", code)

	// Each device leaves for itself, and the name is kept by the other.
	if err := h.Leave(t.Context(), laptop); err != nil {
		t.Fatal(err)
	}
	h.session(laptop, nil)
	h.joinRefused(account.CodeNameTaken, account.JoinRequest{Name: "Ada"})
	if err := h.Leave(t.Context(), joined.Token); err != nil {
		t.Fatal(err)
	}
	if _, again := h.join("Ada", ""); again.User.ID == ada.User.ID {
		t.Error("who joins by a name that was left is the same user")
	}
}

func TestCodeIsNoGoodWhenItIsOldOrAnotherWasGivenOrItsSessionEnded(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	laptop, ada := h.join("Ada", "")
	_, bob := h.join("Bob", "")
	first, bobs := h.offer(ada), h.offer(bob)
	second := h.offer(ada)
	h.noOffer("another was given", first)
	h.noOffer("cut short", second[:len(second)-1])
	h.noOffer("none", strings.Repeat("A", len(second)))
	if _, err := h.Offered(t.Context(), bobs); err != nil {
		t.Errorf("Bob's code: %v", err)
	}
	h.pass(account.OfferFor - time.Second)
	if _, err := h.Offered(t.Context(), second); err != nil {
		t.Errorf("the code is no good before its time: %v", err)
	}
	h.pass(time.Second)
	h.noOffer("old", second)

	code := h.offer(ada)
	if err := h.Leave(t.Context(), laptop); err != nil {
		t.Fatal(err)
	}
	h.noOffer("its session has ended", code)
}

func TestCodeEndsWhatTheOtherDeviceWasSignedInAs(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	_, ada := h.join("Ada", "")
	phone, guest := h.join("Somebody else", "")
	joined, err := h.Accept(t.Context(), h.offer(ada), "a phone", phone)
	if err != nil || joined.User != ada.User || len(joined.Ended) != 1 || joined.Ended[0] != guest.ID {
		t.Fatalf("the phone is %+v, %v", joined, err)
	}
	h.session(phone, nil)
}

func TestOneOfManyUsesACode(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	_, ada := h.join("Ada", "")
	code := h.offer(ada)
	const many = 20
	results := make(chan error, many)
	for range many {
		go func() {
			_, err := h.Accept(t.Context(), code, "a phone", "")
			results <- err
		}()
	}
	in := 0
	for range many {
		switch err := <-results; {
		case err == nil:
			in++
		case !errors.Is(err, account.ErrNotFound):
			t.Error(err)
		}
	}
	if in != 1 {
		t.Errorf("%d devices came in by one code", in)
	}
}
