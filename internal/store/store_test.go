package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/internal/chat"
	"parley/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openAt(t *testing.T, place string) storetest.Store {
	t.Helper()
	return opened(t, filepath.Join(place, "parley.db"))
}

// opened returns a store that the caller closes.
func opened(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fresh returns a new store that is closed when the test ends.
func fresh(t testing.TB) *Store {
	t.Helper()
	s := opened(t, filepath.Join(t.TempDir(), "parley.db"))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestLog(t *testing.T)   { storetest.TestLog(t, openAt) }
func TestShelf(t *testing.T) { storetest.TestShelf(t, openAt) }
func TestFiles(t *testing.T) { storetest.TestFiles(t, openAt) }

func TestFinder(t *testing.T) {
	storetest.TestFinder(t, openAt, func(t *testing.T, s storetest.Store) { indexAll(t, s.(*Store)) })
}

// indexAll brings everything into the index of the search without waiting for the indexer, which does the same at its own time.
func indexAll(t testing.TB, s *Store) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = s.indexer.batch(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Unindexed(t.Context()); n != 0 {
		t.Fatalf("%d events are not in the index", n)
	}
}

func TestRoomsSayWhoThePeerIs(t *testing.T) {
	s := fresh(t)
	exec(t, s, `INSERT INTO users (id, name, name_key, kind, created_at, seen_at) VALUES
		('u_ada', 'Ada', 'ada', 'person', 0, 0), ('u_bob', 'Bob', 'bob', 'guest', 0, 0)`)
	for i, room := range []chat.RoomName{chat.Direct("u_ada", "u_bob"), chat.Direct("u_ada", "u_gone"), chat.Lobby} {
		e := oneMessage(fmt.Sprint(i))[0]
		e.Room, e.Time = room, time.UnixMilli(int64(1000-i))
		if _, err := s.Append(t.Context(), []chat.Event{e}); err != nil {
			t.Fatal(err)
		}
	}
	for user, want := range map[chat.UserID][]chat.User{
		"u_ada": {{ID: "u_bob", Name: "Bob"}, {ID: "u_gone"}, {}},
		"u_bob": {{ID: "u_ada", Name: "Ada"}, {}},
	} {
		rooms, err := s.Rooms(t.Context(), user)
		if err != nil {
			t.Fatal(err)
		}
		var peers []chat.User
		for _, r := range rooms {
			peers = append(peers, r.Peer)
		}
		if !slices.Equal(peers, want) {
			t.Errorf("the peers of %s are %+v", user, peers)
		}
	}
}
