package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
)

func TestOnlyOurOwnNamesAreAnswered(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--hosts", "chat.example.org", "--origins", "https://friend.example:8443", "--name", "Secret garden")
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	short, _, _ := strings.Cut(machine, ".")
	for host, ours := range map[string]bool{
		"127.0.0.1": true, "127.0.0.1:9": true, "192.168.1.5:3000": true, "[::1]:3000": true, "[fd00::1]": true,
		"localhost": true, "LOCALHOST:3000": true, "localhost.": true, machine: true, short + ".local:3000": true, short + ".lan": true, short + ".home.arpa": true,
		"chat.example.org": true, "Chat.Example.Org:443": true, "friend.example": true,
		"evil.example": false, "127.0.0.1.evil.example": false, "localhost.evil.example": false, "chat.example.org.evil.example": false,
		"evil.example:3000": false, "xchat.example.org": false, "127.0.0.1x": false, "2130706433": false, "0x7f.1": false,
		short + ".local.evil.example": false, "evil.lan": false, "x." + short + ".lan": false, "example.org": false,
	} {
		for _, path := range []string{"/", "/check", "/rooms/lobby", "/sessions", "/nowhere", "/ws", "/ws/echo"} {
			resp, body := s.answered(t, ask{method: "GET", path: path, host: host})
			if refused := resp.StatusCode == http.StatusMisdirectedRequest; refused == ours {
				t.Errorf("%s by the name %s is answered with %s", path, host, resp.Status)
			}
			if !ours && (strings.Contains(body, "Secret") || !strings.Contains(body, "hosts")) {
				t.Errorf("the refusal of %s tells the chat's name, or not what to do: %s", host, body)
			}
			if !ours && !strings.HasPrefix(path, "/ws") {
				looksByItself(t, resp, body)
			}
		}
		if resp, _ := s.answered(t, ask{method: "GET", path: "/ws", host: host, upgrade: true}); (resp.StatusCode == 101) != ours {
			t.Errorf("a socket by the name %s is answered with %s", host, resp.Status)
		}
		for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
			if resp, _ := s.answered(t, ask{method: "GET", path: path, host: host}); resp.StatusCode != 200 {
				t.Errorf("%s by the name %s is answered with %s", path, host, resp.Status)
			}
		}
	}
}

// looksByItself requires that a page has its look in it and asks for nothing, and that its policy lets nothing else in.
func looksByItself(t *testing.T, resp *http.Response, page string) {
	t.Helper()
	_, style, _ := strings.Cut(page, "<style>")
	style, _, found := strings.Cut(style, "</style>")
	hash := sha256.Sum256([]byte(style))
	want := "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
		"'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
	if got := resp.Header.Get("Content-Security-Policy"); got != want {
		t.Errorf("the policy is %q, want %q", got, want)
	}
	if !found || !strings.Contains(style, ".door") || strings.Contains(style, "url(") || strings.Contains(page, `="/`) {
		t.Errorf("it has no look, or asks for what it isn't given: %s", page)
	}
}

func TestOnlyOurOwnPagesAndFriendsMayConnectOrSend(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--origins", "https://friend.example,http://localhost:4000", "--trusted-proxies", "127.0.0.1")
	_, port, _ := strings.Cut(s.Host, ":")
	for origin, allowed := range map[string]bool{
		s.URL: true, "https://friend.example": true, "http://localhost:4000": true,
		"null": false, "http://evil.example": false, "https://" + s.Host: false, "ws://" + s.Host: false, "HTTP://" + s.Host: false,
		"http://127.0.0.1": false, "http://127.0.0.1:1": false, "http://127.0.0.1:" + port + "0": false, "http://localhost:" + port: false,
		"http://127.0.0.1:" + port + "@evil.example": false, "http://evil@127.0.0.1:" + port: false, "http://evil:x@" + s.Host: false,
		s.URL + ".evil.example": false, s.URL + "/": false, s.URL + "/x": false, s.URL + "?": false, s.URL + "#": false,
		s.URL + " http://evil.example": false, "http://evil.example " + s.URL: false, "//" + s.Host: false, s.Host: false, "*": false,
		"http://friend.example": false, "https://friend.example:443": false, "https://friend.example.evil.example": false,
		"https://evil.example/https://friend.example": false, "https://xfriend.example": false, "http://localhost": false,
		"file://": false, "about:blank": false, "undefined": false, "http://[::ffff:127.0.0.1]:" + port: false,
	} {
		header := http.Header{"Origin": {origin}}
		for _, path := range []string{"/", "/ws", "/ws/echo"} {
			if resp, _ := s.answered(t, ask{method: "GET", path: path, header: header, upgrade: true}); (resp.StatusCode == 101) != allowed ||
				!allowed && resp.StatusCode != http.StatusForbidden {
				t.Errorf("%s with the origin %q is answered with %s", path, origin, resp.Status)
			}
		}
		for _, row := range addresses(t) {
			if row[2] != "form" && row[2] != "loaded" && row[2] != "bytes" {
				continue
			}
			path := examples.Replace(row[1])
			resp, body := s.answered(t, ask{method: row[0], path: path, header: header, form: url.Values{"name": {"Ada"}}})
			if blamed := strings.Contains(body, "another site"); blamed == allowed {
				t.Errorf("%s with the origin %q is answered with %s: %.200s", path, origin, resp.Status, body)
			}
		}
	}
	for site, allowed := range map[string]bool{"same-origin": true, "none": true, "same-site": false, "cross-site": false, "what": false} {
		for _, origin := range []string{s.URL, ""} {
			header := http.Header{"Sec-Fetch-Site": {site}}
			if origin != "" {
				header.Set("Origin", origin)
			}
			if resp, _ := s.answered(t, ask{method: "GET", path: "/ws", header: header, upgrade: true}); (resp.StatusCode == 101) != allowed {
				t.Errorf("Sec-Fetch-Site %s with the origin %q is answered with %s", site, origin, resp.Status)
			}
		}
	}
	// Behind a proxy that adds HTTPS and says so, our own page is one of HTTPS.
	proxied := http.Header{"X-Forwarded-Proto": {"https"}, "Origin": {"https://" + s.Host}}
	if resp, _ := s.answered(t, ask{method: "GET", path: "/ws", header: proxied, upgrade: true}); resp.StatusCode != 101 {
		t.Errorf("our own page behind a proxy is answered with %s", resp.Status)
	}
	if resp, _ := s.answered(t, ask{method: "GET", path: "/", header: proxied}); !strings.Contains(fmt.Sprint(resp.Header["Set-Cookie"]), "secure") {
		t.Errorf("the cookie on HTTPS is %v", resp.Header["Set-Cookie"])
	}
}
