package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/fasthttp/websocket"
)

// signIn joins by the form with a browser of some kind, and returns the cookie.
func (s *server) signIn(t *testing.T, name, key, cookie, agent string) string {
	t.Helper()
	header := http.Header{"User-Agent": {agent}}
	if cookie != "" {
		header.Set("Cookie", cookie)
	}
	resp, got := s.join(t, url.Values{"name": {name}, "key": {key}}, header)
	if resp.StatusCode != http.StatusSeeOther || got == "" {
		t.Fatalf("joining as %s is answered with %s", name, resp.Status)
	}
	return got
}

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
	iPhone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/604.1"
)

func (s *server) withCookie(t *testing.T, cookie string) *socket {
	t.Helper()
	c := dial(t, s.WS("?dialect=json"), http.Header{"Cookie": {cookie}})
	c.next("joined")
	return c
}

var sessionInPage = regexp.MustCompile(`name="session" value="(s_[^"]+)"`)

func TestSessionsAreListedAndEndedWithTheirSockets(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	key := s.account(t, "Groot")
	one, two, three := s.signIn(t, "Groot", key, "", firefox), s.signIn(t, "Groot", key, "", iPhone), s.signIn(t, "Groot", key, "", "curl/8.5")
	eve := s.signIn(t, "Eve", "", "", firefox)
	socketOne, socketTwo, tabTwo, socketThree := s.withCookie(t, one), s.withCookie(t, two), s.withCookie(t, two), s.withCookie(t, three)
	socketEve := s.withCookie(t, eve)

	_, page := s.get(t, "/sessions", one)
	for _, want := range []string{"Firefox on Linux", "Safari on iPhone", "A program (curl)", "This device", "In the chat now", "Whoever has your key"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	ids := sessionInPage.FindAllStringSubmatch(page, -1)
	if len(ids) != 3 {
		t.Fatalf("the page lists %d sessions", len(ids))
	}
	if _, hers := s.get(t, "/sessions", eve); len(sessionInPage.FindAllString(hers, -1)) != 1 || strings.Contains(hers, ids[0][1]) {
		t.Error("Eve's page doesn't list just her session")
	}
	// The first of the list is one's own; who ends the iPhone's finds it by its device.
	own := ids[0][1]
	_, after, _ := strings.Cut(page, own)
	rest := strings.Split(after, `name="session" value="`)
	iphone := ids[1][1]
	if strings.Contains(rest[2], "iPhone") {
		iphone = ids[2][1]
	}

	// Somebody else's session is none for Eve, whatever she knows of it.
	_, hers := s.get(t, "/sessions", eve)
	for _, id := range []string{iphone, "s_nothing", ""} {
		evil := ask{
			method: "POST", path: "/sessions/end", cookies: eve, header: http.Header{"Origin": {s.URL}},
			form: url.Values{"token": {tokenOn(t, hers)}, "session": {id}},
		}
		if resp, _ := s.answered(t, evil); resp.StatusCode != http.StatusSeeOther {
			t.Errorf("ending %q is answered with %s", id, resp.Status)
		}
	}
	socketTwo.say("1", "still here")

	end := ask{
		method: "POST", path: "/sessions/end", cookies: one, header: http.Header{"Origin": {s.URL}},
		form: url.Values{"token": {tokenOn(t, page)}, "session": {iphone}},
	}
	if resp, _ := s.answered(t, end); resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/sessions" {
		t.Errorf("ending a session is answered with %s", resp.Status)
	}
	for _, c := range []*socket{socketTwo, tabTwo} {
		if code := c.closeCode(); code != 4004 {
			t.Errorf("a socket of the ended session is closed with %d", code)
		}
	}
	if status, _, _ := refused(t, s.WS(""), http.Header{"Cookie": {two}}); status != http.StatusUnauthorized {
		t.Errorf("the ended session is let in again with %d", status)
	}
	socketThree.say("2", "not ended")

	others := end
	others.path = "/sessions/others"
	if resp, _ := s.answered(t, others); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("ending the others is answered with %s", resp.Status)
	}
	if code := socketThree.closeCode(); code != 4004 {
		t.Errorf("the other session's socket is closed with %d", code)
	}
	socketOne.say("3", "the one that stays")
	socketEve.say("4", "and I")
	if _, page := s.get(t, "/sessions", one); len(sessionInPage.FindAllString(page, -1)) != 1 || !strings.Contains(page, "nowhere else") {
		t.Error("the page still lists others")
	}

	end.form.Set("session", own)
	if resp, _ := s.answered(t, end); resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/" {
		t.Errorf("ending one's own session is answered with %s to %s", resp.Status, resp.Header.Get("Location"))
	}
	if code := socketOne.closeCode(); code != 4004 {
		t.Errorf("one's own socket is closed with %d", code)
	}
}

func TestSignInAlwaysMakesANewSession(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	planted := "parley_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	ada := s.signIn(t, "Ada", "", planted, firefox)
	if ada == planted {
		t.Fatal("a planted cookie became a session")
	}
	if resp, _ := s.get(t, "/sessions", planted); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("the planted cookie is answered with %s", resp.Status)
	}
	again := s.signIn(t, "Ada", "", ada, firefox)
	if again == ada {
		t.Error("joining again keeps the token")
	}
	if resp, _ := s.get(t, "/sessions", ada); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("the token from before is answered with %s", resp.Status)
	}
	if _, page := s.get(t, "/sessions", again); len(sessionInPage.FindAllString(page, -1)) != 1 {
		t.Error("the session from before is still listed")
	}

	// Whoever plants a session of their own finds it gone, and themselves out, once the other has joined by another name.
	eve := s.signIn(t, "Eve", "", "", firefox)
	key := s.account(t, "Groot")
	socket := s.withCookie(t, eve)
	groot := s.signIn(t, "Groot", key, eve, firefox)
	if code := socket.closeCode(); code != 4004 {
		t.Errorf("the planted session's socket is closed with %d", code)
	}
	if resp, _ := s.get(t, "/sessions", eve); groot == eve || resp.StatusCode != http.StatusSeeOther {
		t.Errorf("the planted session is answered with %s", resp.Status)
	}
}

// Mallory puts a session of her own into somebody's browser and listens on it. Whatever name is joined by, she is out.
func TestPlantedSessionNeverBecomesOnesOwn(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for _, name := range []string{"Ada", "mallory"} {
		planted := s.signIn(t, "Mallory", "", "", firefox)
		listening, tab := dial(t, s.WS("?dialect=json"), http.Header{"Cookie": {planted}}), s.withCookie(t, planted)
		mallory := listening.next("welcome").User
		_, page := s.get(t, "/sessions", planted)
		before := sessionInPage.FindStringSubmatch(page)[1]

		own := s.signIn(t, name, "", planted, iPhone)
		for _, c := range []*socket{listening, tab} {
			if code := c.closeCode(); code != 4004 {
				t.Errorf("joining as %s closes the planted session's socket with %d", name, code)
			}
		}
		if status, _, _ := refused(t, s.WS(""), http.Header{"Cookie": {planted}}); status != http.StatusUnauthorized {
			t.Errorf("after joining as %s the planted session is let in with %d", name, status)
		}
		c := dial(t, s.WS("?dialect=json"), http.Header{"Cookie": {own}})
		if user := c.next("welcome").User; (user == mallory) != (name == "mallory") {
			t.Errorf("who joins as %s is the user %v, the planted session's was %v", name, user, mallory)
		}
		_, page = s.get(t, "/sessions", own)
		if ids := sessionInPage.FindAllStringSubmatch(page, -1); len(ids) != 1 || ids[0][1] == before {
			t.Errorf("after joining as %s the sessions are %v, the planted one was %s", name, ids, before)
		}
	}
}

// A session may end while a socket of it is being let in. Whichever comes first, none stays open.
func TestNoSocketOutlivesItsSession(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.tries", "0", "--rate-limit.requests", "0")
	opened := 0
	for i := range 20 {
		cookie := s.signIn(t, fmt.Sprint("Ada ", i), "", "", firefox)
		var wg sync.WaitGroup
		sockets := make([]*socket, 4)
		for i := range sockets {
			wg.Go(func() { sockets[i] = tryDial(t, s.WS("?dialect=json"), http.Header{"Cookie": {cookie}}) })
		}
		wg.Go(func() {
			if resp, _ := s.answered(t, ask{method: "POST", path: "/leave", cookies: cookie}); resp.StatusCode != http.StatusSeeOther {
				t.Errorf("leaving is answered with %s", resp.Status)
			}
		})
		wg.Wait()
		for _, c := range sockets {
			if c == nil { // too late, and refused
				continue
			}
			opened++
			if code := c.closeCode(); code != 4004 {
				t.Errorf("a socket is closed with %d", code)
			}
		}
	}
	t.Logf("%d of 80 sockets were opened before the session ended; all were closed", opened)
	if opened == 0 {
		t.Error("no socket came in time, so that this test says nothing")
	}
}

// tryDial opens a WebSocket, nil where it is refused.
func tryDial(t *testing.T, url string, header http.Header) *socket {
	ws, _, err := websocket.DefaultDialer.Dial(url, header)
	if err != nil {
		return nil
	}
	t.Cleanup(func() { _ = ws.Close() })
	return &socket{t: t, ws: ws}
}
