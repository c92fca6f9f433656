package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/chat"
)

func oneMessage(id string) []chat.Event {
	return []chat.Event{{
		Room: chat.Lobby, Kind: chat.KindMessage, User: chat.User{ID: "u_ada", Name: "Ada"}, ClientID: id, Text: "hi", Time: time.Now(),
	}}
}

// held runs start while a write occupies the writing goroutine, so that all that start queues makes one batch. It works inside a
// synctest bubble, which knows when everybody waits.
func held(t *testing.T, s *Store, start func()) {
	t.Helper()
	release := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := s.write(t.Context(), func(context.Context, *sql.Tx) error {
			<-release
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	synctest.Wait()
	start()
	synctest.Wait()
	close(release)
	wg.Wait()
}

// The wait for the disk is one for all who wait, and one alone has a wait of its own: as many commits as that, and no more.
func TestWritesThatWaitShareOneCommit(t *testing.T) {
	synctest.Test(t, testWritesThatWaitShareOneCommit)
}

func testWritesThatWaitShareOneCommit(t *testing.T) {
	var sizes []int // of the commits that store messages; the writing goroutine alone adds to it
	s, err := OpenWith(t.Context(), filepath.Join(t.TempDir(), "parley.db"), Options{Committed: func(events int, _ time.Duration) {
		if events > 0 {
			sizes = append(sizes, events)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	appendTo := func(room string) {
		e := oneMessage("")
		e[0].Room = chat.RoomName(room)
		if _, err := s.Append(t.Context(), e); err != nil {
			t.Error(err)
		}
	}
	for range 20 {
		appendTo("alone")
	}
	const together = 1000
	var wg sync.WaitGroup
	held(t, s, func() {
		for i := range together {
			wg.Go(func() { appendTo(fmt.Sprint("room-", i)) })
		}
	})
	wg.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if want := append(slices.Repeat([]int{1}, 20), together); !slices.Equal(sizes, want) {
		t.Errorf("the commits have %d messages, not %d", sizes, want)
	}
}

// An event that the database itself refuses, here by a trigger, takes nobody with it.
func TestFailingAppendDoesNotFailItsBatch(t *testing.T) {
	synctest.Test(t, testFailingAppendDoesNotFailItsBatch)
}

func testFailingAppendDoesNotFailItsBatch(t *testing.T) {
	s := fresh(t)
	poison := `CREATE TRIGGER poison BEFORE INSERT ON events WHEN NEW.body = 'poison' BEGIN SELECT RAISE(%s, 'poisoned'); END`
	for _, kind := range []string{"ABORT", "FAIL"} {
		exec(t, s, `DROP TRIGGER IF EXISTS poison`)
		exec(t, s, fmt.Sprintf(poison, kind))
		const calls = 50
		before, _ := s.Last(t.Context(), chat.Lobby)
		var wg sync.WaitGroup
		held(t, s, func() {
			for i := range calls {
				wg.Go(func() {
					events := append(oneMessage(""), oneMessage(fmt.Sprint(kind, i))...)
					if i%10 == 3 {
						events[1].Text = "poison"
					}
					_, err := s.Append(t.Context(), events)
					if failed := err != nil; failed != (i%10 == 3) {
						t.Errorf("append %d: %v", i, err)
					}
				})
			}
		})
		wg.Wait()
		events, err := s.After(t.Context(), chat.Lobby, before, 1000)
		if err != nil || len(events) != 2*calls*9/10 {
			t.Fatalf("%d events are stored (%v)", len(events), err)
		}
		for i, e := range events {
			if e.Seq != before+int64(i+1) {
				t.Errorf("event %d has seq %d", i, e.Seq)
			}
		}
	}
}

// RAISE(ROLLBACK) ends the transaction under the batch, as a full disk does: nothing is stored, everyone is told, and the next
// batch goes through.
func TestLostTransactionFailsItsBatchAndNoMore(t *testing.T) {
	synctest.Test(t, testLostTransactionFailsItsBatchAndNoMore)
}

func testLostTransactionFailsItsBatchAndNoMore(t *testing.T) {
	s := fresh(t)
	exec(t, s, `CREATE TRIGGER poison BEFORE INSERT ON events WHEN NEW.body = 'poison' BEGIN SELECT RAISE(ROLLBACK, 'poisoned'); END`)
	var wg sync.WaitGroup
	held(t, s, func() {
		for i := range 3 {
			wg.Go(func() {
				events := oneMessage(fmt.Sprint(i))
				if i == 1 {
					events[0].Text = "poison"
				}
				if _, err := s.Append(t.Context(), events); err == nil {
					t.Errorf("append %d says that it is stored", i)
				}
			})
		}
	})
	wg.Wait()
	stored, err := s.Append(t.Context(), oneMessage("next"))
	if err != nil || stored[0].Seq != 1 {
		t.Errorf("the next append: %+v (%v)", stored, err)
	}
}

// Foreign keys that are checked at the end make the commit itself fail; the connection must be out of the transaction then.
func TestFailedCommitIsToldAndHindersNoOther(t *testing.T) {
	s := fresh(t)
	err := s.write(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `PRAGMA defer_foreign_keys = ON`)
		if err == nil {
			_, err = tx.ExecContext(ctx, `INSERT INTO account_keys (hash, user_id, created_at) VALUES ('', 'nobody', 0)`)
		}
		if err != nil {
			t.Error(err)
		}
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "FOREIGN KEY") {
		t.Errorf("a write whose commit fails: %v", err)
	}
	if stored, err := s.Append(t.Context(), oneMessage("next")); err != nil || stored[0].Seq != 1 {
		t.Errorf("the next append: %+v (%v)", stored, err)
	}
}

// The bound on pages makes SQLite say what it says when the disk is full.
func TestFullDiskRefusesAndRecovers(t *testing.T) {
	s := fresh(t)
	bound := func(pages string) {
		if _, err := s.writer.Exec(`PRAGMA max_page_count = ` + pages); err != nil {
			t.Fatal(err)
		}
	}
	bound("1") // which means no more than there are
	var stored, refused int
	for i := 0; refused < 3; i++ {
		events := oneMessage(fmt.Sprint(i))
		events[0].Text = strings.Repeat("long ", 800)
		switch _, err := s.Append(t.Context(), events); {
		case err == nil:
			stored++
		case strings.Contains(err.Error(), "full"):
			refused++
		default:
			t.Fatal(err)
		}
	}
	if last, err := s.Last(t.Context(), chat.Lobby); err != nil || last != int64(stored) {
		t.Errorf("of %d stored events %d can be read: %v", stored, last, err)
	}
	bound("1000000")
	after, err := s.Append(t.Context(), oneMessage("after"))
	if err != nil || after[0].Seq != int64(stored+1) {
		t.Errorf("after %d stored events: %+v (%v)", stored, after, err)
	}
}

func TestFailingWriteIsUndoneAlone(t *testing.T) { synctest.Test(t, testFailingWriteIsUndoneAlone) }

func testFailingWriteIsUndoneAlone(t *testing.T) {
	s := fresh(t)
	refused := errors.New("refused")
	var wg sync.WaitGroup
	held(t, s, func() {
		for i := range 30 {
			wg.Go(func() {
				err := s.write(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
					_, err := tx.ExecContext(ctx, insertRoom, fmt.Sprint("room-", i), nil, nil, 0)
					if i%3 == 0 {
						return refused
					}
					return err
				})
				if (i%3 == 0) != errors.Is(err, refused) {
					t.Errorf("write %d: %v", i, err)
				}
			})
		}
		wg.Go(func() {
			if _, err := s.Append(t.Context(), oneMessage("1")); err != nil {
				t.Error(err)
			}
		})
	})
	wg.Wait()
	if rooms, err := texts(t.Context(), s.read, `SELECT name FROM rooms`); err != nil || len(rooms) != 21 {
		t.Errorf("%d rooms (%v)", len(rooms), err)
	}
}

func TestWriteWhoseContextEndsInTheQueueIsDropped(t *testing.T) {
	synctest.Test(t, testWriteWhoseContextEndsInTheQueueIsDropped)
}

func testWriteWhoseContextEndsInTheQueueIsDropped(t *testing.T) {
	s := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	ran := false
	var wg sync.WaitGroup
	held(t, s, func() {
		wg.Go(func() {
			err := s.write(ctx, func(context.Context, *sql.Tx) error { ran = true; return nil })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the dropped write: %v", err)
			}
		})
		synctest.Wait()
		cancel()
		wg.Wait()
	})
	if _, err := s.Append(t.Context(), oneMessage("1")); err != nil || ran {
		t.Errorf("after a dropped write: ran %v, %v", ran, err)
	}
}

func TestWriteWhoseContextEndsWhileItRunsIsAnswered(t *testing.T) {
	s := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		cancel()
		_, err := tx.ExecContext(ctx, insertRoom, "dev", nil, nil, 0)
		return err
	})
	if rooms, listErr := texts(t.Context(), s.read, `SELECT name FROM rooms`); err != nil || listErr != nil || len(rooms) != 1 {
		t.Errorf("%v; %d rooms (%v)", err, len(rooms), listErr)
	}
}

func TestCloseStoresWhatWasTaken(t *testing.T) { synctest.Test(t, testCloseStoresWhatWasTaken) }

func testCloseStoresWhatWasTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s := opened(t, path)
	const calls = 20
	var wg sync.WaitGroup
	held(t, s, func() {
		for i := range calls {
			wg.Go(func() {
				if _, err := s.Append(t.Context(), oneMessage(fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		wg.Go(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	})
	wg.Wait()
	if _, err := s.Append(t.Context(), oneMessage("late")); !errors.Is(err, ErrClosed) {
		t.Errorf("an append after Close: %v", err)
	}
	s = opened(t, path)
	defer s.Close()
	if last, err := s.Last(t.Context(), chat.Lobby); err != nil || last != calls {
		t.Errorf("%d events of %d (%v)", last, calls, err)
	}
}

func exec(t *testing.T, s *Store, statement string) {
	t.Helper()
	err := s.write(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, statement)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
