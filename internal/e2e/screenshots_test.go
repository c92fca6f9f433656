package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestScreenshots plays a lively lobby and requires that it looks as it should. Where the environment names a folder, it leaves the
// pictures there that the README shows; `make pictures` does.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--name", "Garden house", "--rate-limit.messages", "0")
	mira := newPerson(t, s, "Mira", desktop)
	mira.prefers("light")
	ana, ben := s.json(t, "Ana", ""), s.json(t, "Ben", "")
	wang, jorg := s.json(t, "王小明", ""), s.json(t, "Jörg-Günther", "")

	mira.open("/")
	mira.types("#name", "Mira")
	mira.sees(".here", "Ana")
	mira.picture("join")

	ana.say("1", "Good morning! Who is coming to lunch today?")
	ana.say("2", "I booked the long table by the window")
	wang.say("1", "我也去，十二点半见 🍜")
	jorg.say("1", "Count me in. Do they still have the soup from last week? The menu is on https://example.org/menu")
	jorg.say("2", "/me looks hungry")
	mira.click("form button[type=submit]")
	mira.connected()
	mira.sees(".row .body", "looks hungry")
	mira.click(".make-room")
	mira.types("#make-name", "garden")
	mira.enter()
	mira.sees("#room-title", "garden")
	mira.says("Who waters the tomatoes this week?")
	mira.click(`parley-rooms a[href="/rooms/lobby"]`)
	mira.sees(".row .body", "looks hungry")
	mira.says("They do! And there is a pear tart")
	mira.says("Shall we meet at the gate?")
	ben.say("1", "Yes, 12:25 at the gate. I bring the umbrella")
	mira.sees(".row .body", "umbrella")
	jorg.send(`{"type":"join","room":"garden"}`)
	jorg.send(`{"type":"send","id":"3","room":"garden","text":"I do, from Thursday on"}`)
	ben.send(`{"type":"send","id":"2","to":"Mira","text":"Shall I get you an umbrella, too?"}`)
	mira.sees("parley-rooms .unread", "garden")
	mira.sees("parley-rooms .unread", "Ben")
	mira.click("#people-title") // nothing, but the mouse rests there
	ana.send(`{"type":"typing","room":"lobby"}`)
	mira.sees(".typing .who", "Ana")
	mira.sees(".head .count", "5 people here")
	mira.sees("parley-people .list", "Jörg-Günther")
	if got := mira.rows(""); got != 8 {
		t.Errorf("the lobby shows %d messages, want 8", got)
	}
	eval[bool](mira, "document.activeElement.blur(), true") // no blinking cursor in a picture
	mira.picture("chat-desktop-light")
	mira.prefers("dark")
	mira.picture("chat-desktop-dark")
	mira.prefers("light")
	mira.resize(window{width: 390, height: 844, phone: true})
	mira.fits("the scene", 390)
	mira.resize(window{width: 390, height: 844, phone: true})
	mira.until("the end of the log", `Math.abs(document.querySelector("parley-log .scroll").scrollTop) < 2`)
	mira.picture("chat-phone")
	mira.resize(desktop)
	mira.showsWhatMessagesHold(t, jorg)
}

// showsWhatMessagesHold fills the view with what messages can be made of, and takes its picture.
func (p *person) showsWhatMessagesHold(t *testing.T, jorg *socket) {
	t.Helper()
	jorg.say("4", "The pump starts by itself now, **every morning at six**:\n```go\nfor range mornings {\n\tpump.Run(10 * time.Minute) // roses first\n}\n```")
	jorg.say("5", "> Who has the key to the shed?\n\nIt hangs\n- behind the door\n- or at ~~Ana’s~~ *Ben’s*")
	p.sees(".row .body li", "behind the door")
	p.picks(pictureFile(t, "first tomatoes.png", 640, 360, 200), noise(t, "watering plan.pdf", 48_200))
	p.uploaded(2)
	p.sendsFiles("The first ones are ripe!")
	p.sees(".row .body", "The first ones are ripe!")
	p.until("the small picture", `document.querySelector(".shot img")?.complete`)
	p.until("the end of the log", `Math.abs(document.querySelector("parley-log .scroll").scrollTop) < 2`)
	eval[bool](p, "document.activeElement.blur(), true")
	p.picture("chat-messages")
}

// picture writes what the person sees to a file of its own, where the environment names a folder.
func (p *person) picture(name string) {
	p.t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		p.t.Error(err)
	}
}
