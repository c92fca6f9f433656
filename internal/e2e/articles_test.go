package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The first article: a group chat with a name form, whose client sends name|message and reads JSON.
func TestArticle1PipeLineIsAnsweredInJSONToEveryone(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := dial(t, s.WS(""), nil)
	bob := dial(t, s.WS(""), nil)
	ada.next("joined")
	bob.next("joined")
	bob.send("Bob|first")
	bob.next("message")
	ada.next("message")
	ada.send("Ada|hi | there")
	for _, c := range []*socket{ada, bob} {
		m := c.next("message")
		if m.Name != "Ada" || m.Text != "hi | there" || m.Seq != 2 {
			t.Errorf("read %+v", m)
		}
		if at, err := time.Parse("2006-01-02T15:04:05.000Z", m.Time); err != nil || time.Since(at).Abs() > time.Minute {
			t.Errorf("the message's time is %q", m.Time)
		}
	}
	bob.send("Mallory|still Bob") // a name claims an identity once
	if m := ada.next("message"); m.Name != "Bob" || m.Text != "still Bob" {
		t.Errorf("read %+v", m)
	}
}

func TestArticle1WhoeverLeftOrTimedOutGetsNothingMore(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--idle-timeout", "2s")
	idle := s.json(t, "Idle", "")
	left := s.json(t, "Left", "")
	if w := idle.next("idle_warning"); w.Seconds != 1 {
		t.Errorf("warned %d s before", w.Seconds)
	}
	left.leave()
	if code := idle.closeCode(); code != 4000 {
		t.Errorf("closed with %d", code)
	}
	ada := s.json(t, "Ada", "")
	ada.say("1", "anyone?")
	for _, c := range []*socket{idle, left} {
		if _, frame, err := c.ws.ReadMessage(); err == nil {
			t.Errorf("read %s after the end", frame)
		}
	}
}

func TestIdleClockIsResetByActsAndNotByPingsOrOthers(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--idle-timeout", "3s")
	begun := time.Now()
	active, pinging := s.json(t, "Active", ""), s.json(t, "Pinging", "")
	stop := make(chan struct{})
	var talk sync.WaitGroup
	talk.Go(func() {
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				_ = active.ws.WriteMessage(1, []byte(`{"type":"active"}`))
				_ = pinging.ws.WriteMessage(1, []byte(`{"type":"ping"}`))
			}
		}
	})
	if code := pinging.closeCode(); code != 4000 {
		t.Errorf("closed with %d", code)
	}
	if d := time.Since(begun); d < 2*time.Second || d > 8*time.Second {
		t.Errorf("closed after %v", d)
	}
	close(stop)
	talk.Wait()
	active.say("1", "still here")
}

// The second article: an echo and broadcast demo in plain text.
func TestArticle2TextLinesComeBackLetterForLetter(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	two := dial(t, s.WS("?dialect=text"), nil)
	two.send("Client 2: first")
	two.want("Client 2: first") // and so is in the room: this dialect says nothing when one joins
	one := dial(t, s.WS("?dialect=text"), nil)
	one.send("Client 1: hi")
	one.want("Client 1: hi")
	two.want("* Client 1 joined")
	two.want("Client 1: hi")
	two.send("hello: you")
	two.want("Client 2: hello: you")
	one.want("Client 2: hello: you")
	one.send("Client 1: and again") // a plain client says its name every time
	two.want("Client 1: and again")
	one.want("Client 1: and again")
	one.leave()
	two.want("* Client 1 left")
	two.send("alone") // only open connections are written to; this one still is
	two.want("Client 2: alone")
}

func TestArticle2EchoesWithItsPrefix(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	c := dial(t, "ws://"+s.Host+"/ws/echo?prefix=We%20received%20your%20", nil)
	c.send("Hello")
	c.want("We received your Hello")
	long := "ws://" + s.Host + "/ws/echo?prefix=" + strings.Repeat("x", 65)
	if status, code, _ := refused(t, long, nil); status != http.StatusBadRequest || code != "bad_request" {
		t.Errorf("a long prefix is answered with %d %s", status, code)
	}
}

func TestArticle2ConnectAndDisconnectAreInTheLogAndNothingThatWasSaid(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	c := s.json(t, "Secretive", "")
	c.say("1", "between us")
	c.leave()
	s.waitForLog(t, "disconnect")
	logs := s.Logs()
	for _, want := range []string{"connect", "user=u_", "room=lobby", "address=127.0.0.1", "dialect=json", "code=1000", "duration="} {
		if !strings.Contains(logs, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
	for _, secret := range []string{"between us", "Secretive"} {
		if strings.Contains(logs, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// waitForLog waits until the server has logged something.
func (s *server) waitForLog(t *testing.T, what string) {
	t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(s.Logs(), what); {
		if time.Now().After(deadline) {
			t.Fatalf("the log never said %q", what)
		}
		time.Sleep(5 * time.Millisecond) // another process writes it; there is nothing to wait on
	}
}

// The third article: accounts with keys, requests and responses.
func TestArticle3KeysDecideAtTheHandshake(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--access", "keys")
	status, code, _ := refused(t, s.WS(""), http.Header{"Key": {"unknown"}})
	if status != http.StatusUnauthorized || code != "unauthorized" {
		t.Errorf("an unknown key is answered with %d %s", status, code)
	}
	if status, code, _ := refused(t, s.WS("?name=Groot"), nil); status != http.StatusUnauthorized || code != "unauthorized" {
		t.Errorf("no key is answered with %d %s", status, code)
	}
	key := s.account(t, "Groot") // made while the server runs
	dial(t, s.WS(""), http.Header{"Key": {key}})
	dial(t, s.WS(""), http.Header{"Authorization": {"Bearer " + key}})
	for _, file := range []string{"parley.db", "parley.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(s.Data, file))
		if err == nil && strings.Contains(string(raw), key) {
			t.Errorf("the key stands in %s", file)
		}
	}
}

// account makes an account with the command and returns its key.
func (s *server) account(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command(binary, "account", "add", name, "--data", s.Data).Output()
	if err != nil {
		t.Fatalf("parley account add: %v", err)
	}
	key := strings.TrimSuffix(string(out), "\n")
	if key == "" || strings.ContainsAny(key, " \n") {
		t.Fatalf("parley account add printed %q; want the key alone", out)
	}
	return key
}

func TestArticle3FramesAreExactlyTheContracts(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	groot, rocket := s.account(t, "Groot"), s.account(t, "Rocket")
	first := dial(t, s.WS(""), http.Header{"Key": {groot}})
	first.send(`{"id":1,"method":"GET","target":"/members"}`)
	first.want(`{"id":1,"code":200,"message":"","body":"Groot"}`)
	second := dial(t, s.WS(""), http.Header{"Key": {groot}})
	second.send(`{"id":1,"method":"GET","target":"/members"}`)
	second.want(`{"id":1,"code":200,"message":"","body":"Groot"}`)
	other := dial(t, s.WS(""), http.Header{"Key": {rocket}})
	other.send(`{"id":1,"method":"GET","target":"/members"}`)
	other.want(`{"id":1,"code":200,"message":"","body":"Groot\nRocket"}`)
	first.want(`{"id":0,"code":0,"message":"system","body":"Rocket joining conversation..."}`)
	second.want(`{"id":0,"code":0,"message":"system","body":"Rocket joining conversation..."}`)

	first.send(`{"id":7,"method":"POST","target":"/message","body":"hi"}`)
	first.want(`{"id":7,"code":200,"message":"","body":""}`)
	second.want(`{"id":0,"code":0,"message":"message","body":"Groot: hi"}`)
	other.want(`{"id":0,"code":0,"message":"message","body":"Groot: hi"}`)
	first.send(`{"id":8,"method":"GET","target":"/history"}`)
	first.want(`{"id":8,"code":200,"message":"","body":"Groot: hi"}`) // and no message of its own before it

	for _, tt := range []struct {
		sent string
		code int
	}{
		{`{"id":9,"method":"POST","target":"/nowhere","body":"hi"}`, 404},
		{`{"id":9,"method":"DELETE","target":"/message","body":"hi"}`, 400},
		{`{"id":9,"method":"POST","target":"/message","body":" "}`, 400},
		{`{"id":9,"method":"POST","target":"/message","body":"` + strings.Repeat("x", 4001) + `"}`, 413},
	} {
		first.send(tt.sent)
		var answer struct {
			ID, Code int
			Message  string
		}
		raw := first.read()
		if err := json.Unmarshal([]byte(raw), &answer); err != nil || answer.ID != 9 || answer.Code != tt.code || answer.Message == "" {
			t.Errorf("%.60s… is answered with %s; want id 9, code %d and a reason", tt.sent, raw, tt.code)
		}
	}
	other.leave()
	first.want(`{"id":0,"code":0,"message":"system","body":"Rocket leaving conversation..."}`)
}

// The fourth article: private messages, typing and history, errors on both sides.
func TestArticle4PrivateMessagesReachTheTwoAndNobodyElse(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, bob, eve := s.json(t, "Ada", ""), s.json(t, "Bob", ""), s.json(t, "Eve", "")
	bobsPhone := s.cookieSocket(t, "Carol") // somebody else, to be sure of who hears what
	ada.send(`{"type":"send","id":"p1","to":"bob","text":"only you"}`)
	at := bob.next("message")
	if at.Text != "only you" || at.Name != "Ada" || !strings.HasPrefix(at.Room, "@u_") {
		t.Errorf("Bob read %+v", at)
	}
	ada.next("message")
	if ack := ada.next("ack"); ack.ID != "p1" || ack.Room != at.Room {
		t.Errorf("the ack is %+v", ack)
	}
	for name, nosy := range map[string]*socket{"Eve": eve, "Carol": bobsPhone} {
		for _, sent := range []string{
			`{"type":"join","room":"` + at.Room + `","since":0}`, `{"type":"history","room":"` + at.Room + `"}`,
			`{"type":"members","room":"` + at.Room + `"}`, `{"type":"send","id":"x","room":"` + at.Room + `","text":"me too"}`,
			`{"type":"typing","room":"` + at.Room + `"}`, `{"type":"read","room":"` + at.Room + `","seq":1}`,
			`{"type":"delete","id":"y","room":"` + at.Room + `","of":1}`,
		} {
			nosy.send(sent)
			if e := nosy.next("error", "joined", "history", "members", "ack", "message"); e.Type != "error" || e.Code != "not_found" {
				t.Errorf("%s: %s is answered with %+v", name, sent, e)
			}
		}
		nosy.send(`{"type":"rooms"}`)
		for _, r := range nosy.next("rooms").Rooms {
			if r.Room == at.Room {
				t.Errorf("%s sees the private room in the list", name)
			}
		}
	}
	if status, code, _ := refused(t, s.WS("?dialect=json&name=Mallory&room="+url.QueryEscape(at.Room)), nil); status != 404 || code != "not_found" {
		t.Errorf("connecting into the private room is answered with %d %s", status, code)
	}
	bob.send(`{"type":"history","room":"` + at.Room + `"}`)
	if h := bob.next("history"); len(h.Messages) != 1 || h.Messages[0].Text != "only you" {
		t.Errorf("Bob's history is %+v", h)
	}
	bob.send(`{"type":"send","id":"p2","room":"` + at.Room + `","text":"got it"}`)
	if m := ada.next("message"); m.Text != "got it" {
		t.Errorf("Ada read %+v", m)
	}
}

// cookieSocket joins by the form and opens a socket with the session.
func (s *server) cookieSocket(t *testing.T, name string) *socket {
	t.Helper()
	resp, cookie := s.join(t, url.Values{"name": {name}}, nil)
	if resp.StatusCode != http.StatusSeeOther || cookie == "" {
		t.Fatalf("joining as %s is answered with %s", name, resp.Status)
	}
	c := dial(t, s.WS("?dialect=json"), http.Header{"Cookie": {cookie}})
	c.next("joined")
	return c
}

func TestArticle4TypingIsToldToTheOthers(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, bob := s.json(t, "Ada", ""), s.json(t, "Bob", "")
	ada.send(`{"type":"typing","room":"lobby"}`)
	if f := bob.next("typing", "message"); f.Type != "typing" || f.Name != "Ada" || f.Room != "lobby" {
		t.Errorf("Bob read %+v", f)
	}
	bob.send(`{"type":"ping"}`)
	ada.send(`{"type":"ping"}`)
	if f := ada.next("typing", "pong"); f.Type != "pong" {
		t.Error("Ada was told that she types")
	}
}

func TestArticle4HistoryIsThereAfterARestartAndPagesBack(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	ada := s.json(t, "Ada", "")
	for i := range 120 {
		ada.say(strconv.Itoa(i), "message "+strconv.Itoa(i+1))
	}
	s.Stop()
	if code := ada.closeCode(); code != 1001 {
		t.Errorf("closed with %d", code)
	}
	s.Start()
	bob := dial(t, s.WS("?dialect=json&name=Bob"), nil)
	j := bob.next("joined")
	if len(j.Messages) != 50 || j.Messages[0].Seq != 71 || j.Last != 120 || !j.More {
		t.Fatalf("joined with %d messages from %d, last %d, more %v", len(j.Messages), j.Messages[0].Seq, j.Last, j.More)
	}
	bob.send(`{"type":"history","room":"lobby","before":71,"limit":50}`)
	if h := bob.next("history"); len(h.Messages) != 50 || h.Messages[0].Seq != 21 || !h.More {
		t.Errorf("history: %d messages from %d, more %v", len(h.Messages), h.Messages[0].Seq, h.More)
	}
	bob.send(`{"type":"history","room":"lobby","before":21,"limit":50}`)
	if h := bob.next("history"); len(h.Messages) != 20 || h.Messages[0].Seq != 1 || h.More {
		t.Errorf("history: %d messages, more %v", len(h.Messages), h.More)
	}
}

func TestArticle4NothingSaidMeanwhileIsMissingAfterAReconnect(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, bob := s.json(t, "Ada", ""), s.json(t, "Bob", "")
	ada.say("1", "before")
	bob.next("message")
	_ = bob.ws.NetConn().Close() // cut, without a word
	ada.say("2", "while you were away")
	ada.say("3", "and more")
	s.waitForLog(t, "code=1006")
	again := dial(t, s.WS("?dialect=json&name=Bob&since=1"), nil)
	j := again.next("joined")
	if len(j.Messages) != 2 || j.Messages[0].Text != "while you were away" || j.Messages[1].Seq != 3 || j.Truncated {
		t.Errorf("joined with %+v", j)
	}
	ada.say("2", "while you were away") // sent again, because the ack might have been lost
	again.send(`{"type":"history","room":"lobby"}`)
	if h := again.next("history"); len(h.Messages) != 3 {
		t.Errorf("%d messages are stored", len(h.Messages))
	}
}
