package e2e

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// fill sends messages 1 to n to the lobby over a bare socket, in order.
func fill(t *testing.T, s *server, n int) {
	t.Helper()
	clerk := s.json(t, "Clerk", "")
	for i := 1; i <= n; i++ {
		clerk.send(fmt.Sprintf(`{"type":"send","id":"n%d","room":"lobby","text":"Note number %d"}`, i, i))
	}
	for acked := 0; acked < n; acked++ {
		clerk.next("ack")
	}
	clerk.leave()
}

// seqs are those of the messages that the page shows, from the top.
func (p *person) seqs() []int {
	p.t.Helper()
	return eval[[]int](p, `[...document.querySelectorAll('.row`+stored+`')].map(r => Number(r.dataset.seq))`)
}

// toTop scrolls to the very top and returns the first message in sight and where it stands.
const toTop = `(() => {
	const scroller = document.querySelector("parley-log .scroll");
	scroller.scrollTop = scroller.clientHeight - scroller.scrollHeight;
	const {top} = scroller.getBoundingClientRect();
	const row = [...scroller.querySelectorAll(".row")].find(r => r.getBoundingClientRect().bottom > top);
	window.goOn = true;
	return [Number(row.dataset.seq), row.getBoundingClientRect().top];
})()`

// readsBack scrolls to the top until older messages are drawn, and requires that what is read stays where it is while they come in above it.
func (p *person) readsBack() {
	p.t.Helper()
	first := p.seqs()[0]
	anchor := eval[[2]float64](p, toTop)
	p.until("older messages", fmt.Sprintf(`document.querySelector(".row").dataset.seq < %d`, first))
	p.until("everything to be drawn", "!window.asked")
	now := eval[float64](p, fmt.Sprintf(`document.querySelector('.row[data-seq="%v"]').getBoundingClientRect().top`, anchor[0]))
	if moved := now - anchor[1]; moved < -1 || moved > 1 {
		p.t.Errorf("older messages moved what %s reads, number %v, by %v px", p.name, anchor[0], moved)
	}
}

func TestBrowsersReadHistoryByScrollingUp(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	fill(t, s, 200)
	for _, w := range []window{desktop, phone} {
		reader := newPerson(t, s, "Reader "+strconv.FormatInt(w.width, 10), w)
		reader.joins("lobby")
		reader.sees(".row .body", "Note number 200")
		if got := reader.seqs(); got[0] < 100 || got[len(got)-1] != 200 {
			t.Errorf("at first the page shows %d to %d, want the latest ones", got[0], got[len(got)-1])
		}
		want := []int{}
		for i := range 200 {
			want = append(want, i+1)
		}
		for reader.seqs()[0] > 1 {
			reader.readsBack()
		}
		if got := reader.seqs(); !slices.Equal(got, want) {
			t.Errorf("after scrolling up the page shows %v", got)
		}
		eval[[2]float64](reader, toTop)
		reader.misses("parley-log .older", "")
		reader.screenshot("top")
	}
}

// heldFrames makes a device draw two pictures and then no more until toTop, and counts those that are asked for.
const heldFrames = `{
	const soon = requestAnimationFrame;
	let drawn = 0;
	window.asked = 0;
	window.requestAnimationFrame = (draw) => {
		window.asked++;
		const wait = () => {
			if (drawn >= 2 && !window.goOn) return setTimeout(wait, 20);
			drawn++;
			soon((time) => {
				window.asked--;
				draw(time);
			});
		};
		wait();
	};
}`

// The rows that the page was served with are filled in over several frames. Whoever scrolls up meanwhile isn't moved by that either.
func TestBrowsersReadHistoryWhileTheServedRowsAreFilled(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	fill(t, s, 100)
	reader := newPerson(t, s, "Reader", desktop)
	reader.starts(heldFrames)
	reader.joins("lobby")
	reader.until("some to be left", "window.asked > 0")
	reader.readsBack()
}

func TestBrowsersGoOnReadingHistoryAfterARefusal(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "1000", "--rate-limit.burst", "1000",
		"--rate-limit.commands", "3", "--rate-limit.commands-burst", "6") // a page of history costs 5
	fill(t, s, 200)
	reader := newPerson(t, s, "Reader", desktop)
	reader.joins("lobby")
	reader.sees(".row .body", "Note number 200")
	for first := reader.seqs()[0]; first > 1; first = reader.seqs()[0] {
		eval[[2]float64](reader, toTop)
		reader.until("older messages", fmt.Sprintf(`document.querySelector(".row").dataset.seq < %d`, first))
	}
	if n := s.metric(t, `parley_limit_refusals_total{limit="rate_limit.commands"}`); n == 0 {
		t.Error("nothing was refused: the test shows nothing")
	}
}

func TestBrowsersFollowAtTheEndAndCountNewsElsewhere(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	fill(t, s, 60)
	ada, pia := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Pia", phone)
	// What Pia hears of waits for a second in which more may come; here, until she is told.
	pia.starts(`const wait = setTimeout; window.breaths = []; window.setTimeout = (act, ms, ...more) => ms === 1000 ? (breaths.push(act), 0) : wait(act, ms, ...more)`)
	ada.joins("lobby")
	pia.joins("lobby")
	const hear, heard = `(breaths.splice(0).forEach(act => act()), true)`, `document.querySelector("#status").textContent`
	atEnd := `Math.abs(document.querySelector("parley-log .scroll").scrollTop) < 2`
	pia.until("the end", atEnd)
	ada.says("While Pia is at the end")
	pia.sees(".row .body", "While Pia is at the end")
	pia.until("following to the end", atEnd)
	pia.until("to hear of it, and of nothing that was there before", hear+` && `+heard+`.includes("Ada: While Pia is at the end")`)
	if said := eval[string](ada, heard); strings.Contains(said, "While Pia") {
		t.Errorf("Ada hears what she said herself: %s", said)
	}

	eval[bool](pia, `document.querySelector("parley-log .scroll").scrollTop = -700, true`)
	pia.sees(".latest", "Newest")
	pia.comesToRest()
	place := eval[float64](pia, `document.querySelector('.row[data-seq="50"]').getBoundingClientRect().top`)
	ada.says("first news")
	ada.says("second news")
	ada.says("third news")
	pia.sees(".latest", "3 new")
	if got := eval[float64](pia, `document.querySelector('.row[data-seq="50"]').getBoundingClientRect().top`); got-place > 1 || place-got > 1 {
		t.Errorf("news moved what Pia reads from %v to %v", place, got)
	}
	pia.screenshot("news")
	pia.until("to hear of all at once", hear+` && `+heard+`.includes("3 new messages")`)
	pia.click(".latest")
	pia.until("the end", atEnd)
	pia.misses(".latest", "")
	pia.sees(".row .body", "third news")
	// Who has just written is held at the end until all of it stands.
	ada.until("what is older", `(document.querySelector("parley-log .scroll").scrollTop = -700, `+shown(".latest", "Newest")+`)`)
	ada.press(kb.Escape)
	ada.until("the end by Escape", atEnd)
}
