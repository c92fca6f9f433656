package e2e

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver, to lock the server's database as another program would
)

func TestLockedDatabaseIsToldInEveryDialectAndPasses(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	clients := []struct{ dialect, sends, told string }{
		{"json", `{"type":"send","id":"1","room":"lobby","text":"now"}`, `{"type":"error","id":"1","code":"unavailable","message":"`},
		{"pipe", "x|now", "|*|error: "},
		{"text", "now", "* error: "},
		{"rpc", `{"id":1,"method":"POST","target":"/message","body":"now"}`, `{"id":1,"code":503,"message":"`},
	}
	sockets := make([]*socket, len(clients))
	for i, c := range clients {
		sockets[i] = dial(t, s.WS("?dialect="+c.dialect+"&name="+c.dialect), nil)
		sockets[i].send(strings.Replace(c.sends, "now", "now "+c.dialect, 1)) // of its own: it hears the others, too
		sockets[i].until(t, "now "+c.dialect)                                 // is in, and all is well
	}
	db, err := sql.Open("sqlite", filepath.Join(s.Data, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	for i, c := range clients {
		sockets[i].send(strings.Replace(strings.Replace(c.sends, "now", "later", 1), `"id":"1"`, `"id":"2"`, 1))
	}
	for i, c := range clients {
		sockets[i].until(t, strings.Replace(c.told, `"id":"1"`, `"id":"2"`, 1))
	}
	if _, err := db.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	for i, c := range clients { // and what is sent again is stored, once
		sockets[i].send(strings.Replace(strings.Replace(c.sends, "now", "again "+c.dialect, 1), `"id":"1"`, `"id":"2"`, 1))
		sockets[i].until(t, "again "+c.dialect)
	}
	reader := dial(t, s.WS("?dialect=json&name=Reader"), nil)
	texts := []string{}
	for _, m := range reader.next("joined").Messages {
		texts = append(texts, m.Text)
	}
	if got := strings.Join(texts, " "); got != "now json now pipe now text now rpc again json again pipe again text again rpc" {
		t.Errorf("stored: %s", got)
	}
}

// until reads up to the first frame that holds a text; of rpc, which does not echo, the answer will do.
func (s *socket) until(t *testing.T, part string) {
	t.Helper()
	_ = s.ws.SetReadDeadline(time.Now().Add(4 * patience)) // the server waits for the lock, more than once
	for {
		_, frame, err := s.ws.ReadMessage()
		if err != nil {
			t.Fatalf("no %q came: %v", part, err)
		}
		got := string(frame)
		if strings.Contains(got, part) || strings.HasPrefix(got, `{"id":1,"code":200`) && !strings.Contains(part, "code") {
			return
		}
	}
}
