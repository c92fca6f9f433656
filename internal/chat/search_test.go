package chat_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/account"
	"parley/internal/chat"
	"parley/internal/store"
)

// talk opens a hub in which ada, bob and eve have said something.
func talk(t *testing.T) (members map[string]*chat.Member, inboxes map[string]*inbox) {
	t.Helper()
	h, s := hubAndStore(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 0)
	members, inboxes = map[string]*chat.Member{}, map[string]*inbox{}
	for _, u := range []chat.User{ada, bob, eve} {
		taking := account.Taking{
			User: account.User{ID: string(u.ID), Name: u.Name, Kind: account.KindPerson}, New: true, Key: strings.ToLower(u.Name),
		}
		if err := s.Take(t.Context(), taking); err != nil {
			t.Fatal(err)
		}
		members[u.Name], inboxes[u.Name] = enter(t, h, u)
	}
	for i, said := range []struct {
		who  string
		room chat.RoomName
		text string
	}{
		{"Ada", "lobby", "coffee is ready"},
		{"Bob", "lobby", "more coffee, please"},
		{"Bob", chat.Direct(ada.ID, bob.ID), "our secret coffee"},
		{"Eve", chat.Direct(bob.ID, eve.ID), "another secret coffee"},
		{"Eve", chat.Direct(eve.ID, eve.ID), "notes on coffee"},
	} {
		do(t, members[said.who], chat.Command{Kind: chat.CmdSend, ID: fmt.Sprint(i), Room: said.room, Text: said.text})
		inboxes[said.who].read(t, isReply(chat.ReplyAck))
	}
	return members, inboxes
}

func foundBy(t *testing.T, m *chat.Member, in *inbox, room chat.RoomName, query string) (texts []string) {
	t.Helper()
	do(t, m, chat.Command{Kind: chat.CmdSearch, Ref: "s", Room: room, Text: query})
	r := in.read(t, isReply(chat.ReplyFound)).Reply
	if r.Ref != "s" || r.Room != room {
		t.Errorf("the answer to %q is of %q, in %q", query, r.Ref, r.Room)
	}
	for _, hit := range r.Found.Hits {
		texts = append(texts, hit.Text)
	}
	return texts
}

func TestSearchFindsWhatOneMayReadAndNothingElse(t *testing.T) {
	members, inboxes := talk(t)
	for _, tt := range []struct {
		who         string
		room        chat.RoomName
		query, want string
	}{
		{"Ada", "", "coffee", "our secret coffee|more coffee, please|coffee is ready"},
		{"Ada", "", "secret", "our secret coffee"},
		{"Ada", "lobby", "coffee", "more coffee, please|coffee is ready"},
		{"Ada", chat.Direct(ada.ID, bob.ID), "coffee", "our secret coffee"},
		{"Ada", "", "coffee from:Bob", "our secret coffee|more coffee, please"},
		{"Ada", "", `FROM:"bob" lobby`, ""},
		{"Ada", "", "from:Eve", ""},
		{"Ada", "club", "coffee", ""}, // a public room that isn't there yet
		{"Ada", "", `"ready coffee"`, ""},
		{"Ada", "", `"coffee is" ready`, "coffee is ready"},
		{"Ada", "", "after:2020-01-01 before:2020-02-01", ""},
		{"Ada", "", "after:2020-01-01 ready", "coffee is ready"},
		{"Ada", "", "before:2020-01-01T00:00:00+01:00 ready", ""},
		{"Eve", "", "coffee", "notes on coffee|another secret coffee|more coffee, please|coffee is ready"},
		{"Eve", "", "our", ""},
		{"Eve", "", "from:Bob", "more coffee, please"},
	} {
		if got := foundBy(t, members[tt.who], inboxes[tt.who], tt.room, tt.query); strings.Join(got, "|") != tt.want {
			t.Errorf("%s looks for %q in %q and finds %q", tt.who, tt.query, tt.room, got)
		}
	}
	e := members["Eve"]
	secret := refusedWith(t, e, chat.Command{Kind: chat.CmdSearch, Room: chat.Direct(ada.ID, bob.ID), Text: "coffee"}, chat.CodeNotFound)
	nothing := refusedWith(t, e, chat.Command{Kind: chat.CmdSearch, Room: chat.Direct("u_x", "u_y"), Text: "coffee"}, chat.CodeNotFound)
	if secret.Message != nothing.Message {
		t.Errorf("a private room of others is %q, one that isn't there %q", secret.Message, nothing.Message)
	}
}

func TestSearchFindsWhatSomebodySaidWhomOneIgnoresOnlyByTheirName(t *testing.T) {
	members, inboxes := talk(t)
	do(t, members["Ada"], chat.Command{Kind: chat.CmdIgnore, User: bob.ID, On: true})
	for query, want := range map[string]string{"coffee": "coffee is ready", "coffee from:Bob": "our secret coffee|more coffee, please"} {
		if got := strings.Join(foundBy(t, members["Ada"], inboxes["Ada"], "", query), "|"); got != want {
			t.Errorf("who ignores Bob looks for %q and finds %q, not %q", query, got, want)
		}
	}
	if got := foundBy(t, members["Eve"], inboxes["Eve"], chat.Lobby, "please"); len(got) != 1 {
		t.Errorf("who does not ignore Bob finds %q", got)
	}
}

func TestSearchSaysWhatIsWrongWithAQuery(t *testing.T) {
	members, _ := talk(t)
	for query, want := range map[string]struct {
		code  chat.Code
		words string
	}{
		"":                             {chat.CodeEmpty, "from:NAME"},
		" \t":                          {chat.CodeEmpty, "from:NAME"},
		`""`:                           {chat.CodeEmpty, "from:NAME"},
		"?!":                           {chat.CodeEmpty, "from:NAME"},
		"from:":                        {chat.CodeBadRequest, `from:"Ada L."`},
		"from:Nobody":                  {chat.CodeNotFound, "Nobody goes by"},
		"has:wings":                    {chat.CodeBadRequest, "has:file"},
		"from:Ada from:Bob":            {chat.CodeBadRequest, "said once"},
		"before:yesterday":             {chat.CodeBadRequest, "before:2026-11-21"},
		"after:2026-13-01":             {chat.CodeBadRequest, "after:2026-11-21"},
		"coffee after:":                {chat.CodeBadRequest, "after:2026-11-21"},
		strings.Repeat("word ", 17):    {chat.CodeBadRequest, "17 words; 16"},
		strings.Repeat("é", 257):       {chat.CodeTooLong, "256 characters"},
		`from:"` + "\x1b[31mred" + `"`: {chat.CodeNotFound, "Nobody goes by"},
	} {
		refused := refusedWith(t, members["Ada"], chat.Command{Kind: chat.CmdSearch, Text: query}, want.code)
		if !strings.Contains(refused.Message, want.words) || strings.Contains(refused.Message, "\x1b") {
			t.Errorf("%q is refused with %q", query, refused.Message)
		}
	}
}

func TestSearchIsPaged(t *testing.T) {
	h := newHub(t)
	a, inA := enter(t, h, ada)
	var want []string
	for n := range 45 {
		text := fmt.Sprint("word ", n)
		do(t, a, chat.Command{Kind: chat.CmdSend, Text: text})
		want = append(want, text)
	}
	inA.read(t, isText("word 44"))
	slices.Reverse(want)
	var got []string
	var sizes []int
	for page, place := 0, ""; page == 0 || place != ""; page++ {
		do(t, a, chat.Command{Kind: chat.CmdSearch, Text: "WORD", Place: place})
		r := inA.read(t, isReply(chat.ReplyFound)).Reply
		for _, hit := range r.Found.Hits {
			got = append(got, hit.Text)
		}
		sizes, place = append(sizes, len(r.Found.Hits)), r.Place
	}
	if !slices.Equal(got, want) || !slices.Equal(sizes, []int{20, 20, 5}) {
		t.Errorf("in pages of %v: %q", sizes, got)
	}
}

// slow is a store that searches as long as a test wants.
type slow struct {
	*store.Store
	find func()
}

func (s slow) Find(context.Context, chat.Search) (chat.Found, error) {
	s.find()
	return chat.Found{}, nil
}

func slowHub(t *testing.T, find func(), limits chat.Limits, now func() time.Time) *chat.Hub {
	t.Helper()
	h, _ := hubOf(t, filepath.Join(t.TempDir(), "parley.db"), func(s *store.Store, o *chat.Options) {
		o.Finder, o.Limits, o.Now = slow{s, find}, limits, now
	})
	return h
}

func TestSearchesWaitForEachOtherAndNothingElseDoes(t *testing.T) {
	let, under := make(chan struct{}), atomic.Int32{}
	h := slowHub(t, func() {
		if n := under.Add(1); n > 1 {
			t.Errorf("%d searches are under way at a time", n)
		}
		<-let
		under.Add(-1)
	}, chat.Limits{}, nil)
	a, inA := enter(t, h, ada)
	const many, most = 50, 32
	answers := make(chan error, many)
	for range many {
		go func() { answers <- a.Do(t.Context(), &chat.Command{Kind: chat.CmdSearch, Text: "word"}) }()
	}
	for range many - most {
		var refused *chat.Error
		if err := <-answers; !errors.As(err, &refused) || refused.Code != chat.CodeRateLimited || refused.RetryAfter < 10*time.Second {
			t.Fatalf("where many search, one is answered with %v", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for _, kind := range []chat.CommandKind{chat.CmdHistory, chat.CmdRooms} {
		if err := a.Do(ctx, &chat.Command{Kind: kind}); err != nil {
			t.Errorf("beside searches, %v is answered with %v", kind, err)
		}
	}
	cancel()
	close(let)
	for range most {
		if err := <-answers; err != nil {
			t.Errorf("a search that had its turn is answered with %v", err)
		}
	}
	do(t, a, chat.Command{Kind: chat.CmdSearch, Ref: "again", Text: "word"})
	inA.read(t, func(l line) bool { return l.Reply != nil && l.Reply.Ref == "again" })
}

func TestWaitingSearchEndsWithItsContext(t *testing.T) {
	let, began := make(chan struct{}), make(chan struct{})
	h := slowHub(t, func() { began <- struct{}{}; <-let }, chat.Limits{}, nil)
	a, _ := enter(t, h, ada)
	first := make(chan error)
	search := chat.Command{Kind: chat.CmdSearch, Text: "word"}
	go func() { first <- a.Do(t.Context(), &search) }()
	<-began
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	second := search
	if err := a.Do(ctx, &second); err == nil {
		t.Error("a search whose context has ended is answered")
	}
	close(let)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestSearchCostsTheTimeThatItTakes(t *testing.T) {
	for took, most := range map[time.Duration]int{0: 50, time.Millisecond: 45, 200 * time.Millisecond: 3} {
		at := atomic.Int64{}
		h := slowHub(t, func() { at.Add(int64(took)) }, chat.Limits{Commands: 0.001, CommandsBurst: 500},
			func() time.Time { return time.Unix(1795000000, at.Load()) })
		a := h.Connect(ada, "", lines{}, newInbox(), false)
		defer a.Close()
		done := 0
		for done < 100 && a.Do(t.Context(), &chat.Command{Kind: chat.CmdSearch, Text: "word"}) == nil {
			done++
		}
		if done != most {
			t.Errorf("there may be %d searches of %v, not %d", done, took, most)
		}
	}
}
