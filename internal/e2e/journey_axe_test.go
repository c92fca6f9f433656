package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// axe is the source of axe-core, which `make js` installs. It is run in the page by the debugger: the page's own policy lets no
// foreign script in.
func axe(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", ".cache", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("axe-core is missing; make js installs it: %v", err)
	}
	return string(source)
}

// look is one way of seeing the pages.
type look struct {
	source string // of axe-core
	window
}

// accessible requires that axe finds nothing to object to in what the person sees now, in light and in dark.
func (l look) accessible(p *person, state string) {
	p.t.Helper()
	if !eval[bool](p, "Boolean(window.axe)") {
		eval[bool](p, l.source+"; true")
	}
	for _, theme := range []string{"light", "dark"} {
		p.prefers(theme)
		found, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](`axe.run(document, {resultTypes: ["violations"]}).then(r =>
			(r.passes.length < 5 ? [{id: "axe", help: "it looked at nothing", nodes: [{target: [location.href], failureSummary: ""}]}] : r.violations).flatMap(v => v.nodes.map(n => v.id + " (" + v.help + "): " + n.target.join(" ") + " — " + n.failureSummary)))`, chromedp.EvalAwaitPromise))
		if err != nil {
			p.t.Fatalf("%s: axe: %v", p.name, err)
		}
		for _, violation := range found {
			p.t.Errorf("%s, %s, %d px: %s", state, theme, l.width, violation)
		}
		p.screenshot(fmt.Sprintf("%s %s %d", state, theme, l.width))
	}
}

func TestBrowsersAreUsableByEveryone(t *testing.T) {
	source := axe(t)
	s := startServer(t, "--rate-limit.messages", "0")
	idle := startServer(t, "--idle-timeout", "2s")
	for i, l := range []look{{source, desktop}, {source, phone}} {
		room := fmt.Sprintf("room-%d", i)
		joinPages(t, s, l)
		chatPages(t, s, l, room)

		nel := newPerson(t, idle, fmt.Sprintf("Nel %d", i), l.window)
		nel.prefers("light")
		nel.joins("lobby")
		nel.untilWithin(patience+2*time.Second, "the idle dialog", `document.querySelector("#stopped").open`)
		l.accessible(nel, "idle")
	}
}

// joinPages looks at what one sees before one is in the chat.
func joinPages(t *testing.T, s *server, l look) {
	t.Helper()
	mia := newPerson(t, s, "Mia", l.window)
	mia.prefers("light")
	mia.expectTrouble("/join 422", "status of 422", "/rooms/NO 404", "status of 404")
	mia.open("/")
	l.accessible(mia, "join")
	mia.types("#name", "a|b")
	mia.click("form button[type=submit]")
	mia.sees("#name-wrong", "")
	l.accessible(mia, "join with an error")
	mia.open("/check")
	mia.sees(".now", "Connected")
	mia.click("[data-act=send]")
	mia.sees(".frames li", "We received your Hello")
	mia.click("[data-act=disconnect]")
	mia.sees(".now", "Disconnected")
	mia.click("[data-act=send]")
	mia.sees(".wrong", "Not connected")
	l.accessible(mia, "check")
}

// chatPages looks at the chat: empty, with messages, and with each list and dialog open.
func chatPages(t *testing.T, s *server, l look, room string) {
	t.Helper()
	ada := newPerson(t, s, "Ada in "+room, l.window)
	ada.prefers("light")
	ada.joins(room)
	ada.sees(".empty", "Say hello")
	l.accessible(ada, "empty chat")
	for i, name := range []string{"Ben", "王小明", "Jörg-Günther", "مريم", "Zoë", "Ítalo", "Mira", "Ana"} { // many hues
		c := s.json(t, fmt.Sprint(name, " ", l.width), "&room="+room)
		c.send(fmt.Sprintf(`{"type":"send","id":"%d","room":"%s","text":"Hello, see https://example.org/%d"}`, i, room, i))
		c.next("ack")
	}
	ada.says("And" + strings.Repeat(" all of you too,", 10) + " of course")
	ada.sees(".row .body", "example.org/7")
	l.accessible(ada, "chat")
	if l.phone {
		for _, side := range []string{"rooms", "people"} {
			ada.click(".to-" + side)
			ada.sees("dialog.drawer .list", "")
			l.accessible(ada, side)
			ada.click("dialog.drawer .shut")
			ada.misses("dialog.drawer", "")
		}
	}
	for _, box := range []string{"invite", "menu"} {
		ada.click("button[data-open=" + box + "]")
		ada.sees("#"+box, "")
		l.accessible(ada, box)
		ada.click("#" + box + " .primary[data-act=close]")
	}
}
