package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"strconv"
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

// do gives a command and waits for its answer: the seq of what was stored, or why not.
func (one *visit) do(ctx context.Context, cmd *chat.Command) (int64, error) {
	one.mu.Lock()
	defer one.mu.Unlock()
	return one.ask(ctx, cmd)
}

// ask is do, for who holds one.mu.
func (one *visit) ask(ctx context.Context, cmd *chat.Command) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, visitAnswer)
	defer cancel()
	if one.gone {
		return 0, chat.Errorf(chat.CodeForbidden, "You have been signed out of this room meanwhile. Open it again.")
	}
	one.asked++
	cmd.Ref = strconv.Itoa(one.asked)
	if err := one.member.Do(ctx, cmd); err != nil {
		return 0, err
	}
	for {
		select {
		case answer := <-one.got:
			switch {
			case answer.Ref != cmd.Ref: // of one that was given up
			case answer.Code != "":
				refused := chat.Errorf(answer.Code, "%s", answer.Message)
				refused.Limit, refused.RetryAfter = answer.Limit, answer.RetryAfter
				return 0, refused
			default:
				return answer.Seq, nil
			}
		case <-ctx.Done():
			return 0, chat.Errorf(chat.CodeUnavailable, "The server did not answer in time. Look whether it is there before you try again.")
		}
	}
}

// formAnswer is what a form is answered by the core.
type formAnswer struct {
	Ref        string
	Seq        int64         `json:",omitempty"`
	Code       chat.Code     `json:",omitempty"`
	Message    string        `json:",omitempty"`
	Limit      string        `json:",omitempty"`
	RetryAfter time.Duration `json:",omitempty"`
}

// formEncoder is the dialect of forms: they hear the answers to what they ask, and nothing of what others say.
type formEncoder struct{}

// AppendEvent is part of [chat.Encoder].
func (formEncoder) AppendEvent(dst []byte, _ *chat.Event) []byte { return dst }

// AppendSignal is part of [chat.Encoder].
func (formEncoder) AppendSignal(dst []byte, _ *chat.Signal) []byte { return dst }

// EchoesOwn is part of [chat.Encoder].
func (formEncoder) EchoesOwn() bool { return true }

// AppendReply is part of [chat.Encoder].
func (formEncoder) AppendReply(dst []byte, r *chat.Reply) []byte {
	if r.Ref == "" {
		return dst
	}
	answer := formAnswer{Ref: r.Ref, Seq: r.Seq}
	if r.Kind == chat.ReplyError {
		answer.Code, answer.Message, answer.Limit, answer.RetryAfter = r.Err.Code, r.Err.Message, r.Err.Limit, r.Err.RetryAfter
	}
	line, err := json.Marshal(answer)
	if err != nil { // it is made of strings and numbers
		return dst
	}
	return append(append(dst, line...), '\n')
}

// formSink takes what the core writes to a visit.
type formSink struct {
	one    *visit
	visits *visits
	key    visited
}

// Write is part of [chat.Sink].
func (s *formSink) Write(frames []byte) bool {
	for line := range bytes.Lines(frames) {
		var answer formAnswer
		if json.Unmarshal(line, &answer) != nil {
			continue
		}
		select {
		case s.one.got <- answer:
		default: // nobody waits for it
		}
	}
	return true
}

// Close is part of [chat.Sink]: the session has ended, or its user was sent out. It doesn't wait.
func (s *formSink) Close(code int, _ string) {
	s.visits.mu.Lock()
	defer s.visits.mu.Unlock()
	if code == chat.CloseRemoved {
		s.visits.removed[s.key.session] = time.Now()
	}
	if !s.visits.closed {
		s.visits.ending.Go(func() { s.visits.end(s.key, s.one) })
	}
}
