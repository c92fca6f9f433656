package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// hostile are texts that would do something where text is not text.
var hostile = []string{
	`<script>window.hacked=1</script>`, `<img src=x onerror="window.hacked=1">`, `"><svg onload=window.hacked=1>`, `</textarea><script>window.hacked=1</script>`,
	`</script><script>window.hacked=1</script>`, `javascript:window.hacked=1`, `https://example.org/"onmouseover="window.hacked=1`,
	`{{.Boot}} {{7*7}} ${7*7}`, `'; DROP TABLE events; --`, "\x1b[2J\x1b]0;owned\x07\x1b[31mred", "one\r\nlevel=ERROR msg=forged", "\u202egnp.exe",
	"&lt;b&gt; &amp;", "a\x00b", "\u2028window.hacked=1\u2029", `<!--`, `]]>`, `%0d%0aSet-Cookie: x=y`, `<a href="javascript:window.hacked=1">x</a>`,
}

func TestTextIsTextInEveryDialectPageAndLog(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--log.level", "debug", "--rate-limit.messages", "0", "--rate-limit.tries", "0")
	victim := newPerson(t, s, "Victim", desktop)
	victim.joins("lobby")
	terminal := dial(t, s.WS("?dialect=text&name=Reader"), nil)
	pipe := dial(t, s.WS("?dialect=pipe&name=Pipe%20reader"), nil)
	named := 0
	for i, text := range hostile {
		// As a name, in the form and in the address; as the browser's words for itself, which the list of devices shows.
		header := http.Header{"User-Agent": {strings.NewReplacer("\r", "", "\n", "", "\x00", "", "\x1b", "", "\x07", "").Replace("Mozilla/5.0 " + text)}}
		name := string([]rune(text)[:min(32, len([]rune(text)))])
		resp, cookie := s.join(t, url.Values{"name": {name}}, header)
		if cookie == "" {
			if resp.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("the name %q is answered with %s", name, resp.Status)
			}
			_, cookie = s.join(t, url.Values{"name": {fmt.Sprint("Eve ", i)}}, header)
		} else {
			named++
		}
		eve := dial(t, s.WS("?dialect=json"), http.Header{"Cookie": {cookie}})
		eve.next("joined")
		eve.say(fmt.Sprint("h", i), "hostile "+text)
		for _, path := range []string{"/sessions", "/rooms/lobby", "/?room=" + url.QueryEscape(text), "/" + url.PathEscape(text), "/rooms/" + url.PathEscape(text)} {
			_, page := s.get(t, path, cookie)
			for _, sign := range []string{"<script>window", "<img src=x", "<svg onload", "<a href=\"javascript", "\x1b"} {
				if strings.Contains(page, sign) {
					t.Errorf("%s of %q holds %q", path, text, sign)
				}
			}
		}
		frame, _ := json.Marshal(map[string]any{"type": "join", "room": text, "id": fmt.Sprint("j", i)})
		eve.send(string(frame))
		frame, _ = json.Marshal(map[string]any{"type": "react", "of": 1, "emoji": text, "on": true, "id": fmt.Sprint("r", i)})
		eve.send(string(frame))
		frame, _ = json.Marshal(map[string]any{"type": "send", "to": text, "text": "x", "id": fmt.Sprint("s", i)})
		eve.send(string(frame))
		for range 3 {
			if e := eve.next("error", "ack"); strings.ContainsAny(e.Message, "\x1b\x00\x07\r") {
				t.Errorf("an error repeats control characters: %q", e.Message)
			}
		}
		eve.leave()
	}
	if named < 3 {
		t.Errorf("%d hostile names were let in, so that this test says little of names", named)
	}
	last := s.json(t, "Last", "")
	last.say("end", "the end")
	for _, reader := range []*socket{terminal, pipe} {
		for got := ""; !strings.Contains(got, "the end"); {
			if got = reader.read(); strings.ContainsAny(got, "\x1b\x00\x07") {
				t.Errorf("a line holds control characters: %q", got)
			}
		}
	}

	victim.sees(".row .body", "the end")
	check := `(() => ({hacked: Boolean(window.hacked), bad: document.querySelectorAll("[onload],[onerror],[onmouseover],script:not([src]):not([type='application/json']),.row img,.row svg,.row script,.row b,[href^='javascript']").length, texts: [...document.querySelectorAll(".row .body")].length}))()`
	for _, load := range []bool{false, true} { // as delivered, and as the server wrote the page
		if load {
			victim.reload()
			victim.sees(".row .body", "the end")
		}
		got := eval[struct {
			Hacked     bool
			Bad, Texts int
		}](victim, check)
		if got.Hacked || got.Bad != 0 || got.Texts <= len(hostile) {
			t.Errorf("loaded %v: the page has %+v", load, got)
		}
		victim.sees(".row .body", `hostile <script>window.hacked=1</script>`) // as it was written
	}

	line := regexp.MustCompile(`^time=\S+ level=(DEBUG|INFO|WARN|ERROR) msg=`)
	for logged := range strings.Lines(s.Logs()) {
		if !line.MatchString(logged) || strings.Contains(logged, "\x1b") || strings.HasPrefix(logged, "level=ERROR msg=forged") {
			t.Errorf("a log line is %q", logged)
		}
	}
}

func TestStrangersLearnNothingOfPrivateRoomsInAnyDialect(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--rate-limit.tries", "0")
	ada, bob, eve := s.signIn(t, "Ada", "", "", firefox), s.signIn(t, "Bob", "", "", firefox), s.signIn(t, "Eve", "", "", firefox)
	a, b := s.withCookie(t, ada), s.withCookie(t, bob)
	a.send(`{"type":"send","id":"p","to":"Bob","text":"the secret"}`)
	ack := a.next("ack", "error")
	private := ack.Room
	if !strings.HasPrefix(private, "@") {
		t.Fatalf("the private message is acknowledged with %+v", ack)
	}
	b.next("message")
	missing := "@u_a.u_b"

	// Pages and handshakes.
	for _, cookie := range []string{eve, "", "parley_session=dead"} {
		answers := map[string]string{}
		for what, room := range map[string]string{"theirs": private, "missing": missing} {
			resp, page := s.get(t, "/rooms/"+url.PathEscape(room), cookie)
			answers[what] = fmt.Sprint(resp.StatusCode, strings.ReplaceAll(resp.Header.Get("Location")+page, room, ""))
			ws, body := s.answered(t, ask{method: "GET", path: "/ws?room=" + url.QueryEscape(room), cookies: cookie, upgrade: true})
			answers[what] += fmt.Sprint(ws.StatusCode, body)
			if ws.StatusCode == 101 || cookie == eve && resp.StatusCode != http.StatusNotFound || strings.Contains(page, "secret") {
				t.Errorf("%s by %.20s: %s, %s", what, cookie, resp.Status, ws.Status)
			}
		}
		token := tokenInPage.FindStringSubmatch(answers["theirs"])
		if token == nil && answers["theirs"] != answers["missing"] {
			t.Errorf("theirs: %s\nmissing: %s", answers["theirs"], answers["missing"])
		}
	}
	for name, page := range map[string]string{"/": "", "/rooms/lobby": "", "/sessions": "", "/metrics": ""} {
		if _, page = s.get(t, name, eve); strings.Contains(page, private) || strings.Contains(page, "secret") {
			t.Errorf("%s tells a stranger of the private room", name)
		}
	}

	// Every frame that names a room or a message of it.
	e := s.withCookie(t, eve)
	for _, frame := range []string{
		`{"type":"send","id":"%d","room":"%s","text":"x"}`, `{"type":"send","id":"%d","room":"%s","text":"x","reply_to":1}`,
		`{"type":"edit","id":"%d","room":"%s","of":1,"text":"x"}`, `{"type":"delete","id":"%d","room":"%s","of":1}`,
		`{"type":"react","id":"%d","room":"%s","of":1,"emoji":"👍","on":true}`, `{"type":"join","id":"%d","room":"%s"}`,
		`{"type":"join","id":"%d","room":"%s","since":0}`, `{"type":"leave","id":"%d","room":"%s"}`,
		`{"type":"history","id":"%d","room":"%s"}`, `{"type":"history","id":"%d","room":"%s","before":2}`,
		`{"type":"members","id":"%d","room":"%s"}`, `{"type":"read","id":"%d","room":"%s","seq":1}`, `{"type":"typing","id":"%d","room":"%s"}`,
	} {
		e.send(fmt.Sprintf(frame, 7, private))
		e.send(fmt.Sprintf(frame, 7, missing))
		theirs, none := e.next("error", "ack", "joined", "history", "members", "left"), e.next("error", "ack", "joined", "history", "members", "left")
		if theirs.Code != "not_found" || theirs.Code != none.Code || theirs.Message != none.Message {
			t.Errorf("%s: theirs is %+v, one that isn't there %+v", frame, theirs, none)
		}
	}
	e.send(`{"type":"rooms","id":"r"}`)
	for _, room := range e.next("rooms").Rooms {
		if strings.HasPrefix(room.Room, "@") {
			t.Errorf("a stranger's list has %+v", room)
		}
	}
	// The other dialects mean the room they opened with; a private one of others opens none of them.
	for _, dialect := range []string{"text", "pipe", "rpc", "json"} {
		for _, room := range []string{private, missing} {
			status, code, _ := refused(t, s.WS("?dialect="+dialect+"&room="+url.QueryEscape(room)), http.Header{"Cookie": {eve}})
			if status != http.StatusNotFound || code != "not_found" {
				t.Errorf("%s: %s is answered with %d %s", dialect, room, status, code)
			}
		}
	}
	// Nothing of all that was heard by the two, and nothing of theirs by the stranger.
	a.send(`{"type":"send","id":"q","to":"Bob","text":"the last secret"}`)
	if m := b.next("message", "typing", "reaction", "edited", "deleted"); m.Text != "the last secret" || m.Seq != 2 {
		t.Errorf("the two hear %+v", m)
	}
	a.say("z", "in the lobby")
	if m := e.next("message"); m.Text != "in the lobby" {
		t.Errorf("a stranger hears %+v", m)
	}
}
