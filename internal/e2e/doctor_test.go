package e2e

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver, to lock the server's database as another program would
)

// lock keeps the server from writing to its database, as another program would, until unlock.
func lock(t *testing.T, s *server) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(s.Data, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := db.ExecContext(t.Context(), "ROLLBACK"); err != nil {
			t.Error(err)
		}
	}
}

// doctor runs `parley doctor` and returns what it says and its exit code.
func doctor(t *testing.T, args ...string) (says string, code int) {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"doctor"}, args...)...)
	cmd.Dir = t.TempDir() // so that no config.yaml of the project is found
	out, problems, code := ran(t, cmd)
	return out + problems, code
}

// wantFinding requires one line that begins with a level and what it is about, and holds the rest.
func wantFinding(t *testing.T, says string, level, about string, parts ...string) {
	t.Helper()
	for line := range strings.Lines(says) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != level || fields[1] != about {
			continue
		}
		missing := false
		for _, part := range parts {
			missing = missing || !strings.Contains(line, part)
		}
		if !missing {
			return
		}
	}
	t.Errorf("there is no %s of the %s that says %q in:\n%s", level, about, parts, says)
}

// alterDatabase runs statements on a database that nobody uses.
func alterDatabase(t *testing.T, folder string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(folder, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// contents are the names, rights, times and bytes of a folder's files, without the times and bytes of the one that the database calls
// -shm, in which who reads says so to who writes, and of others that end in one of but.
func contents(t *testing.T, folder string, but ...string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(e.Name() + " " + info.Mode().String())
		if !slices.ContainsFunc(append(but, "-shm"), func(end string) bool { return strings.HasSuffix(e.Name(), end) }) {
			raw, err := os.ReadFile(filepath.Join(folder, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, " %s %x", info.ModTime(), sha256.Sum256(raw))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestDoctorFindsAServerWellAndChangesNothing(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	if err := os.Chmod(s.Data, 0o700); err != nil { // as the server makes it
		t.Fatal(err)
	}
	ada := s.json(t, "Ada", "")
	for _, id := range []string{"1", "2", "3"} {
		ada.say(id, "hello")
	}
	s.waitForMetric(t, "parley_search_behind_events", func(n float64) bool { return n == 0 }) // after that it writes nothing by itself
	before := contents(t, s.Data)
	says, code := doctor(t, "--data", s.Data, "--listen", freeAddress(t))
	if code != 0 {
		t.Errorf("of a server that listens elsewhere the exit code is %d", code)
	}
	wantFinding(t, says, "ok", "database", "3 events in 1 room, without gaps")
	wantFinding(t, says, "warning", "server", "one runs on this folder")
	if after := contents(t, s.Data); after != before {
		t.Errorf("beside a server the folder was\n%sand is\n%s", before, after)
	}

	const log = "-wal" // when the server is asked whether it can store, it tries that, which nothing remains of but here
	before = contents(t, s.Data, log)
	says, code = doctor(t, "--data", s.Data, "--listen", s.Host)
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
	wantFinding(t, says, "ok", "settings")
	wantFinding(t, says, "ok", "folder", s.Data)
	wantFinding(t, says, "ok", "database", "3 events in 1 room, without gaps")
	wantFinding(t, says, "ok", "server", "it runs on "+s.Host)
	wantFinding(t, says, "warning", "addresses", "this machine alone")
	if strings.Contains(says, "\x1b") {
		t.Error("there is colour where there is no terminal")
	}
	if after := contents(t, s.Data, log); after != before {
		t.Errorf("the folder was\n%sand is\n%s", before, after)
	}

	unlock := lock(t, s) // another program writes, and doesn't end
	says, code = doctor(t, "--data", s.Data, "--listen", s.Host)
	if code != 1 {
		t.Errorf("of a server that can't store the exit code is %d", code)
	}
	wantFinding(t, says, "problem", "server", "refuses messages")
	unlock()

	ada.say("4", "not in the database's own file yet")
	s.Kill()
	before = contents(t, s.Data)
	says, code = doctor(t, "--data", s.Data, "--listen", s.Host)
	if code != 0 {
		t.Errorf("after kill -9 the exit code is %d", code)
	}
	wantFinding(t, says, "ok", "database", "4 events")
	wantFinding(t, says, "ok", "server", "none runs", "is free")
	if after := contents(t, s.Data); after != before {
		t.Errorf("after kill -9 the folder was\n%sand is\n%s", before, after)
	}
	s.Start()
}

func TestDoctorSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := s.json(t, "Ada", "")
	for _, id := range []string{"1", "2", "3"} {
		ada.say(id, strings.Repeat("long ", 700))
	}
	s.Stop()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tomorrow := time.Now().Add(24 * time.Hour).UnixMilli()
	nothing := func(*testing.T, string) {}
	for name, tt := range map[string]struct {
		harm         func(t *testing.T, folder string)
		args         []string
		code         int
		level, about string
		says         []string
	}{
		"wrong setting": {nothing, []string{"--idle-timeout", "soon"}, 1, "problem", "settings", []string{"idle-timeout", "would not start"}},
		"no folder yet": {
			func(t *testing.T, folder string) { removeFolder(t, folder) }, nil, 0, "warning", "folder", []string{"is not there", "--data"},
		},
		"folder is a file": {func(t *testing.T, folder string) {
			removeFolder(t, folder)
			if err := os.WriteFile(folder, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, nil, 1, "problem", "folder", []string{"is a file", "--data"}},
		"open to others": {func(t *testing.T, folder string) {
			if err := os.Chmod(folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}, nil, 0, "warning", "folder", []string{"open to other users", "chmod 700"}},
		"no chat": {func(t *testing.T, folder string) {
			removeDatabase(t, folder)
			if err := os.Chmod(folder, 0o755); err != nil { // as /tmp is; nobody should change its rights
				t.Fatal(err)
			}
		}, nil, 0, "warning", "database", []string{"no chat in", "--data", "mount"}},
		"not a chat's folder": {func(t *testing.T, folder string) {
			removeDatabase(t, folder)
			if err := os.Chmod(folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}, nil, 0, "ok", "folder", []string{"is there"}},
		"empty database": {func(t *testing.T, folder string) {
			if err := os.Truncate(filepath.Join(folder, "parley.db"), 0); err != nil {
				t.Fatal(err)
			}
		}, nil, 0, "warning", "database", []string{"no chat in"}},
		"damaged page": {func(t *testing.T, folder string) {
			file, err := os.OpenFile(filepath.Join(folder, "parley.db"), os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			_, err = file.WriteAt([]byte(strings.Repeat("\xff", 4096)), 20*4096)
			if err := errors.Join(err, file.Close()); err != nil {
				t.Fatal(err)
			}
		}, nil, 1, "problem", "database", []string{"damaged"}},
		"no database": {func(t *testing.T, folder string) {
			if err := os.WriteFile(filepath.Join(folder, "parley.db"), []byte(strings.Repeat("a letter ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, nil, 1, "problem", "database", []string{"is not a database", "move it away"}},
		"gap": {func(t *testing.T, folder string) {
			alterDatabase(t, folder, `DELETE FROM events WHERE seq = 2`)
		}, nil, 1, "problem", "database", []string{"lobby is at seq 3 and has 2 events", "backup"}},
		"events of no room": {func(t *testing.T, folder string) {
			alterDatabase(t, folder, `DELETE FROM rooms`)
		}, nil, 1, "problem", "database", []string{"lobby", "3 events"}},
		"missing user": {func(t *testing.T, folder string) {
			alterDatabase(t, folder, `INSERT INTO sessions (hash, id, user_id, agent, created_at, seen_at) VALUES (x'00', 's', 'u_no', '', 0, 0)`)
		}, nil, 0, "warning", "database", []string{"1 row", "missing"}},
		"missing message": {func(t *testing.T, folder string) {
			alterDatabase(t, folder, `INSERT INTO pins (room, of_seq, seq) VALUES ('lobby', 99, 100)`)
		}, nil, 0, "warning", "database", []string{"1 row", "pins"}},
		"newer": {func(t *testing.T, folder string) {
			alterDatabase(t, folder, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`)
		}, nil, 1, "problem", "database", []string{"newer version wrote it", "9999"}},
		"clock behind": {func(t *testing.T, folder string) {
			alterDatabase(t, folder, `UPDATE events SET at = `+strconv.FormatInt(tomorrow, 10)+` WHERE seq = 3`)
		}, nil, 0, "warning", "clock", []string{"behind the latest stored message"}},
		"port taken": {
			nothing,
			[]string{"--listen", taken.Addr().String()},
			1, "problem", "server",
			[]string{"in use by", "(process " + strconv.Itoa(os.Getpid()) + ")", "--listen :3001"},
		},
		"strange address": {nothing, []string{"--listen", "192.0.2.1:0"}, 1, "problem", "server", []string{"192.0.2.1", "address of this machine"}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "data")
			if err := os.CopyFS(folder, os.DirFS(s.Data)); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			tt.harm(t, folder)
			says, code := doctor(t, append([]string{"--data", folder, "--listen", "127.0.0.1:0"}, tt.args...)...)
			if code != tt.code {
				t.Errorf("exit code %d, not %d:\n%s", code, tt.code, says)
			}
			wantFinding(t, says, tt.level, tt.about, tt.says...)
		})
	}
}

// removeDatabase takes away the database of a server that was stopped, which is one file.
func removeDatabase(t *testing.T, folder string) {
	t.Helper()
	if err := os.Remove(filepath.Join(folder, "parley.db")); err != nil {
		t.Fatal(err)
	}
}

// Whose port it is must be said right: who is told to stop the running chat does so.
func TestDoctorKnowsTheRunningChatFromAnotherFolder(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	says, code := doctor(t, "--data", t.TempDir(), "--listen", s.Host)
	if code != 1 || strings.Contains(says, "Stop that one") {
		t.Errorf("exit code %d:\n%s", code, says)
	}
	wantFinding(t, says, "problem", "server", "a Parley runs on "+s.Host, "--data")
	unlock := lock(t, s)
	says, _ = doctor(t, "--data", t.TempDir(), "--listen", s.Host)
	wantFinding(t, says, "problem", "server", "a Parley runs on "+s.Host, "--data")
	unlock()

	path := filepath.Join(s.Data, "parley.db")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	says, code = doctor(t, "--data", s.Data, "--listen", s.Host)
	if code != 1 {
		t.Errorf("of a server without its database the exit code is %d", code)
	}
	wantFinding(t, says, "problem", "database", "a server runs on "+s.Data, "Put it back")
	wantFinding(t, says, "problem", "server", "taken away")
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	says, code = doctor(t, "--data", s.Data, "--listen", s.Host)
	if code != 0 {
		t.Errorf("with the database in its place the exit code is %d:\n%s", code, says)
	}
}

func removeFolder(t *testing.T, folder string) {
	t.Helper()
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
}
