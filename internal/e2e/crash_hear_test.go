package e2e

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// hear takes a frame, and returns false where the connection is of no more use.
func (c *crashClient) hear(raw []byte) bool {
	var f crashFrame
	if err := json.Unmarshal(raw, &f); err != nil {
		c.load.strange("%s was written %.200q", c.author.name, raw)
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch f.Type {
	case "message", "edited", "deleted", "reaction":
		c.live(&f)
	case "joined":
		c.joined(&f)
	case "ack":
		c.ack(&f)
	case "error":
		return c.refused(&f)
	}
	return true
}

// live takes an event. What comes before the answer to a join is in that answer. The caller holds mu.
func (c *crashClient) live(f *crashFrame) {
	v := c.views[f.Room]
	if v == nil {
		c.load.strange("%s, who isn't in %s, was told of its %d", c.author.name, f.Room, f.Seq)
		return
	}
	if _, waits := c.asked[f.Room]; waits {
		if f.Room[0] != '@' {
			c.load.strange("%s was told of %d in %s before the answer to the join", c.author.name, f.Seq, f.Room)
		}
		return
	}
	s := &v.stretches[len(v.stretches)-1]
	s.live = append(s.live, f.seen())
	c.end[f.Room] = f.Seq
	c.load.told(f.Room, f.Seq)
}

// joined takes the answer to a join. The caller holds mu.
func (c *crashClient) joined(f *crashFrame) {
	since, asked := c.asked[f.Room]
	v := c.views[f.Room]
	if v == nil || !asked {
		c.load.strange("%s was told to be in %s", c.author.name, f.Room)
		return
	}
	delete(c.asked, f.Room)
	v.stretches = append(v.stretches, stretch{
		since: since, last: f.Last, truncated: f.Truncated, messages: small(f.Messages), changes: small(f.Changes),
	})
	c.end[f.Room] = f.Last
	c.load.told(f.Room, f.Last)
	if since >= 0 {
		c.load.resumes.Add(1)
		if f.Truncated {
			c.load.truncated.Add(1)
		}
	}
}

// mostMine is how many of its latest messages of a room a client changes.
const mostMine = 30

// ack takes an acknowledgement. The caller holds mu.
func (c *crashClient) ack(f *crashFrame) {
	e, n := c.find(f.ID)
	if e == nil || e.room != f.Room {
		c.load.strange("%s was acknowledged %q in %s, which it never sent", c.author.name, f.ID, f.Room)
		return
	}
	if e.acked {
		if e.seq != f.Seq || e.time != f.Time {
			c.load.strange("%s: %q was acknowledged as %d %s and as %d %s", c.author.name, f.ID, e.seq, e.time, f.Seq, f.Time)
		}
		return
	}
	e.acked, e.seq, e.time = true, f.Seq, f.Time
	c.load.acked.Add(1)
	c.load.told(f.Room, f.Seq)
	if e.kind == kindMessage {
		mine := append(c.mine[e.room], n)
		c.mine[e.room] = mine[max(0, len(mine)-mostMine):]
	}
	c.settle(n)
}

// refused takes an error. The caller holds mu.
func (c *crashClient) refused(f *crashFrame) bool {
	if f.Code == "unavailable" || f.Code == "rate_limited" || f.Code == "not_member" { // all may pass: come again, with all that waits
		c.load.unavailable.Add(1)
		c.author.inOrder = false // what came behind it may have been stored before it
		return false
	}
	e, n := c.find(f.ID)
	switch {
	case e == nil:
		c.load.strange("%s was told %s: %s", c.author.name, f.Code, f.Message)
	case e.acked:
		c.load.strange("%s: %q was acknowledged and then refused: %s %s", c.author.name, f.ID, f.Code, f.Message)
	default:
		e.refused = f.Code + " " + f.Message
		c.load.refused.Add(1)
		c.settle(n)
	}
	return true
}

func (c *crashClient) find(id string) (*sentEvent, int) {
	tail, ok := strings.CutPrefix(id, c.author.name+"-")
	n, err := strconv.Atoi(tail)
	if !ok || err != nil || n < 0 || n >= len(c.author.sent) {
		return nil, 0
	}
	return &c.author.sent[n], n
}

// settle takes what was answered from what is under way. The caller holds mu.
func (c *crashClient) settle(n int) {
	for i, p := range c.pending {
		if p == n {
			c.pending = append(c.pending[:i], c.pending[i+1:]...)
			c.changed.Signal()
			return
		}
	}
}

// settled says whether all was answered and all rooms were seen up to their end, or what is missing.
func (c *crashClient) settled() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pending) > 0 {
		return fmt.Sprintf("%s waits for the ack of %s and %d others", c.author.name, c.author.sent[c.pending[0]].id, len(c.pending)-1)
	}
	for room := range c.views {
		if top := c.load.top(room); c.end[room] < top {
			return fmt.Sprintf("%s has seen %s up to %d of %d", c.author.name, room, c.end[room], top)
		}
	}
	return ""
}
