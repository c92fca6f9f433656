package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/account"
	"parley/internal/chat"
)

// AccountStore is what the suite for users, sessions and keys is about.
type AccountStore interface {
	Store
	account.Store
	chat.People
}

// AccountOpener is an [Opener] of such a store.
type AccountOpener func(t *testing.T, place string) AccountStore

// TestAccounts holds a store against the obligations of [account.Store] and [chat.People].
func TestAccounts(t *testing.T, open AccountOpener) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, AccountStore)
	}{
		{"NamesAreFoundAsTheyAreCompared", testNamesAreFound},
		{"NobodyIsFoundByWhatIsNoName", testNobodyIsFound},
		{"NameGoesFromOneToAnother", testNameGoesOn},
		{"NameStaysWithWhoHasProof", testNameStays},
		{"ConflictStoresNothing", testConflictStoresNothing},
		{"OneOfManyTakesAName", testOneTakesAName},
		{"SessionsBeginAreSeenAndEnd", testSessions},
		{"SessionsOfOneUserAreListedAndEnded", testSessionsOf},
		{"SessionLetsInAnother", testBeginSession},
		{"UsersWithoutANameAreFound", testNameless},
		{"KeysChangeAndGo", testRekey},
		{"ConfiguredAccountsComeAndGo", testConfigured},
		{"ConfiguredAccountsChangeNames", testConfiguredSwap},
		{"ConfiguredAccountsRespectOthers", testConfiguredConflicts},
		{"RemovesOnlyWhatNobodyMisses", testRemove},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open.opened(t, t.TempDir())) })
	}
	t.Run("AllIsKeptWhenOpenedAgain", func(t *testing.T) { testAccountsAreKept(t, open) })
}

func (open AccountOpener) opened(t *testing.T, place string) AccountStore {
	s := open(t, place)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// takes makes one change and expects an error, or none.
func takes(t *testing.T, s AccountStore, taking account.Taking, want error) {
	t.Helper()
	if taking.At.IsZero() {
		taking.At = noon
	}
	if taking.Held.IsZero() {
		taking.Held = noon.Add(-time.Hour)
	}
	if err := s.Take(t.Context(), taking); !errors.Is(err, want) {
		t.Fatalf("Take of %q for %s: %v, want %v", taking.Key, taking.User.ID, err, want)
	}
}

// newcomer is a new user of a name that nobody has.
func newcomer(id, name, key string, kind account.Kind) account.Taking {
	return account.Taking{User: account.User{ID: id, Name: name, Kind: kind}, New: true, Key: key}
}

func session(id, secret string) *account.NewSession {
	return &account.NewSession{ID: id, Hash: []byte(secret), Agent: "a browser"}
}

// holds expects who has a name, "" for nobody.
func holds(t *testing.T, s AccountStore, key, want string) account.Holder {
	t.Helper()
	h, err := s.Holder(t.Context(), key)
	if h.ID != want || (want == "") != errors.Is(err, account.ErrNotFound) || want != "" && err != nil {
		t.Fatalf("the name %q has the holder %q (%v), want %q", key, h.ID, err, want)
	}
	return h
}

func hasSession(t *testing.T, s AccountStore, secret string, want bool) account.Session {
	t.Helper()
	found, _, err := s.SessionByHash(t.Context(), []byte(secret))
	if (err == nil) != want || err != nil && !errors.Is(err, account.ErrNotFound) {
		t.Fatalf("the session %q: %+v, %v; want it there: %v", secret, found, err, want)
	}
	return found
}

func testNamesAreFound(t *testing.T, s AccountStore) {
	takes(t, s, newcomer("u_ada", "Ada Lovelace", "ada lovelace", account.KindGuest), nil)
	takes(t, s, newcomer("u_wang", "王小明", "王小明", account.KindPerson), nil)
	for _, name := range []string{"Ada Lovelace", "ada  lovelace", "ＡＤＡ LOVELACE"} {
		if u, err := s.ByName(t.Context(), name); err != nil || u != (chat.User{ID: "u_ada", Name: "Ada Lovelace"}) {
			t.Errorf("ByName %q: %+v, %v", name, u, err)
		}
	}
	names := []string{"nobody", "王小明", "", "ADA  Lovelace", "Ada", "ada lovelace"}
	for len(names) < 70 {
		names = append(names, fmt.Sprint("nobody ", len(names)))
	}
	users, err := s.ByNames(t.Context(), append(names, "王小明"))
	must(t, err)
	var found []chat.UserID
	for _, u := range users {
		if u.ID != "" {
			found = append(found, u.ID)
		}
	}
	same(t, "by many names", []chat.UserID{"u_wang", "u_ada", "u_ada", "u_wang"}, found)
	if len(users) != len(names)+1 || users[1].Name != "王小明" || users[3].Name != "Ada Lovelace" {
		t.Errorf("ByNames: %+v", users)
	}
	if u, err := s.ByID(t.Context(), "u_wang"); err != nil || u.Name != "王小明" {
		t.Errorf("ByID: %+v, %v", u, err)
	}
	if u, err := s.UserByID(t.Context(), "u_wang"); err != nil || u.Kind != account.KindPerson {
		t.Errorf("UserByID: %+v, %v", u, err)
	}
	if h := holds(t, s, "ada lovelace", "u_ada"); h.Kind != account.KindGuest || !h.SessionSeen.IsZero() {
		t.Errorf("the holder is %+v", h)
	}
}

func testNobodyIsFound(t *testing.T, s AccountStore) {
	for _, name := range []string{"", "Ada", "a|b", "A\u200bda", "' OR 1=1 --", "\xff"} {
		if u, err := s.ByName(t.Context(), name); !errors.Is(err, chat.ErrNotFound) || u != (chat.User{}) {
			t.Errorf("ByName %q: %+v, %v", name, u, err)
		}
	}
	if _, err := s.ByID(t.Context(), "u_ada"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("ByID: %v", err)
	}
	if _, err := s.UserByID(t.Context(), ""); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("UserByID: %v", err)
	}
	if _, err := s.UserByKey(t.Context(), []byte("no key")); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("UserByKey: %v", err)
	}
}

func testNameGoesOn(t *testing.T, s AccountStore) {
	takes(t, s, newcomer("u_1", "Ada", "ada", account.KindGuest), nil)
	next := newcomer("u_2", "ADA", "ada", account.KindPerson)
	next.From, next.Session = "u_1", session("s_2", "two")
	takes(t, s, next, nil)
	if h := holds(t, s, "ada", "u_2"); h.Name != "ADA" || !h.SessionSeen.Equal(noon) {
		t.Errorf("the new holder is %+v", h)
	}
	if u, err := s.ByID(t.Context(), "u_1"); err != nil || u.Name != "Ada" {
		t.Errorf("who lost the name is not known any more: %+v, %v", u, err)
	}

	// An hour later the session keeps the name no longer, and ends with it.
	later := newcomer("u_3", "ada", "ada", account.KindGuest)
	later.From, later.Held = "u_2", noon.Add(time.Millisecond)
	takes(t, s, later, nil)
	holds(t, s, "ada", "u_3")
	hasSession(t, s, "two", false)

	// Another name, and another spelling of it, leave the old one free.
	takes(t, s, account.Taking{User: account.User{ID: "u_3", Name: "Bob", Kind: account.KindGuest}, Key: "bob"}, nil)
	takes(t, s, account.Taking{User: account.User{ID: "u_3", Name: "BOB", Kind: account.KindGuest}, Key: "bob", From: "u_3"}, nil)
	holds(t, s, "ada", "")
	if h := holds(t, s, "bob", "u_3"); h.Name != "BOB" {
		t.Errorf("the holder is %+v", h)
	}
	// So does the name of somebody who is gone.
	takes(t, s, account.Taking{User: account.User{ID: "u_1", Name: "Bob", Kind: account.KindGuest}, Key: "bob", From: "u_3"}, nil)
	holds(t, s, "bob", "u_1")

	for name, want := range map[string][]chat.UserID{
		"ADA": {"u_1", "u_2", "u_3"}, "bob": {"u_3"}, "nobody": {}, "a|b": {},
	} {
		once, err := s.Formerly(t.Context(), name)
		must(t, err)
		same(t, "who went by "+name, want, append([]chat.UserID{}, once...))
	}
}

func testNameStays(t *testing.T, s AccountStore) {
	person := newcomer("u_1", "Ada", "ada", account.KindPerson)
	person.Session = session("s_1", "one")
	takes(t, s, person, nil)
	keyed := newcomer("u_2", "Groot", "groot", account.KindAccount)
	keyed.KeyHash = []byte("a key")
	takes(t, s, keyed, nil)
	for _, name := range []struct{ key, from string }{{"ada", "u_1"}, {"groot", "u_2"}} {
		other := newcomer("u_9", "Other", name.key, account.KindGuest)
		other.From, other.Held = name.from, noon // seen just then is seen after
		takes(t, s, other, account.ErrConflict)
		holds(t, s, name.key, name.from)
	}
	hasSession(t, s, "one", true)
	if u, err := s.UserByKey(t.Context(), []byte("a key")); err != nil || u != keyed.User {
		t.Errorf("UserByKey: %+v, %v", u, err)
	}
}

func testConflictStoresNothing(t *testing.T, s AccountStore) {
	first := newcomer("u_1", "Ada", "ada", account.KindPerson)
	first.Session = session("s_1", "one")
	takes(t, s, first, nil)
	takes(t, s, newcomer("u_2", "Bob", "bob", account.KindGuest), nil)

	free := newcomer("u_3", "Ada", "ada", account.KindPerson) // which it was when they looked
	free.Session, free.KeyHash = session("s_3", "three"), []byte("a key")
	takes(t, s, free, account.ErrConflict)
	other := free
	other.From = "u_2" // who has another name by now
	takes(t, s, other, account.ErrConflict)
	rename := account.Taking{User: account.User{ID: "u_2", Name: "Ada", Kind: account.KindGuest}, Key: "ada"}
	takes(t, s, rename, account.ErrConflict)
	nobody := account.Taking{User: account.User{ID: "u_8", Name: "Eve", Kind: account.KindGuest}, Key: "eve"}
	takes(t, s, nobody, account.ErrConflict)

	// What comes last fails: the name that was taken by then is given back.
	twice := newcomer("u_4", "Bob", "bob", account.KindPerson)
	twice.From, twice.Session, twice.Replaces = "u_2", session("s_1", "four"), []byte("no session")
	takes(t, s, twice, account.ErrConflict)

	holds(t, s, "ada", "u_1")
	holds(t, s, "bob", "u_2")
	holds(t, s, "eve", "")
	for _, id := range []string{"u_3", "u_4", "u_8"} {
		if u, err := s.UserByID(t.Context(), id); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("%s is there: %+v, %v", id, u, err)
		}
	}
	hasSession(t, s, "three", false)
	hasSession(t, s, "four", false)
	if _, err := s.UserByKey(t.Context(), []byte("a key")); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("the key is there: %v", err)
	}
}

func testOneTakesAName(t *testing.T, s AccountStore) {
	takes(t, s, newcomer("u_0", "Ada", "ada", account.KindGuest), nil)
	var won, lost atomic.Int64
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			next := newcomer(fmt.Sprintf("u_%d", i+1), "Ada", "ada", account.KindPerson)
			next.From, next.At, next.Held = "u_0", noon, noon
			next.Session = session(fmt.Sprintf("s_%d", i), fmt.Sprintf("secret %d", i))
			switch err := s.Take(t.Context(), next); {
			case err == nil:
				won.Add(1)
			case errors.Is(err, account.ErrConflict):
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || lost.Load() != 49 {
		t.Errorf("%d took the name and %d found it taken", won.Load(), lost.Load())
	}
}

func testRemove(t *testing.T, s AccountStore) {
	add := func(id string, kind account.Kind, at time.Time, begin *account.NewSession, key []byte) {
		taking := newcomer(id, id, id, kind)
		taking.At, taking.Session, taking.KeyHash = at, begin, key
		takes(t, s, taking, nil)
		if err := s.Enter(t.Context(), chat.Lobby, chat.UserID(id)); err != nil {
			t.Fatal(err)
		}
	}
	old, now := noon.Add(-time.Hour), noon
	add("u_a_guest", account.KindGuest, old, nil, nil)
	add("u_b_new", account.KindGuest, now, nil, nil)
	add("u_c_person", account.KindPerson, old, session("s_c", "c"), nil)
	add("u_d_seen", account.KindPerson, old, session("s_d", "d"), nil)
	add("u_e_account", account.KindAccount, old, session("s_e", "e"), []byte("key e"))
	add("u_f_private", account.KindGuest, old, nil, nil)
	add("u_g_private", account.KindGuest, old, nil, nil)
	add("u_h_keyed", account.KindAccount, old, nil, []byte("key h"))
	if err := s.SeenSession(t.Context(), "s_d", now); err != nil {
		t.Fatal(err)
	}
	guest := chat.User{ID: "u_a_guest", Name: "u_a_guest"}
	appended(t, s, message(chat.Lobby, guest, "1", "what they said stays"))
	private := chat.User{ID: "u_f_private", Name: "u_f_private"}
	appended(t, s, message(chat.Direct("u_f_private", "u_g_private"), private, "1", "hi"))

	want := []string{"u_a_guest", "u_c_person", "u_e_account"}
	var stale []string
	for after := ""; ; {
		ids, err := s.Stale(t.Context(), noon, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(ids) == 0 {
			break
		}
		stale = append(stale, ids...)
		after = ids[len(ids)-1]
	}
	same(t, "who is stale", want, stale)

	// All are asked for, as if things had changed in between.
	all := []string{"u_a_guest", "u_b_new", "u_c_person", "u_d_seen", "u_e_account", "u_f_private", "u_g_private", "u_h_keyed", "u_x"}
	if err := s.Remove(t.Context(), all, noon); err != nil {
		t.Fatal(err)
	}
	for _, id := range all {
		_, err := s.UserByID(t.Context(), id)
		if gone := slices.Contains([]string{"u_a_guest", "u_c_person", "u_x"}, id); gone != errors.Is(err, account.ErrNotFound) {
			t.Errorf("%s: %v; want it gone: %v", id, err, gone)
		}
	}
	hasSession(t, s, "c", false)
	hasSession(t, s, "d", true)
	hasSession(t, s, "e", false)
	holds(t, s, "u_a_guest", "")
	if events := whole(t, s, chat.Lobby); len(events) != 1 || events[0].User != guest {
		t.Errorf("what was said is %+v", events)
	}
}

func testAccountsAreKept(t *testing.T, open AccountOpener) {
	place := t.TempDir()
	s := open(t, place)
	person := newcomer("u_1", "Ada", "ada", account.KindPerson)
	person.Session = session("s_1", "one")
	takes(t, s, person, nil)
	configures(t, s, configured("u_g", "Groot", "groot", "key g"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open.opened(t, place)
	holds(t, s, "ada", "u_1")
	hasSession(t, s, "one", true)
	opens(t, s, "key g", "u_g")
}
