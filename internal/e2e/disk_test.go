package e2e

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// diskInside says that the test runs in namespaces of its own, where it may mount.
var diskInside = flag.Bool("disk.inside", false, "set by the tests of disks themselves")

func TestFullDiskRefusesKeepsAndRecoversWithoutARestart(t *testing.T) {
	t.Parallel()
	disk, inside := ownDisk(t, "8m")
	if !inside {
		return
	}
	s := startOn(t, filepath.Join(disk, "data"))
	c := newDiskClient(t, s)
	for range 20 {
		c.must("ack")
	}
	filler := filepath.Join(disk, "filler")
	fillDisk(t, filler)
	c.untilRefused("full")
	s.wantReady(t, 503, "full")
	for range 5 {
		c.must("error")
	}
	c.wantStored()
	if resp, _ := s.get(t, "/healthz", ""); resp.StatusCode != 200 {
		t.Errorf("a server on a full disk is not alive: %s", resp.Status)
	}
	remove(t, filler)
	s.wantReady(t, 200, "ready")
	c.again()
	c.must("ack")
	c.wantStored()

	// Once more, and now the power goes while the disk is full.
	fillDisk(t, filler)
	c.untilRefused("full")
	s.Kill()
	remove(t, filler)
	s.start("127.0.0.1:0")
	c.connect()
	c.wantStored()
	c.again()
	c.wantStored()
	s.Stop()
	if stored := len(readDatabase(t, s.Data)["lobby"].events); stored != len(c.acked) {
		t.Errorf("%d messages are stored and %d were acknowledged", stored, len(c.acked))
	}
}

// TestForbiddenWritesRefuseKeepAndRecoverWithoutARestart makes the database and its log immutable under the server, which holds for
// files that are open and for root, too. It leaves out parley.db-shm, which is memory that happens to have a name: SQLite maps it, and
// a write that the system forbids there ends any program at once.
func TestForbiddenWritesRefuseKeepAndRecoverWithoutARestart(t *testing.T) {
	t.Parallel()
	s := startOn(t, filepath.Join(t.TempDir(), "data"))
	c := newDiskClient(t, s)
	for range 20 {
		c.must("ack")
	}
	forbid := func(flag string) {
		database := filepath.Join(s.Data, "parley.db")
		if out, err := exec.Command("chattr", flag, database, database+"-wal").CombinedOutput(); err != nil {
			t.Fatalf("chattr %s: %v: %s\nThis test needs to be root, and a file system that knows the flag, such as ext4.", flag, err, out)
		}
	}
	t.Cleanup(func() { forbid("-i") }) // or else the folder could not be removed
	forbid("+i")
	f, err := os.OpenFile(filepath.Join(s.Data, "parley.db"), os.O_RDWR, 0)
	if err == nil {
		_ = f.Close()
		t.Fatal("chattr +i has no effect here; set TMPDIR to a folder on ext4, xfs or btrfs")
	}
	c.untilRefused("")
	s.wantReady(t, 503, "chat")
	c.wantStored()
	forbid("-i")
	s.wantReady(t, 200, "ready")
	c.again()
	c.must("ack")
	c.wantStored()
}

// TestFolderTakenAwayFromItsServerLosesNothing takes the rights to the folder away from a server that isn't root: what is open goes on,
// what is opened anew is refused, and nothing that was acknowledged is lost.
func TestFolderTakenAwayFromItsServerLosesNothing(t *testing.T) {
	t.Parallel()
	folder, err := os.MkdirTemp("", "parley-folder-") // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, Data: filepath.Join(folder, "data"), path: binary, args: []string{"--rate-limit.messages", "0"}}
	t.Cleanup(func() {
		_ = os.Chmod(s.Data, 0o700)
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	if err := os.Mkdir(s.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 { // to whom rights mean nothing
		for path, mode := range map[string]os.FileMode{folder: 0o711, filepath.Dir(binary): 0o711} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
		const nobody = 65534
		if err := os.Chown(s.Data, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		s.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	s.start("127.0.0.1:0")
	t.Cleanup(s.stopIfRunning)
	c := newDiskClient(t, s)
	for range 20 {
		c.must("ack")
	}
	if err := os.Chmod(s.Data, 0); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		c.send() // acknowledged or refused, as it can; only what is acknowledged has to be there
	}
	if resp, _ := s.get(t, "/healthz", ""); resp.StatusCode != 200 {
		t.Errorf("the server is not alive: %s", resp.Status)
	}
	if err := os.Chmod(s.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	s.wantReady(t, 200, "ready")
	c.again()
	c.must("ack")
	c.wantStored()
}

// ownDisk mounts a file system of some size for the test alone. Where the test may not mount, it runs itself again in namespaces of
// its own, as far as the system lets it, and inside is false: all has been done.
func ownDisk(t *testing.T, size string) (folder string, inside bool) {
	t.Helper()
	folder = t.TempDir()
	out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "parley", folder).CombinedOutput()
	if err == nil {
		t.Cleanup(func() {
			if out, err := exec.Command("umount", folder).CombinedOutput(); err != nil {
				t.Errorf("umount: %v: %s", err, out)
			}
		})
		return folder, true
	}
	if *diskInside {
		t.Fatalf("mount: %v: %s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	again := exec.Command("unshare", "--user", "--map-root-user", "--mount", self, "-test.run", "^"+t.Name()+"$", "-disk.inside")
	said, err := again.CombinedOutput()
	if err != nil {
		t.Fatalf("mount: %s\nunshare: %v: %s\nA disk that fills up needs root, or user namespaces.", out, err, said)
	}
	t.Logf("in namespaces of its own: %s", said)
	return "", false
}

// startOn is startServer on a data folder that is made for it, without limits that would hold the test up.
func startOn(t *testing.T, data string) *server {
	t.Helper()
	s := &server{t: t, Data: data, path: binary, args: []string{
		"--rate-limit.messages", "0", "--rate-limit.commands", "0", "--rate-limit.frames", "0",
	}}
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	s.start("127.0.0.1:0")
	t.Cleanup(s.stopIfRunning)
	return s
}

// fillDisk writes a file until the disk is full.
func fillDisk(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for chunk := bytes.Repeat([]byte("x"), 4096); err == nil; {
		_, err = f.Write(chunk)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// wantReady asks /readyz until it answers with a status, and requires that it says why. The server itself looks only now and then.
func (s *server) wantReady(t *testing.T, status int, says string) {
	t.Helper()
	for deadline := time.Now().Add(2 * patience); ; time.Sleep(50 * time.Millisecond) {
		resp, body := s.get(t, "/readyz", "")
		if resp.StatusCode == status && strings.Contains(body, says) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("/readyz answers %s %s; want %d and %q", resp.Status, body, status, says)
		}
	}
}
