package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

const longWord = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenmusterbuch"

// chatStates are what people say, and the sheets of the head.
var chatStates = []state{
	{name: "empty chat", main: true, reach: func(c *scene) {
		c.ada.joins("lobby")
		c.ada.sees(".empty", "Say hello")
	}},
	{name: "chat", main: true, reach: func(c *scene) {
		for i, name := range []string{"Ben", "王小明", "Jörg-Günther", "مريم", "Zoë", "Ítalo", "Mira", strings.Repeat("W", 32)} { // many hues
			c.s.json(c.t, name, "").say("1", fmt.Sprintf("Hello, see https://example.org/%d", i))
		}
		c.ada.says("And" + strings.Repeat(" all of you too,", 10) + " of course, " + longWord)
		c.ada.sees(".row .body", "example.org/7")
		c.bob.send(`{"type":"typing","room":"lobby"}`)
		c.ada.sees(".typing .who", "Bob")
	}},
	{name: "messages of every kind", main: true, reach: func(c *scene) {
		seq := c.bob.say("1", lively).Seq
		c.bob.ackOf("2", fmt.Sprintf(`{"type":"send","id":"2","room":"lobby","text":"An answer for @Ada","reply_to":%d}`, seq))
		c.bob.ackOf("3", fmt.Sprintf(`{"type":"react","id":"3","room":"lobby","of":%d,"emoji":"👍","on":true}`, seq))
		edited, deleted := c.bob.say("4", "said wrong").Seq, c.bob.say("5", "said too much").Seq
		c.bob.ackOf("6", fmt.Sprintf(`{"type":"edit","id":"6","room":"lobby","of":%d,"text":"said right"}`, edited))
		c.bob.ackOf("7", fmt.Sprintf(`{"type":"delete","id":"7","room":"lobby","of":%d}`, deleted))
		c.bob.send(fmt.Sprintf(`{"type":"pin","room":"lobby","of":%d,"on":true}`, seq))
		c.bob.say("8", "/me waters the tomatoes")
		c.ada.sees(".row.gone", "deleted")
		c.ada.sees(".row .chip", "👍 1")
		c.ada.click(".row .chip[data-emoji]")
		c.ada.sees(".row .chip", "👍 2")
		c.ada.sees(".row .mention", "@Ada")
		c.ada.sees("parley-log .note", "pinned a message")
	}},
	{name: "news while one reads what is older", main: true, reach: func(c *scene) {
		c.ada.until("what is older", `(document.querySelector("parley-log .scroll").scrollTop = -300, `+shown(".latest", "")+`)`)
		c.bob.say("9", "Newer")
		c.ada.sees(".latest", "1 new")
	}},
	{name: "a text that is too long", reach: func(c *scene) {
		c.ada.fills(strings.Repeat("long ", 2000))
		c.ada.click("button.send")
		c.ada.sees("#text-wrong", "characters")
		c.ada.empties()
	}},
	{name: "a private conversation", main: true, reach: func(c *scene) {
		c.ada.commands("/msg Bob are you there?")
		c.ada.sees("#room-title", "Bob")
		c.ada.sees(".row .body", "are you there?")
	}},
	{name: "the rooms on a phone", windows: []window{phone}, reach: func(c *scene) {
		c.ada.click(`parley-rooms a[href="/rooms/lobby"]`)
		c.ada.sees("#room-title", "lobby")
		c.ada.resize(phone)
		c.ada.click(".to-rooms")
		c.ada.sees("dialog.drawer .list", "")
	}},
	{name: "the people on a phone", windows: []window{phone}, reach: func(c *scene) {
		c.ada.resize(phone)
		c.ada.click(".to-people")
		c.ada.sees("dialog.drawer .list", "")
	}},
	{name: "invite", reach: func(c *scene) { c.opens("invite") }},
	{name: "menu", reach: func(c *scene) { c.opens("menu") }},
	{name: "settings", reach: func(c *scene) { c.ada.settles() }},
	{name: "help", reach: func(c *scene) { c.inMenu("help"); c.ada.sees("#help dt", "[words](https://…)") }},
	{name: "leave", reach: func(c *scene) { c.inMenu("leave"); c.ada.sees("#leave h2", "Leave the chat?") }},
	{name: "search", reach: func(c *scene) {
		c.opens("search")
		c.ada.enter()
		c.ada.sees("#search .found.wrong", "Write what to look for first.")
	}},
	{name: "found", reach: func(c *scene) {
		c.opens("search")
		c.ada.looks("hello")
		c.ada.until("what was said", `document.querySelectorAll("#search .hits a").length === 8`)
	}},
	{name: "nothing found", reach: func(c *scene) {
		c.opens("search")
		c.ada.looks("nothingofthekind")
		c.ada.sees("#search .found", "Nothing found")
	}},
	{name: "mentions", reach: func(c *scene) {
		c.ada.click(".to-mentions")
		c.ada.sees("#mentions .hits a", "An answer for @Ada")
	}},
	{name: "away and ignored", main: true, reach: func(c *scene) {
		cyd := c.s.json(c.t, "Cyd", "")
		cyd.say("1", "buy my things")
		cyd.send(`{"type":"away","text":"lunch"}`)
		c.ada.sees("parley-people .away .doing", "lunch")
		c.ada.commands("/ignore Cyd")
		c.ada.sees(".row .ignored-line", "you ignore this person")
	}},
	{name: "profile", reach: func(c *scene) { c.ada.commands("/whois Cyd"); c.ada.sees("#profile h2", "Cyd") }},
	{name: "one's own profile", reach: func(c *scene) { c.ada.commands("/whois Ada"); c.ada.sees("#profile .state", "This is you") }},
}

// doingStates are what one does with messages, and what is offered while one writes.
var doingStates = []state{
	{name: "answering", reach: func(c *scene) {
		for _, name := range []string{"Marc", "Mary Ann"} {
			c.s.json(c.t, name, "")
		}
		c.bob.say("1", "Who brings the cake, **and** when? https://example.org/")
		c.ada.joins("lobby")
		c.ada.sees(rowOf(1), "cake")
		c.ada.does(1, "reply")
	}},
	{name: "answered, as it was written", reach: func(c *scene) {
		c.ada.says("Me, " + longWord)
		c.bob.ackOf("3", `{"type":"react","id":"3","room":"lobby","of":2,"emoji":"🎉","on":true}`)
		c.ada.sees(rowOf(2)+" .chip", "🎉 1")
		c.ada.does(1, "written")
		c.ada.sees(rowOf(1)+" .written", "**and**")
	}},
	{name: "menu of a message", reach: func(c *scene) {
		c.ada.menuOf(2)
		for _, w := range []window{phone, desktop} {
			c.ada.resize(w)
			c.ada.until("all of the menu in sight", `(b => b.top >= 0 && b.bottom <= innerHeight + 1 && b.left >= 0)(document.querySelector("#act-menu").getBoundingClientRect())`)
		}
	}},
	{name: "deleting", reach: func(c *scene) {
		c.ada.menuOf(2)
		c.ada.click("#act-menu [data-action=delete]")
		c.ada.sees("#confirm", "for everyone")
	}},
	{name: "picker", windows: []window{desktop}, reach: func(c *scene) {
		c.ada.click(".to-emoji")
		c.ada.untilWithin(3*patience, "the picker", `document.querySelector("emoji-picker")?.shadowRoot.querySelectorAll(".tabpanel .emoji").length > 50`)
	}},
	{name: "editing", reach: func(c *scene) { c.ada.does(2, "edit") }},
	{name: "completion of names", reach: func(c *scene) {
		c.ada.press(kb.Escape)
		c.ada.empties()
		c.ada.types("#text", "so @ma")
		c.ada.until("the first of two to be offered", chosen("Marc"))
	}},
	{name: "completion of commands", reach: func(c *scene) {
		c.ada.press(kb.Escape)
		c.ada.empties()
		c.ada.types("#text", "/")
		c.ada.sees(".completion [role=option]", "/me")
	}},
	{name: "completion of emoji", reach: func(c *scene) {
		c.ada.press(kb.Escape)
		c.ada.empties()
		c.ada.types("#text", ":tad")
		c.ada.sees(".completion [role=option]", "🎉")
	}},
	{name: "one emoji on a phone", windows: []window{phone}, reach: func(c *scene) {
		c.ada.press(kb.Escape)
		c.ada.empties()
		c.ada.resize(phone)
		c.ada.reload() // what points is looked at once
		c.ada.menuOf(2)
		c.ada.click(`#act-menu .quick button:last-child`)
		c.ada.sees("#emoji label", "your keyboard")
	}},
}

// roomStates are the sheets of rooms and rooms of every kind.
var roomStates = []state{
	{name: "room", reach: func(c *scene) {
		c.bob.say("1", "Hello")
		c.bob.send(`{"type":"pin","room":"lobby","of":1,"on":true}`)
		c.bob.send(`{"type":"create","name":"cellar","entry":"password","password":"open sesame"}`)
		c.bob.send(`{"type":"join","room":"~cellar"}`)
		c.bob.send(`{"type":"topic","room":"~cellar","text":"wine"}`)
		c.bob.send(`{"type":"join","room":"garden"}`)
		c.bob.send(`{"type":"archive","id":"a","room":"garden","on":true}`)
		c.ada.joins("lobby")
		c.ada.click(".head .about")
		c.ada.sees("#room .pins", "Hello")
	}},
	{name: "switcher", reach: func(c *scene) {
		c.ada.click(".to-switcher")
		c.ada.sees("#switcher-list", "cellar")
	}},
	{name: "password", reach: func(c *scene) {
		c.ada.click(".to-switcher")
		c.ada.sees("#switcher-list", "cellar")
		c.ada.click("#switcher-list li") // the cellar: one is in the lobby
		c.ada.sees("#password", "Password")
	}},
	{name: "new room", reach: func(c *scene) {
		c.ada.click(".make-room")
		c.ada.click(`#make .check:has([value="password"])`)
	}},
	{name: "one's own closed room", reach: func(c *scene) {
		c.ada.makes("attic", "invitation")
		c.ada.click(".head .about")
		c.ada.sees("#room", "attic")
	}},
	{name: "an archived room", main: true, reach: func(c *scene) {
		c.ada.open("/rooms/garden")
		c.ada.sees(".closed-desk", "")
	}},
	{name: "a password without a script", main: true, reach: func(c *scene) {
		c.ada.expectTrouble("/rooms/~cellar")
		c.ada.open("/rooms/~cellar")
		c.ada.sees("main", "assword")
	}},
}

// fileStates are files of each kind, before and after they are sent.
var fileStates = []state{
	{name: "attached", reach: func(c *scene) {
		t := c.t
		c.ada.joins("lobby")
		c.ada.films()
		c.ada.picks(soundFile(t, "tune.wav", 20), noise(t, strings.Repeat("Bericht-", 12)+"تقرير.bin", 123_456), pictureFile(t, "wide.png", 1200, 600, 40))
		c.ada.uploaded(4)
		c.ada.picks(writeFile(t, "empty.txt", nil))
		c.ada.sees(".tray .meta", "It is empty")
	}},
	{name: "files", main: true, reach: func(c *scene) {
		c.ada.click(`.tray [aria-label="Remove empty.txt"]`)
		c.ada.sendsFiles("Listen")
		c.ada.sees(".card .meta", "123 kB")
		c.ada.until("the film", `document.querySelector(".film video").videoWidth === 160`)
		c.ada.shots(1)
	}},
	{name: "viewer", reach: func(c *scene) {
		c.ada.click(".row .shot")
		c.ada.sees("dialog.viewer .name", "wide.png")
	}},
	{name: "files dragged over the page", reach: func(c *scene) {
		c.ada.drags(false, pictureFile(c.t, "dragged.png", 20, 20, 20))
		c.ada.sees(".drop", "Drop files here")
	}},
}

// byKey is the socket of an account.
func (s *server) byKey(t *testing.T, key string) *socket {
	t.Helper()
	c := dial(t, s.WS("?dialect=json"), http.Header{"Key": {key}})
	c.next("joined")
	return c
}
