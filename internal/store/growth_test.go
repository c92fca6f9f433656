package store

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	program "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

var (
	growthMessages = flag.Int("growth.messages", 1000, "messages of the largest history in TestGrowth; the table goes up to it")
	growthKeep     = flag.String("growth.keep", "", "folder where the histories of TestGrowth stay for the next time")
)

// What a search may take, at the 99th percentile, with so many messages and with fewer.
const (
	searchWithin = 50 * time.Millisecond
	searchAmong  = 1_000_000
)

// TestGrowth makes histories of years, reads them as people do, and prints what it costs: make bench-growth, which also holds searches to
// searchWithin. make test asserts what is found; times are for whoever reads the table.
func TestGrowth(t *testing.T) {
	var sizes []int
	for _, n := range []int{10, 1000, 100_000, 1_000_000, 10_000_000} {
		if n < *growthMessages {
			sizes = append(sizes, n)
		}
	}
	var table []column
	for _, n := range append(sizes, *growthMessages) {
		table = append(table, grown(t, n))
	}
	var out strings.Builder
	out.WriteString("\n| messages |")
	for _, c := range table {
		fmt.Fprintf(&out, " %s |", c[0].value)
	}
	out.WriteString("\n|---|" + strings.Repeat("---|", len(table)))
	for row := 1; row < len(table[0]); row++ {
		fmt.Fprintf(&out, "\n| %s |", table[0][row].name)
		for _, c := range table {
			fmt.Fprintf(&out, " %s |", c[row].value)
		}
	}
	t.Log(out.String())
}

// column is what one size of history costs.
type column []figure

type figure struct{ name, value string }

func (c *column) add(name, format string, args ...any) {
	*c = append(*c, figure{name, fmt.Sprintf(format, args...)})
}

// isRead reports whether somebody reads the table.
func isRead() bool { return *growthMessages > 1000 }

// time adds how long something takes, the median of many times and the 99th of a hundred, and returns the latter.
func (c *column) time(t *testing.T, name string, run func() error) (p99 time.Duration) {
	t.Helper()
	var times []time.Duration
	most := 200
	if !isRead() {
		most = 1
	}
	for begun := time.Now(); len(times) < most && (len(times) < 5 || time.Since(begun) < time.Second); {
		one := time.Now()
		if err := run(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		times = append(times, time.Since(one))
	}
	slices.Sort(times)
	p99 = times[len(times)*99/100]
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	c.add(name+", ms (p99)", "%.2f (%.2f)", ms(times[len(times)/2]), ms(p99))
	return p99
}

func grown(t *testing.T, messages int) column {
	place := t.TempDir()
	if *growthKeep != "" {
		place = filepath.Join(*growthKeep, fmt.Sprint(messages))
	}
	path := filepath.Join(place, "parley.db")
	_, err := os.Stat(path)
	kept := err == nil
	s := opened(t, path)
	s.indexer.end() // what it would do is done at once below
	ctx := t.Context()
	c := column{}
	c.add("messages", "%d", messages)

	begun := time.Now()
	if !kept {
		generate(t, s, messages)
	}
	c.add("made, µs a message", "%.1f", float64(time.Since(begun).Microseconds())/float64(messages))
	unsearched := fileSize(t, s)
	begun = time.Now()
	indexFast(t, s)
	c.add("indexed, µs a message", "%.1f", float64(time.Since(begun).Microseconds())/float64(messages))
	size := fileSize(t, s)
	c.add("file, MB", "%.1f", float64(size)/1e6)
	c.add("of it the search's, bytes a message", "%.0f", float64(size-unsearched)/float64(messages))

	measureReading(t, &c, s)
	measureSearch(t, &c, s)
	n := 0
	c.time(t, "storing one", func() error {
		n++
		_, err := s.Append(ctx, []chat.Event{benchMessage(chat.Lobby, int64(1e12)+int64(n))})
		return err
	})
	s.indexer.start(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c.time(t, "opening and closing the store", func() error {
		s, err := Open(ctx, path)
		if err != nil {
			return err
		}
		return s.Close()
	})
	if isRead() { // the tests of the binary start it often enough
		binary := filepath.Join(t.TempDir(), "parley")
		if out, err := program.CommandContext(ctx, "go", "build", "-o", binary, "parley").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		c.time(t, "start of the server until ready", func() error { return untilReady(t, binary, place) })
	}
	return c
}

func measureReading(t *testing.T, c *column, s *Store) {
	ctx := t.Context()
	last, err := s.Last(ctx, chat.Lobby)
	if err != nil {
		t.Fatal(err)
	}
	page := func(before int64) func() error {
		return func() error {
			events, err := s.Before(ctx, chat.Lobby, before, 51)
			if err == nil && len(events) == 0 {
				return fmt.Errorf("there is nothing before %d", before)
			}
			return err
		}
	}
	c.time(t, "opening the largest room", page(0))
	c.time(t, "paging back in its middle", page(max(2, last/2)))
	c.time(t, "paging back at its beginning", page(min(60, last)))
	for _, missed := range []int64{10, 400} {
		c.time(t, fmt.Sprintf("resuming after %d missed", missed), func() error {
			_, err := s.After(ctx, chat.Lobby, max(0, last-missed), 500)
			return err
		})
	}
	c.time(t, "list of rooms, all unread", func() error {
		_, err := s.Rooms(ctx, userNamed(growthUsers+1)) // has never read anything
		return err
	})
}

func measureSearch(t *testing.T, c *column, s *Store) {
	last, err := oneNumber(t.Context(), s.statements.search.end)
	if err != nil {
		t.Fatal(err)
	}
	insider, outsider := userNamed(3), userNamed(growthUsers-1)
	for _, one := range []struct {
		name   string
		search chat.Search
		least  int
	}{
		{"a rare word", chat.Search{Words: []string{rareWord}}, min(5, int(last))},
		{"a word that is nowhere", chat.Search{Words: []string{"nowhereatall"}}, 0},
		{"a common word", chat.Search{Words: []string{"the"}}, 1},
		{"a common word, for who may read few rooms", chat.Search{Words: []string{"the"}, Reader: outsider}, 1},
		{"a common word, in the smallest room", chat.Search{Words: []string{"the"}, Room: roomOf(growthRooms - 1)}, 0},
		{"a common word, in a closed room", chat.Search{Words: []string{"the"}, Room: roomOf(2)}, 0},
		{"a common word, of one user", chat.Search{Words: []string{"the"}, From: userNamed(7)}, 0},
		{"a common word, with a file", chat.Search{Words: []string{"the"}, HasFile: true}, 0},
		{"a common word, a year ago", chat.Search{Words: []string{"the"}, Till: growthTime(int(last) / 2)}, 0},
		{"a common word, since a year ago, of one user", chat.Search{Words: []string{"the"}, From: userNamed(7), Since: growthTime(int(last) / 2)}, 0},
		{"two common words", chat.Search{Words: []string{"the", "and"}}, 0},
		{"a common and a rare word", chat.Search{Words: []string{"the", rareWord}}, 0},
		{"two common words after each other", chat.Search{Words: []string{"and the"}}, 0},
		{"two common words that never meet", chat.Search{Words: []string{"oddly", "evenly"}}, 0},
		{"the same, for who may read few rooms", chat.Search{Words: []string{"oddly", "evenly"}, Reader: outsider}, 0},
		{"the same, in the largest room", chat.Search{Words: []string{"oddly", "evenly"}, Room: chat.Lobby}, 0},
		{"files", chat.Search{HasFile: true}, 0},
		{"files that never were, of one user", chat.Search{HasFile: true, From: userNamed(growthUsers + 1)}, 0},
		{"one user's messages", chat.Search{From: userNamed(7)}, 0},
		{"Chinese, two characters", chat.Search{Words: []string{"小明"}}, 0},
		{"Chinese, a name", chat.Search{Words: []string{"王小明"}}, 0},
		{"Chinese, one character", chat.Search{Words: []string{"一"}}, 0},
		{"with an accent", chat.Search{Words: []string{"café"}}, 0},
		{"without the accent", chat.Search{Words: []string{"cafe"}}, 0},
	} {
		if one.search.Limit = chat.SearchPage; one.search.Reader == "" {
			one.search.Reader = insider
		}
		cut := false
		p99 := c.time(t, "searching "+one.name, func() error {
			found, err := s.Find(t.Context(), one.search)
			cut = cut || found.Before != 0 && len(found.Hits) < chat.SearchPage
			return err
		})
		if isRead() && last <= searchAmong && p99 > searchWithin {
			t.Errorf("searching %s among %d messages takes %v, wanted %v at most", one.name, last, p99, searchWithin)
		}
		if n := hits(t, s, one.search, one.least); n < one.least {
			t.Errorf("searching %s finds %d, not %d", one.name, n, one.least)
		}
		if cut {
			(*c)[len(*c)-1].value += " in parts"
		}
	}
}

// hits counts what a search finds, up to as many as are wanted, however often it has to go on.
func hits(t *testing.T, s *Store, search chat.Search, wanted int) (n int) {
	t.Helper()
	for n < wanted {
		found, err := s.Find(t.Context(), search)
		if err != nil {
			t.Fatal(err)
		}
		if n += len(found.Hits); found.Before == 0 {
			break
		}
		search.Before = found.Before
	}
	return n
}

// indexFast brings everything into the index as the indexer does, with many of its batches in one transaction.
func indexFast(t *testing.T, s *Store) {
	t.Helper()
	if _, err := s.writer.ExecContext(t.Context(), `PRAGMA synchronous = OFF`); err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		tx, err := s.writer.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if more, err = s.index(t.Context(), tx); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.writer.ExecContext(t.Context(), `PRAGMA synchronous = FULL`); err != nil {
		t.Fatal(err)
	}
	if n := s.Unindexed(t.Context()); n != 0 {
		t.Fatalf("%d events are not in the index", n)
	}
}

func fileSize(t *testing.T, s *Store) int64 {
	t.Helper()
	if _, err := s.writer.ExecContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(s.path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// untilReady starts the server on a data folder, waits until it says that it is ready, and stops it.
func untilReady(t *testing.T, binary, data string) error {
	t.Helper()
	server := program.CommandContext(t.Context(), binary, "serve", "--listen", "127.0.0.1:0", "--data", data)
	out, err := server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err == nil && !strings.HasPrefix(line, "ready ") {
		err = fmt.Errorf("the server says %q", line)
	}
	_ = server.Process.Kill() // what is measured is over; a crash is what the database can take
	_ = server.Wait()
	return err
}
