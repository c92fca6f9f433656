package chat

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits bound what one member may ask of the rest. 0 means no limit.
type Limits struct {
	MessageLength int     // characters of a message
	Messages      float64 // messages per second that a user may send on average
	Burst         int     // messages that a user may send at once
	Rooms         int     // rooms that one connection may be in
}

// Figures of the surface that nobody has had a reason to set.
const (
	HistoryPage = 50  // messages in a page of history
	HistoryMost = 200 // messages in the largest page
	IDLength    = 64  // characters of a client's id
)

const (
	resumeMost  = 500 // events that a resume answers with; who missed more gets the latest page and Truncated
	resumePiece = 100 // events that are read at once for it
	// answerBytes is how much text, in bytes, an answer to a join or to history holds; one message is in it however long it is. Its
	// frame is two to six times as large, which has to go through a slow connection together with what is said meanwhile.
	answerBytes = 256 << 10
	emojiLength = 64  // bytes: the longest emoji sequences of Unicode 16 have 35
	pendingMost = 128 // stored commands of one connection under way; then it is read no further
	typingEvery = time.Second
)

// cleanText returns text as it is stored: line ends as \n, without control characters but newline and tab, and without white
// space at its end. What it removes can't be seen, and could move a terminal's cursor or end a string in a database.
func cleanText(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if strings.IndexFunc(text, isDropped) >= 0 {
		text = strings.Map(func(r rune) rune {
			if isDropped(r) {
				return -1
			}
			return r
		}, text)
	}
	return strings.TrimRightFunc(text, unicode.IsSpace)
}

func isDropped(r rune) bool { return r != '\n' && r != '\t' && unicode.IsControl(r) }

// CheckText cleans a message's text and says what is wrong with it.
func (l *Limits) CheckText(text string) (string, *Error) {
	text = cleanText(text)
	if strings.TrimSpace(text) == "" {
		return "", Errorf(CodeEmpty, "The message is empty. Write something first.")
	}
	if l.MessageLength > 0 && len(text) > l.MessageLength {
		if n := utf8.RuneCountInString(text); n > l.MessageLength {
			return "", Errorf(CodeTooLong, "The message has %d characters; %d is the most. Send it in parts.", n, l.MessageLength)
		}
	}
	return text, nil
}

func checkID(id string) *Error {
	if len(id) > IDLength && utf8.RuneCountInString(id) > IDLength {
		return Errorf(CodeBadRequest, "The id has more than %d characters. Use a shorter one.", IDLength)
	}
	return nil
}

// bucket is a token bucket: rate tokens a second up to burst. Its owner guards it.
type bucket struct {
	tokens float64
	last   time.Time
}

// take takes one token. Where there is none, it returns how long until there is one. A rate or burst of 0 is no limit.
func (b *bucket) take(now time.Time, rate float64, burst int) time.Duration {
	if rate <= 0 || burst <= 0 {
		return 0
	}
	most := float64(burst)
	switch {
	case b.last.IsZero():
		b.tokens = most
	case now.After(b.last): // a clock that steps back earns nothing and costs nothing
		b.tokens = min(most, b.tokens+now.Sub(b.last).Seconds()*rate)
	}
	b.last = now
	if b.tokens >= 1 {
		b.tokens--
		return 0
	}
	return time.Duration((1 - b.tokens) / rate * float64(time.Second))
}
