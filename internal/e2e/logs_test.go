package e2e

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// What users wrote and who they say they are is not in the log at the level that is set where nobody sets another, and nothing in it
// can move the cursor of whoever reads it.
func TestLogHoldsNothingThatUsersWroteAndNoControlCharacters(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	const secret = "Rosebud"
	_, cookie := s.join(t, url.Values{"name": {secret}}, http.Header{"User-Agent": {secret}})
	ada := dial(t, s.WS("?dialect=json"), http.Header{"Cookie": {cookie}, "X-Forwarded-For": {secret}})
	ada.next("joined")
	ada.say(secret, secret+" \x1b[2J")
	for _, frame := range []string{
		`{"type":"` + secret + `"}`, secret + "\x1b[2J", `{"type":"join","room":"` + strings.ToLower(secret) + ` "}`,
		`{"type":"send","to":"` + secret + ` 2","id":"2","text":"` + secret + `"}`, `{"type":"nick","name":"` + secret + `|"}`,
	} {
		ada.send(frame)
		ada.next("error")
	}
	for _, path := range []string{"/" + secret + "%1b%5b2J%0d%0a", "/rooms/" + secret + "%0a", "/?room=" + secret + "%0a"} {
		s.get(t, path, cookie)
	}
	refused(t, s.WS("?room="+secret+"%0A"), nil)
	ada.leave()
	s.Stop()
	logs := s.Logs()
	if !strings.Contains(logs, "msg=connect") || !strings.Contains(logs, "msg=disconnect") {
		t.Fatal("the log says nothing at all")
	}
	if strings.Contains(strings.ToLower(logs), strings.ToLower(secret)) {
		t.Errorf("what a user wrote is in the log:\n%s", logs)
	}
	for _, r := range logs {
		if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0) {
			t.Fatalf("the log holds the character %U:\n%q", r, logs)
		}
	}
}

func TestWhoHangsUpHalfWayIsNoTroubleOfTheServers(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for range 5 {
		c, err := net.Dial("tcp", s.Host)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHo")); err != nil {
			t.Fatal(err)
		}
		_ = c.(*net.TCPConn).SetLinger(0) // reset it, as a phone that is switched off
		_ = c.Close()
	}
	s.waitForMetric(t, `parley_http_requests_total{route="unread",status="400"}`, func(n float64) bool { return n == 5 })
	if logs := s.Logs(); strings.Contains(logs, "level=ERROR") {
		t.Errorf("the log has errors:\n%s", logs)
	}
}
