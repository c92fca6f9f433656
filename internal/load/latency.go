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

// pacedRoom notes how long messages took.
type pacedRoom struct {
	Quiet
	b        *Bench
	speakers int
	begin    time.Time     // when the first message was due
	each     time.Duration // from one to the next
	from, to int           // the messages that count
	got      *hdrhistogram.Histogram
	stored   *hdrhistogram.Histogram
	late     *hdrhistogram.Histogram // how much later than due we sent
}

// nth is which message of all it is, from 0: members speak in turn.
func (r *pacedRoom) nth(t Token) int { return (t.Number()-1)*r.speakers + t.Sender() }

func (r *pacedRoom) due(n int) time.Time { return r.begin.Add(time.Duration(n) * r.each) }

func (r *pacedRoom) record(h *hdrhistogram.Histogram, t Token) {
	if n := r.nth(t); n >= r.from && n < r.to {
		Record(h, r.b.now.Sub(r.due(n)))
	}
}

// Message implements [Handler].
func (r *pacedRoom) Message(_ *Member, t Token, _ int64) { r.record(r.got, t) }

// Ack implements [Handler].
func (r *pacedRoom) Ack(_ *Member, t Token) { r.record(r.stored, t) }

// Run implements [Kind].
func (l Latency) Run(ctx context.Context, b *Bench) error {
	if l.Clients < 1 || l.Rate <= 0 || l.Rate > 1e6 {
		return errors.New("--clients is at least 1, and --rate from a little more than 0 to a million")
	}
	if err := b.enough(l.Clients); err != nil {
		return err
	}
	each := time.Duration(float64(time.Second) / l.Rate)
	before := int(b.Warmup / each)
	room := &pacedRoom{
		b: b, each: each, from: before, to: before + max(1, int(b.Duration/each)),
		got: NewHistogram(), stored: NewHistogram(), late: NewHistogram(),
	}
	var order *Order
	b.Do(func() { order = b.NewOrder() })
	members, err := b.Open(ctx, Opening{Members: l.Clients, Handler: room, Order: order})
	if err != nil {
		return err
	}
	room.speakers = len(b.Speakers(members))
	sent, stop := room.speak(ctx, b.Speakers(members))
	b.Drain(order)
	stop()
	b.Do(func() {
		b.PerDelivery(int64(sent), room.got.TotalCount())
		b.Result.AddTimes("due to delivered", room.got)
		if room.stored.TotalCount() > 0 {
			b.Result.AddTimes("due to stored (ack)", room.stored)
		}
		b.Result.AddTimes("due to sent, by the load generator", room.late)
	})
	return nil
}

// speak says what is due when it is due, and returns how many messages count, and what ends the measuring that it began.
func (r *pacedRoom) speak(ctx context.Context, speakers []*Member) (counted int, stop func() float64) {
	b := r.b
	b.Do(func() { r.begin = time.Now().Add(r.each) })
	stop = b.Measure()
	shown := time.Time{}
	for n := 0; n < r.to && ctx.Err() == nil; n++ {
		due := r.due(n)
		if n == r.from {
			stop = b.Measure()
		}
		if time.Since(shown) > time.Second {
			shown = time.Now()
			b.progress("%d of %d messages sent, %d frames received", n, r.to, b.received())
		}
		if !pauseUntil(ctx, due) {
			break
		}
		b.Do(func() {
			if n >= r.from {
				Record(r.late, time.Since(due))
				counted++
			}
			speakers[n%len(speakers)].Say()
		})
	}
	pauseUntil(ctx, r.due(r.to))
	return counted, stop
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
