package e2e

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// budget is what a page may take when a browser comes for the first time. A trip is a request that waits for the answer to another:
// the page itself is the first, what it names is the second.
type budget struct{ requests, bytes, trips float64 }

var (
	joinBudget = budget{requests: 6, bytes: 15_000, trips: 2}
	chatBudget = budget{requests: 7, bytes: 60_000, trips: 2}
	// againBudget is for one who was here before: all but the page itself is kept, and perhaps the manifest, which browsers fetch late.
	againBudget = budget{requests: 2, bytes: 10_000, trips: 2}
)

// usableMost is how long it may take until one can write and send on a slow phone with a slow network, in milliseconds.
const usableMost = 1000

// TestPageFirstLoadKeepsToItsBudget counts what the pages fetch. In make bench-page it also says how long that takes on a slow phone.
func TestPageFirstLoadKeepsToItsBudget(t *testing.T) {
	besideOthers(t)
	s := startProgram(t, programFor(t, *pageFast), withoutLimits...)
	fill(t, s, 60)
	table := &pageTable{}
	slow := 1.0
	if *pagePrint {
		slow = 4
	}
	pia := newWatched(t, s, "Pia", slowPhone, slow)
	if *pagePrint {
		pia.slowNetwork()
	}
	loads := pia.loads()
	pia.load(table, "join page", loads, "/?room=lobby", joinBudget, `document.querySelector("#name")`)
	pia.types("#name", "Pia")
	pia.click("main.door button.primary[type=submit]")
	pia.connected()
	rounds := 1
	if *pagePrint {
		rounds = 5
	}
	var usable []float64
	for range rounds {
		pia.forget()
		pia.load(table, "chat page", loads, "/rooms/lobby", chatBudget, `document.body?.dataset.connection === "open"`)
		usable = append(usable, eval[float64](pia.person, `window.seen.usable`))
	}
	slices.Sort(usable)
	if middle := usable[rounds/2]; *pagePrint && middle > usableMost {
		t.Errorf("the chat page can be used after %.0f ms on a slow phone, want %d at most", middle, usableMost)
	}
	pia.load(table, "chat page again", loads, "/rooms/lobby", againBudget,
		`document.body?.dataset.connection === "open"`)
	if *pagePrint {
		table.print()
	}
}

// slowNetwork gives the browser 1.6 Mbit/s and 150 ms to every answer, as Lighthouse takes a phone to have.
func (p *person) slowNetwork() {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Latency: 150, DownloadThroughput: 1.6e6 / 8, UploadThroughput: 750e3 / 8}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// forget empties what the browser has kept of pages.
func (p *person) forget() {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, network.ClearBrowserCache, cdp.Empty{}); err != nil {
		p.t.Fatal(err)
	}
}

// loads are the requests that a browser has sent since they were last taken. What it had kept isn't among them.
type loads struct {
	mu    sync.Mutex // guards what follows
	urls  map[network.RequestID]string
	trips map[string]float64 // by URL: how many requests lie behind one, itself included
	bytes map[network.RequestID]float64
}

// loads begins to listen.
func (p *person) loads() *loads {
	p.t.Helper()
	l := &loads{}
	l.take()
	if err := chromedp.Listen(p.ctx, l.heard); err != nil {
		p.t.Fatal(err)
	}
	return l
}

func (l *loads) heard(event any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch event := event.(type) {
	case *network.EventRequestWillBeSent:
		if strings.HasPrefix(event.Request.URL, "data:") {
			return
		}
		trip := 1.0
		if event.Request.URL != event.DocumentURL { // what an answer names; the browser's own requests, as for an icon, wait for the page
			trip = 1 + max(1, l.trips[event.Initiator.URL])
		}
		l.urls[event.RequestID] = event.Request.URL
		l.trips[event.Request.URL] = trip
	case *network.EventRequestServedFromCache:
		delete(l.urls, event.RequestID)
	case *network.EventResponseReceived:
		if event.Response.FromDiskCache {
			delete(l.urls, event.RequestID)
		}
	case *network.EventLoadingFinished:
		l.bytes[event.RequestID] = event.EncodedDataLength
	case *network.EventLoadingFailed:
		l.bytes[event.RequestID] = 0
	}
}

// ended reports whether of all that is being loaded the end has been told, which browsers do late.
func (l *loads) ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id := range l.urls {
		if _, ok := l.bytes[id]; !ok {
			return false
		}
	}
	return true
}

// take returns what was loaded since it was last called.
func (l *loads) take() (requests []string, used budget) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, url := range l.urls {
		used.bytes += l.bytes[id]
		used.trips = max(used.trips, l.trips[url])
		if !slices.Contains(requests, url) { // an icon is asked for as often as the browser draws one
			requests = append(requests, url)
		}
	}
	used.requests = float64(len(requests))
	l.urls, l.trips, l.bytes = map[network.RequestID]string{}, map[string]float64{}, map[network.RequestID]float64{}
	return requests, used
}

// load opens a page and holds what that takes against a budget. It is usable when a condition is met.
func (p *watched) load(to *pageTable, run string, l *loads, path string, most budget, usable string) {
	p.t.Helper()
	l.take()
	p.open(path)
	p.until(run, usable)
	p.until("all to be loaded", `document.readyState === "complete"`)
	becomes(p.t, "all is told", l.ended)
	requests, used := l.take()
	for _, url := range requests {
		if !strings.HasPrefix(url, p.s.URL) {
			p.t.Errorf("the %s asks another host: %s", run, url)
		}
	}
	if used.requests > most.requests || used.bytes > most.bytes || used.trips > most.trips {
		p.t.Errorf("the %s takes %.0f requests, %.0f bytes and %.0f trips, want at most %.0f, %.0f and %.0f: %s", run,
			used.requests, used.bytes, used.trips, most.requests, most.bytes, most.trips, strings.Join(requests, " "))
	}
	to.note(run, "requests", "%.0f", used.requests)
	to.note(run, "bytes", "%.0f", used.bytes)
	to.note(run, "trips", "%.0f", used.trips)
	to.best(run, "first picture ms", eval[float64](p.person, `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0`))
	to.best(run, "composer usable ms", eval[float64](p.person, `window.seen.usable ?? 0`))
	to.best(run, "connected ms", eval[float64](p.person, `window.seen.open ?? 0`))
	moved := eval[float64](p.person, `window.seen.shift`)
	if moved > shiftMost {
		p.t.Errorf("while the %s is loaded things move by %.3f, want %.2f at most", run, moved, shiftMost)
	}
	to.note(run, "layout shift", "%.3f", moved)
}
