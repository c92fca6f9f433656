package load

import (
	"context"
	"errors"
	"fmt"
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
	end      time.Time               // until when messages were due
	last     time.Time               // when the last delivery came
	seen     int64                   // messages that somebody has
	after    int64                   // deliveries that came when the time was over
}

// counts reports whether a message is one that counts.
func (r *pacedRoom) counts(t Token) bool { return r.number(t) >= 0 && !r.begin.IsZero() }

// number is that of a message, of those that count.
func (r *pacedRoom) number(t Token) int { return (t.Number()-1)*len(r.speakers) + t.Sender() - r.from }

// record notes how long a message took until now.
func (r *pacedRoom) record(h *hdrhistogram.Histogram, t Token) {
	if r.counts(t) {
		due := r.begin.Add(time.Duration(float64(r.number(t)) / r.rate * float64(time.Second)))
		Record(h, r.b.now.Sub(due))
	}
}

// Message implements [Handler].
func (r *pacedRoom) Message(_ *Member, t Token, _ int64) {
	r.record(r.got, t)
	if r.counts(t) {
		r.last = r.b.now
		if r.last.After(r.end) {
			r.after++
		}
	}
}

// first is told of messages when somebody has them.
func (r *pacedRoom) first(t Token) {
	if r.counts(t) {
		r.seen++
	}
}

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
	b.Do(func() {
		order = b.NewOrder()
		order.first = room.first
	})
	members, err := b.Open(ctx, Opening{Members: l.Clients, Handler: room, Order: order})
	if err != nil {
		return err
	}
	room.speakers = b.Speakers(members)
	b.pace(ctx, "warming up", l.Rate, b.Warmup, nil, func(int, time.Time) { room.say() })
	stop := b.Measure()
	b.pace(ctx, "measuring", l.Rate, b.Duration, room.late, func(n int, due time.Time) {
		if n == 0 {
			room.from, room.begin, room.end = room.said, due, due.Add(b.Duration)
		}
		room.say()
	})
	b.Do(func() {
		if now := time.Now(); now.Before(room.end) { // interrupted, or nobody is left
			room.end = now
		}
	})
	b.Drain(order)
	stop() // the processor's time is of the span in which the deliveries came, as their number is
	b.Do(func() {
		b.Result.Seconds = room.span().Seconds()
		b.Result.Add("messages that were due", l.Rate, "1/s")
		b.PerDelivery(room.seen, room.got.TotalCount())
		room.keptPace()
		b.Result.AddTimes("due to delivered", room.got)
		if room.stored.TotalCount() > 0 {
			b.Result.AddTimes("due to stored (ack)", room.stored)
		}
		b.Result.AddTimes("due to sent, by the load generator", room.late)
	})
	return nil
}

// span is that of the deliveries: as long as messages were due, and until the last had come.
func (r *pacedRoom) span() time.Duration {
	if r.last.After(r.end) {
		return r.last.Sub(r.begin)
	}
	return r.end.Sub(r.begin)
}

// keptPace says so where what was due came later than a round trip explains: then the figures are those of an overload.
func (r *pacedRoom) keptPace() {
	const least = 100 * time.Millisecond // a moment in which the machine did something else
	trip := time.Hour
	for _, m := range r.speakers {
		trip = min(trip, m.opened.Sub(m.begun)) // the fastest handshake is two round trips
	}
	if over := r.last.Sub(r.end); over > max(least, trip) {
		note := fmt.Sprintf("did not keep pace: %d deliveries were still under way when the time was over, the last came %.1f s later",
			r.after, over.Seconds())
		if own := time.Duration(r.late.Max()); own > least {
			note += fmt.Sprintf("; the load generator itself was up to %.1f s late", own.Seconds())
		}
		r.b.Result.Notes = append(r.b.Result.Notes, note)
	}
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
