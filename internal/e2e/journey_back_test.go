package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Chromium keeps a page whole when one goes on to another, and shows it again on Back: its socket must not be there twice, and what was
// said meanwhile once. So with a page that the system froze.
func TestBrowserThatKeptThePageHasOneConnectionAfterBack(t *testing.T) {
	t.Parallel()
	s := startServer(t, withoutLimits...)
	ada := newPerson(t, s, "Ada", phone)
	bob := s.json(t, "Bob", "")
	ada.expectTrouble("Page entered Back-Forward Cache") // as it says of a socket that is being closed
	ada.joins("lobby")
	ada.says("before")
	eval[bool](ada, `addEventListener("pageshow", e => window.kept = e.persisted), true`)
	isWhole := func(texts ...string) {
		t.Helper()
		ada.connected()
		for _, text := range texts {
			ada.sees(".row .body", text)
			if n := ada.rows(text); n != 1 {
				t.Errorf("%q is there %d times", text, n)
			}
		}
		s.waitForMetric(t, "parley_connections", func(n float64) bool { return n == 2 }) // hers and Bob's
	}
	for i := range 2 {
		ada.open("/check")
		bob.say(fmt.Sprint("away ", i), fmt.Sprint("meanwhile ", i))
		eval[bool](ada, `history.back(), true`)
		ada.until("the page that was kept", `window.kept && document.querySelector("#text")`)
		isWhole("before", "meanwhile 0", fmt.Sprint("meanwhile ", i))
		eval[bool](ada, `window.kept = null, true`)
	}

	for _, state := range []page.SetWebLifecycleStateState{page.SetWebLifecycleStateStateFrozen, page.SetWebLifecycleStateStateActive} {
		if _, err := chromedp.Call(ada.ctx, page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: state}); err != nil {
			t.Fatal(err)
		}
		bob.say(fmt.Sprint("state ", state), fmt.Sprint("when it was ", state))
	}
	// Here it stays hidden after that: what it has is seen in its title, and in the log when it is opened again.
	ada.until("both messages", `document.title.startsWith("(2)")`)
	s.waitForMetric(t, "parley_connections", func(n float64) bool { return n == 2 })
	ada.open("/rooms/lobby")
	isWhole("meanwhile 1", "when it was frozen", "when it was active")
}
