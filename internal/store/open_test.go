package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"parley/internal/chat"
)

func TestOpenMakesPrivateFolderAndFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "data", "parley.db")
	s := opened(t, path)
	if _, err := s.Append(t.Context(), oneMessage("1")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{
		filepath.Dir(path): fs.ModeDir | 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600,
	} {
		info, err := os.Stat(name)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: %v (%v), not %v", name, info.Mode(), err, want)
		}
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the log beside the database is left after Close: %v", err)
	}
	if err := s.Ready(t.Context()); err == nil {
		t.Error("a closed store says that it is ready")
	}
}

func TestOpenTakesBarePathsAndHostileNames(t *testing.T) {
	for _, name := range []string{"bare.db", "with space.db", "a?mode=memory&b=#c%20.db", "ünïcode.db", "sub.folder/x"} {
		path := filepath.Join(t.TempDir(), name)
		s, err := Open(t.Context(), path)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if err := errors.Join(s.Ready(t.Context()), s.Close()); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%q isn't where it was asked for: %v", name, err)
		}
	}
}

func TestConnectionsAreSetForDurability(t *testing.T) {
	s := fresh(t)
	for _, test := range []struct {
		on     *sql.DB
		pragma string
		want   string
	}{
		{s.writer, "journal_mode", "wal"},
		{s.writer, "synchronous", "2"}, // FULL
		{s.writer, "foreign_keys", "1"},
		{s.writer, "busy_timeout", "5000"},
		{s.writer, "temp_store", "2"}, // memory
		{s.read, "query_only", "1"},
		{s.read, "busy_timeout", "5000"},
		{s.read, "temp_store", "2"},
	} {
		var got string
		if err := test.on.QueryRow(`PRAGMA ` + test.pragma).Scan(&got); err != nil || got != test.want {
			t.Errorf("%s is %s (%v), not %s", test.pragma, got, err, test.want)
		}
	}
	if _, err := s.read.Exec(`DELETE FROM rooms`); err == nil {
		t.Error("a reading connection writes")
	}
}

// Each of these stops the server's start, with one line that names the file and says what is wrong.
func TestOpenSaysWhatIsWrong(t *testing.T) {
	for _, test := range []struct {
		name    string
		prepare func(t *testing.T, path string) (url string)
		says    string
	}{
		{"unknown kind", func(*testing.T, string) string { return "mysql://host/db" }, `"mysql" is not known; use sqlite:PATH`},
		{"folder below a file", func(t *testing.T, path string) string {
			write(t, path, []byte("a file"))
			return filepath.Join(path, "data", "parley.db")
		}, "can't be made: not a directory"},
		{"folder is a file", func(t *testing.T, path string) string {
			write(t, path, []byte("a file"))
			return filepath.Join(path, "parley.db")
		}, "can't be made: not a directory"},
		{"no file can be made", func(_ *testing.T, path string) string {
			return path + strings.Repeat("long", 100)
		}, "can't be written to: "},
		{"database is a folder", func(t *testing.T, path string) string {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
			return path
		}, "is not a regular file"},
		{"no database", func(t *testing.T, path string) string {
			write(t, path, []byte(strings.Repeat("This is a letter to my aunt.\n", 200)))
			return path
		}, "is not a database; move it away"},
		{"cut short", func(t *testing.T, path string) string {
			return damaged(t, path, func(content []byte) []byte { return content[:len(content)/2] })
		}, "is damaged; put a backup in its place"},
		{"overwritten", func(t *testing.T, path string) string {
			return damaged(t, path, func(content []byte) []byte {
				for i := 100; i < len(content); i++ { // all but the header
					content[i] = byte(i * 7)
				}
				return content
			})
		}, "is damaged; put a backup in its place"},
		{"another program's", func(t *testing.T, path string) string {
			alter(t, path, `CREATE TABLE songs (name TEXT)`)
			return path
		}, "can't be used: it belongs to another program"},
		{"newer", func(t *testing.T, path string) string {
			if err := opened(t, path).Close(); err != nil {
				t.Fatal(err)
			}
			alter(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`)
			return path
		}, "was written by a newer version: its schema is 9999"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "parley.db")
			url := test.prepare(t, path)
			s, err := Open(t.Context(), url)
			if err == nil {
				s.Close()
				t.Fatal("it opened")
			}
			if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("it says %q, not %q", err, test.says)
			}
		})
	}
}

func TestTwoProcessesMayOpenANewDatabaseAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			s, err := Open(context.Background(), path)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Append(context.Background(), []chat.Event{{Room: chat.Lobby, Kind: chat.KindMessage, Text: "hi"}}); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s := opened(t, path)
	defer s.Close()
	if last, err := s.Last(t.Context(), chat.Lobby); err != nil || last != 6 {
		t.Errorf("%d events of 6 (%v)", last, err)
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// damaged leaves a database at path whose file was changed while it was closed.
func damaged(t *testing.T, path string, harm func([]byte) []byte) string {
	t.Helper()
	if err := opened(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, harm(content))
	return path
}

// alter runs a statement on a database that no store has open.
func alter(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}
