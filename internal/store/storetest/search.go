package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"parley/internal/chat"
)

// TestFinder holds a store against the obligations of [chat.Finder]. indexed waits until the store has indexed what is in it.
func TestFinder(t *testing.T, open Opener, indexed func(t *testing.T, s Store)) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Opener, func(*testing.T, Store))
	}{
		{"FindsWordsOfAllScripts", testFindsWordsOfAllScripts},
		{"ChangesCountAtOnce", testChangesCountAtOnce},
		{"PrivateRoomsAreFoundByTheirTwo", testPrivateRoomsAreFoundByTheirTwo},
		{"ClosedRoomsAreFoundByThoseLetIn", testClosedRoomsAreFound},
		{"FiltersHoldTogether", testFiltersHoldTogether},
		{"NothingInAQueryBreaksIt", testNothingInAQueryBreaksIt},
		{"PagesHoldEverythingOnce", testPagesHoldEverythingOnce},
		{"SnippetsAreTheText", testSnippetsAreTheText},
		{"FormerNamesAreFound", testFormerNamesAreFound},
		{"MessagesWithFilesAreFound", testMessagesWithFilesAreFound},
	} {
		for name, wait := range map[string]func(*testing.T, Store){"Indexed": indexed, "JustStored": func(*testing.T, Store) {}} {
			t.Run(test.name+name, func(t *testing.T) { test.run(t, open, wait) })
		}
	}
}

// find returns the texts of what is found, the latest first.
func find(t *testing.T, s Store, search chat.Search) (texts []string) {
	t.Helper()
	for _, hit := range findAll(t, s, search) {
		texts = append(texts, hit.Text)
	}
	return texts
}

func findAll(t *testing.T, s Store, search chat.Search) (hits []chat.Hit) {
	t.Helper()
	if search.Limit == 0 {
		search.Limit = 100
	}
	for {
		found, err := s.Find(t.Context(), search)
		if err != nil {
			t.Fatalf("looking for %q: %v", search.Words, err)
		}
		if len(found.Hits) > search.Limit || found.Behind {
			t.Fatalf("looking for %q: %d hits, behind: %v", search.Words, len(found.Hits), found.Behind)
		}
		hits = append(hits, found.Hits...)
		if found.Before == 0 {
			return hits
		}
		if search.Before != 0 && found.Before >= search.Before {
			t.Fatalf("after %d the search goes on at %d", search.Before, found.Before)
		}
		search.Before = found.Before
	}
}

func words(reader chat.User, words ...string) chat.Search {
	return chat.Search{Reader: reader.ID, Words: words}
}

func testFindsWordsOfAllScripts(t *testing.T, open Opener, wait func(*testing.T, Store)) {
	s := open.opened(t)
	texts := []string{
		"Hello there, general", "王小明说你好", "Un café, s'il vous plaît", "cafe without", "Привет, мир! Ёлка", "party 🎉 tonight",
		"Straße nach Łódź", "안녕하세요 여러분", "สวัสดีครับ", "ＦＵＬＬ ｗｉｄｔｈ", "नमस्ते दुनिया", "don't stop", "x", "γεια σας κόσμος", "cafe\u0301 apart",
	}
	for i, text := range texts {
		appended(t, s, message(chat.Lobby, ada, fmt.Sprint(i), text))
	}
	wait(t, s)
	for query, want := range map[string][]int{
		"hello": {0}, "HELLO": {0}, "hell": nil, "general": {0}, "小明": {1}, "王小明": {1}, "明": {1}, "明小": nil, "你好": {1}, "说": {1}, "王明": nil,
		"cafe": {2, 3, 14}, "café": {2, 3, 14}, "CAFÉ": {2, 3, 14}, "plait": {2}, "привет": {4}, "елка": {4}, "МИР": {4},
		"🎉": {5}, "🎂": nil, "strasse": {6}, "straße": {6}, "lodz": {6}, "안녕": {7}, "여러": {7}, "สวัสดี": {8}, "ครับ": {8}, "full": {9}, "width": {9},
		"नमस्ते": {10}, "don't": {11}, "dont": nil, "don": {11}, "t": {11}, "stop don": nil, "don't stop": {11}, "x": {12},
		"κοσμος": {13}, "ΚΌΣΜΟΣ": {13}, "café apart": {14},
	} {
		var wanted []string
		slices.Reverse(want)
		for _, i := range want {
			wanted = append(wanted, texts[i])
		}
		if got := find(t, s, words(bob, query)); !slices.Equal(got, wanted) {
			t.Errorf("%q finds %q, not %q", query, got, wanted)
		}
	}
	if got := find(t, s, words(bob, "there", "hello")); len(got) != 1 {
		t.Errorf("two words in another order find %q", got)
	}
}

func testChangesCountAtOnce(t *testing.T, open Opener, wait func(*testing.T, Store)) {
	s := open.opened(t)
	appended(t, s, message(chat.Lobby, ada, "1", "zebra one"), message(chat.Lobby, ada, "2", "zebra two"), message(chat.Lobby, ada, "3", "zebra three"))
	wait(t, s)
	expect := func(when, query string, want ...string) {
		t.Helper()
		if got := find(t, s, words(bob, query)); !slices.Equal(got, want) {
			t.Errorf("%s, %q finds %q, not %q", when, query, got, want)
		}
	}
	expect("at first", "zebra", "zebra three", "zebra two", "zebra one")
	appended(t, s, edit(chat.Lobby, ada, 1, "giraffe one"))
	expect("after an edit", "zebra", "zebra three", "zebra two")
	expect("after an edit", "giraffe", "giraffe one")
	appended(t, s, deletion(chat.Lobby, ada, 2))
	expect("after a deletion", "zebra", "zebra three")
	expect("after a deletion", "two")
	appended(t, s, edit(chat.Lobby, ada, 2, "okapi"), edit(chat.Lobby, ada, 1, "okapi zebra"), edit(chat.Lobby, ada, 1, "last zebra"))
	expect("after edits at once", "okapi")
	expect("after edits at once", "zebra", "zebra three", "last zebra")
	wait(t, s)
	expect("when all is indexed", "zebra", "zebra three", "last zebra")
	expect("when all is indexed", "okapi")
	expect("when all is indexed", "giraffe")
}

func testFiltersHoldTogether(t *testing.T, open Opener, wait func(*testing.T, Store)) {
	s := open.opened(t)
	for day := range 20 {
		e := message(roomNamed(day%2), []chat.User{ada, bob}[day/2%2], "", fmt.Sprint("day ", day))
		e.Time = noon.AddDate(0, 0, day)
		appended(t, s, e)
	}
	wait(t, s)
	at := func(day int) time.Time { return noon.AddDate(0, 0, day).Truncate(24 * time.Hour) }
	for _, tt := range []struct {
		search chat.Search
		want   string
	}{
		{chat.Search{Till: at(2)}, "1 0"},
		{chat.Search{Since: at(18)}, "19 18"},
		{chat.Search{Since: at(5), Till: at(8)}, "7 6 5"},
		{chat.Search{Since: noon.AddDate(0, 0, 5), Till: noon.AddDate(0, 0, 6)}, "5"},
		{chat.Search{Since: at(8), Till: at(5)}, ""},
		{chat.Search{Since: at(100)}, ""},
		{chat.Search{Till: at(-100)}, ""},
		{chat.Search{Room: "room-1", Till: at(4)}, "3 1"},
		{chat.Search{From: bob.ID, Till: at(8)}, "7 6 3 2"},
		{chat.Search{From: bob.ID, Room: "room-0", Words: []string{"day"}, Since: at(3), Till: at(8)}, "6"},
		{chat.Search{From: cyd.ID}, ""},
		{chat.Search{Words: []string{"day"}, Without: []chat.UserID{cyd.ID, bob.ID}, Till: at(8)}, "5 4 1 0"},
	} {
		tt.search.Reader = ada.ID
		got := strings.ReplaceAll(strings.Join(find(t, s, tt.search), " "), "day ", "")
		if got != tt.want {
			t.Errorf("%+v finds %q, not %q", tt.search, got, tt.want)
		}
	}
}

func testNothingInAQueryBreaksIt(t *testing.T, open Opener, wait func(*testing.T, Store)) {
	s := open.opened(t)
	appended(t, s, message(chat.Lobby, ada, "1", "and or not near AND* \"quoted\" (x) ^y z:z {a b}: -c + d 'e' %_ \x00"))
	wait(t, s)
	for _, word := range []string{
		`"`, `""`, `'`, `*`, `and*`, `x*`, `AND`, `OR`, `NOT`, `NEAR`, `NEAR(x z, 2)`, `(`, `)`, `^x`, `words:x`, `{words}:x`, `-x`, `+`, `x + z`, `\`, `%`, `_`,
		`;`, `--`, `x AND`, `"x" "z"`, "\x00", "x\x00z", "\xff\xfe", "🏳️‍🌈", "👩‍👩‍👧‍👦", "\u200d", "\u0301", "\u202e", strings.Repeat("long", 1000), strings.Repeat("語", 256),
		strings.Repeat("\u0301", 200), "a\u0301\u0302\u0303", "$1", "?", ":x", "@x", "#lobby", ".u_ada", "=all",
	} {
		_, err := s.Find(t.Context(), chat.Search{Reader: ada.ID, Words: []string{word}, Limit: 5})
		if err != nil && !errors.Is(err, chat.ErrNoWords) {
			t.Errorf("%q: %v", word, err)
		}
	}
	for _, none := range [][]string{nil, {""}, {"!?", "—"}} {
		if _, err := s.Find(t.Context(), chat.Search{Reader: ada.ID, Words: none, Limit: 5}); !errors.Is(err, chat.ErrNoWords) {
			t.Errorf("%q: %v", none, err)
		}
	}
	for _, found := range []string{"AND", "near", "quoted", "x", "d", "c"} {
		if got := find(t, s, words(bob, found)); len(got) != 1 {
			t.Errorf("%q is not found", found)
		}
	}
	if _, err := s.Find(cancelled(), chat.Search{Reader: ada.ID, Words: []string{"x"}, Limit: 5}); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}

func testPagesHoldEverythingOnce(t *testing.T, open Opener, wait func(*testing.T, Store)) {
	s := open.opened(t)
	var all []string
	for batch := range 5 {
		var events []chat.Event
		for n := range 50 {
			events = append(events, message(roomNamed(batch%3), ada, "", fmt.Sprintf("common %d %d", batch, n)), message(roomNamed(batch%3), bob, "", "other"))
			all = append(all, events[2*n].Text)
		}
		appended(t, s, events...)
		if batch == 2 {
			wait(t, s)
		}
	}
	slices.Reverse(all)
	for _, limit := range []int{1, 7, 50, 250, 1000} {
		search := words(bob, "common")
		search.Limit = limit
		if got := find(t, s, search); !slices.Equal(got, all) {
			t.Errorf("in pages of %d there are %d of %d: %.300q", limit, len(got), len(all), got)
		}
	}
	if got := find(t, s, words(bob, "common 3")); len(got) != 50 { // each word is common, and the two that follow each other are not
		t.Errorf("%d messages have the words one after the other", len(got))
	}
}

func testSnippetsAreTheText(t *testing.T, open Opener, wait func(*testing.T, Store)) {
	s := open.opened(t)
	long := strings.Repeat("früher ", 300) + "die <b>Nadel</b> im Heu " + strings.Repeat("später ", 300)
	appended(t, s, message(chat.Lobby, ada, "", "Ein CAFÉ, zwei cafe\u0301s, drei Cafe"), message(chat.Lobby, ada, "", long),
		message(chat.Lobby, ada, "", "北京大学的学生"))
	wait(t, s)
	for _, tt := range []struct {
		query string
		want  []string
	}{
		{"cafe", []string{"Ein ", "CAFÉ", ", zwei cafe\u0301s, drei ", "Cafe", ""}},
		{"大学", []string{"北京", "大学", "的学生"}},
		{"学", []string{"北京大", "学", "的", "学", "生"}},
	} {
		hits := findAll(t, s, words(bob, tt.query))
		if len(hits) != 1 || !slices.Equal(hits[0].Snippet, tt.want) {
			t.Errorf("%q shows %+v", tt.query, hits)
		}
	}
	hits := findAll(t, s, words(bob, "nadel"))
	if len(hits) != 1 || len(hits[0].Snippet) != 3 || hits[0].Snippet[1] != "Nadel" {
		t.Fatalf("the needle is shown as %+v", hits)
	}
	parts := hits[0].Snippet
	piece := strings.Trim(strings.Join(parts, ""), "…")
	if !strings.Contains(long, piece) || len(piece) > 300 || !strings.HasPrefix(parts[0], "…") || !strings.HasSuffix(parts[2], "…") ||
		!strings.HasSuffix(parts[0], "<b>") {
		t.Errorf("the needle is shown as %q", parts)
	}
	for word, text := range map[string]string{
		"가": strings.Repeat("가", 4000), strings.Repeat("x", 64): strings.Repeat("x", 4000), "語語": strings.Repeat("早 ", 2000) + strings.Repeat("語", 2000),
	} {
		appended(t, s, message(chat.Lobby, ada, "", text))
		wait(t, s)
		hits := findAll(t, s, words(bob, word))
		if len(hits) != 1 || len(hits[0].Snippet) != 3 || hits[0].Snippet[1] == "" {
			t.Fatalf("%.10q is shown as %+v", text, hits)
		}
		piece := strings.Join(hits[0].Snippet, "")
		if len(piece) > 300 || !utf8.ValidString(piece) || !strings.HasSuffix(piece, "…") {
			t.Errorf("%.10q is shown in %d bytes: %q", text, len(piece), hits[0].Snippet)
		}
	}
}

// Who had a name when they wrote is found by it, beside who has it now.
func testFormerNamesAreFound(t *testing.T, open Opener, indexed func(*testing.T, Store)) {
	s := open.opened(t)
	appended(t, s, message(chat.Lobby, ada, "1", "Ada as Ada"))
	renamed := ada
	renamed.Name = "Countess"
	appended(t, s, message(chat.Lobby, renamed, "2", "Ada as Countess"), message(chat.Lobby, bob, "3", "Bob"))
	heir := chat.User{ID: cyd.ID, Name: "Ａda"}
	appended(t, s, message(chat.Lobby, cyd, "4", "Cyd as Cyd"), message(chat.Lobby, heir, "5", "Cyd as Ada"))
	indexed(t, s)
	once := chat.Search{Reader: bob.ID, Once: []chat.UserID{ada.ID}, Name: "ada"}
	same(t, "of who had the name", []string{"Ada as Ada"}, find(t, s, once))
	once.From = cyd.ID
	same(t, "and of who has it now", []string{"Cyd as Ada", "Cyd as Cyd", "Ada as Ada"}, find(t, s, once))
	once.Words, once.Room = []string{"as"}, chat.Lobby
	same(t, "with a word, in a room", []string{"Cyd as Ada", "Cyd as Cyd", "Ada as Ada"}, find(t, s, once))
}

func testMessagesWithFilesAreFound(t *testing.T, open Opener, indexed func(*testing.T, Store)) {
	s := open.opened(t).(FileStore)
	appended(t, s, message(chat.Lobby, ada, "1", "a plan"))
	appended(t, s, withFiles(message(chat.Lobby, ada, "2", "the plan"), added(t, s, ada, 1), added(t, s, ada, 2)))
	appended(t, s, withFiles(message(chat.Lobby, bob, "3", "no words of it"), added(t, s, bob, 3)))
	appended(t, s, withFiles(message(chat.Lobby, bob, "4", "gone"), added(t, s, bob, 4)), deletion(chat.Lobby, bob, 4))
	appended(t, s, withFiles(message(chat.Direct(bob.ID, cyd.ID), bob, "5", "their plan"), added(t, s, bob, 5)))
	indexed(t, s)
	for _, c := range []struct {
		search chat.Search
		want   []string
	}{
		{chat.Search{Reader: ada.ID, HasFile: true}, []string{"no words of it", "the plan"}},
		{chat.Search{Reader: ada.ID, HasFile: true, Words: []string{"plan"}}, []string{"the plan"}},
		{chat.Search{Reader: ada.ID, HasFile: true, From: bob.ID, Room: chat.Lobby}, []string{"no words of it"}},
		{chat.Search{Reader: cyd.ID, HasFile: true, Words: []string{"plan"}}, []string{"their plan", "the plan"}},
		{chat.Search{Reader: ada.ID, HasFile: true, Words: []string{"gone"}}, nil},
		{chat.Search{Reader: ada.ID, Words: []string{"jpg"}}, []string{"no words of it", "the plan"}},
		{chat.Search{Reader: ada.ID, Words: []string{"Cat 2.JPG"}}, []string{"the plan"}},
		{chat.Search{Reader: ada.ID, Words: []string{"plan", "cat"}}, []string{"the plan"}},
		{chat.Search{Reader: cyd.ID, Words: []string{"5", "jpg"}}, []string{"their plan"}},
		{chat.Search{Reader: ada.ID, Words: []string{"plan 1"}}, nil},
	} {
		same(t, fmt.Sprintf("%+v", c.search), c.want, find(t, s, c.search))
	}
	var names []string
	for _, f := range findAll(t, s, chat.Search{Reader: ada.ID, HasFile: true, Words: []string{"plan"}})[0].Files {
		names = append(names, f.Name)
	}
	same(t, "the files of what is found", []string{"cat 1.jpg", "cat 2.jpg"}, names)
}
