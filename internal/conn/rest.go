package conn

import (
	"errors"
)

// ErrResting is what Read returns where there is nothing to read now and a [Poller] watches the connection. Whoever reads does nothing
// more then: the next turn does.
var ErrResting = errors.New("nothing to read now")

// Watch lets p watch the connection while nothing comes. From then on Read does not wait for a message to begin, but returns
// [ErrResting]; as soon as there is something to read, or the connection has ended, turn is run in a goroutine of its own, and reads on. So
// a silent connection has no goroutine. Where p is nil or can't watch it, nothing changes, and Read waits.
func (c *Conn) Watch(p *Poller, turn func()) {
	if p != nil && c.fd >= 0 && p.add(c) {
		c.poller, c.turn = p, turn
	}
}

// rests reports whether there is no message to read now, and hands the connection to its poller in that case.
func (c *Conn) rests() bool {
	if c.poller == nil || len(c.in.unread) > 0 {
		return false
	}
	c.putBack()
	if c.in.more && c.try(uintptr(c.fd)) {
		c.came()
		return false // also where it is the end, which reading finds
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing || c.broken {
		return false
	}
	c.in.more = true // when the next turn begins
	c.resting = c.poller.arm(c.fd) == nil
	return c.resting
}

// ready begins a turn, as there is something to read. The poller calls it.
func (c *Conn) ready() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.resting { // else a turn has begun already, to end
		c.resting = false
		go c.turn()
	}
}

// Look does what is due where a poller watches: a connection that is silent for too long is pinged, and given up when it stays silent.
// Its owner calls it every now and then, for all connections: a timer for each would be memory that silent ones hold.
func (c *Conn) Look() {
	now := clock()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.resting || c.closing || c.broken || c.limits.Ping <= 0 || now < c.in.heard+c.limits.Ping:
	case c.in.pinged == 0:
		c.in.pinged = now
		c.counters.PingsOut.Add(1)
		c.write([]byte{0x80 | opPing, 0})
	case now >= c.in.pinged+c.limits.Ping:
		c.counters.Silent.Add(1)
		c.code = closeAbnormal
		c.end()
		c.wake()
	}
}
