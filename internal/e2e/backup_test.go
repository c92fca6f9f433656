package e2e

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver, to read what is stored as another program would
)

// noRates lets a test send as fast as it likes.
var noRates = []string{
	"--rate-limit.messages", "0", "--rate-limit.commands", "0", "--rate-limit.frames", "0", "--rate-limit.address-users", "0",
}

// stream sends messages in a room of its own, one every interval, until it is told to stop, and notes which are acknowledged.
type stream struct {
	room string
	*socket
	stored atomic.Int64 // the highest seq that was acknowledged
}

// run returns when everything that was sent is acknowledged.
func (s *stream) run(t *testing.T, interval time.Duration, stop <-chan struct{}) {
	var sent atomic.Int64
	ended := make(chan struct{})
	var sender sync.WaitGroup
	defer sender.Wait()
	sender.Go(func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				n := sent.Add(1)
				s.send(fmt.Sprintf(`{"type":"send","id":"%s-%d","room":"%s","text":"message %d"}`, s.room, n, s.room, n))
			case <-stop:
				close(ended)
				s.send(`{"type":"ping"}`) // whose answer wakes the reader, which may have read the last acknowledgement already
				return
			}
		}
	})
	for {
		select {
		case <-ended:
			if s.stored.Load() == sent.Load() {
				return
			}
		default:
		}
		_ = s.ws.SetReadDeadline(time.Now().Add(patience))
		_, raw, err := s.ws.ReadMessage()
		if err != nil {
			t.Errorf("%s: %v", s.room, err)
			return
		}
		var f frame
		if err := json.Unmarshal(raw, &f); err != nil || f.Type == "error" {
			t.Errorf("%s: %s (%v)", s.room, raw, err)
			return
		}
		if f.Type == "ack" {
			s.stored.Store(f.Seq)
		}
	}
}

// A backup while some 1,000 messages a second go on is one moment of the chat: everything that was acknowledged before it began is in
// it, without gaps, and nothing that the server doesn't have; and a server runs on it. The load is this test's own: it runs by itself.
func TestBackupUnderLoadIsWhole(t *testing.T) {
	s := startServer(t, noRates...)
	const rooms, interval = 10, 10 * time.Millisecond // 1,000 messages a second
	stop := make(chan struct{})
	var streams [rooms]*stream
	var wg sync.WaitGroup
	for i := range streams {
		room := fmt.Sprint("room-", i)
		streams[i] = &stream{room: room, socket: s.json(t, fmt.Sprint("Sender ", i), "&room="+room)}
	}
	begun := time.Now()
	for _, st := range streams {
		wg.Go(func() { st.run(t, interval, stop) })
	}
	all := func() (n int64) {
		for _, st := range streams {
			n += st.stored.Load()
		}
		return n
	}
	for deadline := time.Now().Add(6 * patience); all() < 1000 && time.Now().Before(deadline); {
		time.Sleep(interval) // is the pace at which they are stored; too few show less
	}
	var acked [rooms]int64
	for i, st := range streams {
		acked[i] = st.stored.Load()
	}
	before := all()
	folder := t.TempDir()
	file := filepath.Join(folder, "parley.db")
	out, err := exec.Command(binary, "backup", file, "--data", s.Data).CombinedOutput()
	during := all() - before
	took := time.Since(begun)
	if err != nil {
		t.Fatalf("backup: %v\n%s", err, out)
	}
	close(stop)
	wg.Wait()
	t.Logf("%s; %d messages in %.1f s are %.0f a second, %d of them during the backup", strings.TrimSpace(string(out)), before+during,
		took.Seconds(), float64(before+during)/took.Seconds(), during)
	if before < 1000 || during < 20 {
		t.Errorf("%d messages were acknowledged before the backup and %d during it: this shows nothing", before, during)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy is %v (%v)", info.Mode(), err)
	}

	source, saved := eventsIn(t, filepath.Join(s.Data, "parley.db")), eventsIn(t, file)
	for i := range streams {
		room := streams[i].room
		from, to := source[room], saved[room]
		if int64(len(to)) < acked[i] || len(to) > len(from) {
			t.Errorf("%s: %d messages in the copy, %d were acknowledged before, and there are %d", room, len(to), acked[i], len(from))
			continue
		}
		for n := range to {
			if to[n] != from[n] {
				t.Fatalf("%s: event %d is %q in the copy and %q in the source", room, n+1, to[n], from[n])
			}
		}
	}

	second := &server{t: t, Data: folder, path: binary}
	second.start("127.0.0.1:0")
	defer second.Stop()
	for i := range streams {
		room := streams[i].room
		joined := dial(t, second.WS("?dialect=json&name=Reader-"+room+"&room="+room), nil).next("joined")
		if joined.Last != int64(len(saved[room])) {
			t.Errorf("the server on the copy has %s up to %d, not %d", room, joined.Last, len(saved[room]))
		}
	}
	if resp, body := second.get(t, "/readyz", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("the server on the copy: %s %s", resp.Status, body)
	}
}

// eventsIn reads each room of a database, and requires that its seqs are 1, 2, 3 …
func eventsIn(t *testing.T, path string) map[string][]string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT room, seq, coalesce(client_id, ''), user_id, body, at FROM events ORDER BY room, seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	events := map[string][]string{}
	for rows.Next() {
		var room, id, user, body string
		var seq, at int64
		if err := rows.Scan(&room, &seq, &id, &user, &body, &at); err != nil {
			t.Fatal(err)
		}
		if seq != int64(len(events[room])+1) {
			t.Fatalf("%s: seq %d of %s follows %d", path, seq, room, len(events[room]))
		}
		events[room] = append(events[room], fmt.Sprint(id, " ", user, " ", at, " ", body))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return events
}

func TestBackupLeavesWhatIsThereAlone(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	file := filepath.Join(t.TempDir(), "there")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(binary, "backup", file, "--data", s.Data).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "is there already; choose another name") || strings.Count(string(out), "\n") != 1 {
		t.Errorf("it says %q (%v)", out, err)
	}
	if content, err := os.ReadFile(file); err != nil || string(content) != "mine" {
		t.Errorf("the file holds %q (%v)", content, err)
	}
}
