package e2e

import (
	"bytes"
	"crypto/rand"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// parcelOf is a form with a file behind its fields, as browsers write one, and its length.
func parcelOf(t *testing.T, form url.Values, name string, file io.Reader, size int64) (body io.Reader, length int64, kind string) {
	t.Helper()
	var around bytes.Buffer
	w := multipart.NewWriter(&around)
	for field, values := range form {
		if err := w.WriteField(field, values[0]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.CreateFormFile("file", name); err != nil {
		t.Fatal(err)
	}
	before := around.Len()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole := around.Bytes()
	return io.MultiReader(bytes.NewReader(whole[:before]), io.LimitReader(file, size), bytes.NewReader(whole[before:])),
		int64(len(whole)) + size, w.FormDataContentType()
}

// sendsFile sends the form for files of a room.
func (p *scriptless) sendsFile(room string, form url.Values, name string, file io.Reader, size int64) (*http.Response, string) {
	p.t.Helper()
	body, length, kind := parcelOf(p.t, form, name, file, size)
	return p.posts(room+"/plain/files", kind, body, length, p.s.URL)
}

func (p *scriptless) posts(path, kind string, body io.Reader, length int64, origin string) (*http.Response, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.s.URL+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	req.ContentLength = length
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Origin", origin)
	req.Header.Set("Cookie", p.cookie)
	resp, err := browserless.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp, string(page)
}

// fileForm is what stands in the form for files.
func (p *scriptless) fileForm(room string) url.Values {
	p.t.Helper()
	return formOf(p.t, p.reads(room+"/plain?write"), room+"/plain/files")
}

func TestFilesAreSentWithoutScripts(t *testing.T) {
	t.Parallel()
	const most = 64 << 20
	s := startServer(t, "--upload.file-bytes", "67108864", "--rate-limit.messages", "0", "--rate-limit.uploads", "0")
	ada, bob := joinScriptless(t, s, "Ada"), joinScriptless(t, s, "Bob")
	const lobby = "/rooms/lobby"

	// A picture with words, twice by one form: it is there once, and so are its bytes.
	picture := drawn(t, 60, 40)
	form := ada.fileForm(lobby)
	form.Set("text", "My tomatoes")
	for range 2 {
		resp, page := ada.sendsFile(lobby, form, "tomatoes & 番茄.png", bytes.NewReader(picture), int64(len(picture)))
		if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != lobby+"/plain" {
			t.Fatalf("the file is answered with %s: %s", resp.Status, mainOf(page))
		}
	}
	page := bob.reads(lobby + "/plain")
	if strings.Count(page, "<p>My tomatoes</p>") != 1 || !strings.Contains(page, `alt="tomatoes &amp; 番茄.png"`) {
		t.Errorf("Bob doesn't see it once: %s", mainOf(page))
	}
	_, address, _ := strings.Cut(page, `class="file shot" href="`)
	address, _, _ = strings.Cut(address, `"`)
	if resp, got := s.get(t, address, bob.cookie); resp.Header.Get("Content-Type") != "image/png" || len(got) == 0 {
		t.Errorf("Bob gets %d bytes of %s from %q", len(got), resp.Header.Get("Content-Type"), address)
	}
	becomes(t, "only one file is there", func() bool { kept, begun := s.onDisk(t); return len(kept) == 1 && len(begun) == 0 })

	// A file of the most bytes is taken without being held; one of one byte more is not. Nothing that was typed is lost.
	before := s.metric(t, "process_resident_memory_bytes")
	if resp, page := ada.sendsFile(lobby, ada.fileForm(lobby), "large.bin", rand.Reader, most); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("the largest file is answered with %s: %s", resp.Status, mainOf(page))
	}
	if grown := s.metric(t, "process_resident_memory_bytes") - before; grown > 32<<20 {
		t.Errorf("memory grew by %.0f MB", grown/(1<<20))
	}
	form = ada.fileForm(lobby)
	form.Set("text", "Too much")
	resp, page := ada.sendsFile(lobby, form, "larger.bin", rand.Reader, most+1)
	if resp.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(page, "67 MB is the most") || !strings.Contains(page, `value="Too much"`) {
		t.Errorf("a file that is too large is answered with %s: %s", resp.Status, mainOf(page))
	}

	// What is no form with a file, comes from elsewhere or from who may not is refused, and nothing of it stays.
	eve := joinScriptless(t, s, "Eve")
	_, private, _ := ada.types(lobby, "/msg Bob Just for you")
	private = strings.TrimSuffix(private, "/plain")
	own, foreign := eve.fileForm(lobby), url.Values{"token": {"AAAA"}}
	for name, tt := range map[string]struct {
		room, file string
		form       url.Values
		want       int
	}{
		"without a file":      {lobby, "", own, http.StatusBadRequest},
		"without a token":     {lobby, "x.txt", nil, http.StatusForbidden},
		"with another token":  {lobby, "x.txt", foreign, http.StatusForbidden},
		"where one isn't":     {private, "x.txt", own, http.StatusNotFound},
		"with a long preface": {lobby, "x.txt", url.Values{"token": own["token"], "text": {strings.Repeat("x", 70_000)}}, http.StatusRequestEntityTooLarge},
	} {
		if resp, page := eve.sendsFile(tt.room, tt.form, tt.file, strings.NewReader("hello"), 5); resp.StatusCode != tt.want {
			t.Errorf("%s it is answered with %s: %.500s", name, resp.Status, page)
		}
	}
	body, length, kind := parcelOf(t, own, "x.txt", strings.NewReader("hello"), 5)
	if resp, _ := eve.posts(lobby+"/plain/files", kind, body, length, "http://evil.example"); resp.StatusCode != http.StatusForbidden {
		t.Errorf("from another site it is answered with %s", resp.Status)
	}
	if resp, _ := eve.posts(lobby+"/plain/files", "text/plain", strings.NewReader("hello"), 5, s.URL); resp.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("what is no form is answered with %s", resp.Status)
	}
	eve.cookie = ""
	if resp, _ := eve.sendsFile(lobby, own, "x.txt", strings.NewReader("hello"), 5); resp.StatusCode != http.StatusSeeOther ||
		!strings.HasPrefix(resp.Header.Get("Location"), "/?room=") {
		t.Errorf("whoever is not signed in is answered with %s", resp.Status)
	}
	becomes(t, "only what was sent is there", func() bool { kept, begun := s.onDisk(t); return len(kept) == 2 && len(begun) == 0 })
}

func TestCommandsAreNoCaptions(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--rate-limit.uploads", "0")
	ada := joinScriptless(t, s, "Ada")
	const lobby = "/rooms/lobby"
	send := func(form url.Values) (*http.Response, string) {
		return ada.sendsFile(lobby, form, "seeds.txt", strings.NewReader("peas"), 4)
	}
	for caption, says := range map[string]string{
		"/topic Seeds": "/topic is a command, and nothing that is said with a file.", "/ME waves": "/ME is a command",
		"/topci Seeds": "There is no command /topci. Did you mean /topic?", "/etc/hosts": "There is no command /etc/hosts.",
	} {
		form := ada.fileForm(lobby)
		form.Set("text", caption)
		if resp, page := send(form); resp.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, `role="alert">`+says) ||
			!strings.Contains(page, `value="`+caption+`"`) {
			t.Errorf("%q is answered with %s: %s", caption, resp.Status, mainOf(page))
		}
	}
	page := ada.reads(lobby + "/plain")
	if strings.Contains(page, "Seeds") || strings.Contains(page, "seeds.txt") {
		t.Errorf("what was refused was sent, or done: %s", page)
	}

	form := ada.fileForm(lobby)
	form.Set("text", "//etc/hosts")
	if resp, page := send(form); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("a slash that is meant is answered with %s: %s", resp.Status, mainOf(page))
	}
	if page := ada.reads(lobby + "/plain"); !strings.Contains(page, "<p>/etc/hosts</p>") || strings.Count(page, "seeds.txt") == 0 {
		t.Errorf("what was said with it isn't there: %s", mainOf(page))
	}
	becomes(t, "only what was sent is there", func() bool { kept, begun := s.onDisk(t); return len(kept) == 1 && len(begun) == 0 })
}
