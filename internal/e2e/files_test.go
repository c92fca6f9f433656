package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sentFile is a file as the server tells of it.
type sentFile struct {
	ID, Name, Type, URL, Thumb string
	Size                       int64
	Width, Height              int
}

// upload sends bytes as a program does, with a session or a key, and returns what they became, or the code of the refusal.
func (s *server) upload(t *testing.T, cookie, room, name string, body io.Reader, size int64) (f sentFile, status int, code string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		s.URL+"/rooms/"+url.PathEscape(room)+"/files?name="+url.QueryEscape(name), body)
	if err != nil {
		t.Fatal(err)
	}
	if req.ContentLength = size; size == 0 {
		req.Body = http.NoBody
	}
	if key, isKey := strings.CutPrefix(cookie, "Key "); isKey {
		req.Header.Set("Key", key)
	} else {
		req.Header.Set("Cookie", cookie)
	}
	resp, err := browserless.Do(req)
	if err != nil {
		t.Fatalf("uploading %s: %v", name, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return f, resp.StatusCode, errorCode(t, resp)
	}
	if err := json.NewDecoder(resp.Body).Decode(&f); err != nil {
		t.Fatal(err)
	}
	return f, resp.StatusCode, ""
}

// uploaded is upload of what has to be taken.
func (s *server) uploaded(t *testing.T, cookie, room, name string, body []byte) sentFile {
	t.Helper()
	f, status, code := s.upload(t, cookie, room, name, bytes.NewReader(body), int64(len(body)))
	if status != http.StatusCreated {
		t.Fatalf("uploading %s is answered with %d %s", name, status, code)
	}
	return f
}

// sendFiles sends a message of files alone and returns its seq.
func (s *socket) sendFiles(id, room string, ids ...string) int64 {
	s.t.Helper()
	b, _ := json.Marshal(map[string]any{"type": "send", "id": id, "room": room, "files": ids})
	s.send(string(b))
	f := s.next("ack", "error")
	if f.Type == "error" {
		s.t.Fatalf("the files were refused: %s %s", f.Code, f.Message)
	}
	return f.Seq
}

// onDisk are the files of a server, those that are being uploaded apart.
func (s *server) onDisk(t *testing.T) (kept, begun []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(s.Data, "files"), func(path string, entry os.DirEntry, err error) error {
		switch {
		case os.IsNotExist(err): // removed meanwhile
			return nil
		case err != nil || entry.IsDir():
			return err
		case filepath.Base(filepath.Dir(path)) == "new":
			begun = append(begun, path)
		default:
			kept = append(kept, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return kept, begun
}

// becomes waits until something is so, which no event tells from outside.
func becomes(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it doesn't come to that %s", what)
		}
	}
}

// drawn is a PNG with a colour that changes, and a text beside it.
func drawn(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Set(x, y, color.RGBA{uint8(x * 255 / width), uint8(y * 255 / height), 99, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFileIsReadByThoseWhoMayReadItsMessage(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	groot := s.account(t, "Groot")
	adas, bobs, eves := s.signIn(t, "Ada", "", "", firefox), s.signIn(t, "Bob", "", "", firefox), s.signIn(t, "Eve", "", "", firefox)
	ada, bob := s.withCookie(t, adas), s.withCookie(t, bobs)
	picture := drawn(t, 1000, 500)
	f := s.uploaded(t, adas, "lobby", "cat.png", picture)
	if f.Type != "image/png" || f.Width != 1000 || f.Height != 500 || f.Thumb == "" || len(f.ID) != 26 || !strings.HasPrefix(f.URL, "/files/"+f.ID+"/") {
		t.Fatalf("it became %+v", f)
	}
	may := func(who, cookie string, want int, paths ...string) {
		t.Helper()
		for _, path := range paths {
			if resp, body := s.get(t, path, cookie); resp.StatusCode != want {
				t.Errorf("%s gets %s for %s: %.100s", who, resp.Status, path, body)
			}
		}
	}
	may("its uploader", adas, 200, f.URL, f.Thumb)
	may("another one, before it is sent,", bobs, 404, f.URL, f.Thumb)
	bob.send(`{"type":"send","id":"1","room":"lobby","text":"mine?","files":["` + f.ID + `"]}`)
	if e := bob.next("error"); e.Code != "not_found" {
		t.Errorf("sending another's file is answered with %+v", e)
	}
	ada.sendFiles("1", "lobby", f.ID)
	for got := bob.read(); ; got = bob.read() {
		if strings.Contains(got, `"type":"message"`) {
			if !strings.Contains(got, `"text":""`) || !strings.Contains(got, `"files":[{"id":"`+f.ID+`","name":"cat.png","type":"image/png"`) {
				t.Errorf("the message is %s", got)
			}
			break
		}
	}
	may("a reader of the room", bobs, 200, f.URL, f.Thumb)
	may("nobody", "", 401, f.URL, f.Thumb)
	if resp, _ := s.answered(t, ask{method: "GET", path: f.URL, header: http.Header{"Key": {groot}}}); resp.StatusCode != 200 {
		t.Errorf("an account gets %s", resp.Status)
	}
	if _, body := s.get(t, f.URL, bobs); len(body) != len(picture) {
		t.Errorf("%d bytes came back of %d", len(body), len(picture))
	}
	if _, page := s.get(t, "/rooms/lobby", bobs); !strings.Contains(page, f.Thumb) {
		t.Error("the page lacks the picture")
	}
	ada.sendFiles("1", "lobby", f.ID) // again, as after a cut: the first ack
	ada.send(`{"type":"send","id":"2","room":"lobby","files":["` + f.ID + `"]}`)
	if e := ada.next("error"); e.Code != "not_found" {
		t.Errorf("sending it a second time is answered with %+v", e)
	}

	// In private it is for the two.
	room := privateRoom(t, ada, bob)
	secret := s.uploaded(t, adas, room, "secret.txt", []byte("between us"))
	ada.sendFiles("3", room, secret.ID)
	may("the other one", bobs, 200, secret.URL)
	may("a stranger", eves, 404, secret.URL)
	if _, status, code := s.upload(t, eves, room, "x.txt", strings.NewReader("x"), 1); status != 404 || code != "not_found" {
		t.Errorf("a stranger's upload is answered with %d %s", status, code)
	}
	_, theirs := s.get(t, secret.URL, eves)
	_, none := s.get(t, "/files/"+strings.Repeat("A", 26)+"/secret.txt", eves)
	if theirs != none {
		t.Errorf("a stranger is told %s, and of a file that isn't there %s", theirs, none)
	}

	// In a room by invitation it is for those who were invited.
	ada.send(`{"type":"create","id":"5","name":"team","entry":"invitation"}`)
	team := ada.next("created").Room
	ada.send(`{"type":"join","room":"` + team + `"}`)
	ada.next("joined")
	plan := s.uploaded(t, adas, team, "plan.txt", []byte("the plan"))
	ada.sendFiles("6", team, plan.ID)
	may("one who is not invited", bobs, 404, plan.URL)
	if _, status, code := s.upload(t, bobs, team, "x.txt", strings.NewReader("x"), 1); status != 404 || code != "not_found" {
		t.Errorf("an upload of one who is not invited is answered with %d %s", status, code)
	}
	ada.send(`{"type":"invite","id":"7","room":"` + team + `","name":"Two 1"}`)
	ada.next("invited")
	may("one who is invited", bobs, 200, plan.URL)
	may("a stranger", eves, 404, plan.URL)

	// It goes with its message.
	ada.send(`{"type":"delete","id":"4","room":"lobby","of":1}`)
	ada.next("ack")
	may("a reader, after its deletion,", bobs, 404, f.URL, f.Thumb)
	becomes(t, "only the others are on the disk", func() bool { kept, _ := s.onDisk(t); return len(kept) == 2 })
}

// privateRoom is the name of the room of two.
func privateRoom(t *testing.T, a, b *socket) string {
	t.Helper()
	var users [2]string
	for i, c := range []*socket{a, b} {
		c.send(`{"type":"nick","name":"` + fmt.Sprintf("Two %d", i) + `"}`)
		users[i] = c.next("welcome").User
	}
	if users[1] < users[0] {
		users[0], users[1] = users[1], users[0]
	}
	return "@" + users[0] + "." + users[1]
}

func TestFileIsServedSoThatNothingInItRuns(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := s.signIn(t, "Ada", "", "", firefox)
	page := "<!DOCTYPE html><script>alert(1)</script>"
	vector := `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	for _, tt := range []struct {
		name, body, kind, as, called string
		inline                       bool
	}{
		{"page.html", page, "text/html; charset=utf-8", "application/octet-stream", "page.html", false},
		{"photo.png", page, "text/html; charset=utf-8", "application/octet-stream", "photo.png", false}, // whatever it is called
		{"pic.svg", vector, "image/svg+xml", "application/octet-stream", "pic.svg", false},
		{"pic.png", "  \n" + vector[21:], "image/svg+xml", "application/octet-stream", "pic.png", false},
		{"a.pdf", "%PDF-1.7", "application/pdf", "application/octet-stream", "a.pdf", false},
		{"../../etc/passwd", "root:x", "text/plain; charset=utf-8", "text/plain; charset=utf-8", "passwd", true},
		{`C:\Users\me\notes.txt`, "hi", "text/plain; charset=utf-8", "text/plain; charset=utf-8", "notes.txt", true},
		{"x\r\nSet-Cookie: a=b", "hi", "text/plain; charset=utf-8", "text/plain; charset=utf-8", "xSet-Cookie: a=b", true},
		{"evil\u202egnp.exe", "MZ\x00\x01", "application/octet-stream", "application/octet-stream", "evilgnp.exe", false},
		{`"; filename="x.html`, "hi", "text/plain; charset=utf-8", "text/plain; charset=utf-8", `"; filename="x.html`, true},
		{"王小明 café.png", string(drawn(t, 4, 4)), "image/png", "image/png", "王小明 café.png", true},
		{"broken.png", string(drawn(t, 4, 4)[:20]), "application/octet-stream", "application/octet-stream", "broken.png", false},
		{"song.flac", "fLaC\x00\x00", "audio/flac", "audio/flac", "song.flac", true},
		{"a.mp4", "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", "video/mp4", "video/mp4", "a.mp4", true},
	} {
		f := s.uploaded(t, ada, "lobby", tt.name, []byte(tt.body))
		if f.Type != tt.kind || f.Name != tt.called {
			t.Errorf("%q became %q of the type %s, want %q of %s", tt.name, f.Name, f.Type, tt.called, tt.kind)
		}
		resp, _ := s.get(t, f.URL, ada)
		shown := resp.Header.Get("Content-Disposition")
		for name, want := range map[string]string{
			"Content-Type": tt.as, "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
			"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "private, max-age=31536000, immutable", "Set-Cookie": "",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%q has %s: %q, want %q", tt.name, name, got, want)
			}
		}
		if strings.HasPrefix(shown, "inline;") != tt.inline || strings.Count(shown, `"`) != 2 || strings.ContainsAny(shown, "\r\n") {
			t.Errorf("%q is sent as %s", tt.name, shown)
		}
	}
	for _, path := range []string{"/files/..%2f..%2fparley.db/x", "/files/../parley.db", "/files/AAAAAAAAAAAAAAAAAAAAAAA%2FAA/x", "/thumbs/..%2F..%2Fparley.db"} {
		if resp, body := s.get(t, path, ada); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s is answered with %s %.40q", path, resp.Status, body)
		}
	}
}

func TestPartsOfAFileAreSent(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := s.signIn(t, "Ada", "", "", firefox)
	body := bytes.Repeat([]byte("0123456789"), 100_000)
	f := s.uploaded(t, ada, "lobby", "long.txt", body)
	for _, tt := range []struct {
		header, held string
		status       int
		from, to     int // the bytes that come
	}{
		{"", "", 200, 0, 1_000_000},
		{"bytes=0-9", "", 206, 0, 10},
		{"bytes=10-", "", 206, 10, 1_000_000},
		{"bytes=-5", "", 206, 999_995, 1_000_000},
		{"bytes=999999-2000000", "", 206, 999_999, 1_000_000},
		{"bytes=500000-500000", "", 206, 500_000, 500_001},
		{"bytes=-2000000", "", 206, 0, 1_000_000},
		{"bytes=0-9", `"` + f.ID + `"`, 206, 0, 10},
		{"bytes=0-9", `"another"`, 200, 0, 1_000_000},
		{"bytes=1000000-", "", 416, 0, 0},
		{"bytes=-0", "", 416, 0, 0},
		{"bytes=5-4", "", 200, 0, 1_000_000},
		{"bytes=0-1,5-6", "", 200, 0, 1_000_000},
		{"lines=0-1", "", 200, 0, 1_000_000},
		{"bytes=99999999999999999999-", "", 200, 0, 1_000_000},
	} {
		header := http.Header{"Range": {tt.header}}
		if tt.held != "" {
			header.Set("If-Range", tt.held)
		}
		resp, got := s.answered(t, ask{method: "GET", path: f.URL, cookies: ada, header: header})
		if resp.StatusCode != tt.status || tt.status != 416 && got != string(body[tt.from:tt.to]) {
			t.Errorf("%s: %s with %d bytes", tt.header, resp.Status, len(got))
		}
		want := map[int]string{206: fmt.Sprintf("bytes %d-%d/1000000", tt.from, tt.to-1), 416: "bytes */1000000"}[tt.status]
		if got := resp.Header.Get("Content-Range"); got != want {
			t.Errorf("%s: Content-Range %q, want %q", tt.header, got, want)
		}
	}
	resp, got := s.answered(t, ask{method: "GET", path: f.URL, cookies: ada, header: http.Header{"If-None-Match": {`"` + f.ID + `"`}}})
	if resp.StatusCode != http.StatusNotModified || got != "" {
		t.Errorf("what one has already is answered with %s and %d bytes", resp.Status, len(got))
	}
	resp, got = s.answered(t, ask{method: "HEAD", path: f.URL, cookies: ada})
	if resp.StatusCode != 200 || got != "" || resp.ContentLength != 1_000_000 || resp.Header.Get("Accept-Ranges") != "bytes" {
		t.Errorf("HEAD is answered with %s and a length of %d", resp.Status, resp.ContentLength)
	}
}

func TestFilesEndByAgeAndTheirMessagesStay(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--upload.expire", "1ms")
	adas := s.signIn(t, "Ada", "", "", firefox)
	ada := s.withCookie(t, adas)
	f := s.uploaded(t, adas, "lobby", "old.png", drawn(t, 900, 900))
	ada.sendFiles("1", "lobby", f.ID)
	other := s.uploaded(t, adas, "lobby", "other.txt", []byte("never mind"))
	if resp, _ := s.answered(t, ask{method: "DELETE", path: "/files/" + other.ID, cookies: adas}); resp.StatusCode != http.StatusNoContent {
		t.Errorf("taking back a file is answered with %s", resp.Status)
	}
	if resp, _ := s.answered(t, ask{method: "DELETE", path: "/files/" + f.ID, cookies: adas}); resp.StatusCode != http.StatusNotFound {
		t.Errorf("taking back a file that was sent is answered with %s", resp.Status)
	}
	becomes(t, "nothing is on the disk", func() bool { kept, _ := s.onDisk(t); return len(kept) == 0 })
	if resp, _ := s.get(t, f.URL, adas); resp.StatusCode != http.StatusNotFound {
		t.Errorf("what has ended is answered with %s", resp.Status)
	}
	ada.send(`{"type":"history","room":"lobby"}`)
	for got := ada.read(); ; got = ada.read() {
		if strings.Contains(got, `"type":"history"`) {
			if want := fmt.Sprintf(`"files":[{"id":"%s","name":"old.png","type":"image/png","size":%d,"width":900,"height":900}]`, f.ID, f.Size); !strings.Contains(got, want) {
				t.Errorf("history has %s, not %s", got, want)
			}
			break
		}
	}
	becomes(t, "no file is counted", func() bool { return s.metric(t, "parley_files") == 0 && s.metric(t, "parley_file_bytes") == 0 })
}

func TestLineDialectsSayWhereAFileIs(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	adas := s.signIn(t, "Ada", "", "", firefox)
	ada := s.withCookie(t, adas)
	reader := dial(t, s.WS("?dialect=text&name=Reader"), nil)
	ada.next("presence") // what is sent before the reader is in the room is not told in this dialect
	f := s.uploaded(t, adas, "lobby", "the plan.pdf", []byte("%PDF-1.7 and so on"))
	ada.sendFiles("1", "lobby", f.ID)
	if got, want := reader.answer(), "Ada: the plan.pdf (18 B) /files/"+f.ID+"/the%20plan.pdf"; got != want {
		t.Errorf("read %q, want %q", got, want)
	}
}
