package client

import (
	"fmt"
	"slices"
	"time"
)

// begin takes the welcome of a new connection: who we are, and what there is to catch up with.
func (c *Client) begin(f *frame) {
	c.mu.Lock()
	first := c.me.ID == ""
	c.online, c.idle = true, false
	welcome := c.introduce(f)
	for i, name := range c.order {
		r := c.rooms[name]
		q := r.join()
		if i > 0 { // the handshake asked for the first one already
			c.requests = append(c.requests, q)
		}
	}
	if len(c.order) == 0 { // the handshake came in by the lobby, for want of another
		c.requests = append(c.requests, request{Type: "leave", Room: lobby})
	}
	c.askPrivate(f.Rooms)
	if !first {
		if c.back == nil {
			c.back = &Back{}
		}
		for name, r := range c.rooms {
			if r.asking {
				c.catching[name] = true
			}
		}
	}
	back := c.isBack()
	c.mu.Unlock()
	c.tell(welcome)
	if back != nil {
		c.tell(*back)
	}
}

// introduce notes who we are. The caller holds mu.
func (c *Client) introduce(f *frame) Welcome {
	c.me, c.limits = f.user(), f.limits()
	c.names[c.me.ID] = c.me.Name
	c.outbox.limit(c.limits, time.Now())
	for _, info := range f.Rooms {
		if info.Peer.ID != "" {
			c.names[info.Peer.ID] = info.Peer.Name
		}
	}
	return Welcome{User: c.me, Limits: c.limits, Rooms: f.Rooms, Ignored: f.Ignored, Moderator: f.Moderator}
}

// askPrivate asks for what was said in private rooms: after what we know, and in those that we don't know after what is read. The
// caller holds mu.
func (c *Client) askPrivate(list []RoomInfo) {
	last := map[string]int64{}
	for _, info := range list {
		if !IsPrivate(info.Room) {
			continue
		}
		last[info.Room] = info.Last
		if c.rooms[info.Room] == nil {
			r := &room{name: info.Room, known: true, seen: info.Last}
			if info.Unread > 0 {
				r.seen = info.Read
			}
			c.rooms[info.Room] = r
		}
	}
	for name, r := range c.rooms {
		seq, listed := last[name]
		if IsPrivate(name) && !r.asking && r.known && (!listed || seq > r.seen) {
			c.requests = append(c.requests, r.join())
		}
	}
}

// isBack returns what to tell once all rooms have caught up, and nil before and after. The caller holds mu.
func (c *Client) isBack() *Back {
	if c.back == nil || len(c.catching) > 0 {
		return nil
	}
	back := c.back
	c.back = nil
	return back
}

// take handles one frame.
func (c *Client) take(f *frame) {
	switch f.Type {
	case "welcome":
		c.mu.Lock()
		welcome := c.introduce(f)
		c.mu.Unlock()
		c.tell(welcome)
	case "joined":
		c.takeJoined(f)
	case "message", "edited", "deleted", "reaction", "topic", "pinned":
		c.takeLogged(f)
	case "ack":
		c.mu.Lock()
		m, ok := c.outbox.settle(f.ID)
		c.mu.Unlock()
		if ok {
			c.tell(Sent{m})
		}
	case "error":
		c.takeError(f)
	case "left":
		c.takeLeft(f)
	case "presence":
		c.takePresence(f)
	case "typing":
		c.tell(Typing{Room: f.Room, User: f.user()})
	case "members":
		c.tell(Members{Room: f.Room, Members: f.Members})
	case "whois":
		c.tell(Whois{User: f.user(), Here: f.Here, Since: f.Since, Away: f.away(), Rooms: f.In, Barred: f.Barred, Moderator: f.Moderator})
	case "ignored":
		c.tell(Ignored{People: f.People})
	case "invited":
		c.tell(Invited{Room: f.Room, User: f.user()})
	case "invitation":
		c.tell(Invitation{Room: f.Room, User: f.user()})
	case "removed":
		c.tell(Removed{Room: f.Room, User: f.user()})
	case "removal":
		c.takeRemoval(f)
	case "about":
		c.tell(About{Room: f.Room})
	case "rooms":
		c.tell(Rooms{Rooms: f.Rooms})
	case "found":
		c.tell(Found{Hits: f.Hits, More: f.Before != "", Behind: f.Behind})
	case "idle_warning":
		c.tell(IdleWarning{Left: time.Duration(f.Seconds) * time.Second})
	}
}

// takeJoined takes the answer to a join: the history of a room that is new to us, or what we missed.
func (c *Client) takeJoined(f *frame) {
	c.mu.Lock()
	r := c.rooms[f.Room]
	if r == nil || !r.wanted && !IsPrivate(f.Room) { // left again meanwhile, or never asked for
		c.mu.Unlock()
		return
	}
	var events []Event
	history := !r.known
	for _, u := range f.Members {
		c.names[u.ID] = u.Name
	}
	caught := c.catching[f.Room]
	delete(c.catching, f.Room)
	for _, e := range r.catchUp(f) {
		e.Room = f.Room
		events = append(events, c.logged(&e, history)...)
		if caught && c.back != nil && e.Type == "message" && e.User != c.me.ID {
			c.back.Missed++
		}
	}
	if caught && c.back != nil && f.Truncated {
		c.back.Truncated = true
	}
	if r.wanted {
		events = append(events, Joined{Room: f.Room, Members: f.Members, Count: f.Count, Resumed: !history})
	}
	if back := c.isBack(); back != nil {
		events = append(events, *back)
	}
	c.mu.Unlock()
	for _, e := range events {
		c.tell(e)
	}
}

// takeLogged takes a live event of a room's log.
func (c *Client) takeLogged(f *frame) {
	c.mu.Lock()
	r := c.rooms[f.Room]
	if r == nil && IsPrivate(f.Room) { // somebody's first private message to us
		r = &room{name: f.Room}
		c.rooms[f.Room] = r
	}
	if r == nil || !r.wanted && !IsPrivate(f.Room) {
		c.mu.Unlock()
		return
	}
	var events []Event
	switch r.judge(f.Seq) {
	case tell:
		c.names[f.User] = f.Name
		events = c.logged(f, false)
	case gap:
		c.requests = append(c.requests, r.join())
	case repeat:
	}
	c.mu.Unlock()
	for _, e := range events {
		c.tell(e)
	}
}

// logged makes the events of an entry of a log that is told now. The caller holds mu.
func (c *Client) logged(f *frame, history bool) []Event {
	if c.names[f.User] == "" {
		c.names[f.User] = f.Name
	}
	own := f.User == c.me.ID
	var sent []Event
	if own && f.Type == "message" {
		if m, ok := c.outbox.settle(f.ID); ok {
			sent = append(sent, Sent{m})
			if m.To != "" && c.names[peer(f.Room, c.me.ID)] == "" {
				c.names[peer(f.Room, c.me.ID)] = m.To
			}
		}
	}
	var with User
	if IsPrivate(f.Room) {
		with.ID = peer(f.Room, c.me.ID)
		with.Name = c.names[with.ID]
	}
	switch f.Type {
	case "message":
		return append([]Event{Message{
			Room: f.Room, Seq: f.Seq, ID: f.ID, User: f.user(), Text: f.Text, Time: f.Time, Edited: f.Edited > 0, Deleted: f.Deleted > 0,
			Files: c.door.files(f.Files), Quote: f.Quote, History: history, Own: own, Peer: with,
		}}, sent...)
	case "edited", "deleted":
		return []Event{Changed{
			Room: f.Room, Seq: f.Seq, Of: f.Of, User: f.user(), Text: f.Text, Deleted: f.Type == "deleted", Time: f.Time, Peer: with,
		}}
	case "topic":
		return []Event{Topic{Room: f.Room, Seq: f.Seq, User: f.user(), Text: f.Text, Time: f.Time}}
	default:
		return nil
	}
}

func (c *Client) takePresence(f *frame) {
	c.mu.Lock()
	c.names[f.User] = f.Name
	if f.User == c.me.ID { // renamed, by this connection or another of ours
		c.me.Name = f.Name
	}
	c.mu.Unlock()
	c.tell(Presence{Room: f.Room, Event: f.Event, User: f.user(), Was: f.Was, Text: f.Text})
}

// takeRemoval takes the news that somebody put us out of a room, to which a new connection is not to come back.
func (c *Client) takeRemoval(f *frame) {
	c.mu.Lock()
	if r := c.rooms[f.Room]; r != nil {
		c.dismiss(r)
		r.leaving = false
	}
	c.mu.Unlock()
	c.tell(Removal{Room: f.Room, User: f.user()})
}

// takeLeft takes the answer to a leave, or the news that the server put us out of a room.
func (c *Client) takeLeft(f *frame) {
	c.mu.Lock()
	r := c.rooms[f.Room]
	// In a room that is wanted again, the answer to a leave is old news; of one that never was wanted it is none.
	told := r != nil && r.wanted != r.leaving
	if told {
		c.dismiss(r)
	}
	if r != nil {
		r.leaving = false
	}
	c.mu.Unlock()
	if told {
		c.tell(Left{Room: f.Room})
	}
}

// dismiss forgets a room that we aren't in any more. The caller holds mu.
func (c *Client) dismiss(r *room) {
	r.forget()
	c.order = slices.DeleteFunc(c.order, func(name string) bool { return name == r.name })
}

// Error codes after which the same request may succeed later.
const (
	codeUnavailable = "unavailable"
	codeRateLimited = "rate_limited"
	codeNotMember   = "not_member"
)

// takeError finds out what was refused, and keeps what may succeed later.
func (c *Client) takeError(f *frame) {
	events := c.refused(f, time.Now())
	for _, e := range events {
		c.tell(e)
	}
}

func (c *Client) refused(f *frame, now time.Time) []Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	passing := f.Code == codeUnavailable || f.Code == codeRateLimited
	wait := time.Duration(f.RetryAfterMS) * time.Millisecond
	if r := c.refusedJoin(f); r != nil {
		r.asking = false
		if passing {
			r.askAt = now.Add(max(wait, joinAgain))
			return nil
		}
		isNever := !r.known
		c.dismiss(r)
		delete(c.catching, r.name)
		events := []Event{Failed{Code: f.Code, Message: f.Message}, Left{Room: r.name, Never: isNever}}
		if back := c.isBack(); back != nil {
			events = append(events, *back)
		}
		return events
	}
	m, ours := c.outbox.find(f.ID)
	if !ours {
		return []Event{Failed{Code: f.Code, Message: f.Message}}
	}
	r := c.rooms[m.Room]
	coming := f.Code == codeNotMember && r != nil && r.wanted && (r.asking || !r.askAt.IsZero())
	if (passing || coming) && c.outbox.postpone(f.ID, wait, now) {
		return nil
	}
	c.outbox.settle(f.ID)
	return []Event{Refused{Outgoing: m, Code: f.Code, Message: f.Message}}
}

const joinAgain = time.Second // after a server that could not answer a join

// refusedJoin returns the room whose join was refused. The join of the handshake has no id. The caller holds mu.
func (c *Client) refusedJoin(f *frame) *room {
	for _, r := range c.rooms {
		if r.asking && (f.ID == joinID(r.name) || f.ID == "" && f.Code == codeUnavailable && r.name == c.entrance()) {
			return r
		}
	}
	return nil
}

func tooLongRefused(m Outgoing, most int) Refused {
	return Refused{
		Outgoing: m, Code: "too_long", Message: fmt.Sprintf("The message is longer than %d characters. Send it in parts.", most),
	}
}
