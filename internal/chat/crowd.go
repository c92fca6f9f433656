package chat

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Where many are in one room, telling each of everyone would be quadratic: 20,000 who come in would be told 400 million times, in lists
// and in signals. Nobody reads such lists. So a room with more than crowdFrom users is a crowd: who joins is told crowdFrom of them and
// how many there are; who comes, goes or types is not told one by one, but the number from time to time, and with it who of them has gone
// away or is back. When fewer than crowdUntil are left, everybody is told who they are, and it goes on as in any room.
const (
	crowdFrom  = 500
	crowdUntil = 400 // less, so that a room at the edge does not turn with everyone who comes
	crowdEvery = 5 * time.Second
	crowdAway  = 100 // who went away or came back in that time, at most: more is told to those who ask
)

// crowd is what a room knows of being one.
type crowd struct {
	is     bool
	stale  bool     // the number, or who is away, has changed since it was told
	away   []UserID // of whom it has
	toldAt time.Time
	some   *roster // those who are listed, for crowdEvery
	someAt time.Time
}

// roster is who is there, as several are told it.
type roster struct {
	users    []User // each once, sorted by name
	count    int    // how many there are where users are not all of them, else 0
	prepared *Prepared
}

// moved tells that somebody came or went, each by each or in the number of a crowd.
func (r *room) moved(s Signal) {
	r.roster = nil
	n := r.count()
	switch {
	case !r.crowd.is && n > crowdFrom:
		r.crowd = crowd{is: true, stale: true}
	case r.crowd.is && n < crowdUntil:
		r.crowd = crowd{}
		users := r.here().users
		r.say(Signal{Kind: SignalCrowd, Count: n, Members: users, Away: r.hub.awayOf(users)})
	case r.crowd.is:
		r.crowd.stale = true
	default:
		r.say(s)
	}
}

// tellCrowd says how many there are, where that has changed and was not said lately.
func (r *room) tellCrowd() {
	if !r.crowd.stale {
		return
	}
	if wait := crowdEvery - time.Since(r.crowd.toldAt); wait > 0 {
		r.wake(wait)
		return
	}
	s := Signal{Kind: SignalCrowd, Count: r.count()}
	for _, id := range r.crowd.away {
		if away := r.hub.awayOf([]User{{ID: id}}); away != nil {
			s.Away = append(s.Away, away...)
		} else {
			s.Back = append(s.Back, id)
		}
	}
	r.crowd.stale, r.crowd.toldAt, r.crowd.away = false, time.Now(), nil
	r.say(s)
}

// tellAway tells that somebody is away or back, in a crowd together with how many there are.
func (r *room) tellAway(s Signal) {
	switch {
	case !r.crowd.is:
		r.say(s)
	case len(r.crowd.away) < crowdAway && !slices.Contains(r.crowd.away, s.User.ID):
		r.crowd.away = append(r.crowd.away, s.User.ID)
		r.crowd.stale = true
	}
}

// told is who those are told who come in: everyone, or some of a crowd.
func (r *room) told() *roster {
	if !r.crowd.is {
		return r.here()
	}
	n := r.count()
	if r.crowd.some == nil || time.Since(r.crowd.someAt) > crowdEvery {
		r.crowd.some, r.crowd.someAt = &roster{users: r.users(crowdFrom), prepared: &Prepared{}}, time.Now()
	}
	r.crowd.some.count = n
	return r.crowd.some
}

// here lists who is in the room, once for all who ask before somebody comes or goes. It belongs to the turn.
func (r *room) here() *roster {
	if r.roster == nil {
		r.roster = &roster{users: r.users(0), prepared: &Prepared{}}
	}
	return r.roster
}

// users returns who is in the room, each once, sorted by name; any of them where there are more than most, unless that is 0.
func (r *room) users(most int) []User {
	r.mu.Lock()
	n := len(r.present)
	if most > 0 {
		n = min(n, most)
	}
	users := make([]User, 0, n)
	for _, p := range r.present {
		if len(users) == n {
			break
		}
		users = append(users, p.user)
	}
	r.mu.Unlock()
	return sortUsers(users)
}

// sortUsers sorts by name, whatever its case.
func sortUsers(users []User) []User {
	type keyed struct {
		key  string
		user User
	}
	sorted := make([]keyed, len(users))
	for i, u := range users {
		sorted[i] = keyed{strings.ToLower(u.Name), u}
	}
	slices.SortFunc(sorted, func(a, b keyed) int { return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(a.user.ID, b.user.ID)) })
	for i := range sorted {
		users[i] = sorted[i].user
	}
	return users
}
