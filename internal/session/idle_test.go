package session

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// looked looks at a clock every half second, as servers do, for so long, and returns what was due and when. act is asked at each
// second what the person does then.
func looked(c *clock, idle, long time.Duration, act func(second time.Duration)) (found []string) {
	begun := time.Now()
	for time.Since(begun) < long {
		time.Sleep(lookEvery) // of the bubble
		at := time.Since(begun)
		switch d, left := c.look(idle); d {
		case nothing:
		case dueWarning:
			found = append(found, fmt.Sprintf("%v: warned with %v left", at, left))
		case dueClose:
			found = append(found, fmt.Sprintf("%v: closed", at))
		case dueUnknown:
			found = append(found, fmt.Sprintf("%v: unknown", at))
		}
		if at%time.Second == 0 && act != nil {
			act(at)
		}
	}
	return found
}

const lookEvery = 500 * time.Millisecond

func wantLooked(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("due was %q, want %q", got, want)
	}
}

func TestIdleConnectionIsWarnedAndEndsUnlessThePersonActs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		c.begin(0)
		got := looked(&c, 5*time.Minute, 20*time.Minute, func(at time.Duration) {
			switch at {
			case 4 * time.Minute, 8*time.Minute + 45*time.Second: // the latter is after the warning
				c.act()
			}
		})
		wantLooked(t, got, []string{"8m30s: warned with 30s left", "13m15s: warned with 30s left", "13m45s: closed"})
	})
}

func TestShortIdleLimitIsWarnedAtItsHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		c.begin(0)
		wantLooked(t, looked(&c, 4*time.Second, time.Minute, nil), []string{"2s: warned with 2s left", "4s: closed"})
	})
}

func TestIdleLimitOfZeroNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		c.begin(0)
		wantLooked(t, looked(&c, 0, time.Hour, nil), nil)
	})
}

func TestWhoDoesNotSayWhoTheyAreIsClosedAndWhoDoesIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var silent, said clock
		silent.begin(10 * time.Second)
		wantLooked(t, looked(&silent, time.Hour, time.Minute, func(time.Duration) { silent.act() }), []string{"10s: unknown"})
		said.begin(10 * time.Second)
		wantLooked(t, looked(&said, 20*time.Second, time.Minute, func(at time.Duration) {
			if at == 9*time.Second {
				said.known()
			}
		}), []string{"10s: warned with 10s left", "20s: closed"})
	})
}
