package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// commands enters a line that begins with a slash, and closes what completes it first.
func (p *person) commands(line string) {
	p.t.Helper()
	p.types("#text", line)
	p.until("the line", `document.querySelector("#text").value === `+quote(line))
	p.click("button.send")
}

// done waits until the field is empty again: what was entered was taken.
func (p *person) done() {
	p.t.Helper()
	p.until("an empty field", `document.querySelector("#text").value === ""`)
}

// empties takes away what stands in the message field.
func (p *person) empties() {
	p.t.Helper()
	eval[bool](p, `document.querySelector("#text").select() ?? true`)
	p.press(kb.Delete)
	p.done()
}

func TestBrowsersCommandsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, bob := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Bob B", phone)
	ada.joins("lobby")
	bob.joins("lobby")
	ada.sees("parley-people .list", "Bob B")

	// What is no command stays where it was written, is never sent, and one is told how it could be.
	ada.commands("/jion dev")
	ada.sees("#text-wrong", "There is no command /jion. Did you mean /join? Write // first")
	ada.screenshot("unknown")
	ada.until("the line to stay", `document.querySelector("#text").value === "/jion dev"`)
	ada.empties()
	ada.commands("/home/ada/notes.txt")
	ada.sees("#text-wrong", "There is no command /home/ada/notes.txt. Write // first")
	ada.empties()
	ada.commands("/join")
	ada.sees("#text-wrong", "It goes like this: /join ROOM")
	ada.empties()

	ada.commands("//slashes, as they are")
	bob.sees(".row .body", "/slashes, as they are")
	ada.commands("/me waves")
	bob.sees(".row .body .me", "Ada waves")
	ada.commands("/shrug Who knows")
	bob.sees(".row .body", "Who knows ¯")
	ada.commands("/who")
	ada.sees(".note", "Here now: \u2068Ada\u2069, \u2068Bob B\u2069")
	ada.commands("/nick bob b")
	ada.sees("#text-wrong", "in use")
	ada.empties()
	ada.commands("/nick Eve")
	ada.done()
	bob.sees(".note", "is now \u2068Eve\u2069")

	ada.commands("/msg Bob B just between us")
	ada.sees("#room-title", "Bob B")
	ada.sees(".row.mine .body", "just between us")
	ada.done()
	bob.until("something unread", `document.querySelector(".to-rooms .dot").checkVisibility()`)
	bob.commands("/r only for you")
	bob.sees("#room-title", "Eve")
	ada.sees(".row .body", "only for you")
	// What is being written to somebody is not what a command says to them.
	ada.types("#text", "for later")
	ada.click(`parley-rooms a[data-room="lobby"]`)
	ada.commands("/msg Bob B and now")
	ada.sees(".row.mine .body", "and now")
	ada.until("the draft", `document.querySelector("#text").value === "for later"`)
	ada.empties()
	ada.commands("/join Garden party")
	ada.sees("#room-title", "garden-party")
	ada.commands("/topic Tomatoes and peas")
	ada.done()
	ada.commands("/invite Bob B")
	ada.sees(".note", "is asked to come here")
	ada.screenshot("topic")
	ada.commands("/leave")
	ada.sees("#room-title", "lobby")
	ada.until("no draft of it", `document.querySelector("#text").value === ""`)
	ada.commands("/leave")
	ada.sees("#text-wrong", "This room can’t be left")
	ada.empties()
	ada.commands("/rooms")
	ada.sees("#switcher li", "garden-party")
	ada.press(kb.Escape)
	ada.misses("#switcher", "")
	ada.commands("/invite")
	ada.sees("#invite .url", "http")
	ada.press(kb.Escape)
	ada.misses("#invite", "")
	ada.commands("/clear")
	ada.sees(".note", "Cleared on this screen only")
	ada.misses(".row .body", "Who knows")
	ada.misses(".empty", "No messages yet")
	ada.screenshot("cleared")
	ada.open("/rooms/lobby")
	ada.sees(".row .body", "Who knows")
	ada.commands("/help")
	ada.sees("#help dd", "Say something to one person alone")
	ada.screenshot("help")
	ada.press(kb.Escape)
	ada.misses("#help", "")
	ada.commands("/search slashes")
	ada.sees("#search .hits", "/slashes, as they are")
	ada.click("#search .shut")
	ada.until("the focus where one writes", `document.activeElement.id === "text"`)
	ada.says("found it")
	bob.commands("/away tea")
	bob.sees(".note", "You are shown as away.") // on a phone the people are out of sight
	bob.commands("/back")
	bob.sees(".note", "You are shown as here again.")
	bob.commands("/ignore Eve")
	bob.sees(".note", "You ignore \u2068Eve\u2069.")
	bob.commands("/unignore Eve")
	bob.sees(".note", "You ignore nobody.")
	bob.commands("/help")
	bob.sees("#help kbd", "/msg NAME text")
	bob.screenshot("help")
	if eval[bool](bob, `document.body.innerHTML.includes("jion")`) {
		t.Error("Bob sees what was no command")
	}
}

func TestBrowserCompletesCommandsAndTheNamesTheyTake(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, bob := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Bob B", desktop)
	bob.joins("lobby")
	ada.joins("lobby")
	ada.sees("parley-people .list", "Bob B")
	ada.types("#text", "/")
	ada.sees(".completion [role=option]", "/join ROOM")
	ada.screenshot("commands")
	ada.types("#text", "ms")
	ada.sees(".completion [aria-selected=true]", "/msg NAME text")
	ada.press(kb.Tab)
	ada.until("the command", `document.querySelector("#text").value === "/msg "`)
	ada.types("#text", "b")
	ada.sees(".completion [aria-selected=true]", "Bob B")
	ada.enter()
	ada.until("the name", `document.querySelector("#text").value === "/msg Bob B "`)
	ada.types("#text", "hello")
	ada.enter()
	ada.sees("#room-title", "Bob B")
	bob.sees("parley-rooms a.unread", "Ada")
	ada.types("#text", "/who") // there is nothing to complete: Enter is the command
	ada.enter()
	ada.sees(".note", "Here now")
}
