package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/chat"
)

// Whether a server has the database open or not, the copy is one moment of it, and nothing is left beside either.
func TestBackupIsWhole(t *testing.T) {
	for _, running := range []bool{true, false} {
		t.Run(fmt.Sprintf("running=%v", running), func(t *testing.T) {
			folder := t.TempDir()
			path, file := filepath.Join(folder, "parley.db"), filepath.Join(folder, "copy.db")
			s := opened(t, path)
			const events = 300
			for i := range events {
				if _, err := s.Append(t.Context(), oneMessage(fmt.Sprint(i))); err != nil {
					t.Fatal(err)
				}
			}
			if running {
				defer s.Close()
			} else if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			before := names(t, folder)
			saved, err := Backup(t.Context(), path, file)
			if err != nil || saved.Events != events || saved.Rooms != 1 {
				t.Fatalf("saved %+v (%v)", saved, err)
			}
			if after := names(t, folder); after != before+" copy.db" && after != "copy.db "+before {
				t.Errorf("in the folder there is %s, and before %s", after, before)
			}
			if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 || info.Size() != saved.Bytes {
				t.Errorf("the copy: %v (%v)", info.Mode(), err)
			}
			c := opened(t, file)
			defer c.Close()
			if got, err := c.After(t.Context(), chat.Lobby, 0, events+1); err != nil || len(got) != events {
				t.Errorf("%d events in the copy (%v)", len(got), err)
			}
			if stored, err := c.Append(t.Context(), oneMessage("next")); err != nil || stored[0].Seq != events+1 {
				t.Errorf("the copy goes on with %+v (%v)", stored, err)
			}
		})
	}
}

func names(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return strings.Join(list, " ")
}

func TestBackupThatCannotBeSaysWhyAndLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "parley.db")
	s := opened(t, path)
	for i := range 200 {
		if _, err := s.Append(t.Context(), big(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 30 * 4096; i < len(content); i++ {
		content[i] = 0xff
	}
	write(t, filepath.Join(folder, "damaged.db"), content)
	write(t, filepath.Join(folder, "there.db"), nil)
	write(t, filepath.Join(folder, "letter.db"), []byte(strings.Repeat("This is a letter to my aunt.\n", 200)))
	before := names(t, folder)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name     string
		ctx      context.Context
		from, to string
		says     string
	}{
		{"file is there", t.Context(), path, "there.db", "is there already; choose another name"},
		{"no chat", t.Context(), filepath.Join(folder, "none", "parley.db"), "a.db", "there is no chat in " + filepath.Join(folder, "none")},
		{"no folder", t.Context(), path, "none/a.db", "nothing can be written into"},
		{"damaged", t.Context(), filepath.Join(folder, "damaged.db"), "a.db", "damaged"},
		{"no database", t.Context(), filepath.Join(folder, "letter.db"), "a.db", "is not a database"},
		{"stopped", ended, path, "a.db", "context canceled"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Backup(test.ctx, test.from, filepath.Join(folder, test.to))
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("it says %v, not %q", err, test.says)
			}
			if after := names(t, folder); after != before {
				t.Errorf("in the folder there is %s, and before %s", after, before)
			}
		})
	}
	if info, err := os.Stat(filepath.Join(folder, "there.db")); err != nil || info.Size() != 0 {
		t.Errorf("the file that was there: %v (%v)", info, err)
	}
}
