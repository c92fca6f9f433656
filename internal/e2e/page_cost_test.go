package e2e

import (
	"flag"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// How much the pages go through. make bench-page says much more than these, and has the figures printed.
var (
	pageFast     = flag.Bool("page.fast", false, "build the server without the race detector")
	pagePrint    = flag.Bool("page.print", false, "print what was measured")
	pageTime     = flag.Duration("page.time", time.Second, "how long 50 messages arrive per second")
	pageMessages = flag.Int("page.messages", 1500, "how many messages the long room has")
	pageMembers  = flag.Int("page.members", 100, "how many people come into a room")
)

// besideOthers lets a test that measures run in parallel, unless what it measures is wanted.
func besideOthers(t *testing.T) {
	t.Helper()
	if !*pagePrint {
		t.Parallel()
	}
}

// withoutLimits lets one machine do what many would.
var withoutLimits = []string{"--rate-limit.messages", "0", "--rate-limit.commands", "0", "--rate-limit.frames", "0", "--log.level", "warn"}

const (
	pageTalkers   = 20
	pagePerSecond = 50
	pageBurst     = 500
	// elementsMost is how many elements the chat page may ever have: the frame and words around the log, and 11 for each of the 500 rows
	// that it shows at most.
	elementsMost = 300 + 500*11
	// heapMost is how much JavaScript may hold of a room, however long it is and however far one reads. MB.
	heapMost = 12
	// What a burst may take of the page's thread on a machine that has nothing else to do: make bench-page is held to it.
	burstThread = 0.3 // s
	burstTask   = 100 // ms
)

var slowPhone = window{width: 390, height: 844, phone: true}

// TestPageCost measures what the chat page costs the browser while much happens, and requires of it what can be counted.
func TestPageCost(t *testing.T) {
	besideOthers(t)
	path := programFor(t, *pageFast)
	table := &pageTable{}
	type device struct {
		name string
		window
		slow float64
	}
	devices := []device{{"desktop", desktop, 1}}
	if *pagePrint {
		devices = append(devices, device{"phone, 4 times slower", slowPhone, 4})
	}
	for _, of := range devices {
		s := startProgram(t, path, withoutLimits...)
		fill(t, s, 60)
		pia := newWatched(t, s, "Pia", of.window, of.slow)
		pia.said = 60
		pia.joins("lobby")
		talkers := s.crowd(t, "Talker", pageTalkers)
		pia.sees(".head .count", fmt.Sprint(pageTalkers+1, " people here"))
		pia.measureTalk(table, of.name, talkers)
		pia.measureBurst(table, of.name, talkers)
		pia.measureArrivals(table, of.name)
	}
	if *pagePrint {
		table.print()
	}
}

// measureTalk lets people talk, each in turn, while she writes.
func (p *watched) measureTalk(to *pageTable, name string, talkers []*socket) {
	p.t.Helper()
	run := name + ": 50/s"
	const word = "lorem ipsum "
	talked, more := int(pageTime.Seconds()*pagePerSecond), 3*pagePerSecond
	pressed := 0
	p.click("#text")
	found := p.measure(to, run, func() {
		var talk sync.WaitGroup
		talk.Go(func() { speak(talkers, "talk", talked, time.Second/pagePerSecond) })
		for end := time.Now().Add(*pageTime); time.Now().Before(end); pressed++ {
			p.strike(word[pressed%len(word)])
			time.Sleep(200 * time.Millisecond) // as fast as somebody types who thinks
		}
		talk.Wait()
		p.until("all of the talk", newest(p.said+talked))
	})
	keys := found.Keys
	for len(keys) < pressed { // what was there within 16 ms is not noted
		keys = append(keys, 16)
	}
	to.note(run, "key to picture ms, median", "%.0f", percentile(keys, 0.5))
	to.note(run, "key to picture ms, p98", "%.0f", percentile(keys, 0.98))
	var talk sync.WaitGroup
	talk.Go(func() { speak(talkers, "more", more, time.Second/pagePerSecond) })
	to.note(run, "late frames of 120", "%.0f", float64(p.lateFrames(120)))
	talk.Wait()
	p.said += talked + more
	p.until("more of it", newest(p.said))
	p.checkElements()
}

// shiftMost is how much may move by itself: a share of the window, times how far of it.
const shiftMost = 0.02

// inSight is the first message that is in sight as a whole, and where it stands.
const inSight = `(() => {
	const {top} = document.querySelector("parley-log .scroll").getBoundingClientRect();
	const row = [...document.querySelectorAll(".row")].find(r => r.getBoundingClientRect().top >= top);
	return [Number(row.dataset.seq), row.getBoundingClientRect().top];
})()`

// measureBurst lets everybody talk at once: while she looks at the end, where rows give way to new ones, and while she reads above,
// where nothing may move.
func (p *watched) measureBurst(to *pageTable, name string, talkers []*socket) {
	p.t.Helper()
	run := name + ": 500 at once"
	found := p.measure(to, run, func() {
		speak(talkers, "burst", pageBurst, 0)
		p.until("all of the burst", newest(p.said+pageBurst))
	})
	p.said += pageBurst
	if found.Frame > shiftMost {
		p.t.Errorf("%s: things beside the log moved by %.3f", run, found.Frame)
	}
	if *pagePrint && p.slow == 1 && (found.thread > burstThread || found.longest() > burstTask) {
		p.t.Errorf("%s: the page's thread took %.2f s, in tasks of up to %.0f ms; want %.2f s and %d ms at most", run,
			found.thread, found.longest(), burstThread, burstTask)
	}
	p.checkElements()
	p.screenshot("burst-" + name)

	p.wheel(900)
	p.sees(".latest", "")
	p.comesToRest()
	was := eval[[2]float64](p.person, inSight)
	if found := p.measure(to, run+", read above", func() {
		speak(talkers, "above", pageBurst, 0)
		p.sees(".latest", fmt.Sprint(pageBurst, " new"))
	}); found.Shift > shiftMost {
		p.t.Errorf("%s: what she reads above moved by %.3f", run, found.Shift)
	}
	if now := eval[[2]float64](p.person, inSight); now[0] != was[0] || now[1]-was[1] > 1 || was[1]-now[1] > 1 {
		p.t.Errorf("%s: she read number %v at %v px, and now %v at %v px", run, was[0], was[1], now[0], now[1])
	}
	p.checkElements()
	p.screenshot("above-" + name)
	p.click(".latest")
	p.said += pageBurst
	p.until("the newest message in sight at the end", newest(p.said)+` && document.querySelector(".latest").hidden`)
}

// newest is the condition that a message is the last that is shown. It need not be the last that was written where twenty write at once.
func newest(seq int) string {
	return fmt.Sprintf(`[...document.querySelectorAll('.row%s')].at(-1)?.dataset.seq === "%d"`, stored, seq)
}

// measureArrivals lets people come in who say nothing.
func (p *watched) measureArrivals(to *pageTable, name string) {
	p.t.Helper()
	run := fmt.Sprintf("%s: %d come in", name, *pageMembers)
	p.measure(to, run, func() {
		p.s.crowd(p.t, "Guest", *pageMembers)
		p.untilWithin(6*patience, "everybody in the list", fmt.Sprintf(`document.querySelector("parley-people .number, dialog .number").textContent === "%d"`, *pageMembers+pageTalkers+1))
	})
	p.screenshot("people-" + name)
}

// TestPageReadsALongRoomFromItsEndToItsBeginning scrolls through all of a room.
func TestPageReadsALongRoomFromItsEndToItsBeginning(t *testing.T) {
	besideOthers(t)
	s := startProgram(t, programFor(t, *pageFast), withoutLimits...)
	s.fill(t, *pageMessages)
	table := &pageTable{}
	ada := newWatched(t, s, "Ada", desktop, 1)
	name := fmt.Sprintf("%d messages: ", *pageMessages)
	ada.open("/")
	ada.types("#name", "Ada")
	ada.measure(table, name+"opening", func() {
		ada.click("main.door button.primary[type=submit]")
		ada.connected()
		ada.sees(".row .body", fmt.Sprint("missed ", *pageMessages-1))
	})
	part := 0
	for first := ada.first(); first > 1; part++ {
		next := max(1, first-max(1000, *pageMessages/4))
		found := ada.measure(table, fmt.Sprintf("%sback to %d", name, next), func() {
			ada.wheelUpTo(next)
			first = ada.first()
		})
		ada.checkElements()
		if found.heap > heapMost {
			t.Errorf("read back to %d, the page's script holds %.1f MB, want %d at most", next, found.heap, heapMost)
		}
	}
	ada.measure(table, name+"the end again", func() {
		ada.click(".latest")
		ada.sees(".row .body", fmt.Sprint("missed ", *pageMessages-1))
		ada.until("the end", `Math.abs(document.querySelector("parley-log .scroll").scrollTop) < 2`)
	})
	ada.contiguous(*pageMessages)
	if *pagePrint {
		table.print()
	}
}

// first is the seq of the first message that the page shows.
func (p *person) first() int {
	p.t.Helper()
	return eval[int](p, `Number(document.querySelector('.row`+stored+`').dataset.seq)`)
}

// wheelUpTo turns the mouse's wheel until the page shows a message.
func (p *person) wheelUpTo(seq int) {
	p.t.Helper()
	shown, since := p.first(), time.Now()
	for shown > seq {
		p.wheel(4000)
		if first := p.first(); first < shown {
			shown, since = first, time.Now()
		} else if time.Since(since) > patience {
			p.t.Fatalf("%s: no older message than %d comes", p.name, shown)
		}
	}
}

// wheel turns the mouse's wheel over the middle of the page, where the log is: up, as fast as wheels go.
func (p *person) wheel(pixels float64) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, input.SynthesizeScrollGesture, input.SynthesizeScrollGestureParams{
		X: 300, Y: 400, YDistance: pixels, Speed: 100_000, GestureSourceType: input.GestureSourceTypeMouse,
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// strike presses and releases a key, whatever has the focus.
func (p *person) strike(letter byte) {
	p.t.Helper()
	for _, params := range []input.DispatchKeyEventParams{
		{Type: input.DispatchKeyEventTypeKeyDown, Text: string(letter)}, {Type: input.DispatchKeyEventTypeKeyUp},
	} {
		params.Key = string(letter)
		if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, params); err != nil {
			p.t.Fatal(err)
		}
	}
}

// checkElements requires that the page has no more elements than it may.
func (p *watched) checkElements() {
	p.t.Helper()
	if n := eval[int](p.person, `document.querySelectorAll("*").length`); n > elementsMost {
		p.t.Errorf("the page has %d elements, want %d at most", n, elementsMost)
	}
}

// crowd are people at bare sockets, who read what they are sent and forget it.
func (s *server) crowd(t *testing.T, name string, n int) []*socket {
	t.Helper()
	all := make([]*socket, n)
	for i := range all {
		all[i] = s.json(t, fmt.Sprint(name, " ", i), "")
		_ = all[i].ws.SetReadDeadline(time.Time{})
		go func() { // ends with the test, which closes the socket
			for {
				if _, _, err := all[i].ws.ReadMessage(); err != nil {
					return
				}
			}
		}()
	}
	return all
}

// speak has people send so many messages, each in turn, with a pause in between.
func speak(talkers []*socket, what string, messages int, pause time.Duration) {
	began := time.Now()
	for i := range messages {
		time.Sleep(time.Until(began.Add(time.Duration(i) * pause)))
		talkers[i%len(talkers)].send(fmt.Sprintf(
			`{"type":"send","id":"%s%d","room":"lobby","text":"%s %d and some words beside, as people write them"}`, what, i, what, i))
	}
}
