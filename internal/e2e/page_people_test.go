package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// A list that is longer than the window is scrolled in its own place; the page stays as high as the window.
func TestPageIsNoHigherThanTheWindowHoweverManyAreThere(t *testing.T) {
	t.Parallel()
	s := startServer(t, withoutLimits...)
	fill(t, s, 60)
	s.crowd(t, "Guest", 50)
	for i := range 30 {
		s.json(t, fmt.Sprint("Host ", i), fmt.Sprint("&room=room-", i))
	}
	for name, w := range map[string]window{"Desk": desktop, "Phone": phone} {
		pia := newPerson(t, s, name, w)
		pia.joins("lobby")
		if w.phone {
			pia.click(".to-people")
		}
		pia.sees(".list .who", "Guest 49")
		pia.until("what it lists to be longer than the window", `[".rows", "parley-rooms .list", "li[data-user]"].every(of => {
			const scroller = document.querySelector(of).closest(".scroll, .column");
			return scroller.scrollHeight > scroller.clientHeight || !scroller.checkVisibility();
		})`)
		type heights struct{ Page, Window, Scrolled float64 }
		got := eval[heights](pia, `(() => {
			for (const last of document.querySelectorAll(".list > :last-child, .rows > :last-child")) last.scrollIntoView();
			const page = document.documentElement;
			return {Page: page.scrollHeight, Window: innerHeight, Scrolled: page.scrollTop + document.body.scrollTop};
		})()`)
		if got.Page != got.Window || got.Scrolled != 0 {
			t.Errorf("%s: the page is %v px high in a window of %v px, and scrolled by %v px", name, got.Page, got.Window, got.Scrolled)
		}
		pia.screenshot("people " + name)
	}
}

// Of a crowd not everybody is listed: the list says how many more there are, and has whoever speaks. The log says nothing of who came.
func TestPageSaysHowManyMoreACrowdHasThanItLists(t *testing.T) {
	t.Parallel()
	s := startServer(t, withoutLimits...)
	pia := newPerson(t, s, "Pia", desktop)
	pia.joins("lobby")
	const welcome = "Welcome, Pia. You’re in #\u00a0lobby."
	notes := func(want string) {
		t.Helper()
		said := eval[string](pia, `[...document.querySelectorAll(".note")].map(note => note.textContent).join()`)
		if said = strings.NewReplacer("\u2068", "", "\u2069", "").Replace(said); said != want {
			t.Errorf("the log says %q, want %q", said, want)
		}
	}
	guests := s.crowd(t, "Guest", 3)
	pia.sees(".note", "and 1 other joined")
	guests = append(guests, s.crowd(t, "More", 517)...)
	pia.sees("parley-people .number", "521")
	notes(welcome)
	pia.sees("parley-people .more", "and 21 more") // 500 were told one by one, and the next made it a crowd
	pia.misses(".list bdi", "More 516")
	guests[len(guests)-1].send(`{"type":"send","id":"one","room":"lobby","text":"I am here too"}`)
	pia.sees(".row .body", "I am here too")
	pia.sees(".list a[href*='@'] bdi", "More 516")
	pia.sees("parley-people .more", "and 20 more")
	pia.screenshot("crowd")
	pia.reload()
	pia.sees("parley-people .more", "and 2") // 500 of them, and perhaps herself
}
