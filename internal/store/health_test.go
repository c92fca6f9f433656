package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/chat"
)

// watched is a store of which a test sees all that it tells.
type watched struct {
	*Store
	logs      *bytes.Buffer
	mu        *sync.Mutex // guards failed and committed
	failed    *[]string
	committed *[]int
}

func watch(t *testing.T) watched {
	t.Helper()
	w := watched{logs: &bytes.Buffer{}, mu: &sync.Mutex{}, failed: &[]string{}, committed: &[]int{}}
	s, err := OpenWith(t.Context(), filepath.Join(t.TempDir(), "parley.db"), Options{
		Logger: slog.New(slog.NewTextHandler(w.logs, nil)),
		Committed: func(events int, took time.Duration) {
			w.mu.Lock()
			defer w.mu.Unlock()
			*w.committed = append(*w.committed, events)
		},
		Failed: func(kind string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			*w.failed = append(*w.failed, kind)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Store = s
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// setWriter runs a statement on the writing connection while nothing is written.
func (w watched) setWriter(t *testing.T, statement string) {
	t.Helper()
	if _, err := w.writer.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// later makes the last outcome too old to be a proof.
func (w watched) later() {
	w.health.mu.Lock()
	defer w.health.mu.Unlock()
	w.health.at = w.health.at.Add(-2 * proofFor)
}

func wantUnavailable(t *testing.T, err error, reason string) {
	t.Helper()
	var known *chat.Unavailable
	if !errors.As(err, &known) || known.Reason != reason {
		t.Errorf("the error is %v, not %q", err, reason)
	}
}

// Each trouble is real: SQLite itself refuses. Senders and readiness are told why, the log says so once however many are refused,
// and all of it passes without a restart.
func TestStoreInTroubleSaysWhyOnceAndRecovers(t *testing.T) {
	for _, test := range []struct {
		kind, reason string
		begin, end   func(*testing.T, watched)
	}{
		{
			troubleFull, "The disk that holds the chat is full.",
			func(t *testing.T, w watched) { w.setWriter(t, `PRAGMA max_page_count = 1`) }, // as small as it already is
			func(t *testing.T, w watched) { w.setWriter(t, `PRAGMA max_page_count = 1000000`) },
		},
		{
			troubleReadOnly, "The chat's database can't be written to.",
			func(t *testing.T, w watched) { w.setWriter(t, `PRAGMA query_only = 1`) },
			func(t *testing.T, w watched) { w.setWriter(t, `PRAGMA query_only = 0`) },
		},
	} {
		t.Run(test.kind, func(t *testing.T) {
			w := watch(t)
			if _, err := w.Append(t.Context(), oneMessage("before")); err != nil {
				t.Fatal(err)
			}
			test.begin(t, w)
			if test.kind == troubleFull { // fill the pages that it has
				w.fill(t)
			}
			const refused = 5
			for i := range refused {
				_, err := w.Append(t.Context(), big(fmt.Sprint(i)))
				wantUnavailable(t, err, test.reason)
			}
			wantUnavailable(t, w.Ready(t.Context()), test.reason)
			w.later()
			if test.kind == troubleReadOnly { // where nothing can be written the probe finds it out by itself
				wantUnavailable(t, w.Ready(t.Context()), test.reason)
			}
			if n := strings.Count(w.logs.String(), "messages are refused until"); n != 1 {
				t.Errorf("the log says %d times that it begins:\n%s", n, w.logs)
			}
			test.end(t, w)
			w.later()
			if err := w.Ready(t.Context()); err != nil {
				t.Errorf("after the trouble: %v", err)
			}
			if n := strings.Count(w.logs.String(), "storing works again"); n != 1 {
				t.Errorf("the log says %d times that it ends:\n%s", n, w.logs)
			}
			if _, err := w.Append(t.Context(), oneMessage("after")); err != nil {
				t.Error(err)
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			if len(*w.failed) < refused || (*w.failed)[0] != test.kind {
				t.Errorf("told of failures %v", *w.failed)
			}
		})
	}
}

// fill stores messages until the database has no more room.
func (w watched) fill(t *testing.T) {
	t.Helper()
	for i := range 1000 {
		if _, err := w.Append(t.Context(), big(fmt.Sprint("fill-", i))); err != nil {
			w.health.mu.Lock()
			w.health.refused, w.health.failing = 0, nil
			w.health.mu.Unlock()
			w.logs.Reset()
			w.mu.Lock()
			*w.failed = nil
			w.mu.Unlock()
			return
		}
	}
	t.Fatal("the database never filled up")
}

// big is a message that takes a few pages.
func big(id string) []chat.Event {
	events := oneMessage(id)
	events[0].Text = strings.Repeat("long ", 4000)
	return events
}

func TestLockedStoreIsNotReadyUntilTheLockGoes(t *testing.T) {
	w := watch(t)
	w.setWriter(t, `PRAGMA busy_timeout = 10`)
	other, err := sql.Open("sqlite", w.path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	wantUnavailable(t, w.Ready(t.Context()), reasons[troubleLocked])
	_, err = w.Append(t.Context(), oneMessage("1"))
	wantUnavailable(t, err, reasons[troubleLocked])
	if _, err := other.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	w.later()
	if err := w.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if !strings.Contains(w.logs.String(), "refused_meanwhile=1") {
		t.Errorf("the log doesn't count what was refused:\n%s", w.logs)
	}
}

// Under load nothing is tried: what was stored within the last second is proof.
func TestReadyTriesAWriteOnlyWhereNothingProvesIt(t *testing.T) {
	w := watch(t)
	writes := func() int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(*w.committed)
	}
	if _, err := w.Append(t.Context(), oneMessage("1")); err != nil {
		t.Fatal(err)
	}
	before := writes()
	for range 50 {
		if err := w.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := writes() - before; n != 0 {
		t.Errorf("%d writes were tried", n)
	}
	w.later()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if err := w.Ready(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := writes() - before; n != 1 {
		t.Errorf("%d writes were tried for 50 who asked at once", n)
	}
	var left int
	if err := w.read.QueryRow(`SELECT count(*) FROM events WHERE room = ''`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rows are left of trying (%v)", left, err)
	}
	if last, err := w.Last(t.Context(), chat.Lobby); err != nil || last != 1 {
		t.Errorf("the lobby is at %d (%v)", last, err)
	}
}

// What writes nothing, such as a message that is stored already, proves nothing.
func TestARepeatIsNoProof(t *testing.T) {
	w := watch(t)
	if _, err := w.Append(t.Context(), oneMessage("1")); err != nil {
		t.Fatal(err)
	}
	w.later()
	w.setWriter(t, `PRAGMA query_only = 1`)
	w.health.mu.Lock()
	at := w.health.at
	w.health.mu.Unlock()
	_, _ = w.Append(t.Context(), oneMessage("1")) // found, or refused: either is right
	w.health.mu.Lock()
	defer w.health.mu.Unlock()
	if w.health.failing == nil && !w.health.at.Equal(at) {
		t.Error("a repeat counts as proof")
	}
}

func TestReadyAnswersInTimeWhileAWriteHangs(t *testing.T) { synctest.Test(t, testReadyAnswersInTime) }

func testReadyAnswersInTime(t *testing.T) {
	s := fresh(t)
	held(t, s, func() {
		begun := time.Now()
		err := s.Ready(t.Context())
		wantUnavailable(t, err, "Storing takes longer than it should.")
		if took := time.Since(begun); took != readyWithin { // the bubble's clock
			t.Errorf("it took %v", took)
		}
	})
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("after the write: %v", err)
	}
}
