package cli

import (
	"fmt"
	"io"
	"strings"
)

// view is where a conversation is shown.
type view interface {
	line(text string)    // something that was said or happened; may hold line breaks
	failure(text string) // something that didn't work
	prompt(text string)  // who one is
	hint(text string)    // what is so just now, such as who is typing
	clear()              // takes away what was shown
}

// plain is the view where output is no terminal, or one that can't move its cursor: line after line.
type plain struct {
	out, err io.Writer
}

func (p plain) line(text string)    { fmt.Fprintln(p.out, text) }
func (p plain) failure(text string) { fmt.Fprintln(p.err, text) }
func (p plain) prompt(string)       {}
func (p plain) hint(string)         {}
func (p plain) clear()              {}

// screen is the view on a terminal in raw mode. The line being typed has the last row, and keeps it: everything else is printed
// above. A line that is too long is scrolled sideways, so that there is never more than one row to draw again.
type screen struct {
	out    io.Writer
	style  style
	editor *editor
	size   func() (columns int)

	columns  int // of the terminal when the row was drawn
	drawn    int // columns that the row took
	cursor   int // column of the cursor
	who, now string
}

const (
	eraseBelow = "\r\x1b[J"
	// A terminal may count the columns of an emoji otherwise than we do, or be narrower already than it says: never go to a next row.
	wrapOff  = "\x1b[?7l"
	wrapOn   = "\x1b[?7h"
	pasteOn  = "\x1b[?2004h" // pasted text comes in brackets then, and a line break in it doesn't send it
	pasteOff = "\x1b[?2004l"
)

func (s *screen) begin() { s.write(pasteOn, s.row()) }

// end leaves the cursor on an empty row.
func (s *screen) end() { s.write(s.erase(), pasteOff) }

func (s *screen) line(text string) {
	s.write(s.erase(), strings.ReplaceAll(text, "\n", "\r\n"), "\r\n", s.row())
}

func (s *screen) failure(text string) { s.line(text) }

func (s *screen) prompt(text string) {
	if s.who != text {
		s.who = text
		s.redraw()
	}
}

func (s *screen) hint(text string) {
	if s.now != text {
		s.now = text
		s.redraw()
	}
}

// redraw draws the row again: the line being typed or the terminal's size has changed.
func (s *screen) redraw() { s.write(s.erase(), s.row()) }

func (s *screen) clear() { s.write("\x1b[2J\x1b[H", s.row()) }

// erase returns what takes the row away. A terminal that was made narrower has broken the row into several.
func (s *screen) erase() string {
	columns := s.size()
	if columns >= s.columns || columns <= 0 || s.cursor/columns == 0 {
		return eraseBelow
	}
	return fmt.Sprintf("\x1b[%dA", s.cursor/columns) + eraseBelow
}

// row returns what draws the row, from its begin.
func (s *screen) row() string {
	s.columns = max(s.size(), 8)
	prompt := s.who + "> "
	if cells(prompt) > s.columns/2 {
		prompt = "> "
	}
	room := s.columns - cells(prompt) - 1 // the last column stays free: written to, some terminals go to the next row
	text, at := s.editor.window(room)
	s.cursor = cells(prompt) + at
	s.drawn = cells(prompt) + cells(text)
	row := wrapOff + s.style.paint(styleBold, prompt) + text
	if left := s.columns - 1 - s.drawn; s.now != "" && left > cells(s.now)+2 {
		row += strings.Repeat(" ", left-cells(s.now)) + s.style.paint(styleDim, s.now)
		s.drawn = s.columns - 1
	}
	row += wrapOn + "\r"
	if s.cursor > 0 {
		row += fmt.Sprintf("\x1b[%dC", s.cursor)
	}
	return row
}

// write writes all parts at once, so that nothing half drawn is seen. A terminal that is gone is noticed by the reader.
func (s *screen) write(parts ...string) { _, _ = io.WriteString(s.out, strings.Join(parts, "")) }
