package load

import (
	"context"
	"errors"
)

// Fanout is a busy room: everybody gets what everybody says, and so many messages are under way at once. A message is under way until
// its sender has seen it, and in the dialects that have them has its ack; in rpc, which shows a sender nothing of its own, until
// somebody else has seen it.
type Fanout struct {
	Clients  int `help:"Members of the room." default:"1000"`
	UnderWay int `help:"Messages under way at once; 1 is a room where each waits for the one before." default:"64"`
}

// Name implements [Kind].
func (Fanout) Name() string { return "fanout" }

// Help is what `parley bench fanout --help` tells.
func (Fanout) Help() string {
	return "All members are in one room. So many messages are under way at once: as soon as one has come back to its sender and is " +
		"stored, the sender says the next. With 64 under way that shows how much a server gets through, with 1 what each message costs."
}

// busyRoom keeps messages under way.
type busyRoom struct {
	Quiet
	b          *Bench
	acks       bool
	echoes     bool
	senders    []underWay // by index of the member
	stopped    bool
	messages   int64
	deliveries int64
}

// underWay is what one sender has under way.
type underWay struct {
	slots, sent, acked, seen int
}

// Message implements [Handler].
func (r *busyRoom) Message(m *Member, t Token, _ int64) {
	r.deliveries++
	if t.Sender() == m.Index && r.echoes {
		r.senders[m.Index].seen++
		r.more(m)
	}
}

// Ack implements [Handler].
func (r *busyRoom) Ack(m *Member, _ Token) {
	r.senders[m.Index].acked++
	r.more(m)
}

// seenFirst is told of messages that somebody has seen, for a dialect without an echo.
func (r *busyRoom) seenFirst(t Token) {
	r.senders[t.Sender()].seen++
	r.more(r.b.members[t.Sender()])
}

// more says what there is a place for.
func (r *busyRoom) more(m *Member) {
	s := &r.senders[m.Index]
	done := s.seen
	if r.acks {
		done = min(done, s.acked)
	}
	for !r.stopped && s.sent-done < s.slots && m.stage == open {
		s.sent++
		r.messages++
		m.Say()
	}
}

// Run implements [Kind].
func (f Fanout) Run(ctx context.Context, b *Bench) error {
	if f.Clients < 1 || f.UnderWay < 1 {
		return errors.New("--clients and --under-way are at least 1")
	}
	if err := b.enough(f.Clients); err != nil {
		return err
	}
	room := &busyRoom{b: b, acks: b.speaker.acks(), echoes: b.speaker.echoes(), senders: make([]underWay, f.Clients)}
	var order *Order
	b.Do(func() { order = b.NewOrder() })
	members, err := b.Open(ctx, Opening{Members: f.Clients, Handler: room, Order: order})
	if err != nil {
		return err
	}
	b.Do(func() {
		if !room.echoes {
			order.first = room.seenFirst
		}
		speakers := b.Speakers(members)
		for i := range f.UnderWay {
			room.senders[i%len(speakers)].slots++
		}
		for _, m := range speakers[:min(f.UnderWay, len(speakers))] {
			room.more(m)
		}
	})
	b.Sleep(ctx, "warming up", b.Warmup)
	var messages, deliveries int64
	stop := b.Measure()
	b.Do(func() { messages, deliveries = room.messages, room.deliveries })
	b.Sleep(ctx, "measuring", b.Duration)
	b.Do(func() { messages, deliveries = room.messages-messages, room.deliveries-deliveries })
	stop()
	b.PerDelivery(messages, deliveries)
	b.Do(func() { room.stopped = true })
	b.Drain(order)
	return nil
}

// Drain waits until everybody has what was said, as long as something comes. What then is missing is lost.
func (b *Bench) Drain(orders ...*Order) {
	b.progress("waiting for what is under way")
	b.Until(context.Background(), b.Patience, func() bool {
		missing := 0
		for _, o := range orders {
			missing += o.Missing()
		}
		return missing == 0
	})
}
