package upload_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/upload"
)

func TestStartRemovesWhatHasNoRow(t *testing.T) {
	h := open(t, upload.Limits{})
	kept, dropped := h.take(t, "a.txt", []byte("a")), h.take(t, "b.txt", []byte("b"))
	files := filepath.Join(h.folder, "files")
	lost := filepath.Join(files, "ZZ", strings.Repeat("Z", 26))
	beside := filepath.Join(files, kept.ID[:2], strings.Repeat(kept.ID[:2], 13))
	note := filepath.Join(files, "ZZ", "README")
	if err := os.MkdirAll(filepath.Dir(lost), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{lost, lost + ".thumb", beside, note, filepath.Join(files, "new", "begun")} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Cancel(t.Context(), "u_ada", dropped.ID); err != nil {
		t.Fatal(err)
	}
	h.again(t, upload.Limits{})
	if err := h.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{filepath.Join(files, kept.ID[:2], kept.ID): true, note: true} // what isn't ours is left alone
	for _, path := range h.left(t) {
		if !want[path] {
			t.Errorf("%s is left", path)
		}
		delete(want, path)
	}
	if len(want) != 0 {
		t.Errorf("%v are gone", want)
	}
	if stats := h.Stats(); stats.Files != 1 || stats.Bytes != 1 {
		t.Errorf("counted are %+v", stats)
	}
}

func TestStartLeavesFilesOfAnotherDatabaseAlone(t *testing.T) {
	h := open(t, upload.Limits{})
	folder := filepath.Join(h.folder, "files", "ZZ")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		name := strings.Repeat("Z", 23) + string([]byte{'A' + byte(i/100), 'A' + byte(i/10%10), 'A' + byte(i%10)})
		if err := os.WriteFile(filepath.Join(folder, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.again(t, upload.Limits{})
	if left := h.left(t); len(left) != 300 {
		t.Errorf("%d of 300 files are left", len(left))
	}
}

func TestFilesThatNobodySendsAreRemoved(t *testing.T) {
	h := open(t, upload.Limits{})
	now := time.Now()
	var err error
	h.Uploads, err = upload.Open(t.Context(), upload.Options{
		Folder: filepath.Join(h.folder, "files"), Index: h.store, Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	waiting, sent := h.take(t, "a.txt", []byte("a")), h.take(t, "b.txt", []byte("b"))
	_, err = h.store.Append(t.Context(), []chat.Event{{
		Room: "lobby", Kind: chat.KindMessage, User: chat.User{ID: "u_ada"}, Text: "x", Time: now, Files: []chat.File{{ID: sent.ID}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		files int64
	}{{23 * time.Hour, 2}, {2 * time.Hour, 1}, {10_000 * time.Hour, 1}} {
		now = now.Add(step.after)
		if err := h.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := h.Stats().Files; n != step.files || int64(len(h.left(t))) != n {
			t.Errorf("%v later %d files are counted and %v are there", step.after, n, h.left(t))
		}
	}
	if _, err := h.Find(t.Context(), waiting.ID); !errors.Is(err, upload.ErrNotFound) {
		t.Errorf("the file that nobody sent: %v", err)
	}
}
