package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// lively is one message with all that Markdown has.
const lively = "The **new** pump is *in*, ~~tomorrow~~ today. See [the plan](https://example.org/plan) or https://example.org/a_b_c, and run `make water`:\n" +
	"```go\n// Water gives each bed what it needs, and says so.\nfunc Water(beds []Bed) (litres float64, err error) {\n" +
	"\tfor i, bed := range beds { litres += bed.Size * 1.5; log.Printf(\"bed %d of the long garden behind the house: %v\", i, bed.Size) }\n" +
	"\treturn litres, nil\n}\n```\n" +
	"> Who waters the tomatoes?\nI do:\n- on Monday\n  1. early\n  2. late\n- and on " + "Donaudampfschifffahrtsgesellschaftskapitänstag" + "\n\n" +
	"<script>alert(1)</script> ![a picture](https://example.org/p.png)"

func TestMarkdownIsShownOnThePageAndFitsAnyWindow(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	ada := newPerson(t, s, "Ada", desktop)
	ada.prefers("light")
	ada.joins("lobby")
	ben := s.json(t, "Ben", "")
	ben.say("1", lively)
	ada.sees(".row .body blockquote", "Who waters the tomatoes?")
	for selector, text := range map[string]string{
		"strong": "new", "em": "in", "del": "tomorrow", "p > code": "make water", "pre .hl-k": "func", "pre .hl-f": "Water", "ul > li": "on Monday",
		"ol > li": "late", "p": "<script>alert(1)</script>", "a[title='https://example.org/p.png']": "a picture",
	} {
		ada.sees(".row .body "+selector, text)
	}
	ada.misses(".row .body p > code", "```")
	ada.does(1, "reply")
	ada.sees("#answering span", "The new pump is in, tomorrow today. See the plan or https://example.org/a_b_c, and run make water:")
	ada.press(kb.Escape)
	if n := eval[int](ada, `document.querySelectorAll(".body :is(img, script, iframe, [style])").length`); n != 0 {
		t.Errorf("%d elements that no text may make", n)
	}
	if rel := eval[string](ada, `[...new Set([...document.querySelectorAll(".body a")].map(a => a.rel + " " + a.target))].join()`); rel !=
		"noopener noreferrer nofollow _blank" {
		t.Errorf("links open with %q", rel)
	}

	// One's own is plain until it is stored; then the server's markup is there. What the server draws knows how it was written.
	ada.writes("So **good**, is it?")
	ada.sees(".row.mine:not(.sending) .body strong", "good")
	ada.resize(phone)
	ada.press("/", kb.ModifierCtrl)
	ada.sees("#help dd strong", "bold")
	ada.sees("#help dt", "[words](https://…)")
	ada.press(kb.Escape)
	ada.misses("#help", "")
	if scrolls := eval[bool](ada, `(pre => pre.scrollWidth > pre.clientWidth + 50 && pre.getBoundingClientRect().right <= innerWidth)(document.querySelector(".body pre"))`); !scrolls {
		t.Error("a long line of code doesn't scroll in its block")
	}
	ada.open("/rooms/lobby")
	ada.sees(".row .body blockquote", "Who waters the tomatoes?")
	if got := eval[string](ada, `document.querySelector(".row").dataset.text`); got != lively {
		t.Errorf("the page that the server draws has the text as %q", got)
	}
	if got := eval[string](ada, `document.querySelector(".row:not(.mine) .body").innerHTML`); strings.Contains(got, "\n\n") || !strings.Contains(got, "<blockquote>") {
		t.Errorf("the page that the server draws has %q", got)
	}
}

// Whoever is meant is marked, and whoever is marked is meant; and an answer quotes what one reads.
func TestWhatStandsInCodeMeansNobodyAndIsQuotedAsItReads(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	bob, ada := s.json(t, "Bob", ""), s.json(t, "Ada", "")
	ada.say("1", "call **it** `@Bob` or `@here`")
	ada.say("2", "@Bob, see `it`")
	ada.send(`{"type":"send","id":"3","text":"so","reply_to":1}`)
	for _, want := range []bool{false, true} {
		m := bob.next("message")
		if meant := len(m.Mentions) > 0 || m.Here; meant != want || strings.Contains(m.HTML, `class="mention`) != want {
			t.Errorf("of %q, Bob is meant: %t; it is shown as %s", m.Text, meant, m.HTML)
		}
	}
	if m := bob.next("message"); m.Quote == nil || m.Quote.Text != "call it @Bob or @here" {
		t.Errorf("it quotes %+v", m.Quote)
	}
}

// farAway lets everything that a page sends be on its way for a while, so that it is drawn as not sent yet.
const farAway = `{
	const {send} = WebSocket.prototype;
	WebSocket.prototype.send = function (frame) {
		setTimeout(() => this.readyState === 1 && send.call(this, frame), 500);
	};
}`

// TestPlainTextDoesNotMoveWhenItIsStored: one's own row is as high while it is sent as when the server's markup has replaced it.
func TestPlainTextDoesNotMoveWhenItIsStored(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := newPerson(t, s, "Ada", desktop)
	ada.starts(farAway)
	ada.joins("lobby")
	eval[bool](ada, `(window.heights = new Set(), new MutationObserver(() => {
		for (const row of document.querySelectorAll(".row.mine")) heights.add(row.className.includes("sending") + " " + row.offsetHeight);
	}).observe(document.querySelector("parley-log"), {subtree: true, childList: true, attributes: true}), true)`)
	eval[bool](ada, `(text => (text.value = "one\n\nthree, see https://example.org/ and 2 * 3", text.dispatchEvent(new Event("input", {bubbles: true}))))(
		document.querySelector("#text"))`)
	ada.click("button.send")
	ada.sees(".row.mine:not(.sending) .body a", "https://example.org/")
	heights := eval[[]string](ada, "[...heights]")
	if len(heights) != 2 || strings.Fields(heights[0])[1] != strings.Fields(heights[1])[1] {
		t.Errorf("sending or not, and its height: %q", heights)
	}
}
