package e2e

import (
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestBrowsersJoinPageSaysWhatIsWrongWithAName(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, other := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Ada", phone)
	ada.joins("lobby")
	ada.sees("parley-log .note", "Welcome, \u2068Ada\u2069")
	ada.sees("parley-people .list", "Ada (you)") // by now the server has her in the room, too

	other.expectTrouble("/join 409", "status of 409", "/join 422", "status of 422")
	other.open("/?room=lobby")
	other.sees("main", "Ada")
	other.types("#name", "a|b")
	other.click("form button[type=submit]")
	other.sees("#name-wrong", "")
	if got := eval[string](other, `document.querySelector("#name").value`); got != "a|b" {
		t.Errorf("after a bad name the field holds %q", got)
	}
	other.screenshot("bad name")

	other.open("/?room=lobby")
	eval[bool](other, `document.querySelector("#name").value = "", true`)
	other.types("#name", "ADA")
	other.click("form button[type=submit]")
	other.sees("#name-wrong", "in use")
	if got := eval[string](other, `document.querySelector("#name").getAttribute("aria-invalid")`); got != "true" {
		t.Errorf("the field with a taken name has aria-invalid %q", got)
	}
	other.screenshot("taken name")
	other.click("#name-wrong button") // Use ADA 2
	other.connected()
	other.sees("parley-log .note", "Welcome, \u2068ADA 2\u2069")
	ada.sees("parley-log .note", "ADA 2")

	// The page can be read and written to before its script is there: what was typed stays.
	ada.beforeTheScript("*/js/chat.js", func() {
		ada.types("#text", "Early words")
		ada.picks(writeFile(t, "early.txt", []byte("and a file")))
	})
	ada.connected()
	ada.until("what was typed early", `document.querySelector("#text").value === "Early words"`)
	ada.uploaded(1)
	ada.misses(".note", "Welcome") // she was here
	_, eve := s.join(t, url.Values{"name": {"Eve"}}, nil)
	if _, page := s.get(t, "/rooms/lobby", eve); !strings.Contains(page, "Welcome, \u2068Eve\u2069") {
		t.Error("the page of who comes in is served without a welcome")
	}

	// Who comes back is offered to go on, and the name that was used last stands in the form of a browser that has no session.
	ada.open("/")
	ada.sees("a.continue", "Continue as Ada")
	ada.click("a.continue")
	ada.connected()
	ada.click("button[data-open=menu]")
	ada.click("#menu [data-act=leave]")
	ada.click("#leave button[type=submit]")
	ada.until("the name on the join page", `location.pathname === "/" && document.querySelector("#name").value === "Ada"`)
	ada.beforeTheScript("*/js/join.js", func() { ada.types("#name", "An") })
	ada.until("the script", `document.readyState === "complete"`)
	ada.press("na")
	ada.until("the name as it was typed", `document.querySelector("#name").value === "Anna"`)
}

// beforeTheScript loads the page again and does something in it before it has its script.
func (p *person) beforeTheScript(pattern string, act func()) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: pattern}}}); err != nil {
		p.t.Fatal(err)
	}
	if _, err := chromedp.Call(p.ctx, network.ClearBrowserCache, cdp.Empty{}); err != nil {
		p.t.Fatal(err)
	}
	eval[bool](p, `window.before = location.reload() ?? true`)
	p.until("the page without its script", `!window.before && document.body && !("connection" in document.body.dataset)`)
	act()
	if _, err := chromedp.Call(p.ctx, fetch.Disable, cdp.Empty{}); err != nil {
		p.t.Fatal(err)
	}
}

func TestBrowsersShowMarkupInNamesAndMessagesAsText(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	name := `<img src=x onerror=alert(1)>`
	eve, pia := newPerson(t, s, name, desktop), newPerson(t, s, "Pia", phone)
	pia.joins("lobby")
	eve.joins("lobby")
	pia.sees("parley-log .note", name)
	eve.says(`<script>alert(1)</script> & <b>bold</b>`)
	pia.sees(".row .body", `<script>alert(1)</script> & <b>bold</b>`)
	pia.sees(".row .author bdi", name)
	pia.reload() // now from the server's own HTML
	pia.sees(".row .body", `<script>alert(1)</script> & <b>bold</b>`)
	pia.sees(".row .author bdi", name)
	for _, p := range []*person{eve, pia} {
		if eval[bool](p, `document.querySelector("parley-log img, parley-people img, .body b, .body script, header img") !== null`) {
			t.Errorf("%s: markup of a user became an element", p.name)
		}
	}
}

func TestBrowsersShowAMessageAtOnceAndAsSentWhenItIsStored(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", phone)
	ada.joins("lobby")
	pia.joins("lobby")
	ada.says("one")
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil { // the server hears nothing for a while
		t.Fatal(err)
	}
	ada.writes("two")
	ada.sees(".row.mine.sending .body", "two")
	ada.writes("three")
	ada.sees(".row.mine.sending .body", "three")
	if err := s.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	ada.until("both to be sent", sentRow("two")+"&&"+sentRow("three")+`&& !document.querySelector(".row.sending")`)
	pia.sees(".row .body", "three")
	pia.says("four")
	ada.sees(".row .body", "four")
	for _, p := range []*person{ada, pia} {
		if got, want := p.texts(), []string{"one", "two", "three", "four"}; !slices.Equal(got, want) {
			t.Errorf("%s sees %q, want %q", p.name, got, want)
		}
	}
}

func TestBrowsersNeedNoMouse(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, bob := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Bob", desktop)
	bob.joins("lobby")

	ada.open("/")
	ada.until("the cursor in the name field", `document.activeElement.id === "name"`)
	ada.press("Ada")
	ada.enter()
	ada.connected()
	ada.until("the cursor in the message field", `document.activeElement.id === "text"`)
	ada.press("By keyboard")
	ada.enter()
	bob.sees(".row .body", "By keyboard")
	ada.until("the cursor to stay", `document.activeElement.id === "text" && document.activeElement.value === ""`)
	ada.press("first")
	ada.enter()
	ada.enter() // an empty message goes nowhere
	ada.press("line")
	ada.enter(kb.ModifierShift)
	ada.press("break")
	ada.enter()
	bob.until("both lines", `[...document.querySelectorAll(".row .body")].at(-1).innerText.trim() === "line\nbreak"`)

	for range 20 {
		if ada.focused() == "Menu" {
			break
		}
		ada.press(kb.Tab, kb.ModifierShift)
	}
	if got := ada.focused(); got != "Menu" {
		t.Fatalf("the menu can't be reached by Tab; the focus is on %q", got)
	}
	ada.enter()
	ada.until("the menu, with the focus in it", `document.querySelector("#menu[open]")?.contains(document.activeElement)`)
	ada.screenshot("menu")
	for range 12 { // the focus stays in the dialog
		ada.press(kb.Tab)
		if !eval[bool](ada, `document.activeElement === document.body || document.querySelector("#menu").contains(document.activeElement)`) {
			t.Fatalf("the focus left the open menu for %q", ada.focused())
		}
	}
	ada.press(kb.Escape)
	ada.until("the menu to close", `!document.querySelector("#menu").open`)
	if got := ada.focused(); got != "Menu" {
		t.Errorf("after Escape the focus is on %q, not on the button it came from", got)
	}
	ada.press(kb.Escape)
	ada.until("the cursor in the message field", `document.activeElement.id === "text"`)
	ada.press("/", kb.ModifierCtrl)
	ada.sees("#help h2", "Keyboard shortcuts")
	ada.screenshot("keys")
	ada.press(kb.Escape)
	ada.press("k", kb.ModifierCtrl)
	ada.until("the focus in the field to go somewhere", `document.activeElement.closest("#switcher[open]")`)
}
