package chat

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Finder finds messages by the words in them.
//
// An implementation must pass the suite in store/storetest. What it finds, how many there are and how long it looks must say nothing
// of private rooms of others.
type Finder interface {
	// Find returns what a search finds, messages as they are now: an edit or deletion that was stored before counts at once. It
	// returns ErrNoWords where there is nothing to look for. It looks for a fraction of a second at most, and then says with Before
	// where to go on, even where nothing was found yet.
	Find(ctx context.Context, s Search) (Found, error)
}

// ErrNoWords is what a [Finder] says of a search in which there is neither a letter, a digit nor a symbol, and nobody to be found.
var ErrNoWords = errors.New("nothing to look for")

// Search is what somebody looks for.
type Search struct {
	Reader UserID   // finds only what they may read
	Room   RoomName // "" for all rooms that the reader may read
	// Words are looked for in the text and in the names of the files, each by itself, whole, without regard to case and accents; in
	// scripts that put no space between words, anywhere. A word may hold several, which then follow each other.
	Words       []string
	From        UserID   // whose messages; "" for everybody's, where Once is empty
	Once        []UserID // whose messages, too, as far as they went by Name when they wrote them
	Name        string
	Without     []UserID  // whose messages are not looked for: whom the reader ignores
	HasFile     bool      // only messages with files
	Since, Till time.Time // from the one and before the other, where they aren't zero
	Before      int64     // where an earlier answer says to go on; 0 from the latest on
	Limit       int
}

// Hit is a message that a search finds.
type Hit struct {
	Event
	// Snippet is a piece of the text, a few hundred bytes at most: what was not looked for and what was take turns, beginning with
	// what was not, which may be "".
	Snippet []string
}

// Found is what a [Finder] answers.
type Found struct {
	Hits   []Hit // the latest first
	Before int64 // where to go on, which no user is told: see places; 0 where everything has been looked at
	// Behind says that there are messages, neither the latest nor the oldest, that can't be found yet: it is being worked on.
	Behind bool
}

// Figures of searching.
const (
	SearchPage   = 20  // messages in an answer to a search
	SearchMost   = 100 // messages in the largest
	searchLength = 256 // characters of a query
	searchWords  = 16  // words of a query
)

// search answers a search. It is the reader's own right that decides what is found; room is "" for everywhere. Each millisecond that
// it takes costs as much as the smallest command.
func (m *Member) search(ctx context.Context, cmd *Command, room RoomName) error {
	s, err := m.query(ctx, cmd.Text)
	if err != nil {
		return err
	}
	if s.Before, err = m.hub.places.open(cmd.Place); err != nil {
		return err
	}
	s.Reader, s.Room, s.Limit = m.User().ID, room, min(cmd.Limit, SearchMost)
	if s.Name == "" { // whose messages one asks for by name one wants to see
		if s.Without, err = m.ignoredIDs(ctx); err != nil {
			return err
		}
	}
	if s.Limit <= 0 {
		s.Limit = SearchPage
	}
	if err := m.hub.beginSearch(ctx); err != nil {
		return err
	}
	defer m.hub.endSearch()
	begun := m.hub.opts.Now()
	found, err := m.hub.opts.Finder.Find(ctx, s)
	m.owe(int(m.hub.opts.Now().Sub(begun).Milliseconds()))
	switch {
	case errors.Is(err, ErrNoWords):
		return Errorf(CodeEmpty, "There is nothing to look for. Write a word, or whose messages you mean: from:NAME.")
	case err != nil:
		return err
	}
	bytes := 0
	for i := range found.Hits {
		for _, part := range found.Hits[i].Snippet {
			bytes += len(part)
		}
	}
	m.owe(bytes / answerCost)
	m.Reply(&Reply{Kind: ReplyFound, Of: cmd.Kind, Ref: cmd.Ref, Room: room, Found: found, Place: m.hub.places.seal(found.Before)})
	return nil
}

const (
	// searchersMost is how many searches may be under way and wait, which is some seconds' worth.
	searchersMost = 32
	// searchAgain is how long whoever comes when there are as many is told to wait. No session counts the refusals of who does.
	searchAgain = 10 * time.Second
)

// beginSearch waits for its turn to search. There is one search at a time, so that however many ask, older messages and lists, which
// are read in turns of their own, never wait for them. The caller calls endSearch when its answer is written.
func (h *Hub) beginSearch(ctx context.Context) error {
	if h.searchers.Add(1) > searchersMost {
		h.searchers.Add(-1)
		h.refused.commands.Add(1)
		return TooMany(limitCommands, searchAgain, "Too many are searching right now.")
	}
	select {
	case h.searching <- struct{}{}:
		return nil
	case <-ctx.Done():
		h.searchers.Add(-1)
		return ctx.Err()
	}
}

func (h *Hub) endSearch() {
	<-h.searching
	h.searchers.Add(-1)
}

// query reads what somebody has written into the search: words, words in quotes that follow each other, from:NAME, before:DATE and
// after:DATE.
func (m *Member) query(ctx context.Context, text string) (s Search, err error) {
	if utf8.RuneCountInString(text) > searchLength {
		return s, Errorf(CodeTooLong, "The search has more than %d characters. Look for less.", searchLength)
	}
	for _, p := range terms(text) {
		switch p.filter {
		case "from":
			if s.Name != "" {
				return s, Errorf(CodeBadRequest, "from: can be said once: nobody else wrote what one wrote. Leave one of them out.")
			}
			s.Name = p.text
			if s.From, s.Once, err = m.author(ctx, p.text); err != nil {
				return s, err
			}
		case "before", "after":
			day, bad := date(p.filter, p.text)
			if bad != nil {
				return s, bad
			}
			if p.filter == "before" {
				s.Till = day
			} else {
				s.Since = day
			}
		case "has":
			if !strings.EqualFold(p.text, "file") {
				return s, Errorf(CodeBadRequest, "has: finds messages with files: has:file.")
			}
			s.HasFile = true
		default:
			s.Words = append(s.Words, p.text)
		}
	}
	if len(s.Words) > searchWords {
		return s, Errorf(CodeBadRequest, "The search has %d words; %d are the most. Leave some out.", len(s.Words), searchWords)
	}
	return s, nil
}

// author finds whom a search means: who goes by a name now, and who did before.
func (m *Member) author(ctx context.Context, name string) (now UserID, once []UserID, err error) {
	if name == "" {
		return "", nil, Errorf(CodeBadRequest, "from: needs a name behind it, as in from:Ada or from:%q.", "Ada L.")
	}
	if once, err = m.hub.opts.People.Formerly(ctx, name); err != nil {
		return "", nil, err
	}
	user, err := m.hub.opts.People.ByName(ctx, name)
	if errors.Is(err, ErrNotFound) {
		err = nil
		if len(once) == 0 {
			err = Errorf(CodeNotFound, "Nobody goes by the name %s here.", quoteName(name))
		}
	}
	return user.ID, once, err
}

// date reads a day in UTC, or a time with its zone.
func date(filter, text string) (time.Time, error) {
	for _, layout := range [...]string{time.DateOnly, time.RFC3339} {
		if day, err := time.Parse(layout, text); err == nil {
			return day, nil
		}
	}
	return time.Time{}, Errorf(CodeBadRequest, "%s: needs a day behind it, as in %s:2026-11-21.", filter, filter)
}

// term is a word of a search, or what a filter is given.
type term struct{ filter, text string }

var filters = [...]string{"from", "before", "after", "has"}

// terms takes a search apart at white space outside quotes. A quote that isn't closed ends with the text.
func terms(text string) []term {
	var found []term
	for {
		text = strings.TrimSpace(text)
		if text == "" {
			return found
		}
		var t term
		for _, name := range filters {
			if key := name + ":"; len(text) >= len(key) && strings.EqualFold(text[:len(key)], key) {
				t.filter, text = name, text[len(key):]
				break
			}
		}
		if rest, quoted := strings.CutPrefix(text, `"`); quoted {
			t.text, text, _ = strings.Cut(rest, `"`)
		} else {
			end := strings.IndexFunc(text, unicode.IsSpace)
			if end < 0 {
				end = len(text)
			}
			t.text, text = text[:end], text[end:]
		}
		if t != (term{}) {
			found = append(found, t)
		}
	}
}
