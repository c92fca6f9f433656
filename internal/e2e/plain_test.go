package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// textBrowser is somebody at w3m, which keeps its cookies in a home of its own from one call to the next.
type textBrowser struct {
	t    *testing.T
	s    *server
	home string
}

// shows is a page as w3m prints it.
func (b *textBrowser) shows(path string) string { return b.w3m("-dump", b.s.URL+path) }

// posts sends the form of a page, with what is filled in beside what stands in it, and returns the page that comes back.
func (b *textBrowser) posts(page, action string, fields url.Values) string {
	b.t.Helper()
	form := formOf(b.t, b.w3m("-o", "accept_encoding=identity", "-dump_source", b.s.URL+page), action)
	for name, values := range fields {
		form[name] = values
	}
	return b.sends(action, form)
}

// cookie is the session that w3m keeps.
func (b *textBrowser) cookie() string {
	b.t.Helper()
	kept, err := os.ReadFile(filepath.Join(b.home, ".w3m", "cookie"))
	if err != nil {
		b.t.Fatal(err)
	}
	for line := range strings.Lines(string(kept)) {
		if fields := strings.Split(line, "\t"); len(fields) > 2 && fields[1] == "parley_session" {
			return fields[1] + "=" + fields[2]
		}
	}
	b.t.Fatalf("there is no session in %s", kept)
	return ""
}

// sends sends a form as it is.
func (b *textBrowser) sends(action string, form url.Values) string {
	b.t.Helper()
	file := filepath.Join(b.home, "post")
	if err := os.WriteFile(file, []byte(form.Encode()), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return b.w3m("-post", file, "-dump", b.s.URL+action)
}

func (b *textBrowser) w3m(args ...string) string {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), "w3m", append([]string{"-cookie", "-I", "UTF-8", "-O", "UTF-8", "-cols", "100"}, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+b.home, "LC_ALL=C.UTF-8")
	out, problems, code := ran(b.t, cmd)
	if code != 0 {
		b.t.Fatalf("w3m %q: exit code %d: %s", args, code, problems)
	}
	return out
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// formOf is what stands in the form of a page that leads to an address.
func formOf(t *testing.T, page, action string) url.Values {
	t.Helper()
	_, rest, found := strings.Cut(page, `action="`+action+`"`)
	if !found {
		t.Fatalf("no form leads to %s on %.2000s", action, page)
	}
	inside, _, _ := strings.Cut(rest, "</form>")
	form := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(inside, -1) {
		form.Set(field[1], field[2])
	}
	return form
}

func requireText(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(page, part) {
			t.Errorf("there is no %q on\n%s", part, page)
		}
	}
}

func TestTextBrowserTakesPart(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--presence.grace", "0")
	ada := newPerson(t, s, "Ada", desktop)
	ada.joins("lobby")
	ada.says("Is anybody out there?")

	wren := &textBrowser{t: t, s: s, home: t.TempDir()}
	page := wren.posts("/?room=lobby", "/join", url.Values{"name": {"Wren"}})
	requireText(t, page, "# lobby", "2 people here", "Ada", "Is anybody out there?", "Write a message", "Rooms", "People", "Wren (you)")
	ada.sees("parley-people", "Wren")
	ada.says("There you are")
	requireText(t, wren.shows("/rooms/lobby/plain"), "There you are")
	requireText(t, wren.shows("/rooms/lobby"), "Here is one that doesn’t")

	lines := "Hello from a text browser, 王小明\r\n<script>alert(1)</script> & <b>bold</b>"
	page = wren.posts("/rooms/lobby/plain?write", "/rooms/lobby/messages", url.Values{"text": {lines}})
	requireText(t, page, "Hello from a text browser, 王小明", "<script>alert(1)</script> & <b>bold</b>")
	ada.sees(".row .author", "Wren")
	ada.sees(".row .body", "<script>alert(1)</script> & <b>bold</b>")

	// What belongs to messages, in words; and nothing of whom one ignores, wherever one has said so.
	bob := s.json(t, "Bob", "")
	bob.send(`{"type":"topic","id":"t","room":"lobby","text":"Tomatoes & peas"}`)
	bob.send(`{"type":"send","id":"a","room":"lobby","text":"I am","reply_to":1}`)
	bob.send(`{"type":"react","id":"r","room":"lobby","of":1,"emoji":"👍","on":true}`)
	bob.send(`{"type":"send","id":"b","room":"lobby","text":"And **here**"}`)
	bob.next("ack")
	ada.sees(".row .body", "And here")
	requireText(t, wren.shows("/rooms/lobby/plain"), "Tomatoes & peas", "In reply to Ada: Is anybody out there?", "👍 1", "And here")
	ignoring := dial(t, s.WS("?dialect=json"), http.Header{"Cookie": {wren.cookie()}})
	ignoring.send(`{"type":"ignore","id":"i","name":"Bob","on":true}`)
	ignoring.next("ignored")
	if page = wren.shows("/rooms/lobby/plain"); strings.Contains(page, "And here") {
		t.Errorf("who is ignored is heard on\n%s", page)
	}
	requireText(t, page, "You ignore who wrote this")

	// The private room with Ada, by the link beside her name.
	source := wren.w3m("-o", "accept_encoding=identity", "-dump_source", s.URL+"/rooms/lobby/plain")
	private := regexp.MustCompile(`/rooms/@[^"/]+/plain`).FindString(source)
	if private == "" {
		t.Fatalf("no link leads to a private room on %s", source)
	}
	private = strings.TrimSuffix(private, "/plain")
	wren.posts(private+"/plain?write", private+"/messages", url.Values{"text": {"Just for you"}})
	ada.click("parley-rooms a.unread")
	ada.sees(".row .body", "Just for you")
	ada.says("I keep it")
	requireText(t, wren.shows(private+"/plain"), "Private conversation", "I keep it")

	ada.click(`parley-rooms a[data-room="lobby"]`)

	// Commands and the search, as far as a text browser shows them.
	send := func(text string) string {
		return wren.posts("/rooms/lobby/plain?write", "/rooms/lobby/messages", url.Values{"text": {text}})
	}
	requireText(t, send("/nick Wren the 2nd"), "you are", "Wren the 2nd")
	requireText(t, send("/whois Ada"), "Ada – Here since")
	requireText(t, send("/dance for me"), "There is no command /dance.", "/dance for me")
	requireText(t, wren.shows("/rooms/lobby/plain?search=anybody"), "1 message", "Is anybody out there?")
	requireText(t, wren.shows("/rooms/lobby/plain?of=1"), "Is anybody out there?", "Reply", "React")
	ada.sees("parley-people .name", "Wren the 2nd")

	if page = wren.posts("/rooms/lobby/plain", "/leave", nil); !strings.Contains(page, "Who’s there?") {
		t.Errorf("who has left is shown\n%s", page)
	}
	ada.misses("parley-people .name", "Wren the 2nd")
	if page = wren.shows("/rooms/lobby/plain"); strings.Contains(page, "There you are") {
		t.Errorf("who has left reads on\n%s", page)
	}
}

// sendsByForm sends a text by the form of the page without a script.
func (p *person) sendsByForm(text string) {
	p.t.Helper()
	p.follows(`a[href$="?write"]`)
	p.types("#text", text)
	p.click("form.write button")
}

// withoutScripts is a browser that runs none.
func withoutScripts(p *person) *person {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	if err != nil {
		p.t.Fatal(err)
	}
	return p
}

func TestBrowserWithoutScriptsTakesPart(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--presence.refresh", "1s", "--presence.grace", "0", "--rate-limit.messages", "0")
	ada := newPerson(t, s, "Ada", desktop)
	ada.joins("lobby")
	wren := withoutScripts(newPerson(t, s, "Wren", phone))
	wren.open("/?room=lobby")
	wren.types("#name", "Wren")
	wren.click("main.door form button[type=submit]")
	wren.sees(".plain h1", "lobby")
	ada.sees("parley-people .name", "Wren")

	ada.says("You see this without doing anything")
	wren.sees(".said .body", "You see this without doing anything")
	wren.screenshot("reads")
	wren.follows(`a[href$="?write"]`)
	wren.types("#text", "Half a thought")
	ada.says("The page of who writes waits")
	wren.until("what is typed to stay", `document.querySelector("#text").value === "Half a thought"
		&& !document.querySelector("meta[http-equiv=refresh]")`)
	wren.screenshot("writes")
	wren.types("#text", ", and the rest of it")
	wren.click("form.write button")
	wren.sees(".said.mine .body", "Half a thought, and the rest of it")
	ada.sees(".row .body", "Half a thought, and the rest of it")
	wren.sees(".said .body", "The page of who writes waits")

	// Commands, with what they answer; what is none stays where it was typed, and nobody sees it.
	wren.sendsByForm("/topic Tomatoes, peas and what eats them")
	wren.sees(".topic", "what eats them")
	wren.expectTrouble("422")
	wren.sendsByForm("/serach thought")
	wren.sees(".wrong", "Did you mean /search?")
	wren.until("the command in the form", `document.querySelector("#text").value === "/serach thought"`)
	wren.screenshot("mistyped")
	wren.open("/rooms/lobby/plain")
	wren.sendsByForm("/help")
	wren.sees("dt", "/nick NAME")
	wren.screenshot("help")
	wren.types("#words", "thought")
	wren.click("#search button")
	wren.sees("mark", "thought")
	wren.screenshot("found")
	wren.follows(".said a")
	wren.sees(".said .body", "Half a thought")

	// What one can do with a message, and a file.
	wren.open("/rooms/lobby/plain")
	wren.follows(".said:not(.mine) .do a")
	wren.sees("legend", "React")
	wren.screenshot("acts")
	wren.click(`button[value="🎉"]`)
	wren.sees(`button[aria-pressed="true"]`, "🎉")
	wren.types("#text", "So I can")
	wren.click("form.write button")
	wren.sees(".said.mine .hint", "In reply to Ada")
	wren.follows(`a[href$="?write"]`)
	wren.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{writeFile(t, "peas.png", drawn(t, 300, 200))}))
	wren.types("#caption", "The peas")
	wren.click(`form[enctype] button`)
	wren.sees(".said.mine .body", "The peas")
	wren.until("the picture", `document.querySelector(".said .shot img").naturalWidth === 300`)
	ada.sees(".row .body", "The peas")
	wren.screenshot("sent")

	// The full page leads to this one, and older messages are there by a link.
	bob := s.json(t, "Bob", "")
	for i := range 60 {
		bob.say(fmt.Sprint("b", i), "One of many")
	}
	wren.open("/rooms/lobby")
	wren.until("the page that needs no script", `location.pathname === "/rooms/lobby/plain"`)
	wren.misses(".said .body", "You see this without doing anything")
	wren.follows(".pages a")
	wren.sees(".said .body", "You see this without doing anything")
	wren.sees(".pages", "This is where the room begins")
	wren.screenshot("older")

	wren.follows("nav a")
	wren.sees("h2", "Messages, newest first")
	wren.open("/check") // who doesn't come by any more isn't there any more
	ada.misses("parley-people .name", "Wren")
}

func TestFormsSendUnderTheRulesOfEveryMessage(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.burst", "5", "--rate-limit.messages", "0.01", "--limits.message-length", "100")
	_, ada := s.join(t, url.Values{"name": {"Ada"}}, nil)
	_, bob := s.join(t, url.Values{"name": {"Bob"}}, nil)
	_, eve := s.join(t, url.Values{"name": {"Eve"}}, nil)
	s.get(t, "/rooms/lobby/plain", ada) // she is there
	_, bobs := s.get(t, "/rooms/lobby/plain", bob)
	private := strings.TrimSuffix(regexp.MustCompile(`/rooms/@[^"/]+/plain`).FindString(bobs), "/plain")
	if private == "" || !strings.Contains(bobs, "Ada") {
		t.Fatalf("Bob doesn't see Ada on %s", bobs)
	}
	post := func(cookie, path string, form url.Values) (*http.Response, string) {
		return s.answered(t, ask{method: "POST", path: path, cookies: cookie, form: form})
	}
	// Private things are nobody else's: neither to read nor to write, and no presence tells that they are there.
	for _, path := range []string{private + "/plain", private + "/plain?write", private + "/plain?before=1"} {
		if resp, body := s.get(t, path, eve); resp.StatusCode != http.StatusNotFound || strings.Contains(body, "Ada") {
			t.Errorf("%s is shown to Eve: %s", path, resp.Status)
		}
	}
	if resp, _ := post(eve, private+"/messages", url.Values{"text": {"I am in"}}); resp.StatusCode != http.StatusNotFound {
		t.Errorf("Eve writes into a private room: %s", resp.Status)
	}
	if resp, _ := post(bob, private+"/messages", url.Values{"text": {"Hello"}}); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("Bob's private message is answered with %s", resp.Status)
	}
	if _, page := s.get(t, private+"/plain", ada); !strings.Contains(page, "Hello") {
		t.Errorf("Ada doesn't see it on %s", page)
	}

	// One form is one message, however often it is sent; with another text in it, it is another.
	form := formOf(t, func() string { _, page := s.get(t, "/rooms/lobby/plain?write", ada); return page }(), "/rooms/lobby/messages")
	for _, text := range []string{"First", "First", "Second"} {
		form.Set("text", text)
		if resp, _ := post(ada, "/rooms/lobby/messages", form); resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/rooms/lobby/plain" {
			t.Errorf("%q is answered with %s, to %q", text, resp.Status, resp.Header.Get("Location"))
		}
	}
	_, page := s.get(t, "/rooms/lobby/plain", bob)
	if n := strings.Count(page, "First"); n != 1 || !strings.Contains(page, "Second") {
		t.Errorf("%d times on %s", n, page)
	}

	// What is refused is said on the page, and nothing that was typed is lost.
	for text, want := range map[string]struct {
		status int
		says   string
	}{
		" \r\n ":                    {http.StatusUnprocessableEntity, "empty"},
		"/jion garden":              {http.StatusUnprocessableEntity, "Did you mean /join? Write // first"},
		strings.Repeat("long ", 40): {http.StatusUnprocessableEntity, "100 is the most"},
	} {
		resp, body := post(eve, "/rooms/lobby/messages", url.Values{"text": {text}, "id": {"x"}})
		if resp.StatusCode != want.status || !strings.Contains(body, want.says) || !strings.Contains(body, strings.TrimSpace(text)) {
			t.Errorf("%.10q is answered with %s: %s", text, resp.Status, body)
		}
	}
	refused := false
	for range 6 {
		resp, body := post(eve, "/rooms/lobby/messages", url.Values{"text": {"Flood"}})
		if resp.StatusCode == http.StatusTooManyRequests {
			refused = strings.Contains(body, ">Flood</textarea>") && resp.Header.Get("Retry-After") != ""
		}
	}
	if !refused {
		t.Error("a flood of forms isn't refused with its text kept")
	}
	if resp, _ := post(bob, "/rooms/lobby/messages", url.Values{"text": {"//etc/hosts"}}); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("a literal slash is answered with %s", resp.Status)
	}
	if _, page := s.get(t, "/rooms/lobby/plain", ada); !strings.Contains(page, ">/etc/hosts<") && !strings.Contains(page, ">/etc/hosts</p>") {
		t.Errorf("there is no /etc/hosts on %s", page)
	}
	resp, body := s.answered(t, ask{
		method: "POST", path: "/rooms/lobby/messages", cookies: bob, form: url.Values{"text": {"By a program"}},
		header: http.Header{"Accept": {"application/json"}},
	})
	if resp.StatusCode != http.StatusOK || !regexp.MustCompile(`"seq":\d+`).MatchString(body) {
		t.Errorf("a program is answered with %s: %s", resp.Status, body)
	}
	for _, path := range []string{"/rooms/lobby/plain?before=x", "/rooms/lobby/plain?before=-1"} {
		if resp, _ := s.get(t, path, bob); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s is answered with %s", path, resp.Status)
		}
	}
}

// Who is removed is told so, once: that they come back is up to them, not to a page that comes by itself. Who is kept out stays out.
func TestPlainPageOfWhoIsRemovedDoesNotComeBackByItself(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--presence.grace", "0")
	key := s.moderator(t, "Mod")
	_, wren := s.join(t, url.Values{"name": {"Wren"}}, nil)
	s.get(t, "/rooms/lobby/plain", wren)
	mod := dial(t, s.WS("?dialect=json"), http.Header{"Key": {key}})
	if here := mod.next("joined").Members; len(here) != 2 {
		t.Fatalf("the moderator meets %v", here)
	}
	mod.send(`{"type":"kick","id":"k","name":"Wren"}`)
	for mod.next("presence").Event != "leave" {
	}
	resp, page := s.get(t, "/rooms/lobby/plain", wren)
	if resp.StatusCode != http.StatusForbidden || !strings.Contains(page, "removed you") || strings.Contains(page, "http-equiv") {
		t.Errorf("who was removed is answered with %s: %.500s", resp.Status, page)
	}
	if resp, _ := s.get(t, "/rooms/lobby/plain", wren); resp.StatusCode != http.StatusOK {
		t.Errorf("who comes back is answered with %s", resp.Status)
	}
	mod.send(`{"type":"ban","id":"b","name":"Wren"}`)
	for mod.next("presence").Event != "leave" {
	}
	if resp, _ := s.get(t, "/rooms/lobby/plain", wren); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("who is kept out is answered with %s", resp.Status)
	}
	resp, _ = s.answered(t, ask{method: "POST", path: "/rooms/lobby/messages", cookies: wren, form: url.Values{"text": {"I am in"}}})
	if resp.StatusCode != http.StatusSeeOther || !strings.HasPrefix(resp.Header.Get("Location"), "/?room=") {
		t.Errorf("who is kept out writes: %s to %q", resp.Status, resp.Header.Get("Location"))
	}
}
