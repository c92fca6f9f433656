package account

import (
	"sync"
	"time"
)

// arriveWithin is how long a guest who was let in may take until InUse knows of them: the rest of a handshake, on a machine that has
// much else to do. lookAgain is how often whoever says the same name looks whether they have come.
const (
	arriveWithin = 500 * time.Millisecond
	lookAgain    = 10 * time.Millisecond
)

// arrivals are the guests who were let in and may not be connected yet. It goes by the process's own clock, whatever the date is.
type arrivals struct {
	mu    sync.Mutex           // guards what follows
	until map[string]time.Time // by user id
	order []string             // the users in until, who was let in first first: all may take as long, so they expire in that order
}

// add notes that somebody is let in as a user, or returns false where somebody else just was.
func (a *arrivals) add(id string) bool {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if now.Before(a.until[id]) {
		return false
	}
	for len(a.order) > 0 && !now.Before(a.until[a.order[0]]) {
		delete(a.until, a.order[0])
		a.order = a.order[1:]
	}
	if a.until == nil {
		a.until = map[string]time.Time{}
	}
	a.until[id] = now.Add(arriveWithin)
	a.order = append(a.order, id)
	return true
}

// left returns how much longer to wait for somebody, 0 or less where nobody was let in as the user.
func (a *arrivals) left(id string) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	until, ok := a.until[id]
	if !ok {
		return 0
	}
	return time.Until(until)
}

// arrived notes that somebody who was let in has come, and is found where those who are connected are.
func (a *arrivals) arrived(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.until, id)
}
