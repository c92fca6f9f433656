package handlers

import (
	"fmt"
	"maps"
	"math"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/internal/account"
)

// tries slows down whoever guesses names and keys, at every door with the same count: each address has a budget of failed tries,
// and so has each name that a key was tried for, from whatever addresses. Both fill up again bit by bit.
type tries struct {
	perMinute int // of an address; 0 is no limit
	now       func() time.Time

	mu      sync.Mutex           // guards budgets
	budgets map[string]*tryCount // by "address …" or "name …"; who is not in it has all of the budget
}

// tryCount is how much of a budget is used up, and when that was so.
type tryCount struct {
	used float64
	at   time.Time
}

const (
	// nameTries is how many times an address's tries a name has. It is more, because whoever uses it up keeps the name's owner from
	// joining for so long.
	nameTries = 5
	// budgetsMost bounds the memory: about 2 MB. Beyond it, those who are not known share one budget.
	budgetsMost = 20_000
)

func newTries(perMinute int) *tries {
	return &tries{perMinute: perMinute, now: time.Now, budgets: map[string]*tryCount{}}
}

// tooMany is a budget that is used up.
type tooMany struct {
	what string // address or name
	most int    // tries a minute
	wait time.Duration
}

// take takes a try from the budgets of an address and, where it isn't "", of a name. When one of them is used up, it takes nothing.
// A try that turns out to be right is given back; taken first, so that many at once don't all find the budget full.
func (t *tries) take(address, name string) *tooMany {
	if t.perMinute <= 0 {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	ofAddress := t.budget("address "+network(address), t.perMinute, now)
	if wait := over(ofAddress, t.perMinute); wait > 0 {
		return &tooMany{"address", t.perMinute, wait}
	}
	if name != "" {
		ofName := t.budget("name "+name, t.perMinute*nameTries, now)
		if wait := over(ofName, t.perMinute*nameTries); wait > 0 {
			return &tooMany{"name", t.perMinute * nameTries, wait}
		}
		ofName.used++
	}
	ofAddress.used++
	return nil
}

// giveBack undoes take.
func (t *tries) giveBack(address, name string) {
	if t.perMinute <= 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for what, most := range map[string]int{"address " + network(address): t.perMinute, "name " + name: t.perMinute * nameTries} {
		if what == "name " {
			continue
		}
		if b := t.budget(what, most, now); b.used >= 1 {
			b.used--
		} else {
			b.used = 0
		}
	}
}

// budget returns a budget as it is now. The caller holds t.mu.
func (t *tries) budget(what string, most int, now time.Time) *tryCount {
	b := t.budgets[what]
	if b == nil && len(t.budgets) >= budgetsMost {
		maps.DeleteFunc(t.budgets, func(_ string, b *tryCount) bool { return now.Sub(b.at) > time.Minute }) // full again
		if len(t.budgets) >= budgetsMost {
			what = "everybody else"
			b = t.budgets[what]
		}
	}
	if b == nil {
		b = &tryCount{at: now}
		t.budgets[what] = b
	}
	if passed := now.Sub(b.at); passed > 0 { // a clock that steps back earns nothing
		b.used = max(0, b.used-passed.Minutes()*float64(most))
	}
	b.at = now
	return b
}

// over is how long until a budget has a try left, 0 where it has one.
func over(b *tryCount, most int) time.Duration {
	missing := b.used + 1 - float64(most)
	if missing <= 1e-6 {
		return 0
	}
	return time.Duration(missing / float64(most) * float64(time.Minute))
}

// network is what an address counts as: of IPv6 everybody has 2^64 to try from.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Is4() {
		return address
	}
	p, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// limitTries lets a request try a name or key only where the budgets allow it.
func (s *site) limitTries(c *fiber.Ctx) error {
	address, name := s.address(c), ""
	if key := c.FormValue("key"); key != "" && c.Method() == fiber.MethodPost {
		if said, err := account.CheckName(c.FormValue("name")); err == nil {
			name = said.Key()
		}
	}
	if refused := s.tries.take(address, name); refused != nil {
		return s.tooManyTries(c, refused)
	}
	err := c.Next()
	if c.Locals(failedKey) == nil {
		s.tries.giveBack(address, name)
	}
	return err
}

const failedKey = "failed try" // of the locals

// failed marks a request as a try of a name or key that was wrong.
func failed(c *fiber.Ctx) { c.Locals(failedKey, true) }

// tooManyTries answers a try after too many that failed.
func (s *site) tooManyTries(c *fiber.Ctx, why *tooMany) error {
	seconds := int(math.Ceil(why.wait.Seconds()))
	of := "from your address"
	if why.what == "name" {
		of = "for this name"
	}
	p := newProblem("rate_limited", fmt.Sprintf("Too many failed tries %s: %d a minute are allowed. Wait %d seconds.", of, why.most, seconds))
	p.Limit, p.RetryAfter = limitTries, why.wait.Milliseconds()
	s.refusals.count(limitTries)
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(seconds))
	if c.Route().Path == "/join" {
		return s.joinRefused(c, c.FormValue("name"), roomAsked(c.FormValue("room")), p)
	}
	return p
}
