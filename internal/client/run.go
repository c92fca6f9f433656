package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/fasthttp/websocket"
)

const (
	pingEvery  = 25 * time.Second
	pongWithin = 10 * time.Second // after a ping any frame will do
)

// Close codes that end a conversation or change how it goes on.
const (
	closeIdle         = 4000
	closeRemoved      = 4001
	closeSessionEnded = 4004
)

// run is the conversation's goroutine, which owns the link: it talks until the connection ends, makes a new one, and so on.
func (c *Client) run(l *link) {
	defer close(c.ended)
	defer close(c.events)
	if c.name != "" {
		defer c.door.signOut()
	}
	var wait backoff
	for {
		began := time.Now()
		code := c.converse(l)
		if c.ctx.Err() != nil {
			return
		}
		if time.Since(began) >= stableAfter {
			wait.reset()
		}
		err := c.lost(code)
		if err == nil {
			l, err = c.redial(&wait, code == closeIdle)
		}
		if c.ctx.Err() != nil {
			return
		}
		if err != nil {
			c.tell(Ended{Err: err})
			return
		}
	}
}

// lost notes the end of a connection, and returns why there can't be another.
func (c *Client) lost(code int) error {
	select {
	case <-c.again: // was meant for the connection that is gone
	default:
	}
	c.mu.Lock()
	c.online, c.idle = false, code == closeIdle
	var refused Event
	switch code {
	case websocket.CloseUnsupportedData, websocket.CloseInvalidFramePayloadData, websocket.CloseMessageTooBig:
		// The server can't stand the message under way. Sent again, it would end the next connection too.
		if m, ok := c.outbox.current(); ok {
			c.outbox.settle(m.ID)
			refused = Refused{Outgoing: m, Code: "too_long", Message: "The server doesn't take a message like this one."}
		}
	}
	c.outbox.cut()
	for _, r := range c.rooms {
		r.cut()
	}
	c.requests = nil // but not back: who is cut off while catching up is told afterwards what they missed in all
	clear(c.catching)
	idle := c.idle && len(c.outbox.waiting) == 0
	c.mu.Unlock()
	switch code {
	case closeRemoved:
		return errors.New("a moderator removed you from the chat")
	case closeSessionEnded:
		return errors.New("your session was ended")
	}
	if refused != nil {
		c.tell(refused)
	}
	c.tell(Lost{Code: code, Idle: idle})
	return nil
}

// redial makes connections until one holds. After idleness it waits for somebody to ask for it.
func (c *Client) redial(wait *backoff, idle bool) (*link, error) {
	if idle && c.Waiting() == 0 {
		select {
		case <-c.again:
		case <-c.ctx.Done():
			return nil, c.ctx.Err()
		}
		wait.reset()
	} else {
		c.pause(wait.next())
	}
	for c.ctx.Err() == nil {
		l, err := c.open(c.ctx)
		var refusal *Refusal
		if errors.As(err, &refusal) && refusal.Status == http.StatusUnauthorized && c.name != "" {
			if err = c.signIn(c.ctx); err == nil { // the session is gone; perhaps the name isn't
				l, err = c.open(c.ctx)
			}
		}
		var unreachable *Unreachable
		if err == nil || !errors.As(err, &unreachable) {
			return l, err
		}
		c.pause(wait.next())
	}
	return nil, c.ctx.Err()
}

// pause waits, but not longer than until the caller wants a connection.
func (c *Client) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.again:
	case <-c.ctx.Done():
	}
}

// signIn gets a session, where we go by a name.
func (c *Client) signIn(ctx context.Context) error {
	if c.name == "" {
		return nil
	}
	c.mu.Lock()
	name, room := c.name, c.entrance()
	if c.me.Name != "" {
		name = c.me.Name
	}
	c.mu.Unlock()
	return c.door.signIn(ctx, name, room)
}

// open makes a connection that comes in by the first of the rooms that are wanted.
func (c *Client) open(ctx context.Context) (*link, error) {
	c.mu.Lock()
	name, since := c.entrance(), int64(-1)
	if r := c.rooms[name]; r != nil && r.known {
		since = r.seen
	}
	c.mu.Unlock()
	return c.door.open(ctx, name, since)
}

// entrance is the room by which a connection comes in, "" for none of the caller's. The caller holds mu.
func (c *Client) entrance() string {
	if len(c.order) == 0 {
		return ""
	}
	return c.order[0]
}

// converse talks over a link until it ends, and returns the close code.
func (c *Client) converse(l *link) int {
	c.begin(&l.welcome)
	heart := time.NewTimer(pingEvery)
	defer heart.Stop()
	due := time.NewTimer(pingEvery)
	defer due.Stop()
	pinged := false
	for {
		wait, err := c.flush(l)
		if err == nil && wait > 0 {
			due.Reset(wait)
		}
		if err != nil {
			l.linger()
			return l.end()
		}
		select {
		case f, open := <-l.frames:
			if !open {
				l.goodbye(0)
				return l.end()
			}
			c.take(&f)
			pinged = false
			heart.Reset(pingEvery)
		case <-heart.C:
			if pinged && !c.takeLate(l) {
				l.goodbye(0)
				return websocket.CloseAbnormalClosure
			}
			c.mu.Lock()
			c.ask(request{Type: "ping"})
			c.mu.Unlock()
			pinged = true
			heart.Reset(pongWithin)
		case <-c.wake:
		case <-due.C:
		case <-c.ctx.Done():
			l.goodbye(websocket.CloseNormalClosure)
			return websocket.CloseNormalClosure
		}
	}
}

// takeLate takes the frame that lies there already, if any: it was we who were slow, not the server.
func (c *Client) takeLate(l *link) bool {
	select {
	case f, open := <-l.frames:
		if open {
			c.take(&f)
		}
		return open
	default:
		return false
	}
}

// tell gives an event to the caller, and waits for them if they are behind.
func (c *Client) tell(e Event) {
	select {
	case c.events <- e:
	case <-c.ctx.Done():
	}
}

// flush writes all that is due: requests first, joins among them, then the message whose turn it is. wait says how long until
// something else may be due, 0 for until something happens.
func (c *Client) flush(l *link) (wait time.Duration, err error) {
	sooner := func(d time.Duration) {
		if d > 0 && (wait == 0 || d < wait) {
			wait = d
		}
	}
	now := time.Now()
	c.mu.Lock()
	for _, r := range c.rooms {
		if d := r.askAt.Sub(now); !r.askAt.IsZero() && d <= 0 {
			c.requests = append(c.requests, r.join())
		} else if !r.askAt.IsZero() {
			sooner(d)
		}
	}
	requests := c.requests
	c.requests = nil
	if len(c.reads) > 0 {
		if d := c.readAt.Sub(now); d > 0 {
			sooner(d)
		} else {
			for room, seq := range c.reads {
				requests = append(requests, request{Type: "read", Room: room, Seq: seq})
			}
			clear(c.reads)
		}
	}
	m, later, ok := c.outbox.next(now)
	sooner(later)
	tooLong := ok && c.limits.tooLong(m.Text)
	if tooLong {
		c.outbox.settle(m.ID)
	}
	most := c.limits.MessageLength
	c.mu.Unlock()
	switch {
	case tooLong:
		c.tell(tooLongRefused(m, most))
		poke(c.wake)
	case ok:
		requests = append(requests, request{Type: "send", ID: m.ID, Room: m.Room, To: m.To, Text: m.Text})
	}
	for _, r := range requests {
		if err := l.write(r); err != nil {
			return 0, err
		}
	}
	return wait, nil
}
