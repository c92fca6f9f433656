package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ask is one request as anybody may write it.
type ask struct {
	method, path string
	header       http.Header
	cookies      string
	host         string // "" for the server's own
	form         url.Values
	loaded       bool // the form has a file in it
	upgrade      bool
}

// answered sends a request and returns the status and the body, which is empty where a WebSocket was opened.
func (s *server) answered(t *testing.T, a ask) (*http.Response, string) {
	t.Helper()
	var body io.Reader
	kind := "application/x-www-form-urlencoded"
	switch {
	case a.loaded:
		body, _, kind = parcelOf(t, a.form, "x.txt", strings.NewReader("hello"), 5)
		whole, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(whole)
	case a.form != nil:
		body = strings.NewReader(a.form.Encode())
	}
	req, err := http.NewRequestWithContext(t.Context(), a.method, s.URL+a.path, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range a.header {
		req.Header[name] = values
	}
	if a.form != nil {
		req.Header.Set("Content-Type", kind)
	}
	if a.cookies != "" {
		req.Header.Set("Cookie", a.cookies)
	}
	if a.upgrade {
		for name, value := range map[string]string{
			"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13", "Sec-Websocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
		} {
			req.Header.Set(name, value)
		}
	}
	if a.host != "" {
		req.Host = a.host
	}
	resp, err := browserless.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", a.method, a.path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp, ""
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", a.method, a.path, err)
	}
	return resp, string(text)
}

// cookie is the value of a cookie that an answer sets, as a browser sends it back.
func cookieOf(resp *http.Response, name string) string {
	for _, c := range resp.Cookies() {
		if c.Name == name {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

var tokenInPage = regexp.MustCompile(`name="token" value="([^"]+)"`)

// tokenOn is the token that a page puts into its forms.
func tokenOn(t *testing.T, page string) string {
	t.Helper()
	found := tokenInPage.FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("there is no token in the page %.300s", page)
	}
	return found[1]
}

// addresses are the rows of docs/access.md, which the program's own table is held to.
func addresses(t *testing.T) [][]string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "access.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| GET ") || strings.HasPrefix(line, "| POST ") || strings.HasPrefix(line, "| DELETE ") {
			cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		}
	}
	if len(rows) < 10 {
		t.Fatalf("docs/access.md has %d addresses", len(rows))
	}
	return rows
}

// examples are what may stand in an address for what the rows leave open.
var examples = strings.NewReplacer(":room", "lobby", ":id", strings.Repeat("A", 26), ":name", "x", ":of", "1", ":format", "txt")

// visitor is one of those who ask.
type visitor struct {
	name, cookies, token string
	signedIn             bool
}

func TestEveryAddressAnswersOnlyWhoItsRowSays(t *testing.T) {
	t.Parallel()
	for _, access := range []string{"open", "keys"} {
		t.Run(access, func(t *testing.T) {
			s := startServer(t, "--access", access, "--rate-limit.tries", "0", "--rate-limit.requests", "0")
			asset := regexp.MustCompile(`/static/[^"]+\.css`).FindString(func() string { _, page := s.get(t, "/", ""); return page }())
			joins, key := 0, ""
			if access == "keys" {
				key = s.account(t, "Mia")
			}
			enter := func() visitor {
				name := "Mia"
				form := url.Values{"name": {name}, "key": {key}}
				if joins++; access == "open" {
					name = fmt.Sprint("Mia ", joins)
					form = url.Values{"name": {name}}
				}
				resp, cookie := s.join(t, form, nil)
				if cookie == "" {
					t.Fatalf("%s can't join: %s", name, resp.Status)
				}
				_, page := s.get(t, "/sessions", cookie)
				return visitor{name, cookie, tokenOn(t, page), true}
			}
			for _, row := range addresses(t) {
				method, path, kind, limitedTo := row[0], row[1], row[2], row[3]
				path = strings.Replace(examples.Replace(path), "/static/:hash/*", asset, 1)
				everybody := []visitor{
					{name: "nobody"},
					{name: "a dead session", cookies: "parley_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
					enter(),
				}
				for _, v := range everybody {
					for _, how := range ways(s, v) {
						a := how.ask
						a.method, a.path, a.cookies, a.upgrade = method, path, v.cookies, kind == "socket"
						if kind == "bytes" {
							a.header = a.header.Clone()
							if a.header == nil {
								a.header = http.Header{}
							}
							a.header.Set("Parley-Token", a.form.Get("token"))
						}
						a.loaded = kind == "loaded"
						if kind != "form" && !a.loaded {
							a.form = nil
						}
						want := expected(method, path, kind, limitedTo, access, v, how)
						if resp, body := s.answered(t, a); resp.StatusCode != want {
							t.Errorf("%s %s (%s) by %s, %s: %s, want %d: %.200s", method, path, kind, v.name, how.name, resp.Status, want, body)
						}
						if v.signedIn && kind == "form" && want < 400 { // it may have ended what the next ways need
							v = enter()
						}
					}
				}
			}
		})
	}
}

// way is how a request comes: from which page, by which name, with which token.
type way struct {
	name                            string
	ask                             ask
	otherSite, wrongToken, misnamed bool
}

func ways(s *server, v visitor) []way {
	own := http.Header{"Origin": {s.URL}}
	token := func(text string) url.Values { return url.Values{"token": {text}, "session": {"s_none"}} }
	return []way{
		{name: "by another name", ask: ask{host: "evil.example", form: token(v.token)}, misnamed: true},
		{name: "from another site", ask: ask{header: http.Header{"Origin": {"http://evil.example"}}, form: token(v.token)}, otherSite: true},
		{
			name: "as a navigation of another site", otherSite: true,
			ask: ask{header: http.Header{"Sec-Fetch-Site": {"cross-site"}}, form: token(v.token)},
		},
		{name: "without a token", ask: ask{header: own, form: url.Values{}}, wrongToken: true},
		{name: "with another's token", ask: ask{header: own, form: token("AAAA")}, wrongToken: true},
		{name: "by a program", ask: ask{form: token("")}},
	}
}

// expected is the status that the row promises.
func expected(method, path, kind, limitedTo, access string, v visitor, how way) int {
	isMember := limitedTo == "whoever has a session"
	switch {
	case kind == "probe":
		return http.StatusOK
	case how.misnamed:
		return http.StatusMisdirectedRequest
	case kind == "file":
		return http.StatusOK
	case strings.HasPrefix(path, "/add/"): // for want of a code that is good
		return http.StatusNotFound
	case kind == "page" && isMember && !v.signedIn:
		return http.StatusSeeOther
	case kind == "page":
		return http.StatusOK
	case kind == "sent" && !v.signedIn:
		return http.StatusUnauthorized
	case kind == "sent": // nobody has sent such a file
		return http.StatusNotFound
	case how.otherSite:
		return http.StatusForbidden
	case kind == "socket" && v.signedIn:
		return http.StatusSwitchingProtocols
	case kind == "socket" && access == "keys":
		return http.StatusUnauthorized
	case kind == "socket" && v.cookies != "" && path != "/ws/echo": // its page has to hear that the session has ended
		return http.StatusUnauthorized
	case kind == "socket":
		return http.StatusSwitchingProtocols
	case kind == "bytes" && how.wrongToken && v.signedIn:
		return http.StatusForbidden
	case kind == "bytes" && !v.signedIn:
		return http.StatusUnauthorized
	case kind == "bytes" && method == http.MethodDelete:
		return http.StatusNotFound
	case kind == "bytes": // it has no name
		return http.StatusBadRequest
	case (path == "/join" || path == "/add") && how.wrongToken:
		return http.StatusForbidden
	case path == "/add":
		return http.StatusNotFound
	case path == "/join" && access == "keys":
		return http.StatusUnauthorized
	case path == "/join": // for want of a name
		return http.StatusUnprocessableEntity
	case how.wrongToken && v.signedIn:
		return http.StatusForbidden
	case strings.HasSuffix(path, "/messages") && v.signedIn: // for want of a text
		return http.StatusUnprocessableEntity
	case strings.Contains(path, "/messages/") && v.signedIn: // for want of what to do
		return http.StatusBadRequest
	case path == "/sessions/add" && v.signedIn:
		return http.StatusOK
	default:
		return http.StatusSeeOther
	}
}

func TestFormsOfBrowsersNeedTheTokenOfOurOwnPage(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	browser := http.Header{"Origin": {s.URL}, "Sec-Fetch-Site": {"same-origin"}}
	page, body := s.get(t, "/", "")
	form := cookieOf(page, "parley_form")
	if set := page.Header.Get("Set-Cookie"); form == "" || !strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Strict") {
		t.Fatalf("the first page sets %q", set)
	}
	_, otherBody := s.get(t, "/", "")
	join := ask{method: "POST", path: "/join", header: browser, cookies: form, form: url.Values{"name": {"Ada"}, "token": {tokenOn(t, otherBody)}}}
	resp, again := s.answered(t, join)
	if resp.StatusCode != http.StatusForbidden || !strings.Contains(again, `value="Ada"`) || !strings.Contains(again, "once more") {
		t.Errorf("another page's token is answered with %s", resp.Status)
	}
	join.cookies = ""
	if resp, _ := s.answered(t, join); resp.StatusCode != http.StatusForbidden {
		t.Errorf("a token without its cookie is answered with %s", resp.Status)
	}
	for path, want := range map[string]int{"/join": 303, "/JOIN/": 403, "/join/": 403} { // no spelling is a way around
		join.path, join.cookies = path, form
		join.form.Set("token", map[int]string{303: tokenOn(t, body), 403: "x"}[want])
		if resp, _ := s.answered(t, join); resp.StatusCode != want {
			t.Errorf("%s is answered with %s, want %d", path, resp.Status, want)
		}
	}

	_, cookie := s.join(t, url.Values{"name": {"Bob"}}, nil)
	_, bobs := s.get(t, "/rooms/lobby", cookie)
	_, eves := s.join(t, url.Values{"name": {"Eve"}}, nil)
	_, hers := s.get(t, "/rooms/lobby", eves)
	leave := ask{method: "POST", path: "/leave", header: browser, cookies: cookie}
	for _, tt := range []struct {
		name, token string
		want        int
	}{{"no token", "", 403}, {"another's token", tokenOn(t, hers), 403}, {"one's own", tokenOn(t, bobs), 303}} {
		leave.form = url.Values{"token": {tt.token}}
		if resp, _ := s.answered(t, leave); resp.StatusCode != tt.want {
			t.Errorf("leaving with %s is answered with %s, want %d", tt.name, resp.Status, tt.want)
		}
	}
}

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
