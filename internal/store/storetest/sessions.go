package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/internal/account"
)

func testSessions(t *testing.T, s AccountStore) {
	first := newcomer("u_1", "Ada", "ada", account.KindPerson)
	first.Session = session("s_1", "one")
	takes(t, s, first, nil)
	if found := hasSession(t, s, "one", true); found != (account.Session{ID: "s_1", User: first.User}) {
		t.Errorf("the session is %+v", found)
	}

	// Another takes its place under the same id.
	again := account.Taking{User: first.User, Key: "ada", From: "u_1", Session: session("s_1", "two"), Replaces: []byte("one")}
	again.At = noon.Add(time.Minute)
	takes(t, s, again, nil)
	hasSession(t, s, "one", false)
	if found := hasSession(t, s, "two", true); found.ID != "s_1" {
		t.Errorf("the session is %+v", found)
	}

	for _, at := range []time.Duration{time.Hour, time.Minute} { // the second is late
		if err := s.SeenSession(t.Context(), "s_1", noon.Add(at)); err != nil {
			t.Fatal(err)
		}
	}
	if _, seen, err := s.SessionByHash(t.Context(), []byte("two")); err != nil || !seen.Equal(noon.Add(time.Hour)) {
		t.Errorf("the session was seen %v, %v", seen, err)
	}
	if h := holds(t, s, "ada", "u_1"); !h.SessionSeen.Equal(noon.Add(time.Hour)) {
		t.Errorf("the holder is %+v", h)
	}
	for range 2 { // ending it again is no error
		if err := s.EndSession(t.Context(), []byte("two")); err != nil {
			t.Fatal(err)
		}
	}
	hasSession(t, s, "two", false)
	if err := s.SeenSession(t.Context(), "s_1", noon.Add(2*time.Hour)); err != nil {
		t.Error(err)
	}
	if h := holds(t, s, "ada", "u_1"); !h.SessionSeen.IsZero() {
		t.Errorf("the holder without a session is %+v", h)
	}
}

func testBeginSession(t *testing.T, s AccountStore) {
	ada := newcomer("u_ada", "Ada", "ada", account.KindPerson)
	ada.Session = session("s_laptop", "laptop")
	takes(t, s, ada, nil)
	bob := newcomer("u_bob", "Bob", "bob", account.KindPerson)
	bob.Session = session("s_bob", "bob's")
	takes(t, s, bob, nil)
	begins := func(by, user string, n *account.NewSession, replaces string, want error) {
		t.Helper()
		b := account.Beginning{UserID: user, By: by, Session: *n, At: noon}
		if replaces != "" {
			b.Replaces = []byte(replaces)
		}
		if err := s.BeginSession(t.Context(), b); !errors.Is(err, want) {
			t.Fatalf("%s lets in %s: %v, want %v", by, n.ID, err, want)
		}
	}
	begins("s_none", "u_ada", session("s_phone", "phone"), "", account.ErrConflict)
	begins("s_bob", "u_ada", session("s_phone", "phone"), "bob's", account.ErrConflict)
	hasSession(t, s, "phone", false)
	hasSession(t, s, "bob's", true)
	begins("s_laptop", "u_ada", session("s_phone", "phone"), "bob's", nil)
	if found := hasSession(t, s, "phone", true); found.User.ID != "u_ada" || found.ID != "s_phone" {
		t.Errorf("the session is %+v", found)
	}
	hasSession(t, s, "bob's", false)
	hasSession(t, s, "laptop", true)
	if all, err := s.SessionsOf(t.Context(), "u_ada"); err != nil || len(all) != 2 || all[0].Agent != "a browser" {
		t.Errorf("Ada's sessions are %+v, %v", all, err)
	}
	// The name rests on either.
	if err := s.EndSession(t.Context(), []byte("laptop")); err != nil {
		t.Fatal(err)
	}
	if h := holds(t, s, "ada", "u_ada"); h.SessionSeen.IsZero() {
		t.Errorf("the name rests on nothing: %+v", h)
	}
	begins("s_laptop", "u_ada", session("s_third", "third"), "", account.ErrConflict)
}

func testSessionsOf(t *testing.T, s AccountStore) {
	begin := func(user, id, secret string, at time.Duration) {
		taking := account.Taking{
			User: account.User{ID: user, Name: user, Kind: account.KindPerson}, Key: user, Session: session(id, secret), At: noon.Add(at),
		}
		switch _, err := s.UserByID(t.Context(), user); {
		case err == nil:
			taking.From = user
		default:
			taking.New = true
		}
		takes(t, s, taking, nil)
	}
	begin("u_1", "s_1", "one", 0)
	begin("u_1", "s_2", "two", time.Minute)
	begin("u_1", "s_3", "three", 2*time.Minute)
	begin("u_2", "s_4", "four", 0)
	if err := s.SeenSession(t.Context(), "s_1", noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	of := func(user string, want ...string) []account.SignIn {
		t.Helper()
		all, err := s.SessionsOf(t.Context(), user)
		var ids []string
		for _, one := range all {
			ids = append(ids, one.ID)
		}
		if err != nil || !slices.Equal(ids, want) {
			t.Fatalf("%s has the sessions %v, %v; want %v", user, ids, err, want)
		}
		return all
	}
	first := of("u_1", "s_1", "s_3", "s_2")[0]
	if want := (account.SignIn{ID: "s_1", Agent: "a browser", Begun: noon, Seen: noon.Add(time.Hour)}); first != want {
		t.Errorf("the first is %+v, want %+v", first, want)
	}
	of("u_none")

	if err := s.EndSessionsOf(t.Context(), "u_1", []string{"s_2", "s_4", "s_none"}); err != nil { // one is somebody else's
		t.Fatal(err)
	}
	of("u_1", "s_1", "s_3")
	of("u_2", "s_4")
	hasSession(t, s, "two", false)
	hasSession(t, s, "four", true)
	many := []string{"s_1", "s_2", "s_4"}
	for i := range 250 {
		many = append(many, fmt.Sprint("s_x", i))
	}
	gone, err := s.SessionsGone(t.Context(), many)
	if err != nil || len(gone) != 251 || gone[0] != "s_2" || slices.Contains(gone, "s_4") {
		t.Errorf("%d of the sessions are gone, %v", len(gone), err)
	}
	if gone, err := s.SessionsGone(t.Context(), nil); err != nil || len(gone) != 0 {
		t.Errorf("of none %v are gone, %v", gone, err)
	}
}

func testNameless(t *testing.T, s AccountStore) {
	takes(t, s, newcomer("u_1", "Ada", "ada", account.KindGuest), nil)
	takes(t, s, newcomer("u_2", "Bob", "bob", account.KindGuest), nil)
	taking := newcomer("u_3", "Ada", "ada", account.KindAccount)
	taking.From = "u_1"
	takes(t, s, taking, nil)
	lost, err := s.Nameless(t.Context(), []string{"u_2", "u_1", "u_3", "u_none"})
	if err != nil || !slices.Equal(lost, []string{"u_1", "u_none"}) {
		t.Errorf("%v have no name, %v; want who lost it and who isn't there", lost, err)
	}
}
