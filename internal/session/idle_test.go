package session

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestIdleClockWarnsAndEndsUnlessThePersonActs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var mu sync.Mutex // guards warned and ended
		var warned, ended []time.Duration
		c := newIdleClock(5*time.Minute,
			func(left time.Duration) {
				if left != 30*time.Second {
					t.Errorf("warned with %v left", left)
				}
				mu.Lock()
				defer mu.Unlock()
				warned = append(warned, time.Since(begun))
			},
			func() { mu.Lock(); defer mu.Unlock(); ended = append(ended, time.Since(begun)) })
		defer c.stop()

		time.Sleep(4 * time.Minute)
		c.act() // at 4:00
		time.Sleep(4*time.Minute + 45*time.Second)
		c.act() // at 8:45, after the warning at 8:30
		time.Sleep(10 * time.Minute)
		synctest.Wait()

		mu.Lock()
		defer mu.Unlock()
		if len(warned) != 2 || warned[0] != 8*time.Minute+30*time.Second || warned[1] != 13*time.Minute+15*time.Second {
			t.Errorf("warned at %v, want 8m30s and 13m15s", warned)
		}
		if len(ended) != 1 || ended[0] != 13*time.Minute+45*time.Second {
			t.Errorf("ended at %v, want 13m45s, once", ended)
		}
	})
}

func TestShortIdleLimitIsWarnedAtItsHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		warned, ended := make(chan time.Time, 9), make(chan time.Time, 9)
		begun := time.Now()
		c := newIdleClock(4*time.Second, func(time.Duration) { warned <- time.Now() }, func() { ended <- time.Now() })
		defer c.stop()
		if w, e := (<-warned).Sub(begun), (<-ended).Sub(begun); w != 2*time.Second || e != 4*time.Second {
			t.Errorf("warned after %v, ended after %v; want 2s and 4s", w, e)
		}
	})
}

func TestIdleLimitOfZeroNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newIdleClock(0, func(time.Duration) { t.Error("warned") }, func() { t.Error("ended") })
		defer c.stop()
		time.Sleep(1000 * time.Hour)
		synctest.Wait()
	})
}
