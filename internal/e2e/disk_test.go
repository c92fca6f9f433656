package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
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

// wantReady waits until /readyz answers with a status, and requires that it says why.
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

// diskClient sends messages of some size, and keeps in mind which of them were acknowledged.
type diskClient struct {
	t       *testing.T
	s       *server
	c       *socket
	sent    []string         // ids, in the order of sending
	acked   map[string]int64 // seqs
	refused []string         // ids
	reader  *socket          // somebody who came in while all was well
}

func newDiskClient(t *testing.T, s *server) *diskClient {
	t.Helper()
	c := &diskClient{t: t, s: s, acked: map[string]int64{}}
	c.connect()
	return c
}

func (c *diskClient) connect() {
	c.t.Helper()
	c.c, c.reader = c.s.json(c.t, "Ada", ""), c.s.json(c.t, "Reader", "")
}

// diskText fills a disk of some megabytes soon.
func diskText(id string) string { return id + strings.Repeat(" 0123456789", 300) }

// send sends the next message and returns the answer.
func (c *diskClient) send() frame {
	c.t.Helper()
	id := fmt.Sprint("m", len(c.sent))
	c.sent = append(c.sent, id)
	return c.post(id)
}

func (c *diskClient) post(id string) frame {
	c.t.Helper()
	out, err := json.Marshal(map[string]string{"type": "send", "id": id, "room": "lobby", "text": diskText(id)})
	if err != nil {
		c.t.Fatal(err)
	}
	c.c.send(string(out))
	for {
		switch f := c.c.next("ack", "error"); {
		case f.ID != id:
			c.t.Fatalf("sent %s, answered %+v", id, f)
		case f.Type == "ack":
			if before, again := c.acked[id]; again && before != f.Seq {
				c.t.Errorf("%s was acknowledged as %d and as %d", id, before, f.Seq)
			}
			c.acked[id] = f.Seq
			return f
		case f.Code != "unavailable" || f.Message == "":
			c.t.Fatalf("%s is refused with %+v", id, f)
		default:
			c.refused = append(c.refused, id)
			return f
		}
	}
}

// must sends the next message and requires how it is answered.
func (c *diskClient) must(kind string) {
	c.t.Helper()
	if f := c.send(); f.Type != kind {
		c.t.Fatalf("answered with %+v, want %s", f, kind)
	}
}

// untilRefused sends until a message is refused, for a reason.
func (c *diskClient) untilRefused(reason string) {
	c.t.Helper()
	for range 5000 {
		if f := c.send(); f.Type == "error" {
			if !strings.Contains(f.Message, reason) {
				c.t.Errorf("refused with %q, which doesn't say %q", f.Message, reason)
			}
			return
		}
	}
	c.t.Fatal("nothing was refused")
}

// again sends what was refused once more, and all of it twice.
func (c *diskClient) again() {
	c.t.Helper()
	refused := c.refused
	c.refused = nil
	for range 2 {
		for _, id := range refused {
			if f := c.post(id); f.Type != "ack" {
				c.t.Fatalf("%s, sent again, is answered with %+v", id, f)
			}
		}
	}
}

// wantStored requires that a reader finds what was acknowledged, each once, where it was acknowledged, and nothing else.
func (c *diskClient) wantStored() {
	c.t.Helper()
	found := map[string]int64{}
	for before, more := int64(0), true; more; {
		c.reader.send(fmt.Sprintf(`{"type":"history","room":"lobby","before":%d,"limit":200}`, before))
		h := c.reader.next("history", "error")
		if h.Type == "error" {
			c.t.Fatalf("history is refused: %s", h.Message)
		}
		for _, m := range h.Messages {
			if found[m.ID] != 0 || m.Text != diskText(m.ID) {
				c.t.Errorf("%s is there as %d and %d: %.40q", m.ID, found[m.ID], m.Seq, m.Text)
			}
			found[m.ID] = m.Seq
		}
		if more = h.More; more {
			before = h.Messages[0].Seq
		}
	}
	for id, seq := range c.acked {
		if found[id] != seq {
			c.t.Errorf("%s was acknowledged as %d and is stored as %d", id, seq, found[id])
		}
	}
	if len(found) != len(c.acked) {
		c.t.Errorf("%d messages are there and %d were acknowledged", len(found), len(c.acked))
	}
}
