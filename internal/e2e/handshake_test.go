package e2e

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/fasthttp/websocket"
)

func TestHandshakeRefusals(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--origins", "https://friend.example")
	_, port, _ := net.SplitHostPort(s.Host)
	for _, tt := range []struct {
		name, query string
		header      http.Header
		status      int
		code        string
	}{
		{"another site", "", http.Header{"Origin": {"http://evil.example"}}, 403, "forbidden"},
		{"no site at all", "", http.Header{"Origin": {"null"}}, 403, "forbidden"},
		{"a name that begins like ours", "", http.Header{"Origin": {"http://127.0.0.1.evil.example:" + port}}, 403, "forbidden"},
		{"a user-info trick", "", http.Header{"Origin": {"http://127.0.0.1:" + port + "@evil.example"}}, 403, "forbidden"},
		{"our host on another port", "", http.Header{"Origin": {"http://127.0.0.1:1"}}, 403, "forbidden"},
		{"a friend over the wrong scheme", "", http.Header{"Origin": {"http://friend.example"}}, 403, "forbidden"},
		{"a key of nobody", "", http.Header{"Key": {"nobody"}}, 401, "unauthorized"},
		{"a session that ended", "", http.Header{"Cookie": {"parley_session=gone"}}, 401, "unauthorized"},
		{"no such dialect", "?dialect=latin", nil, 400, "bad_request"},
		{"no such room name", "?room=No%20Room", nil, 400, "bad_request"},
		{"no such seq", "?since=soon", nil, 400, "bad_request"},
		{"a private room of others", "?room=%40u_a.u_b", nil, 404, "not_found"},
		{"a room by invitation", "?room=~team.k7x2m9qa", nil, 404, "not_found"},
	} {
		if status, code, _ := refused(t, s.WS(tt.query), tt.header); status != tt.status || code != tt.code {
			t.Errorf("%s is answered with %d %s, want %d %s", tt.name, status, code, tt.status, tt.code)
		}
	}
	for _, origin := range []string{s.URL, "https://friend.example"} {
		dial(t, s.WS(""), http.Header{"Origin": {origin}}).next("welcome")
	}
	resp, _ := s.get(t, "/ws", "")
	if resp.StatusCode != http.StatusUpgradeRequired || !strings.EqualFold(resp.Header.Get("Upgrade"), "websocket") {
		t.Errorf("a plain request is answered with %s", resp.Status)
	}
}

func TestDialectIsChosenBySubprotocolQueryKeyOrFirstFrame(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	key := s.account(t, "Groot")
	ask := `{"id":1,"method":"GET","target":"/members"}`
	for _, tt := range []struct {
		name, query, protocol string
		header                http.Header
		sent, begins          string
	}{
		{"subprotocol json", "", "parley.json", nil, `{"type":"ping"}`, `{"type":"pong"`},
		{"subprotocol text", "?name=T", "parley.text", nil, "hi", "T: hi"},
		{"subprotocol before query", "?dialect=json&name=P", "parley.rpc", nil, ask, `{"id":1,"code":200,`},
		{"query rpc", "?dialect=rpc", "", nil, ask, `{"id":1,"code":200,`},
		{"a Key header", "", "", http.Header{"Key": {key}}, ask, `{"id":1,"code":200,`},
		{"first frame with target", "", "", nil, ask, `{"id":1,"code":200,`},
		{"first frame json", "", "", nil, `{"type":"ping"}`, `{"type":"pong"`},
		{"first frame pipe", "", "", nil, "Pia|hi", `{"type":"message"`},
		{"first frame text", "", "", nil, "Tom: hi", "Tom: hi"},
	} {
		header := http.Header{}
		for k, v := range tt.header {
			header[k] = v
		}
		if tt.protocol != "" {
			header.Set("Sec-WebSocket-Protocol", tt.protocol)
		}
		c := dial(t, s.WS(tt.query), header)
		if c.ws.Subprotocol() != tt.protocol {
			t.Errorf("%s: the server chose %q", tt.name, c.ws.Subprotocol())
		}
		c.send(tt.sent)
		for { // until it was decided, the server wrote json
			got := c.read()
			if strings.HasPrefix(got, tt.begins) {
				break
			}
			if !strings.HasPrefix(got, `{"type":"welcome"`) && !strings.HasPrefix(got, `{"type":"joined"`) && !strings.HasPrefix(got, `{"type":"presence"`) {
				t.Fatalf("%s: %s is answered with %.200s; want %s", tt.name, tt.sent, got, tt.begins)
			}
		}
		c.leave()
	}
}

func TestRootIsTheSocketForAnUpgradeAndThePageOtherwise(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	dial(t, "ws://"+s.Host+"/", nil).next("welcome")
	if resp, body := s.get(t, "/", ""); resp.StatusCode != 200 || !strings.Contains(body, `name="name"`) {
		t.Errorf("GET / is answered with %s", resp.Status)
	}
}

func TestJoinFormAnswersAsTheContractSays(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	resp, cookie := s.join(t, url.Values{"name": {"Ada"}, "room": {"dev"}}, nil)
	if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/rooms/dev" || cookie == "" {
		t.Fatalf("joining is answered with %s to %s", resp.Status, resp.Header.Get("Location"))
	}
	set := resp.Header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(set, want) {
			t.Errorf("the cookie lacks %s: %s", want, set)
		}
	}
	if resp, body := s.get(t, "/rooms/dev", cookie); resp.StatusCode != 200 || !strings.Contains(body, "Ada") {
		t.Errorf("the chat page is answered with %s", resp.Status)
	}
	if _, body := s.get(t, "/", cookie); !strings.Contains(body, "Ada") {
		t.Error("someone signed in is not offered to continue")
	}
	if resp, _ := s.get(t, "/rooms/dev", ""); resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/?room=dev" {
		t.Errorf("without a session the chat page is answered with %s to %s", resp.Status, resp.Header.Get("Location"))
	}
	taken, _ := s.join(t, url.Values{"name": {"ada"}}, nil)
	body, _ := io.ReadAll(taken.Body)
	if taken.StatusCode != http.StatusConflict || !strings.Contains(string(body), "ada 2") {
		t.Errorf("a taken name is answered with %s and no suggestion", taken.Status)
	}
	evil, _ := s.join(t, url.Values{"name": {"Eve"}}, http.Header{"Origin": {"http://evil.example"}})
	if evil.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site is answered with %s", evil.Status)
	}
}

func TestJoinWithKeysAndTooManyTries(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--access", "keys", "--rate-limit.tries", "3")
	key := s.account(t, "Groot")
	if resp, cookie := s.join(t, url.Values{"name": {"Groot"}, "key": {key}}, nil); resp.StatusCode != 303 || cookie == "" {
		t.Errorf("the right key is answered with %s", resp.Status)
	}
	for range 3 {
		if resp, _ := s.join(t, url.Values{"name": {"Groot"}, "key": {"wrong"}}, nil); resp.StatusCode != 401 {
			t.Errorf("a wrong key is answered with %s", resp.Status)
		}
	}
	if resp, _ := s.join(t, url.Values{"name": {"Groot"}, "key": {key}}, nil); resp.StatusCode != 429 {
		t.Errorf("the try after too many is answered with %s", resp.Status)
	}
}

func TestLeaveEndsTheSessionAndItsSockets(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	_, cookie := s.join(t, url.Values{"name": {"Ada"}}, nil)
	c := dial(t, s.WS("?dialect=json"), http.Header{"Cookie": {cookie}})
	c.next("joined")
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/leave", nil)
	req.Header.Set("Cookie", cookie)
	resp, err := browserless.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/" {
		t.Errorf("leaving is answered with %s", resp.Status)
	}
	if code := c.closeCode(); code != 4004 {
		t.Errorf("the socket is closed with %d", code)
	}
	if resp, _ := s.get(t, "/rooms/lobby", cookie); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("the old session is answered with %s", resp.Status)
	}
	if status, _, _ := refused(t, s.WS("?dialect=json"), http.Header{"Cookie": {cookie}}); status != 401 {
		t.Errorf("a socket with the old session is answered with %d", status)
	}
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	_, page := s.get(t, "/", "")
	style := regexp.MustCompile(`/static/[^"]+\.css`).FindString(page)
	icon := regexp.MustCompile(`/static/[^"]+\.svg`).FindString(page)
	if style == "" || icon == "" {
		t.Fatal("the page has no style or no icon")
	}
	for _, path := range []string{"/", "/check", "/rooms/lobby", "/nowhere", "/healthz", "/readyz", "/metrics", style, icon} {
		resp, body := s.get(t, path, "")
		csp := resp.Header.Get("Content-Security-Policy")
		// A policy is for documents, which an SVG can be and a style can't; it would weigh more than most of them.
		if path != style && (!strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe")) {
			t.Errorf("%s has the policy %q", path, csp)
		}
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may be taken for what it isn't: %v", path, resp.Header)
		}
		if server := resp.Header.Get("Server"); server != "" {
			t.Errorf("%s names the server: %s", path, server)
		}
		if hsts := resp.Header.Get("Strict-Transport-Security"); hsts != "" || strings.HasPrefix(resp.Header.Get("Location"), "https:") {
			t.Errorf("%s has browsers want HTTPS, which isn't there: %v", path, resp.Header)
		}
		if strings.Contains(body, " style=") || strings.Contains(body, "<script>") || strings.Contains(body, "onclick") {
			t.Errorf("%s has something inline", path)
		}
	}
}

func TestHealthPages(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	dial(t, s.WS(""), nil).next("joined")
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ready", "/metrics": "parley_connections 1"} {
		if resp, body := s.get(t, path, ""); resp.StatusCode != 200 || !strings.Contains(body, want) {
			t.Errorf("%s is answered with %s and %.100q", path, resp.Status, body)
		}
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--limits.connections", "2")
	for range 2 {
		dial(t, s.WS(""), nil).next("joined")
	}
	if status, code, _ := refused(t, s.WS(""), nil); status != http.StatusServiceUnavailable || code != "unavailable" {
		t.Errorf("a connection too many is answered with %d %s", status, code)
	}
}

func TestSecondHandshakeHeaderTricks(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	header := http.Header{"Sec-WebSocket-Protocol": {"unknown.protocol"}}
	ws, _, err := websocket.DefaultDialer.Dial(s.WS(""), header)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if ws.Subprotocol() != "" {
		t.Errorf("the server agreed to %q", ws.Subprotocol())
	}
}
