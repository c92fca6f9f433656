package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// scriptless is somebody whose browser runs no script: forms, cookies, and addresses that are gone to where an answer says so.
type scriptless struct {
	t      *testing.T
	s      *server
	cookie string
}

func joinScriptless(t *testing.T, s *server, name string) *scriptless {
	t.Helper()
	resp, cookie := s.join(t, url.Values{"name": {name}}, nil)
	if cookie == "" {
		t.Fatalf("%s can't join: %s", name, resp.Status)
	}
	return &scriptless{t, s, cookie}
}

func (p *scriptless) reads(path string) string {
	p.t.Helper()
	resp, page := p.s.get(p.t, path, p.cookie)
	if resp.StatusCode != http.StatusOK {
		p.t.Fatalf("%s is answered with %s: %.300s", path, resp.Status, page)
	}
	return page
}

// types sends the form of a room, and returns where that leads and the page there, or the refusal.
func (p *scriptless) types(room, text string) (status int, at, page string) {
	p.t.Helper()
	form := formOf(p.t, p.reads(room+"/plain?write"), room+"/messages")
	form.Set("text", text)
	return p.sends(room+"/messages", form)
}

func (p *scriptless) sends(action string, form url.Values) (status int, at, page string) {
	p.t.Helper()
	resp, page := p.s.answered(p.t, ask{
		method: http.MethodPost, path: action, cookies: p.cookie, form: form, header: http.Header{"Origin": {p.s.URL}},
	})
	if resp.StatusCode != http.StatusSeeOther {
		return resp.StatusCode, "", page
	}
	at = resp.Header.Get("Location")
	path, _, _ := strings.Cut(at, "#")
	return resp.StatusCode, at, p.reads(path)
}

// mainOf is what a page is about.
func mainOf(page string) string {
	_, page, _ = strings.Cut(page, "<main>")
	page, _, _ = strings.Cut(page, "</main>")
	return page
}

func TestCommandsAreTypedWithoutScripts(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--rate-limit.commands", "0", "--presence.grace", "0")
	ada, bob := joinScriptless(t, s, "Ada"), joinScriptless(t, s, "Bob the B")
	const lobby = "/rooms/lobby"
	bob.reads(lobby + "/plain")
	for _, tt := range []struct{ typed, at, says string }{
		{"/me waves", lobby + "/plain", "waves"},
		{"/ME\nnods", lobby + "/plain", "nods"},
		{"/shrug oh", lobby + "/plain", `oh ¯\_(ツ)_/¯`},
		{"//etc/hosts", lobby + "/plain", ">/etc/hosts<"},
		{"/nick Ada Lovelace", lobby + "/plain", "you are \u2068Ada Lovelace\u2069"},
		{"/topic Seeds & soil", lobby + "/plain", "<bdi>Seeds &amp; soil</bdi>"},
		{"/who", lobby + "/plain#people", "Bob the B"},
		{"/rooms", lobby + "/plain#rooms", "# <bdi>lobby</bdi>"},
		{"/help", lobby + "/plain?help", "<kbd>/nick NAME</kbd>"},
		{"/away at lunch", lobby + "/plain?whois=Ada+Lovelace", "at lunch"},
		{"/back", lobby + "/plain?whois=Ada+Lovelace", "This is you"},
		{"/whois bob the b", lobby + "/plain?whois=Bob+the+B", "Here since"},
		{"/ignore", lobby + "/plain?ignored", "You ignore nobody."},
		{"/ignore Bob the B", lobby + "/plain?whois=Bob+the+B", "Bob the B"},
		{"/ignore", lobby + "/plain?ignored", "You ignore \u2068Bob the B\u2069."},
		{"/unignore Bob the B", lobby + "/plain?whois=Bob+the+B", "Bob the B"},
		{"/invite", lobby + "/plain?invite", "Others come here by " + s.URL + "<"},
		{"/invite Bob the B", lobby + "/plain?whois=Bob+the+B&invited", "\u2068Bob the B\u2069 is asked to come here."},
		{"/search waves", lobby + "/plain?search=waves", "<mark>waves</mark>"},
		{"/join #Garden Path", "/rooms/garden-path/plain", "No messages yet."},
	} {
		status, at, page := ada.types(lobby, tt.typed)
		if status != http.StatusSeeOther || at != tt.at || !strings.Contains(page, tt.says) {
			t.Errorf("%q leads to %d %q, want %q with %q: %s", tt.typed, status, at, tt.at, tt.says, mainOf(page))
		}
	}
	if page := ada.reads(lobby + "/plain?help"); strings.Contains(page, "/kick") {
		t.Errorf("who keeps no order is told how on %s", mainOf(page))
	}

	// Nothing of what is refused is sent, and all of it stays in the form.
	for typed, says := range map[string]string{
		"/dance <b>": "There is no command /dance.", "/nick": "It goes like this: /nick NAME", "/whois Zoe": "Nobody is called \u2068Zoe\u2069.",
		"/msg Zoe hello": "Nobody is called", "/leave": "This room can’t be left.", "/join a/b": "A room’s name is", "/kick Bob the B": "",
		"/ban Bob the B soon": "", "/r hello": "Nobody has written to you alone yet.", "/nick Bob the B": "",
	} {
		status, _, page := ada.types(lobby, typed)
		kept := strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(typed)
		if status < 400 || !strings.Contains(page, `role="alert">`+says) || !strings.Contains(page, ">"+kept+"</textarea>") {
			t.Errorf("%q is answered with %d: %s", typed, status, mainOf(page))
		}
		if page := bob.reads(lobby + "/plain"); strings.Contains(page, "<p>"+kept) {
			t.Errorf("%q was sent: %s", typed, mainOf(page))
		}
	}

	// To one person alone, and back.
	_, private, page := ada.types(lobby, "/msg Bob the B Just for you")
	if !strings.HasPrefix(private, "/rooms/@") || !strings.Contains(page, "Just for you") {
		t.Errorf("a private message leads to %q: %s", private, mainOf(page))
	}
	if _, at, page := bob.types(lobby, "/r I keep it"); at != private || !strings.Contains(page, "I keep it") {
		t.Errorf("its answer leads to %q: %s", at, mainOf(page))
	}
	eve := joinScriptless(t, s, "Eve")
	if page := eve.reads(lobby + "/plain?search=keep&where=all"); strings.Contains(page, "keep it") || strings.Contains(page, `<mark>`) {
		t.Errorf("a private message is found by Eve: %s", mainOf(page))
	}
	if page := ada.reads(lobby + "/plain?search=keep&where=all"); !strings.Contains(page, "<mark>keep</mark>") || !strings.Contains(page, private+"?before=3#m2") {
		t.Errorf("it isn't found by Ada: %s", mainOf(page))
	}

	// Another room, and out of it. One form is one command, however often it is sent.
	form := formOf(t, ada.reads("/rooms/garden-path/plain?write"), "/rooms/garden-path/messages")
	form.Set("text", "/me digs")
	for range 2 {
		ada.sends("/rooms/garden-path/messages", form)
	}
	if n := strings.Count(bob.reads("/rooms/garden-path/plain"), "digs"); n != 1 {
		t.Errorf("a form that was sent twice is there %d times", n)
	}
	if page := bob.reads("/rooms/garden-path/plain"); !strings.Contains(page, "2 people here") {
		t.Errorf("Ada isn't in the other room: %s", mainOf(page))
	}
	if _, at, _ := ada.types(lobby, "/leave garden-path"); at != lobby+"/plain" {
		t.Errorf("who leaves another room is led to %q", at)
	}
	if page := bob.reads("/rooms/garden-path/plain"); !strings.Contains(page, "1 person here") {
		t.Errorf("who left is there: %s", mainOf(page))
	}
	if _, at, _ := bob.types("/rooms/garden-path", "/leave"); at != lobby+"/plain" {
		t.Errorf("who leaves a room is led to %q", at)
	}

	_, at, page := ada.types(lobby, "/clear")
	if !strings.Contains(at, "?after=") || strings.Contains(page, "waves") || !strings.Contains(page, "from now on") {
		t.Errorf("an empty page at %q: %s", at, mainOf(page))
	}
	bob.types(lobby, "After all that")
	if page := ada.reads(at); strings.Contains(page, "waves") || !strings.Contains(page, "After all that") {
		t.Errorf("what is said after it isn't there alone: %s", mainOf(page))
	}
}
