package e2e

import "testing"

func TestBrowsersPrivateMessagesReachOnlyTheOther(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, bob, eve := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Bob", phone), newPerson(t, s, "Eve", desktop)
	ada.joins("lobby")
	bob.joins("lobby")
	eve.joins("lobby")
	ada.sees("parley-people .list", "Bob")
	bobs := eval[string](ada,
		`[...document.querySelectorAll("parley-people .list a[href]")].find(a => a.textContent.includes("Bob")).getAttribute("href")`)
	ada.click(`parley-people a[href="` + bobs + `"]`)
	ada.until("the private room", "location.pathname === "+quote(bobs))
	ada.sees("#room-title", "Bob")
	ada.sees(".head .count", "Private conversation")
	ada.says("Between us")
	ada.screenshot("private")

	bob.until("something unread", `document.querySelector(".to-rooms .dot").checkVisibility()`)
	bob.click(".to-rooms")
	bob.sees("dialog.drawer .list a.unread", "Ada")
	bob.sees("dialog.drawer .list a.unread .badge", "1")
	bob.screenshot("unread")
	bob.click("dialog.drawer .list a.unread")
	bob.sees("#room-title", "Ada")
	bob.sees(".row .body", "Between us")
	bob.says("Only for you")
	ada.sees(".row .body", "Only for you")
	bob.until("nothing unread", `!document.querySelector(".to-rooms .dot").checkVisibility()`)
	private := eval[string](bob, "location.pathname")

	// What comes after it has arrived everywhere, so that what Eve has not seen by then she does not see.
	ada.click(`parley-rooms a[href="/rooms/lobby"]`)
	ada.says("Hello everyone")
	eve.sees(".row .body", "Hello everyone")
	for _, secret := range []string{"Between us", "Only for you"} {
		if eval[bool](eve, "document.documentElement.innerHTML.includes("+quote(secret)+")") {
			t.Errorf("Eve sees %q", secret)
		}
	}
	if got := eval[int](eve, `document.querySelectorAll("parley-rooms .list li").length`); got != 1 {
		t.Errorf("Eve's list has %d rooms, want the lobby alone", got)
	}
	eve.expectTrouble(private+" 404", "status of 404")
	eve.open(private)
	eve.sees("main", "There is nothing here")
	eve.screenshot("not found")
}

func TestBrowsersShowWhoIsTyping(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", phone)
	ada.joins("lobby")
	pia.joins("lobby")
	ada.types("#text", "Wait a mo")
	pia.until("who is typing", `(said => said.includes("Ada") && said.includes("is typing"))(document.querySelector(".typing .who").textContent)`) // for some seconds
	pia.screenshot("typing")
	ada.types("#text", "ment")
	ada.click("button.send")
	pia.sees(".row .body", "Wait a moment")
	pia.until("the typing to end", `document.querySelector(".typing .who").textContent === ""`)
	if got := eval[string](ada, `document.querySelector(".typing .who").textContent`); got != "" {
		t.Errorf("Ada is told about her own typing: %q", got)
	}
}
