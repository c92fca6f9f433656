package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestBrowsersGoFromRoomToRoom(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", phone)
	pia.joins("garden") // by a link
	pia.sees("#room-title", "garden")
	pia.click(".to-rooms")
	pia.sees("dialog.drawer .list", "lobby") // though nobody has been there
	pia.click("dialog.drawer .shut")
	ada.joins("lobby")
	pia.says("The tomatoes are ripe")
	ada.says("In the lobby")

	ada.click(".make-room")
	ada.types("#make-name", "No such: room!")
	ada.enter()
	ada.sees("#make-wrong", "a–z")
	ada.screenshot("bad room")
	eval[bool](ada, `document.querySelector("#make-name").value = "", true`)
	ada.types("#make-name", "Garden") // which is there
	ada.enter()
	ada.misses("#make", "")
	ada.until("the garden", `location.pathname === "/rooms/garden"`)
	ada.sees(".row .body", "The tomatoes are ripe")
	ada.misses(".row .body", "In the lobby")
	pia.sees("parley-log .note", "Ada")
	ada.says("I bring a basket")
	pia.sees(".row .body", "I bring a basket")

	ada.click(`parley-rooms a[href="/rooms/lobby"]`)
	ada.sees(".row .body", "In the lobby")
	pia.says("Basil too")
	pia.says("And mint")
	ada.sees(`parley-rooms a[href="/rooms/garden"] .members`, "2")
	ada.sees(`parley-rooms a[href="/rooms/garden"] .badge`, "2")
	ada.until("the count in the tab's title", `document.title.startsWith("(2) ")`)
	ada.screenshot("unread")
	const icon = `document.querySelector('link[rel="icon"]')`
	ada.until("the dot on the icon", icon+`.href.endsWith(`+icon+`.dataset.unread)`)
	s.waitForMetric(t, "parley_connections", func(n float64) bool { return n == 2 }) // one for all rooms of a page
	tab := ada.newTab()
	tab.open("/rooms/lobby")
	tab.connected()
	tab.sees(`parley-rooms a[href="/rooms/garden"] .badge`, "2")
	ada.press(kb.ArrowDown, kb.ModifierAlt, kb.ModifierShift) // the next unread room
	ada.until("the garden again", `location.pathname === "/rooms/garden"`)
	ada.sees(".row .body", "And mint")
	ada.until("nothing unread", `!document.querySelector("parley-rooms .unread") && !document.title.startsWith("(")`)
	ada.until("no dot on the icon", `!`+icon+`.href.endsWith(`+icon+`.dataset.unread)`)
	tab.misses("parley-rooms .badge", "") // what is read on one device is read on the others
	tab.do(chromedp.Navigate("about:blank"))
	ada.do(chromedp.NavigateBack())
	ada.until("the lobby by Back", `location.pathname === "/rooms/lobby" && document.querySelector("#room-title").textContent === "# lobby"`)
	ada.sees(".row .body", "In the lobby")
	ada.do(chromedp.NavigateBack())

	ada.open("/rooms/garden") // a deep link while signed in
	ada.connected()
	ada.press(kb.ArrowDown, kb.ModifierAlt) // the next room, unread or not
	ada.sees("#room-title", "lobby")
	ada.press(kb.ArrowUp, kb.ModifierAlt)
	ada.sees("#room-title", "garden")
	ada.click("button[data-open=menu]")
	ada.sees("#menu [data-act=leave-room]", "Leave # garden")
	ada.click("#menu [data-act=leave-room]")
	ada.until("the lobby", `location.pathname === "/rooms/lobby"`)
	pia.sees("parley-log .note", "left")
}
