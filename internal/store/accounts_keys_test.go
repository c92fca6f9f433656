package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/account"
)

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
