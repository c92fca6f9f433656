package e2e

import "testing"

func TestBrowsersLeaveTheChatForGood(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", phone)
	ada.joins("lobby")
	pia.joins("lobby")
	tab := pia.newTab()
	tab.open("/rooms/lobby")
	tab.connected()
	tab.types("#text", "unfinished")
	pia.says("I was here") // or her coming and going would be nobody's news
	ada.sees(".row .body", "I was here")

	pia.click("button[data-open=menu]")
	pia.click("#menu [data-act=leave]")
	pia.sees("#leave h2", "Leave the chat?")
	pia.screenshot("leave")
	pia.click("#leave [data-act=close]") // Stay
	pia.misses("#leave", "")
	pia.click("button[data-open=menu]")
	pia.click("#menu [data-act=leave]")
	pia.click("#leave button[type=submit]")
	pia.until("the join page", `location.pathname === "/" && document.querySelector("#name")`)

	ada.sees("parley-log .note", "left")
	ada.sees(".head .count", "1 person here")
	tab.sees("#stopped h2", "signed out")
	tab.screenshot("ended")
	tab.press("\u001b") // Escape is no way around it
	tab.sees("#stopped h2", "signed out")
	tab.click("#stopped button")
	tab.until("the join page", `location.pathname === "/" && document.querySelector("#name")`)
	pia.open("/rooms/lobby")
	pia.until("to be asked for a name", `location.pathname === "/" && location.search === "?room=lobby"`)
}

func TestBrowsersReloadInSilence(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--presence.grace", "1m") // a browser may take its time
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", phone)
	ada.joins("lobby")
	pia.joins("lobby")
	ada.sees("parley-log .note", "Pia")
	notes := eval[string](ada, `[...document.querySelectorAll(".note")].map(n => n.textContent).join()`)
	pia.reload()
	pia.says("Back again") // once this is there, a leave and a join would be too
	ada.sees(".row .body", "Back again")
	if got := eval[string](ada, `[...document.querySelectorAll(".note")].map(n => n.textContent).join()`); got != notes {
		t.Errorf("a reload changed %q to %q", notes, got)
	}
}
