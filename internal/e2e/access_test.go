package e2e

import (
	"bytes"
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
