package chat

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// clock is a time that tests move.
type clock struct{ at time.Time }

func (c *clock) now() time.Time        { return c.at }
func (c *clock) pass(by time.Duration) { c.at = c.at.Add(by) }
func newClock() *clock                 { return &clock{time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)} }

func (c *clock) hub(limits Limits) *Hub {
	return &Hub{opts: Options{Limits: limits, Now: c.now, Logger: slog.New(slog.DiscardHandler)}, people: map[UserID]*person{}}
}

func (h *Hub) arrive(user UserID) *Member {
	m := &Member{hub: h}
	h.seatPerson(m, User{ID: user})
	return m
}

func TestBucketGivesItsBurstAtOnceAndThenItsRate(t *testing.T) {
	c, r := newClock(), Rate{PerSecond: 5, Burst: 20}
	var b Bucket
	for i := range 20 {
		if wait := b.Take(c.at, r, 1); wait != 0 {
			t.Fatalf("token %d has to be waited for: %v", i, wait)
		}
	}
	if wait := b.Take(c.at, r, 1); wait != 200*time.Millisecond {
		t.Errorf("an empty bucket says to wait %v, want 200ms", wait)
	}
	c.pass(199 * time.Millisecond)
	if b.Take(c.at, r, 1) == 0 {
		t.Error("a token came before its time")
	}
	c.pass(time.Millisecond)
	if wait := b.Take(c.at, r, 1); wait != 0 {
		t.Errorf("after the wait that was told there is another one of %v", wait)
	}
	c.pass(time.Hour)
	if wait := b.Take(c.at, r, 21); wait != 0 || b.Take(c.at, r, 1) == 0 {
		t.Error("what costs more than the bucket holds doesn't cost the whole bucket")
	}
	c.pass(-time.Hour) // the clock steps back
	if wait := b.Take(c.at, r, 1); wait != 200*time.Millisecond {
		t.Errorf("after a step back of the clock one has to wait %v", wait)
	}
	if b.Full(c.at, r) {
		t.Error("an empty bucket is full")
	}
	if c.pass(4 * time.Second); !b.Full(c.at, r) {
		t.Error("a bucket isn't full after the time that filling it takes")
	}
	for _, none := range []Rate{{0, 20}, {5, 0}} {
		for range 1000 {
			if b.Take(c.at, none, 5) != 0 {
				t.Fatalf("%+v is a limit", none)
			}
		}
	}
}

func TestComingBackGivesNoNewBudget(t *testing.T) {
	c := newClock()
	h := c.hub(Limits{Messages: 1, Burst: 3, Commands: 1, CommandsBurst: 10})
	m := h.arrive("u_ada")
	for range 3 {
		if err := m.Charge(CostMessage); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		h.unseatPerson(m)
		m = h.arrive("u_ada")
		if m.Charge(CostMessage) == nil {
			t.Fatal("a reconnect gives a new budget")
		}
	}
	if got := h.refused.byLimit()[limitMessages]; got != 5 {
		t.Errorf("%d refusals are counted, want 5", got)
	}
	c.pass(time.Second)
	h.unseatPerson(m)
	if m = h.arrive("u_ada"); m.Charge(CostMessage) != nil || m.Charge(CostMessage) == nil {
		t.Error("while one is away, the budget doesn't fill as it does while one is there")
	}
	if len(h.spent) != 0 {
		t.Error("the budget of one who is there is kept twice")
	}
}

func TestBudgetsOfThoseWhoAreGoneAreForgottenOnceTheyAreFull(t *testing.T) {
	c := newClock()
	h := c.hub(Limits{Messages: 1, Burst: 10})
	most := 0
	for i := range 50_000 { // a hundred guests a second, each sending something and gone
		m := h.arrive(UserID(fmt.Sprint("u_", i)))
		if err := m.Charge(CostMessage); err != nil {
			t.Fatal(err)
		}
		h.unseatPerson(m)
		c.pass(10 * time.Millisecond)
		most = max(most, len(h.spent))
	}
	if most > 2*spentSweep {
		t.Errorf("%d budgets were kept at a time; 100 were not full", most)
	}

	h = c.hub(Limits{Messages: 0.0001, Burst: 10}) // where filling takes a day, there is still an end
	for i := range spentMost * 2 {
		m := h.arrive(UserID(fmt.Sprint("u_", i)))
		if err := m.Charge(CostMessage); err != nil {
			t.Fatal(err)
		}
		h.unseatPerson(m)
	}
	if len(h.spent) > spentMost+1 {
		t.Errorf("%d budgets are kept, want at most %d", len(h.spent), spentMost)
	}

	h = c.hub(Limits{Messages: 1, Burst: 10})
	h.unseatPerson(h.arrive("u_quiet"))
	if len(h.spent) != 0 {
		t.Error("the budget of somebody who spent nothing is kept")
	}
}

func TestWorkCostsByHowMuchItIs(t *testing.T) {
	c := newClock()
	limits := Limits{Messages: 5, Burst: 20, Commands: 50, CommandsBurst: 1000}
	allowed := func(cmd Command) (n int) {
		m := c.hub(limits).arrive("u_ada")
		for m.chargeCommand(&cmd) == nil {
			n++
		}
		return n
	}
	if n := allowed(Command{Kind: CmdPing}); n != 1000 {
		t.Errorf("%d pings at once, want 1000", n)
	}
	if n := allowed(Command{Kind: CmdJoin}); n < 3*50 {
		t.Errorf("%d joins at once: three tabs with 50 rooms each can't come back", n)
	}
	if n := allowed(Command{Kind: CmdHistory}); n != 200 {
		t.Errorf("%d pages of history at once, want 200", n)
	}
	if n := allowed(Command{Kind: CmdHistory, Limit: 1 << 30}); n != 50 {
		t.Errorf("%d of the largest pages at once, want 50", n)
	}
	if n := allowed(Command{Kind: CmdRooms}); n != 100 {
		t.Errorf("%d lists of rooms at once, want 100", n)
	}
	m := c.hub(limits).arrive("u_ada")
	m.rooms = []joinedRoom{{name: Lobby, join: 1}, {name: "dev", join: 2}}
	again := 0
	for m.chargeCommand(&Command{Kind: CmdJoin, Room: Lobby, Since: -1}) == nil {
		again++
	}
	if again != 25 {
		t.Errorf("%d joins at once of a room that one is in, want 25", again)
	}
	m = c.hub(limits).arrive("u_ada")
	m.rooms = []joinedRoom{{name: Lobby, join: 1}}
	for range 150 {
		if err := m.chargeCommand(&Command{Kind: CmdJoin, Room: Lobby, Since: 7}); err != nil {
			t.Fatalf("resuming in a room that one is in costs as much as beginning anew: %v", err)
		}
	}
	m = c.hub(limits).arrive("u_ada")
	unreadable := 0
	for m.Charge(CostUnreadable) == nil {
		unreadable++
	}
	if unreadable != 10 {
		t.Errorf("%d unreadable frames at once, want 10: they cost the most", unreadable)
	}
}

func TestRefusalSaysWhichLimitAndForHowLong(t *testing.T) {
	m := newClock().hub(Limits{Commands: 0.5, CommandsBurst: 5}).arrive("u_ada")
	if err := m.chargeCommand(&Command{Kind: CmdJoin}); err != nil {
		t.Fatal(err)
	}
	refused, ok := m.chargeCommand(&Command{Kind: CmdMembers}).(*Error)
	if !ok || refused.Code != CodeRateLimited || refused.Limit != "rate_limit.commands" || refused.RetryAfter != 4*time.Second ||
		refused.Message != "Too many requests: 0.5 a second are allowed, and this one counts as 2. Wait 4.0 seconds." {
		t.Errorf("refused with %+v", refused)
	}
}

func TestLongAnswersCostMore(t *testing.T) {
	c := newClock()
	h := c.hub(Limits{Commands: 10, CommandsBurst: 100})
	m := h.arrive("u_ada")
	long := []Event{{Text: strings.Repeat("x", 40*answerCost)}, {Text: strings.Repeat("x", 20*answerCost)}}
	m.weigh(long[:1], long[1:])
	allowed := 0
	for m.chargeCommand(&Command{Kind: CmdPing}) == nil {
		allowed++
	}
	if allowed != 40 {
		t.Errorf("%d commands are left of 100 after an answer of 60 × 4 KiB, want 40", allowed)
	}
	for range 1000 {
		m.weigh(long)
	}
	if refused, ok := m.chargeCommand(&Command{Kind: CmdPing}).(*Error); !ok || refused.RetryAfter != 10100*time.Millisecond {
		t.Errorf("what one owes has no end: %+v", refused)
	}
	if got := h.Stats().Refused[limitCommands]; got != 2 {
		t.Errorf("%d refusals are counted, want 2", got)
	}
}
