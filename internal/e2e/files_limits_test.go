package e2e

import (
	"bufio"
	"bytes"
	big "encoding/binary"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// beginUpload sends the beginning of a file and no more.
func (s *server) beginUpload(t *testing.T, cookie string, size, sent int) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := fmt.Fprintf(c, "POST /rooms/lobby/files?name=x HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Length: %d\r\n\r\n%s",
		s.Host, cookie, size, strings.Repeat("x", sent)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestUploadThatBreaksOffLeavesNothing(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := s.signIn(t, "Ada", "", "", firefox)
	isUnderWay := func() bool { _, begun := s.onDisk(t); return len(begun) == 1 }
	c := s.beginUpload(t, ada, 1_000_000, 300_000)
	becomes(t, "the upload is under way", isUnderWay)
	_ = c.Close()
	becomes(t, "nothing is left of it", func() bool {
		kept, begun := s.onDisk(t)
		return len(kept)+len(begun) == 0 && s.metric(t, "parley_uploads") == 0
	})
	s.beginUpload(t, ada, 1_000_000, 300_000)
	becomes(t, "the upload is under way", isUnderWay)
	s.Kill()
	if !isUnderWay() {
		t.Error("the server's end has taken the beginning with it; nothing is shown here")
	}
	s.Start()
	if kept, begun := s.onDisk(t); len(kept)+len(begun) != 0 {
		t.Errorf("after the start there are %v and %v", kept, begun)
	}
	s.uploaded(t, ada, "lobby", "whole.txt", []byte("whole"))

	// Nor does one keep the server from stopping.
	s.beginUpload(t, ada, 1_000_000, 300_000)
	becomes(t, "the upload is under way", isUnderWay)
	s.Stop()
	s.Start()
	if kept, begun := s.onDisk(t); len(kept) != 1 || len(begun) != 0 {
		t.Errorf("after a stop and a start there are %v and %v", kept, begun)
	}
}

func TestFilesBeyondTheLimitsAreRefusedWithTheLimit(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--upload.file-bytes", "2000000", "--upload.user-bytes", "3000000", "--upload.total-bytes", "5000000")
	ada, bob := s.signIn(t, "Ada", "", "", firefox), s.signIn(t, "Bob", "", "", firefox)
	zeros := func(n int64) io.Reader { return io.LimitReader(zero{}, n) }
	refusedWith := func(what, cookie string, size int64, status int, code string) {
		t.Helper()
		if _, gotStatus, got := s.upload(t, cookie, "lobby", "x", zeros(size), size); gotStatus != status || got != code {
			t.Errorf("%s is answered with %d %s, want %d %s", what, gotStatus, got, status, code)
		}
	}
	refusedWith("a file that is too large", ada, 2_000_001, http.StatusRequestEntityTooLarge, "too_large")
	s.uploaded(t, ada, "lobby", "one", make([]byte, 2_000_000))
	refusedWith("more than a user may have", ada, 1_000_001, http.StatusInsufficientStorage, "full")
	s.uploaded(t, ada, "lobby", "two", make([]byte, 1_000_000))
	refusedWith("more than there may be", bob, 2_000_001-1, http.StatusCreated, "")
	refusedWith("more than there may be", bob, 1, http.StatusInsufficientStorage, "full")
	refusedWith("no byte at all", ada, 0, http.StatusBadRequest, "bad_request")
	if _, begun := s.onDisk(t); len(begun) != 0 {
		t.Errorf("%v are left of what was refused", begun)
	}
	for limit, want := range map[string]float64{"upload.file_bytes": 1, "upload.user_bytes": 1, "upload.total_bytes": 1} {
		if n := s.figures(t)[`parley_limit_refusals_total{limit="`+limit+`"}`]; n != want {
			t.Errorf("%s refused %v times, want %v", limit, n, want)
		}
	}
}

// zero is bytes without an end.
type zero struct{}

func (zero) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestUsersUploadOnlySoManyFilesAMinute(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.uploads", "3")
	ada, bob := s.signIn(t, "Ada", "", "", firefox), s.signIn(t, "Bob", "", "", firefox)
	for i := range 3 {
		s.uploaded(t, ada, "lobby", strconv.Itoa(i), []byte("x"))
	}
	resp, body := s.answered(t, ask{method: "POST", path: "/rooms/lobby/files?name=x", cookies: ada, form: map[string][]string{"a": {"b"}}})
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" || !strings.Contains(body, `"limit":"rate_limit.uploads"`) {
		t.Errorf("a fourth is answered with %s %s", resp.Status, body)
	}
	s.uploaded(t, bob, "lobby", "another's", []byte("x"))
}

func TestRefusedUploadIsToldSoAndItsBytesAreNoRequest(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--upload.file-bytes", "1000")
	ada := s.signIn(t, "Ada", "", "", firefox)
	inside := "GET /healthz HTTP/1.1\r\nHost: " + s.Host + "\r\n\r\n"
	for _, cookie := range []string{ada, ""} {
		c := s.beginUpload(t, cookie, 5_000_000, 0)
		for range 5_000_000 / len(inside) {
			if _, err := io.WriteString(c, inside); err != nil {
				break
			}
		}
		all, _ := io.ReadAll(bufio.NewReader(c))
		want := map[string]string{ada: "HTTP/1.1 413", "": "HTTP/1.1 401"}[cookie]
		if n := strings.Count(string(all), "HTTP/1.1 "); n != 1 || !strings.HasPrefix(string(all), want) {
			t.Errorf("%d answers: %.200s", n, all)
		}
	}
}

// pngHead is a PNG that says it is large, and has next to nothing in it.
func pngHead(width, height uint32) []byte {
	chunk := []byte("IHDR")
	chunk = big.BigEndian.AppendUint32(chunk, width)
	chunk = big.BigEndian.AppendUint32(chunk, height)
	chunk = append(chunk, 8, 6, 0, 0, 0)
	head := big.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	return big.BigEndian.AppendUint32(append(head, chunk...), crc32.ChecksumIEEE(chunk))
}

func TestPicturesOfTooManyPixelsAreRefusedBeforeTheyAreDecoded(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := s.signIn(t, "Ada", "", "", firefox)
	before := s.metric(t, "process_resident_memory_bytes")
	for name, body := range map[string][]byte{
		"bomb.png":  append(pngHead(50_000, 50_000), make([]byte, 1000)...),
		"large.png": pngHead(10_000, 10_000),
		"large.gif": []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"),
		"large.jpg": []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x11\x08\x27\x10\x27\x10\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"),
	} {
		if _, status, code := s.upload(t, ada, "lobby", name, bytes.NewReader(body), int64(len(body))); status != 422 || code != "bad_image" {
			t.Errorf("%s is answered with %d %s", name, status, code)
		}
	}
	if grown := s.metric(t, "process_resident_memory_bytes") - before; grown > 30<<20 {
		t.Errorf("memory grew by %.0f MB", grown/(1<<20))
	}
}

var uploadBytes = flag.Int64("upload.bytes", 128<<20, "how many bytes TestUploadIsNeverHeldInMemory uploads: see make upload-report")

// By itself: a disk that is given so much at once lets nothing else through meanwhile.
func TestUploadIsNeverHeldInMemory(t *testing.T) {
	size := *uploadBytes
	s := startServer(t, "--upload.file-bytes", "0", "--upload.user-bytes", "0", "--upload.total-bytes", "0")
	ada := s.signIn(t, "Ada", "", "", firefox)
	s.uploaded(t, ada, "lobby", "first", make([]byte, 1<<20)) // what any upload needs is there then
	before := s.metric(t, "process_resident_memory_bytes")
	most := before
	begun := time.Now()
	look := looking{from: io.LimitReader(zero{}, size), every: size / 8, look: func() { most = max(most, s.metric(t, "process_resident_memory_bytes")) }}
	f, status, code := s.upload(t, ada, "lobby", "zeros.bin", &look, size)
	if status != http.StatusCreated || f.Size != size {
		t.Fatalf("answered with %d %s", status, code)
	}
	took := time.Since(begun)
	look.look()
	grown := (most - before) / (1 << 20)
	t.Logf("%d MiB in %.1f s: the server's memory grew by %.1f MiB at most", size>>20, took.Seconds(), grown)
	if grown > 64 {
		t.Errorf("memory grew by %.0f MiB, and may by 64", grown)
	}
	most = before
	resp, err := browserless.Do(s.asking(t, f.URL, ada))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	look = looking{from: resp.Body, every: size / 8, look: look.look}
	n, err := io.Copy(io.Discard, &look)
	if n != size || err != nil {
		t.Errorf("%d bytes came back, and %v", n, err)
	}
	if grown := (most - before) / (1 << 20); grown > 64 {
		t.Errorf("sending it, memory grew by %.0f MiB, and may by 64", grown)
	}
}

// asking is a request with a session.
func (s *server) asking(t *testing.T, path, cookie string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", cookie)
	return req
}

// looking reads, and looks each time that so many bytes have come.
type looking struct {
	from        io.Reader
	every, past int64
	look        func()
}

func (w *looking) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	if w.past += int64(n); w.past >= w.every {
		w.past = 0
		w.look()
	}
	return n, err
}

func TestFilesLimitsAreSaidBeforehandAndStorageToModeratorsAlone(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--upload.file-bytes", "2000000", "--upload.total-bytes", "5000000", "--upload.expire", "720h")
	key := s.moderator(t, "Mod")
	ada, mod := s.signIn(t, "Ada", "", "", firefox), s.signIn(t, "Mod", key, "", firefox)
	s.uploaded(t, ada, "lobby", "one", make([]byte, 1_500_000))
	const rules, storage = "Each up to 2.0 MB. Kept for 30 days.", "1 file takes 1.5 MB of 5.0 MB."
	for _, cookie := range []string{ada, mod} {
		_, page := s.get(t, "/rooms/lobby", cookie)
		if n := strings.Count(page, rules); n != 3 { // at the button, over what is dropped, and in the help
			t.Errorf("the page says the rules %d times", n)
		}
		if isSaid := strings.Contains(page, storage); isSaid != (cookie == mod) {
			t.Errorf("the storage is said to a moderator (%v): %v", cookie == mod, isSaid)
		}
	}
}
