package load

import (
	"context"
	"errors"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latency is how long messages take that come at a steady pace, whatever the server makes of them (an open loop). Times count from when
// a message was due, so that waiting for a server that stalls is in them too, for every message that was due meanwhile.
type Latency struct {
	Clients int     `help:"Members of the room, who speak in turn." default:"1000"`
	Rate    float64 `help:"Messages per second, of all together." default:"100"`
}

// Name implements [Kind].
func (Latency) Name() string { return "latency" }

// Help is what `parley bench latency --help` tells.
func (Latency) Help() string {
	return "Messages are sent when they are due, whether or not those before have arrived, and their times count from then: a server " +
		"that stalls for a second makes a second's messages late, and all of them show. How late the load generator itself was is told too."
}

// pacedRoom notes how long messages took.
type pacedRoom struct {
	Quiet
	b        *Bench
	rate     float64
	speakers []*Member // speak in turn
	said     int
	from     int       // the first that counts; those before are of the warm-up
	begin    time.Time // when that one was due
	got      *hdrhistogram.Histogram
	stored   *hdrhistogram.Histogram
	late     *hdrhistogram.Histogram // how much later than due we sent
}

// record notes how long a message took until now.
func (r *pacedRoom) record(h *hdrhistogram.Histogram, t Token) {
	n := (t.Number()-1)*len(r.speakers) + t.Sender() - r.from // of those that count
	if n >= 0 && !r.begin.IsZero() {
		due := r.begin.Add(time.Duration(float64(n) / r.rate * float64(time.Second)))
		Record(h, r.b.now.Sub(due))
	}
}

// Message implements [Handler].
func (r *pacedRoom) Message(_ *Member, t Token, _ int64) { r.record(r.got, t) }

// Ack implements [Handler].
func (r *pacedRoom) Ack(_ *Member, t Token) { r.record(r.stored, t) }

// say lets the next one speak.
func (r *pacedRoom) say() {
	r.speakers[r.said%len(r.speakers)].Say()
	r.said++
}

// Run implements [Kind].
func (l Latency) Run(ctx context.Context, b *Bench) error {
	if l.Clients < 1 || l.Rate <= 0 || l.Rate > 1e6 {
		return errors.New("--clients is at least 1, and --rate from a little more than 0 to a million")
	}
	if err := b.enough(l.Clients); err != nil {
		return err
	}
	room := &pacedRoom{b: b, rate: l.Rate, got: NewHistogram(), stored: NewHistogram(), late: NewHistogram()}
	var order *Order
	b.Do(func() { order = b.NewOrder() })
	members, err := b.Open(ctx, Opening{Members: l.Clients, Handler: room, Order: order})
	if err != nil {
		return err
	}
	room.speakers = b.Speakers(members)
	b.pace(ctx, "warming up", l.Rate, b.Warmup, nil, func(int, time.Time) { room.say() })
	stop := b.Measure()
	counted := b.pace(ctx, "measuring", l.Rate, b.Duration, room.late, func(n int, due time.Time) {
		if n == 0 {
			room.from, room.begin = room.said, due
		}
		room.say()
	})
	stop()
	b.Drain(order)
	b.Do(func() {
		b.PerDelivery(int64(counted), room.got.TotalCount())
		b.Result.AddTimes("due to delivered", room.got)
		if room.stored.TotalCount() > 0 {
			b.Result.AddTimes("due to stored (ack)", room.stored)
		}
		b.Result.AddTimes("due to sent, by the load generator", room.late)
	})
	return nil
}

// pauseUntil waits until a moment, to within some ten microseconds where the system can do that. It returns false where ctx ended.
func pauseUntil(ctx context.Context, t time.Time) bool {
	const piece = 100 * time.Millisecond // after which it looks whether ctx has ended
	for {
		left := time.Until(t)
		if left <= 0 || ctx.Err() != nil {
			return ctx.Err() == nil
		}
		pause(min(left, piece))
	}
}
