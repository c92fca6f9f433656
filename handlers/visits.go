package handlers

import (
	"context"
	"maps"
	"sync"
	"time"

	"parley/internal/chat"
)

// visits are the people who use the pages without a script. They have no connection, so each has a member of the core's in every room
// that they look at, for as long as they come by: what they ask for goes the way of every command, with the same rights, budgets and
// checks, and others see them as there.
type visits struct {
	hub  *chat.Hub
	most int           // rooms of one session at a time
	stay time.Duration // how long somebody is there after they came by

	mu     sync.Mutex // guards what follows
	open   map[visited]*visit
	closed bool
	// removed are the sessions whose user a moderator removed, and when: they are told when they come by next. That they come back
	// is to be an act of theirs, not of a page that comes by itself.
	removed map[string]time.Time
	ending  sync.WaitGroup // of visits whose session was ended
}

// visited is which visit: of a session, in a room.
type visited struct {
	session string
	room    chat.RoomName
}

const (
	// visitRefreshes is for how many times that their page comes anew somebody is there who came by: who reads what is on the screen,
	// or writes, has not gone.
	visitRefreshes = 4
	visitUnasked   = time.Minute     // the same where pages come only when they are asked for
	visitLook      = 5 * time.Second // how often at least it is looked who is gone
	visitAnswer    = 10 * time.Second
	visitRooms     = 20        // rooms of one session where limits.rooms is 0 or more
	visitRemoved   = time.Hour // for how long it is told that one was removed
)

func newVisits(hub *chat.Hub, rooms int, refresh time.Duration) *visits {
	if rooms <= 0 || rooms > visitRooms {
		rooms = visitRooms
	}
	stay := visitRefreshes * refresh
	if refresh <= 0 {
		stay = visitUnasked
	}
	return &visits{hub: hub, most: rooms, stay: stay, open: map[visited]*visit{}, removed: map[string]time.Time{}}
}

// visit is one of them.
type visit struct {
	until time.Time // guarded by visits.mu

	mu     sync.Mutex // one command at a time; guards what follows
	member *chat.Member
	asked  int
	gone   bool
	got    chan formAnswer
}

// at returns the visit of somebody in a room, begun where it wasn't. It doesn't say that they may be there: what they ask for does.
func (v *visits) at(ctx context.Context, who identity, room chat.RoomName) (*visit, error) {
	key := visited{who.session, room}
	v.mu.Lock()
	if v.closed {
		v.mu.Unlock()
		return nil, newProblem("unavailable", "The server is restarting. Try again in a moment.")
	}
	one, known := v.open[key]
	var over *visit
	if !known {
		over = v.oneTooMany(who.session)
		one = &visit{got: make(chan formAnswer, 8)}
		one.mu.Lock() // until it is in the room: who comes by meanwhile waits
		one.member = v.hub.Connect(who.user, who.session, formEncoder{}, &formSink{one, v, key}, false)
		v.open[key] = one
	}
	one.until = time.Now().Add(v.stay)
	v.mu.Unlock()
	over.close()
	if known {
		return one, nil
	}
	// Nothing that was said before: the page reads that itself.
	last, err := v.hub.Last(ctx, who.user.ID, room)
	if err == nil {
		_, err = one.ask(ctx, &chat.Command{Kind: chat.CmdJoin, Room: room, Since: last})
	}
	one.mu.Unlock()
	if err != nil {
		v.end(key, one)
		return nil, err
	}
	return one, nil
}

// oneTooMany takes out the visit of a session that ends soonest, where it has as many as it may have. The caller holds v.mu.
func (v *visits) oneTooMany(session string) *visit {
	var first visited
	n := 0
	for key, one := range v.open {
		if key.session != session {
			continue
		}
		if n++; n == 1 || one.until.Before(v.open[first].until) {
			first = key
		}
	}
	if n < v.most {
		return nil
	}
	one := v.open[first]
	delete(v.open, first)
	return one
}

// wasRemoved reports, once, whether a moderator has removed the user of a session since they came by last.
func (v *visits) wasRemoved(session string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, was := v.removed[session]
	delete(v.removed, session)
	return was
}

// end ends a visit now.
func (v *visits) end(key visited, one *visit) {
	v.mu.Lock()
	if v.open[key] == one {
		delete(v.open, key)
	}
	v.mu.Unlock()
	one.close()
}

// look ends the visits of those who don't come by any more, until ctx ends; then all.
func (v *visits) look(ctx context.Context) {
	tick := time.NewTicker(min(visitLook, max(v.stay/visitRefreshes, time.Millisecond)))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			v.endBefore(time.Now(), false)
		case <-ctx.Done():
			v.endBefore(time.Now(), true)
			v.ending.Wait()
			return
		}
	}
}

func (v *visits) endBefore(now time.Time, all bool) {
	v.mu.Lock()
	v.closed = v.closed || all
	maps.DeleteFunc(v.removed, func(_ string, at time.Time) bool { return now.Sub(at) > visitRemoved })
	var over []*visit
	for key, one := range v.open {
		if all || one.until.Before(now) {
			over = append(over, one)
			delete(v.open, key)
		}
	}
	v.mu.Unlock()
	for _, one := range over {
		one.close()
	}
}

func (one *visit) close() {
	if one == nil {
		return
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	if !one.gone {
		one.gone = true
		one.member.Close()
	}
}
