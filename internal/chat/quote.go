package chat

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// Quote is what an answer shows of the message that it answers, which may be far above: who said it and how it begins. It is made
// anew whenever the answer is read, so that it is the message as it is now.
type Quote struct {
	User    User
	Text    string // its first line as it is shown, up to quoteLength characters; what its files are called where it has no text
	Deleted bool   // then there is no text
}

// quoteLength is how many characters of a message a quote has at most. A phone shows about forty.
const quoteLength = 120

func quoteOf(source *Event, renderer Renderer) *Quote {
	if source.Deleted != 0 {
		return &Quote{User: source.User, Deleted: true}
	}
	text := source.Text
	if renderer != nil {
		text = renderer.Plain(source)
	}
	if strings.TrimSpace(text) == "" {
		text = fileNames(source.Files)
	}
	return &Quote{User: source.User, Text: firstLine(text)}
}

// firstLine is the first line of a text that isn't empty, cut where it is long. static/js/lib/text.js does the same.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	line = strings.TrimSpace(line)
	if utf8.RuneCountInString(line) <= quoteLength {
		return line
	}
	end := 0
	for range quoteLength {
		_, size := utf8.DecodeRuneInString(line[end:])
		end += size
	}
	return strings.TrimSpace(line[:end]) + "…"
}

func (h *Hub) quote(ctx context.Context, events []Event) error {
	return quoteFrom(ctx, h.opts.Log, h.opts.Renderer, events)
}

// quoteFrom fills in what the answers among events, all of one room and by seq, show of what they answer. Most answer what stands near.
func quoteFrom(ctx context.Context, log Log, renderer Renderer, events []Event) error {
	var known map[int64]*Quote
	for i := range events {
		e := &events[i]
		if e.Kind != KindMessage || e.ReplyTo == 0 || e.Deleted != 0 {
			continue
		}
		if known == nil {
			known = map[int64]*Quote{}
		}
		if known[e.ReplyTo] == nil {
			source, err := answered(ctx, log, events, e)
			switch {
			case errors.Is(err, ErrNotFound): // what an answer answers was there when it was sent, and stays as a stub
				continue
			case err != nil:
				return err
			}
			known[e.ReplyTo] = quoteOf(source, renderer)
		}
		e.Quote = known[e.ReplyTo]
	}
	return nil
}

// answered returns the message that one of some events answers, which may be among them.
func answered(ctx context.Context, log Log, events []Event, e *Event) (*Event, error) {
	i, ok := slices.BinarySearchFunc(events, e.ReplyTo, func(e Event, seq int64) int { return cmp.Compare(e.Seq, seq) })
	if ok && events[i].Kind == KindMessage {
		return &events[i], nil
	}
	source, err := log.Message(ctx, e.Room, e.ReplyTo)
	return &source, err
}
