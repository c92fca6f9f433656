package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// tight is what is wider than the window, or than what it is in and can't be scrolled in: an empty list where nothing is.
const tight = `(() => {
	const wide = [];
	const doc = document.documentElement;
	if (doc.scrollWidth > innerWidth) wide.push("page " + doc.scrollWidth);
	for (const e of document.querySelectorAll(".scroll, .column, dialog[open], .head, parley-banner, .desk, .door")) {
		if (e.checkVisibility() && e.scrollWidth > e.clientWidth) wide.push(e.className + " " + e.scrollWidth + " > " + e.clientWidth);
	}
	for (const e of document.querySelectorAll(".bubble, .author, .note, .head button, .desk button, .list a, .list .badge")) {
		if (!e.checkVisibility() || e.closest("dialog:not([open])")) continue;
		const {left, right} = e.getBoundingClientRect();
		if (left < -0.5 || right > innerWidth + 0.5) wide.push(e.className + " from " + left + " to " + right + " " + e.textContent.slice(0, 20));
	}
	return wide;
})()`

func (p *person) fits(what string, widths ...int64) {
	p.t.Helper()
	for _, width := range widths {
		w := desktop
		w.width = width
		if width < 768 {
			w = window{width: width, height: 640, phone: true}
		}
		p.resize(w)
		if wide := eval[[]string](p, tight); len(wide) > 0 {
			p.screenshot(fmt.Sprintf("too wide at %d", width))
			p.t.Errorf("%s at %d px: %s", what, width, strings.Join(wide, "; "))
		}
	}
}

func TestBrowsersFitNarrowScreens(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	widths := []int64{320, 360, 390, 430, 768, 1024, 1280, 1920}
	long := strings.Repeat("W", 32)
	talk := []struct{ name, text string }{
		{"王小明", "今天天气真好，我们去公园散步吧。你觉得几点出发比较合适？"},
		{"مريم", "مرحبا بكم جميعا، هل يمكنكم سماعي؟ https://example.org/مسار"},
		{"👩‍👩‍👧‍👦👩‍👩‍👧‍👦", "👍🏽👩‍🚀"},
		{long, strings.Repeat("Donaudampfschifffahrt", 20)},
		{strings.Repeat("é́", 16), "https://example.org/" + strings.Repeat("a-very-long-path/", 12) + "?q=" + strings.Repeat("x", 200)},
		{"Jörg-Günther", "short"},
		{"Nel", "```\n" + strings.Repeat("code ", 60) + "\n```"},
	}
	for i, said := range talk {
		c := s.json(t, said.name, "")
		c.say(fmt.Sprint(i), said.text)
	}
	pia := newPerson(t, s, "Pia", phone)
	pia.prefers("light") // and no motion: a drawer on its way in would be beside the window
	pia.open("/")
	pia.fits("join", widths...)
	pia.click("summary")
	pia.fits("join with its QR code", widths...)
	pia.joins("lobby")
	mine := strings.Repeat("mine", 100)
	pia.fills(mine) // at once: so many keys take long on a busy machine
	pia.click("button.send")
	pia.until("the long word to be sent", sentRow(mine))
	pia.sees(".row .body", "今天天气真好")
	pia.fits("chat", widths...)
	pia.resize(phone)
	pia.screenshot("long words")

	pia.click(".to-people")
	pia.sees("dialog.drawer .name", long)
	pia.fits("people", 320, 360, 390)
	pia.resize(phone)
	pia.screenshot("people")
	pia.click("dialog.drawer.end .shut")
	pia.misses("dialog.drawer", "")
	pia.click("button[data-open=invite]")
	pia.sees("#invite .url", "http://")
	if !eval[bool](pia, `document.querySelector("#invite .qr svg").getBoundingClientRect().width > 150`) {
		t.Error("the invitation shows no QR code")
	}
	pia.fits("invite", 320, 360, 390)
	pia.screenshot("invite")
	pia.click("#invite [data-act=close]")
	pia.misses("#invite", "")
	for language, people := range map[string]string{"de": "Personen", "zh-CN": "成员"} { // longer, and much shorter
		headers := network.Headers{"Accept-Language": language}
		if _, err := chromedp.Call(pia.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: headers}); err != nil {
			t.Fatal(err)
		}
		pia.reload()
		pia.until("the language", `document.querySelector("parley-people h2").textContent.includes(`+quote(people)+`)`)
		pia.fits("chat in "+language, 320, 390, 768, 1280)
		pia.resize(phone)
		pia.click("button[data-open=menu]")
		pia.sees("#menu", "")
		pia.fits("menu in "+language, 320, 390, 768, 1280)
		pia.resize(phone)
		pia.screenshot("menu in " + language)
	}
}

func TestBrowsersOpenAndCloseDrawersOnAPhone(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	pia := newPerson(t, s, "Pia", phone)
	pia.joins("lobby")
	if got := pia.focused(); got == "text" {
		t.Error("the keyboard of a phone comes up by itself")
	}
	pia.click(".to-rooms")
	pia.until("the rooms, with the focus in them", `document.querySelector("dialog.drawer[open]")?.contains(document.activeElement)`)
	pia.sees("dialog.drawer .list", "lobby")
	pia.click("dialog.drawer .shut")
	pia.misses("dialog.drawer", "")
	if got := pia.focused(); got != "Rooms" {
		t.Errorf("after closing, the focus is on %q, not on the button it came from", got)
	}
	pia.click(".to-rooms")
	pia.sees("dialog.drawer .list", "lobby")
	pia.do(chromedp.MouseClickXY(345, 400)) // beside the drawer
	pia.misses("dialog.drawer", "")
	pia.click(".to-rooms")
	pia.sees("dialog.drawer .list", "lobby")
	pia.press("\u001b") // which a browser makes of Android's Back
	pia.misses("dialog.drawer", "")
	if got := eval[string](pia, "location.pathname"); got != "/rooms/lobby" {
		t.Errorf("closing the drawer went to %s", got)
	}
	eval[bool](pia, `(() => {
		const button = document.querySelector(".to-rooms");
		button.click();
		const drawer = document.querySelector("dialog.drawer[open]");
		drawer.addEventListener("close", () => (window.heard = true), {once: true});
		drawer.close();
		button.click(); // before the page hears that it was closed
		return true;
	})()`)
	pia.until("the page to hear it", "window.heard")
	pia.sees("dialog.drawer[open] .list", "lobby")
	pia.click("dialog.drawer[open] .shut")
	pia.misses("dialog.drawer", "")
	pia.types("#text", "Still")
	pia.enter() // is a line on a phone: the button sends
	pia.types("#text", "here")
	pia.until("two lines", `document.querySelector("#text").value === "Still\nhere"`)
	pia.click("button.send")
	pia.until("both to be sent", sentRow("Still"))

	// What one goes on to takes the place of the menu or drawer, so that one step leads back to the chat.
	pia.goesOnAndBack(func() { pia.press("\u001b") })
	pia.starts("delete window.CloseWatcher") // as Firefox and Safari are
	pia.reload()
	pia.connected()
	pia.goesOnAndBack(func() { eval[bool](pia, "history.back() ?? true") })
	pia.goesOnAndBack(func() { pia.click("dialog[open] [data-act=close]") })
}

// goesOnAndBack opens sheets from the menu and from a drawer, and goes one step back from each.
func (p *person) goesOnAndBack(back func()) {
	p.t.Helper()
	for _, way := range []struct{ opener, from, sheet string }{
		{"button[data-open=menu]", "#menu [data-act=settings]", "#settings"},
		{"button[data-open=menu]", "#menu [data-act=me]", "#profile"},
		{".to-rooms", "dialog.drawer .make-room", "#make"},
	} {
		p.click(way.opener)
		p.click(way.from)
		p.until(way.sheet+" alone", `[...document.querySelectorAll("dialog[open]")].map(e => "#" + e.id).join() === `+quote(way.sheet))
		back()
		p.until("the chat after "+way.sheet, `!document.querySelector("dialog[open]") && !history.state?.dialog &&
			document.activeElement === document.querySelector(`+quote(way.opener)+`) && location.pathname === "/rooms/lobby"`)
	}
}

// A LAN address without TLS is no secure context. Browsers take 127.0.0.1 for one, so that a made-up name stands for it.
func TestBrowsersWorkOverPlainHTTP(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--hosts", "parley.test")
	bob := newPerson(t, s, "Bob", desktop)
	bob.joins("lobby")
	lan := *s
	lan.URL = strings.Replace(s.URL, "127.0.0.1", "parley.test", 1)
	pia := newPerson(t, &lan, "Pia", phone)
	pia.joins("lobby")
	if eval[bool](pia, "isSecureContext || Boolean(navigator.clipboard)") {
		t.Fatal("the page is in a secure context, so that this test says nothing")
	}
	pia.says("Over plain HTTP")
	bob.sees(".row .body", "Over plain HTTP")
	bob.says("It works")
	pia.sees(".row .body", "It works")
	if got := eval[string](pia, `document.querySelector(".row.mine").dataset.id`); got == "" {
		t.Error("the message has no id")
	}
	pia.click("button[data-open=invite]")
	eval[bool](pia, `document.addEventListener("copy", () => window.copied = String(getSelection()) || document.activeElement.value), true`)
	pia.click("#invite [data-act=copy]")
	pia.sees("#invite [data-act=copy]", "Copied")
	if got, want := eval[string](pia, "window.copied"), eval[string](pia, `document.querySelector("#invite .url").textContent`); got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
	pia.click("#invite [data-act=close]")
	pia.click("button[data-open=menu]")
	pia.click(`label:has([name=look][value=dark])`)
	pia.until("a dark page", `getComputedStyle(document.documentElement).backgroundColor === "rgb(21, 20, 18)"`)
	pia.reload()
	pia.until("a dark page still", `getComputedStyle(document.documentElement).backgroundColor === "rgb(21, 20, 18)"`)
	pia.screenshot("dark")
	pia.prefers("dark")
	pia.click("button[data-open=menu]")
	pia.click(`label:has([name=look][value=light])`)
	pia.until("a light page", `getComputedStyle(document.documentElement).backgroundColor !== "rgb(21, 20, 18)"`)
	pia.click(`label:has([name=look][value=system])`)
	pia.until("a page as dark as the device", `getComputedStyle(document.documentElement).backgroundColor === "rgb(21, 20, 18)"`)
}
