package client

import (
	"math/rand/v2"
	"time"
)

const (
	backoffFirst = 500 * time.Millisecond
	backoffMost  = 15 * time.Second
	stableAfter  = 10 * time.Second // a connection that held this long starts the backoff over
)

// backoff says how long to wait before the next try. The waits are random up to a bound that doubles ("full jitter"), so that the
// clients of a server that restarts come back spread out instead of all at once.
type backoff struct {
	tries int
	rand  func() float64 // [0, 1); nil is a random source
}

func (b *backoff) next() time.Duration {
	bound := backoffMost
	if b.tries < 5 { // 0.5 s · 2⁵ is past the bound
		bound = min(bound, backoffFirst<<b.tries)
	}
	b.tries++
	random := b.rand
	if random == nil {
		random = rand.Float64
	}
	return time.Duration(random() * float64(bound))
}

func (b *backoff) reset() { b.tries = 0 }
