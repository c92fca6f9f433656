package cli

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// clean makes what somebody else wrote safe to print on a terminal: without escape sequences, control characters and the marks that
// turn the direction of what stands around them. Line breaks stay.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); {
		if n := escapeSequence(text[i:]); n > 0 {
			i += n
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		switch {
		case r == '\n', r == '\u2028', r == '\u2029':
			b.WriteByte('\n')
		case r == '\t':
			b.WriteString("    ")
		case unicode.IsControl(r), isTurning(r):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cleanLine is clean for what must stay on one line, such as a name.
func cleanLine(text string) string { return strings.Join(strings.Fields(clean(text)), " ") }

// isTurning reports whether r begins or ends an embedding, override or isolate of a direction (UAX #9).
func isTurning(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// escapeSequence returns the length of the control sequence that text begins with (ECMA-48), 0 where it begins with none. Of one
// that doesn't end, only the introducer counts: it must not swallow the message.
func escapeSequence(text string) int {
	if text == "" {
		return 0
	}
	kind, n := rune(0), 1
	switch r, size := utf8.DecodeRuneInString(text); {
	case r == 0x1b && len(text) > 1:
		kind, n = rune(text[1]), 2
	case r >= 0x80 && r <= 0x9f: // the same as ESC and a letter, in one character
		kind, n = r-0x40, size
	default:
		return 0
	}
	switch kind {
	case '[':
		return n + controlSequence(text[n:])
	case 'P', 'X', ']', '^', '_':
		return n + controlString(text[n:])
	default:
		switch {
		case kind >= 0x20 && kind <= 0x2f && len(text) > n: // ESC, an intermediate character and a final one
			return n + 1
		case kind >= 0x30 && kind <= 0x7e:
			return n
		default:
			return 1
		}
	}
}

// controlSequence measures parameters, intermediate characters and the final one.
func controlSequence(text string) int {
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 0x40 && c <= 0x7e:
			return i + 1
		case c < 0x20 || c > 0x3f:
			return i
		}
	}
	return len(text)
}

// controlString measures up to the terminator, on the same line.
func controlString(text string) int {
	for i, r := range text {
		switch {
		case r == 0x07:
			return i + 1
		case r == 0x9c:
			return i + utf8.RuneLen(r)
		case r == 0x1b && strings.HasPrefix(text[i:], "\x1b\\"):
			return i + 2
		case r == '\n':
			return 0
		}
	}
	return 0
}

// isolate keeps a name that is written from right to left from turning what stands around it. Other names are left as they are, so
// that lines stay easy to search.
func isolate(name string) string {
	for _, r := range name {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.R, bidi.AL, bidi.AN:
			return "\u2068" + name + "\u2069"
		}
	}
	return name
}
