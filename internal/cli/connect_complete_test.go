package cli

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// tabbed presses Tab in a line whose cursor stands at the bar, and returns the line like that.
func tabbed(line string, k *known) (after string, candidates []string) {
	head, tail, _ := strings.Cut(line, "|")
	text, cursor, candidates := complete(head+tail, len(head), k)
	return text[:cursor] + "|" + text[cursor:], candidates
}

func TestTabCompletesWhatIsPlain(t *testing.T) {
	k := &known{
		here: []string{
			"Adam", "Adele", "Bob B", "Bob C", "cleo", "Élise", "Eve", "王小明", "王小红", "👩‍👩‍👧 two", "👩‍👩‍👦 two", "שרה", `Say "x" y`,
			"\x1b[2Jgone", "go\nne",
		},
		met:     []string{"Adam", "Mallory M"},
		ignored: []string{"Trudy T", "Trent"},
		rooms:   []string{"dev", "design", "lobby", "~team.k7x2m9qa"},
		in:      []string{"lobby"},
	}
	for line, want := range map[string]string{
		"/jo|":               "/join |",
		"/JO|":               "/join |",
		"/wh|":               "/who|",
		"/who|":              "/who|",
		"/whoi|":             "/whois |",
		"/whoi| Eve":         "/whois |Eve", // over the space that is there
		"/hel|p":             "/help |p",
		"/ki|":               "/ki|",
		"/xyz|":              "/xyz|",
		"//jo|":              "//jo|",
		" /jo|":              " /jo|",
		"say /jo|":           "say /jo|",
		"|":                  "|",
		"Ada|":               "Ada|",
		"@cl|":               "@cleo |",
		"@CL|":               "@cleo |",
		"@a|":                "@Ad|",
		"@AD|":               "@AD|", // as it was typed, until more is plain
		"@ada|":              "@Adam |",
		"@Ada|m":             "@Adam |m",
		"hi @b|, there":      "hi @Bob |, there",
		"hi @bob c| there":   "hi @Bob C |there",
		"hi @ev| you":        "hi @Eve |you",
		"@h|":                "@here |",
		"@王|":                "@王小|",
		"你好@王小明|":            "你好@王小明 |",
		"@éli|":              "@Élise |",
		"@e\u0301li|":        "@Élise |",
		"@ｅｖ|":               "@Eve |",
		"@e|":                "@Eve |",
		"@👩‍👩‍👧|":            "@👩‍👩‍👧 two |",
		"@👩|":                "@👩|",
		"@ש|":                "@שרה |",
		"@go|":               "@go|",
		"mail@ev|":           "mail@ev|",
		"me@@ev|":            "me@@ev|",
		"/me hugs @cl|":      "/me hugs @cleo |",
		"/msg cl|":           "/msg cleo |",
		"/msg  @cl|":         "/msg  cleo |",
		"/msg b|":            `/msg "Bob |`,
		`/msg "bob c|`:       `/msg "Bob C" |`,
		"/msg bob c|":        `/msg "Bob C" |`,
		`/msg "cl|`:          `/msg "cleo" |`,
		"/msg say|":          `/msg Say "x" y |`,
		`/msg cleo cl|`:      `/msg cleo cl|`,
		`/msg "Bob C" @e|`:   `/msg "Bob C" @Eve |`,
		"/msg cleo hi @e|":   "/msg cleo hi @Eve |",
		"/WHOIS ev|":         "/WHOIS Eve |",
		"/ignore ev|":        "/ignore Eve |",
		"/invite ev|":        "/invite Eve |",
		"/remove ev|":        "/remove Eve |",
		"/kick ev|":          "/kick Eve |",
		"/ban ev|":           "/ban Eve |",
		"/\u212aic\u212a e|": "/\u212aic\u212a Eve |",
		"/unban mal|":        `/unban "Mallory M" |`,
		"/unignore tru|":     `/unignore "Trudy T" |`,
		"/unignore ev|":      "/unignore ev|",
		"/nick ev|":          "/nick ev|",
		"/join d|":           "/join de|",
		"/join dev|":         "/join dev |",
		"/join #Lo|":         "/join #lobby |",
		"/join ~|":           "/join ~team.k7x2m9qa |",
		"/leave |":           "/leave lobby |",
		"/leave dev|":        "/leave dev|",
		"/who ev|":           "/who ev|",
		"/dance ev|":         "/dance ev|",
	} {
		if got, _ := tabbed(line, k); got != want {
			t.Errorf("%q becomes %q instead of %q", line, got, want)
		}
	}
	for line, want := range map[string][]string{
		"/who|":    {"/who", "/whois"},
		"/k|":      nil,
		"@ad|":     {"Adam", "Adele"},
		"@zzz|":    nil,
		"/msg b|":  {"Bob B", "Bob C"},
		"/join d|": {"design", "dev"},
	} {
		if _, got := tabbed(line, k); !slices.Equal(got, want) {
			t.Errorf("%q may be %q instead of %q", line, got, want)
		}
	}
	k.moderator = true
	if got, _ := tabbed("/ki|", k); got != "/kick |" {
		t.Errorf("a moderator's command becomes %q", got)
	}
}

func TestCandidatesAreListedInOneRow(t *testing.T) {
	names := []string{"Ada", "王小明", "שרה", "Bob B"}
	for columns, want := range map[int]string{
		80: "Ada  王小明  \u2068שרה\u2069  Bob B",
		27: "Ada  王小明  \u2068שרה\u2069  Bob B",
		23: "Ada  王小明  … 2 more",
		12: "… 4 more",
	} {
		if got := inColumns(names, columns); got != want {
			t.Errorf("in %d columns: %q instead of %q", columns, got, want)
		}
	}
}

func FuzzTabNeverBreaksTheLine(f *testing.F) {
	for _, line := range []string{"/wh", "@A", `/msg "b`, "/msg @", "@👩", "/join #", "/\u212aick ", "@\u0301"} {
		f.Add(line, "x")
	}
	k := &known{here: []string{"Ada", "Bob B", "Bob C", "👩‍👩‍👧 two", "👩‍👩‍👦"}, rooms: []string{"dev", "design"}}
	f.Fuzz(func(t *testing.T, head, tail string) {
		e := &editor{}
		typed(e, tail+"\x01"+head)
		rest := strings.TrimPrefix(e.text[e.cursor:], " ")
		line, cursor, candidates := complete(e.text, e.cursor, k)
		if !utf8.ValidString(line) || !strings.HasSuffix(line[cursor:], rest) || len(candidates) == 0 && line != e.text {
			t.Fatalf("%q at %d becomes %q at %d of %q", e.text, e.cursor, line, cursor, candidates)
		}
		e.put(line, cursor)
		if uniseg.GraphemeClusterCount(e.text) != uniseg.GraphemeClusterCount(e.text[:e.cursor])+uniseg.GraphemeClusterCount(e.text[e.cursor:]) {
			t.Fatalf("the cursor stands within a character of %q, at %d", e.text, e.cursor)
		}
	})
}
