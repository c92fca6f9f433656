package cli

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// typed feeds an editor with a terminal's bytes and returns the lines that were entered.
func typed(e *editor, bytes string) (lines []string) {
	var k keyReader
	for _, s := range k.read([]byte(bytes)) {
		switch s.key {
		case keyText:
			e.insert(s.text)
		case keyEnter:
			lines = append(lines, e.submit())
		default:
			e.press(s.key)
		}
	}
	return lines
}

func TestLineIsEditedByCharacters(t *testing.T) {
	for bytes, want := range map[string]string{
		"abc\x7f":                           "ab",
		"abc\x1b[D\x1b[DX":                  "aXbc",
		"abc\x01X\x05Y":                     "XabcY",
		"abc\x1b[H\x1b[3~":                  "bc",
		"日本語\x7f":                           "日本",
		"日本語\x1b[D\x1b[D\x7f":               "本語",
		"👩‍👩‍👧\x7f":                         "",
		"e\u0301e\x7f":                      "e\u0301",
		"e\u0301\x7f":                       "",
		"one two\x17X":                      "one X",
		"one two\x1bb\x1bbX":                "Xone two",
		"one two three\x01\x1b[1;5CX":       "oneX two three",
		"one two\x15X":                      "X",
		"one two\x1b[1~\x1bfX\x0b":          "oneX",
		"one  two \x1b\x7fX":                "one  X",
		"one\x1bOD\x1bOHX":                  "Xone",
		"\x7f\x1b[D\x1b[3~\x1b[C\x17\x0b":   "",
		"a\x1b[15~\x1b[[A\x1b[?1;2c\x00b":   "ab",
		"\x1b[200~one\r\ntwo\x03\x1b[201~!": "one\ntwo!",
		"a\xffb\u009bc":                     "abc",
	} {
		e := &editor{}
		typed(e, bytes)
		if e.text != want {
			t.Errorf("%q gives %q instead of %q", bytes, e.text, want)
		}
	}
}

func TestOldLinesComeBackWithTheArrows(t *testing.T) {
	e := &editor{}
	lines := typed(e, "one\rtwo\rtwo\r\rdra\x1b[Aft")
	if !slices.Equal(lines, []string{"one", "two", "two", ""}) || e.text != "twoft" {
		t.Errorf("entered %q, then %q", lines, e.text)
	}
	e = &editor{}
	typed(e, "one\rtwo\rdraft\x1b[A\x1b[A\x1b[A")
	if e.text != "one" {
		t.Errorf("three up is %q", e.text)
	}
	typed(e, "\x1b[B\x1b[B\x1b[B")
	if e.text != "draft" {
		t.Errorf("and down again is %q", e.text)
	}
}

func TestKeysAreTheSameHoweverTheyArrive(t *testing.T) {
	const bytes = "a日\x1b[D\x1b[1;5C\x1bOF\x1b[200~p\r\nq👩‍👧\x1b[201~\x1bbz\x1b[3~\r\x1b[A"
	whole := &editor{}
	typed(whole, bytes)
	for range 200 {
		parts := &editor{}
		var k keyReader
		for rest := []byte(bytes); len(rest) > 0; {
			n := 1 + rand.IntN(min(4, len(rest)))
			for _, s := range k.read(rest[:n]) {
				switch s.key {
				case keyText:
					parts.insert(s.text)
				case keyEnter:
					parts.submit()
				default:
					parts.press(s.key)
				}
			}
			rest = rest[n:]
		}
		if parts.text != whole.text || parts.cursor != whole.cursor {
			t.Fatalf("in parts %q at %d, whole %q at %d", parts.text, parts.cursor, whole.text, whole.cursor)
		}
	}
}

func TestWindowShowsTheCursorInItsColumns(t *testing.T) {
	alphabet := []string{"a", "b ", "日", "👩‍👩‍👧", "e\u0301", "\n", "\x1b[D", "\x1b[C", "\x1b[H", "\x1b[F", "\x7f", "\x17", "\x1b[3~"}
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 0))
		e := &editor{}
		columns := 4 + random.IntN(30)
		for range 120 {
			if s := alphabet[random.IntN(len(alphabet))]; s == "\n" {
				e.insert(s)
			} else {
				typed(e, s)
			}
			shown, cursor := e.window(columns)
			if width := uniseg.StringWidth(shown); width > columns || cursor < 0 || cursor > width || cursor >= columns {
				t.Fatalf("seed %d: %q, %d wide with the cursor at %d, in %d columns", seed, shown, width, cursor, columns)
			}
			inner := strings.TrimSuffix(strings.TrimPrefix(shown, "‹"), "›")
			if !strings.Contains(visible(e.text), inner) || !utf8.ValidString(shown) {
				t.Fatalf("seed %d: %q shows %q", seed, e.text, shown)
			}
		}
	}
}

func FuzzKeysNeverBreakTheLine(f *testing.F) {
	for _, s := range []string{"a\x1b[D\x7f", "\x1b[200~x\x1b[201~", "\x1b", "\x1b[", "\xe6\x97", "\u200d👩\x1b[D\u200d", "\x1b[A\r\x1b[A"} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, bytes string, cut int) {
		e := &editor{}
		cut = min(max(cut, 0), len(bytes))
		typed(e, bytes[:cut])
		typed(e, bytes[cut:])
		if !utf8.ValidString(e.text) || e.cursor < 0 || e.cursor > len(e.text) {
			t.Fatalf("%q at %d", e.text, e.cursor)
		}
		e.window(10)
	})
}
