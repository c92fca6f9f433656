package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// field is the condition that what one writes is just this.
func field(text string) string { return `document.querySelector("#text").value === ` + quote(text) }

// chosen is the condition that the list offers this and would take it.
func chosen(label string) string {
	return `(() => {
		const at = document.querySelector("#text").getAttribute("aria-activedescendant");
		const option = at && document.getElementById(at);
		return option?.ariaSelected === "true" && option.querySelector("bdi").textContent === ` + quote(label) + `;
	})()`
}

const listed = `document.querySelector(".completion")`

// Names are completed after an @, by keys and by pressing, and while the list is closed Enter sends and Escape does what it did.
func TestBrowserCompletesNamesOfAnyScript(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for _, name := range []string{"王小明", "Mary Ann", "Marc", "Zoë"} {
		s.json(t, name, "")
	}
	ada := newPerson(t, s, "Ada", desktop)
	ada.joins("lobby")
	ada.sees("li[data-user]", "王小明")

	ada.types("#text", "so @ma")
	ada.until("the first of two to be offered", chosen("Marc"))
	if n := eval[int](ada, `document.querySelectorAll(".completion [role=option]").length`); n != 2 {
		t.Errorf("%d are offered for ma, want Marc and Mary Ann", n)
	}
	ada.press(kb.ArrowDown)
	ada.until("the second", chosen("Mary Ann"))
	ada.press(kb.ArrowDown)
	ada.until("the first again", chosen("Marc"))
	ada.press(kb.ArrowUp)
	ada.enter()
	ada.until("the name in the text", field("so @Mary Ann "))
	ada.until("the list to be closed", "!"+listed)
	ada.types("#text", "and @zoe")
	ada.until("Zoë", chosen("Zoë"))
	ada.press(kb.Tab)
	ada.until("the other name", field("so @Mary Ann and @Zoë "))
	ada.enter()
	ada.until("the message to be sent", sentRow("so @Mary Ann and @Zoë"))
	ada.until("the field to be empty", field(""))

	ada.types("#text", "@小")
	ada.until("a name by its middle", chosen("王小明"))
	ada.press(kb.Escape)
	ada.until("the list to be closed", "!"+listed)
	ada.types("#text", "明")
	ada.enter()
	ada.until("it to be sent as it was written", sentRow("@小明"))

	ada.types("#text", "@")
	ada.click(".completion [role=option]:nth-child(2)")
	ada.until("what was pressed in the text", field("@Mary Ann "))
	if !eval[bool](ada, `document.activeElement.id === "text"`) {
		t.Error("the field has lost the focus to the list")
	}
	ada.do(chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	ada.until("undo to take it back", field("@"))
}

// An input method's Enter and arrows are its own, also while the list is open.
func TestBrowserLeavesKeysToTheInputMethodWhileNamesAreOffered(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	s.json(t, "王小明", "")
	s.json(t, "王五", "")
	ada := newPerson(t, s, "Ada", desktop)
	ada.joins("lobby")
	ada.sees("li[data-user]", "王小明")
	ada.types("#text", "@")
	composing := input.ImeSetCompositionParams{Text: "王", SelectionStart: 1, SelectionEnd: 1}
	if _, err := chromedp.Call(ada.ctx, input.ImeSetComposition, composing); err != nil {
		t.Fatal(err)
	}
	ada.until("names by what is being composed", chosen("王五"))
	first := eval[string](ada, `(() => {
		const field = document.querySelector("#text");
		for (const key of ["Enter", "ArrowDown", "Tab"]) {
			const event = new KeyboardEvent("keydown", {key, isComposing: true, bubbles: true, cancelable: true});
			if (!field.dispatchEvent(event)) return key + " was taken";
		}
		return field.value;
	})()`)
	if first != "@王" {
		t.Errorf("while composing: %q", first)
	}
	if _, err := chromedp.Call(ada.ctx, input.InsertText, input.InsertTextParams{Text: "王小"}); err != nil {
		t.Fatal(err)
	}
	ada.until("the one that fits", chosen("王小明"))
	ada.enter()
	ada.until("the name", field("@王小明 "))
}

// On a phone one presses what is offered; the keyboard stays.
func TestPhoneCompletesNamesByPressing(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	s.json(t, "Jörg-Günther", "")
	pia := newPerson(t, s, "Pia", phone)
	pia.joins("lobby")
	pia.until("somebody else", `document.querySelector(".count").textContent.startsWith("2")`)
	pia.types("#text", "Hallo @jorg")
	pia.sees(".completion [role=option]", "Jörg-Günther")
	pia.screenshot("offered")
	pia.click(".completion [role=option]")
	pia.until("the name", field("Hallo @Jörg-Günther "))
	pia.writes("!")
	pia.until("the message to be sent", sentRow("Hallo @Jörg-Günther !"))
}
