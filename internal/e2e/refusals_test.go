package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestEveryErrorCodeIsToldAndTheConnectionStaysUsable(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	other := s.json(t, "Other", "")
	other.say("1", "not Ada's")
	ada := s.json(t, "Ada", "")
	cases := []struct{ sent, code, id string }{
		{`{"type":"send",`, "bad_json", ""},
		{`[1,2]`, "bad_json", ""},
		{`"send"`, "bad_json", ""},
		{``, "bad_json", ""},
		{`{"id":"a"}`, "bad_request", "a"},
		{`{"type":"send","id":"a","room":"lobby","text":7}`, "bad_request", "a"},
		{`{"type":"send","id":"a","room":"No Room","text":"x"}`, "bad_request", "a"},
		{`{"type":"send","id":"` + strings.Repeat("x", 65) + `","room":"lobby","text":"x"}`, "bad_request", ""},
		{`{"type":"history","room":"lobby","before":-1}`, "bad_request", ""},
		{`{"type":"dance","id":"a"}`, "unknown_type", "a"},
		{`{"type":"send","id":"a","room":"lobby","text":" \n "}`, "empty", "a"},
		{`{"type":"send","id":"a","room":"lobby","text":"` + strings.Repeat("x", 4001) + `"}`, "too_long", "a"},
		{`{"type":"send","id":"a","room":"elsewhere","text":"x"}`, "not_member", "a"},
		{`{"type":"leave","room":"elsewhere"}`, "not_member", ""},
		{`{"type":"send","id":"a","to":"Nobody","text":"x"}`, "not_found", "a"},
		{`{"type":"send","id":"a","room":"lobby","text":"x","reply_to":99}`, "not_found", "a"},
		{`{"type":"join","room":"@u_a.u_b"}`, "not_found", ""},
		{`{"type":"edit","id":"a","room":"lobby","of":1,"text":"mine now"}`, "forbidden", "a"},
		{`{"type":"delete","id":"a","room":"lobby","of":1}`, "forbidden", "a"},
		{`{"type":"nick","id":"a","name":"Other"}`, "forbidden", "a"},
		{`{"type":"nick","id":"a","name":"a\u200bb"}`, "bad_request", "a"},
	}
	for i, tt := range cases {
		if i%5 == 0 {
			ada = s.json(t, fmt.Sprint("Ada ", i), "") // nobody's flood budget is what is tested here
		}
		ada.send(tt.sent)
		e := ada.next("error")
		if e.Code != tt.code || len(e.Message) < 10 || tt.id != "" && e.ID != tt.id {
			t.Errorf("%.80s is answered with %+v; want %s", tt.sent, e, tt.code)
		}
	}
	ada.say("still", "usable")
}

func TestTextIsCountedInCharactersNotBytes(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := s.json(t, "Ada", "")
	ada.say("1", strings.Repeat("王", 4000))
	ada.say("2", strings.Repeat("😀", 4000))
	ada.send(`{"type":"send","id":"3","room":"lobby","text":"` + strings.Repeat("王", 4001) + `"}`)
	if e := ada.next("error"); e.Code != "too_long" {
		t.Errorf("answered with %+v", e)
	}
}

func TestErrorsInTheOtherDialects(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	taken := s.json(t, "Taken", "")
	taken.say("1", "I am")
	long := strings.Repeat("x", 4001)
	cases := []struct {
		dialect, sent, begins string
	}{
		{"text", " ", "* error: "},
		{"text", long, "* error: "},
		{"pipe", "Ada|", "|*|error: "},
		{"pipe", "no bar in it", "|*|error: "},
		{"pipe", "Ada|" + long, "|*|error: "},
		{"text", "Taken: me too", "* error: "},
		{"pipe", "Taken|me too", "|*|error: "},
		{"rpc", "nonsense", `{"id":0,"code":400,`},
		{"rpc", `{"id":"r","method":"POST","target":"/message","body":""}`, `{"id":"r","code":400,`},
		{"rpc", `{"id":3,"method":"POST","target":"/nowhere"}`, `{"id":3,"code":404,`},
		{"rpc", `{"id":4,"method":"POST","target":"/message","body":"` + long + `"}`, `{"id":4,"code":413,`},
	}
	for _, tt := range cases {
		t.Run(tt.dialect+" "+tt.sent[:min(20, len(tt.sent))], func(t *testing.T) {
			c := dial(t, s.WS("?dialect="+tt.dialect), nil)
			c.send(tt.sent)
			got := c.answer()
			if tt.dialect == "pipe" {
				_, got, _ = strings.Cut(got, "|")
				got = "|" + got
			}
			if !strings.HasPrefix(got, tt.begins) {
				t.Fatalf("answered with %.100q; want %q…", got, tt.begins)
			}
			switch tt.dialect { // and goes on
			case "text":
				c.send("Fine 1: works")
				if got := c.answer(); got != "Fine 1: works" {
					t.Errorf("read %q", got)
				}
			case "pipe":
				c.send("Fine 2|works")
				if got := c.answer(); !strings.HasSuffix(got, "|works") {
					t.Errorf("read %q", got)
				}
			case "rpc":
				c.send(`{"id":9,"method":"POST","target":"/message","body":"works"}`)
				if got := c.answer(); got != `{"id":9,"code":200,"message":"","body":""}` {
					t.Errorf("read %q", got)
				}
			}
			c.leave()
		})
	}
}

// answer returns the next frame that isn't about others who come and go.
func (s *socket) answer() string {
	s.t.Helper()
	for {
		got := s.read()
		if !strings.HasSuffix(got, " joined") && !strings.HasSuffix(got, " left") && !strings.Contains(got, "conversation...") {
			return got
		}
	}
}

func TestFloodIsWarnedAndThenClosed(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"json", "text", "pipe", "rpc"} {
		t.Run(dialect, func(t *testing.T) {
			s := startServer(t, "--rate-limit.messages", "0.1", "--rate-limit.burst", "2")
			c := dial(t, s.WS("?name=Flood&dialect="+dialect), nil)
			frame := map[string]string{
				"json": `{"type":"send","room":"lobby","text":"x"}`, "text": "x", "pipe": "Flood|x",
				"rpc": `{"id":1,"method":"POST","target":"/message","body":"x"}`,
			}[dialect]
			go func() {
				for range 100 {
					if c.ws.WriteMessage(1, []byte(frame)) != nil {
						return
					}
				}
			}()
			warned := 0
			for {
				_, got, err := c.ws.ReadMessage()
				if err != nil {
					var closed *closeError
					if !asClose(err, &closed) || closed.Code != 1008 {
						t.Errorf("ended with %v, want 1008", err)
					}
					break
				}
				for _, sign := range []string{`"code":"rate_limited"`, `"code":429`, "error: "} {
					if strings.Contains(string(got), sign) {
						warned++
						if dialect == "json" && !strings.Contains(string(got), `"retry_after_ms":`) {
							t.Errorf("no retry_after_ms in %s", got)
						}
					}
				}
			}
			if warned < 5 {
				t.Errorf("warned %d times before the end", warned)
			}
		})
	}
}

func TestFramesThatEndTheConnectionDoSoWithTheContractsCode(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	witness := s.json(t, "Witness", "")
	for _, tt := range []struct {
		name string
		kind int
		sent []byte
		code int
	}{
		{"binary", 2, []byte("x"), 1003},
		{"not UTF-8", 1, []byte("a\xff"), 1007},
		{"too large", 1, []byte(strings.Repeat("x", 65537)), 1009},
	} {
		c := s.json(t, "Clumsy "+tt.name, "")
		if err := c.ws.WriteMessage(tt.kind, tt.sent); err != nil {
			t.Fatal(err)
		}
		if code := c.closeCode(); code != tt.code {
			t.Errorf("%s: closed with %d, want %d", tt.name, code, tt.code)
		}
	}
	witness.say("1", "unharmed")
}

func TestNamesInEveryDoor(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.tries", "0") // each bad name is a failed try
	dial(t, s.WS("?dialect=json&name=Ada"), nil).next("joined")
	bad := map[string]string{
		"empty": " ", "bar": "a|b", "control": "a\x07b", "newline": "a\nb", "zero width": "Ad\u200ba", "bidi override": "Ad\u202ea",
		"10,000 characters": strings.Repeat("x", 10_000), "33 characters": strings.Repeat("x", 33),
	}
	for what, name := range bad {
		if resp, _ := s.join(t, url.Values{"name": {name}}, nil); resp.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: the form answers %s", what, resp.Status)
		}
		if len(name) > 1000 {
			continue // more than a request's header holds; the first frame below holds it
		}
		status, code, _ := refused(t, s.WS("?name="+url.QueryEscape(name)), nil)
		if name != " " && (status != http.StatusUnprocessableEntity || code != "bad_name") {
			t.Errorf("%s: ?name= is answered with %d %s", what, status, code)
		}
	}
	for what, name := range bad {
		if what == "bar" || what == "newline" {
			continue // they end a name in a frame
		}
		c := dial(t, s.WS("?dialect=pipe"), nil)
		c.send(name + "|hi")
		if got := c.read(); !strings.Contains(got, "|*|error: ") {
			t.Errorf("%s: a pipe frame is answered with %.80q", what, got)
		}
	}
	for _, name := range []string{"ada", "ADA", "Ａｄａ", " Ada "} { // the same name, for RFC 8266
		if resp, _ := s.join(t, url.Values{"name": {name}}, nil); resp.StatusCode != http.StatusConflict {
			t.Errorf("the form answers %s to %q", resp.Status, name)
		}
		if status, code, _ := refused(t, s.WS("?name="+url.QueryEscape(name)), nil); status != http.StatusConflict || code != "name_taken" {
			t.Errorf("?name=%s is answered with %d %s", name, status, code)
		}
	}
	for _, name := range []string{"王小明", "Jörg-Günther", "<script>alert(1)</script>", "👩‍👩‍👧 family", "עברית", "محمد", "Client 1", strings.Repeat("ü", 32)} {
		resp, cookie := s.join(t, url.Values{"name": {name}}, nil)
		if resp.StatusCode != http.StatusSeeOther || cookie == "" {
			t.Errorf("the form answers %s to %q", resp.Status, name)
			continue
		}
		_, page := s.get(t, "/rooms/lobby", cookie)
		if strings.Contains(page, "<script>alert") {
			t.Error("a name became markup in the page")
		}
		c := dial(t, s.WS("?dialect=json"), http.Header{"Cookie": {cookie}})
		if w := c.next("welcome"); w.Name != name {
			t.Errorf("%q is welcomed as %q", name, w.Name)
		}
		c.say("1", "<img src=x onerror=alert(1)> & more")
		c.send(`{"type":"history","room":"lobby","limit":1}`)
		if h := c.next("history"); len(h.Messages) != 1 || h.Messages[0].HTML == "" || strings.Contains(h.Messages[0].HTML, "<img") {
			t.Errorf("a message became markup: %+v", h)
		}
		c.leave()
	}
}
