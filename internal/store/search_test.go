package store

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
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

// patient finds as Find does, without regard to the time.
func patient(t *testing.T, s *Store, search chat.Search) finding {
	t.Helper()
	f := finding{store: s, search: &search, wanted: wantedWords(search.Words), begun: time.Now().Add(time.Hour)}
	if err := f.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f
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
