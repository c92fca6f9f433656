package e2e

import (
	"testing"
)

func TestBrowsersTwoPeopleAndAPhoneTalk(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, bob, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Bob", desktop), newPerson(t, s, "Pia", phone)
	ada.joins("lobby")
	ada.sees("parley-log", "Welcome, Ada")
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
	ada.screenshot("talk")
	pia.screenshot("talk")
}
