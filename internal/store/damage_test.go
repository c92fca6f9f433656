package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

func TestDatabaseThatWasTakenAwayIsNotReady(t *testing.T) {
	w := watch(t)
	if err := os.Rename(w.path, w.path+".away"); err != nil {
		t.Fatal(err)
	}
	wantUnavailable(t, w.Ready(t.Context()), reasons[troubleMoved])
	if err := os.WriteFile(w.path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantUnavailable(t, w.Ready(t.Context()), reasons[troubleMoved])
	if err := os.Rename(w.path+".away", w.path); err != nil {
		t.Fatal(err)
	}
	if err := w.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// SQLite goes on writing into a file that was moved or removed: nothing may be acknowledged then.
func TestNothingIsStoredIntoADatabaseThatWasTakenAway(t *testing.T) {
	w := watch(t)
	if _, err := w.Append(t.Context(), oneMessage("before")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(w.path, w.path+".away"); err != nil {
		t.Fatal(err)
	}
	w.placed = time.Time{} // nothing is being written: as if a second had passed
	const refused = 3
	for i := range refused {
		_, err := w.Append(t.Context(), oneMessage(fmt.Sprint(i)))
		wantUnavailable(t, err, reasons[troubleMoved])
	}
	w.mu.Lock()
	if failed := fmt.Sprint(*w.failed); failed != "[moved moved moved]" {
		t.Errorf("told of failures %s", failed)
	}
	w.mu.Unlock()
	if n := strings.Count(w.logs.String(), "messages are refused until"); n != 1 {
		t.Errorf("the log says %d times that it begins:\n%s", n, w.logs)
	}
	if err := os.Rename(w.path+".away", w.path); err != nil {
		t.Fatal(err)
	}
	if err := w.Ready(t.Context()); err != nil {
		t.Errorf("with its file in place: %v", err)
	}
	if _, err := w.Append(t.Context(), oneMessage("after")); err != nil {
		t.Error(err)
	}
	if last, err := w.Last(t.Context(), chat.Lobby); err != nil || last != 2 {
		t.Errorf("the lobby is at %d (%v)", last, err)
	}
	if !strings.Contains(w.logs.String(), "refused_meanwhile=3") {
		t.Errorf("the log doesn't count what was refused:\n%s", w.logs)
	}
}

// A page of old messages is overwritten under the running store: who reads there is told, and storing goes on.
func TestDamagedPagesAreToldToWhoReadsThem(t *testing.T) {
	w := watch(t)
	for i := range 200 {
		if _, err := w.Append(t.Context(), big(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.writer.ExecContext(context.Background(), `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(w.path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	junk := bytes.Repeat([]byte{0xff}, 4096)
	for at := int64(20 * 4096); at+4096 < info.Size(); at += 4096 { // behind the schema's pages
		if _, err := file.WriteAt(junk, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = w.After(t.Context(), chat.Lobby, 0, 200)
	wantUnavailable(t, err, reasons[troubleDamaged])
}

// Whoever starts the server on a damaged database is told once, with the file and what to do.
func TestDamageAtTheStartIsOneLine(t *testing.T) {
	w := watch(t)
	var pages []int64
	rows, err := w.read.Query(`SELECT rootpage FROM sqlite_master WHERE tbl_name IN ('users', 'account_keys') AND rootpage > 0`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var page int64
		if err := rows.Scan(&page); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(pages) == 0 {
		t.Fatalf("%d pages: %v", len(pages), err)
	}
	w.setWriter(t, `PRAGMA wal_checkpoint(TRUNCATE)`)
	file, err := os.OpenFile(w.path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if _, err := file.WriteAt(bytes.Repeat([]byte{0xff}, 4096), (page-1)*4096); err != nil {
			t.Fatal(err)
		}
	}
	damaged, err := OpenWith(t.Context(), w.path, Options{Logger: slog.New(slog.NewTextHandler(w.logs, nil))})
	if err != nil {
		t.Fatal(err)
	}
	err = damaged.Explain(damaged.SetConfigured(t.Context(), nil, time.Now()))
	want := "the database " + w.path + " is damaged; put a backup in its place: "
	if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("it says %v", err)
	}
	if w.logs.Len() > 0 {
		t.Errorf("the log says it too:\n%s", w.logs)
	}
	if err := errors.Join(damaged.Close(), file.Close()); err != nil { // last: closing gives up the locks of this process
		t.Error(err)
	}
}
