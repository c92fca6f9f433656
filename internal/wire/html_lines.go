package wire

import "strings"

const fence = "```"

// inChat writes a text so that the parser reads it as people in chats mean it, where that is not what the standard (CommonMark) says:
// a quote or list ends with its line and doesn't go on in the next; a block of code may begin behind other text and end behind its
// last line; > begins a quote only with a space behind it, and + no list. It returns false for a text that is nested too deeply.
func inChat(text string) (string, bool) {
	l := lines{}
	for line := range strings.SplitSeq(text, "\n") {
		if !l.add(line) {
			return "", false
		}
	}
	return strings.TrimSuffix(l.out.String(), "\n"), true
}

// lines are a text on its way to the parser.
type lines struct {
	out    strings.Builder
	fence  string // of the block of code that this is in, or ""
	nested bool   // in a block of code in a quote or list
	after  kindOfLine
}

type kindOfLine int

const (
	blank kindOfLine = iota
	prose
	quote
	item
)

func (l *lines) add(line string) bool {
	trimmed := strings.TrimLeft(line, " ")
	if l.fence != "" {
		l.addCode(line)
		return true
	}
	depth := opens(line)
	if depth > markdownOpens {
		return false
	}
	within := depth > 0 || l.after == item && len(trimmed) < len(line)
	if at := lastFence(line); at >= 0 && within {
		l.nested = !l.nested
	} else if at >= 0 {
		if at > len(line)-len(trimmed) { // behind other text
			l.write(line[:at], prose)
		}
		l.fence = line[at : at+runLength(line[at:])]
		l.write(line[at:], prose)
		return true
	}
	l.nested = l.nested && within
	kind := prose
	switch {
	case trimmed == "":
		kind = blank
	case l.nested && depth == 0:
		kind = item
	case quotes(trimmed):
		kind = quote
	case trimmed[0] == '>' || strings.HasPrefix(trimmed, "+ "), digitsBefore(trimmed) > 3:
		line = escaped(line, trimmed)
	case marker(trimmed) > 0:
		kind = item
	case within:
		kind = item // what is indented goes on
	}
	if l.after != blank && l.after != prose && l.after != kind && kind != blank {
		l.out.WriteByte('\n')
	}
	l.write(line, kind)
	return true
}

// addCode adds a line of a block of code, which may end on it.
func (l *lines) addCode(line string) {
	at := strings.Index(line, l.fence)
	if at < 0 {
		l.write(line, prose)
		return
	}
	if code := line[:at]; strings.TrimSpace(code) != "" {
		l.write(code, prose)
	}
	l.write(l.fence, blank)
	l.fence = ""
	if behind := strings.TrimLeft(line[at:], "`"); strings.TrimSpace(behind) != "" {
		l.write(strings.TrimLeft(behind, " "), prose)
	}
}

// lastFence returns where the last of a line's fences begins, or -1 where each that opens on the line closes on it too.
func lastFence(line string) int {
	at, open := -1, false
	for i := 0; i < len(line); {
		n := runLength(line[i:])
		if n >= len(fence) {
			at, open = i, !open
		}
		i += max(n, 1)
	}
	if !open {
		return -1
	}
	return at
}

// runLength counts the backticks that s begins with.
func runLength(s string) int { return len(s) - len(strings.TrimLeft(s, "`")) }

func (l *lines) write(line string, kind kindOfLine) {
	l.out.WriteString(line)
	l.out.WriteByte('\n')
	l.after = kind
}

// escaped takes from a line's first sign what it would mean.
func escaped(line, trimmed string) string {
	digits := digitsBefore(trimmed)
	at := len(line) - len(trimmed) + digits
	return line[:at] + `\` + line[at:]
}

// digitsBefore counts the digits that a line begins with, where a point or bracket follows them.
func digitsBefore(line string) int {
	rest := strings.TrimLeft(line, "0123456789")
	if rest == "" || rest[0] != '.' && rest[0] != ')' {
		return 0
	}
	return len(line) - len(rest)
}
