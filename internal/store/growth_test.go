package store

import (
	"bufio"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
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

const (
	growthUsers = 200
	growthRooms = 50
	rareWord    = "xylophone" // in five messages of any history
)

// TestGrowth makes histories of years, reads them as people do, and prints what it costs: make bench-growth. What it asserts is what is
// found; times are for whoever reads the table.
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

// time adds how long something takes: the median of many times, and the 99th of a hundred.
func (c *column) time(t *testing.T, name string, run func() error) {
	t.Helper()
	var times []time.Duration
	most := 200
	if *growthMessages <= 1000 { // nobody reads the table
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
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	c.add(name+", ms (p99)", "%.2f (%.2f)", ms(times[len(times)/2]), ms(times[len(times)*99/100]))
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
	if *growthMessages > 1000 { // the tests of the binary start it often enough
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
	for _, one := range []struct {
		name   string
		search chat.Search
		least  int
	}{
		{"a rare word", chat.Search{Words: []string{rareWord}}, min(5, int(last))},
		{"a word that is nowhere", chat.Search{Words: []string{"nowhereatall"}}, 0},
		{"a common word", chat.Search{Words: []string{"the"}}, 1},
		{"a common word, in the smallest room", chat.Search{Words: []string{"the"}, Room: roomOf(growthRooms - 1)}, 0},
		{"a common word, of one user", chat.Search{Words: []string{"the"}, From: userNamed(7)}, 0},
		{"two common words", chat.Search{Words: []string{"the", "and"}}, 0},
		{"a common and a rare word", chat.Search{Words: []string{"the", rareWord}}, 0},
		{"two common words after each other", chat.Search{Words: []string{"and the"}}, 0},
		{"two common words that never meet", chat.Search{Words: []string{"oddly", "evenly"}}, 0},
		{"files, of which there are none", chat.Search{HasFile: true}, 0},
		{"Chinese", chat.Search{Words: []string{"小明"}}, 0},
		{"a common word a year ago", chat.Search{Words: []string{"the"}, Till: growthTime(int(last) / 2)}, 0},
	} {
		one.search.Reader, one.search.Limit = userNamed(3), chat.SearchPage
		cut := false
		c.time(t, "searching "+one.name, func() error {
			found, err := s.Find(t.Context(), one.search)
			cut = cut || found.Before != 0 && len(found.Hits) < chat.SearchPage
			if err == nil && len(found.Hits) < one.least {
				err = fmt.Errorf("%d hits", len(found.Hits))
			}
			return err
		})
		if cut {
			(*c)[len(*c)-1].value += " in parts"
		}
	}
}

// generate fills a store as years would have: by the same statement, but in large transactions and with the indexes made at the end.
func generate(t *testing.T, s *Store, messages int) {
	t.Helper()
	ctx := t.Context()
	direct := func(statements ...string) {
		for _, statement := range statements {
			if _, err := s.writer.ExecContext(ctx, statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
	rows, err := texts(ctx, s.writer, `SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'events' AND sql IS NOT NULL`)
	if err != nil {
		t.Fatal(err)
	}
	direct(`PRAGMA synchronous = OFF`, `DROP INDEX events_client_id`, `DROP INDEX events_edits`)
	for n := range growthUsers {
		direct(fmt.Sprintf(`INSERT INTO users (id, name, name_key, kind, created_at, seen_at) VALUES ('%s', 'User %d', 'user %d', 'person', 0, 0)`, userNamed(n), n, n))
	}
	g := &generator{random: rand.New(rand.NewPCG(1, 2)), messages: messages, last: map[chat.RoomName]int64{}}
	for g.made < messages {
		tx, err := s.writer.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 50_000 / rowSteps[0] {
			if err := g.some(ctx, tx, s); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	for room, last := range g.last {
		a, b, private := room.Pair()
		direct(fmt.Sprintf(`INSERT INTO rooms (name, last, user_a, user_b, created_at, used_at) `+
			`VALUES ('%s', %d, nullif('%s', ''), nullif('%s', ''), 0, %d)`, room, last, a, b, last))
		if private {
			continue
		}
		direct(fmt.Sprintf(`INSERT INTO memberships (user_id, room, joined, read_seq) SELECT id, '%s', 1, %d FROM users`, room, last/2))
	}
	direct(rows...)
	direct(`PRAGMA synchronous = FULL`, `PRAGMA wal_checkpoint(TRUNCATE)`)
}

func userNamed(n int) chat.UserID { return chat.UserID(fmt.Sprintf("u_%08d", n)) }

// roomOf is the nth room: the lobby has half of all messages, and each next one fewer.
func roomOf(n int) chat.RoomName {
	if n == 0 {
		return chat.Lobby
	}
	return chat.RoomName(fmt.Sprintf("room-%d", n))
}

// growthTime is when the nth message was sent: one a minute.
func growthTime(n int) time.Time {
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Minute)
}

type generator struct {
	random         *rand.Rand
	messages, made int
	last           map[chat.RoomName]int64
}

// some stores the next messages, if there are to be more.
func (g *generator) some(ctx context.Context, tx *sql.Tx, s *Store) error {
	var fresh []*chat.Appended
	for len(fresh) < rowSteps[0] && g.made < g.messages {
		room, user := roomOf(0), userNamed(g.random.IntN(growthUsers))
		switch part := g.random.IntN(100); {
		case part < 5:
			room = chat.Direct(user, userNamed(g.random.IntN(growthUsers)))
		case part < 50:
			room = roomOf(min(growthRooms-1, int(g.random.ExpFloat64()*growthRooms/8)))
		}
		rare := false
		for n := range 5 { // at the same five places of any history
			rare = rare || g.made == g.messages*(2*n+1)/10
		}
		if rare {
			room = chat.Lobby
		}
		g.last[room]++
		e := chat.Event{
			Room: room, Seq: g.last[room], Kind: chat.KindMessage, User: chat.User{ID: user, Name: "User"},
			ClientID: fmt.Sprintf("%016x", g.random.Uint64()), Text: g.text(), Time: growthTime(g.made),
		}
		if rare {
			e.Text = "I learn to play the " + rareWord
		} else if before := e.Seq - 1; g.random.IntN(20) == 0 && before > 0 {
			e.Kind, e.Text, e.Of, e.Emoji, e.On = chat.KindReaction, "", before, "👍", true
		}
		g.made++
		fresh = append(fresh, &chat.Appended{Event: e})
	}
	return s.insert(ctx, tx, fresh)
}

var commonWords = strings.Fields(`the and to of a in that is it for you on with as this was at be have not are but we can all will from if
	there what so out up about who get which go me when make like time no just him know take people into year your good some could them
	see other than then now look only come its over think also back after use two how our work first well way even new want because
	meeting coffee lunch server report customer invoice release bug ticket thanks yes morning tomorrow please
	der die und nicht ist das wir heute morgen für können später Straße café déjà voilà être élève naïve señor mañana привет мир сегодня
	завтра спасибо хорошо работа встреча`)

// text writes a message of four to twenty words: most of them common, some rare, one message in thirty Chinese.
func (g *generator) text() string {
	if g.random.IntN(30) == 0 {
		var b strings.Builder
		for range 4 + g.random.IntN(20) {
			b.WriteRune('一' + rune(g.random.ExpFloat64()*300)%20_000)
		}
		if g.random.IntN(50) == 0 {
			b.WriteString("王小明")
		}
		return b.String()
	}
	var words []string
	for range 4 + g.random.IntN(17) {
		if g.random.IntN(4) == 0 {
			words = append(words, fmt.Sprintf("w%x", int(g.random.ExpFloat64()*20_000)))
		} else {
			words = append(words, commonWords[int(g.random.ExpFloat64()*25)%len(commonWords)])
		}
	}
	if g.random.IntN(4) == 0 {
		words = append(words, []string{"evenly", "oddly"}[g.made%2])
	}
	return strings.Join(words, " ")
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
