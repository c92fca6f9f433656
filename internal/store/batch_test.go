package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
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
	if rooms, err := s.Rooms(t.Context(), "u_ada"); err != nil || len(rooms) != 21 {
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
	if rooms, listErr := s.Rooms(t.Context(), "u_ada"); err != nil || listErr != nil || len(rooms) != 1 {
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

// Reading must cost the same in a room of ten events and of ten million: every step is a search in an index that fits.
func TestReadingSearchesIndexesOnly(t *testing.T) {
	s := fresh(t)
	for query, want := range map[string]string{
		selectLast:       "SEARCH rooms USING INDEX sqlite_autoindex_rooms_1 (name=?)",
		selectAfter:      "SEARCH events USING INDEX sqlite_autoindex_events_1 (room=? AND seq>?)",
		selectBefore:     "SEARCH events USING INDEX events_messages (room=? AND seq<?)",
		selectMessage:    "SEARCH events USING INDEX",
		selectUnder:      "SEARCH reactions USING INDEX sqlite_autoindex_reactions_1 (room=? AND of_seq>? AND of_seq<?)",
		selectRooms:      "SEARCH events USING INDEX events_messages (room=? AND seq>?)",
		updateClearEdits: "SEARCH events USING INDEX events_edits (room=? AND of_seq=?)",
		deleteUnder:      "SEARCH reactions USING INDEX sqlite_autoindex_reactions_1 (room=? AND of_seq=?)",
		selectDuplicatesBefore + valueRows(2, 2, s.placeholder) + selectDuplicatesAfter: "SEARCH e USING INDEX events_client_id (user_id=? AND client_id=?)",
	} {
		plan := planOf(t, s, query)
		if !strings.Contains(plan, want) || strings.Contains(plan, "SCAN events") || strings.Contains(plan, "SCAN rooms") ||
			strings.Contains(plan, "SCAN e\n") || query != selectRooms && strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\nis done by\n%s", query, plan)
		}
	}
}

func planOf(t *testing.T, s *Store, query string) string {
	t.Helper()
	args := make([]any, strings.Count(query, "?")+strings.Count(query, "$"))
	for i := range args {
		args[i] = 1
	}
	rows, err := s.writer.Query(`EXPLAIN QUERY PLAN `+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(step + "\n")
	}
	return plan.String()
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
