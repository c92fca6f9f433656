package e2e

import (
	"bytes"
	"net/http"
	"path/filepath"
	"testing"
)

func TestFullDiskRefusesFilesAndLosesNone(t *testing.T) {
	t.Parallel()
	disk, inside := ownDisk(t, "16m")
	if !inside {
		return
	}
	s := startOn(t, filepath.Join(disk, "data"))
	ada := s.signIn(t, "Ada", "", "", firefox)
	body := bytes.Repeat([]byte("0123456789"), 100_000)
	first := s.uploaded(t, ada, "lobby", "first.txt", body)
	filler := filepath.Join(disk, "filler")
	fillDisk(t, filler)
	for range 3 {
		if _, status, code := s.upload(t, ada, "lobby", "second.txt", bytes.NewReader(body), int64(len(body))); status != http.StatusServiceUnavailable || code != "unavailable" {
			t.Errorf("on a full disk a file is answered with %d %s", status, code)
		}
	}
	if kept, begun := s.onDisk(t); len(kept) != 1 || len(begun) != 0 {
		t.Errorf("on the full disk there are %v and %v", kept, begun)
	}
	remove(t, filler)
	s.wantReady(t, 200, "ready")
	for _, f := range []sentFile{first, s.uploaded(t, ada, "lobby", "third.txt", body)} {
		if _, got := s.get(t, f.URL, ada); got != string(body) {
			t.Errorf("%s comes back with %d bytes", f.Name, len(got))
		}
	}
	s.Stop()
}
