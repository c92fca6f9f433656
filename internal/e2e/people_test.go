package e2e

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestBrowsersShowWhoSomebodyIs(t *testing.T) {
	t.Parallel()
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

	// One's own name, by the menu; what can't be is said there.
	ada.click("button[data-open=menu]")
	ada.click("#menu [data-act=me]")
	ada.sees("#profile .state", "This is you")
	eval[bool](ada, `document.querySelector("#own-name").select(), true`)
	ada.types("#own-name", "Bob B")
	ada.enter()
	ada.sees("#profile .wrong", "in use")
	eval[bool](ada, `document.querySelector("#own-name").select(), true`)
	ada.types("#own-name", "Ada L")
	ada.enter()
	ada.sees("#profile h2", "Ada L")
	ada.press(kb.Escape)
	ada.sees("parley-people .list", "Ada L (you)")
	bob.sees("#room-title", "Ada L") // above their private room
	ada.click("button[data-open=menu]")
	ada.sees("#menu-title", "Ada L")
	ada.press(kb.Escape)

	ada.commands("/whois Nobody")
	ada.sees("#text-wrong", "Nobody goes by that name")
}

func TestBrowserHidesWhatSomebodySaysWhomOneIgnores(t *testing.T) {
	t.Parallel()
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
	ada.sees(".note", "You ignore \u2068Bob\u2069.")
	bob.says("buy more")
	ada.until("both lines", `document.querySelectorAll(".row.ignored").length === 2`)
	ada.says("I hear nothing")
	bob.sees(".row .body", "I hear nothing") // who is ignored is told nothing of it

	// It counts nowhere, calls nobody, is not found and not quoted; what others say does and is.
	cyd := s.json(t, "Cyd", "")
	for _, tab := range []*person{ada, other} {
		tab.commands("/join quiet")
		tab.sees("#room-title", "quiet")
	}
	bob.says("@Ada buy the rest")
	cyd.send(`{"type":"send","id":"q","room":"lobby","text":"Who would buy that?","reply_to":1}`)
	other.sees(`parley-rooms a[href="/rooms/lobby"] .badge`, "1")
	other.until("one new message in the title", `document.title.startsWith("(1)")`)
	other.commands("/search buy")
	other.click("#search .choice label:last-child")
	other.sees("#search .snippet", "Who would buy that?")
	other.sees("#search .found", "1 message")
	other.press(kb.Escape)
	for _, tab := range []*person{ada, other} {
		tab.commands("/join lobby")
		tab.sees(".quote", "Message of an ignored person")
		tab.misses(".quote", "buy my things")
	}
	ada.screenshot("ignored")
	cyd.send(`{"type":"pin","room":"lobby","of":1,"on":true}`)
	ada.sees(".note", "pinned a message")
	ada.sees(".head .count", "· 1 pinned")
	ada.click(".head .about")
	ada.sees("#room .pins .ignored-line", "you ignore this person")
	ada.screenshot("ignored pin")
	ada.misses("#room .pins a", "buy my things")
	ada.click("#room .pins .ignored-line button")
	ada.sees("#room .pins a", "buy my things")
	ada.press(kb.Escape)
	ada.open("/rooms/lobby") // and it is remembered
	ada.sees(".row .ignored-line", "you ignore this person")
	ada.misses(".row .body", "buy more")
	ada.click(".ignored-line button")
	ada.sees(".row .body", "buy my things")
	cyd.send(`{"type":"react","id":"r","room":"lobby","of":1,"emoji":"🎉","on":true}`)
	ada.sees(".row .chip", "🎉 1")
	ada.sees(".row .body", "buy my things")
	ada.misses(".row .body", "buy more")
	ada.commands("/ignore")
	ada.sees(".note", "You ignore \u2068Bob\u2069.")
	ada.click(".row.lead:has(.ignored-line) .author bdi")
	ada.sees("#profile h2", "Bob")
	ada.click("#profile .stack button:nth-child(3)")
	ada.sees("#profile .stack button", "Ignore")
	ada.press(kb.Escape)
	ada.sees(".row .body", "buy more")
	other.sees(".row .body", "buy more")
	other.sees(".quote", "buy my things")
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
	bob.ackOf("3", `{"type":"edit","id":"3","room":"lobby","of":1,"text":"not to be seen either"}`)
	bob.send(`{"type":"invite","id":"4","name":"Ada"}`)
	ada.enters("hello")
	ada.until("Ada: hello")
	for m := bob.next("message"); m.Text != "hello"; m = bob.next("message") {
	}
	ada.times(0, "not to be seen")
	ada.times(0, "asks you into a room")
	cyd := s.json(t, "Cyd", "")
	cyd.send(`{"type":"send","id":"a","room":"lobby","text":"to him","reply_to":1}`)
	cyd.ackOf("b", `{"type":"send","id":"b","room":"lobby","text":"see **that**"}`)
	cyd.send(`{"type":"send","id":"c","room":"lobby","text":"to me","reply_to":6}`)
	ada.until("Cyd: > Bob B: (you ignore them)")
	ada.until("Cyd: > Cyd: see that")
	ada.enters("/unignore Bob B")
	ada.until("you ignore nobody")
	ada.enters("/msg Bob B hi")
	ada.until("[you → Bob B] hi")
	ada.enters("/r again")
	ada.until("[you → Bob B] again")
	ada.enters("/rooms")
	ada.until("#lobby            3 people")
	ada.enters("/topic Tomatoes")
	ada.until("Ada set the topic: Tomatoes")
	ada.enters("/invite Bob B")
	ada.until("Bob B is asked into #lobby")
	ada.enters("/invite")
	ada.until("others come here with a browser: http://")
	ada.enters("/shrug")
	ada.until(`Ada: ¯\_(ツ)_/¯`)
	ada.enters("/clear")
	ada.check("an empty screen", func() bool { return ada.screen() == "Ada>" })
}

// moderator makes an account that keeps order, and returns its key.
func (s *server) moderator(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command(binary, "account", "add", name, "--moderator", "--data", s.Data).Output()
	if err != nil {
		t.Fatalf("account add --moderator: %v", err)
	}
	return strings.TrimSpace(string(out))
}

func TestBrowsersModeratorRemovesAndKeepsOut(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	key := s.moderator(t, "Mod")
	mod, bob := newPerson(t, s, "Mod", desktop), newPerson(t, s, "Bob", phone)
	mod.open("/") // which is open to all; the moderator has a key all the same
	mod.types("#name", "Mod")
	mod.click(".has-key summary")
	mod.screenshot("key")
	mod.types("#key", key)
	mod.click("main.door form > button[type=submit]")
	mod.connected()
	bob.joins("lobby")
	bob.says("buy my things")
	bob.commands("/kick Mod")
	bob.sees("#text-wrong", "Only moderators can do this.")
	bob.empties()

	mod.sees(".row .body", "buy my things")
	mod.does(1, "delete")
	mod.click("#confirm .grave")
	bob.sees(".row.gone .body", "deleted")

	mod.commands("/kick Bob no ads")
	mod.sees(".note", "Bob\u2069 is removed from the chat.")
	bob.sees("#stopped h2", "You were removed")
	bob.sees("#stopped .text", "no ads")
	bob.screenshot("removed")
	bob.click("#stopped button")
	bob.click("a.continue") // who is removed may come back
	bob.connected()

	mod.click("parley-people li:nth-child(2) .who")
	mod.sees("#profile h2", "Bob")
	mod.screenshot("moderate")
	mod.click("#profile .stack button:last-child")
	mod.click("#profile .stack button:last-child") // and it is meant
	mod.sees("#profile .state", "Kept out of the chat")
	bob.sees("#stopped h2", "You were removed")
	bob.expectTrouble("/join 403", "status of 403")
	bob.click("#stopped button")
	bob.click("main.door button.primary[type=submit]")
	bob.sees(".wrong", "A moderator keeps this name out of the chat.")
	bob.screenshot("barred")
	mod.click("#profile .stack button:last-child")
	mod.sees("#profile .state", "Not here now")
	bob.click("main.door button.primary[type=submit]")
	bob.connected()
	mod.click("#profile [data-act=close]")
	mod.commands("/ban Bob 2h")
	mod.sees(".note", "Bob\u2069 is kept out of the chat until ")
	bob.sees("#stopped h2", "You were removed")
	mod.commands("/ban Bob")
	mod.sees(".note", "Bob\u2069 is kept out of the chat.")
	mod.commands("/unban Bob")
	mod.sees(".note", "Bob\u2069 is let in again.")
}

func TestTerminalOfAModeratorKeepsSomebodyOut(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	key := s.moderator(t, "Mod")
	bob := dial(t, s.WS("?dialect=json&name=Bob"), nil)
	bob.next("joined")
	mod := openTerminal(t, 100, s, "--key", key)
	mod.until("you are in #lobby as Mod")
	mod.enters("/help")
	mod.until("/ban NAME [time]")
	mod.enters("/ban Bob soon")
	mod.until("say whom: /ban NAME [time], such as 10m, 2h or 7d")
	mod.enters("/ban Bob 2h")
	mod.until("Bob is kept out until ")
	if code := bob.closeCode(); code != 4001 {
		t.Errorf("Bob's connection is closed with %d", code)
	}
	if status, code, _ := refused(t, s.WS("?dialect=json&name=bob"), nil); status != http.StatusForbidden || code != "barred" {
		t.Errorf("Bob is answered with %d, %s", status, code)
	}
	mod.enters("/unban Bob")
	mod.until("Bob isn't here now")
	dial(t, s.WS("?dialect=json&name=Bob"), nil).next("joined")
}
