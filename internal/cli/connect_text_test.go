package cli

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/internal/client"
)

func TestWhatOthersWriteCannotSteerTheTerminal(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                           "plain",
		"\x1b[31mred\x1b[0m":              "red",
		"\x1b]0;title\x07text":            "text",
		"\x1b]8;;http://x\x1b\\link":      "link",
		"\x1b]52;c;never ended":           "52;c;never ended",
		"\x1b]52;c;never ended\nnext\x07": "52;c;never ended\nnext",
		"\u009b2Jgone":                    "gone",
		"\x1bPdevice\x1b\\control":        "control",
		"\x1b(0lines":                     "lines",
		"\x1bcreset":                      "reset",
		"end\x1b":                         "end",
		"\x1b\x1b[2Jtwo":                  "two",
		"a\rb\bc\x00d\x7fe\a":             "abcde",
		"tab\there":                       "tab    here",
		"one\ntwo\u2028three":             "one\ntwo\nthree",
		"\u202egnp.exe\u202c":             "gnp.exe",
		"bad \xff\xfe utf-8":              "bad \uFFFD utf-8",
		"שלום 👩‍👩‍👧 日本":                   "שלום 👩‍👩‍👧 日本",
		"\x1b[":                           "",
		"\x1b[31":                         "",
		"\x1b[3\x1b[1mx":                  "x",
	} {
		if got := clean(text); got != want {
			t.Errorf("%q is cleaned to %q instead of %q", text, got, want)
		}
	}
}

func TestFoundMessagesAreShownOnOneLineWithWhatWasLookedForMarked(t *testing.T) {
	hit := client.Hit{
		Room: "dev", User: client.User{ID: "u_bob", Name: "Bob"}, Time: time.Date(2026, 11, 21, 9, 20, 0, 0, time.UTC),
		Snippet: []string{"who\nwants \x1b", "\x1b[2Jcoffee", "[31m now"},
	}
	if got, want := (style{zone: time.UTC}).hit(hit), "2026-11-21 09:20 #dev Bob: who wants coffee[31m now"; got != want {
		t.Errorf("%q instead of %q", got, want)
	}
	if got := (style{colour: true, zone: time.UTC}).hit(hit); !strings.Contains(got, "wants \x1b[1mcoffee\x1b[0m[31m now") {
		t.Errorf("%q marks nothing, or too much", got)
	}
	hit.Room = "@u_ada.u_bob"
	if got := (style{zone: time.UTC}).hit(hit); !strings.Contains(got, "private Bob:") || strings.Contains(got, "u_ada") {
		t.Errorf("a private message is shown as %q", got)
	}
}

func FuzzCleanTextHasNoControls(f *testing.F) {
	for _, text := range []string{"\x1b[31mred", "\x1b]0;t\x07", "\u009b1m", "a\nb", "\xff", "\x1b(", "\x1b\u009d"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := clean(text)
		if i := strings.IndexFunc(got, func(r rune) bool { return r != '\n' && unicode.IsControl(r) || isTurning(r) }); i >= 0 {
			t.Errorf("%q keeps a control in %q", text, got)
		}
		if !utf8.ValidString(got) || clean(got) != got {
			t.Errorf("%q is cleaned to %q", text, got)
		}
	})
}

func TestOnlyRightToLeftNamesAreIsolated(t *testing.T) {
	for name, want := range map[string]string{
		"Ada": "Ada", "王小明": "王小明", "שרה": "\u2068שרה\u2069", "علي 2": "\u2068علي 2\u2069",
	} {
		if got := isolate(name); got != want {
			t.Errorf("%q is written %q", name, got)
		}
	}
}

func TestEntriesAreUnderstood(t *testing.T) {
	names := []string{"Ada", "Ada 2", "王小明"}
	for line, want := range map[string]entry{
		"hello":                {text: "hello"},
		"  /who":               {text: "  /who"},
		"//who":                {text: "/who"},
		"/me waves":            {text: "/me waves"},
		"/WHO":                 {command: "who"},
		"/quit":                {command: "quit"},
		"/nick  Ada Lovelace ": {command: "nick", text: "Ada Lovelace"},
		"/join #Dev":           {command: "join", text: "dev"},
		"/join ~vault a b":     {command: "join", text: "~vault", password: "a b"},
		"/leave":               {command: "leave"},
		"/leave dev":           {command: "leave", text: "dev"},
		"/msg Bob hi there":    {command: "msg", to: "Bob", text: "hi there"},
		"/msg ada 2 hi":        {command: "msg", to: "Ada 2", text: "hi"},
		"/msg Ada 3 hi":        {command: "msg", to: "Ada", text: "3 hi"},
		"/msg 王小明 你好":          {command: "msg", to: "王小明", text: "你好"},
		`/msg "Bob the B" hi`:  {command: "msg", to: "Bob the B", text: "hi"},
	} {
		if got, err := parseEntry(line, names); err != nil || got != want {
			t.Errorf("%q is %+v, %v", line, got, err)
		}
	}
	for line, want := range map[string]string{
		"/dance":         "there is no command /dance",
		"/jion dev":      "there is no command /jion; did you mean /join? /help lists them",
		"/home/ada/x y":  "//home/ada/x says it as text",
		"/r":             "/r text",
		"/":              "there is no command /",
		"/etc/passwd":    "there is no command /etc/passwd",
		"/me":            "/me waves",
		"/nick ":         "/nick NAME",
		"/msg":           "/msg NAME text",
		"/msg Ada":       "/msg NAME text",
		"/join":          "a room's name",
		"/join a b":      "a room's name",
		"/join @u_a.u_b": "a room's name",
	} {
		if got, err := parseEntry(line, names); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %+v, %v", line, got, err)
		}
	}
}

func TestHelpListsEveryCommand(t *testing.T) {
	for _, c := range helpLines(true) {
		line := strings.NewReplacer("[time]", "10m", "NAME", "Bob", "ROOM", "dev", "[", "", "]", "").Replace(c[0])
		if _, err := parseEntry(line, nil); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestMessagesAreWritten(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 5, 0, 0, time.UTC)
	ada, bob := client.User{ID: "u_a", Name: "Ada"}, client.User{ID: "u_b", Name: "Bob"}
	s := style{zone: time.FixedZone("", 3600)}
	for want, m := range map[string]client.Message{
		"10:05 Bob: hi":                        {User: bob, Text: "hi"},
		"10:05 Bob: hi (edited)":               {User: bob, Text: "hi", Edited: true},
		"10:05 Bob: (deleted)":                 {User: bob, Deleted: true},
		"10:05 * Bob waves":                    {User: bob, Text: "/me waves"},
		"10:05 [Bob → you] hi":                 {User: bob, Text: "hi", Peer: bob},
		"10:05 [you → Bob] hi":                 {User: ada, Text: "hi", Peer: bob, Own: true},
		"10:05 [Bob → you] * Bob waves":        {User: bob, Text: "/me waves", Peer: bob},
		"10:05 Bob: one\n      10:06 Ada: two": {User: bob, Text: "one\n10:06 Ada: two\n"},
		"10:05 Eve: x":                         {User: client.User{ID: "u_e", Name: "\x1b[2JEve\n"}, Text: "x"},
		"10:05 Bob: look\n      cat.jpg 1.5 MB http://h/files/A/cat.jpg": {
			User: bob, Text: "look", Files: []client.File{{Name: "cat.jpg", Size: 1_500_000, URL: "http://h/files/A/cat.jpg"}},
		},
		"10:05 Bob: a x 3 B (removed)\n      b 4 B http://h/b": {
			User: bob, Files: []client.File{{Name: "a\x1b[2J\nx", Size: 3}, {Name: "b", Size: 4, URL: "http://h/b"}},
		},
		"10:05 u_f: x": {User: client.User{ID: "u_f"}, Text: "x"},
	} {
		m.Time = at
		if got := s.message(m, ""); got != want {
			t.Errorf("%+v is written %q instead of %q", m, got, want)
		}
	}
	m := client.Message{Room: "dev", User: bob, Text: "hi", Time: at}
	if got := s.message(m, "dev"); got != "10:05 #dev Bob: hi" {
		t.Errorf("in another room it is %q", got)
	}
	s.colour = true
	if got := s.message(m, ""); clean(got) != "10:05 Bob: hi" || got == clean(got) {
		t.Errorf("in colour it is %q", got)
	}
}
