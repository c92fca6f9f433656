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

	mu      sync.Mutex           // guards what follows
	swept   time.Time            // when budgets that are full again were last looked for
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
	sweepEvery  = 5 * time.Second
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

// wait returns the budget that is used up of an address and, where it isn't "", of a name; nil while both allow a try.
func (t *tries) wait(address netip.Addr, name string) *tooMany {
	if t.perMinute <= 0 {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for _, b := range t.budgetsOf(address, name) {
		if left := t.budget(b.key, b.most, now).left(b.most); left > 0 {
			return &tooMany{b.what, b.most, left}
		}
	}
	return nil
}

// failed counts a try that was wrong. Of many at once, all are let through that come before the first has failed; the budget is then
// overdrawn, and takes the longer to be there again. So right ones never wait for each other.
func (t *tries) failed(address netip.Addr, name string) {
	if t.perMinute <= 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for _, b := range t.budgetsOf(address, name) {
		t.budget(b.key, b.most, now).used++
	}
}

// tried is a budget that a try counts against.
type tried struct {
	what, key string
	most      int // tries a minute
}

func (t *tries) budgetsOf(address netip.Addr, name string) []tried {
	all := []tried{{"address", "address " + network(address).String(), t.perMinute}}
	if name != "" {
		all = append(all, tried{"name", "name " + name, t.perMinute * nameTries})
	}
	return all
}

// budget returns a budget as it is now. The caller holds t.mu.
func (t *tries) budget(what string, most int, now time.Time) *tryCount {
	b := t.budgets[what]
	if b == nil && len(t.budgets) >= budgetsMost {
		if now.Sub(t.swept) >= sweepEvery { // or each one too many would cost a walk through all
			t.swept = now
			maps.DeleteFunc(t.budgets, func(_ string, b *tryCount) bool { return now.Sub(b.at) > time.Minute }) // full again
		}
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

// left is how long until a budget has a try left, 0 where it has one.
func (b *tryCount) left(most int) time.Duration {
	missing := b.used + 1 - float64(most)
	if missing <= 1e-6 {
		return 0
	}
	return time.Duration(missing / float64(most) * float64(time.Minute))
}

// limitTries lets a request try a name, key or code only where the budgets allow it. One that tries neither passes, so that whoever has a
// session is not kept out by a neighbour who guesses.
func (s *site) limitTries(c *fiber.Ctx) error {
	isFile := c.Locals(programsKey) != nil // whose name is its own, and whose bytes aren't read yet
	isForm := c.Method() == fiber.MethodPost && !isFile
	if !isForm && keyOf(c) == "" && (c.Query("name") == "" || isFile) && c.Params("code") == "" {
		return c.Next()
	}
	address, name := s.address(c), ""
	if isForm && c.FormValue("key") != "" { // a key alone tries the names of all accounts at once, as does one in a header
		if said, err := account.CheckName(c.FormValue("name")); err == nil {
			name = said.Key()
		}
	}
	if refused := s.tries.wait(address, name); refused != nil {
		return s.tooManyTries(c, refused)
	}
	err := c.Next()
	if c.Locals(failedKey) != nil {
		s.tries.failed(address, name)
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
