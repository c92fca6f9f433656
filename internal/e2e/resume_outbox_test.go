package e2e

import (
	"fmt"
	"testing"
	"time"
)

// A browser writes what pages keep to the disk seconds later, unless it is asked to do it now.
func TestBrowserCrashLosesNothingThatWasWritten(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	browser := newProfile(t, s, "Ada")
	ada := browser.Open()
	ada.joins("lobby")
	ada.says("hello")
	browser.Close()

	ada = browser.Open()
	ada.open("/rooms/lobby")
	ada.connected()
	s.Kill()
	ada.sees("parley-banner", "No connection")
	for i := range 3 {
		ada.writes(fmt.Sprintf("unsent %d", i+1))
	}
	ada.sees(".row.mine.sending .body", "unsent 3")
	browser.Kill()

	s.Start()
	began := time.Now()
	ada = browser.Open()
	ada.open("/rooms/lobby")
	ada.until("all to be sent", sentRow("unsent 1")+" && "+sentRow("unsent 3")+` && !document.querySelector(".row.sending")`)
	t.Logf("sent %v after the browser was started again", time.Since(began).Round(time.Millisecond))
	s.holds(t, "lobby", "hello", "unsent 1", "unsent 2", "unsent 3")
	ada.shows("hello", "unsent 1", "unsent 2", "unsent 3")
	ada.reload()
	ada.shows("hello", "unsent 1", "unsent 2", "unsent 3")
}
