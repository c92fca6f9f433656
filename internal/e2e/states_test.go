package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// state is something that the page shows, and how somebody gets there from the state before it in the same scene.
type state struct {
	name    string
	reach   func(*scene)
	windows []window // none for a desktop and a phone
	main    bool     // is tried at every width; others, which lie over those, at the narrowest and at some
}

// scene is what states have in common: a server, who looks, and somebody else.
type scene struct {
	t   *testing.T
	s   *server
	ada *person // who looks
	bob *socket
}

// everyWidth is what windows there are, from the narrowest phone to a wide screen.
var everyWidth = []int64{320, 360, 390, 430, 768, 1024, 1280, 1920}

// stage begins a scene, with Ada at the page for joining and Bob in the lobby.
func stage(t *testing.T, args ...string) *scene {
	t.Helper()
	args = append(args, "--socket.ping", "0") // Bob reads nothing, and answers none, while others look around
	s := startServer(t, append(args, withoutLimits...)...)
	c := &scene{t: t, s: s, ada: newPerson(t, s, "Ada", desktop), bob: s.json(t, "Bob", "")}
	c.ada.prefers("light") // and no motion: a drawer on its way in would be beside the window
	return c
}

// TestBrowsersShowNothingThatAxeObjectsToInAnyState goes through all that the pages show. Of each it requires that axe finds nothing, light and
// dark, on a desktop and on a phone, and that nothing is wider than the window.
func TestBrowsersShowNothingThatAxeObjectsToInAnyState(t *testing.T) {
	t.Parallel()
	axe := axe(t)
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			c := stage(t, sc.args...)
			for _, st := range sc.states {
				st.reach(c)
				c.looks(st, axe)
			}
		})
	}
}

// looks checks a state, and closes the sheets in which it is.
func (c *scene) looks(st state, axe string) {
	c.t.Helper()
	windows, widths := st.windows, []int64{320, 360, 390, 768, 1280}
	switch {
	case st.main:
		widths = everyWidth
	case len(windows) > 0 && windows[0].phone:
		widths = []int64{320, 360, 390}
	}
	if len(windows) == 0 {
		windows = []window{desktop, phone}
	}
	c.ada.accessible(st.name, axe, windows...)
	c.ada.fits(st.name, widths...)
	c.ada.resize(windows[0])
	c.ada.prefers("light")
	for eval[bool](c.ada, `Boolean(document.querySelector("dialog[open]:not(#stopped)"))`) {
		n := eval[int](c.ada, `document.querySelectorAll("dialog[open]").length`)
		c.ada.press(kb.Escape)
		c.ada.until(st.name+" to close", fmt.Sprintf( // a field that one searches in is emptied first
			`document.querySelectorAll("dialog[open]").length < %d || document.activeElement.type === "search"`, n))
	}
	if len(st.windows) > 0 {
		c.ada.resize(desktop)
	}
}

// opens opens a sheet by its button in the head.
func (c *scene) opens(name string) {
	c.t.Helper()
	c.ada.click(fmt.Sprintf("button:is([data-open=%[1]s], [data-find=%[1]s])", name))
	c.ada.sees("#"+name, "")
}

// inMenu presses a button of the menu.
func (c *scene) inMenu(act string) {
	c.t.Helper()
	c.opens("menu")
	c.ada.click("#menu [data-act=" + act + "]")
}

var scenes = []struct {
	name   string
	args   []string
	states []state
}{
	{"before the chat", nil, []state{
		{name: "join", main: true, reach: func(c *scene) { c.ada.open("/") }},
		{name: "join with its QR code", reach: func(c *scene) { c.ada.click(".foot summary") }},
		{name: "join with a key", reach: func(c *scene) {
			c.s.account(c.t, "Zoe")
			c.ada.open("/")
			c.ada.click(".has-key summary")
		}},
		{name: "join with an error", main: true, reach: func(c *scene) {
			c.ada.expectTrouble("/join 422", "status of 422")
			c.ada.types("#name", "a|b")
			c.ada.click("form button[type=submit]")
			c.ada.sees("#name-wrong", "")
		}},
		{name: "check", main: true, reach: func(c *scene) {
			c.ada.open("/check")
			c.ada.sees(".now", "Connected")
			c.ada.click("[data-act=send]")
			c.ada.sees(".frames li", "We received your Hello")
			c.ada.click("[data-act=disconnect]")
			c.ada.sees(".now", "Disconnected")
			c.ada.click("[data-act=send]")
			c.ada.sees(".wrong", "Not connected")
		}},
		{name: "nothing here", reach: func(c *scene) {
			c.ada.expectTrouble("/nowhere 404", "status of 404")
			c.ada.open("/nowhere")
			c.ada.sees("main", "There is nothing here")
		}},
		{name: "by a name that is not ours", reach: func(c *scene) {
			c.ada.expectTrouble("421")
			c.ada.do(chromedp.Navigate(strings.Replace(c.s.URL, "127.0.0.1", "other.test", 1)))
			c.ada.sees("main", "does not go by the name “other.test”")
			c.ada.until("its look", `getComputedStyle(document.querySelector("main")).display === "grid"`)
		}},
	}},
	{"chat", nil, chatStates},
	{"doing", nil, doingStates},
	{"rooms", nil, roomStates},
	{"files", nil, fileStates},
	{"devices", nil, []state{
		{name: "adding a device", reach: func(c *scene) {
			c.ada.joins("lobby")
			c.opens("menu")
			c.ada.click("#add-device button")
			c.ada.sees("#device .left", "Good once, for 1:")
		}},
		{name: "devices", main: true, reach: func(c *scene) {
			key := c.s.account(c.t, "Ada Lovelace")
			c.ada.carries(c.s.signIn(c.t, "Ada Lovelace", key, "", firefox))
			c.s.signIn(c.t, "Ada Lovelace", key, "", iPhone)
			c.ada.open("/sessions")
			c.ada.sees(".devices li", "Safari on iPhone")
			c.ada.sees(".devices li:first-child .this", "This device")
		}},
		{name: "a code without a script", main: true, reach: func(c *scene) {
			c.ada.click(`.devices ~ form[action="/sessions/add"] button`)
			c.ada.sees("h1", "Add a device")
		}},
		{name: "the other device", main: true, reach: func(c *scene) {
			path := eval[string](c.ada, `new URL(document.querySelector(".url").textContent).pathname`)
			if _, err := chromedp.Call(c.ada.ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
				c.t.Fatal(err)
			}
			c.ada.open(path)
			c.ada.sees("button", "Continue as \u2068Ada Lovelace\u2069")
		}},
	}},
	{"without a script", []string{"--presence.refresh", "0"}, []state{
		{name: "plain", main: true, reach: func(c *scene) {
			c.ada.joins("lobby")
			c.ada.says("https://example.org and more")
			c.bob.say("1", lively)
			c.ada.open("/rooms/lobby/plain")
			c.ada.sees("main", "example.org")
		}},
		{name: "plain, writing", main: true, reach: func(c *scene) { c.ada.open("/rooms/lobby/plain?write") }},
		{name: "plain, what one does with a message", reach: func(c *scene) { c.ada.open("/rooms/lobby/plain?of=1") }},
		{name: "plain, found", reach: func(c *scene) { c.ada.open("/rooms/lobby/plain?search=example&where=all") }},
		{name: "plain, help", reach: func(c *scene) { c.ada.open("/rooms/lobby/plain?help") }},
	}},
	{"cut off", []string{"--presence.grace", "0"}, []state{
		{name: "the server restarting", reach: func(c *scene) {
			c.ada.expectTrouble(serverAway...)
			c.ada.joins("lobby")
			c.s.Stop()
			c.ada.sees("parley-banner", "The server is restarting")
		}},
		{name: "no connection", reach: func(c *scene) {
			c.s.Start()
			c.ada.comesBack("the connection", `document.body.dataset.connection === "open"`)
			c.ada.says("before")
			c.s.Kill()
			c.ada.sees("parley-banner", "No connection")
			c.ada.writes("meanwhile")
			c.ada.sees(".row.mine.sending .body", "meanwhile")
		}},
		{name: "removed", reach: func(c *scene) {
			key := c.s.moderator(c.t, "Mod")
			c.s.Start()
			c.ada.comesBack("the connection", `document.body.dataset.connection === "open"`)
			mod := c.s.byKey(c.t, key)
			mod.send(`{"type":"kick","id":"k","name":"Ada","reason":"no ads"}`)
			c.ada.sees("#stopped h2", "You were removed")
		}},
	}},
	{"idle", []string{"--idle-timeout", "4s"}, []state{
		{name: "idle", reach: func(c *scene) {
			c.ada.joins("lobby")
			c.ada.sees("#stopped h2", "disconnected")
		}},
	}},
}
