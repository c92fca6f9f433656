package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// does sends a form of the page that shows a message with what one can do with it.
func (p *scriptless) does(room, seq, what string, fields url.Values) (status int, at, page string) {
	p.t.Helper()
	action := room + "/messages/" + seq
	form := formOf(p.t, p.reads(room+"/plain?of="+seq), action)
	form.Set("do", what)
	for name, values := range fields {
		form[name] = values
	}
	return p.sends(action, form)
}

func TestMessagesAreChangedWithoutScripts(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--rate-limit.commands", "0")
	ada, bob := joinScriptless(t, s, "Ada"), joinScriptless(t, s, "Bob")
	const lobby = "/rooms/lobby"
	ada.types(lobby, "Tomatos **grow**")
	if page := bob.reads(lobby + "/plain"); !strings.Contains(page, `href="/rooms/lobby/plain?of=1">Reply or react<`) {
		t.Fatalf("nothing leads to what can be done: %s", mainOf(page))
	}
	if page := bob.reads(lobby + "/plain?of=1"); strings.Contains(page, `value="delete"`) || strings.Contains(page, `value="edit"`) {
		t.Errorf("Bob is offered to change what isn't his: %s", mainOf(page))
	}

	// A reaction, set and taken back; a form that is sent twice does it once.
	status, at, page := bob.does(lobby, "1", "react", url.Values{"on": {"🎉"}})
	if status != http.StatusSeeOther || at != lobby+"/plain?of=1" || !strings.Contains(page, `name="off" value="🎉" aria-pressed="true"`) {
		t.Errorf("a reaction leads to %d %q: %s", status, at, mainOf(page))
	}
	if page := ada.reads(lobby + "/plain"); !strings.Contains(page, "🎉 1") {
		t.Errorf("Ada doesn't see it: %s", mainOf(page))
	}
	bob.does(lobby, "1", "react", url.Values{"off": {"🎉"}})
	if page := ada.reads(lobby + "/plain"); strings.Contains(page, "🎉 1") {
		t.Errorf("it isn't taken back: %s", mainOf(page))
	}

	// An answer, whose form stands beside them.
	form := formOf(t, bob.reads(lobby+"/plain?of=1"), lobby+"/messages")
	form.Set("text", "They do")
	for range 2 {
		if _, at, _ := bob.sends(lobby+"/messages", form); at != lobby+"/plain" {
			t.Errorf("an answer leads to %q", at)
		}
	}
	page = ada.reads(lobby + "/plain")
	if strings.Count(page, "<p>They do</p>") != 1 || !strings.Contains(page, "In reply to Ada: Tomatos grow") {
		t.Errorf("the answer isn't there once, or answers nothing: %s", mainOf(page))
	}
	form.Set("text", "/jion")
	if status, _, page := bob.sends(lobby+"/messages", form); status != 422 || !strings.Contains(page, ">/jion</textarea>") ||
		!strings.Contains(page, `name="reply_to" value="1"`) {
		t.Errorf("a refused answer is %d: %s", status, mainOf(page))
	}

	// One's own is changed and deleted, another's isn't.
	if page := ada.reads(lobby + "/plain?of=1"); !strings.Contains(page, ">Tomatos **grow**</textarea>") {
		t.Errorf("it can't be edited as it was written: %s", mainOf(page))
	}
	ada.does(lobby, "1", "edit", url.Values{"text": {"Tomatoes **grow**"}})
	page = bob.reads(lobby + "/plain")
	if !strings.Contains(page, "Tomatoes <strong>grow</strong>") || !strings.Contains(page, "edited") {
		t.Errorf("Bob doesn't see the change: %s", mainOf(page))
	}
	if status, _, page := ada.does(lobby, "1", "edit", url.Values{"text": {" "}}); status != 422 || !strings.Contains(page, `role="alert"`) {
		t.Errorf("an empty change is answered with %d: %s", status, mainOf(page))
	}
	for _, what := range []string{"edit", "delete"} {
		status, _, page := bob.does(lobby, "1", what, url.Values{"text": {"Mine now"}})
		if status != http.StatusForbidden || !strings.Contains(page, "Only the one who wrote a message can change it.") {
			t.Errorf("Bob can %s what isn't his: %d, %s", what, status, mainOf(page))
		}
	}
	if _, at, _ := ada.does(lobby, "1", "delete", nil); at != lobby+"/plain" {
		t.Errorf("deleting leads to %q", at)
	}
	page = bob.reads(lobby + "/plain")
	if !strings.Contains(page, "This message was deleted.") || strings.Contains(page, "Tomatoes") || strings.Contains(page, "?of=1\"") {
		t.Errorf("Bob sees what was deleted, or can do something with it: %s", mainOf(page))
	}

	// Nobody does anything where they may not read, nor learns what there is.
	_, private, _ := ada.types(lobby, "/msg Bob Just for you")
	private = strings.TrimSuffix(private, "/plain")
	eve := joinScriptless(t, s, "Eve")
	for _, do := range []url.Values{{"do": {"react"}, "on": {"👍"}}, {"do": {"delete"}}, {"do": {"edit"}, "text": {"x"}}} {
		resp, body := s.answered(t, ask{method: http.MethodPost, path: private + "/messages/1", cookies: eve.cookie, form: do})
		if resp.StatusCode != http.StatusNotFound || strings.Contains(body, "Just for you") {
			t.Errorf("Eve's %v is answered with %s: %s", do, resp.Status, body)
		}
	}
	if resp, body := s.get(t, private+"/plain?of=1", eve.cookie); resp.StatusCode != http.StatusNotFound || strings.Contains(body, "Just") {
		t.Errorf("Eve is shown a private message: %s", resp.Status)
	}
	for path, want := range map[string]int{"/plain?of=99": 404, "/plain?of=x": 400, "/plain?of=-1": 400, "/plain?after=x": 400} {
		if resp, _ := s.get(t, lobby+path, eve.cookie); resp.StatusCode != want {
			t.Errorf("%s is answered with %s, want %d", path, resp.Status, want)
		}
	}
}

func TestWhoKeepsOrderInARoomDeletesThereWithoutScripts(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--rate-limit.commands", "0")
	ada, bob, eve := joinScriptless(t, s, "Ada"), joinScriptless(t, s, "Bob"), joinScriptless(t, s, "Eve")
	maker := dial(t, s.WS("?dialect=json"), http.Header{"Cookie": {ada.cookie}})
	maker.next("joined")
	maker.send(`{"type":"create","name":"cellar","entry":"password","password":"open sesame"}`)
	maker.next("created")
	const cellar, lobby, offered = "/rooms/~cellar", "/rooms/lobby", `value="delete"`
	for _, p := range []*scriptless{bob, eve} {
		form := formOf(t, p.reads(cellar+"/plain"), cellar+"/password")
		form.Set("password", "open sesame")
		p.sends(cellar+"/password", form)
	}
	bob.types(cellar, "Rude words")
	bob.types(lobby, "In the lobby")

	if page := eve.reads(cellar + "/plain?of=1"); strings.Contains(page, offered) {
		t.Errorf("Eve is offered to delete what is Bob's: %s", mainOf(page))
	}
	if status, _, page := eve.does(cellar, "1", "delete", nil); status != http.StatusForbidden || !strings.Contains(page, "Rude words") {
		t.Errorf("Eve's deletion is answered with %d: %s", status, mainOf(page))
	}
	if page := ada.reads(lobby + "/plain?of=1"); strings.Contains(page, offered) {
		t.Errorf("who made one room is offered to delete in another: %s", mainOf(page))
	}
	if page := ada.reads(cellar + "/plain?of=1"); !strings.Contains(page, offered) || strings.Contains(page, `value="edit"`) {
		t.Errorf("the room's maker isn't offered to delete, or is to edit: %s", mainOf(page))
	}
	if _, at, _ := ada.does(cellar, "1", "delete", nil); at != cellar+"/plain" {
		t.Errorf("her deletion leads to %q", at)
	}
	if page := bob.reads(cellar + "/plain"); !strings.Contains(page, "This message was deleted.") || strings.Contains(page, "Rude") {
		t.Errorf("Bob sees what the room's maker deleted: %s", mainOf(page))
	}
}

func TestArchivedRoomOffersNoFormsWithoutScripts(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--rate-limit.commands", "0")
	key := s.moderator(t, "Mo")
	ada := joinScriptless(t, s, "Ada")
	_, cookie := s.join(t, url.Values{"name": {"Mo"}, "key": {key}}, nil)
	mo := &scriptless{t, s, cookie}
	const barn = "/rooms/barn"
	form := formOf(t, ada.reads(barn+"/plain?write"), barn+"/messages") // by which she makes it
	form.Set("text", "Hay everywhere")
	ada.sends(barn+"/messages", form)
	edit := formOf(t, ada.reads(barn+"/plain?of=1"), barn+"/messages/1")
	file := ada.fileForm(barn)
	maker := dial(t, s.WS("?dialect=json&room=barn"), http.Header{"Cookie": {ada.cookie}})
	maker.next("joined")
	maker.send(`{"type":"topic","id":"t","room":"barn","text":"What cows eat"}`)
	maker.next("ack")
	maker.send(`{"type":"archive","room":"barn","on":true}`)
	maker.next("archived")

	for language, says := range map[string]string{"en": "This room is archived.", "de": "Dieser Raum ist archiviert.", "zh": "此房间已归档"} {
		for _, path := range []string{"", "?write", "?of=1"} {
			_, page := s.answered(t, ask{
				method: http.MethodGet, path: barn + "/plain" + path, cookies: ada.cookie, header: http.Header{"Accept-Language": {language}},
			})
			if page = mainOf(page); !strings.Contains(page, says) || !strings.Contains(page, "Hay") || strings.Contains(page, "<form") ||
				strings.Contains(page, "?write") || path != "?of=1" && strings.Contains(page, "?of=") {
				t.Errorf("in %s, %q offers to write, or doesn't say why not: %s", language, path, page)
			}
		}
	}

	for _, end := range []string{"", "/plain"} {
		if page := ada.reads(barn + end); !strings.Contains(page, "What cows eat") {
			t.Errorf("its topic isn't on %s", page)
		}
	}

	// What was typed before and comes too late isn't lost.
	form.Set("text", "Straw too")
	if status, _, page := ada.sends(barn+"/messages", form); status != http.StatusForbidden || !strings.Contains(page, ">Straw too</textarea>") {
		t.Errorf("what came too late is answered with %d: %s", status, mainOf(page))
	}
	edit.Set("do", "edit")
	edit.Set("text", "Hay and straw")
	if status, _, page := ada.sends(barn+"/messages/1", edit); status != http.StatusForbidden || !strings.Contains(page, ">Hay and straw</textarea>") {
		t.Errorf("a change that came too late is answered with %d: %s", status, mainOf(page))
	}
	file.Set("text", "Look")
	if resp, page := ada.sendsFile(barn, file, "hay.txt", strings.NewReader("hay"), 3); resp.StatusCode != http.StatusForbidden ||
		!strings.Contains(page, `value="Look"`) {
		t.Errorf("a file that came too late is answered with %s: %s", resp.Status, mainOf(page))
	}

	// Who keeps order in the chat needs no room opened for that.
	if page := mo.reads(barn + "/plain"); !strings.Contains(page, `href="/rooms/barn/plain?of=1">Delete the message<`) {
		t.Errorf("a moderator isn't led to deletion: %s", mainOf(page))
	}
	mo.does(barn, "1", "delete", nil)
	if page := ada.reads(barn + "/plain"); strings.Contains(page, "Hay") {
		t.Errorf("what a moderator deleted is there: %s", mainOf(page))
	}
}
