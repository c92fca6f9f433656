package wire

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf8"

	"parley/internal/chat"
)

const replacement = "\uFFFD" // stands where bytes were not UTF-8

// FormatTime writes a time as the surface does: RFC 3339, UTC, always three digits of milliseconds.
func FormatTime(t time.Time) string { return string(appendTime(nil, t)) }

// appendTime lets the standard library write the seconds, for which it has a short way that a layout with milliseconds has not.
func appendTime(dst []byte, t time.Time) []byte {
	dst = bytes.TrimSuffix(t.UTC().AppendFormat(dst, time.RFC3339), []byte("Z"))
	ms := t.Nanosecond() / int(time.Millisecond)
	return append(dst, '.', '0'+byte(ms/100), '0'+byte(ms/10%10), '0'+byte(ms%10), 'Z')
}

// appendString appends s as a JSON string (RFC 8259, section 7).
func appendString(dst []byte, s string) []byte {
	return append(appendEscaped(append(dst, '"'), s), '"')
}

// appendEscaped appends s as the inside of a JSON string. What is not UTF-8 becomes U+FFFD.
func appendEscaped(dst []byte, s string) []byte {
	begin := 0 // of what is copied as it is
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[begin:i]...), replacement...)
				begin = i + 1
			}
			i += size
			continue
		case needsEscape(c):
			dst = appendEscape(append(dst, s[begin:i]...), c)
			begin = i + 1
		}
		i++
	}
	return append(dst, s[begin:]...)
}

func needsEscape(c byte) bool { return c < ' ' || c == '"' || c == '\\' }

const hexDigits = "0123456789abcdef"

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\t':
		return append(dst, '\\', 't')
	case '\r':
		return append(dst, '\\', 'r')
	default:
		return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xF])
	}
}

// escapeTail escapes in place, as the inside of a JSON string, the UTF-8 that other code appended behind from.
func escapeTail(dst []byte, from int) []byte {
	more := 0
	for _, c := range dst[from:] {
		if needsEscape(c) {
			more += escapeLength(c) - 1
		}
	}
	read := len(dst)
	for range more {
		dst = append(dst, 0)
	}
	for write := len(dst); write > read; { // from the end, so that nothing is written over before it is read
		read--
		c := dst[read]
		if !needsEscape(c) {
			write--
			dst[write] = c
			continue
		}
		write -= escapeLength(c)
		appendEscape(dst[:write], c)
	}
	return dst
}

// escapeLength is how many bytes appendEscape appends.
func escapeLength(c byte) int {
	switch c {
	case '"', '\\', '\n', '\t', '\r':
		return len(`\n`)
	default:
		return len(`\u0000`)
	}
}

// appendValid appends s; what is not UTF-8 becomes U+FFFD.
func appendValid(dst []byte, s string) []byte {
	if utf8.ValidString(s) {
		return append(dst, s...)
	}
	for _, r := range s {
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// The following append a member of a JSON object behind another one; key is the whole of `,"name":`.

func appendKeyString(dst []byte, key, s string) []byte { return appendString(append(dst, key...), s) }

func appendKeyInt(dst []byte, key string, n int64) []byte {
	return strconv.AppendInt(append(dst, key...), n, 10)
}

func appendKeyNumber(dst []byte, key string, n float64) []byte {
	return strconv.AppendFloat(append(dst, key...), n, 'f', -1, 64)
}

func appendKeyBool(dst []byte, key string, b bool) []byte {
	return strconv.AppendBool(append(dst, key...), b)
}

func appendKeyTime(dst []byte, key string, t time.Time) []byte {
	return append(appendTime(append(append(dst, key...), '"'), t), '"')
}

func appendKeyUser(dst []byte, u *chat.User) []byte {
	return appendKeyString(appendKeyString(dst, `,"user":`, string(u.ID)), `,"name":`, u.Name)
}

func appendKeyHTML(dst []byte, b Body) []byte {
	dst = append(dst, `,"html":"`...)
	from := len(dst)
	return append(escapeTail(AppendHTML(dst, b), from), '"')
}
