package chat_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/store"
)

var wang = chat.User{ID: "u_wang", Name: "王小明"}

func TestMentionsAreFoundByNamesOfAnyScript(t *testing.T) {
	h, s := hubAndStore(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 0)
	mary, ann := chat.User{ID: "u_mary", Name: "Mary"}, chat.User{ID: "u_ann", Name: "Mary Ann"}
	zoe, jose := chat.User{ID: "u_zoe", Name: "Zoë"}, chat.User{ID: "u_x", Name: "👍🏽"}
	taken(t, s, ada, bob, wang, mary, ann, zoe, jose)
	a, in := enter(t, h, ada)
	for text, want := range map[string]string{
		"hi @Bob":                              "Bob=u_bob",
		"@bob, @BOB and @bob again":            "bob=u_bob BOB=u_bob",
		"@Ｂｏｂ":                                 "Ｂｏｂ=u_bob",
		"你好@王小明你好":                             "王小明=u_wang",
		"@王小明":                                 "王小明=u_wang",
		"@Mary Ann's and @Mary Bell's":         "Mary Ann=u_ann Mary=u_mary",
		"@Zoë!":                                "Zoë=u_zoe",
		"(@Zoe\u0308)":                         "Zoe\u0308=u_zoe",
		"@👍🏽":                                  "👍🏽=u_x",
		"@👍":                                   "",
		"@Bobby or bob@Bob.example or /@Bob":   "",
		"@Zoe":                                 "", // another name than Zoë
		"@Ada, who wrote it":                   "",
		"@ Bob":                                "",
		"@\nBob":                               "",
		"@Mary\nAnn":                           "Mary=u_mary",
		"nobody":                               "",
		strings.Repeat("@", 3000):              "",
		strings.Repeat("@x ", 40) + " @Bob":    "", // bounded
		"@Bob " + strings.Repeat("@a b ", 100): "Bob=u_bob",
	} {
		do(t, a, chat.Command{Kind: chat.CmdSend, Text: text})
		e := in.read(t, func(l line) bool { return l.Event != nil }).Event
		got := ""
		if e.Mentions != nil {
			var all []string
			for _, m := range e.Mentions.Users {
				all = append(all, m.Name+"="+string(m.User))
			}
			got = strings.Join(all, " ")
		}
		if got != want {
			t.Errorf("%.60q means %q, want %q", text, got, want)
		}
	}
}

func TestHereMeansThoseWhoAreInTheRoom(t *testing.T) {
	h, s := hubAndStore(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 0)
	taken(t, s, ada, bob, eve)
	a, inA := enter(t, h, ada)
	b, inB := enter(t, h, bob)
	do(t, a, chat.Command{Kind: chat.CmdSend, Text: "all of you @Here!"})
	if e := inB.read(t, func(l line) bool { return l.Event != nil }).Event; e.Mentions == nil || !e.Mentions.Here {
		t.Fatalf("Bob is told %+v", e)
	}
	enter(t, h, eve)
	do(t, a, chat.Command{Kind: chat.CmdSend, Text: "@hereabouts or there@here"})
	if e := inB.read(t, func(l line) bool { return l.Event != nil }).Event; e.Mentions != nil {
		t.Errorf("%q means %+v", e.Text, e.Mentions)
	}
	for user, want := range map[chat.UserID]int{bob.ID: 1, eve.ID: 0, ada.ID: 0} {
		events, err := s.Mentions(t.Context(), user, chat.MentionPlace{}, 10)
		if err != nil || len(events) != want {
			t.Errorf("%s is meant %d times, want %d (%v)", user, len(events), want, err)
		}
	}
	do(t, b, chat.Command{Kind: chat.CmdMentions})
	hits := inB.read(t, isReply(chat.ReplyMentions)).Reply.Found.Hits
	if len(hits) != 1 || strings.Join(hits[0].Snippet, "|") != "all of you |@Here|!" {
		t.Errorf("Bob is answered %+v", hits)
	}
	inA.read(t, isText("@hereabouts or there@here"))
}

// An edit may mean somebody else; a third one is never meant in a private room.
func TestMentionsFollowTheirMessage(t *testing.T) {
	h, s := hubAndStore(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 0)
	taken(t, s, ada, bob, eve)
	a, in := enter(t, h, ada)
	do(t, a, chat.Command{Kind: chat.CmdSend, Text: "@Bob"})
	in.read(t, isText("@Bob"))
	do(t, a, chat.Command{Kind: chat.CmdEdit, Of: 1, Text: "@Eve"})
	if e := in.read(t, isText("@Eve")).Event; !e.Mentions.Means(eve.ID) || e.Mentions.Means(bob.ID) {
		t.Errorf("the edit means %+v", e.Mentions)
	}
	theirs := chat.Direct(ada.ID, bob.ID)
	do(t, a, chat.Command{Kind: chat.CmdSend, Room: theirs, Text: "@Bob, not @Eve, all @here"})
	if e := in.read(t, isText("@Bob, not @Eve, all @here")).Event; e.Mentions.Means(eve.ID) || !e.Mentions.Means(bob.ID) {
		t.Errorf("the private message means %+v", e.Mentions)
	}
	for user, want := range map[chat.UserID]string{bob.ID: "@u_ada.u_bob 1;", eve.ID: "lobby 1;"} {
		events, err := s.Mentions(t.Context(), user, chat.MentionPlace{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for i := range events {
			got += string(events[i].Room) + " 1;"
		}
		if got != want {
			t.Errorf("%s is meant in %q, want %q", user, got, want)
		}
	}
	refusedWith(t, a, chat.Command{Kind: chat.CmdMentions, Place: "yesterday"}, chat.CodeBadRequest)
}

// countingPeople counts what it is asked for.
type countingPeople struct {
	chat.People
	calls, most int
}

func (p *countingPeople) ByNames(ctx context.Context, names []string) ([]chat.User, error) {
	p.calls, p.most = p.calls+1, max(p.most, len(names))
	return p.People.ByNames(ctx, names)
}

// However long the text, looking for names is bounded; and without a sign nobody is looked for.
func TestLookingForNamesIsBounded(t *testing.T) {
	counted := &countingPeople{}
	h, _ := hubOf(t, filepath.Join(t.TempDir(), "parley.db"), func(s *store.Store, o *chat.Options) {
		counted.People = s
		o.People = counted
	})
	a, in := enter(t, h, ada)
	for _, text := range []string{strings.Repeat("@王小明你好吗", 500), strings.Repeat("@a b c ", 500), "no sign at all"} {
		do(t, a, chat.Command{Kind: chat.CmdSend, Text: text})
		in.read(t, isText(strings.TrimSpace(text)))
	}
	if counted.calls != 2 || counted.most > 450 {
		t.Errorf("people were asked %d times, for %d names at most", counted.calls, counted.most)
	}
}
