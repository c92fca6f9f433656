package e2e

import (
	"bytes"
	"compress/gzip"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func TestFormThatIsPackedIsNotUnpacked(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	var packed bytes.Buffer
	squeeze := gzip.NewWriter(&packed)
	form := multipart.NewWriter(squeeze)
	if err := form.SetBoundary("x"); err != nil {
		t.Fatal(err)
	}
	part, err := form.CreateFormField("name")
	if err != nil {
		t.Fatal(err)
	}
	for range 40 {
		if _, err := part.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := squeeze.Close(); err != nil {
		t.Fatal(err)
	}
	before := s.metric(t, "process_resident_memory_bytes")
	for _, row := range addresses(t) {
		if row[2] != "form" && row[2] != "loaded" {
			continue
		}
		path := examples.Replace(row[1])
		req, err := http.NewRequestWithContext(t.Context(), row[0], s.URL+path, bytes.NewReader(packed.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		req.Header.Set("Content-Encoding", "gzip")
		resp, err := browserless.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusUnsupportedMediaType {
			t.Errorf("%s answers %s", path, resp.Status)
		}
	}
	if grown := s.metric(t, "process_resident_memory_bytes") - before; grown > 30<<20 {
		t.Errorf("memory grew by %.0f MB", grown/(1<<20))
	}
}

func TestLinesBeforeTheProxysOwnSayNothingOfTheAddress(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.tries", "3", "--trusted-proxies", "127.0.0.1")
	for name, lines := range map[string]func(i int) []string{
		"another line":   func(i int) []string { return []string{"198.51.100." + strconv.Itoa(i), "192.0.2.1"} },
		"the same line":  func(i int) []string { return []string{"198.51.100." + strconv.Itoa(i) + ", 192.0.2.2"} },
		"exempt":         func(int) []string { return []string{"127.0.0.1", "192.0.2.3"} },
		"with a port":    func(i int) []string { return []string{"192.0.2.4:" + strconv.Itoa(4000+i)} },
		"IPv6 in a port": func(i int) []string { return []string{"[2001:db8::5]:" + strconv.Itoa(4000+i)} },
	} {
		refused := 0
		for i := range 8 {
			resp, _ := s.answered(t, ask{
				method: "POST", path: "/join", header: http.Header{"X-Forwarded-For": lines(i)},
				form: url.Values{"name": {"Groot"}, "key": {"wrong" + strings.Repeat("x", i)}},
			})
			if resp.StatusCode == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused != 5 {
			t.Errorf("%s: %d of 8 wrong tries were refused, want 5", name, refused)
		}
	}
}
