package store

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/internal/chat"
)

func said(text string) []chat.Event {
	e := oneMessage("")
	e[0].Text = text
	return e
}

func store(t *testing.T, s *Store, events ...chat.Event) {
	t.Helper()
	if _, err := s.Append(t.Context(), events); err != nil {
		t.Fatal(err)
	}
}

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

// patient finds as Find does, without regard to the time.
func patient(t *testing.T, s *Store, search chat.Search) finding {
	t.Helper()
	f := finding{store: s, search: &search, wanted: wantedWords(search.Words), begun: time.Now().Add(time.Hour)}
	if err := f.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f
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
				want[fmt.Sprint(at, " ", token)] = true // in a store with one room, the rowid is the seq
			}
		}
	}
	if got := inIndex(t, s); !maps.Equal(got, want) || len(got) < 100 {
		maps.DeleteFunc(got, func(word string, _ bool) bool { return want[word] })
		t.Errorf("the index holds %d words that are not there: %v", len(got), slices.Collect(maps.Keys(got)))
	}
}

// Not only is it never found: its words are in no page of the index.
func TestDeletedWordsAreNowhereInTheIndex(t *testing.T) {
	s := fresh(t)
	for range 20 {
		store(t, s, said("something else")...)
	}
	store(t, s, said("quetzalcoatl")...)
	indexAll(t, s)
	pages := func() int {
		found, err := texts(t.Context(), s.read, `SELECT id FROM search_data WHERE instr(block, CAST('quetzalcoatl' AS BLOB)) > 0`)
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	if pages() == 0 {
		t.Fatal("the word is in no page before it is deleted: this test sees nothing")
	}
	remove := said("")
	remove[0].Kind, remove[0].Of = chat.KindDelete, 21
	store(t, s, remove...)
	if n := pages(); n != 0 {
		t.Errorf("%d pages hold a deleted word", n)
	}
}

// A search reads nothing that its reader may not: the time that it takes says nothing of what others write to each other.
func TestSearchNeverPassesByWhatItsReaderMayNotRead(t *testing.T) {
	s := fresh(t)
	for range 3 {
		private := slices.Repeat(said("plan"), 200)
		for i := range private {
			private[i].Room = chat.Direct("u_ada", "u_bob")
		}
		store(t, s, private...)
		closed := slices.Repeat(said("plan"), 200)
		for i := range closed {
			closed[i].Room = "~team.k7x2m9qa"
		}
		store(t, s, closed...)
		store(t, s, said("the plan")...)
	}
	indexAll(t, s)
	for _, words := range [][]string{{"plan"}, nil} {
		for _, from := range []chat.UserID{"u_ada", ""} {
			f := patient(t, s, chat.Search{Reader: "u_eve", Words: words, From: from, Since: time.UnixMilli(1), Limit: 10})
			if len(f.found.Hits) != 3 || f.looked != 0 {
				t.Errorf("%q of %q: %d hits, %d messages read in vain", words, from, len(f.found.Hits), f.looked)
			}
		}
	}
}

// The index is cut into blocks of events, and a search goes through them all; in some there may be nothing.
func TestSearchGoesThroughEveryBlock(t *testing.T) {
	s := fresh(t)
	for range 4 {
		store(t, s, said("red fox")[0], said("fox")[0])
		exec(t, s, fmt.Sprintf(`UPDATE events SET rowid = rowid + %d WHERE rowid = (SELECT max(rowid) FROM events)`, 3<<blockBits/2))
	}
	indexAll(t, s)
	for words, want := range map[string]int{"fox": 8, "red": 4, "wolf": 0} {
		for _, limit := range []int{1, 3, 100} {
			search := chat.Search{Reader: "u_bob", Words: []string{words}, Limit: limit}
			last, hits := int64(math.MaxInt64), 0
			for page := 0; page == 0 || search.Before > 0; page++ {
				f := patient(t, s, search)
				for _, hit := range f.found.Hits {
					if hit.Seq >= last {
						t.Fatalf("%d comes behind %d", hit.Seq, last)
					}
					last = hit.Seq
				}
				hits, search.Before = hits+len(f.found.Hits), f.found.Before
			}
			if hits != want {
				t.Errorf("%q is found %d times in pages of %d, not %d", words, hits, limit, want)
			}
		}
	}
}

// However long the messages are, a search that is out of time reads none more, and says where to go on.
func TestSearchWhoseTimeIsUpGoesOnBehindTheNextMessage(t *testing.T) {
	for name, wait := range map[string]func(testing.TB, *Store){"Indexed": indexAll, "JustStored": func(testing.TB, *Store) {}} {
		t.Run(name, func(t *testing.T) {
			s := fresh(t)
			for range 5 {
				store(t, s, said("red fox")[0], said("fox red")[0])
			}
			wait(t, s)
			search := chat.Search{Reader: "u_bob", Words: []string{"red fox"}, Limit: 20}
			hits := 0
			for read := 0; read == 0 || search.Before > 0; read++ {
				f := finding{store: s, search: &search, wanted: wantedWords(search.Words), begun: time.Now().Add(-time.Hour)}
				if err := f.run(t.Context()); err != nil || len(f.found.Hits)+f.looked > 1 || read > 12 {
					t.Fatalf("out of time, it read %d messages in vain and found %d (%v)", f.looked, len(f.found.Hits), err)
				}
				hits, search.Before = hits+len(f.found.Hits), f.found.Before
			}
			if hits != 5 {
				t.Errorf("bit by bit %d of 5 are found", hits)
			}
		})
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

// The index stands under the rowids of events, which a copy has to keep.
func TestBackupIsSearchedLikeTheDatabase(t *testing.T) {
	folder := t.TempDir()
	s := opened(t, filepath.Join(folder, "parley.db"))
	for n := range 60 {
		e := said(fmt.Sprint("word ", n))
		e[0].Room = []chat.RoomName{"b-room", "a-room", "c-room"}[n%3]
		store(t, s, e...)
		if n == 40 {
			indexAll(t, s)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(folder, "copy.db")
	if _, err := Backup(t.Context(), filepath.Join(folder, "parley.db"), copied); err != nil {
		t.Fatal(err)
	}
	s = opened(t, copied)
	defer s.Close()
	indexAll(t, s)
	for n := range 60 {
		found, err := s.Find(t.Context(), chat.Search{Reader: "u_bob", Words: []string{fmt.Sprint(n)}, Limit: 10})
		if err != nil || len(found.Hits) != 1 || found.Hits[0].Text != fmt.Sprint("word ", n) {
			t.Fatalf("message %d is found as %+v (%v)", n, found.Hits, err)
		}
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
				time.Sleep(10 * time.Millisecond)
			}
			if waited := time.Since(begun); waited > 2*indexEvery || n == indexEnough && waited > indexEvery/2 {
				t.Errorf("%d events came into the index after %v", n, waited)
			}
		}
	})
}

// What is stored and not indexed is found all the same, as far as that is quick; and beyond that it is said.
func TestSearchSaysWhatIsNotIndexedYet(t *testing.T) {
	s := fresh(t)
	s.indexer.end() // by hand from here on
	s.indexer.start(s)
	s.indexer.stop()
	const old, later = 100, tailMost + 500
	events := slices.Repeat(said("old"), old)
	store(t, s, events...)
	indexAll(t, s)
	for range later / 250 {
		store(t, s, slices.Repeat(said("new"), 250)...)
	}
	all := chat.Search{Reader: "u_bob", Words: []string{"new"}, Limit: 10 * later}
	found := patient(t, s, all).found
	if len(found.Hits) != tailMost || !found.Behind {
		t.Errorf("%d hits, behind %v", len(found.Hits), found.Behind)
	}
	all.Words = []string{"old"}
	found = patient(t, s, all).found
	if len(found.Hits) != old || !found.Behind {
		t.Errorf("%d old ones, behind %v", len(found.Hits), found.Behind)
	}
	indexAll(t, s)
	found = patient(t, s, all).found
	if len(found.Hits) != old || found.Behind {
		t.Errorf("%d old ones, behind %v", len(found.Hits), found.Behind)
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

// Whatever is looked for in whatever text: the parts of a short one are the text, and those of a long one are short.
func FuzzSnippet(f *testing.F) {
	f.Add("héllo ﬁn 가나 ㌀ x̂", "llo ﬁ")
	f.Add(strings.Repeat("a ㌀가́", 100), "가")
	f.Fuzz(func(t *testing.T, text, word string) {
		spans, all := wantedWords([]string{word}).in(text)
		if !all {
			return
		}
		got := strings.Join(snippet(text, spans), "")
		if len(text) <= snippetLength && got != text || len(got) > snippetLength+2*(utf8.UTFMax-1+len("…")) && utf8.ValidString(text) {
			t.Errorf("%q in %q is shown as %q", word, text, got)
		}
	})
}
