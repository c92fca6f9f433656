package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// looks looks for something in the sheet of the search that is open.
func (p *person) looks(query string) {
	p.t.Helper()
	p.sees("#search", "")
	eval[bool](p, `(document.querySelector("#search input[type=search]").value = "", true)`)
	p.types("#search input[type=search]", query)
	p.enter()
}

// marks is the condition that these and no other words are marked as what was looked for.
func marks(words string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("#search .hits mark")].map(m => m.textContent).join(" ") === %s`, quote(words))
}

// Words of any script are found with their accents or without, in one room or in all that one may read, page by page, and lead to where
// they were said.
func TestBrowserSearchesAndGoesToWhatItFinds(t *testing.T) {
	t.Parallel()
	s := startServer(t, withoutLimits...)
	bob, eve := s.json(t, "Bob", ""), s.json(t, "Eve", "&room=garden")
	bob.say("first", "Das Café von 王小明 ist offen")
	for i := range 70 {
		bob.say(fmt.Sprint("b", i), fmt.Sprint("number ", i))
	}
	eve.send(`{"type":"send","id":"e1","room":"garden","text":"<b>cafe</b> in the garden"}`)
	eve.next("ack")
	eve.send(`{"type":"send","id":"e2","to":"Bob","text":"our café, just us two"}`)
	eve.next("ack")
	eve.send(`{"type":"nick","id":"e3","name":"Evelyn"}`)
	eve.next("welcome")

	ada := newPerson(t, s, "Ada", desktop)
	ada.joins("lobby")
	ada.click(`button[data-find="search"]`)
	ada.sees("#search", "Search")
	ada.enter()
	ada.sees("#search .found.wrong", "Write what to look for first.")
	ada.looks("cafe")
	ada.until("what was said here", marks("Café"))
	ada.click(`#search .choice label:last-of-type`)
	ada.until("what was said anywhere that she may read", marks("cafe Café"))
	ada.sees("#search .found", "2 messages")
	ada.sees("#search .hits", "<b>cafe</b>") // as a text
	ada.misses("#search .hits", "just us two")
	ada.looks("王小明")
	ada.until("a name", marks("王小明"))
	ada.looks(`from:eve`)
	ada.until("what Evelyn said while she was Eve", `document.querySelectorAll("#search .hits a").length === 1`)
	ada.looks("from:nobody")
	ada.sees("#search .found.wrong", "Nobody goes by the name")
	ada.looks("nothingofthekind")
	ada.sees("#search .found", "Nothing found")
	ada.screenshot("nothing")

	ada.looks("number")
	ada.until("a page", `document.querySelectorAll("#search .hits a").length === 20`)
	ada.sees("#search .found", "20 messages so far")
	ada.click("#search > button:not(.icon)")
	ada.until("another page, with the focus on its first", `document.querySelectorAll("#search .hits a").length === 40 &&
		document.activeElement === document.querySelectorAll("#search .hits a")[20]`)
	ada.press(kb.ArrowDown)
	ada.until("the next by the arrow", `document.activeElement === document.querySelectorAll("#search .hits a")[21]`)
	ada.screenshot("pages")

	ada.press(kb.Escape)
	ada.misses("#search", "")
	ada.writes("/search offen")
	ada.sees("#search", "")
	ada.until("the first of all", marks("offen"))
	ada.press(kb.ArrowDown)
	ada.enter()
	ada.misses("#search", "")
	ada.until("where it was said, far above", `document.activeElement?.closest('.row[data-seq="1"]')`)
	ada.screenshot("there")
	ada.waitsForWhatIsFarBack(s, eve)
}

// waitsForWhatIsFarBack looks for two words in a row that thousands of later messages have in another order: the server looks for so
// long at a time, and the page asks on by itself, saying so.
func (p *person) waitsForWhatIsFarBack(s *server, other *socket) {
	p.t.Helper()
	for n := range 21 { // of 2,000 it looks at, at most
		for i := range 100 {
			text := "fox red"
			if n+i == 0 {
				text = "red fox"
			}
			other.send(fmt.Sprintf(`{"type":"send","id":"far-%d-%d","room":"garden","text":%q}`, n, i, text))
		}
		for range 100 {
			other.next("ack")
		}
	}
	becomes(p.t, "everything is in the index", func() bool { return s.metric(p.t, "parley_search_behind_events") == 0 })
	p.click(`button[data-find="search"]`)
	p.sees("#search", "")
	p.click(`#search .choice label:last-of-type`)
	eval[bool](p, `(window.said = [], new MutationObserver(() =>
		said.push([document.querySelector("#search .found").textContent, !document.querySelector("#search progress").hidden])).observe(
		document.querySelector("#search .found"), { childList: true, characterData: true, subtree: true }), true)`)
	p.looks(`"red fox"`)
	p.until("the one of before", marks("red fox")+` && document.querySelector("#search progress").hidden`)
	p.sees("#search .found", "1 message")
	p.until("to be told meanwhile", `said.some(([text, busy]) => busy && text === "Nothing yet. Looking further back…")`)
}

// Who has no connection is told so, and finds again once there is one; on a phone the sheet leaves the keyboard room.
func TestPhoneSearchSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	bob := newPerson(t, s, "Bob", desktop)
	bob.joins("lobby")
	bob.picks(writeFile(t, "plan.txt", []byte("coffee at five")))
	bob.writes("a coffee, please")
	bob.until("the message to be sent", sentRow("a coffee, please"))
	pia := newPerson(t, s, "Pia", phone)
	pia.joins("lobby")
	pia.click(`button[data-find="search"]`)
	pia.looks("after:yesterday")
	pia.sees("#search .found.wrong", "needs a day behind it")
	pia.looks("has:file coffee")
	pia.until("the message", marks("coffee"))
	pia.sees("#search .hits a", "plan.txt")
	pia.screenshot("found")
	pia.click("#search .hits a")
	pia.until("where it was said", `document.activeElement?.closest('.row[data-seq="1"]')`)
	if wide := eval[bool](pia, `document.documentElement.scrollWidth > innerWidth`); wide {
		t.Error("the page is wider than the phone")
	}
}
