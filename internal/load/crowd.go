package load

import (
	"context"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// openRooms opens so many rooms with so many members each, and an order for each room. Neighbours in what it returns are in different
// rooms, so that who goes through it goes through the rooms.
func (b *Bench) openRooms(ctx context.Context, name string, rooms, each int, h Handler) (members []*Member, orders []*Order, err error) {
	b.Do(func() {
		for range rooms {
			orders = append(orders, b.NewOrder())
		}
		for range each {
			for r, order := range orders {
				members = append(members, b.add(Opening{Room: fmt.Sprintf("%s-%s-%d", b.Room, name, r), Handler: h, Order: order}))
			}
		}
	})
	if err := b.wait(ctx, members); err != nil {
		return members, orders, err
	}
	return members, orders, b.reach(ctx, members)
}

// leave lets members go, and waits until they are gone.
func (b *Bench) leave(ctx context.Context, members []*Member) {
	b.progress("%d members leave", len(members))
	b.Do(func() { leaveAll(members) })
	left := members
	b.Until(ctx, b.Patience, func() bool {
		for len(left) > 0 && left[0].stage == ended {
			left = left[1:]
		}
		return len(left) == 0
	})
}

// pace is an open loop: it calls say for every message that is due within d, when it is due or as soon after as it can, whatever the
// server makes of those before, until every connection has ended. It counts how late that was, and returns how often it called.
func (b *Bench) pace(ctx context.Context, what string, rate float64, d time.Duration, late *hdrhistogram.Histogram, say func(n int, due time.Time)) (n int) {
	begin, shown := time.Now(), time.Time{}
	due := func(n int) time.Time { return begin.Add(time.Duration(float64(n) / rate * float64(time.Second))) }
	for ; due(n).Sub(begin) < d; n++ {
		if time.Since(shown) > 200*time.Millisecond {
			if b.deserted() {
				return n
			}
			shown = time.Now()
			b.Server.look()
			b.progress("%s: %.0f s left, %d frames received", what, (d - time.Since(begin)).Seconds(), b.received())
		}
		if !pauseUntil(ctx, due(n)) {
			return n
		}
		b.Do(func() {
			if late != nil {
				Record(late, time.Since(due(n)))
			}
			say(n, due(n))
		})
	}
	pauseUntil(ctx, begin.Add(d))
	return n
}
