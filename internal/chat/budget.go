package chat

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"
)

// Rate is what a [Bucket] lets through: PerSecond on average, and up to Burst at once. Where either is 0, it is everything.
type Rate struct {
	PerSecond float64
	Burst     int
}

func (r Rate) unlimited() bool { return r.PerSecond <= 0 || r.Burst <= 0 }

// Bucket is a token bucket. Its zero value is full; its owner guards it.
type Bucket struct {
	tokens float64
	last   time.Time
}

// Take takes so many tokens, or none and says how long until there are enough. What costs more than the whole bucket costs the whole
// bucket.
func (b *Bucket) Take(now time.Time, r Rate, tokens float64) time.Duration {
	if r.unlimited() {
		return 0
	}
	b.fill(now, r)
	tokens = min(tokens, float64(r.Burst))
	if b.tokens >= tokens {
		b.tokens -= tokens
		return 0
	}
	return max(1, time.Duration((tokens-b.tokens)/r.PerSecond*float64(time.Second)))
}

// Owe takes so many tokens, whether they are there or not. Nobody gets to owe more than the bucket holds.
func (b *Bucket) Owe(now time.Time, r Rate, tokens float64) {
	if r.unlimited() {
		return
	}
	b.fill(now, r)
	b.tokens = max(b.tokens-tokens, -float64(r.Burst))
}

// Full reports whether the bucket is as good as a new one, so that nobody need keep it.
func (b *Bucket) Full(now time.Time, r Rate) bool {
	if r.unlimited() || b.last.IsZero() {
		return true
	}
	b.fill(now, r)
	return b.tokens >= float64(r.Burst)
}

// fill adds what has come together. A clock that steps back earns nothing and costs nothing.
func (b *Bucket) fill(now time.Time, r Rate) {
	most := float64(r.Burst)
	switch {
	case b.last.IsZero():
		b.tokens = most
	case now.After(b.last):
		b.tokens = min(most, b.tokens+now.Sub(b.last).Seconds()*r.PerSecond)
	}
	b.last = now
}

// What things cost of the budget for messages.
const (
	CostMessage    = 1
	CostUnreadable = 2 // a frame that can't be read: nobody who means well sends many
	CostSearch     = 10
)

// costAgain is for a join from the beginning of a room that the connection is in. A join is answered in the room's turn, which all who
// talk there wait for; and who is there has no need of it.
const costAgain = 40

// answerCost is how many bytes of messages in an answer cost as much as the smallest command.
const answerCost = 4 << 10

// cost is what a command takes of its user's budget for commands, by how much work it is. What it is answered with comes on top: see
// [Member.weigh].
func (c *Command) cost() float64 {
	switch c.Kind {
	case CmdRooms:
		return 10 // counts what is unread in each
	case CmdSearch:
		return CostSearch // and what it takes: see [Member.search]
	case CmdJoin, CmdMentions:
		return 5
	case CmdHistory:
		if c.Limit <= 0 {
			return HistoryPage / 10
		}
		return max(1, float64(min(c.Limit, HistoryMost))/10)
	case CmdCreate, CmdInvite, CmdRemove, CmdPassword:
		return 20 // writes, and for others too
	case CmdPins:
		return PinsMost / 10
	case CmdLeave, CmdRead, CmdMute, CmdMembers:
		return 2
	default:
		return 1
	}
}

// budgets are what one user may still do.
type budgets struct{ messages, commands Bucket }

// refusals counts what was refused to keep within limits.
type refusals struct{ messages, commands, rooms atomic.Int64 }

func (r *refusals) byLimit() map[string]int64 {
	return map[string]int64{limitMessages: r.messages.Load(), limitCommands: r.commands.Load(), limitRooms: r.rooms.Load()}
}

// The limits as refusals name them: by the settings that people know them by.
const (
	limitMessages = "rate_limit.messages"
	limitCommands = "rate_limit.commands"
	limitRooms    = "limits.rooms"
)

func (l *Limits) messages() Rate { return Rate{l.Messages, l.Burst} }
func (l *Limits) commands() Rate { return Rate{l.Commands, l.CommandsBurst} }

// TooMany is a refusal that says which limit it keeps, what that allows and how long to wait.
func TooMany(limit string, wait time.Duration, allowed string) *Error {
	e := Errorf(CodeRateLimited, "%s Wait %.1f seconds.", allowed, max(0.1, wait.Seconds()))
	e.Limit, e.RetryAfter = limit, wait
	return e
}

// Charge takes what something costs from the user's budget for messages.
func (m *Member) Charge(cost float64) error {
	p, l := m.person.Load(), &m.hub.opts.Limits
	p.mu.Lock()
	wait := p.budgets.messages.Take(m.hub.opts.Now(), l.messages(), cost)
	p.mu.Unlock()
	if wait == 0 {
		return nil
	}
	m.hub.refused.messages.Add(1)
	return TooMany(limitMessages, wait, "Too many messages: "+number(l.Messages)+" a second are allowed.")
}

// chargeCommand takes what a command costs from the user's budget for commands.
func (m *Member) chargeCommand(cmd *Command) error {
	p, l := m.person.Load(), &m.hub.opts.Limits
	cost := cmd.cost()
	if cmd.Kind == CmdJoin && cmd.Since < 0 && m.isIn(cmd.Room) {
		cost = costAgain
	}
	p.mu.Lock()
	wait := p.budgets.commands.Take(m.hub.opts.Now(), l.commands(), cost)
	p.mu.Unlock()
	if wait == 0 {
		return nil
	}
	m.hub.refused.commands.Add(1)
	return TooMany(limitCommands, wait, "Too many requests: "+number(l.Commands)+" a second are allowed, and this one counts as "+
		number(cost)+".")
}

// weigh takes what an answer costs from the user's budget for commands, now that it is known how long the messages in it are.
func (m *Member) weigh(events ...[]Event) {
	bytes := 0
	for _, list := range events {
		for i := range list {
			bytes += list[i].weight()
		}
	}
	m.owe(bytes / answerCost)
}

// weighMembers takes what a list of users costs.
func (m *Member) weighMembers(users []User) {
	bytes := 0
	for i := range users {
		bytes += len(users[i].ID) + len(users[i].Name)
	}
	m.owe(bytes / answerCost)
}

// owe takes what turned out to be the cost of a command from the user's budget for commands.
func (m *Member) owe(cost int) {
	if cost <= 0 {
		return
	}
	p := m.person.Load()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.budgets.commands.Owe(m.hub.opts.Now(), m.hub.opts.Limits.commands(), float64(cost))
}

// beginReading waits for its turn to read older messages or lists. However many ask for them, they never take more than half of the
// processors: the rest is for what is being said now. The caller calls endReading when its answer is written.
func (h *Hub) beginReading(ctx context.Context) error {
	select {
	case h.reading <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Hub) endReading() { <-h.reading }

// Spent budgets are kept until they would be full again, so that coming back gives nobody a new one. Users cost little, so so many
// may have one at a time; beyond them somebody's is forgotten early.
const (
	spentSweep = 1 << 10
	spentMost  = 1 << 16
)

// keepBudgets notes what a user who goes has spent. The caller holds h.mu.
func (h *Hub) keepBudgets(id UserID, p *person) {
	p.mu.Lock()
	kept := p.budgets
	p.mu.Unlock()
	now := h.opts.Now()
	if kept.full(now, &h.opts.Limits) {
		return
	}
	if h.spent == nil {
		h.spent = map[UserID]budgets{}
	}
	h.spent[id] = kept
	if len(h.spent) >= max(spentSweep, h.sweepSpent) {
		h.forgetSpent(now)
	}
}

// forgetSpent drops the budgets that are full again, and half of the others where that is not enough. It runs when there are twice as
// many as it left last time, so that it costs each about as much as adding it. The caller holds h.mu.
func (h *Hub) forgetSpent(now time.Time) {
	for id, b := range h.spent {
		if b.full(now, &h.opts.Limits) {
			delete(h.spent, id)
		}
	}
	if len(h.spent) > spentMost/2 {
		for id := range h.spent {
			if len(h.spent) <= spentMost/2 {
				break
			}
			delete(h.spent, id)
		}
	}
	h.sweepSpent = 2 * len(h.spent)
}

func (b *budgets) full(now time.Time, l *Limits) bool {
	return b.messages.Full(now, l.messages()) && b.commands.Full(now, l.commands())
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
