package e2e

import (
	"bufio"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
)

func TestConformanceHandshakeIsAccepted(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for name, change := range map[string]map[string]string{
		"as the RFC shows it":          {},
		"several connection tokens":    {"Connection": "keep-alive, Upgrade"},
		"tokens without spaces":        {"Connection": "keep-alive,foo,upgrade"},
		"tokens on two lines":          {"Connection": "keep-alive\r\nConnection: Upgrade"},
		"in capitals":                  {"Connection": "UPGRADE", "Upgrade": "WEBSOCKET"},
		"in small letters":             {"Connection": "upgrade", "Upgrade": "websocket"},
		"header names in small":        {"Connection": "", "Upgrade": "", "connection": "Upgrade", "upgrade": "websocket"},
		"compression offered":          {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"},
		"extensions nobody knows":      {"Sec-WebSocket-Extensions": "x-webkit-deflate-frame, foo; bar=2"},
		"a subprotocol nobody knows":   {"Sec-WebSocket-Protocol": "chat, superchat"},
		"a subprotocol in capitals":    {"Sec-WebSocket-Protocol": "PARLEY.JSON"}, // names are told apart by case
		"an empty list of subprotocol": {"Sec-WebSocket-Protocol": ", ,"},
	} {
		t.Run(name, func(t *testing.T) {
			c := s.connect(t)
			resp := c.handshake(s.Host, "/ws/echo", change)
			h := resp.Header
			if resp.StatusCode != 101 || resp.Proto != "HTTP/1.1" || !strings.EqualFold(h.Get("Upgrade"), "websocket") ||
				!strings.EqualFold(h.Get("Connection"), "Upgrade") || h.Get("Sec-WebSocket-Accept") != sampleAccept {
				t.Errorf("answered with %s %v", resp.Status, h)
			}
			for _, no := range []string{"Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"} {
				if values := h.Values(no); len(values) > 0 {
					t.Errorf("the server agreed to %s: %q", no, values)
				}
			}
			bad(1002, whole(sendText("hi")).answered(text("hi")), whole(clientFrame(fin|4<<4|opText, "\xca\xc9\x00"))).run(t, c) // RSV1
		})
	}
	for range 20 {
		key := make([]byte, 16)
		for i := range key {
			key[i] = byte(rand.Uint32())
		}
		sent := base64.StdEncoding.EncodeToString(key)
		resp := s.connect(t).handshake(s.Host, "/ws/echo", map[string]string{"Sec-WebSocket-Key": sent})
		if got, want := resp.Header.Get("Sec-WebSocket-Accept"), acceptOf(sent); got != want {
			t.Errorf("the key %s is accepted with %q, want %q", sent, got, want)
		}
	}
}

func TestConformanceHandshakeChoosesTheFirstSubprotocolThatItKnows(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for offered, chosen := range map[string]string{
		"parley.json":                    "parley.json",
		"chat, parley.text, parley.json": "parley.text",
		"parley.rpc,parley.json":         "parley.rpc",
		"parley.jso,,  parley.json ,":    "parley.json",

		"chat\r\nSec-WebSocket-Protocol: parley.pipe, parley.json": "parley.pipe",
	} {
		resp := s.connect(t).handshake(s.Host, "/ws", map[string]string{"Sec-WebSocket-Protocol": offered})
		if got := resp.Header.Values("Sec-WebSocket-Protocol"); resp.StatusCode != 101 || len(got) != 1 || got[0] != chosen {
			t.Errorf("of %q the server chose %q with %s", offered, got, resp.Status)
		}
	}
}

func TestConformanceHandshakeIsRefused(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for _, tt := range []struct {
		name   string
		change map[string]string
		status int
		code   string
	}{
		{"no key", map[string]string{"Sec-WebSocket-Key": ""}, 400, "bad_request"},
		{"a short key", map[string]string{"Sec-WebSocket-Key": "dGhlIHNhbXBsZQ=="}, 400, "bad_request"},
		{"a long key", map[string]string{"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQAA"}, 400, "bad_request"},
		{"a key that isn't base64", map[string]string{"Sec-WebSocket-Key": "?GhlIHNhbXBsZSBub25jZQ=="}, 400, "bad_request"},
		{"no version", map[string]string{"Sec-WebSocket-Version": ""}, 426, "upgrade_required"},
		{"version 8", map[string]string{"Sec-WebSocket-Version": "8"}, 426, "upgrade_required"},
		{"version 99", map[string]string{"Sec-WebSocket-Version": "99"}, 426, "upgrade_required"},
		{"no upgrade", map[string]string{"Upgrade": ""}, 426, "upgrade_required"},
		{"another upgrade", map[string]string{"Upgrade": "h2c"}, 426, "upgrade_required"},
		{"no connection header", map[string]string{"Connection": ""}, 426, "upgrade_required"},
		{"a connection that stays", map[string]string{"Connection": "keep-alive"}, 426, "upgrade_required"},
	} {
		for _, path := range []string{"/ws", "/ws/echo"} {
			resp := s.connect(t).handshake(s.Host, path, tt.change)
			if resp.StatusCode != tt.status || errorCode(t, resp) != tt.code {
				t.Errorf("%s: %s is answered with %s", tt.name, path, resp.Status)
			}
			if tt.status == 426 && (resp.Header.Get("Sec-WebSocket-Version") != "13" || resp.Header.Get("Upgrade") != "websocket") {
				t.Errorf("%s: %s does not say what would be right: %v", tt.name, path, resp.Header)
			}
		}
	}
	for _, method := range []string{"POST", "PUT", "HEAD"} {
		c := s.connect(t)
		c.send([]byte(strings.Replace(upgradeRequest(s.Host, "/ws", map[string]string{"Content-Length": "0"}), "GET", method, 1)), 0)
		resp, err := http.ReadResponse(c.in, &http.Request{Method: method})
		if err != nil || resp.StatusCode == 101 {
			t.Errorf("an upgrade by %s is answered with %v %v", method, resp, err)
		}
	}
	c := s.connect(t)
	c.send([]byte(strings.Replace(upgradeRequest(s.Host, "/ws", nil), "HTTP/1.1", "HTTP/1.0", 1)), 0)
	if resp := c.response(); resp.StatusCode != 426 {
		t.Errorf("an upgrade of HTTP/1.0 is answered with %s", resp.Status)
	}
}

func TestConformanceWhatComesBehindTheHandshakeIsNotLost(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	early := sendText("before the answer")
	for name, chop := range map[string]int{"in one segment": 0, "byte by byte": 1, "in pieces": 100} {
		t.Run(name, func(t *testing.T) {
			c := s.connect(t)
			request := []byte(upgradeRequest(s.Host, "/ws/echo", nil))
			long := strings.Repeat("x", 9000) // more than a connection's buffer
			c.send(append(append(request, early...), append(sendText(long), clientFrame(opText, "and")...)...), chop)
			if resp := c.response(); resp.StatusCode != 101 {
				t.Fatal(resp.Status)
			}
			good(whole().answered(text("before the answer"), text(long)),
				whole(clientFrame(fin|opContinuation, " on")).answered(text("and on"))).run(t, c)
		})
	}
}

func TestConformanceHandshakesThatBreakOffLeaveTheServerWell(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	request := upgradeRequest(s.Host, "/ws", nil)
	for cut := 1; cut < len(request); cut += 7 {
		c := s.connect(t)
		c.send([]byte(request[:cut]), 0)
		if cut%2 == 0 {
			_ = c.conn.SetLinger(0) // a reset, not an end
		}
		_ = c.conn.Close()
	}
	for range 50 { // nobody waits for the answer
		c := s.connect(t)
		c.send([]byte(request), 0)
		_ = c.conn.SetLinger(0)
		_ = c.conn.Close()
	}
	c := s.connect(t)
	c.send([]byte(request[:20]), 0)
	_ = c.conn.CloseWrite() // it could still be answered, but it says nothing that could be
	if answer, err := io.ReadAll(bufio.NewReader(c.in)); err != nil || strings.Contains(string(answer), " 101 ") {
		t.Errorf("half a handshake is answered with %q, %v", answer, err)
	}
	good(whole(sendText("hi")).answered(text("hi"))).run(t, s.bare(t, "/ws/echo"))
	s.waitForMetric(t, "parley_connections", func(n float64) bool { return n == 0 })
}
