package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// chromium is one browser for all tests of a run; each person has a profile of their own in it.
var chromium struct {
	once   sync.Once
	ctx    context.Context
	cancel context.CancelFunc
	err    error
}

// startChromium starts the browser of all tests.
func startChromium() {
	options, err := chromiumOptions()
	if err != nil {
		chromium.err = err
		return
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	chromium.ctx, chromium.cancel = ctx, func() { cancel(); stop() }
	chromium.err = chromedp.Do(ctx)
}

// chromiumOptions say how to start Debian's Chromium. It talks to nobody but the servers of these tests: made-up host names under
// .test lead to this machine, where they are an insecure origin, as a LAN address is.
func chromiumOptions() ([]chromedp.ExecAllocatorOption, error) {
	options := slices.Concat(chromedp.DefaultExecAllocatorOptions[:], []chromedp.ExecAllocatorOption{
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		// What would drop down from the address bar that nobody sees is a page in a process of its own for each window, and dearer than
		// the page that is tested.
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup"),
		chromedp.Flag("disable-quic", true),
		// A machine without a mouse, such as this one may be, would make a desktop that has no pointer: 4 is fine, 2 can hover.
		chromedp.Flag("blink-settings", "primaryPointerType=4,availablePointerTypes=4,primaryHoverType=2,availableHoverTypes=2"),
		chromedp.Flag("host-resolver-rules", "MAP *.test 127.0.0.1, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	})
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
			if path := filepath.Join(folder, name); isFile(path) {
				return append(options, chromedp.ExecPath(path)), nil
			}
		}
	}
	return nil, fmt.Errorf("there is no Chromium; make test installs it")
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// closeBrowsers ends the browser after the last test.
func closeBrowsers() {
	if chromium.cancel != nil {
		chromium.cancel()
	}
}

// person is somebody at a browser of their own.
type person struct {
	t    *testing.T
	name string
	ctx  context.Context
	s    *server

	mu     sync.Mutex // guards what follows
	wrong  []string   // console errors and failed requests
	expect []string   // parts of those that the test brings about itself
}

// window is how a person looks at the page.
type window struct {
	width, height int64
	phone         bool
}

var (
	desktop = window{width: 1280, height: 800}
	phone   = window{width: 360, height: 740, phone: true}
)

// newPerson opens a browser profile. At the end of the test, console errors and failed requests that were not announced by
// expectTrouble fail it.
func newPerson(t *testing.T, s *server, name string, w window) *person {
	t.Helper()
	chromium.once.Do(startChromium)
	if chromium.err != nil {
		t.Fatal(chromium.err)
	}
	ctx, cancel := chromedp.NewContext(chromium.ctx, chromedp.WithNewBrowserContext())
	if err := chromedp.Do(ctx); err != nil { // opens the tab, which lives as long as the context of this first call
		t.Fatal(err)
	}
	p := &person{t: t, name: name, ctx: ctx, s: s}
	p.resize(w)
	p.watch()
	t.Cleanup(func() {
		p.report()
		cancel()
	})
	return p
}

// report fails the test where something went wrong that it did not bring about.
func (p *person) report() {
	if p.t.Failed() {
		p.screenshot("failed")
	}
	for _, wrong := range p.trouble() {
		p.t.Errorf("%s: %s", p.name, wrong)
	}
}

// watch collects what goes wrong in the page.
func (p *person) watch() {
	p.t.Helper()
	urls := map[network.RequestID]string{}
	err := chromedp.Listen(p.ctx, func(ev any) {
		switch ev := ev.(type) {
		case *network.EventRequestWillBeSent:
			urls[ev.RequestID] = ev.Request.URL
		case *network.EventLoadingFailed:
			if !ev.Canceled {
				p.note("request failed: " + urls[ev.RequestID] + " " + ev.ErrorText)
			}
		case *network.EventResponseReceived:
			if ev.Response.Status >= 400 {
				p.note(fmt.Sprintf("request failed: %s %d", ev.Response.URL, ev.Response.Status))
			}
		}
	})
	if err != nil {
		p.t.Fatal(err)
	}
	console := chromedp.Console(p.ctx)
	go func() { // ends with the person's context
		for m, err := range console {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == "error" || m.Type == "warning" || m.Type == "assert" {
				p.note("console: " + m.String())
			}
		}
	}()
}

func (p *person) note(wrong string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wrong = append(p.wrong, wrong)
}

// expectTrouble says that the test itself brings about errors with one of these parts, such as a socket that can't connect while
// the server is down.
func (p *person) expectTrouble(parts ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expect = append(p.expect, parts...)
}

func (p *person) trouble() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.wrong), func(wrong string) bool {
		return slices.ContainsFunc(p.expect, func(part string) bool { return strings.Contains(wrong, part) })
	})
}

// do runs steps, with patience.
func (p *person) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 2*patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// open goes to a page of the server.
func (p *person) open(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.s.URL + path))
}

// eval returns the value of a JavaScript expression in the page.
func eval[T any](p *person, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 2*patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s: %s: %v", p.name, expression, err)
	}
	return v
}

// until waits for a JavaScript condition.
func (p *person) until(what, condition string) {
	p.t.Helper()
	p.untilWithin(2*patience, what, condition)
}

func (p *person) untilWithin(limit time.Duration, what, condition string) {
	p.t.Helper()
	ask := chromedp.Evaluate[bool]("Boolean(" + condition + ")")
	p.polls(limit, what, func(ctx context.Context) (bool, error) { return chromedp.Run(ctx, ask) })
}

// polls asks until it is so.
func (p *person) polls(limit time.Duration, what string, isSo func(context.Context) (bool, error)) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	for {
		met, err := isSo(ctx) // which fails while the page is on its way to another
		if err == nil && met {
			return
		}
		select {
		case <-time.After(30 * time.Millisecond):
		case <-ctx.Done():
			p.t.Fatalf("%s: waited in vain for %s (%v)", p.name, what, err)
		}
	}
}

// sees waits until an element with the text is shown.
func (p *person) sees(selector, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf("%q in %s", text, selector), shown(selector, text))
}

// misses waits until no such element is shown.
func (p *person) misses(selector, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf("no %q in %s", text, selector), "!"+shown(selector, text))
}

// shown is the condition that an element with a text is shown. A space that doesn't break is a space.
func shown(selector, text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%s)].some(e =>
		e.checkVisibility() && e.textContent.replaceAll("\u00a0", " ").includes(%s))`, quote(selector), quote(text))
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// click clicks the first element that is shown, as a person does: with the mouse, where it is, once it stands still and
// nothing lies over it.
func (p *person) click(selector string) {
	p.t.Helper()
	at := p.restsAt(selector, uncovered)
	p.do(chromedp.MouseClickXY(at[0], at[1]))
}

// uncovered is the condition that nothing lies over an element in its middle.
const uncovered = "e.contains(document.elementFromPoint(x, y))"

// resting is the middle of the first such element that is shown, where it was when it was last asked for, and a further condition holds;
// else null. One answer has it all: a page that comes anew by itself knows nothing of the one before.
func resting(selector, further string) string {
	return fmt.Sprintf(painted+` && (() => {
		const e = [...document.querySelectorAll(%s)].find(e => e.checkVisibility());
		const before = e?.getClientRects()[0];
		e?.scrollIntoView({block: "nearest"});
		const box = e?.getClientRects()[0], was = window.wasAt;
		if (!box || box.x !== before.x || box.y !== before.y) return null; // something scrolled it away again: it isn't at rest
		const [x, y] = window.wasAt = [box.x + box.width / 2, box.y + box.height / 2];
		return x === was?.[0] && y === was[1] && %s ? [x, y] : null;
	})() || null`, quote(selector), further)
}

// restsAt waits until an element is at rest, and returns its middle.
func (p *person) restsAt(selector, further string) (at []float64) {
	p.t.Helper()
	place := chromedp.Evaluate[[]float64](resting(selector, further))
	p.polls(2*patience, selector+" at rest", func(ctx context.Context) (is bool, err error) {
		at, err = chromedp.Run(ctx, place)
		return len(at) == 2, err
	})
	return at
}

// painted is the condition that the page was painted: before that Chromium drops what is pressed or typed.
const painted = `performance.getEntriesByType("paint").length > 0`

// types types into an element that has or gets the focus.
func (p *person) types(selector, text string) {
	p.t.Helper()
	p.until("the page to be painted", painted)
	p.do(chromedp.SendKeys(chromedp.CSS(selector), text, chromedp.NodeVisible))
}

// press presses a key, with modifiers.
func (p *person) press(keys string, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	p.until("the page to be painted", painted)
	p.do(chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...)))
}

// joins enters a name on the first page and waits for the chat.
func (p *person) joins(room string) {
	p.t.Helper()
	p.open("/?room=" + room)
	p.types("#name", p.name)
	p.click("main.door button.primary[type=submit]")
	p.connected()
}

// connected waits until the page's socket is open and it has joined its room.
func (p *person) connected() {
	p.t.Helper()
	p.untilWithin(3*patience, "the connection", `document.body.dataset.connection === "open"`)
}

// says sends a message and waits until the page shows it as sent.
func (p *person) says(text string) {
	p.t.Helper()
	p.writes(text)
	p.until("the message to be sent: "+text, sentRow(text))
}

// writes types a message and sends it, by Enter or on a phone by the button.
func (p *person) writes(text string) {
	p.t.Helper()
	p.types("#text", text)
	p.click("button.send")
}

// stored selects, of the rows of messages, those that the server has stored.
const stored = `[data-seq]:not([data-seq=""])`

// sentRow is the condition that the page shows a message of one's own as sent.
func sentRow(text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('.row.mine%s .body')].some(b => b.textContent.includes(%s))`, stored, quote(text))
}

// screenshot writes what the person sees to the folder named by the environment, for people to look at.
func (p *person) screenshot(name string) {
	p.t.Helper()
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		file := strings.Map(safe, p.t.Name()+"-"+p.name+"-"+name) + ".png"
		err = os.WriteFile(filepath.Join(folder, file), png, 0o644)
	}
	if err != nil {
		p.t.Logf("no screenshot: %v", err)
	}
}

func safe(r rune) rune {
	if r == '/' || r == ' ' {
		return '_'
	}
	return r
}
