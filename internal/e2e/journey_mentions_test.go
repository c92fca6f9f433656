package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// marked is the condition that the page marks these words as meaning whoever looks at it.
func marked(words string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(".row:not(.mine) .mention")].some(m =>
		m.textContent === %s && getComputedStyle(m).backgroundColor !== "rgba(0, 0, 0, 0)")`, quote(words))
}

// Whoever is meant sees it beside the room and in the tab while they are elsewhere, in the message once they look, and then in the list
// of mentions. Nobody else does.
func TestBrowserShowsWhoeverIsMeantWhereTheyAreMeant(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	ada := newPerson(t, s, "Mary Ann", desktop)
	ada.joins("lobby")
	ada.click(`parley-people h2`)
	ada.open("/rooms/garden")
	ada.connected()
	bob := newPerson(t, s, "Bob", phone)
	bob.joins("lobby")
	cyd := s.json(t, "Cyd", "")

	bob.types("#text", "morning @mary")
	bob.sees(".completion [role=option]", "Mary Ann")
	bob.click(".completion [role=option]")
	bob.writes("how are you?")
	bob.until("the message to be sent", sentRow("morning @Mary Ann how are you?"))
	ada.sees(`parley-rooms a[href="/rooms/lobby"] .mentions`, "@1")
	ada.sees(".to-mentions .mentions", "@1")
	ada.until("it to stand in the tab", `document.title.startsWith("(@1)")`)
	bob.says("everybody @here, please")
	ada.sees(`parley-rooms a[href="/rooms/lobby"] .mentions`, "@2")
	cyd.say("1", "@Bob, not you")
	ada.sees(`parley-rooms a[href="/rooms/lobby"] .badge`, "3")
	ada.screenshot("elsewhere")

	ada.click(`parley-rooms a[href="/rooms/lobby"]`)
	ada.until("her name to be marked", marked("@Mary Ann"))
	ada.until("all to be marked", marked("@here"))
	if eval[bool](ada, marked("@Bob")) {
		t.Error("somebody else's name is marked for her")
	}
	bob.until("his name to be marked", marked("@Bob"))
	if eval[bool](bob, marked("@Mary Ann")) {
		t.Error("her name is marked for him")
	}
	ada.until("nothing to be left unread", `!document.querySelector(".mentions:not([hidden])") && !document.title.startsWith("(")`)
	bob.screenshot("meant")

	cyd.send(`{"type":"send","id":"2","to":"Bob","text":"psst @Bob, @Mary Ann"}`)
	cyd.next("ack")
	ada.resize(desktop)
	ada.click(".to-mentions")
	ada.sees("#mentions .hits a", "morning @Mary Ann how are you?")
	ada.sees("#mentions .found", "2 messages")
	ada.misses("#mentions .hits a", "psst")
	ada.open("/rooms/garden")
	ada.connected()
	ada.click(".to-mentions")
	ada.click("#mentions .hits li:last-child a") // the older of the two
	ada.sees("#room-title", "lobby")
	ada.until("the message that she went to", `document.activeElement?.closest('.row[data-seq="1"]')`)
	ada.misses("#mentions", "")

	// What was edited away or deleted means nobody any more; on his phone the list is in the drawer.
	bob.click(".to-rooms")
	bob.click(".to-mentions")
	bob.sees("#mentions .hits a", "@Bob, not you")
	bob.misses("#mentions .hits a", "everybody")
	bob.screenshot("mentions")
	cyd.send(`{"type":"edit","id":"3","room":"lobby","of":3,"text":"nobody"}`)
	cyd.next("ack")
	bob.press(kb.Escape)
	bob.click(".to-rooms")
	bob.click(".to-mentions")
	bob.sees("#mentions .found", "1 message") // the private one alone
	bob.misses("#mentions .hits a", "not you")
	bob.sees("#mentions .hits a", "psst @Bob")
}
