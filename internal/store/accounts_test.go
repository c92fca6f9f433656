package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/account"
	"parley/internal/store/storetest"
)

func TestAccounts(t *testing.T) {
	storetest.TestAccounts(t, func(t *testing.T, place string) storetest.AccountStore {
		return opened(t, filepath.Join(place, "parley.db"))
	})
}

const hold = 30 * 24 * time.Hour

// house is accounts on a real database, with a clock and with people who come and go.
type house struct {
	*account.Accounts
	t     *testing.T
	store *Store

	mu   sync.Mutex // guards now, here, open
	now  time.Time
	here map[string]bool
	open []string
}

func newHouse(t *testing.T, access account.Access) *house { return houseOn(t, fresh(t), access, hold) }

func houseOn(t *testing.T, s *Store, access account.Access, hold time.Duration) *house {
	h := &house{t: t, store: s, now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), here: map[string]bool{}}
	h.Accounts = account.New(s, account.Options{Access: access, Hold: hold, InUse: h.inUse, Open: h.openSessions, Now: h.clock})
	return h
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) inUse(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.here[id]
}

func (h *house) openSessions() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.open)
}

// opens says which sessions have a connection from now on.
func (h *house) opens(sessions ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open = sessions
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// connects and disconnects are what the hub would know of.
func (h *house) connects(u account.User)    { h.setHere(u, true) }
func (h *house) disconnects(u account.User) { h.setHere(u, false) }

func (h *house) setHere(u account.User, here bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.here[u.ID] = here
}

func (h *house) join(name, current string) (string, account.Session) {
	h.t.Helper()
	joined, err := h.Join(h.t.Context(), account.JoinRequest{Name: name, Current: current, Agent: "a browser"})
	if err != nil {
		h.t.Fatalf("joining as %q: %v", name, err)
	}
	return joined.Token, joined.Session
}

func (h *house) claim(name string) account.User {
	h.t.Helper()
	user, err := h.Claim(h.t.Context(), name)
	if err != nil {
		h.t.Fatalf("claiming %q: %v", name, err)
	}
	return user
}

// refused expects a refusal.
func refused(t *testing.T, what string, err error, code account.Code) *account.Error {
	t.Helper()
	var e *account.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("%s: %v; want %s", what, err, code)
	}
	return e
}

func (h *house) joinRefused(code account.Code, r account.JoinRequest) *account.Error {
	h.t.Helper()
	_, err := h.Join(h.t.Context(), r)
	return refused(h.t, fmt.Sprintf("joining as %q", r.Name), err, code)
}

func (h *house) claimRefused(code account.Code, name string) *account.Error {
	h.t.Helper()
	_, err := h.Claim(h.t.Context(), name)
	return refused(h.t, fmt.Sprintf("claiming %q", name), err, code)
}

// session expects who a token is, nil for nobody.
func (h *house) session(token string, want *account.User) {
	h.t.Helper()
	s, err := h.BySession(h.t.Context(), token)
	switch {
	case want == nil && !errors.Is(err, account.ErrNotFound):
		h.t.Fatalf("a token that is no good is %+v, %v", s, err)
	case want != nil && (err != nil || s.User != *want):
		h.t.Fatalf("the session is %+v, %v; want %+v", s, err, *want)
	}
}

func TestJoiningMakesAUserWithASession(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	token, s := h.join(" ADA  Lovelace ", "")
	if s.User.Name != "ADA Lovelace" || s.User.Kind != account.KindPerson {
		t.Errorf("the user is %+v", s.User)
	}
	if !regexp.MustCompile(`^u_[a-z2-7]{16}$`).MatchString(s.User.ID) || !regexp.MustCompile(`^[\w-]{43}$`).MatchString(token) {
		t.Errorf("the user's id is %q and the token %q", s.User.ID, token)
	}
	h.session(token, &s.User)
	long := strings.Repeat("x", 100_000)
	for _, wrong := range []string{"", "x", token + "x", token[1:], strings.ToLower(token), s.ID, s.User.ID, long} {
		h.session(wrong, nil)
	}
	if u, err := h.store.ByName(t.Context(), "ada lovelace"); err != nil || string(u.ID) != s.User.ID {
		t.Errorf("ByName: %+v, %v", u, err)
	}
}

func TestSecretsAreNotStored(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	token, _ := h.join("Ada", "")
	_, key, err := h.AddAccount(t.Context(), "Groot")
	if err != nil {
		t.Fatal(err)
	}
	for table, secret := range map[string]string{"sessions": token, "account_keys": key} {
		var hash []byte
		if err := h.store.read.QueryRow(`SELECT hash FROM ` + table).Scan(&hash); err != nil {
			t.Fatal(err)
		}
		if want := sha256.Sum256([]byte(secret)); string(hash) != string(want[:]) {
			t.Errorf("%s keep %x", table, hash)
		}
	}
}

func TestBadNamesAreRefusedEverywhere(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	token, s := h.join("Ada", "")
	for _, name := range []string{"", "a|b", "system", "A\u200bda", strings.Repeat("x", 10_000), "\xff"} {
		h.joinRefused(account.CodeBadName, account.JoinRequest{Name: name})
		h.joinRefused(account.CodeBadName, account.JoinRequest{Name: name, Current: token})
		h.claimRefused(account.CodeBadName, name)
		_, err := h.Rename(t.Context(), s.User.ID, name)
		refused(t, "renaming", err, account.CodeBadName)
		_, _, err = h.AddAccount(t.Context(), name)
		refused(t, "adding an account", err, account.CodeBadName)
	}
	h.session(token, &s.User)
}

func TestStoreThatFailsIsNoRefusal(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "parley.db"))
	h := houseOn(t, s, account.AccessOpen, hold)
	token, _ := h.join("Ada", "")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err1 := h.Claim(t.Context(), "Bob")
	_, err2 := h.Join(t.Context(), account.JoinRequest{Name: "Bob"})
	_, err3 := h.BySession(t.Context(), token)
	_, err4 := h.Guest(t.Context())
	for _, err := range []error{err1, err2, err3, err4, h.Leave(t.Context(), token), h.Purge(t.Context())} {
		var refused *account.Error
		if err == nil || errors.As(err, &refused) || errors.Is(err, account.ErrNotFound) {
			t.Errorf("a closed store makes %v", err)
		}
	}
}

func TestEndedContextEndsAClaim(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	h.claim("Ada") // who is still on the way
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Claim(ctx, "Ada"); !errors.Is(err, context.Canceled) {
		t.Errorf("the claim ends with %v", err)
	}
}
