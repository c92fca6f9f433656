package wire

import (
	"strings"

	"parley/internal/chat"
)

// appendMentioning appends a part of a piece of plain text, with those marked whom it means. The markup is the same for everybody: a
// page looks itself for its own user.
func appendMentioning(dst []byte, m *chat.Mentions, text string, from, to int) []byte {
	for m != nil && from < to {
		sign := strings.IndexByte(text[from:to], '@')
		if sign < 0 {
			break
		}
		sign += from
		n, user := m.At(text, sign)
		if n == 0 || sign+n > to {
			dst = appendMarkup(dst, text[from:sign+1])
			from = sign + 1
			continue
		}
		dst = appendMarkup(dst, text[from:sign])
		if user == "" {
			dst = append(dst, mentionHere...)
		} else {
			dst = appendMentionOf(dst, user)
		}
		dst = append(appendMarkup(dst, text[sign:sign+n]), `</span>`...)
		from = sign + n
	}
	return appendMarkup(dst, text[from:to])
}

const mentionHere = `<span class="mention here">` // begins what means everybody who is there

// appendMentionOf begins what means a user.
func appendMentionOf(dst []byte, user chat.UserID) []byte {
	return append(appendMarkup(append(dst, `<span class="mention" data-user="`...), string(user)), `">`...)
}
