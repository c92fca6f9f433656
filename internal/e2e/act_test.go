package e2e

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// rowOf selects the row of a message.
func rowOf(seq int) string { return fmt.Sprintf(`.row[data-seq="%d"]`, seq) }

// hovers rests the mouse on a message, until the page knows that it is there: a row or a sheet that was still moving may have taken its place.
func (p *person) hovers(selector string) {
	p.t.Helper()
	p.polls(2*patience, "the mouse to rest on "+selector, func(context.Context) (bool, error) {
		at := p.restsAt(selector, "true")
		p.do(chromedp.MouseEvent("mouseMoved", at[0], at[1]))
		return eval[bool](p, fmt.Sprintf(`Boolean(document.querySelector(%s)?.matches(":hover"))`, quote(selector))), nil
	})
}

// menuOf opens what one can do with a message: from its bar, or on a phone by its own button.
func (p *person) menuOf(seq int) {
	p.t.Helper()
	if eval[bool](p, `matchMedia("(pointer: coarse)").matches`) {
		p.click(rowOf(seq) + " .more")
	} else {
		p.hovers(rowOf(seq) + " .bubble")
		p.click(rowOf(seq) + ` .act-bar [data-act=more]`)
	}
	p.sees("#act-menu", "Reply")
}

// does opens the menu of a message and chooses from it.
func (p *person) does(seq int, action string) {
	p.t.Helper()
	p.menuOf(seq)
	p.click(`#act-menu [data-action=` + action + `]`)
	p.misses("#act-menu", "")
}

// fills puts a text into the field where one writes, instead of what is there: as by one paste.
func (p *person) fills(text string) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`(f => (f.focus(), f.select(), document.execCommand("insertText", false, %s)))(document.querySelector("#text"))`, quote(text)))
}

func TestBrowsersReplyEditDeleteAndReactWhileAnotherLooks(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", slowPhone)
	ada.prefers("light")
	pia.prefers("dark")
	ada.joins("lobby")
	pia.joins("lobby")
	ada.fills("Who brings the cake?\nAnd when?")
	ada.enter()
	pia.sees(rowOf(1), "Who brings the cake?")

	pia.does(1, "reply")
	pia.sees(".answering", "Who brings the cake?")
	pia.screenshot("answering")
	pia.open("/rooms/lobby")
	pia.sees(".answering", "Who brings the cake?")
	pia.says("I do, at four")
	pia.misses(".answering", "")
	for _, p := range []*person{ada, pia} {
		p.sees(rowOf(2)+" .quote", "Who brings the cake?")
	}
	ada.hovers(rowOf(2) + " .bubble")
	ada.click(rowOf(2) + " .act-bar [data-act=reply]")
	ada.sees(".answering", "Reply to")
	if got := ada.focused(); got != "text" {
		t.Errorf("after Reply the focus is on %q", got)
	}
	ada.press(kb.Escape)
	ada.misses(".answering", "")

	ada.types("#text", "a draft")
	ada.does(1, "edit")
	ada.until("the text in the field", `document.querySelector("#text").value === "Who brings the cake?\nAnd when?"`)
	ada.screenshot("editing")
	ada.fills("Who brings what?")
	ada.open("/rooms/elsewhere")
	ada.connected()
	ada.misses(".answering", "")
	ada.until("the rooms in their order", `document.querySelector("parley-rooms .list a").pathname === "/rooms/lobby"`) // else the link moves away
	ada.click(`parley-rooms a[href="/rooms/lobby"]`)
	ada.until("the edit again", `document.querySelector(".answering") && document.querySelector("#text").value === "Who brings what?"`)
	ada.open("/rooms/lobby")
	ada.connected()
	ada.until("the edit again after a reload", `document.querySelector(".answering") && document.querySelector("#text").value === "Who brings what?"`)
	ada.press(kb.Escape)
	ada.until("the draft again", `document.querySelector("#text").value === "a draft"`)
	ada.fills(" ")
	ada.press(kb.Backspace)
	ada.press(kb.ArrowUp)
	ada.sees(".answering", "Edit")
	ada.fills("Who brings a pear tart?")
	ada.enter()
	for _, p := range []*person{ada, pia} {
		p.sees(rowOf(1)+" .body", "Who brings a pear tart?")
		p.sees(rowOf(1)+" .edited", "edited")
		p.sees(rowOf(2)+" .quote", "Who brings a pear tart?")
	}

	pia.menuOf(1)
	pia.screenshot("menu")
	pia.click("#act-menu .quick button")
	ada.sees(rowOf(1)+" .chip", "👍 1")
	ada.until("who it was", fmt.Sprintf(`document.querySelector('%s .chip').title.includes("Pia")`, rowOf(1)))
	ada.click(rowOf(1) + " .chip[data-emoji]")
	for _, p := range []*person{ada, pia} {
		p.sees(rowOf(1)+" .chip", "👍 2")
		p.sees(rowOf(1)+` .chip[aria-pressed="true"]`, "👍 2")
	}
	ada.hovers(rowOf(1) + " .bubble")
	ada.click(rowOf(1) + " .act-bar [data-act=react]")
	ada.screenshot("react")
	ada.click("#act-menu .quick button:nth-child(4)")
	pia.sees(rowOf(1)+` .chip[aria-pressed="false"]`, "🎉 1")
	pia.screenshot("talk")
	ada.hovers(rowOf(2) + " .bubble")
	ada.screenshot("talk")
	ada.menuOf(1)
	ada.screenshot("menu")
	ada.press(kb.Escape)
	ada.click(rowOf(1) + " .chip[data-emoji='👍']")
	pia.sees(rowOf(1)+" .chip", "👍 1")

	ada.does(2, "pin")
	pia.sees(".note", "pinned")
	pia.menuOf(2)
	pia.sees("#act-menu [data-action=pin]", "Unpin")
	if names := eval[[]string](pia, `[...document.querySelectorAll("#act-menu [data-action]")].map(b => b.dataset.action)`); len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) {
		t.Errorf("the menu offers %q", names)
	}
	pia.press(kb.Escape)
	pia.misses("#act-menu", "")

	pia.reload() // the page as it is served shows the same
	for _, p := range []*person{ada, pia} {
		p.sees(rowOf(1)+` .chip[aria-pressed]`, "👍 1")
		p.sees(rowOf(2)+" .quote", "Who brings a pear tart?")
	}

	ada.does(1, "delete")
	ada.sees("#confirm", "for everyone")
	ada.screenshot("delete")
	ada.click("#confirm .grave")
	for _, p := range []*person{ada, pia} {
		p.sees(rowOf(1)+".gone .body", "deleted")
		p.misses(rowOf(1)+" .chip", "")
		p.sees(rowOf(2)+" .quote", "deleted")
	}
	pia.does(2, "edit")
	if got := eval[string](pia, `document.querySelector("#text").value`); got != "I do, at four" {
		t.Errorf("Pia edits %q", got)
	}
	pia.click("#answering button")
	pia.misses("#answering", "")
}
