package wire

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/internal/chat"
)

// Body is what a message's markup is made of. Whatever else has to show in it comes in here, as another field that [BodyOf] fills,
// and becomes markup in appendRun, which every piece of plain text goes through.
type Body struct {
	Name     string // of the sender, for /me
	Text     string
	Mentions *chat.Mentions // whom Text means
}

// BodyOf is the body of a message or an edit.
func BodyOf(e *chat.Event) Body { return Body{Name: e.User.Name, Text: e.Text, Mentions: e.Mentions} }

// HTML returns a message's body as markup. It is the one renderer of bodies: pages and frames show the same. Line ends, web addresses
// and a leading /me, which speaks of the sender by name, become markup; so does Markdown, where there is any. All else is text.
func HTML(b Body) string { return string(AppendHTML(nil, b)) }

// AppendHTML appends what [HTML] returns. It is UTF-8 without control characters but tab, whatever text is. No text has no markup.
func AppendHTML(dst []byte, b Body) []byte {
	text := b.Text
	if text == "" {
		return dst
	}
	if hasSigns(text) {
		if marked, ok := appendMarkdown(dst, b); ok {
			return marked
		}
	}
	if act, ok := strings.CutPrefix(text, actSign); ok {
		dst = appendActor(dst, b.Name)
		text = act
	} else {
		dst = append(dst, `<p>`...)
	}
	return append(appendRun(dst, &b, text), `</p>`...)
}

const actSign = "/me " // before what the sender does

// appendActor begins the paragraph that says what the sender does.
func appendActor(dst []byte, name string) []byte {
	dst = append(dst, `<p class="me"><bdi>`...)
	return append(appendMarkup(dst, name), `</bdi> `...)
}

// appendRun appends a piece of a body's plain text, with its web addresses as links and with those marked whom it means.
func appendRun(dst []byte, b *Body, text string) []byte {
	for from := 0; from < len(text); {
		begin, end := findLink(text, from)
		dst = appendMentioning(dst, b.Mentions, text, from, begin)
		if begin < end {
			dst = appendLink(dst, text[begin:end])
		}
		from = end
	}
	return dst
}

// appendLink appends a link to an address of the web. The page that it opens learns nothing of the chat and can't reach into it.
func appendLink(dst []byte, url string) []byte {
	dst = append(dst, `<a href="`...)
	dst = append(appendMarkup(dst, url), linkRest...)
	return append(appendMarkup(dst, url), `</a>`...)
}

const linkRest = `" rel="noopener noreferrer nofollow" target="_blank">`

// appendMarkup appends plain text as markup, for elements and quoted attributes alike.
func appendMarkup(dst []byte, s string) []byte {
	begin := 0 // of what is copied as it is
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		switch {
		case r == ' ' || isWordByte(s[i]): // most of what is said
			i++
			continue
		case r >= utf8.RuneSelf:
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		if entity := entityOf(r, size); entity != "" {
			dst = append(append(dst, s[begin:i]...), entity...)
			begin = i + size
		}
		i += size
	}
	return append(dst, s[begin:]...)
}

// entityOf returns what stands for a character in markup, "" where it stands for itself.
func entityOf(r rune, size int) string {
	switch r {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '"':
		return "&#34;"
	case '\'':
		return "&#39;"
	case '\n':
		return "<br>"
	case '\t':
		return ""
	}
	if r < ' ' || r >= 0x7F && r <= 0x9F || r == utf8.RuneError && size == 1 { // control characters and what isn't UTF-8
		return replacement
	}
	return ""
}

// findLink returns where the next web address in text begins and ends, from a place on; both are len(text) where there is none.
func findLink(text string, from int) (begin, end int) {
	for at := from; ; {
		i := strings.Index(text[at:], "://")
		if i < 0 {
			return len(text), len(text)
		}
		colon := at + i
		at = colon + len("://")
		begin = schemeBefore(text[from:colon])
		if begin < 0 {
			continue
		}
		begin += from
		if end = at + addressLength(text[at:]); end > at {
			return begin, end
		}
	}
}

// schemeBefore returns where http or https begins at the end of s, or -1. A letter or digit before it makes it another word.
func schemeBefore(s string) int {
	for _, scheme := range [...]string{"https", "http"} {
		begin := len(s) - len(scheme)
		if begin < 0 || !strings.EqualFold(s[begin:], scheme) || !isASCII(s[begin:]) {
			continue
		}
		if begin > 0 && isWordByte(s[begin-1]) {
			return -1
		}
		return begin
	}
	return -1
}

// isASCII keeps Unicode's other letters that fold to s (U+017F) out of a scheme.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// addressLength returns how many bytes of s, which follows a scheme, belong to the address; 0 where it has no host. What ends a
// sentence or closes a bracket that opened before the address is not part of it.
func addressLength(s string) int {
	first, _ := utf8.DecodeRuneInString(s)
	if !unicode.IsLetter(first) && !unicode.IsDigit(first) && first != '[' {
		return 0
	}
	n := strings.IndexFunc(s, endsAddress)
	if n < 0 {
		n = len(s)
	}
	closers := [...]struct{ open, close byte }{{'(', ')'}, {'[', ']'}, {'{', '}'}}
	var spare [len(closers)]int // brackets of each kind that are closed and were not opened
	for i, c := range closers {
		spare[i] = strings.Count(s[:n], string(c.close)) - strings.Count(s[:n], string(c.open))
	}
trim:
	for ; n > 0; n-- {
		last := s[n-1]
		for i, c := range closers {
			if last == c.close && spare[i] > 0 {
				spare[i]--
				continue trim
			}
		}
		if strings.IndexByte(".,;:!?'*", last) < 0 {
			break
		}
	}
	return n
}

// endsAddress reports whether a character can't be part of an address in running text: white space, what is invisible, quotes and
// brackets of markup, a backslash (which browsers take for a slash), and the punctuation of Chinese and Japanese, which is not
// followed by a space.
func endsAddress(r rune) bool {
	switch {
	case r == '<', r == '>', r == '"', r == '`', r == '\\', r == utf8.RuneError, r == '«', r == '»', r == '…':
		return true
	case r < utf8.RuneSelf: // most of what is said
		return r <= ' ' || r == 0x7F
	case r >= 0x2018 && r <= 0x201F: // quotation marks
		return true
	case r >= 0x3000 && r <= 0x303F, r >= 0xFF01 && r <= 0xFF0F, r >= 0xFF1A && r <= 0xFF20, r >= 0xFF3B && r <= 0xFF40,
		r >= 0xFF5B && r <= 0xFF65:
		return true
	default:
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	}
}
