package e2e

import (
	"fmt"
	"slices"
	"testing"
)

// serverAway is what a browser says of a server that isn't there.
var serverAway = []string{"ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "WebSocket connection to"}

func TestBrowsersSurviveARestartOfTheServer(t *testing.T) {
	t.Parallel()
	for _, ending := range []struct {
		name   string
		end    func(*server)
		banner string
	}{
		{"stopped", (*server).Stop, "The server is restarting"},
		{"killed", (*server).Kill, "No connection"},
	} {
		t.Run(ending.name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", phone)
			ada.expectTrouble(serverAway...)
			pia.expectTrouble(serverAway...)
			ada.joins("lobby")
			pia.joins("lobby")
			ada.says("before")
			pia.says("before too")

			ending.end(s)
			ada.sees("parley-banner", ending.banner)
			pia.sees("parley-banner", ending.banner)
			ada.writes("meanwhile 1")
			ada.writes("meanwhile 2")
			pia.writes("meanwhile from the phone")
			ada.sees(".row.mine.sending .body", "meanwhile 2")
			pia.screenshot("down")

			s.Start()
			ada.triesNow() // and Pia lets it come back by itself, which is up to her
			for _, p := range []*person{ada, pia} {
				p.untilWithin(3*patience, "all messages", `document.querySelectorAll('.row`+stored+`').length === 5 && !document.querySelector(".row.sending")`)
				p.misses("parley-banner", "")
			}
			for _, p := range []*person{ada, pia} {
				if got := p.seqs(); !slices.Equal(got, []int{1, 2, 3, 4, 5}) {
					t.Errorf("%s has the messages %v", p.name, got)
				}
				for _, text := range []string{"before too", "meanwhile 1", "meanwhile 2", "meanwhile from the phone"} {
					if got := p.rows(text); got != 1 {
						t.Errorf("%s sees %q %d times", p.name, text, got)
					}
				}
			}
			if first, second := ada.place("meanwhile 1"), ada.place("meanwhile 2"); first > second {
				t.Error("what was written first came last")
			}
			ada.says("after")
			pia.sees(".row .body", "after")
		})
	}
}

func TestBrowsersKeepWhatIsUnsentOverAReload(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", phone)
	pia.joins("lobby")
	ada.expectTrouble(serverAway...)
	ada.joins("lobby")
	ada.says("hello")
	pia.expectTrouble(serverAway...)

	s.Kill()
	ada.sees("parley-banner", "No connection")
	ada.writes("written while the server was down")
	ada.sees(".row.mine.sending .body", "written while the server was down")
	ada.types("#text", "and a draft")
	ada.click(".head .about") // whose script isn't there yet
	ada.sees(".notice", "No connection. Try again when it is back.")
	s.Start()
	ada.reload()
	ada.until("it to be sent", sentRow("written while the server was down"))
	pia.comesBack("the message", shown(".row .body", "written while the server was down"))
	if got := eval[string](ada, `document.querySelector("#text").value`); got != "and a draft" {
		t.Errorf("the draft became %q", got)
	}
	for _, p := range []*person{ada, pia} {
		if got := p.rows("written while"); got != 1 {
			t.Errorf("%s sees the message %d times", p.name, got)
		}
	}
}

// triesNow presses "Try now", unless the connection is back or about to be.
func (p *person) triesNow() {
	p.t.Helper()
	eval[bool](p, `document.querySelector("parley-banner:not([hidden]) button:not([hidden])")?.click(), true`)
}

// place is the seq of the message with a text.
func (p *person) place(text string) int {
	p.t.Helper()
	row := fmt.Sprintf(`[...document.querySelectorAll(".row[data-seq]")].find(r => r.textContent.includes(%s))`, quote(text))
	return eval[int](p, "Number("+row+".dataset.seq)")
}
