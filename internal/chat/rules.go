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
	Commands      float64 // other commands per second that a user may give on average, each counted by its work
	CommandsBurst int     // the same at once
	Rooms         int     // rooms that one connection may be in
	FileBytes     int64   // of one file that is uploaded; kept to elsewhere, and told to clients
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
