package conn

import "time"

// frameRate is how many frames may still come before the connection is a flood: a bucket that holds up to burst and gets perSecond. It
// is filled when bytes came, from a time that is taken then anyway, and not for each of the many frames that they may hold.
type frameRate struct {
	perSecond, burst float64 // both 0 for no limit
	spare            float64
	filled           time.Duration // of our clock
}

func newFrameRate(perSecond float64, burst int, now time.Duration) frameRate {
	if perSecond <= 0 || burst <= 0 {
		return frameRate{}
	}
	return frameRate{perSecond: perSecond, burst: float64(burst), spare: float64(burst), filled: now}
}

// fill adds what has come together until now.
func (r *frameRate) fill(now time.Duration) {
	if r.perSecond > 0 {
		r.spare = min(r.burst, r.spare+(now-r.filled).Seconds()*r.perSecond)
		r.filled = now
	}
}

// take reports whether one more frame may come, and counts it.
func (r *frameRate) take() bool {
	if r.perSecond <= 0 {
		return true
	}
	if r.spare < 1 {
		return false
	}
	r.spare--
	return true
}
