package e2e

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestProgramsThatGuessKeysAreSlowedDownToo(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--access", "keys", "--rate-limit.tries", "3")
	program := http.Header{"Accept": {"application/json"}}
	for i, want := range []int{401, 401, 401, 429} {
		if resp, _ := s.join(t, url.Values{"name": {"Groot"}, "key": {"wrong"}}, program); resp.StatusCode != want {
			t.Errorf("try %d is answered with %s, want %d", i+1, resp.Status, want)
		}
	}
}

func TestRequestsThatCannotBeServedAreRefusedWithTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	upgrade := "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	for _, tt := range []struct {
		name, sent string
		status     int
	}{
		{"not HTTP", "NONSENSE\r\n\r\n", 400},
		{"headers too large", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 20_000) + "\r\n\r\n", 431},
		{"a form too large", "POST /join HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100_000), 413},
		{"no such page", "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n", 404},
		{"another method", "POST /check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405},
		{"an upgrade that is no GET", "POST /ws HTTP/1.1\r\nHost: localhost\r\n" + upgrade + "Content-Length: 0\r\n\r\n", 405},
	} {
		c, err := net.Dial("tcp", s.Host)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.WriteString(c, tt.sent); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else {
			csp, sniff := resp.Header.Get("Content-Security-Policy"), resp.Header.Get("X-Content-Type-Options")
			if resp.StatusCode != tt.status || !strings.HasPrefix(csp, "default-src 'none'") || sniff != "nosniff" {
				t.Errorf("%s is answered with %s and %v; want %d", tt.name, resp.Status, resp.Header, tt.status)
			}
			if resp.Header.Get("Strict-Transport-Security") != "" {
				t.Errorf("%s: browsers are told to want HTTPS, which isn't there", tt.name)
			}
			_ = resp.Body.Close()
		}
		_ = c.Close()
	}
}

func TestOneRequestHasOneAnswer(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	c, err := net.Dial("tcp", s.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, "POST /leave HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"+
		"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if n := strings.Count(string(got), "HTTP/1.1 "); err != nil || n != 1 {
		t.Errorf("%d answers and %v: %s", n, err, got)
	}
}

func TestNamesThatAreRefusedCostAsMuchAsMessages(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0.1", "--rate-limit.burst", "2")
	s.json(t, "Taken", "").say("1", "I am")
	for _, frame := range []string{"Taken: me too", " "} {
		c := dial(t, s.WS("?dialect=text"), nil)
		for range 100 {
			if c.ws.WriteMessage(1, []byte(frame)) != nil {
				break
			}
		}
		if code := c.closeCode(); code != 1008 {
			t.Errorf("%q again and again ends with %d", frame, code)
		}
	}
}
