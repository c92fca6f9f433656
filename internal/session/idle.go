package session

import (
	"sync"
	"time"
)

// warnBefore is how long before its end an idle connection is warned; a limit of less than twice that is warned at its half.
const warnBefore = 30 * time.Second

// idleClock tells when a person did nothing for too long. An act costs no timer: the timer looks when the last act was.
type idleClock struct {
	limit, lead time.Duration
	warn        func(left time.Duration)
	end         func()

	mu      sync.Mutex // guards what follows
	last    time.Time
	warned  bool
	stopped bool
	timer   *time.Timer
}

// newIdleClock starts a clock. warn is called before the end, end at the limit; with a limit of 0 neither.
func newIdleClock(limit time.Duration, warn func(left time.Duration), end func()) *idleClock {
	c := &idleClock{limit: limit, lead: min(warnBefore, limit/2), warn: warn, end: end, last: time.Now()}
	if limit > 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.timer = time.AfterFunc(limit-c.lead, c.look)
	}
	return c
}

// act notes that the person did something.
func (c *idleClock) act() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last, c.warned = time.Now(), false
}

// look runs when the limit, or the time of the warning, may be reached.
func (c *idleClock) look() {
	c.mu.Lock()
	if c.stopped {
		c.mu.Unlock()
		return
	}
	idle := time.Since(c.last)
	left := c.limit - idle
	act := func() {}
	switch {
	case left <= 0:
		act = c.end
	case left > c.lead:
		c.timer.Reset(left - c.lead)
	case !c.warned:
		c.warned = true
		c.timer.Reset(left)
		act = func() { c.warn(left.Round(time.Second)) }
	default:
		c.timer.Reset(left)
	}
	c.mu.Unlock()
	act()
}

// stop ends the clock. A call of warn or end may still be under way.
func (c *idleClock) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	if c.timer != nil {
		c.timer.Stop()
	}
}
