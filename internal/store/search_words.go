package store

import (
	"runtime/debug"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"parley/internal/chat"
)

// unit is the least that can be found in a text: a word, a symbol, or one character of a script that puts no space between words.
type unit struct {
	word     string // as it is compared: without case and accents
	from, to int    // the bytes of the text that it stands for
	joined   bool   // of a script without spaces
}

// wordMost is how many bytes of a word count. Nobody looks for what is longer, and somebody may paste it.
const wordMost = 64

// errNoUnits says of a text that it couldn't be taken apart, which is a mistake of this program.
type errNoUnits struct{ stack string }

func (errNoUnits) Error() string { return "a text couldn't be taken apart into words" }

// units takes a text apart. It is the one place that says what a word is: for the index, for searches, and for what they find.
//
// Where that panics, the text has no words, and the error says so without repeating any of it: somebody has written it, it is
// stored, and it would end the server at every start again.
func units(text string) (found []unit, err error) {
	defer func() {
		if recover() != nil {
			found, err = nil, errNoUnits{string(debug.Stack())}
		}
	}()
	c := cutter{found: make([]unit, 0, len(text)/5+1)}
	if isASCII(text) {
		for i := range len(text) {
			c.add(rune(text[i]), i, i+1)
		}
	} else {
		// What looks the same is made the same (UAX #15, NFKC): full-width letters, ligatures, e and its accent.
		var pieces norm.Iter
		pieces.InitString(norm.NFKC, text)
		for !pieces.Done() {
			from := pieces.Pos()
			piece := pieces.Next()
			for len(piece) > 0 {
				r, size := utf8.DecodeRune(piece)
				c.add(r, from, pieces.Pos())
				piece = piece[size:]
			}
		}
	}
	c.end()
	return c.found, nil
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cutter is told a text's characters one after the other.
type cutter struct {
	found    []unit
	word     []byte // the word that is being read
	from, to int
}

func (c *cutter) end() {
	if len(c.word) > 0 {
		c.found = append(c.found, unit{word: string(c.word), from: c.from, to: c.to})
		c.word = c.word[:0]
	}
}

func (c *cutter) add(r rune, from, to int) {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			c.letter(r, from, to)
		case 'A' <= r && r <= 'Z':
			c.letter(r+'a'-'A', from, to)
		default:
			c.end()
		}
	case unicode.Is(unicode.M, r):
		c.mark(r, to)
	case unicode.In(r, unspaced...):
		c.end()
		c.found = append(c.found, unit{word: string(r), from: from, to: to, joined: true})
	case unicode.IsLetter(r), unicode.IsNumber(r):
		for _, plain := range folded(r) {
			c.letter(plain, from, to)
		}
	case unicode.Is(unicode.So, r) && r != utf8.RuneError: // emoji
		c.end()
		c.found = append(c.found, unit{word: string(r), from: from, to: to})
	default:
		c.end()
	}
}

func (c *cutter) letter(r rune, from, to int) {
	if len(c.word) == 0 {
		c.from = from
	}
	if len(c.word)+utf8.RuneLen(r) <= wordMost {
		c.word = utf8.AppendRune(c.word, r)
	}
	c.to = to
}

// mark adds a mark to the letter before it. Those of Latin, Greek, Cyrillic, Hebrew and Arabic letters are left out, as many leave
// them out in writing; elsewhere they are vowels.
func (c *cutter) mark(r rune, to int) {
	last := len(c.found) - 1
	switch {
	case len(c.word) > 0 && unicode.Is(leftOut, r):
		c.to = to
	case len(c.word) > 0:
		c.letter(r, c.from, to)
	case last >= 0 && c.found[last].joined:
		c.found[last].word += string(r)
		c.found[last].to = to
	}
}

// unspaced are the scripts that put no space between words, and Korean, which joins words to what surrounds them.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

var leftOut = &unicode.RangeTable{R16: []unicode.Range16{
	{0x0300, 0x036f, 1},
	{0x0591, 0x05bd, 1},
	{0x05bf, 0x05c7, 1},
	{0x064b, 0x065f, 1},
	{0x0670, 0x0670, 1},
	{0x1ab0, 0x1aff, 1},
	{0x1dc0, 0x1dff, 1},
	{0x20d0, 0x20ff, 1},
	{0xfe00, 0xfe0f, 1},
	{0xfe20, 0xfe2f, 1},
}}

// folded returns a letter without case and accent.
func folded(r rune) []rune {
	if !unicode.In(r, unicode.Latin, unicode.Greek) {
		if r = unicode.ToLower(r); r == 'ё' {
			r = 'е'
		}
		return []rune{r}
	}
	var bytes [utf8.UTFMax]byte
	if apart := norm.NFD.Properties(bytes[:utf8.EncodeRune(bytes[:], r)]).Decomposition(); apart != nil {
		r, _ = utf8.DecodeRune(apart)
	}
	switch r = unicode.ToLower(r); r {
	case 'ß':
		return []rune("ss")
	case 'æ':
		return []rune("ae")
	case 'œ':
		return []rune("oe")
	case 'ø':
		return []rune{'o'}
	case 'ł':
		return []rune{'l'}
	case 'đ':
		return []rune{'d'}
	case 'ı':
		return []rune{'i'}
	case 'ς':
		return []rune{'σ'}
	}
	return []rune{r}
}

// eachToken calls token with what the index holds of some units: each, and in scripts without spaces every two neighbours too. One
// of these characters is in too many messages to be looked through for the next one.
func eachToken(of []unit, token func(string)) {
	for i, u := range of {
		token(u.word)
		if i > 0 && u.joined && of[i-1].joined {
			token(of[i-1].word + u.word)
		}
	}
}

// rarest calls token with what of a looked-for word the index is asked for: not the single characters of which there are pairs.
func rarest(of []unit, token func(string)) {
	for i, u := range of {
		before := u.joined && i > 0 && of[i-1].joined
		after := u.joined && i+1 < len(of) && of[i+1].joined
		switch {
		case before:
			token(of[i-1].word + u.word)
		case !after:
			token(u.word)
		}
	}
}

// wanted are the words of a search, taken apart: the units of each follow each other.
type wanted [][]unit

func wantedWords(words []string) wanted {
	var w wanted
	for _, word := range words {
		if of, err := units(word); err == nil && len(of) > 0 {
			w = append(w, of)
		}
	}
	return w
}

// in returns where the words stand in a text, as bytes, and false where one of them doesn't.
func (w wanted) in(text string) (spans [][2]int, all bool) {
	there, _ := units(text) // none where it can't be taken apart, which whoever indexed it has said
	marked := make([]bool, len(there))
	for _, word := range w {
		found := false
		for i := 0; i+len(word) <= len(there); i++ {
			if !follows(there[i:], word) {
				continue
			}
			found = true
			for k := range word {
				marked[i+k] = true
			}
		}
		if !found {
			return nil, false
		}
	}
	for i, u := range there {
		switch last := len(spans) - 1; {
		case !marked[i]:
		case last >= 0 && u.from <= spans[last][1]: // neighbours of a script without spaces, or what one character stands for
			spans[last][1] = u.to
		default:
			spans = append(spans, [2]int{u.from, u.to})
		}
	}
	return spans, true
}

func follows(there, word []unit) bool {
	for k := range word {
		if there[k].word != word[k].word {
			return false
		}
	}
	return true
}

const (
	snippetLength = 240 // bytes of a snippet, about
	snippetBefore = 60  // of them, what stands before the first word that was looked for
)

// snippet cuts the piece out of a text in which the first of some spans stands, and takes it apart as [chat.Hit] says. Spans behind the
// text are of something else.
func snippet(text string, spans [][2]int) []string {
	from, to := 0, len(text)
	spans = slices.DeleteFunc(spans, func(span [2]int) bool { return span[0] >= to })
	if to > snippetLength {
		if len(spans) > 0 {
			from = max(0, min(spans[0][0]-snippetBefore, to-snippetLength))
		}
		to = min(to, from+snippetLength)
		for from > 0 && !utf8.RuneStart(text[from]) {
			from--
		}
		for to < len(text) && !utf8.RuneStart(text[to]) {
			to++
		}
	}
	var parts []string
	at := from
	for _, span := range spans {
		if span[0] >= to {
			break
		}
		end := min(span[1], to) // where the whole message is what was looked for, it is cut too
		parts = append(parts, text[at:span[0]], text[span[0]:end])
		at = end
	}
	parts = append(parts, text[at:to])
	if from > 0 {
		parts[0] = "…" + parts[0]
	}
	if to < len(text) {
		parts[len(parts)-1] += "…"
	}
	return parts
}

// isFor reports whether a message is one that a search may find, whatever is written in it. letIn are the closed rooms that its reader
// was let into.
func isFor(s *chat.Search, e *chat.Event, letIn map[chat.RoomName]bool) bool {
	return e.Kind == chat.KindMessage && e.Deleted == 0 && (e.Room.ReadableBy(s.Reader) || letIn[e.Room]) &&
		(s.Room == "" || s.Room == e.Room) && wrote(s, e) && !slices.Contains(s.Without, e.User.ID) &&
		(s.Since.IsZero() || !e.Time.Before(s.Since)) && (s.Till.IsZero() || e.Time.Before(s.Till))
}
