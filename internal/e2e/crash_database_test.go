package e2e

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver, to read the database of a server that is stopped
)

// readDatabase reads all logs out of a data folder whose server is stopped, and holds the file itself to what SQLite can check.
func readDatabase(t *testing.T, folder string) map[string]*roomLog {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(folder, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("the database's integrity check says %q, %v", verdict, err)
	}
	each(t, db, `PRAGMA foreign_key_check`, func(scan func(...any) error) error {
		var table, rowid, parent, key any
		err := scan(&table, &rowid, &parent, &key)
		t.Errorf("row %v of %v has no %v", rowid, table, parent)
		return err
	})
	logs := map[string]*roomLog{}
	each(t, db, `SELECT name, last FROM rooms`, func(scan func(...any) error) error {
		log := &roomLog{reactions: map[int64]uint32{}}
		var name string
		err := scan(&name, &log.last)
		logs[name] = log
		return err
	})
	texts := map[string]string{} // ids and names that come again and again, once each
	once := func(text string) string {
		if known, ok := texts[text]; ok {
			return known
		}
		texts[text] = text
		return text
	}
	each(t, db, `SELECT room, seq, kind, user_id, user_name, coalesce(client_id, ''), body, emoji, is_on, reply_to, of_seq, edited,
		deleted, at FROM events ORDER BY room, seq`, func(scan func(...any) error) error {
		var e storedEvent
		var room string
		var at int64
		err := scan(&room, &e.seq, &e.kind, &e.user, &e.name, &e.id, &e.body, &e.emoji, &e.on, &e.replyTo, &e.of, &e.edited,
			&e.deleted, &at)
		if err != nil {
			return err
		}
		if logs[room] == nil {
			return fmt.Errorf("events are stored of %s, which is no room", room)
		}
		e.user, e.name, e.emoji, e.time = once(e.user), once(e.name), once(e.emoji), crashTime(time.UnixMilli(at))
		logs[room].events = append(logs[room].events, e)
		return nil
	})
	each(t, db, `SELECT room, of_seq, emoji, user_id FROM reactions`, func(scan func(...any) error) error {
		var room, emoji, user string
		var of int64
		if err := scan(&room, &of, &emoji, &user); err != nil {
			return err
		}
		logs[room].reactions[of] += reactionSum(emoji, user)
		return nil
	})
	return logs
}

func each(t *testing.T, db *sql.DB, query string, take func(scan func(...any) error) error) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows.Scan); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// readHistory pages through a room as a client does, and returns its messages in the order of the log.
func readHistory(t *testing.T, c *socket, room string) []seenEvent {
	t.Helper()
	var messages []seenEvent
	for before, more := int64(0), true; more; {
		c.send(fmt.Sprintf(`{"type":"history","room":%q,"before":%d,"limit":200}`, room, before))
		var h crashFrame
		for h.Type != "history" {
			h = c.crashFrame()
			if h.Type == "error" {
				t.Fatalf("history of %s: %s", room, h.Message)
			}
		}
		slices.Reverse(h.Messages)
		for i := range h.Messages {
			m := h.Messages[i].seen()
			for _, r := range h.Messages[i].Reactions {
				for _, user := range r.Users {
					m.reactions += reactionSum(r.Emoji, user)
				}
			}
			messages = append(messages, m)
		}
		if more = h.More; more && len(h.Messages) == 0 {
			t.Fatalf("history of %s before %d is empty, and there is more", room, before)
		}
		if more {
			before = h.Messages[len(h.Messages)-1].Seq
		}
	}
	slices.Reverse(messages)
	return messages
}

// size is how many bytes the database's files have.
func databaseSize(folder string) (bytes int64) {
	files, _ := filepath.Glob(filepath.Join(folder, "parley.db*"))
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}

// crashFrame reads the next json frame, whole.
func (s *socket) crashFrame() (f crashFrame) {
	s.t.Helper()
	raw := s.read()
	if err := json.Unmarshal([]byte(raw), &f); err != nil {
		s.t.Fatalf("not a json frame: %s", raw)
	}
	return f
}
