package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"

	"parley/internal/chat"
)

// known is what a line can be completed with. Its names are others' own words, and not cleaned.
type known struct {
	moderator bool
	here      []string // names of people who are here, but for oneself
	met       []string // and of all whom one has heard of, here or not
	ignored   []string // and of those whom one ignores
	rooms     []string
	in        []string // rooms that one is in
}

// word is what is being completed: the part of a line from start up to the cursor.
type word struct {
	start    int
	typed    string // of the name, without a quote before it
	names    []string
	isQuoted bool // it begins with a quote
	isName   bool // of somebody, for a command: quoted where it has spaces
}

// complete completes what stands before the cursor, as far as it is plain what is meant: all of it, and a space, where one name alone
// begins like that, else what all of those have in common. It returns the line, the cursor in it, and the names.
func complete(line string, cursor int, k *known) (string, int, []string) {
	head, tail := line[:cursor], line[cursor:]
	for _, w := range k.words(head) {
		candidates := w.candidates()
		if len(candidates) == 0 {
			continue
		}
		put := shared(candidates)
		if len(candidates) > 1 && len(put) <= len(graphemes(w.typed)) {
			return line, cursor, candidates
		}
		head = head[:w.start] + w.spell(strings.Join(put, ""), len(candidates) == 1)
		if len(candidates) == 1 {
			head, tail = head+" ", strings.TrimPrefix(tail, " ")
		}
		return head + tail, len(head), candidates
	}
	return line, cursor, nil
}

// words returns what the end of a text may be the beginning of: a command, what a command takes, or a mention.
func (k *known) words(text string) (words []word) {
	typed := chat.ReadTyped(chat.SlashTerminal, text)
	if typed.IsCommand && len(text) == len("/"+typed.Name) {
		words = append(words, word{typed: text, names: k.commands()})
	} else if typed.Slash != nil {
		words = append(words, k.argument(typed.Slash, text, len("/"+typed.Name)))
	}
	if at := strings.LastIndexByte(text, '@'); at >= 0 && chat.BeginsMention(text, at) {
		words = append(words, word{start: at + 1, typed: text[at+1:], names: append([]string{"here"}, k.here...)})
	}
	return words
}

// argument returns what a text has from an index on, behind a command's name.
func (k *known) argument(s *chat.Slash, text string, from int) word {
	typed := strings.TrimLeftFunc(text[from:], unicode.IsSpace)
	w := word{start: len(text) - len(typed), typed: typed}
	switch takes, _, _ := strings.Cut(strings.Trim(s.Args, "[]"), " "); takes {
	case "NAME":
		w.isName, w.names = true, k.people(s.Name)
		if w.typed, w.isQuoted = strings.CutPrefix(typed, `"`); !w.isQuoted {
			w.typed = strings.TrimPrefix(typed, "@")
		}
	case "ROOM":
		w.names = k.rooms
		if s.Name == "leave" {
			w.names = k.in
		}
		w.typed = strings.TrimPrefix(typed, "#")
		w.start = len(text) - len(w.typed)
	}
	return w
}

func (k *known) commands() (names []string) {
	for _, s := range slashes(k.moderator) {
		names = append(names, "/"+s.Name)
	}
	return names
}

// people are those whom a command may be about.
func (k *known) people(command string) []string {
	switch command {
	case "nick": // a name that nobody has
		return nil
	case "unignore":
		return k.ignored
	case "unban": // who isn't here
		return k.met
	default:
		return k.here
	}
}

// candidates are the names that begin with what is typed, in order. One that could steer the terminal is none.
func (w *word) candidates() (names []string) {
	typed := graphemes(w.typed)
	for _, name := range w.names {
		if cleanLine(name) == name && common(graphemes(name), typed) == len(typed) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	return slices.Compact(names)
}

// spell writes a name, or only its beginning, as the line needs it.
func (w *word) spell(name string, whole bool) string {
	if !w.isName || !w.isQuoted && !strings.Contains(name, " ") || strings.Contains(name, `"`) {
		return name
	}
	if whole {
		name += `"`
	}
	return `"` + name
}

// shared returns the characters with which all names begin, as the first of them has them.
func shared(names []string) []string {
	first := graphemes(names[0])
	for _, name := range names[1:] {
		first = first[:common(first, graphemes(name))]
	}
	return first
}

// common counts the characters with which two texts begin, whatever their case, width or form.
func common(a, b []string) (n int) {
	for n < min(len(a), len(b)) && strings.EqualFold(norm.NFKC.String(a[n]), norm.NFKC.String(b[n])) {
		n++
	}
	return n
}

// graphemes parts a text into what a person takes for one character each.
func graphemes(text string) (parts []string) {
	for g := uniseg.NewGraphemes(text); g.Next(); {
		parts = append(parts, g.Str())
	}
	return parts
}

// inColumns lists names in one line of so many columns, as many as fit.
func inColumns(names []string, columns int) string {
	line := ""
	for i, name := range names {
		longer := line + isolate(name)
		if left := len(names) - i - 1; left > 0 {
			longer += fmt.Sprintf("  … %d more", left)
		}
		if cells(longer) >= columns {
			return line + fmt.Sprintf("… %d more", len(names)-i)
		}
		line += isolate(name) + "  "
	}
	return strings.TrimRight(line, " ")
}

// complete completes the line being typed. Once nothing can be added it shows what may be meant, where Tab is pressed again.
func (t *talk) complete(s *screen, again bool) {
	line, cursor, candidates := complete(s.editor.text, s.editor.cursor, t.known())
	switch {
	case line != s.editor.text || cursor != s.editor.cursor:
		s.editor.put(line, cursor)
		t.edited(line)
	case again && len(candidates) > 1:
		s.line(t.style.paint(styleDim, inColumns(candidates, s.size())))
	}
}

func (t *talk) known() *known {
	k := &known{moderator: t.moderator, met: slices.Collect(maps.Values(t.names)), rooms: slices.Collect(maps.Keys(t.heard)), in: t.rooms}
	for _, users := range t.here {
		for id := range users {
			if name := t.names[id]; name != "" && id != t.Me().ID {
				k.here = append(k.here, name)
			}
		}
	}
	for id := range t.ignored {
		k.ignored = append(k.ignored, t.names[id])
	}
	return k
}
