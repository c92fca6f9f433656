package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Slow is what members who never read do to the others: a busy room with and without them, by turns in one run.
type Slow struct {
	Clients int     `help:"Members of the room, the slow ones among them." default:"1000"`
	Slow    Share   `help:"Which part of them never reads." default:"5%"`
	Rate    float64 `help:"Messages per second, of the others together." default:"100"`
	Pairs   int     `help:"Pairs of phases, each without and then with the slow ones." default:"3"`
}

// Share is a part of a whole, written like 5%.
type Share float64

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Share) UnmarshalText(text []byte) error {
	percent, ok := strings.CutSuffix(string(text), "%")
	value, err := strconv.ParseFloat(percent, 64)
	if !ok || err != nil || !(value >= 0 && value <= 100) {
		return fmt.Errorf("%q is no share; it is from 0%% to 100%%, like 5%%", text)
	}
	*s = Share(value / 100)
	return nil
}

// String is how it is written.
func (s Share) String() string { return strconv.FormatFloat(float64(s)*100, 'g', 4, 64) + "%" }

// Name implements [Kind].
func (Slow) Name() string { return "slow" }

// Help is shown by the command line.
func (Slow) Help() string {
	return "--duration is that of each phase. Slow members complete the handshake and then read nothing. A chat may keep what waits for them for a while, and then has to " +
		"let them go: after how long depends on how much comes, as the system too keeps some megabytes for each before the chat notices. With --size 2000 " +
		"--duration 20s, at 100 messages a second, that happens in the middle of a phase. What counts is the others' p99 beside what it is without the slow ones."
}

// healthy are the members who read.
type healthy struct {
	Quiet
	b        *Bench
	speakers []*Member
	said     []paced // all messages, in the order in which they were due
	watcher  *Member // counts who goes
	gone     int
}

// paced is a message of a steady pace.
type paced struct {
	due  time.Time
	into *hdrhistogram.Histogram // of its phase; nil where it isn't measured
}

// Message implements [Handler].
func (h *healthy) Message(_ *Member, t Token, _ int64) {
	n := (t.Number()-1)*len(h.speakers) + t.Sender() - h.speakers[0].Index
	if n < 0 || n >= len(h.said) || h.said[n].into == nil {
		return
	}
	Record(h.said[n].into, h.b.now.Sub(h.said[n].due))
}

// Frame implements [Handler].
func (h *healthy) Frame(m *Member, frame []byte) {
	if m == h.watcher && (bytes.Contains(frame, []byte("lea")) || bytes.Contains(frame, []byte(" left"))) {
		h.gone++
	}
}

// say lets them say what is due in d, and notes how long it takes to all of them.
func (h *healthy) say(ctx context.Context, what string, rate float64, d time.Duration, into, late *hdrhistogram.Histogram) {
	h.b.pace(ctx, what, rate, d, late, func(_ int, due time.Time) {
		m := h.speakers[len(h.said)%len(h.speakers)]
		h.said = append(h.said, paced{due, into})
		m.Say()
	})
}

// Run implements [Kind].
func (s Slow) Run(ctx context.Context, b *Bench) error {
	slow := int(float64(s.Clients)*float64(s.Slow) + 0.5)
	if s.Clients-slow < 2 || s.Rate <= 0 || s.Rate > 1e6 || s.Pairs < 1 {
		return errors.New("two at least of --clients have to read; --rate is from a little more than 0 to a million, and --pairs at least 1")
	}
	if slow == 0 {
		return fmt.Errorf("--slow %s of %d members is nobody: with --slow %s it is one", s.Slow, s.Clients, Share(1/float64(s.Clients)))
	}
	if err := b.enough(s.Clients); err != nil {
		return err
	}
	h := &healthy{b: b}
	var order *Order
	b.Do(func() { order = b.NewOrder() })
	members, err := b.Open(ctx, Opening{Members: s.Clients - slow, Handler: h, Order: order})
	if err != nil {
		return err
	}
	b.Do(func() { h.speakers, h.watcher = b.Speakers(members), members[0] })
	without, with, late := NewHistogram(), NewHistogram(), NewHistogram()
	crowd := &stuckCrowd{b: b, kept: NewHistogram()}
	b.Result.RowsOf = "phase"
	before := b.closedTooSlow(ctx)
	for pair := 1; pair <= s.Pairs && ctx.Err() == nil; pair++ {
		s.phase(ctx, h, fmt.Sprintf("%d without", pair), without, late)
		if err := crowd.come(ctx, slow); err != nil {
			crowd.leave(ctx, h)
			if ctx.Err() != nil {
				break // with what was measured until now
			}
			return err
		}
		s.phase(ctx, h, fmt.Sprintf("%d with", pair), with, late)
		b.Drain(order)
		crowd.leave(ctx, h)
	}
	s.report(b, crowd, without, with, late)
	if now := b.closedTooSlow(context.WithoutCancel(ctx)); now >= 0 {
		b.Result.Add("closed by the server with 4003, too slow", now-before, "")
	}
	return nil
}

// phase measures for --duration, after a warm-up.
func (s Slow) phase(ctx context.Context, h *healthy, name string, all, late *hdrhistogram.Histogram) {
	b, own := h.b, NewHistogram()
	h.say(ctx, name+", warming up", s.Rate, b.Warmup, nil, nil)
	stop := b.part()
	h.say(ctx, name+", measuring", s.Rate, b.Duration, own, late)
	b.Until(context.WithoutCancel(ctx), b.Patience, func() bool { return h.speakers[0].order.Missing() == 0 })
	server, _ := stop() // of the span in which the deliveries came
	b.Do(func() { all.Merge(own) })
	row := Row{Name: name}
	addQuantiles(&row, own)
	if server.CPUSeconds > 0 && own.TotalCount() > 0 {
		row.Add("CPU/delivery", server.CPUSeconds/float64(own.TotalCount())*1e6, "µs")
	}
	if server.PeakMemory > 0 {
		row.Add("memory at most", float64(server.PeakMemory)/(1<<20), "MiB")
	}
	b.Result.Rows = append(b.Result.Rows, row)
}

func addQuantiles(row *Row, h *hdrhistogram.Histogram) {
	if h.TotalCount() == 0 {
		return
	}
	row.Add("p50", float64(h.ValueAtPercentile(50))/1e6, "ms")
	row.Add("p99", float64(h.ValueAtPercentile(99))/1e6, "ms")
	row.Add("max", float64(h.Max())/1e6, "ms")
}

func (s Slow) report(b *Bench, crowd *stuckCrowd, without, with, late *hdrhistogram.Histogram) {
	r := b.Result
	for _, q := range []struct {
		name string
		at   float64
	}{{"p50", 50}, {"p99", 99}} {
		if base := without.ValueAtPercentile(q.at); base > 0 && with.TotalCount() > 0 {
			r.Add("others' "+q.name+", with the slow ones to without", float64(with.ValueAtPercentile(q.at))/float64(base), "x")
		}
	}
	r.Add("slow ones that came", float64(crowd.came), "")
	r.Add("slow ones that were let go", float64(crowd.kept.TotalCount()), "")
	if crowd.kept.TotalCount() > 0 {
		r.Add("after, at the median", float64(crowd.kept.ValueAtPercentile(50))/1e9, "s")
		r.Add("after, at most", float64(crowd.kept.Max())/1e9, "s")
	}
	r.AddTimes("due to delivered, without them", without)
	if with.TotalCount() > 0 {
		r.AddTimes("due to delivered, with them", with)
	}
	r.AddTimes("due to sent, by the load generator", late)
}

// closedTooSlow is how many connections a Parley says it has let go, as they were too slow to read; -1 for other chats.
func (b *Bench) closedTooSlow(ctx context.Context) float64 {
	all := b.Server.Metrics(ctx)
	if all == nil {
		return -1
	}
	n := 0.0
	for name, value := range all {
		if strings.HasPrefix(name, "parley_closes_total{") && strings.Contains(name, `code="4003"`) {
			n += value
		}
	}
	return n
}
