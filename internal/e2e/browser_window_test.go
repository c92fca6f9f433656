package e2e

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// newTab opens a further tab of the same person: the same cookies, the same storage.
func (p *person) newTab() *person {
	p.t.Helper()
	ctx, cancel := chromedp.NewContext(p.ctx)
	if err := chromedp.Do(ctx); err != nil {
		p.t.Fatal(err)
	}
	tab := &person{t: p.t, name: p.name + "'s other tab", ctx: ctx, s: p.s}
	tab.resize(desktop)
	tab.watch()
	p.t.Cleanup(func() {
		tab.report()
		cancel()
	})
	return tab
}

// resize gives the window another size.
func (p *person) resize(w window) {
	p.t.Helper()
	var options []chromedp.EmulateViewportOption
	if w.phone {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	p.do(chromedp.EmulateViewport(w.width, w.height, options...))
}

// prefers sets what the device prefers: "light" or "dark", and no motion, so that what is looked at stands still.
func (p *person) prefers(look string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: look},
		{Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	if err != nil {
		p.t.Fatal(err)
	}
}

// starts has every page that is opened from now on run a script before its own.
func (p *person) starts(script string) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		p.t.Fatal(err)
	}
}

// reload loads the page again and waits until it is connected.
func (p *person) reload() {
	p.t.Helper()
	p.do(chromedp.Reload())
	p.connected()
}

// rows is how many messages with a text the page shows.
func (p *person) rows(text string) int {
	p.t.Helper()
	return eval[int](p, fmt.Sprintf(
		`[...document.querySelectorAll(".row .body")].filter(b => b.textContent.includes(%s)).length`, quote(text)))
}

// texts are the messages that the page shows, from the top.
func (p *person) texts() []string {
	p.t.Helper()
	return eval[[]string](p, `[...document.querySelectorAll(".row .body")].map(b => b.textContent)`)
}

// enter presses Enter as a keyboard does: the browser makes a new line of it only where the page does not say otherwise.
func (p *person) enter(modifiers ...chromedp.Modifier) {
	p.t.Helper()
	p.until("the page to be painted", painted)
	held := int64(0)
	for _, m := range modifiers {
		held |= int64(m)
	}
	for _, params := range []input.DispatchKeyEventParams{
		{Type: input.DispatchKeyEventTypeKeyDown, Text: "\r"},
		{Type: input.DispatchKeyEventTypeKeyUp},
	} {
		params.Key, params.Code, params.WindowsVirtualKeyCode, params.Modifiers = "Enter", "Enter", 13, held
		if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, params); err != nil {
			p.t.Fatalf("%s: %v", p.name, err)
		}
	}
}

// comesToRest waits until what stands first in sight was there twice in a row: a wheel goes on for a while.
func (p *person) comesToRest() {
	p.t.Helper()
	p.until("the log at rest", `(now => now === window.wasInSight || (window.wasInSight = now, false))(String(`+inSight+`))`)
}

// isDrawn waits until what the page holds now has been drawn: a finger goes to what was in the picture before.
func (p *person) isDrawn() {
	p.t.Helper()
	eval[bool](p, `(window.drawn = false, requestAnimationFrame(() => requestAnimationFrame(() => window.drawn = true)), true)`)
	p.until("the next picture", "window.drawn")
}

// follows presses a link until it has led on: where the page comes anew between pressing and releasing, nothing is pressed.
func (p *person) follows(selector string) {
	p.t.Helper()
	elsewhere := chromedp.Evaluate[bool]("location.href !== " + quote(eval[string](p, "location.href")))
	place := chromedp.Evaluate[[]float64](resting(selector, uncovered))
	var pressed time.Time
	p.polls(2*patience, selector+" to lead on", func(ctx context.Context) (bool, error) {
		if there, err := chromedp.Run(ctx, elsewhere); there || err != nil || time.Since(pressed) < time.Second {
			return there, err
		}
		at, err := chromedp.Run(ctx, place)
		if len(at) == 2 && err == nil {
			pressed = time.Now()
			p.do(chromedp.MouseClickXY(at[0], at[1]))
		}
		return false, err
	})
}

// focused is the id of the element that has the focus, or else its label or text.
func (p *person) focused() string {
	p.t.Helper()
	return eval[string](p, `(e => e.id || e.ariaLabel || e.textContent.trim())(document.activeElement)`)
}
