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
	"parley/internal/chat"
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

func TestGuestKeepsAName(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	guest := h.claim("Client 1")
	if guest.Kind != account.KindGuest || guest.Name != "Client 1" {
		t.Errorf("the guest is %+v", guest)
	}
	h.connects(guest)
	if e := h.claimRefused(account.CodeNameTaken, "client 1"); e.Suggestion != "client 2" {
		t.Errorf("suggested is %q", e.Suggestion)
	}
	h.joinRefused(account.CodeNameTaken, account.JoinRequest{Name: "Client 1"})
	h.disconnects(guest)
	if again := h.claim("CLIENT 1"); again.ID != guest.ID || again.Name != "CLIENT 1" {
		t.Errorf("who comes back is %+v, before %+v", again, guest)
	}
}

func TestGuestIsTheSameAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s := opened(t, path)
	guest := houseOn(t, s, account.AccessOpen, hold).claim("Client 1")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = opened(t, path)
	defer s.Close()
	if again := houseOn(t, s, account.AccessOpen, hold).claim("Client 1"); again != guest {
		t.Errorf("after a restart %+v, before %+v", again, guest)
	}
}

func TestNameOfAGuestGoesToWhoJoins(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	guest := h.claim("Ada")
	_, ada := h.join("Ada", "")
	if ada.User.ID == guest.ID {
		t.Error("who joins is the guest who had the name before")
	}
	if u, err := h.store.ByName(t.Context(), "Ada"); err != nil || string(u.ID) != ada.User.ID {
		t.Errorf("ByName: %+v, %v", u, err)
	}
	if u, err := h.store.ByID(t.Context(), chat.UserID(guest.ID)); err != nil || u.Name != "Ada" {
		t.Errorf("ByID of the guest: %+v, %v", u, err)
	}
	h.claimRefused(account.CodeNameTaken, "Ada")
}

func TestGuestsGetFreeNames(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	h.join("guest 2", "")
	seen := map[string]bool{}
	for _, want := range []string{"Guest 1", "Guest 3", "Guest 4"} {
		guest, err := h.Guest(t.Context())
		if err != nil || guest.Name != want || guest.Kind != account.KindGuest || seen[guest.ID] {
			t.Errorf("the guest is %+v, %v; want %s", guest, err, want)
		}
		seen[guest.ID] = true
		h.connects(guest)
	}
	// After a restart the numbers begin anew, for other people.
	after := houseOn(t, h.store, account.AccessOpen, hold)
	after.here = map[string]bool{}
	guest, err := after.Guest(t.Context())
	if err != nil || guest.Name != "Guest 1" || seen[guest.ID] {
		t.Errorf("the first guest after a restart is %+v, %v", guest, err)
	}
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

func TestAccountByKey(t *testing.T) {
	h := newHouse(t, account.AccessKeys)
	groot, key, err := h.AddAccount(t.Context(), "Groot")
	if err != nil || !regexp.MustCompile(`^prl_[\w-]{43}$`).MatchString(key) || groot.Kind != account.KindAccount {
		t.Fatalf("the account is %+v with the key %q, %v", groot, key, err)
	}
	if u, err := h.ByKey(t.Context(), key); err != nil || u != groot {
		t.Errorf("ByKey: %+v, %v", u, err)
	}
	for _, wrong := range []string{"", "prl_", key + "x", key[:20], strings.ToUpper(key)} {
		if u, err := h.ByKey(t.Context(), wrong); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("the key %q opens %+v, %v", wrong, u, err)
		}
	}
	_, _, err = h.AddAccount(t.Context(), "GROOT")
	refused(t, "a second account of the name", err, account.CodeNameTaken)
}

func TestJoiningByKey(t *testing.T) {
	h := newHouse(t, account.AccessKeys)
	groot, key, err := h.AddAccount(t.Context(), "Groot")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []account.JoinRequest{
		{Name: "Groot"},
		{Name: "Groot", Key: "wrong"},
		{Name: "Rocket", Key: key},
		{Name: "a|b", Key: key},
		{},
	} {
		h.joinRefused(account.CodeWrongKey, r)
	}
	var tokens []string
	for _, name := range []string{"Groot", "groot", ""} {
		s, err := h.Join(t.Context(), account.JoinRequest{Name: name, Key: key})
		if err != nil || s.User != groot {
			t.Fatalf("joining as %q: %+v, %v", name, s, err)
		}
		tokens = append(tokens, s.Token)
	}
	for _, token := range tokens { // each device has its own
		h.session(token, &groot)
	}
	h.claimRefused(account.CodeWrongKey, "Eve")
	_, err = h.Guest(t.Context())
	refused(t, "a guest", err, account.CodeWrongKey)
	_, err = h.Rename(t.Context(), groot.ID, "Root")
	refused(t, "renaming an account", err, account.CodeForbidden)
}

func TestKeysAreGoodInOpenAccessToo(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	groot, key, err := h.AddAccount(t.Context(), "Groot")
	if err != nil {
		t.Fatal(err)
	}
	h.pass(100 * hold)
	h.joinRefused(account.CodeNameTaken, account.JoinRequest{Name: "Groot"}) // an account's name is held for ever
	h.claimRefused(account.CodeNameTaken, "Groot")
	h.joinRefused(account.CodeWrongKey, account.JoinRequest{Name: "Groot", Key: "wrong"})

	// From a person's session to an account's and back: other people each time, and no session is left behind.
	first, ada := h.join("Ada", "")
	s, err := h.Join(t.Context(), account.JoinRequest{Name: "Groot", Key: key, Current: first})
	second := s.Token
	if err != nil || s.User != groot || s.ID == ada.ID || !slices.Equal(s.Ended, []string{ada.ID}) {
		t.Fatalf("joining by key: %+v, %v", s, err)
	}
	h.session(first, nil)
	third, same := h.join("groot", second)
	if same.User != groot || same.ID == s.ID {
		t.Errorf("an account joining again by its name is %+v", same)
	}
	fourth, eve := h.join("Eve", third)
	if eve.User.ID == groot.ID || eve.User.Kind != account.KindPerson {
		t.Errorf("an account joining by another name is %+v", eve)
	}
	h.session(third, nil)
	h.session(fourth, &eve.User)
	_, _, err = h.AddAccount(t.Context(), "Eve")
	refused(t, "an account with the name of somebody who holds it", err, account.CodeNameTaken)
}

// byKey signs in by a key.
func (h *house) byKey(key, current string) account.Joined {
	h.t.Helper()
	joined, err := h.Join(h.t.Context(), account.JoinRequest{Key: key, Current: current})
	if err != nil {
		h.t.Fatal(err)
	}
	return joined
}

func TestSessionExpiresThoughItsUserIsHereByAnother(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	groot, key, err := h.AddAccount(t.Context(), "Groot")
	if err != nil {
		t.Fatal(err)
	}
	stolen, used := h.byKey(key, ""), h.byKey(key, "")
	h.connects(groot)
	h.opens(used.ID)
	h.pass(hold + time.Millisecond)
	if all, err := h.SignIns(t.Context(), groot.ID); err != nil || len(all) != 1 || all[0].ID != used.ID || !all[0].Open {
		t.Errorf("the sessions are %+v, %v; want the one in use", all, err)
	}
	h.session(stolen.Token, nil)
	if err := h.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if gone, err := h.Ended(t.Context(), []string{stolen.ID, used.ID}); err != nil || !slices.Equal(gone, []string{stolen.ID}) {
		t.Errorf("purging removed %v, %v; want the one that nobody uses", gone, err)
	}
	h.session(used.Token, &groot)
}

func TestAccountHasFiftySessionsAtMost(t *testing.T) {
	h := newHouse(t, account.AccessKeys)
	groot, key, err := h.AddAccount(t.Context(), "Groot")
	if err != nil {
		t.Fatal(err)
	}
	var all []account.Joined
	next := func(current string) account.Joined {
		h.pass(time.Second)
		all = append(all, h.byKey(key, current))
		return all[len(all)-1]
	}
	for range 50 {
		if joined := next(""); len(joined.Ended) != 0 {
			t.Fatalf("session %d ends %v", len(all), joined.Ended)
		}
	}
	h.opens(all[0].ID)
	h.pass(time.Minute)
	h.session(all[1].Token, &groot) // in use once more
	if joined := next(""); !slices.Equal(joined.Ended, []string{all[2].ID}) {
		t.Errorf("one more ends %v, want the one that was unused for longest and has no connection, %s", joined.Ended, all[2].ID)
	}
	h.session(all[2].Token, nil)
	if joined := next(all[3].Token); !slices.Equal(joined.Ended, []string{all[3].ID}) {
		t.Errorf("one instead of another ends %v, want that alone", joined.Ended)
	}
	if list, err := h.SignIns(t.Context(), groot.ID); err != nil || len(list) != 50 {
		t.Errorf("there are %d sessions, %v; want 50", len(list), err)
	}
}

func TestOneAloneGoesOnByASession(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	token, ada := h.join("Ada", "")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { _, _ = h.Join(t.Context(), account.JoinRequest{Name: "Ada", Current: token}) })
	}
	wg.Wait()
	if list, err := h.SignIns(t.Context(), ada.User.ID); err != nil || len(list) != 1 || list[0].ID == ada.ID {
		t.Errorf("there are the sessions %+v, %v; want a new one", list, err)
	}
}

func TestOpenSessionsAreNoGoodWhereKeysAreNeeded(t *testing.T) {
	open := newHouse(t, account.AccessOpen)
	token, ada := open.join("Ada", "")
	closed := houseOn(t, open.store, account.AccessKeys, hold)
	closed.session(token, nil)
	open.session(token, &ada.User)
}

func TestAccountsOfTheConfiguration(t *testing.T) {
	h := newHouse(t, account.AccessKeys)
	hash := func(key string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(key))) }
	good := []account.Account{{ID: "1", Name: "Groot", KeyHash: hash("I am Groot")}, {ID: "u_r", Name: "Rocket", KeyHash: hash("r")}}
	if err := h.SyncAccounts(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	want := account.User{ID: "u_1", Name: "Groot", Kind: account.KindAccount}
	if u, err := h.ByKey(t.Context(), "I am Groot"); err != nil || u != want {
		t.Errorf("ByKey: %+v, %v", u, err)
	}
	for _, c := range []struct {
		says string
		add  account.Account
	}{
		{`the id "" is not`, account.Account{Name: "Eve", KeyHash: hash("e")}},
		{`the id "a.b" is not`, account.Account{ID: "a.b", Name: "Eve", KeyHash: hash("e")}},
		{`the id "` + strings.Repeat("x", 33), account.Account{ID: strings.Repeat("x", 33), Name: "Eve", KeyHash: hash("e")}},
		{`the name of "e"`, account.Account{ID: "e", Name: "a|b", KeyHash: hash("e")}},
		{`sha256sum`, account.Account{ID: "e", Name: "Eve", KeyHash: "e"}},
		{`sha256sum`, account.Account{ID: "e", Name: "Eve", KeyHash: "sha256:abcd"}},
		{`the same id`, account.Account{ID: "u_1", Name: "Eve", KeyHash: hash("e")}},
		{`the same name`, account.Account{ID: "e", Name: "GROOT", KeyHash: hash("e")}},
		{`the same key`, account.Account{ID: "e", Name: "Eve", KeyHash: hash("r")}},
	} {
		err := h.SyncAccounts(t.Context(), append(good[:2:2], c.add))
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("with %+v: %v; want it to say %s", c.add, err, c.says)
		}
	}
	if err := h.SyncAccounts(t.Context(), good[1:]); err != nil {
		t.Fatal(err)
	}
	if u, err := h.ByKey(t.Context(), "I am Groot"); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("the key of an account that is gone opens %+v, %v", u, err)
	}
}

func TestPurgeRemovesGuestsWhoAreGone(t *testing.T) {
	h := newHouse(t, account.AccessOpen)
	for i := range 450 { // more than one step
		guest, err := h.Guest(t.Context())
		if err == nil && i%100 == 0 { // a room that they never said anything in, nor left
			err = h.store.Enter(t.Context(), chat.RoomName(fmt.Sprint("junk-", i)), chat.UserID(guest.ID))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	here := h.claim("Bob")
	h.connects(here)
	token, ada := h.join("Ada", "")
	h.pass(hold + time.Hour)
	h.connects(ada.User)
	h.opens(ada.ID)
	if err := h.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.session(token, &ada.User)
	var left int
	if err := h.store.read.QueryRow(`SELECT count(*) FROM users`).Scan(&left); err != nil || left != 2 {
		t.Errorf("%d users are left, %v; want the two who are here", left, err)
	}
	if err := h.store.read.QueryRow(`SELECT count(*) FROM rooms`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rooms are left, %v, that nobody ever said anything in", left, err)
	}
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
