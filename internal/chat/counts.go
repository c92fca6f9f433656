package chat

import "sync/atomic"

// Counts are what rooms have done since this process began, and what waits in them now.
type Counts struct {
	Waiting     int // what waits in the rooms' inboxes: posts, joins, leaves
	WaitingMost int // what waits in the fullest of them

	Posts     int64            // messages, edits, deletions and reactions that rooms took to store them, repeats too
	Delivered int64            // events told to connections, one for each that was told
	Errors    map[Code]int64   // what was refused, by the code that its sender was told
	Resumed   map[Missed]int64 // who came back, by how much they had missed
}

// Missed says how many events somebody missed who comes back, in classes.
type Missed string

// The classes of [Missed].
const (
	MissedNone Missed = "0"
	MissedFew  Missed = "1-10"
	MissedSome Missed = "11-100"
	MissedMany Missed = "over 100"
	MissedMost Missed = "truncated" // too much for one answer, or a seq that this room never had
)

var (
	codes = [...]Code{
		CodeBadJSON, CodeBadRequest, CodeUnknownType, CodeTooLong, CodeEmpty, CodeNotMember, CodeNotFound, CodeForbidden,
		CodeRateLimited, CodeUnavailable,
	}
	classes = [...]Missed{MissedNone, MissedFew, MissedSome, MissedMany, MissedMost}
)

// counts are what [Counts] tells of the past.
type counts struct {
	posts, delivered atomic.Int64

	errors  [len(codes)]atomic.Int64
	resumed [len(classes)]atomic.Int64
}

// refuse counts a refusal.
func (c *counts) refuse(code Code) {
	for i := range codes {
		if codes[i] == code {
			c.errors[i].Add(1)
		}
	}
}

// resume counts somebody who came back and missed so many events.
func (c *counts) resume(missed int, truncated bool) {
	class := 0
	switch {
	case truncated:
		class = 4
	case missed > 100:
		class = 3
	case missed > 10:
		class = 2
	case missed > 0:
		class = 1
	}
	c.resumed[class].Add(1)
}

// Counts counts.
func (h *Hub) Counts() Counts {
	c := &h.counts
	k := Counts{
		Posts: c.posts.Load(), Delivered: c.delivered.Load(), Errors: map[Code]int64{}, Resumed: map[Missed]int64{},
	}
	for i := range codes {
		k.Errors[codes[i]] = c.errors[i].Load()
	}
	for i := range classes {
		k.Resumed[classes[i]] = c.resumed[i].Load()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.rooms {
		n := r.waiting()
		k.Waiting += n
		k.WaitingMost = max(k.WaitingMost, n)
	}
	return k
}

func (r *room) waiting() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.inbox)
}
