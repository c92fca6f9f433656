package conn

import "time"

const (
	// paceShare is the part of the backlog, one of so many, that may be in use when more is read.
	paceShare = 4
	// paceWait is how long reading waits for the other side to take something of what it was given.
	paceWait = 2 * time.Second
)

// pace waits until the other side has taken most of what it was given, so that one who asks for much at once is not cut off for reading
// it as fast as they can. Who takes nothing is not waited for, nor heard less: what they ask for brings them to the bound, which ends
// them. The reader calls it.
func (c *Conn) pace() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.limits.Backlog > 0 && c.waiting > c.limits.Backlog/paceShare && !c.unheeded && !c.closing && !c.broken {
		if c.written == nil {
			c.written = make(chan struct{})
		}
		written, taken := c.written, c.taken
		c.mu.Unlock()
		timer := time.NewTimer(paceWait)
		select {
		case <-written:
		case <-timer.C:
		}
		timer.Stop()
		c.mu.Lock()
		c.unheeded = c.writing && c.taken == taken
	}
}
