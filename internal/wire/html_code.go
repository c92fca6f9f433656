package wire

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// appendCode appends a block of code, with the parts of its language in classes of their own (static/css/markdown.css) where the
// language is one of ours. It goes over the code once, whatever stands in it: see decision 11.
func appendCode(dst []byte, name, code string) []byte {
	of := languages()[strings.ToLower(name)]
	switch {
	case of == nil || len(code) > codeBytes:
		return appendVerbatim(dst, code)
	case of.byLine:
		return appendDiff(dst, code)
	}
	c := coded{dst: dst, of: of, code: code}
	for c.at < len(code) {
		c.next()
	}
	c.plainTo(c.at)
	return c.dst
}

// codeBytes is how long a block of code may be to be shown with its parts: each of them is an element on the page.
const codeBytes = 8 << 10

// class is what a part of code is.
type class byte

// The classes, by the letter that they have in the style.
const (
	comment  class = 'c'
	literal  class = 's' // in quotes
	keyword  class = 'k'
	number   class = 'n'
	call     class = 'f' // of a function
	key      class = 'a' // what stands before a colon or an equals sign
	added    class = 'i'
	removed  class = 'd'
	position class = 'h' // of a difference
)

// coded is code on its way to markup.
type coded struct {
	dst   []byte
	of    *language
	code  string
	at    int
	plain int // where what is written as it is began
}

// appendVerbatim appends code as markup: its line ends stay what they are.
func appendVerbatim(dst []byte, code string) []byte {
	for i, line := range strings.Split(code, "\n") {
		if i > 0 {
			dst = append(dst, '\n')
		}
		dst = appendMarkup(dst, line)
	}
	return dst
}

func appendClass(dst []byte, is class, code string) []byte {
	dst = append(append(append(dst, `<span class="hl-`...), byte(is)), `">`...)
	return append(appendVerbatim(dst, code), `</span>`...)
}

func (c *coded) plainTo(end int) {
	c.dst = appendVerbatim(c.dst, c.code[c.plain:end])
	c.plain = end
}

// take writes what comes next, up to end, in a class.
func (c *coded) take(is class, end int) {
	c.plainTo(c.at)
	c.dst = appendClass(c.dst, is, c.code[c.at:end])
	c.at, c.plain = end, end
}

// next goes on by at least one byte.
func (c *coded) next() {
	rest := c.code[c.at:]
	if end := c.of.comment(c.code, c.at); end > 0 {
		c.take(comment, end)
		return
	}
	first, size := utf8.DecodeRuneInString(rest)
	switch {
	case strings.ContainsRune(c.of.quotes, first) && (first != '\'' || !c.afterWord()):
		end := c.at + c.of.quoted(rest)
		if c.of.key != 0 && c.isKey(end) {
			c.take(key, end)
		} else {
			c.take(literal, end)
		}
	case c.of.tags && first == '<' && len(rest) > 1 && (rest[1] == '/' || isLetter(rest[1])):
		c.take(keyword, c.at+2+wordLength(rest[2:], true))
	case first >= '0' && first <= '9':
		end := c.at + wordLength(rest, false)
		for end+1 < len(c.code) && c.code[end] == '.' && c.code[end+1] >= '0' && c.code[end+1] <= '9' {
			end += 1 + wordLength(c.code[end+1:], false)
		}
		c.take(number, end)
	case first == '_' || unicode.IsLetter(first):
		c.word(rest)
	default:
		c.at += size
	}
}

func (c *coded) word(rest string) {
	end := c.at + wordLength(rest, c.of.dashes)
	said := c.code[c.at:end]
	if c.of.anyCase {
		said = strings.ToLower(said)
	}
	switch {
	case c.of.keywords[said]:
		c.take(keyword, end)
	case c.of.key != 0 && c.isKey(end):
		c.take(key, end)
	case c.of.calls && end < len(c.code) && c.code[end] == '(':
		c.take(call, end)
	default:
		c.at = end
	}
}

// isKey reports whether the sign that makes a key of what stands before it comes next, behind no more than a few spaces.
func (c *coded) isKey(end int) bool {
	rest := strings.TrimLeft(c.code[end:min(len(c.code), end+8)], " ")
	return rest != "" && rest[0] == c.of.key
}

func (c *coded) afterWord() bool { return c.at > 0 && isWordByte(c.code[c.at-1]) }

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

// wordLength returns how many bytes of s are letters, digits and underscores.
func wordLength(s string, dashes bool) int {
	n := strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && (r != '-' || !dashes) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if n < 0 {
		return len(s)
	}
	return n
}

// appendDiff appends the difference of two files, which goes by lines.
func appendDiff(dst []byte, code string) []byte {
	for i, line := range strings.Split(code, "\n") {
		if i > 0 {
			dst = append(dst, '\n')
		}
		switch {
		case strings.HasPrefix(line, "@@"), strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"):
			dst = appendClass(dst, position, line)
		case strings.HasPrefix(line, "+"):
			dst = appendClass(dst, added, line)
		case strings.HasPrefix(line, "-"):
			dst = appendClass(dst, removed, line)
		default:
			dst = appendMarkup(dst, line)
		}
	}
	return dst
}
