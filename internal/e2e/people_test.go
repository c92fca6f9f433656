package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestBrowsersShowWhoSomebodyIs(t *testing.T) {
	s := startServer(t)
	ada, bob := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Bob B", phone)
	ada.joins("lobby")
	bob.joins("lobby")
	bob.says("hello from my phone")
	ada.sees(".row .body", "hello from my phone")

	// By the name in the list, with the keyboard; the focus comes back to it.
	eval[bool](ada, `[...document.querySelectorAll("parley-people .who")].find(e => e.textContent.includes("Bob B")).focus() ?? true`)
	ada.enter()
	ada.sees("#profile h2", "Bob B")
	ada.sees("#profile .state", "Here since")
	ada.sees("#profile .common", "You are both in # lobby")
	ada.screenshot("profile")
	ada.prefers("dark")
	ada.screenshot("profile dark")
	ada.prefers("light")
	ada.press(kb.Escape)
	ada.until("the focus to come back", `document.activeElement.closest("parley-people li")?.textContent.includes("Bob B")`)

	// By the name in the log, with a finger.
	ada.says("Hi Bob")
	bob.sees(".row .body", "Hi Bob")
	bob.click(".row:not(.mine) .avatar")
	bob.sees("#profile h2", "Ada")
	bob.screenshot("profile")
	bob.click("#profile .stack button:nth-child(2)")
	bob.until("a mention", `document.querySelector("#text").value === "@Ada " && !document.querySelector("#profile").open`)
	bob.click(".row:not(.mine) .avatar")
	bob.sees("#profile h2", "Ada")
	bob.click("#profile .stack button")
	bob.sees("#room-title", "Ada")

	// Away, by the sheet of oneself, until one writes again.
	bob.click(".to-people")
	bob.until("the people", `document.querySelector("dialog.drawer[open] .who")?.checkVisibility()`)
	bob.click("dialog.drawer .who")
	bob.sees("#profile .state", "This is you")
	bob.types("#away-text", "lunch")
	bob.screenshot("me")
	bob.enter()
	bob.sees("#profile .state", "Away since")
	bob.click("#profile .acts button")
	ada.sees("parley-people .away .doing", "lunch")
	ada.screenshot("away")
	ada.commands("/msg Bob B are you there?")
	ada.sees("#room-title", "Bob B")
	ada.sees(".head .count", "Away: lunch")
	bob.says("yes, I am")
	ada.sees(".row .body", "yes, I am")
	ada.sees(".head .count", "Private conversation")
	ada.commands("/whois bob b")
	ada.sees("#profile h2", "Bob B")
	ada.press(kb.Escape)
	ada.commands("/whois Nobody")
	ada.sees("#text-wrong", "Nobody goes by that name")
}

func TestBrowserHidesWhatSomebodySaysWhomOneIgnores(t *testing.T) {
	s := startServer(t)
	ada, bob := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Bob", desktop)
	ada.joins("lobby")
	bob.joins("lobby")
	bob.says("buy my things")
	ada.sees(".row .body", "buy my things")
	other := ada.newTab()
	other.open("/rooms/lobby")
	other.sees(".row .body", "buy my things")

	ada.commands("/ignore Bob")
	for _, tab := range []*person{ada, other} { // on all of one's devices
		tab.misses(".row .body", "buy my things")
		tab.sees(".row .ignored-line", "you ignore this person")
	}
	bob.says("buy more")
	ada.until("both lines", `document.querySelectorAll(".row.ignored").length === 2`)
	ada.says("I hear nothing")
	bob.sees(".row .body", "I hear nothing") // who is ignored is told nothing of it
	ada.screenshot("ignored")
	ada.open("/rooms/lobby") // and it is remembered
	ada.sees(".row .ignored-line", "you ignore this person")
	ada.misses(".row .body", "buy more")
	ada.click(".ignored-line button")
	ada.sees(".row .body", "buy my things")
	ada.misses(".row .body", "buy more")
	ada.commands("/ignore")
	ada.sees(".note", "You ignore \u2068Bob\u2069.")
	ada.click(".row.ignored .author bdi")
	ada.sees("#profile h2", "Bob")
	ada.click("#profile .stack button:nth-child(3)")
	ada.sees("#profile .stack button", "Ignore")
	ada.press(kb.Escape)
	ada.sees(".row .body", "buy more")
	other.sees(".row .body", "buy more")
}

func TestTerminalKnowsWhoIsAwayAndWhoIsIgnored(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	bob := dial(t, s.WS("?dialect=json&name=Bob+B"), nil)
	bob.next("joined")
	ada := openTerminal(t, 100, s, "--name", "Ada")
	ada.until("Ada>")
	ada.enters("/jion dev")
	ada.until("there is no command /jion; did you mean /join?")
	ada.enters("/whois bob b")
	ada.until("Bob B is here since ")
	ada.until("you are both in #lobby")
	bob.send(`{"type":"away","text":"lunch \u001b[2J"}`)
	ada.until("Bob B is away: lunch")
	ada.enters("/away tea")
	ada.until("Ada is away since")
	if p := bob.next("presence"); p.Event != "join" {
		t.Errorf("Bob hears of %+v", p)
	}
	bob.next("presence") // of himself
	if p := bob.next("presence"); p.Event != "away" || p.Name != "Ada" || p.Text != "tea" {
		t.Errorf("Bob hears of %+v", p)
	}
	bob.send(`{"type":"send","id":"1","text":"back from lunch"}`)
	ada.until("Bob B is back")
	ada.until("Bob B: back from lunch")
	ada.enters("/ignore Bob B")
	ada.until("you ignore Bob B; /unignore NAME ends it")
	bob.send(`{"type":"send","id":"2","text":"not to be seen"}`)
	ada.enters("hello")
	ada.until("Ada: hello")
	for m := bob.next("message"); m.Text != "hello"; m = bob.next("message") {
	}
	ada.times(0, "not to be seen")
	ada.enters("/unignore Bob B")
	ada.until("you ignore nobody")
	ada.enters("/msg Bob B hi")
	ada.until("[you → Bob B] hi")
	ada.enters("/r again")
	ada.until("[you → Bob B] again")
	ada.enters("/rooms")
	ada.until("#lobby            2 people")
	ada.enters("/topic Tomatoes")
	ada.until("Ada set the topic: Tomatoes")
	ada.enters("/invite")
	ada.until("others come here with a browser: http://")
	ada.enters("/shrug")
	ada.until(`Ada: ¯\_(ツ)_/¯`)
	ada.enters("/clear")
	ada.check("an empty screen", func() bool { return ada.screen() == "Ada>" })
}
