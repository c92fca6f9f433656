package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestBackupHoldsTheFilesAndDoctorMissesThem(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	adas := s.signIn(t, "Ada", "", "", firefox)
	ada := s.withCookie(t, adas)
	picture := drawn(t, 900, 700)
	f := s.uploaded(t, adas, "lobby", "cat.png", picture)
	ada.sendFiles("1", "lobby", f.ID)
	file := filepath.Join(t.TempDir(), "saved.db")
	out, problems, code := ran(t, exec.Command(binary, "backup", file, "--data", s.Data))
	if code != 0 || !strings.Contains(out, "saved 1 file to "+file+".files (") {
		t.Fatalf("parley backup: %d %s %s", code, out, problems)
	}
	if out, problems, code = ran(t, exec.Command(binary, "backup", file, "--data", s.Data)); code == 0 {
		t.Errorf("a second one writes over the first: %s %s", out, problems)
	}
	ada.send(`{"type":"delete","id":"2","room":"lobby","of":1}`)
	ada.next("ack")
	becomes(t, "the file is gone", func() bool { kept, _ := s.onDisk(t); return len(kept) == 0 })

	s.Stop()
	for _, path := range []string{"parley.db", "parley.db-wal", "parley.db-shm", "files"} {
		if err := os.RemoveAll(filepath.Join(s.Data, path)); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{file: "parley.db", file + ".files": "files"} {
		if err := os.Rename(from, filepath.Join(s.Data, to)); err != nil {
			t.Fatal(err)
		}
	}
	s.Start()
	for _, path := range []string{f.URL, f.Thumb} {
		if resp, body := s.get(t, path, adas); resp.StatusCode != 200 || path == f.URL && int64(len(body)) != f.Size {
			t.Errorf("from the backup %s is answered with %s and %d bytes", path, resp.Status, len(body))
		}
	}
	if says, code := doctor(t, "--data", s.Data, "--listen", s.Host); code != 0 || !strings.Contains(says, "1 file, which take") {
		t.Errorf("the doctor says %d: %s", code, says)
	}
	if err := os.Remove(filepath.Join(s.Data, "files", f.ID[:2], f.ID)); err != nil {
		t.Fatal(err)
	}
	if says, code := doctor(t, "--data", s.Data, "--listen", s.Host); code != 1 || !strings.Contains(says, "of 1 file, 1 are not there") {
		t.Errorf("of a missing file the doctor says %d: %s", code, says)
	}
	if resp, _ := s.get(t, f.URL, adas); resp.StatusCode != 404 {
		t.Errorf("a missing file is answered with %s", resp.Status)
	}
}
