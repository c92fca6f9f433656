package cli

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// editor is the line being typed. It moves and deletes by what a person takes for one character, whatever that is made of.
type editor struct {
	text    string
	cursor  int // byte offset of a character's begin
	history []string
	recall  int    // index into history; len(history) is the line that is new
	draft   string // that line, while an old one is shown
	left    int    // byte offset of the first character that is shown, see window
	tabbed  bool   // the key before was Tab
}

const historyMost = 500 // lines

func (e *editor) insert(text string) {
	e.text = e.text[:e.cursor] + text + e.text[e.cursor:]
	e.cursor += len(text)
	e.standBehind()
}

// standBehind moves the cursor behind what was put before it, which may combine with what follows (an emoji joined to another).
func (e *editor) standBehind() {
	for at := 0; at < len(e.text); {
		end := at + e.sizeAt(at)
		if at < e.cursor && e.cursor < end {
			e.cursor = end
		}
		at = end
	}
}

func (e *editor) set(text string) { e.text, e.cursor, e.left = text, len(text), 0 }

// put puts another line in the place of this one.
func (e *editor) put(line string, cursor int) {
	e.set(line)
	e.cursor = cursor
	e.standBehind()
}

// submit returns the line and begins a new one.
func (e *editor) submit() string {
	line := e.text
	if strings.TrimSpace(line) != "" && (len(e.history) == 0 || e.history[len(e.history)-1] != line) {
		e.history = append(e.history, line)
		e.history = e.history[max(0, len(e.history)-historyMost):]
	}
	e.recall, e.draft = len(e.history), ""
	e.set("")
	return line
}

// remember shows an older (-1) or newer (1) line.
func (e *editor) remember(step int) {
	next := e.recall + step
	if next < 0 || next > len(e.history) {
		return
	}
	if e.recall == len(e.history) {
		e.draft = e.text
	}
	e.recall = next
	if next == len(e.history) {
		e.set(e.draft)
	} else {
		e.set(e.history[next])
	}
}

// sizeAt returns the bytes of the character at an offset.
func (e *editor) sizeAt(at int) int {
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(e.text[at:], -1)
	return len(cluster)
}

// before returns where the character before an offset begins.
func (e *editor) before(offset int) int {
	at := 0
	for at < offset {
		next := at + e.sizeAt(at)
		if next >= offset {
			return at
		}
		at = next
	}
	return at
}

func (e *editor) wordLeft() int {
	head := strings.TrimRightFunc(e.text[:e.cursor], unicode.IsSpace)
	if i := strings.LastIndexFunc(head, unicode.IsSpace); i >= 0 {
		return i + len(head[i:]) - len(strings.TrimLeftFunc(head[i:], unicode.IsSpace))
	}
	return 0
}

func (e *editor) wordRight() int {
	tail := strings.TrimLeftFunc(e.text[e.cursor:], unicode.IsSpace)
	skipped := len(e.text) - e.cursor - len(tail)
	if i := strings.IndexFunc(tail, unicode.IsSpace); i >= 0 {
		return e.cursor + skipped + i
	}
	return len(e.text)
}

// remove deletes from one offset to another and stands where they were.
func (e *editor) remove(from, to int) {
	e.text = e.text[:from] + e.text[to:]
	e.cursor = from
	e.left = min(e.left, from)
}

// press does what a key does. It reports whether it changed the text.
func (e *editor) press(k key) (changed bool) {
	before := e.text
	switch k {
	case keyLeft:
		e.cursor = e.before(e.cursor)
	case keyRight:
		e.cursor += e.sizeAt(e.cursor)
	case keyHome:
		e.cursor = 0
	case keyEnd:
		e.cursor = len(e.text)
	case keyWordLeft:
		e.cursor = e.wordLeft()
	case keyWordRight:
		e.cursor = e.wordRight()
	case keyUp:
		e.remember(-1)
	case keyDown:
		e.remember(1)
	case keyBackspace:
		e.remove(e.before(e.cursor), e.cursor)
	case keyDelete:
		e.remove(e.cursor, e.cursor+e.sizeAt(e.cursor))
	case keyDeleteWord:
		e.remove(e.wordLeft(), e.cursor)
	case keyDeleteWordRight:
		e.remove(e.cursor, e.wordRight())
	case keyDeleteToStart:
		e.remove(0, e.cursor)
	case keyDeleteToEnd:
		e.remove(e.cursor, len(e.text))
	}
	return e.text != before
}

// window returns the part of the line that fits into so many columns, with the cursor in it, and the column of the cursor. Marks at
// its ends say that there is more.
func (e *editor) window(columns int) (shown string, cursor int) {
	columns = max(columns, 4)
	e.left = min(e.left, len(e.text))
	if e.cursor <= e.left { // show some of what is before, too
		e.left = e.cursor
		for back := 0; e.left > 0 && back < columns/4; back++ {
			e.left = e.before(e.left)
		}
	}
	for e.left < e.cursor && cells(e.text[e.left:e.cursor]) > columns-3 { // a mark at each end, and the cursor
		e.left += e.sizeAt(e.left)
	}
	if e.left > 0 {
		shown = "‹"
	}
	width := len([]rune(shown))
	for at := e.left; ; {
		if at == e.cursor {
			cursor = width
		}
		if at >= len(e.text) {
			return shown, cursor
		}
		size := e.sizeAt(at)
		w := cells(e.text[at : at+size])
		if width+w >= columns {
			return shown + "›", cursor
		}
		shown += visible(e.text[at : at+size])
		width += w
		at += size
	}
}

// visible shows a line break in the line being typed, which can come in by pasting.
func visible(text string) string { return strings.ReplaceAll(text, "\n", "⏎") }

// cells returns how many columns of a terminal a text takes.
func cells(text string) int { return uniseg.StringWidth(visible(text)) }
