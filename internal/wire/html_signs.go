package wire

import (
	"strings"
	"unicode/utf8"
)

// Bounds of what is read as Markdown; beyond them a text is shown as it is. They keep the time that one message takes under some
// milliseconds, whatever stands in it, and pages from being nested so deeply that browsers suffer. See decision 11.
const (
	markdownBytes = 16 << 10 // of a text: 4,000 characters of four bytes
	markdownDepth = 12       // of elements in each other
	markdownLinks = 100      // "](" in a text
	markdownOpens = 8        // quotes and lists that begin on one line
)

// hasSigns reports whether a text has anything in it that Markdown could make something of. Most texts have not, and never come near
// the parser: this is one look at each byte. It may say yes too often, of 2 * 3 * 4 for one.
func hasSigns(text string) bool {
	if beginsBlock(text) {
		return true
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if !signs[c] {
			continue
		}
		next := byte(' ')
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch c {
		case '\n':
			if beginsBlock(text[i+1:]) {
				return true
			}
		case '`':
			return true
		case '~':
			if next == '~' {
				return true
			}
		case ']':
			if next == '(' {
				return true
			}
		case '*':
			if next != ' ' && next != '\n' {
				return true
			}
		case '_':
			if next != ' ' && next != '\n' && (i == 0 || !isWordByte(text[i-1])) {
				return true
			}
		}
	}
	return false
}

// signs are what hasSigns looks closer at.
var signs = [256]bool{'\n': true, '`': true, '~': true, ']': true, '*': true, '_': true}

// beginsBlock reports whether a line begins a quote, a list, a heading or a block of code.
func beginsBlock(line string) bool {
	line = strings.TrimLeft(line, " ")
	if line == "" || line[0] >= utf8.RuneSelf || isWordByte(line[0]) && (line[0] < '0' || line[0] > '9') {
		return false
	}
	return quotes(line) || marker(line) > 0 || isHeading(line)
}

// quotes reports whether a line is a quote: in a chat the sign stands apart, so that >_< and >:( stay what they are.
func quotes(line string) bool {
	rest := strings.TrimLeft(line, ">")
	return len(rest) < len(line) && (rest == "" || rest[0] == ' ' || rest[0] == '\n')
}

// marker returns the length of the sign that a line of a list begins with, its space included, or 0. A list begins with a number of
// up to three digits: what is longer is a year at the end of a sentence.
func marker(line string) int {
	digits := 0
	for digits < len(line) && line[digits] >= '0' && line[digits] <= '9' {
		digits++
	}
	at := digits
	switch {
	case at == len(line) || digits > 3:
		return 0
	case digits == 0 && line[at] != '-' && line[at] != '*':
		return 0
	case digits > 0 && line[at] != '.' && line[at] != ')':
		return 0
	case at+1 == len(line) || line[at+1] != ' ':
		return 0
	}
	return at + 2
}

func isHeading(line string) bool {
	rest := strings.TrimLeft(line, "#")
	level := len(line) - len(rest)
	return level >= 1 && level <= 6 && rest != "" && rest[0] == ' '
}

// opens counts the quotes and lists that a line begins, within each other.
func opens(line string) int {
	for n := 0; ; n++ {
		line = strings.TrimLeft(line, " \t")
		switch {
		case strings.HasPrefix(line, ">"):
			line = line[1:]
		case marker(line) > 0:
			line = line[marker(line):]
		default:
			return n
		}
	}
}
