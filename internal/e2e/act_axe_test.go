package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestBrowsersShowNothingThatAxeObjectsToInWhatOneDoesWithMessages(t *testing.T) {
	t.Parallel()
	axe := axe(t)
	s := startServer(t, "--rate-limit.messages", "0")
	bob := s.json(t, "Bob", "")
	bob.say("1", "Who brings the cake, **and** when? https://example.org/")
	bob.say("2", "I am here until six")
	ada := newPerson(t, s, "Ada", desktop)
	ada.joins("lobby")
	ada.sees(rowOf(2), "until six")
	ada.does(1, "reply")
	ada.accessible("answering", axe, desktop, phone)
	ada.resize(desktop)
	ada.says("Me, " + longWord)
	bob.send(`{"type":"react","id":"3","room":"lobby","of":3,"emoji":"🎉","on":true}`)
	bob.send(`{"type":"react","id":"4","room":"lobby","of":1,"emoji":"👍","on":true}`)
	ada.sees(rowOf(1)+" .chip", "👍 1")
	ada.click(rowOf(1) + " .chip[data-emoji]")
	ada.sees(rowOf(1)+" .chip", "👍 2")
	ada.does(1, "written")
	ada.sees(rowOf(1)+" .written", "**and**")
	ada.accessible("answered", axe, desktop, phone)
	ada.fits("answers and reactions", 320, 360, 390, 768, 1024, 1280)
	ada.resize(desktop)
	ada.menuOf(3)
	ada.accessible("menu", axe, desktop, phone)
	ada.until("all of the menu in sight", `(b => b.top >= 0 && b.bottom <= innerHeight + 1 && b.left >= 0)(document.querySelector("#act-menu").getBoundingClientRect())`)
	ada.fits("the menu", 320, 1280)
	ada.resize(desktop)
	ada.click("#act-menu [data-action=delete]")
	ada.sees("#confirm", "for everyone")
	ada.accessible("deleting", axe, desktop, phone)
	ada.press(kb.Escape)
	ada.misses("#confirm", "")
	ada.resize(desktop)
	ada.click(".to-emoji")
	ada.until("the picker", `document.querySelector("emoji-picker")?.shadowRoot.querySelectorAll(".tabpanel .emoji").length > 50`)
	ada.accessible("picker", axe, desktop)
	ada.press(kb.Escape)
	ada.misses("#emoji", "")
	ada.does(3, "edit")
	ada.accessible("editing", axe, desktop)
}

const longWord = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenmusterbuch"
