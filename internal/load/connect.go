package load

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Connect opens connections one after the other, --dials at a time, and closes each when its handshake is done. With --return it is
// another question: so many members of a room are cut at once while somebody goes on talking, and all come back.
type Connect struct {
	Return int `help:"Cut so many members of one room at once, and see how long it takes until all are back and have what they missed." placeholder:"N"`
	Missed int `help:"With --return: messages that are said meanwhile." default:"100"`
}

// Name implements [Kind].
func (Connect) Name() string { return "connect" }

// Help is what `parley bench connect --help` tells.
func (Connect) Help() string {
	return "Without --return, --dials connections are on their way at any time, each in a room of its own, and each is closed and " +
		"followed by the next as soon as its handshake is done. With --return a whole room is cut off without a word, as when a network " +
		"breaks, while somebody goes on talking; then all come back, --dials at a time, asking for what they missed."
}

// Run implements [Kind].
func (c Connect) Run(ctx context.Context, b *Bench) error {
	if c.Return != 0 {
		return c.comeBack(ctx, b)
	}
	return c.handshakes(ctx, b)
}

// door counts handshakes.
type door struct {
	Quiet
	b       *Bench
	opened  int64
	named   int // names given
	times   *hdrhistogram.Histogram
	stopped bool
}

// Opened implements [Handler].
func (d *door) Opened(m *Member) {
	d.opened++
	Record(d.times, m.opened.Sub(m.begun))
	m.Leave()
}

// End implements [Handler].
func (d *door) End(m *Member, err error) {
	if err != nil {
		d.b.complain(m, err.Error())
		return
	}
	if !d.stopped {
		d.named++
		m.Name = fmt.Sprintf("b%s-%d", d.b.run, d.named) // somebody else: a name is another's for a moment after its connection was closed
		d.b.Dial(m)
	}
}

func (c Connect) handshakes(ctx context.Context, b *Bench) error {
	if err := b.enoughFiles(b.Dials); err != nil {
		return err
	}
	if _, err := b.Open(ctx, Opening{Members: 1, Alone: true}); err != nil { // one that can't be opened says why
		return err
	}
	d := &door{b: b, times: NewHistogram()}
	b.Do(func() {
		for i := range b.Dials {
			// A room for each, as telling others who comes and goes would be most of the work.
			d.named = b.add(Opening{Room: fmt.Sprintf("%s-%d", b.Room, i), Handler: d, Rough: true}).Index + 1
		}
	})
	b.Sleep(ctx, "warming up", b.Warmup)
	stop := b.Measure()
	var before, opened int64
	b.Do(func() {
		before = d.opened
		d.times.Reset()
	})
	b.Sleep(ctx, "connecting", b.Duration)
	b.Do(func() {
		opened = d.opened - before
		stop()
		b.Result.AddTimes("connect and handshake", d.times)
	})
	b.Do(func() { d.stopped = true })
	r := b.Result
	r.Add("handshakes", float64(opened)/r.Seconds, "1/s")
	if opened > 0 && r.Server.CPUSeconds > 0 {
		r.Add("server's CPU per handshake", r.Server.CPUSeconds/float64(opened)*1e6, "µs")
	}
	if opened > 0 && r.Bench.CPUSeconds > 0 {
		r.Add("bench's CPU per handshake", r.Bench.CPUSeconds/float64(opened)*1e6, "µs")
	}
	return nil
}

// returning is the room of those who come back.
type returning struct {
	Quiet
	b      *Bench
	begun  time.Time // of their coming back
	total  int       // messages that one has to have
	whole  int       // members who have them
	again  int       // tries that had to be repeated
	back   *hdrhistogram.Histogram
	opened *hdrhistogram.Histogram
}

// Message implements [Handler].
func (r *returning) Message(m *Member, _ Token, _ int64) { r.look(m) }

// look notes when a member has all.
func (r *returning) look(m *Member) {
	if !r.begun.IsZero() && m.view.got == r.total {
		r.whole++
		Record(r.back, r.b.now.Sub(r.begun))
	}
}

// Opened implements [Handler].
func (r *returning) Opened(m *Member) {
	if !r.begun.IsZero() {
		Record(r.opened, r.b.now.Sub(r.begun))
	}
}

// End implements [Handler]. A server that hasn't noticed yet that somebody was cut off may say that their name is in use: they try again.
func (r *returning) End(m *Member, _ error) {
	if !r.begun.IsZero() {
		r.again++
		time.AfterFunc(20*time.Millisecond, func() { r.b.Do(func() { r.b.Dial(m) }) })
	}
}

// talker goes on talking, in json, which tells seqs and acks.
type talker struct {
	Quiet
	acked int
	last  int64
}

// Message implements [Handler].
func (t *talker) Message(_ *Member, _ Token, seq int64) { t.last = seq }

// Ack implements [Handler].
func (t *talker) Ack(*Member, Token) { t.acked++ }

// say says n messages and waits until they are stored and came back.
func (t *talker) say(ctx context.Context, b *Bench, m *Member, n int) error {
	b.Do(func() {
		for range n {
			m.Say()
		}
	})
	if !b.Until(ctx, b.Patience, func() bool { return t.acked == m.Sent && m.view.got == m.Sent }) {
		return fmt.Errorf("what was said was not stored%s", b.firstComplaint())
	}
	return nil
}

func (c Connect) comeBack(ctx context.Context, b *Bench) error {
	switch {
	case b.Dialect == "plain":
		return errors.New("only a Parley keeps what is missed: --return is for our dialects")
	case c.Return < 1 || c.Missed < 1 || c.Missed > 500:
		return errors.New("--return is at least 1, and --missed from 1 to 500, which is what is made up for at once")
	}
	if err := b.enoughFiles(c.Return + 1); err != nil {
		return err
	}
	room := &returning{b: b, back: NewHistogram(), opened: NewHistogram()}
	talk := &talker{}
	var order *Order
	b.Do(func() { order = b.NewOrder() })
	talkers, err := b.Open(ctx, Opening{Members: 1, Handler: talk, Order: order, Dialect: "json"})
	if err != nil {
		return err
	}
	members, err := b.Open(ctx, Opening{Members: c.Return, Handler: room, Order: order})
	if err != nil {
		return err
	}
	b.Sleep(ctx, "everybody is in", time.Second) // a server may hold a name that has just come for half a second
	const known = 10                             // messages that all have
	if err := talk.say(ctx, b, talkers[0], known); err != nil {
		return err
	}
	b.Drain(order)
	b.Do(func() {
		for _, m := range members {
			m.Cut()
			m.rough = true
			m.Query = fmt.Sprintf("since=%d", talk.last)
		}
	})
	if err := talk.say(ctx, b, talkers[0], c.Missed); err != nil {
		return err
	}
	stop := b.Measure()
	b.Do(func() {
		room.begun, room.total = time.Now(), known+c.Missed
		for _, m := range members {
			b.Dial(m)
		}
	})
	b.Until(ctx, b.Patience, func() bool { return room.whole == c.Return })
	took := time.Since(room.begun)
	stop()
	if err := b.wait(ctx, members); err != nil {
		return err
	}
	if err := talk.say(ctx, b, talkers[0], 1); err != nil { // what comes live follows on
		return err
	}
	b.Drain(order)
	b.Do(func() {
		b.Result.Add("members who are back and whole", float64(room.whole), "")
		b.Result.Add("tries that had to be repeated", float64(room.again), "")
		if room.whole == c.Return {
			b.Result.Add("all of them after", took.Seconds(), "s")
		}
		b.Result.AddTimes("from setting out to open", room.opened)
		b.Result.AddTimes("from setting out to whole", room.back)
	})
	return nil
}
