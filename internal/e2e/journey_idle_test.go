package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestBrowsersReconnectAfterIdling(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--idle-timeout", "8s")
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", phone)
	ada.joins("lobby")
	pia.joins("lobby")
	ada.says("Before")
	pia.sees(".row .body", "Before")
	pia.types("#text", "A draft")
	ada.sees("parley-banner", "Disconnecting in")
	ada.click("parley-banner button") // I'm here
	ada.misses("parley-banner", "")
	pia.sees("parley-banner", "Disconnecting in")
	pia.screenshot("warning")
	pia.sees("#stopped h2", "disconnected")
	pia.sees("#stopped .text", "8 seconds")

	ada.connected()      // Ada was kept in by her click
	ada.press(kb.Escape) // and stays
	bob := s.json(t, "Bob", "")
	bob.say("1", "While Pia was away")
	ada.sees(".row .body", "While Pia was away")
	if got := eval[string](pia, `document.querySelector("#text").value`); got != "A draft" {
		t.Errorf("the draft became %q", got)
	}
	pia.click("#stopped button")
	pia.connected()
	pia.misses("#stopped", "")
	pia.sees(".row .body", "While Pia was away")
	pia.click("button.send")
	for got := ""; got != "A draft"; {
		got = bob.next("message").Text
	}
	if got := pia.rows("Before"); got != 1 {
		t.Errorf("a message is there %d times after reconnecting", got)
	}
}
