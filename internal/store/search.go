package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"parley/internal/chat"
)

const (
	// tailMost is how many of the latest events that are not in the index yet a search looks through.
	tailMost = 2000
	// lookedMost is how many messages a search reads that turn out not to be what was looked for, and lookFor how long it looks: the
	// time is tested after each message, as one can be long. Where it stops, its answer says from where to go on.
	lookedMost = tailMost
	lookFor    = 200 * time.Millisecond
	// clockSlack is how far times may be out of the order of the log: batches hold messages of several rooms.
	clockSlack = time.Minute
)

// Find finds messages, the latest first. It is [chat.Finder].
//
// They are not sorted by how well they match: in a chat it is nearly always the latest that is looked for, and to find the best of
// a million one has to look at a million.
func (s *Store) Find(ctx context.Context, search chat.Search) (chat.Found, error) {
	w := wantedWords(search.Words)
	unfiltered := search.From == "" && len(search.Once) == 0 && !search.HasFile && search.Since.IsZero() && search.Till.IsZero()
	if len(w) == 0 && (len(search.Words) > 0 || unfiltered) {
		return chat.Found{}, chat.ErrNoWords
	}
	f := finding{store: s, search: &search, wanted: w, begun: time.Now()}
	var err error
	if f.letIn, err = s.letIn(ctx, search.Reader); err != nil {
		return chat.Found{}, err
	}
	if search.Room != "" && !search.Room.ReadableBy(search.Reader) && !f.letIn[search.Room] {
		return chat.Found{}, nil
	}
	if err := f.run(ctx); err != nil {
		return chat.Found{}, s.unavailable(fmt.Errorf("searching: %w", err))
	}
	for i := range f.found.Hits {
		hit := &f.found.Hits[i].Event
		alone := stretch{hit.Room, hit.Seq, hit.Seq, map[int64]*chat.Event{hit.Seq: hit}}
		if err := s.readFiles(ctx, alone); err != nil {
			return chat.Found{}, s.unavailable(fmt.Errorf("reading the files of what was found: %w", err))
		}
	}
	return f.found, nil
}

// finding is one search under way.
type finding struct {
	store  *Store
	search *chat.Search
	wanted wanted
	begun  time.Time
	looked int // messages that were read in vain
	found  chat.Found
	letIn  map[chat.RoomName]bool // the closed rooms that the reader may read
}

// run looks through the events that are not in the index yet, and then asks the index, one block of it after the other.
func (f *finding) run(ctx context.Context) error {
	p := &f.store.statements.search
	low, high, err := f.bounds(ctx)
	if err != nil {
		return err
	}
	reaches, err := oneNumber(ctx, p.reaches, searchForm)
	if err != nil {
		return err
	}
	if high > reaches+1 {
		seen, _, err := f.look(ctx, p.tail, max(reaches, low), high, tailMost)
		if err != nil || f.found.Before != 0 {
			return err
		}
		f.found.Behind = seen == tailMost
		high = reaches + 1
	}
	f.looked = 0
	for high > low+1 && f.found.Before == 0 {
		block := (high - 1) >> blockBits
		if err := f.ask(ctx, asked(block, f.search, f.wanted, f.letIn), low, high); err != nil {
			return err
		}
		high = max(low+1, block<<blockBits)
		if high > low+1 && f.found.Before == 0 && f.late() {
			f.found.Before = high
		}
	}
	return nil
}

// ask looks through what one block of the index has: as many as are wanted and one more, and then more at a time.
func (f *finding) ask(ctx context.Context, match string, low, high int64) error {
	for most := f.search.Limit + 1; f.found.Before == 0; most *= 4 {
		seen, last, err := f.look(ctx, f.store.statements.search.found, match, low, high, most)
		if err != nil || seen < most {
			return err
		}
		high = last
	}
	return nil
}

// look reads events, the latest first, and takes those that are looked for, until there are enough. It returns how many it has read,
// and where the last of them stands.
func (f *finding) look(ctx context.Context, stmt *sql.Stmt, args ...any) (seen int, at int64, err error) {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	for f.found.Before == 0 && rows.Next() {
		var names string
		e, err := scanEvent(prefixed{rows, []any{&at, &names}})
		if err != nil {
			return seen, at, err
		}
		seen++
		f.take(&e, names, at)
	}
	return seen, at, rows.Err()
}

// take makes a hit of an event that is one, whose files have these names, where it passes the filters, or notes where to go on: where there
// are enough, or where it took long enough. It always gets by one event, so that whoever goes on comes to an end.
func (f *finding) take(e *chat.Event, names string, at int64) {
	spans, all := [][2]int(nil), false
	if isFor(f.search, e, f.letIn) && (names != "" || !f.search.HasFile) {
		spans, all = f.wanted.in(withNames(e.Text, names))
	}
	switch {
	case all && len(f.found.Hits) == f.search.Limit:
		f.found.Before = at + 1
	case all:
		f.found.Hits = append(f.found.Hits, chat.Hit{Event: *e, Snippet: snippet(e.Text, spans)})
	default:
		f.looked++
	}
	if f.found.Before == 0 && (f.looked > lookedMost || f.late()) {
		f.found.Before = at
	}
}

func (f *finding) late() bool { return time.Since(f.begun) > lookFor }

// bounds are the rowids between which to look, neither of them among them.
func (f *finding) bounds(ctx context.Context) (low, high int64, err error) {
	end, err := oneNumber(ctx, f.store.statements.search.end)
	if err != nil {
		return 0, 0, err
	}
	high = end + 1
	if f.search.Before > 0 {
		high = min(high, f.search.Before)
	}
	if !f.search.Till.IsZero() {
		first, err := f.firstSince(ctx, end, f.search.Till.Add(clockSlack))
		if err != nil {
			return 0, 0, err
		}
		high = min(high, first)
	}
	if !f.search.Since.IsZero() {
		first, err := f.firstSince(ctx, end, f.search.Since.Add(-clockSlack))
		if err != nil {
			return 0, 0, err
		}
		low = first - 1
	}
	return low, high, nil
}

// firstSince returns the rowid of the first event from a time on, or end+1, by halving: times grow with the log, but for a clock that
// was set back by more than clockSlack.
func (f *finding) firstSince(ctx context.Context, end int64, t time.Time) (int64, error) {
	low, high := int64(1), end+1
	for low < high {
		middle := low + (high-low)/2
		at, err := oneNumber(ctx, f.store.statements.search.said, middle)
		if err != nil {
			return 0, err
		}
		if at < t.UnixMilli() {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}

// prefixed scans some columns before those of an event.
type prefixed struct {
	row interface{ Scan(...any) error }
	to  []any
}

func (p prefixed) Scan(columns ...any) error { return p.row.Scan(append(p.to, columns...)...) }
