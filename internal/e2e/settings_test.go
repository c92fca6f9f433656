package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// settles opens the settings.
func (p *person) settles() {
	p.t.Helper()
	p.click("button[data-open=menu]")
	p.click("#menu [data-act=settings]")
	p.until("the settings", `document.querySelector("#settings[open] input[name=density]:checked")`)
}

// settled closes the settings, which took the menu's place.
func (p *person) settled() {
	p.t.Helper()
	p.click("#settings [data-act=close]")
	p.misses("dialog[open]", "")
}

// listens counts the tones that the page makes, and collects its notifications.
const listens = `(() => {
	window.tones = 0;
	window.notes = [];
	const start = OscillatorNode.prototype.start;
	OscillatorNode.prototype.start = function (...when) { window.tones++; return start.apply(this, when); };
	const Real = Notification;
	window.Notification = class extends Real {
		constructor(title, how) { super(title, how); window.notes.push([title, how.body]); }
	};
	return true;
})()`

func TestBrowserKeepsDensityAndTextSizeWithoutAFlash(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := newPerson(t, s, "Ada", desktop)
	ada.joins("lobby")
	for _, text := range []string{"First", "Second", "Third, https://example.org"} {
		ada.says(text)
	}
	ada.settles()
	ada.click("#settings label:has([value=compact])")
	ada.click("#settings label:has([value=larger])")
	ada.until("larger text at once", `getComputedStyle(document.documentElement).fontSize === "20px"`)
	ada.screenshot("settings, larger")
	ada.settled()
	ada.open("/rooms/lobby")
	ada.connected()
	// The server painted it: what is chosen stands in the page as it came, and nothing moved.
	type look struct {
		Density, Size, Font string
		Shift               float64
	}
	got, err := chromedp.Run(ada.ctx, chromedp.Evaluate[look](`(async () => {
		const root = document.documentElement;
		const shift = new Promise(told => {
			new PerformanceObserver(list => told(list.getEntries().reduce((sum, one) => sum + one.value, 0))).observe({type: "layout-shift", buffered: true});
			setTimeout(() => told(0), 300); // none is not told
		});
		const {density, size} = root.dataset;
		return {Density: density, Size: size, Font: getComputedStyle(root).fontSize, Shift: await shift};
	})()`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	if got.Density != "compact" || got.Size != "larger" || got.Font != "20px" || got.Shift > 0.02 {
		t.Errorf("after a reload the page is %+v", got)
	}
	cookies := eval[string](ada, "document.cookie")
	if _, page := s.get(t, "/", cookies); !strings.Contains(page, `data-density="compact" data-size="larger"`) {
		t.Errorf("with the cookies %q the server begins a page with %.100s", cookies, page)
	}
	if _, page := s.get(t, "/", `parley_size="><script>; parley_density=x`); strings.Contains(page, "data-size") || strings.Contains(page, "data-density") {
		t.Errorf("what nobody can choose is in the page: %.200s", page)
	}
	ada.screenshot("compact, larger")
	ada.resize(phone)
	ada.screenshot("compact, larger, on a phone")
	for _, width := range []int64{320, 768, 1280} {
		ada.resize(window{width: width, height: 700})
		if over := eval[int](ada, `Math.max(document.documentElement.scrollWidth - innerWidth, (log => log.scrollWidth - log.clientWidth)(document.querySelector(".scroll")))`); over > 0 {
			t.Errorf("with larger text the page is %d px too wide at %d px", over, width)
		}
	}
}

func TestBrowserTellsByASoundWhatWasChosenForEachRoom(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, bob := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Bob", desktop)
	bob.joins("garden")
	ada.joins("garden")
	eval[bool](ada, listens)
	tones := func(what string, n int) {
		t.Helper()
		ada.until(what, fmt.Sprint("window.tones === ", n))
	}
	bob.says("Silence")
	ada.sees(".row .body", "Silence")
	tones("silence, as nobody asked for a sound", 0)
	ada.settles()
	ada.click("#settings label:has([name=sound])")
	tones("the sound when it is chosen", 2)
	ada.sees("#settings legend", "Tell me in # garden of")
	ada.click("#settings label:has([value=mentions])")
	ada.settled()
	ada.click(`parley-rooms a[data-room="lobby"]`)
	ada.sees("#room-title", "lobby")
	soon := `new Promise(done => setTimeout(done, 1100)).then(() => true)` // sounds come once a second at most
	wait := func() {
		t.Helper()
		if _, err := chromedp.Run(ada.ctx, chromedp.Evaluate[bool](soon, chromedp.EvalAwaitPromise)); err != nil {
			t.Fatal(err)
		}
	}
	wait()
	bob.says("Nobody is meant")
	bob.says("@Ada is meant")
	ada.sees("parley-rooms a.unread .badge", "")
	tones("one sound, for the mention", 4)

	ada.click(`parley-rooms a[data-room="garden"]`)
	ada.settles()
	ada.until("what was chosen", `document.querySelector("#settings [value=mentions]").checked`)
	ada.click("#settings label:has([value=nothing])")
	ada.until("a muted room", `document.querySelector('parley-rooms a[data-room="garden"]').matches(".muted")`)
	ada.settled()
	ada.click(`parley-rooms a[data-room="lobby"]`)
	wait()
	bob.says("@Ada is meant again")
	ada.sees(`parley-rooms a[data-room="garden"] .badge`, "1")
	tones("no sound from a muted room", 4)
	s.json(t, "Cyd", "").invites("Ada")
	ada.sees("parley-rooms .by", "Cyd\u2069 invites you")
	tones("a sound for an invitation", 6)
}

func TestBrowserNotifiesWhereItMayAndSaysHonestlyWhereNot(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--hosts", "parley.test")
	bob := newPerson(t, s, "Bob", desktop)
	bob.joins("lobby")
	ada := newPerson(t, s, "Ada", phone)
	ada.joins("lobby")
	tab, err := chromedp.Call(ada.ctx, target.GetTargetInfo, target.GetTargetInfoParams{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = chromedp.Call(ada.ctx, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "notifications"}, Setting: browser.PermissionSettingGranted, Origin: s.URL,
		BrowserContextID: tab.TargetInfo.BrowserContextID,
	})
	if err != nil {
		t.Fatal(err)
	}
	eval[bool](ada, listens)
	ada.settles()
	ada.click("#settings label:has([name=notifications])")
	ada.until("notifications to be on", `document.querySelector("#settings [name=notifications]").checked && localStorage.getItem("parley:notifications") === "on"`)
	ada.settled()
	bob.says("Seen on the page")
	ada.sees(".row .body", "Seen on the page")
	eval[bool](ada, `Object.defineProperty(document, "hidden", {get: () => true}); true`)
	bob.says("<b>Are</b> you there?")
	ada.until("a notification", `window.notes.length === 1`)
	if got := eval[[]string](ada, "window.notes[0]"); got[0] != "Bob · # lobby" || got[1] != "<b>Are</b> you there?" {
		t.Errorf("the notification says %q", got)
	}
	s.json(t, "Cyd", "").invites("Ada")
	ada.until("another notification", `window.notes.length === 2`)
	if got := eval[[]string](ada, "window.notes[1]"); got[0] != "Cyd · # team" || !strings.Contains(got[1], "invites you to team") {
		t.Errorf("the notification of an invitation says %q", got)
	}

	lan := *s
	lan.URL = strings.Replace(s.URL, "127.0.0.1", "parley.test", 1)
	pia := newPerson(t, &lan, "Pia", phone)
	pia.joins("lobby")
	pia.settles()
	pia.sees("#settings .why", "Notifications need HTTPS")
	pia.misses("#settings label", "Notifications")
	pia.screenshot("settings over plain HTTP")
}
