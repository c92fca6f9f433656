package store

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"parley/internal/chat"
	"parley/internal/upload"
)

// inIndex returns which words the index holds of which events, as SQLite itself reads it.
func inIndex(t *testing.T, s *Store) map[string]bool {
	t.Helper()
	exec(t, s, `CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab (search, instance)`)
	defer exec(t, s, `DROP TABLE vocabulary`)
	found, err := texts(t.Context(), s.read, `SELECT doc || ' ' || term FROM vocabulary`)
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]bool{}
	for _, one := range found {
		held[one] = true
	}
	return held
}

// The index knows exactly the words that messages have now, whatever was edited and deleted before: a word of a deleted message is
// gone from the file, and not only never shown.
func TestIndexHoldsTheWordsThatThereAreAndNoOthers(t *testing.T) {
	s := fresh(t)
	random := rand.New(rand.NewPCG(4, 2))
	word := func() string { return fmt.Sprintf("w%d 語%c", random.IntN(30), '一'+rune(random.IntN(30))) }
	last := int64(0)
	for range 120 {
		var events []chat.Event
		for range 1 + random.IntN(5) {
			e := said(word() + " " + word())[0]
			if last++; random.IntN(2) == 0 && last > 3 {
				e.Of, e.Kind = 1+random.Int64N(last-1), chat.KindEdit
				if random.IntN(3) == 0 {
					e.Kind, e.Text = chat.KindDelete, ""
				}
			}
			events = append(events, e)
		}
		store(t, s, events...)
		if random.IntN(6) == 0 {
			indexAll(t, s)
		}
	}
	indexAll(t, s)
	want := map[string]bool{}
	for at := int64(1); at <= last; at++ {
		e, err := s.Message(t.Context(), chat.Lobby, at)
		if err == nil && e.Deleted == 0 {
			held := entry{at: at, room: e.Room, by: e.User.ID, text: e.Text}
			tokens, err := held.indexed()
			if err != nil {
				t.Fatal(err)
			}
			for _, token := range tokens {
				want[fmt.Sprint(at, " ", held.inBlock([]string{token}))] = true // in a store with one room, the rowid is the seq
			}
		}
	}
	if got := inIndex(t, s); !maps.Equal(got, want) || len(got) < 100 {
		maps.DeleteFunc(got, func(word string, _ bool) bool { return want[word] })
		t.Errorf("the index holds %d words that are not there: %v", len(got), slices.Collect(maps.Keys(got)))
	}
}

// Not only is it never found: its words, and those of its files' names, are in no page of the index.
func TestDeletedWordsAreNowhereInTheIndex(t *testing.T) {
	s := fresh(t)
	for range 20 {
		store(t, s, said("something else")...)
	}
	file := upload.File{ID: "f1", User: "u_ada", Name: "xochiquetzal.pdf", Type: "application/pdf", Size: 1, Stored: time.Now()}
	if err := s.AddFile(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	both := said("quetzalcoatl")
	both[0].User.ID, both[0].Files = "u_ada", []chat.File{{ID: file.ID, Name: file.Name}}
	store(t, s, both...)
	indexAll(t, s)
	pages := func(word string) int {
		found, err := texts(t.Context(), s.read, `SELECT id FROM search_data WHERE instr(block, CAST($1 AS BLOB)) > 0`, word)
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	for _, word := range []string{"quetzalcoatl", "xochiquetzal"} {
		if pages(word) == 0 {
			t.Fatalf("%s is in no page before it is deleted: this test sees nothing", word)
		}
	}
	remove := said("")
	remove[0].User.ID, remove[0].Kind, remove[0].Of = "u_ada", chat.KindDelete, 21
	store(t, s, remove...)
	for _, word := range []string{"quetzalcoatl", "xochiquetzal"} {
		if n := pages(word); n != 0 {
			t.Errorf("%d pages hold the deleted word %s", n, word)
		}
	}
}

func TestDatabaseOfBeforeIsIndexedBehindTheStart(t *testing.T) {
	for name, before := range map[string]string{
		"without an index":  `DELETE FROM search_state`,
		"of another form":   `UPDATE search_state SET form = 0`,
		"all that there is": `SELECT 1`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "parley.db")
			s := opened(t, path)
			for n := range 3 * indexMost / 100 {
				var events []chat.Event
				for k := range 100 {
					events = append(events, said(fmt.Sprint("needle n", n, " k", k))...)
				}
				store(t, s, events...)
			}
			if name == "of another form" || name == "all that there is" {
				indexAll(t, s)
			}
			exec(t, s, before)
			if name == "of another form" {
				exec(t, s, `INSERT INTO search (rowid, words) VALUES (1, 'wordofbefore')`)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = opened(t, path)
			defer s.Close()
			indexAll(t, s)
			found := patient(t, s, chat.Search{Reader: "u_bob", Words: []string{"needle"}, Limit: 1000}).found
			if len(found.Hits) != 700 || found.Behind {
				t.Errorf("%d hits, behind %v", len(found.Hits), found.Behind)
			}
			if held := inIndex(t, s); len(held) != 700*6 || held["1 wordofbefore"] {
				t.Errorf("the index holds %d words", len(held))
			}
		})
	}
}

// Nobody has to ask for it: a second after a message it is in the index, and many go there sooner.
func TestIndexFollowsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fresh(t)
		synctest.Wait()
		for _, n := range []int{1, indexEnough, 3} {
			var events []chat.Event
			for range n {
				events = append(events, said("hello")...)
			}
			store(t, s, events...)
			begun := time.Now()
			for s.Unindexed(t.Context()) > 0 {
				time.Sleep(10 * time.Millisecond) // of the bubble: how long it takes is what is looked at
			}
			if waited := time.Since(begun); waited > 2*indexEvery || n == indexEnough && waited > indexEvery/2 {
				t.Errorf("%d events came into the index after %v", n, waited)
			}
		}
	})
}

// While much is written the index takes little of the time. That ends with the writing, however long a batch took under it.
func TestIndexGivesWayWhileMuchIsWrittenAndNoLonger(t *testing.T) {
	const took = time.Second
	for _, tt := range []struct{ writing, least, most time.Duration }{
		{0, took, took},
		{5 * took, 5 * took, 7 * took},
		{100 * took, indexShare * took, indexShare * took},
	} {
		synctest.Test(t, func(t *testing.T) {
			x, begun := &indexer{wake: make(chan struct{}, 1)}, time.Now()
			var writer sync.WaitGroup
			writer.Go(func() {
				for time.Since(begun) < tt.writing {
					x.notice(indexBusy)
					time.Sleep(took / 4) // of the bubble: how much is written in a while
				}
			})
			synctest.Wait()
			x.giveWay(t.Context(), &Store{}, took)
			defer writer.Wait()
			if waited := time.Since(begun); waited < tt.least || waited > tt.most {
				t.Errorf("while something is written for %v, it gives way for %v", tt.writing, waited)
			}
		})
	}
}

// A mistake in how texts are taken apart, here a table that is missing, which only texts beyond ASCII meet.
func TestMessageThatCannotBeTakenApartCostsItsWordsAlone(t *testing.T) {
	scripts := unspaced
	t.Cleanup(func() { unspaced = scripts })
	unspaced = []*unicode.RangeTable{nil}
	logs := &bytes.Buffer{} // read when the store is closed
	path := filepath.Join(t.TempDir(), "parley.db")
	for start := range 2 {
		s, err := OpenWith(t.Context(), path, Options{Logger: slog.New(slog.NewTextHandler(logs, nil))})
		if err != nil {
			t.Fatal(err)
		}
		store(t, s, said("schön")[0], said("hello")[0], said("hello")[0])
		indexAll(t, s)
		broken := said("grün")
		broken[0].Kind, broken[0].Of = chat.KindEdit, int64(2+4*start)
		store(t, s, broken...)
		indexAll(t, s)
		for words, want := range map[string]int{"hello": 1 + start, "schön": 0} {
			found, err := s.Find(t.Context(), chat.Search{Reader: "u_bob", Words: []string{words}, Limit: 10})
			if len(found.Hits) != want || err != nil && !errors.Is(err, chat.ErrNoWords) {
				t.Errorf("%q is found %d times (%v)", words, len(found.Hits), err)
			}
		}
		if found := patient(t, s, chat.Search{Reader: "u_bob", From: "u_ada", Limit: 10}).found; len(found.Hits) != 3+3*start {
			t.Errorf("by its author %d messages are found", len(found.Hits))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []int{1, 1, 0, 0, 1, 1, 0, 0} {
		if n := strings.Count(logs.String(), fmt.Sprintf("room=lobby seq=%d ", i+1)); n != want {
			t.Errorf("message %d is logged %d times", i+1, n)
		}
	}
	if strings.Contains(logs.String(), "schön") || strings.Contains(logs.String(), "grün") {
		t.Errorf("what was said is logged: %s", logs)
	}
}

// An index that can't be written costs the search, and nothing else.
func TestDamagedIndexLeavesStoringAlone(t *testing.T) {
	s := fresh(t)
	exec(t, s, `DROP TABLE search_data`)
	store(t, s, said("hello")...)
	if _, err := s.indexer.batch(t.Context(), s); err == nil {
		t.Fatal("the index is written without its table")
	}
	store(t, s, said("hello again")...)
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("the store is not ready: %v", err)
	}
	if last, err := s.Last(t.Context(), chat.Lobby); err != nil || last != 2 {
		t.Errorf("%d events are stored (%v)", last, err)
	}
}
