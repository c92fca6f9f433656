package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pageSize is SQLite's, in bytes.
const pageSize = 4096

// damaged is a server's data folder with 90 messages in it, of whose database a page is damaged after it was stopped.
func damaged(t *testing.T, which func(file []byte) int) (*server, *diskClient) {
	t.Helper()
	s := startOn(t, filepath.Join(t.TempDir(), "data"))
	c := newDiskClient(t, s)
	for range 90 {
		c.must("ack")
	}
	s.Stop()
	damage(t, s.Data, which)
	return s, c
}

// damage overwrites one page of a database with what was never written there.
func damage(t *testing.T, data string, which func(file []byte) int) {
	t.Helper()
	path := filepath.Join(data, "parley.db")
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := which(file)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	from := 0
	if page == 0 {
		from = 100 // behind the header that says that it is a database
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, pageSize-from), int64(page*pageSize+from)); err != nil {
		t.Fatal(err)
	}
}

// holding finds the page on which a message's text begins.
func holding(t *testing.T, id string) func(file []byte) int {
	return func(file []byte) int {
		at := bytes.LastIndex(file, []byte(diskText(id)[:40]))
		if at < 0 {
			t.Fatalf("%s is not in the file", id)
		}
		return at / pageSize
	}
}

func TestDamagedDatabaseIsOneClearLineAtTheStart(t *testing.T) {
	t.Parallel()
	s, _ := damaged(t, func([]byte) int { return 0 })
	cmd := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--data", s.Data)
	cmd.Dir = s.Data
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	stop := time.AfterFunc(3*patience, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("ended with %v, want exit code 1", err)
	}
	line, rest, _ := strings.Cut(errs.String(), "\n")
	if rest != "" || out.Len() > 0 || !strings.Contains(line, "damaged") || !strings.Contains(line, "backup") {
		t.Errorf("said %q and on standard output %q", errs.String(), out.String())
	}
}

// TestDamageInOldMessagesIsToldAndTheRestGoesOn damages a page under a server that runs.
func TestDamageInOldMessagesIsToldAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	s, c := damaged(t, holding(t, "m5"))
	s.start("127.0.0.1:0")
	c.connect()
	damage(t, s.Data, holding(t, "m15")) // and another one while it runs
	for range 10 {
		c.must("ack")
	}
	for _, seq := range []int64{c.acked["m5"], c.acked["m15"]} {
		c.reader.send(fmt.Sprintf(`{"type":"history","room":"lobby","before":%d,"limit":5}`, seq+2))
		if f := c.reader.next("history", "error"); f.Type != "error" || f.Code != "unavailable" || !strings.Contains(f.Message, "damaged") {
			t.Errorf("history of a damaged page is %+v", f)
		}
	}
	if resp, _ := s.get(t, "/healthz", ""); resp.StatusCode != 200 {
		t.Errorf("the server is not alive: %s", resp.Status)
	}
	c.must("ack")
	s.Stop()
	s.start("127.0.0.1:0")
	c.connect()
	c.reader.send(fmt.Sprintf(`{"type":"join","room":"lobby","since":%d}`, c.acked["m89"]))
	later := c.reader.next("joined").Messages
	if len(later) != 11 {
		t.Errorf("of 11 messages that were acknowledged meanwhile %d are there", len(later))
	}
	for _, m := range later {
		if c.acked[m.ID] != m.Seq || m.Text != diskText(m.ID) {
			t.Errorf("%s was acknowledged as %d and is %d: %.40q", m.ID, c.acked[m.ID], m.Seq, m.Text)
		}
	}
}

// TestDamageWhereMessagesAreStoredAcknowledgesNothing damages the page that the next message would be written to.
func TestDamageWhereMessagesAreStoredAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	s, c := damaged(t, holding(t, "m89"))
	s.start("127.0.0.1:0")
	c.c = dial(t, s.WS("?dialect=json&name=Ada&room=dev"), nil) // the lobby's latest page can't be read
	c.c.next("joined")
	c.c.send(`{"type":"join","id":"j","room":"lobby"}`)
	if f := c.c.next("joined", "error"); f.Code != "unavailable" || !strings.Contains(f.Message, "damaged") {
		t.Errorf("joining where the latest messages are damaged is answered with %+v", f)
	}
	for _, id := range []string{"a", "b"} {
		c.c.send(`{"type":"send","id":"` + id + `","room":"dev","text":"hi"}`)
		if f := c.c.next("ack", "error"); f.Code != "unavailable" || !strings.Contains(f.Message, "damaged") {
			t.Errorf("what can't be stored is answered with %+v", f)
		}
	}
	s.wantReady(t, 503, "damaged")
	if resp, _ := s.get(t, "/healthz", ""); resp.StatusCode != 200 {
		t.Errorf("the server is not alive: %s", resp.Status)
	}
}
