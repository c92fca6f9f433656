package client

import (
	"slices"
	"time"
)

// Outgoing is a message on its way to the server. Its ID stays the same however often it is sent, so that it is stored once.
type Outgoing struct {
	ID   string
	Room string // or To
	To   string // the name of the only reader of a private message
	Text string
}

// outbox keeps what is said until the server has acknowledged or refused it. One message is under way at a time: a message that
// must wait, because of a flood limit or a server that can't store it now, is so never overtaken by the next. It is pure: the
// caller tells the time and guards it.
type outbox struct {
	waiting  []Outgoing
	underWay bool      // the first of waiting was written on the connection that is open now
	after    time.Time // nothing is sent before
	patience backoff   // of a server that is unavailable

	rate   float64 // messages per second that the server takes, 0 for any
	burst  float64
	tokens float64
	filled time.Time // when tokens was right
}

func (o *outbox) add(m Outgoing) { o.waiting = append(o.waiting, m) }

// next returns the message to write now. Where there is none, wait says how long until there may be one, 0 for until something
// happens.
func (o *outbox) next(now time.Time) (m Outgoing, wait time.Duration, ok bool) {
	if o.underWay || len(o.waiting) == 0 {
		return Outgoing{}, 0, false
	}
	if wait := o.after.Sub(now); wait > 0 {
		return Outgoing{}, wait, false
	}
	if o.rate > 0 {
		o.tokens = min(o.burst, o.tokens+now.Sub(o.filled).Seconds()*o.rate)
		o.filled = now
		if o.tokens < 1 {
			return Outgoing{}, max(time.Millisecond, time.Duration((1-o.tokens)/o.rate*float64(time.Second))), false
		}
		o.tokens--
	}
	o.underWay = true
	return o.waiting[0], 0, true
}

// limit keeps to the server's flood limit, so that a long text from a pipe arrives whole instead of being cut off as a flood.
func (o *outbox) limit(l Limits, now time.Time) {
	burst := max(1, float64(l.RateBurst))
	if o.rate != l.RateMessages || o.burst != burst {
		o.rate, o.burst, o.tokens, o.filled = l.RateMessages, burst, burst, now
	}
}

// settle takes out the message that was acknowledged or refused.
func (o *outbox) settle(id string) (Outgoing, bool) {
	i := slices.IndexFunc(o.waiting, func(m Outgoing) bool { return m.ID == id })
	if id == "" || i < 0 {
		return Outgoing{}, false
	}
	m := o.waiting[i]
	o.waiting = slices.Delete(o.waiting, i, i+1)
	if i == 0 {
		o.underWay = false
		o.patience.reset()
	}
	return m, true
}

// postpone keeps the message under way for later: after the wait that the server asks for, or else after the backoff's.
func (o *outbox) postpone(id string, wait time.Duration, now time.Time) bool {
	if !o.underWay || o.waiting[0].ID != id {
		return false
	}
	if wait <= 0 {
		wait = o.patience.next()
	}
	o.underWay, o.after = false, now.Add(wait)
	return true
}

// cut says that the connection ended. Whatever was under way is written again on the next one, by the same id.
func (o *outbox) cut() { o.underWay, o.after = false, time.Time{} }

// current returns the message under way.
func (o *outbox) current() (Outgoing, bool) {
	if !o.underWay {
		return Outgoing{}, false
	}
	return o.waiting[0], true
}

// find returns a message that has not been answered yet.
func (o *outbox) find(id string) (Outgoing, bool) {
	for _, m := range o.waiting {
		if m.ID == id {
			return m, true
		}
	}
	return Outgoing{}, false
}
