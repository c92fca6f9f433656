package store

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

const (
	growthUsers  = 200
	growthInside = 20 // of them may read the closed rooms
	growthRooms  = 50
	rareWord     = "xylophone" // in five messages of any history
)

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
		direct(fmt.Sprintf(`INSERT INTO rooms (name, last, user_a, user_b, unlisted, created_at, used_at) `+
			`VALUES ('%s', %d, nullif('%s', ''), nullif('%s', ''), %v, 0, %d)`, room, last, a, b, room.IsClosed(), last))
		switch {
		case private:
		case room.IsClosed():
			direct(fmt.Sprintf(`INSERT INTO memberships (user_id, room, joined, read_seq, role) SELECT id, '%s', 1, %d, 1 FROM users WHERE id < '%s'`,
				room, last/2, userNamed(growthInside)))
		default:
			direct(fmt.Sprintf(`INSERT INTO memberships (user_id, room, joined, read_seq) SELECT id, '%s', 1, %d FROM users`, room, last/2))
		}
	}
	direct(rows...)
	direct(`PRAGMA synchronous = FULL`, `PRAGMA wal_checkpoint(TRUNCATE)`)
}

func userNamed(n int) chat.UserID { return chat.UserID(fmt.Sprintf("u_%08d", n)) }

// roomOf is the nth room: the lobby has half of all messages, and each next one fewer. Every third is closed.
func roomOf(n int) chat.RoomName {
	switch {
	case n == 0:
		return chat.Lobby
	case n%3 == 2:
		return chat.RoomName(fmt.Sprintf("~room-%d", n))
	default:
		return chat.RoomName(fmt.Sprintf("room-%d", n))
	}
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
	if err := s.insert(ctx, tx, fresh); err != nil {
		return err
	}
	for _, e := range fresh {
		if e.Kind != chat.KindMessage || e.Seq%1000 != 0 {
			continue
		}
		err := apply(ctx, tx, `INSERT INTO files (id, user_id, room, seq, place, state, name, type, size, width, height, thumb_type, thumb_size, created_at) `+
			`VALUES ($1, $2, $3, $4, 0, 1, 'a file.pdf', 'application/pdf', 1000, 0, 0, '', 0, 0)`,
			e.ClientID, string(e.User.ID), string(e.Room), e.Seq)
		if err != nil {
			return err
		}
	}
	return nil
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
