package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// by is the server as it is seen through a proxy.
func (s *server) by(p *proxy) *server {
	return &server{t: s.t, URL: "http://" + p.Host, Host: p.Host, Data: s.Data}
}

// networkCut is what a browser says where the network ends its connections.
var networkCut = append(slices.Clone(serverAway), "ERR_INCOMPLETE", "ERR_NETWORK", "ERR_SOCKET")

// newCutPerson is somebody at a browser whose way to the server leads through a proxy.
func newCutPerson(t *testing.T, s *server, p *proxy, name string, w window) *person {
	t.Helper()
	person := newPerson(t, s.by(p), name, w)
	person.expectTrouble(networkCut...)
	return person
}

// comesBack waits for a condition, and presses "Try now" whenever it is offered: after many cuts the page's own pauses are long.
func (p *person) comesBack(what, condition string) {
	p.t.Helper()
	const try = `document.querySelector("parley-banner:not([hidden]) button:not([hidden])")?.click()`
	p.untilWithin(3*patience, what, "("+try+", "+condition+")")
}

// away is the network being gone: nothing connects until it is turned off.
func (p *proxy) away(on bool) {
	p.Refuse(on)
	if on {
		p.Cut()
	}
}

func TestBrowsersSendOnceWhereverTheyAreCut(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	p := startProxy(t, s.Host)
	ada := newCutPerson(t, s, p, "Ada", desktop)
	ada.joins("lobby")
	want := []string{"at first"}
	ada.says("at first")
	for _, at := range []struct {
		name    string
		towards direction
		part    string
	}{
		{"not yet at the server", toServer, `"type":"send"`},
		{"stored and not told", toClient, `"type":"message"`},
		{"told and not acknowledged", toClient, `"type":"ack"`},
		{"coming back is cut, too", toClient, `"type":"joined"`},
	} {
		if at.part == `"type":"joined"` {
			p.Cut()
		}
		cut := p.CutWhen(at.towards, at.part)
		ada.writes(at.name)
		ada.writes("and then: " + at.name)
		want = append(want, at.name, "and then: "+at.name)
		<-cut
		ada.comesBack("both to be sent", sentRow("and then: "+at.name)+` && !document.querySelector(".row.sending")`)
		p.OnFrame(nil)
		ada.connected()
		ada.shows(want...)
	}
	for _, bytes := range []int{100, 700, 1100, 1500} { // within the handshake, the welcome, and what was missed
		p.CutAfter(-1, bytes)
		p.Cut()
		text := fmt.Sprintf("back only after %d bytes", bytes)
		ada.writes(text)
		want = append(want, text)
		ada.comesBack("it to be sent", sentRow(text)+` && !document.querySelector(".row.sending")`)
		ada.shows(want...)
	}
	s.holds(t, "lobby", want...)
	ada.reload()
	ada.shows(want...)
}

// What is in the outbox alone is never shown as sent, however near it came to the server; what is shown as sent is stored, whatever
// happens to the server in the next moment.
func TestBrowsersShowAsSentWhatIsStoredAndNothingElse(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	p := startProxy(t, s.Host)
	ada := newCutPerson(t, s, p, "Ada", desktop)
	ada.joins("lobby")
	ada.says("at first")
	// Each change of the page is looked at: a row that is not on its way and not stored is one that says too much.
	const early = `new MutationObserver(() => {
		for (const row of document.querySelectorAll(".row.mine:not(.sending):not(.failed)"))
			if (!row.dataset.seq) window.early = row.textContent;
	}).observe(document.querySelector("parley-log"), {subtree: true, childList: true, attributes: true}), true`
	eval[bool](ada, early)

	p.Stall(true)
	ada.writes("under way")
	ada.sees(".row.mine.sending .body", "under way")
	p.away(true)
	p.Stall(false)
	ada.sees("parley-banner", "No connection")
	if eval[bool](ada, sentRow("under way")) {
		t.Error("it is shown as sent, and nobody has it")
	}
	p.Refuse(false)
	ada.comesBack("it to be sent", sentRow("under way"))

	want := []string{"at first", "under way"}
	for i := range 2 {
		text := fmt.Sprintf("sent before kill %d", i)
		ada.says(text)
		want = append(want, text)
		s.Kill()
		s.Start()
		s.holds(t, "lobby", want...)
		ada.comesBack("the connection", `document.body.dataset.connection === "open"`)
	}
	ada.shows(want...)
	if row := eval[string](ada, `window.early ?? ""`); row != "" {
		t.Errorf("%q was shown as sent before it was", row)
	}
}

func TestBrowsersOutboxSurvivesItsTab(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	p := startProxy(t, s.Host)
	ada := newCutPerson(t, s, p, "Ada", desktop)
	ada.joins("lobby")
	ada.says("at first")
	stuck := func(d direction, payload []byte) fate { // pages come, messages don't go
		if d == toServer && slices.Contains([]string{`{"type":"send"`}, string(payload[:min(len(payload), 14)])) {
			return cutBefore
		}
		return forward
	}

	p.OnFrame(stuck)
	ada.writes("one")
	ada.writes("two")
	ada.sees(".row.mine.sending .body", "two")
	ada.do(chromedp.Reload())
	ada.sees(".row.mine.sending .body", "two")
	second := ada.newTab() // while the first one waits
	second.expectTrouble(networkCut...)
	second.open("/rooms/lobby")
	second.sees(".row.mine.sending .body", "one")
	second.sees(".row.mine.sending .body", "two")
	p.OnFrame(nil)
	for _, tab := range []*person{ada, second} {
		tab.comesBack("both to be sent", sentRow("one")+" && "+sentRow("two"))
		tab.until("no row that waits", `!document.querySelector(".row.sending")`)
		tab.shows("at first", "one", "two")
	}

	p.OnFrame(stuck)
	second.writes("three")
	second.sees(".row.mine.sending .body", "three")
	if err := chromedp.Cancel(second.ctx); err != nil {
		t.Fatal(err)
	}
	p.OnFrame(nil)
	third := ada.newTab()
	third.expectTrouble(networkCut...)
	third.open("/rooms/lobby")
	third.comesBack("what the closed tab left", sentRow("three"))
	third.until("no row that waits", `!document.querySelector(".row.sending")`)
	third.shows("at first", "one", "two", "three")
	s.holds(t, "lobby", "at first", "one", "two", "three")
}

func TestBrowsersComeBackToAllThatWasMissed(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	p := startProxy(t, s.Host)
	fill(t, s, 100)
	last := 100
	ada := newCutPerson(t, s, p, "Ada", desktop)
	ada.joins("lobby")
	ada.sees(".row .body", "Note number 100")
	ada.until("the connection: what she has read is known from then on", `document.body.dataset.connection === "open"`)
	for _, missed := range []int{1, 60, 500, 5000} {
		// One who reads at the end is taken along to the end, and a line says where the new begins.
		p.away(true)
		ada.sees("parley-banner", "No connection")
		s.fill(t, missed)
		p.away(false)
		ada.comesBack("the connection", `document.body.dataset.connection === "open"`)
		ada.untilWithin(2*patience, "the last message", fmt.Sprintf(`document.querySelector('.row[data-seq="%d"]')`, last+missed))
		truncated := missed > 500
		if !truncated {
			ada.until("the line above what is new", fmt.Sprintf(`document.querySelector(".rows .new")?.nextElementSibling.dataset.seq === "%d"`, last+1))
		}
		ada.until("the end", `Math.abs(document.querySelector("parley-log .scroll").scrollTop) < 2`)
		ada.contiguous(last + missed)
		last += missed
	}
}

func TestBrowsersComeBackWithoutMovingWhatIsRead(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	p := startProxy(t, s.Host)
	fill(t, s, 100)
	ada := newCutPerson(t, s, p, "Ada", desktop)
	ada.joins("lobby")
	ada.sees(".row .body", "Note number 100")
	ada.until("the connection: what she has read is known from then on", `document.body.dataset.connection === "open"`)
	const place = `document.querySelector('.row[data-seq="80"]').getBoundingClientRect().top`
	comeBack := func(missed int) {
		p.away(true)
		ada.sees("parley-banner", "No connection")
		s.fill(t, missed)
		p.away(false)
		ada.comesBack("the connection", `document.body.dataset.connection === "open"`)
		ada.misses("parley-banner", "")
	}

	eval[bool](ada, `document.querySelector("parley-log .scroll").scrollTop = -900, true`)
	ada.sees(".latest", "Newest")
	ada.comesToRest()
	was := eval[float64](ada, place)
	comeBack(60)
	ada.sees(".latest", "60 new")
	ada.contiguous(160)
	if now := eval[float64](ada, place); now-was > 1 || was-now > 1 {
		t.Errorf("what was missed moved what Ada reads from %v to %v", was, now)
	}

	comeBack(5000) // too much: the page begins anew with the latest, and the way back is open
	ada.contiguous(5160)
	for first := ada.seqs()[0]; first > 5000; first = ada.seqs()[0] {
		eval[[2]float64](ada, toTop)
		ada.until("older messages", fmt.Sprintf(`document.querySelector(".row").dataset.seq < %d`, first))
		ada.contiguous(5160)
	}
	ada.click(".latest")
	ada.until("the end", `Math.abs(document.querySelector("parley-log .scroll").scrollTop) < 2`)
	ada.says("here again")
	ada.contiguous(5161)
}

// contiguous waits until the page shows messages up to last without a gap, and nothing twice.
func (p *person) contiguous(last int) {
	p.t.Helper()
	p.until(fmt.Sprintf("all messages up to %d, each once", last), fmt.Sprintf(`(() => {
		const seqs = [...document.querySelectorAll('.row%s')].map(r => Number(r.dataset.seq));
		return seqs.length > 0 && seqs.at(-1) === %d && seqs.every((seq, i) => i === 0 || seq === seqs[i - 1] + 1);
	})()`, stored, last))
}
