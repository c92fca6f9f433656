package e2e

import "testing"

// sawNothingMove requires that nothing on this page has moved by itself, but for rows that move up because one comes below them.
func (p *person) sawNothingMove() {
	p.t.Helper()
	if moved := eval[float64](p, "window.seen.frame"); moved > shiftMost {
		p.t.Errorf("%s saw things move by %.3f, want %.2f at most: %q", p.name, moved, shiftMost, eval[[]string](p, "window.seen.moved"))
	}
}

func TestBrowsersTwoPeopleAndAPhoneTalk(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, bob, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Bob", desktop), newPerson(t, s, "Pia", phone)
	all := []*person{ada, bob, pia}
	for _, p := range all {
		p.starts(observe)
		p.open("/")
		p.until("the page to be there", `document.readyState === "complete"`)
		p.sawNothingMove()
	}
	ada.joins("lobby")
	ada.sees("parley-log", "Welcome, \u2068Ada\u2069")
	bob.joins("lobby")
	pia.joins("lobby")
	ada.sees("parley-log", "Bob")
	ada.says("Hello from Ada")
	bob.sees(".row .body", "Hello from Ada")
	pia.sees(".row .body", "Hello from Ada")
	pia.says("Hello from a phone")
	ada.sees(".row .body", "Hello from a phone")
	bob.says("<b>not bold</b>")
	ada.sees(".row .body", "<b>not bold</b>")
	ada.commands("/join garden")
	ada.sees("#room-title", "garden")
	ada.says("Who waters the tomatoes?")
	ada.click(`parley-rooms a[href="/rooms/lobby"]`)
	ada.sees(".row .body", "<b>not bold</b>")
	pia.click("button[data-open=menu]")
	pia.sees("#menu", "")
	for _, p := range all {
		p.sawNothingMove()
	}
	ada.screenshot("talk")
	pia.screenshot("talk")
}
