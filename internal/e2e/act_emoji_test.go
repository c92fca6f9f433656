package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The picker comes from its makers as it is, and the page's policy allows nothing inline: a person's console errors, which a refused
// style is, fail the test.
func TestBrowsersPickAnyEmoji(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--hosts", "parley.test")
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", slowPhone)
	ada.prefers("light")
	pia.prefers("dark")
	ada.joins("lobby")
	pia.joins("lobby")
	ada.says("Soup or salad?")
	pia.sees(rowOf(1), "Soup")
	const inPicker = `document.querySelector("emoji-picker")?.shadowRoot`
	fetched := `performance.getEntriesByType("resource").filter(e => e.name.includes("/vendor/")).length`
	if n := eval[int](ada, fetched); n != 0 {
		t.Errorf("%d files of the picker were loaded before anybody asked for it", n)
	}
	ada.menuOf(1)
	ada.click(`#act-menu .quick button:last-child`)
	ada.until("emoji in the picker", inPicker+`?.querySelectorAll(".tabpanel .emoji").length > 50`)
	ada.until("its place", `getComputedStyle(`+inPicker+`.querySelector(".nav")).gridTemplateColumns.split(" ").length > 5`)
	ada.until("the focus in its search", inPicker+`.activeElement?.id === "search"`)
	ada.screenshot("picker")
	ada.prefers("dark")
	ada.screenshot("picker in the dark")
	for _, letter := range "ramen" {
		ada.press(string(letter))
	}
	ada.until("what is looked for", inPicker+`.querySelectorAll("button[role=option]").length === 1`)
	ada.press(kb.ArrowDown)
	ada.enter()
	ada.misses("#emoji", "")
	pia.sees(rowOf(1)+" .chip", "🍜 1")
	pia.menuOf(1)
	pia.click(`#act-menu .quick button:last-child`)
	pia.sees("#emoji label", "your keyboard")
	if eval[bool](pia, "Boolean("+inPicker+")") {
		t.Error("a phone has the picker, too")
	}
	pia.screenshot("keyboard")
	pia.types("#one-emoji", "x")
	pia.sees("#emoji label", "your keyboard")
	eval[bool](pia, `document.querySelector("#one-emoji").value = "", true`)
	pia.types("#one-emoji", "🥗")
	pia.misses("#emoji", "")
	ada.sees(rowOf(1)+" .chip", "🥗 1")

	// A browser without databases, as some are in private windows, falls back to the keyboard.
	ada.reload()
	eval[bool](ada, `indexedDB.open = () => { throw new DOMException("not here") }, true`)
	ada.click(".to-emoji")
	ada.sees("#emoji label", "your keyboard")
	ada.types("#one-emoji", "🥗")
	ada.misses("#emoji", "")
	ada.until("it in the field", `document.querySelector("#text").value === "🥗"`)

	// Said alone they are larger, on the page that is open and on those that the server draws.
	ada.enter()
	const isLarge = `(body => body && parseFloat(getComputedStyle(body).fontSize) > 1.5 * parseFloat(getComputedStyle(document.body).fontSize))`
	pia.until("a large emoji", isLarge+`(document.querySelector('.row[data-seq="4"] .body'))`)
	ada.says("🥗 it is")
	pia.sees(".row:last-child .body", "it is")
	if eval[bool](pia, isLarge+`(document.querySelector(".row:last-child .body"))`) {
		t.Error("words are large, too")
	}
	pia.screenshot("alone")
	ada.screenshot("alone")
	pia.open("/rooms/lobby/plain")
	pia.until("a large emoji without a script", isLarge+`(document.querySelector("#m4 .body"))`)
	pia.screenshot("alone without a script")
}

func TestBrowsersCompleteEmojiByName(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", slowPhone)
	ada.joins("lobby")
	pia.joins("lobby")
	ada.types("#text", "cake :tad")
	ada.sees(".completion", ":tada:")
	ada.screenshot("completing")
	ada.press(kb.Tab)
	ada.until("the emoji", `document.querySelector("#text").value === "cake 🎉"`)
	ada.fills("")
	ada.fills("at 10:30, see a:b and :nosuchname: but :smile: `:smile:` and :+1:")
	ada.enter()
	pia.sees(rowOf(1)+" .body", "at 10:30, see a:b and :nosuchname: but 😄 :smile: and 👍")
	ada.does(1, "edit")
	ada.fills("well :heart")
	ada.sees(".completion", ":heart:")
	ada.enter() // takes it
	ada.enter() // saves it
	pia.sees(rowOf(1)+" .body", "well ❤")
	pia.types("#text", ":pear")
	pia.click(".completion [role=option]")
	pia.until("the emoji", `document.querySelector("#text").value === "🍐"`)
}

// The names of emoji are not in the page: a text in which some stand that nobody typed there fetches them, and waits for them a moment.
func TestBrowsersSendTheEmojiOfATextThatWasNotTyped(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", desktop)
	// A moment that doesn't end while this machine is busy, nor before what is to end it sooner.
	ada.starts(`const wait = setTimeout; window.setTimeout = (act, ms, ...more) => wait(act, ms === 3000 ? 60_000 : ms, ...more)`)
	ada.joins("lobby")
	pia.joins("lobby")
	ada.fills("party :tada: now, not `:tada:`")
	ada.enter()
	pia.sees(rowOf(1)+" .body", "party 🎉 now, not :tada:")

	// A draft, when the page comes back; an edit, as it was.
	ada.fills("x :tada: y")
	ada.reload()
	ada.until("the draft", `document.querySelector("#text").value === "x :tada: y"`)
	ada.click("button.send")
	pia.sees(rowOf(2)+" .body", "x 🎉 y")

	// Where they don't come it is sent as it was written, at once when one goes on or the page goes away.
	ada.reload()
	eval[bool](ada, `window.fetch = (...asked) => new Promise(() => window.askedFor = asked), true`)
	ada.fills("going on :tada:")
	ada.enter()
	ada.until("the names to be asked for", `window.askedFor[0].includes("emoji")`)
	ada.types("#text", "and")
	ada.until("what one goes on with", `document.querySelector("#text").value === "and"`)
	pia.sees(rowOf(3)+" .body", "going on :tada:")
	ada.fills("going away :tada:")
	ada.enter()
	ada.do(chromedp.Reload())
	pia.sees(rowOf(4)+" .body", "going away :tada:")
	ada.connected()
	eval[bool](ada, `window.fetch = () => Promise.reject(new TypeError("offline")), true`)
	ada.fills("offline :tada:")
	ada.enter()
	pia.sees(rowOf(5)+" .body", "offline :tada:")

	// What others read of a room and of oneself has them, too.
	ada.reload()
	ada.fills("/topic Cake :cake:")
	ada.click("button.send")
	pia.sees(".head .topic", "Cake 🍰")
	ada.misses(".completion", "")
	ada.fills("/away out for :ramen:")
	ada.click("button.send")
	pia.sees("parley-people .away .doing", "out for 🍜")
	ada.click(".head .about")
	ada.until("the topic in its field", `document.querySelector("#topic").value === "Cake 🍰"`)
	ada.types("#topic", " and :pear:")
	ada.click(".topic-form button")
	pia.sees(".head .topic", "Cake 🍰 and 🍐")
	ada.until("the topic as it is", `document.querySelector("#topic").value === "Cake 🍰 and 🍐"`)
}
