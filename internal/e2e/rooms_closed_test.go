package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// invites makes a room and asks somebody into it.
func (s *socket) invites(name string) {
	s.t.Helper()
	s.send(`{"type":"create","name":"team","entry":"invitation"}`)
	room := s.next("created").Room
	s.send(`{"type":"join","room":"` + room + `"}`)
	s.send(`{"type":"invite","room":"` + room + `","name":"` + name + `"}`)
	s.next("invited")
}

// makes fills in the sheet for a new room and waits for the room.
func (p *person) makes(name, entry string) {
	p.t.Helper()
	p.click(".make-room")
	p.types("#make-name", name)
	p.click(`#make .check:has([value="` + entry + `"])`)
	if entry == "password" {
		p.types("#make-password", "open sesame")
	}
	p.screenshot("make " + entry)
	p.click("#make button.primary")
	p.until("the room", `location.pathname.startsWith("/rooms/~`+name+`") && !document.querySelector("dialog[open]")`)
}

func TestRoomByInvitationIsSeenByWhoIsInvitedAlone(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", phone)
	ada.joins("lobby")
	pia.joins("lobby")
	ada.makes("team", "invitation")
	ada.sees("#room-title", "team")
	ada.says("The treasure is under the pear tree")
	path := eval[string](ada, "location.pathname")

	pia.click(".to-rooms")
	pia.sees("dialog.drawer .list", "lobby")
	pia.misses("dialog.drawer .list", "team")
	pia.click("dialog.drawer .shut")
	pia.expectTrouble("404")
	pia.open(path)
	pia.sees("main", "There is no such room")
	pia.open("/rooms/lobby")
	pia.connected()

	ada.click(".head .about")
	ada.types("#invite-name", "Nobody")
	ada.click(".invite-form button")
	ada.sees("#invite-wrong", "Nobody goes by the name")
	eval[bool](ada, `document.querySelector("#invite-name").value = "", true`)
	ada.types("#invite-name", "pia")
	ada.click(".invite-form button")
	ada.sees("#room .done", "Pia is invited")
	ada.screenshot("invited")
	ada.types("#invite-name", "Nobody")
	ada.click(".invite-form button")
	ada.sees("#invite-wrong", "Nobody goes by the name")
	ada.misses("#room .done", "Pia is invited")
	ada.click("#room [data-act=close]")
	pia.sees("parley-log .note", "invites you to team")
	pia.until("the count in the tab's title", `document.title.startsWith("(1) ")`)
	pia.click(".to-rooms")
	pia.sees("dialog.drawer .unread", "team")
	pia.sees("dialog.drawer .unread .by", "Ada\u2069 invites you")
	pia.sees("dialog.drawer .unread .badge", "new")
	pia.screenshot("invited")
	pia.click("dialog.drawer .shut")
	pia.reload() // as if she came only now
	pia.connected()
	pia.sees("parley-log .note", "invites you to team")
	pia.click(".to-rooms")
	pia.click(`dialog.drawer a[href="` + path + `"]`)
	pia.sees("#room-title", "team")
	pia.sees(".row .body", "pear tree")
	pia.until("no count", `!document.title.startsWith("(")`)
	pia.says("I dig")
	ada.sees(".row .body", "I dig")
	pia.fits("the room", 320, 360)
	pia.reload()
	pia.connected()
	pia.sees(".row .body", "pear tree")
	pia.misses("#room .insiders", "")

	ada.click(".head .about")
	ada.sees("#room .insiders", "Pia")
	ada.screenshot("insiders")
	ada.click(`#room .insiders button[aria-label="Remove: Pia"]`)
	ada.sees("#confirm button", "Cancel")
	ada.screenshot("remove")
	ada.click("#confirm .grave")
	ada.sees("#room .done", "Pia\u2069 is removed")
	ada.misses("#room .insiders", "Pia")
	ada.click("#room [data-act=close]")
	pia.until("the lobby", `location.pathname === "/rooms/lobby" && document.querySelector("#room-title").textContent === "# lobby"`)
	pia.sees("parley-log .note", "Ada\u2069 removed you from team.")
	pia.screenshot("put out")
	pia.click(".to-rooms")
	pia.sees("dialog.drawer .list", "lobby")
	pia.misses("dialog.drawer .list", "team")
	pia.click("dialog.drawer .shut")
	pia.open(path)
	pia.sees("main", "There is no such room")

	eve := s.json(t, "Eve", "")
	if got := found(eve.searched("", "treasure")); got != "" {
		t.Errorf("a stranger finds %s", got)
	}
	eve.send(`{"type":"join","room":"` + path[len("/rooms/"):] + `"}`)
	if refused := eve.next("error"); refused.Code != "not_found" {
		t.Errorf("a stranger who joins is told %+v", refused)
	}
	if resp, file := s.get(t, path+"/export.txt", s.session(t, "Una").Get("Cookie")); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a stranger saves %s, %s", resp.Status, file)
	}
}

// Whoever was removed while the network was gone can't connect by that room any more.
func TestBrowserComesBackWhereItsRoomIsClosedToIt(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	p := startProxy(t, s.Host)
	ada := s.json(t, "Ada", "")
	pia := newCutPerson(t, s, p, "Pia", desktop)
	pia.joins("lobby")
	pia.expectTrouble("404")
	enters := func() (room string) {
		ada.invites("Pia")
		pia.click(`parley-rooms a[data-room^="~team"]`)
		pia.sees("#room-title", "team")
		pia.until("the room", `document.querySelector(".older").hidden`)
		return eval[string](pia, `location.pathname.slice("/rooms/".length)`)
	}
	removed := func(room string) {
		ada.send(`{"type":"remove","room":"` + room + `","name":"Pia"}`)
		ada.next("removed")
		p.away(false)
	}
	room := enters()
	p.away(true)
	removed(room)
	pia.comesBack("the lobby", `location.pathname === "/rooms/lobby"`)
	pia.sees("parley-log .note", "There is no such private room.")
	pia.says("Here again")

	// What couldn't be sent any more is there to be copied.
	room = enters()
	p.away(true)
	pia.writes("I can't come today")
	removed(room)
	pia.comesBack("why it isn't sent", shown(".row.failed .state", "There is no such private room."))
	pia.connected()
	pia.sees("#room-title", "team")
}

func TestPasswordOpensARoomOnce(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", phone)
	ada.joins("lobby")
	ada.makes("cellar", "password")
	ada.says("Wine is at the back")
	pia.joins("lobby")
	pia.expectTrouble("403")
	pia.open("/rooms/~cellar") // by a link, say
	pia.sees("h1", "cellar")
	pia.types("#password", "open says me")
	pia.enter()
	pia.sees("#password-wrong", "not the room's password")
	pia.screenshot("password page")
	pia.fits("the page", 320, 360)
	pia.click(".or a")
	pia.connected()
	pia.click(".to-rooms")
	pia.click("dialog.drawer .make-room")
	pia.types("#make-name", "cellar") // into the one that is there
	pia.click(`#make .check:has([value="password"])`)
	pia.types("#make-password", "open says me")
	pia.click("#make button.primary")
	pia.sees("#make-wrong", "not the room's password")
	pia.click("#make [data-act=close]")
	pia.click(".to-rooms")
	pia.click(`dialog.drawer a[href="/rooms/~cellar"]`)
	pia.sees("#password h2", "cellar")
	pia.types("#password-field", "open says me")
	pia.click("#password button.primary")
	pia.sees("#password .wrong", "not the room's password")
	pia.screenshot("password")
	pia.fits("the sheet", 320, 360)
	eval[bool](pia, `document.querySelector("#password-field").value = "", true`)
	pia.types("#password-field", "open sesame")
	pia.click("#password button.primary")
	pia.sees("#room-title", "cellar")
	pia.sees(".row .body", "Wine")
	pia.says("Cheers")
	ada.sees(".row .body", "Cheers")
	ada.says("Who is this?")
	ada.does(2, "delete") // it is her room
	ada.click("#confirm .grave")
	pia.sees(".row.gone .body", "deleted")
	pia.menuOf(3)
	pia.misses(`#act-menu [data-action="delete"]`, "")
	pia.press(kb.Escape)
	ada.click(".head .about")
	ada.types("#new-password", "open barley")
	ada.enter()
	ada.sees("#room .done", "The password is changed.")
	ada.screenshot("another password")
	ada.fits("the sheet", 320, 360)
	ada.click("#room [data-act=close]")
	kim := s.json(t, "Kim", "")
	for _, name := range []string{"attic", "loft"} {
		kim.send(`{"type":"create","name":"` + name + `","entry":"password","password":"open sesame"}`)
		kim.next("created")
	}
	pia.commands("/join ~attic") // of which her page has not heard yet
	pia.sees("#password h2", "attic")
	pia.press(kb.Escape)
	pia.misses("#password", "")
	pia.commands("/rooms")
	pia.sees("#switcher [role=option] bdi", "loft")
	pia.press(kb.Escape)
	pia.misses("#switcher", "")
	pia.commands("/join loft")
	pia.sees("#password h2", "loft")
	pia.open("/rooms/~cellar") // and never again
	pia.connected()
	pia.sees(".row .body", "Who is this?")
	eve := s.json(t, "Eve", "")
	eve.send(`{"type":"join","room":"~cellar","password":"open sesame"}`)
	if refused := eve.next("error"); refused.Code != "locked" {
		t.Errorf("the password before is answered with %+v", refused)
	}
	ada.commands("/password open rye") // with which Eve gets in, and Pia out
	ada.sees(".note", "The password is changed.")
	eve.send(`{"type":"join","room":"~cellar","password":"open rye"}`)
	eve.next("joined")
	ada.commands("/remove Pia")
	ada.sees(".note", "Pia\u2069 is removed from this room.")
	pia.sees("#room-title", "lobby")
}

func TestRoomWithAPasswordAsksForItOnItsOwnPage(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := s.json(t, "Ada", "")
	ada.send(`{"type":"create","name":"cellar","entry":"password","password":"open sesame"}`)
	ada.next("created")
	ada.send(`{"type":"create","name":"team","entry":"invitation"}`)
	team := ada.next("created").Room
	for _, end := range []string{"", "/plain"} {
		name := strings.TrimSpace("Eve " + strings.TrimPrefix(end, "/"))
		cookie := s.session(t, name).Get("Cookie")
		resp, page := s.get(t, "/rooms/~cellar"+end, cookie)
		form := formOf(t, page, "/rooms/~cellar/password")
		if resp.StatusCode != http.StatusOK || strings.Contains(page, "<script") {
			t.Errorf("the page is %s, %s", resp.Status, page)
		}
		try := func(password string) (*http.Response, string) {
			form.Set("password", password)
			return s.answered(t, ask{method: http.MethodPost, path: "/rooms/~cellar/password", cookies: cookie, form: form})
		}
		if resp, page := try("open says me"); resp.StatusCode != http.StatusForbidden || !strings.Contains(page, "not the room&#39;s password") {
			t.Errorf("a wrong password is answered with %s, %s", resp.Status, page)
		}
		for _, room := range []string{team, "~team.aaaaaaaa", "~nothing"} { // what is there tells no more than what isn't
			got, said := s.get(t, "/rooms/"+room+end, cookie)
			if got.StatusCode != http.StatusNotFound || !strings.Contains(said, "There is no such room.") || strings.Contains(said, "<form") {
				t.Errorf("%s is answered with %s, %s", room, got.Status, said)
			}
			got, _ = s.answered(t, ask{method: http.MethodPost, path: "/rooms/" + room + "/password", cookies: cookie, form: form})
			if got.StatusCode != http.StatusNotFound {
				t.Errorf("the password of %s is answered with %s", room, got.Status)
			}
		}
		if resp, _ := try("open sesame"); resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/rooms/~cellar"+end {
			t.Errorf("the password is answered with %s to %q", resp.Status, resp.Header.Get("Location"))
		}
		if resp, page := s.get(t, "/rooms/~cellar"+end, cookie); resp.StatusCode != http.StatusOK || strings.Contains(page, "# <bdi>cellar") {
			t.Errorf("who gave it sees %s, or a room as if it were open", resp.Status)
		}
		ada.send(`{"type":"join","room":"~cellar"}`)
		ada.send(`{"type":"remove","room":"~cellar","name":"` + name + `"}`)
		ada.next("removed")
		resp, page = s.get(t, "/rooms/~cellar"+end, cookie)
		if resp.StatusCode != http.StatusForbidden || !strings.Contains(page, "You were removed from this room.") || strings.Contains(page, "<form") {
			t.Errorf("who was removed sees %s, %s", resp.Status, page)
		}
		if resp, _ := try("open sesame"); resp.StatusCode != http.StatusForbidden {
			t.Errorf("the password of who was removed is answered with %s", resp.Status)
		}
	}
	cookie := s.session(t, "Una").Get("Cookie")
	s.json(t, "Cyd", "").invites("Una")
	if _, page := s.get(t, "/rooms/lobby/plain", cookie); !strings.Contains(page, "\u2068Cyd\u2069 invites you") {
		t.Errorf("without a script who is invited sees %s", page)
	}
	_, page := s.get(t, "/rooms/~cellar", cookie)
	form := formOf(t, page, "/rooms/~cellar/password")
	form.Set("password", "open says me")
	for i := range 6 {
		want := http.StatusForbidden
		if i == 5 {
			want = http.StatusTooManyRequests
		}
		if resp, _ := s.answered(t, ask{method: http.MethodPost, path: "/rooms/~cellar/password", cookies: cookie, form: form}); resp.StatusCode != want {
			t.Errorf("wrong try %d is answered with %s", i+1, resp.Status)
		}
	}
}

func TestArchivedRoomIsShownToWhoAsksForIt(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", phone)
	ada.joins("barn") // and makes it so
	ada.says("Hay everywhere")
	pia.joins("barn")
	pia.click(".head .about")
	pia.sees("#room h2", "barn")
	ada.click(".head .about")
	ada.click("#archive")
	ada.sees("#archive", "Open this room again")
	pia.misses("#archive", "")
	pia.click("#room [data-act=close]")
	pia.sees(".closed-desk", "archived")
	pia.drags(true, noise(t, "late.bin", 100))
	pia.misses(".drop", "")
	pia.misses("#text", "")
	pia.click(rowOf(1) + " .more")
	pia.sees("#act-menu", "Copy text")
	pia.misses("#act-menu", "Reply")
	pia.misses("#act-menu .quick", "")
	pia.screenshot("archived")
	pia.press(kb.Escape)
	ada.click("#room [data-act=close]")
	ada.hovers(rowOf(1) + " .bubble")
	ada.click(rowOf(1) + " .act-bar [data-act=more]")
	ada.misses("#act-menu [data-action=delete]", "")
	ada.screenshot("archived")
	ada.press(kb.Escape)
	una := s.session(t, "Una").Get("Cookie")
	if _, page := s.get(t, "/rooms/barn", una); !strings.Contains(page, `<main class="room archived`) {
		t.Error("until its script has asked, the page of an archived room has a field to write in")
	}
	if _, status, code := s.upload(t, una, "barn", "hay.txt", strings.NewReader("hay"), 3); code != "forbidden" {
		t.Errorf("a file for it is answered with %d %s", status, code)
	}
	ada.click(`parley-rooms a[href="/rooms/lobby"]`)
	ada.sees("#room-title", "lobby")
	ada.misses("parley-rooms .list", "barn")
	leads := func(to string) {
		t.Helper()
		ada.click("button[data-open=invite]")
		ada.until("the address of an invitation", `document.querySelector("#invite[open] .url")?.textContent === `+quote(s.URL+to))
		ada.screenshot("invites " + strings.TrimPrefix(to, "/?room="))
		ada.click("#invite [data-act=close]")
	}
	leads("") // not to the room with which the page was opened
	ada.click(".to-switcher")
	ada.until("the focus in the field", `document.activeElement.id === "switcher-field"`)
	ada.click("#switcher .check")
	ada.click("#switcher-list .muted")
	ada.sees("#room-title", "barn")
	ada.sees(".row .body", "Hay")
	leads("/?room=barn")
	ada.click(".head .about")
	ada.click("#archive")
	ada.sees("#archive", "Archive this room")
	ada.click("#room [data-act=close]")
	ada.says("Straw now")
	pia.sees(".row .body", "Straw now")
	pia.says("Good")
}
