package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// wholeInSight is the condition that a message stands in sight as a whole.
func wholeInSight(seq int) string {
	return fmt.Sprintf(`(r => r && (s => r.top >= s.top - 1 && r.bottom <= s.bottom + 1)(document.querySelector("parley-log .scroll").getBoundingClientRect()))(
		document.querySelector('%s')?.getBoundingClientRect())`, rowOf(seq))
}

// notesMarks has a page note which messages it has marked: a mark is gone after a while.
const notesMarks = `window.marked = new Set();
	new MutationObserver(changes => changes.forEach(({target}) => target.classList.contains("found") && marked.add(target.dataset.seq)))
		.observe(document, {subtree: true, attributeFilter: ["class"]})`

// wasMarked is the condition that a message has been marked as the one to which somebody went.
func wasMarked(seq int) string { return fmt.Sprintf(`marked.has("%d")`, seq) }

// atNewest is the condition that the newest message is shown, at the end.
const atNewest = `Math.abs(document.querySelector("parley-log .scroll").scrollTop) < 2 && document.querySelector(".latest").hidden`

func TestBrowsersGoToAMessageByItsLinkAndByItsAnswers(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--hosts", "parley.test")
	fill(t, s, 600)
	bob := s.json(t, "Bob", "")
	bob.send(`{"type":"send","id":"b1","room":"lobby","text":"That was long ago","reply_to":5}`)
	bob.next("ack")
	lan := *s // a LAN address is no secure context: nothing is copied by the clipboard API
	lan.URL = strings.Replace(s.URL, "127.0.0.1", "parley.test", 1)
	ada, pia := newPerson(t, &lan, "Ada", desktop), newPerson(t, &lan, "Pia", slowPhone)
	for _, p := range []*person{ada, pia} {
		p.prefers("light")
		p.starts(notesMarks)
		p.open("/rooms/lobby#33") // before one has said who one is
		p.types("#name", p.name)
		p.click("main.door button.primary[type=submit]")
		p.connected()
		p.until("the message of the address", wholeInSight(33))
		p.click(".latest")
		p.sees(rowOf(601)+" .quote", "Note number 5")
		p.click(rowOf(601) + " .quote")
		p.until("what it answers, marked", wholeInSight(5)+" && "+wasMarked(5))
		p.screenshot("far above")
		if n := p.rows(""); n > 150 {
			t.Errorf("%s: going there brought %d messages", p.name, n)
		}
		p.sees(".latest", "Newest")
		p.click(".latest")
		p.until("the newest", atNewest+" && "+wholeInSight(601))

		p.open("/rooms/lobby#20")
		p.connected()
		p.until("the message of the address", wholeInSight(20))
		eval[bool](p, `location.hash = "#320", true`)
		p.until("the message of the next address", wholeInSight(320))
		eval[bool](p, `location.hash = "#300", true`) // near, and here already
		p.until("the message of the third address", wholeInSight(300)+" && "+wasMarked(300))
		p.until("what stands above it", `document.querySelector('`+rowOf(280)+`')`)
		p.comesToRest()
		before := eval[[2]float64](p, inSight)
		eval[bool](p, `location.hash = "#99999", true`)
		p.sees(".notice", "isn’t here")
		if after := eval[[2]float64](p, inSight); after != before {
			t.Errorf("%s: looking for what isn't there moved the page from %v to %v", p.name, before, after)
		}
		p.until("reading on down", `(s => (s.scrollTop = 0, document.querySelector('`+rowOf(420)+`')))(document.querySelector("parley-log .scroll"))`)
		p.until("no gap", `(seqs => seqs.every((seq, i) => i === 0 || seq === seqs[i - 1] + 1))(
			[...document.querySelectorAll('.row`+stored+`')].map(r => Number(r.dataset.seq)))`)
	}

	eval[bool](ada, `document.addEventListener("copy", () => window.copied = document.activeElement.value), true`)
	ada.open("/rooms/lobby#100")
	ada.connected()
	ada.until("the message", wholeInSight(100))
	eval[bool](ada, `document.addEventListener("copy", () => window.copied = document.activeElement.value), true`)
	ada.does(100, "link")
	ada.sees(".notice", "Copied")
	if got, want := eval[string](ada, "window.copied"), lan.URL+"/rooms/lobby#100"; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
	ada.does(100, "copy")
	if got := eval[string](ada, "window.copied"); got != "Note number 100" {
		t.Errorf("copied %q", got)
	}
	ada.says("Look at " + lan.URL + "/rooms/lobby#42")
	pia.click(".latest")
	pia.sees(".row .body a", "#42")
	pia.click(".row .body a")
	pia.until("the message, in this very tab", wholeInSight(42))
	pia.do(chromedp.NavigateBack())
	pia.until("the chat still", `document.body.dataset.connection === "open" && location.pathname === "/rooms/lobby"`)
}

func TestBrowsersReachMessagesByKeyboard(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	fill(t, s, 8)
	ada := newPerson(t, s, "Ada", desktop)
	ada.prefers("light")
	ada.joins("lobby")
	ada.sees(rowOf(8), "Note number 8")
	ada.says("Mine")
	onRow := func(seq int) string { return fmt.Sprintf(`document.activeElement.dataset.seq === "%d"`, seq) }
	for range 6 {
		if eval[bool](ada, onRow(9)) {
			break
		}
		ada.press(kb.Tab, chromedp.ModifierShift)
	}
	ada.until("the newest message to have the focus", onRow(9))
	ada.press(kb.ArrowUp)
	ada.press(kb.ArrowUp)
	ada.until("the focus two above", onRow(7))
	ada.screenshot("row with the focus")
	ada.press(kb.Tab)
	if got := ada.focused(); got != "React" {
		t.Errorf("Tab comes to %q", got)
	}
	ada.press(kb.Tab)
	ada.press(kb.Tab)
	ada.enter()
	ada.sees("#act-menu", "Copy link")
	ada.press(kb.Escape)
	ada.misses("#act-menu", "")
	if got := ada.focused(); got != "Message actions" {
		t.Errorf("after the menu the focus is on %q", got)
	}
	ada.press(kb.Tab, chromedp.ModifierShift)
	ada.enter()
	ada.sees(".answering", "Note number 7")
	if got := ada.focused(); got != "text" {
		t.Errorf("after Reply the focus is on %q", got)
	}
	ada.says("By keyboard")
	ada.sees(rowOf(10)+" .quote", "Note number 7")
}

// What stands above what one reads may grow: nothing moves.
func TestBrowsersKeepTheirPlaceWhileThingsAboveGrow(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	fill(t, s, 80)
	bob := s.json(t, "Bob", "")
	for _, w := range []window{desktop, slowPhone} {
		p := newPerson(t, s, fmt.Sprint("Reader ", w.width), w)
		p.joins("lobby")
		p.sees(rowOf(80), "Note number 80")
		p.wheel(900)
		p.sees(".latest", "Newest")
		p.comesToRest()
		was := eval[[2]float64](p, inSight)
		top := int(was[0])
		for i, of := range []int{top - 1, top - 2, top - 12} {
			bob.send(fmt.Sprintf(`{"type":"react","id":"r%d.%d","room":"lobby","of":%d,"emoji":"🎉","on":true}`, w.width, i, of))
			bob.next("ack")
			p.until("the reaction", fmt.Sprintf(`document.querySelector('%s .chip')`, rowOf(of)))
		}
		if now := eval[[2]float64](p, inSight); now != was {
			t.Errorf("%d px: %v stood at %v px, and now %v at %v px", w.width, was[0], was[1], now[0], now[1])
		}
	}
}

func TestBrowsersKeepChangesThroughACut(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	px := startProxy(t, s.Host)
	ada, pia := newCutPerson(t, s, px, "Ada", desktop), newPerson(t, s, "Pia", slowPhone)
	ada.joins("lobby")
	pia.joins("lobby")
	ada.says("helo")
	ada.says("second")
	pia.sees(rowOf(2), "second")
	px.away(true)
	ada.until("the cut to be noticed", `document.body.dataset.connection !== "open"`)
	ada.does(1, "edit")
	ada.fills("hello")
	ada.enter()
	ada.sees(rowOf(1)+".sending .body", "hello")
	ada.menuOf(2)
	ada.click("#act-menu .quick button")
	ada.sees(rowOf(2)+" .chip", "👍 1")
	ada.screenshot("waiting")
	px.away(false)
	ada.comesBack("the changes to be sent", fmt.Sprintf(`document.querySelector('%s .edited:not([hidden])') && !document.querySelector(".row.sending")`, rowOf(1)))
	for _, p := range []*person{ada, pia} {
		p.sees(rowOf(1)+" .body", "hello")
		p.sees(rowOf(2)+" .chip", "👍 1")
	}
	cut := px.CutWhen(toServer, `"type":"edit"`)
	ada.does(2, "edit")
	ada.fills("the second")
	ada.enter()
	<-cut
	ada.reload() // what was on its way is kept on the device
	pia.sees(rowOf(2)+" .body", "the second")
	ada.sees(rowOf(2)+":not(.sending) .body", "the second")
}
