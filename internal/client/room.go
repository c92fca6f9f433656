package client

import (
	"slices"
	"strings"
	"time"
)

// room is what the client knows of one room's log. seen makes it whole and free of repeats: everything up to it was told, nothing
// after it. It is pure; the caller guards it.
type room struct {
	name   string
	wanted bool  // asked for by the caller, and joined again on every connection
	known  bool  // seen means something
	seen   int64 // the highest seq that was told
	asking bool  // a join is under way, whose answer covers whatever was skipped before it

	password string // that lets one in, until one is

	askAt   time.Time // when to ask again after a server that could not answer; zero is never
	leaving bool      // a leave is under way
}

// verdict says what to do with an event of the log.
type verdict int

const (
	tell   verdict = iota
	repeat         // was told before, or will be with the answer to the join under way
	gap            // something before it is missing: ask for it
)

// judge places a live event by its seq.
func (r *room) judge(seq int64) verdict {
	switch {
	case !r.known && r.asking:
		return repeat
	case !r.known || seq == r.seen+1:
		r.known, r.seen = true, seq
		return tell
	case seq <= r.seen || r.asking:
		return repeat
	default:
		return gap
	}
}

// catchUp takes the answer to a join and returns what of it was not told yet, in the order of the log. A server whose log ends before
// what we know has lost what came after, to a backup that was put back: its log counts, and what it says from there on is new.
func (r *room) catchUp(f *frame) []frame {
	var fresh []frame
	if r.known && f.Truncated && f.Last < r.seen {
		r.seen = f.Last
	}
	for _, list := range [][]frame{f.Messages, f.Changes} {
		for _, e := range list {
			if !r.known || e.Seq > r.seen {
				fresh = append(fresh, e)
			}
		}
	}
	slices.SortStableFunc(fresh, func(a, b frame) int { return int(a.Seq - b.Seq) })
	r.known, r.asking, r.password = true, false, ""
	r.seen = max(r.seen, f.Last)
	return fresh
}

// join makes the request for everything after what is known, or for the latest where nothing is.
func (r *room) join() request {
	r.asking, r.askAt = true, time.Time{}
	q := request{Type: "join", ID: joinID(r.name), Room: r.name, Password: r.password}
	if r.known {
		since := r.seen
		q.Since = &since
	}
	return q
}

// forget drops what a room that one isn't in any more was like.
func (r *room) forget() { *r = room{name: r.name, leaving: r.leaving} }

// cut says that the connection ended, and with it all that was under way.
func (r *room) cut() { r.asking, r.leaving, r.askAt = false, false, time.Time{} }

// joinID marks a join so that its refusal is known from others.
func joinID(room string) string { return "join:" + room[max(0, len(room)-50):] }

// IsPrivate reports whether a room is a private room of two.
func IsPrivate(room string) bool { return strings.HasPrefix(room, "@") }

// peer returns the id of the other one in a private room.
func peer(room, me string) string {
	a, b, _ := strings.Cut(strings.TrimPrefix(room, "@"), ".")
	if a == me {
		return b
	}
	return a
}
