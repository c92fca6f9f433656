package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

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

// objections are what axe objects to, each as a line, or that it looked at nothing.
const objections = `axe.run(document, {resultTypes: ["violations"]}).then(({violations, passes}) => {
	if (passes.length < 5) return ["axe looked at nothing on " + location.href];
	const line = (v, n) => v.id + " (" + v.help + "): " + n.target.join(" ") + " — " + n.failureSummary;
	return violations.flatMap(v => v.nodes.map(n => line(v, n)));
})`

// accessible requires that axe finds nothing to object to in what the person sees now, in windows of these sizes, light and dark.
func (p *person) accessible(state, axe string, windows ...window) {
	p.t.Helper()
	if !eval[bool](p, "Boolean(window.axe)") {
		eval[bool](p, axe+"; true")
	}
	for _, w := range windows {
		p.resize(w)
		for _, theme := range []string{"light", "dark"} {
			p.prefers(theme)
			found, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](objections, chromedp.EvalAwaitPromise))
			if err != nil {
				p.t.Fatalf("%s: axe: %v", p.name, err)
			}
			for _, objection := range found {
				p.t.Errorf("%s, %s, %d px: %s", state, theme, w.width, objection)
			}
			p.screenshot(fmt.Sprintf("%s %s %d", state, theme, w.width))
		}
	}
}

func TestBrowsersShowNothingThatAxeObjectsToBeforeTheChat(t *testing.T) {
	t.Parallel()
	axe := axe(t)
	s := startServer(t)
	mia := newPerson(t, s, "Mia", desktop)
	mia.expectTrouble("/join 422", "status of 422")
	mia.open("/")
	mia.accessible("join", axe, desktop, phone)
	mia.types("#name", "a|b")
	mia.click("form button[type=submit]")
	mia.sees("#name-wrong", "")
	mia.accessible("join with an error", axe, desktop, phone)
	mia.open("/check")
	mia.sees(".now", "Connected")
	mia.click("[data-act=send]")
	mia.sees(".frames li", "We received your Hello")
	mia.click("[data-act=disconnect]")
	mia.sees(".now", "Disconnected")
	mia.click("[data-act=send]")
	mia.sees(".wrong", "Not connected")
	mia.accessible("check", axe, desktop, phone)
}

func TestBrowsersShowNothingThatAxeObjectsToInTheChat(t *testing.T) {
	t.Parallel()
	axe := axe(t)
	s := startServer(t, "--rate-limit.messages", "0")
	ada := newPerson(t, s, "Ada", desktop)
	ada.prefers("light")
	ada.joins("lobby")
	ada.sees(".empty", "Say hello")
	ada.accessible("empty chat", axe, desktop, phone)
	for i, name := range []string{"Ben", "王小明", "Jörg-Günther", "مريم", "Zoë", "Ítalo", "Mira", "Ana"} { // many hues
		s.json(t, name, "").say("1", fmt.Sprintf("Hello, see https://example.org/%d", i))
	}
	ada.says("And" + strings.Repeat(" all of you too,", 10) + " of course")
	ada.sees(".row .body", "example.org/7")
	ada.accessible("chat", axe, desktop, phone)
	for _, side := range []string{"rooms", "people"} {
		ada.click(".to-" + side)
		ada.sees("dialog.drawer .list", "")
		ada.accessible(side, axe, phone)
		ada.click("dialog.drawer .shut")
		ada.misses("dialog.drawer", "")
	}
	for _, box := range []string{"invite", "menu"} {
		ada.click("button[data-open=" + box + "]")
		ada.sees("#"+box, "")
		ada.accessible(box, axe, desktop, phone)
		ada.click("#" + box + " .primary[data-act=close]")
		ada.misses("#"+box, "")
	}
}
