package wire

import (
	"strings"
	"testing"

	"parley/internal/chat"
)

func TestNobodyIsMeantByWhatIsNotMarked(t *testing.T) {
	for text, want := range map[string]bool{
		"@Bob hi":                             true,
		"`x` @Bob":                            true,
		"**@Bob**":                            true,
		"/me asks @Bob":                       true,
		"\\`@Bob":                             true,
		"`@Bob` and @Bob":                     true,
		strings.Repeat("x ", 10_000) + "@Bob": true, // too long for Markdown: shown as it is
		"`@Bob`":                              false,
		"``a ` @Bob``":                        false,
		"```go\n// @Bob\n```":                 false,
		"```\n@Bob":                           false,
		"https://a.b/?by=@Bob":                false,
		"[@Bob](https://a.b)":                 false,
	} {
		meant := &chat.Mentions{Users: []chat.Mention{{User: "u_bob", Name: "Bob"}}}
		got := Renderer{}.Marked(&chat.Event{Text: text, Mentions: meant})
		if got.Means("u_bob") != want {
			t.Errorf("%.40q means Bob: %t", text, !want)
		}
		here := Renderer{}.Marked(&chat.Event{Text: strings.ReplaceAll(text, "Bob", "here"), Mentions: &chat.Mentions{Here: true}})
		if (here != nil && here.Here) != want {
			t.Errorf("%.40q with @here means all: %t", text, !want)
		}
	}
	two := &chat.Mentions{Users: []chat.Mention{{User: "u_bob", Name: "Bob"}, {User: "u_ada", Name: "Ada"}}, Here: true}
	got := Renderer{}.Marked(&chat.Event{Text: "`@Bob` @here, @Ada", Mentions: two})
	if got.Means("u_bob") || !got.Means("u_ada") || !got.Here || len(two.Users) != 2 {
		t.Errorf("of two and all, %+v are meant", got)
	}
}

func TestPlainIsTheTextWithoutItsSigns(t *testing.T) {
	for text, want := range map[string]string{
		"plain & <b>":                    "plain & <b>",
		"**bold** and _more_":            "bold and more",
		"/me *waves*":                    "waves",
		"see `a < b && c`":               "see a < b && c",
		"[the plan](https://a.b) ~~no~~": "the plan no",
		"```go\nx := 1 < 2\n```":         "x := 1 < 2",
		"> quoted\n\nan answer":          "quoted\nan answer",
		"- one\n- two":                   "one\ntwo",
		"\\*as it is\\*":                 "*as it is*",
		"2*3*4 &amp; `&lt;`":             "2*3*4 &amp; &lt;",
	} {
		got := strings.ReplaceAll(Renderer{}.Plain(&chat.Event{Text: text}), "\n\n", "\n")
		if got != want {
			t.Errorf("%q reads %q, not %q", text, got, want)
		}
	}
}

// BenchmarkMarked is what a message costs more that means somebody, and BenchmarkPlain what an answer does.
func BenchmarkMarked(b *testing.B) {
	e := chat.Event{Text: "@Bob, " + strings.Repeat("16 bytes of text", 8), Mentions: &chat.Mentions{Users: []chat.Mention{{User: "u_bob", Name: "Bob"}}}}
	for b.Loop() {
		Renderer{}.Marked(&e)
	}
}

func BenchmarkPlain(b *testing.B) {
	e := chat.Event{Text: "**bold** " + strings.Repeat("16 bytes of text", 8)}
	for b.Loop() {
		Renderer{}.Plain(&e)
	}
}
