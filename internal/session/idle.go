package session

import (
	"fmt"
	"sync/atomic"
	"time"

	"parley/internal/chat"
)

// warnBefore is how long before its end an idle connection is warned; a limit of less than twice that is warned at its half.
const warnBefore = 30 * time.Second

// clock says since when a person did nothing, and how long a connection has to say who it is. It has no timers of its own, which would be
// the greater part of what a silent connection holds: whoever owns the connections looks at all of them every now and then.
type clock struct {
	acted atomic.Int64 // when the person did something last, since programBegan
	sayBy atomic.Int64 // until when the connection has to say who it is; 0 where it needs not

	// Who looks at it has these.
	warned int64 // the act after which was warned, 0 for none
	over   bool
}

// programBegan is where clocks count from, so that they don't go by the date, which may be set.
var programBegan = time.Now()

func now() int64 { return int64(time.Since(programBegan)) }

// begin starts the clock. The connection has to say who it is within sayWithin, 0 for needs not.
func (c *clock) begin(sayWithin time.Duration) {
	c.act()
	if sayWithin > 0 {
		c.sayBy.Store(now() + int64(sayWithin))
	}
}

// act notes that the person did something.
func (c *clock) act() { c.acted.Store(now()) }

// known notes that the connection has said who it is.
func (c *clock) known() { c.sayBy.Store(0) }

// due is what there is to do by now.
type due uint8

const (
	nothing    due = iota
	dueWarning     // that it is closed soon
	dueClose       // as its person did nothing for too long
	dueUnknown     // it is closed, as it has not said who it is
)

// look returns what is due, each but once, and for a warning how much time is left. One goroutine at a time may call it.
func (c *clock) look(idle time.Duration) (d due, left time.Duration) {
	now, acted, sayBy := now(), c.acted.Load(), c.sayBy.Load()
	left = idle - time.Duration(now-acted)
	switch {
	case c.over:
		return nothing, 0
	case sayBy != 0 && now >= sayBy:
		d = dueUnknown
	case idle <= 0:
		return nothing, 0
	case left <= 0:
		d = dueClose
	case left <= min(warnBefore, idle/2) && c.warned != acted:
		c.warned = acted
		return dueWarning, left
	default:
		return nothing, 0
	}
	c.over = true
	return d, 0
}

// Look does what is due: it warns a connection whose person did nothing for long, closes it at the limit, and closes one that has not
// said in time who it is.
func (s *Session) Look() {
	switch d, left := s.clock.look(s.Idle); d {
	case nothing:
	case dueWarning:
		s.member.Reply(&chat.Reply{Kind: chat.ReplyIdleWarning, Idle: left.Round(time.Second)})
	case dueClose:
		s.end(chat.CloseIdle, "idle_timeout", "idle")
	case dueUnknown:
		s.end(chat.CloseIdle, "socket.first_frame", fmt.Sprintf("say who you are within %v", s.FirstFrame))
	}
}
