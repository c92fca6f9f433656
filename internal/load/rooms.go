package load

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Rooms is many rooms with few members each. What is said is spread evenly over all rooms and members.
type Rooms struct {
	Rooms    []int   `help:"Rooms. Of several numbers, with commas between them, each is measured for --duration and gives a row." default:"1000"`
	Members  []int   `help:"Members of each room. Of several numbers, too, each gives a row." default:"5"`
	UnderWay int     `help:"Messages under way at once, in all rooms together." default:"64"`
	Rate     float64 `help:"Messages per second, of all rooms together, whatever the server makes of them, instead of so many under way; times then count from when one was due." placeholder:"N"`
}

// Name implements [Kind].
func (Rooms) Name() string { return "rooms" }

// manyRooms keeps messages under way in many rooms.
type manyRooms struct {
	Quiet
	b              *Bench
	speakers       []*Member
	said           []saidBy // by speaker
	next           int      // whose turn it is
	open           bool     // a message that is done makes place for another
	counts         bool     // what comes now is measured
	messages       int64    // that are done
	deliveries     int64
	delivered, ack *hdrhistogram.Histogram
	late           *hdrhistogram.Histogram
}

// saidBy is what one member has said.
type saidBy struct {
	when              []time.Time // by number, from 1: sent, or due
	acked, seen, done int
}

// by is what the sender of a message has said, nil of a message of before.
func (s *manyRooms) by(t Token) *saidBy {
	if len(s.speakers) == 0 || t.Sender() < s.speakers[0].Index {
		return nil
	}
	return &s.said[t.Sender()-s.speakers[0].Index]
}

// Message implements [Handler].
func (s *manyRooms) Message(m *Member, t Token, _ int64) {
	by := s.by(t)
	if by == nil {
		return
	}
	if s.counts {
		s.deliveries++
		Record(s.delivered, s.b.now.Sub(by.when[t.Number()-1]))
	}
	if t.Sender() == m.Index {
		by.seen++
		s.look(by)
	}
}

// Ack implements [Handler].
func (s *manyRooms) Ack(_ *Member, t Token) {
	by := s.by(t)
	if by == nil {
		return
	}
	if s.counts {
		Record(s.ack, s.b.now.Sub(by.when[t.Number()-1]))
	}
	by.acked++
	s.look(by)
}

// look counts what is done: the sender has its ack, and has seen it, as far as the dialect has either.
func (s *manyRooms) look(by *saidBy) {
	done := by.acked
	switch {
	case !s.b.speaker.acks():
		done = by.seen
	case s.b.speaker.echoes():
		done = min(by.acked, by.seen)
	}
	for ; by.done < done; by.done++ {
		if s.counts {
			s.messages++
		}
		if s.open {
			s.say(time.Now())
		}
	}
}

// say lets the next one speak.
func (s *manyRooms) say(when time.Time) {
	at := s.next % len(s.speakers)
	s.next++
	s.said[at].when = append(s.said[at].when, when)
	s.speakers[at].Say()
}

// Help is shown by the command line.
func (Rooms) Help() string {
	return "Neighbouring messages belong to different rooms, so that nothing is gained by writing several to one room at once. A row has the messages that were " +
		"acknowledged and came back to their senders, the deliveries, and what either costs. Growth: --rooms 1,10,100,1000,10000 --members 1, and of a single " +
		"room --rooms 1 --members 10,100,1000,10000."
}

// Run implements [Kind].
func (r Rooms) Run(ctx context.Context, b *Bench) error {
	if b.Dialect == "plain" {
		return errors.New("how other chats name their rooms is not known: --dialect plain has one room")
	}
	least, most := 1, 0
	if !b.speaker.echoes() {
		least = 2
	}
	for _, n := range r.Rooms {
		for _, each := range r.Members {
			if n < 1 || each < least {
				return fmt.Errorf("--rooms are at least 1, and --members %d, in rpc 2, as nobody sees their own messages there", least)
			}
			most = max(most, n*each)
		}
	}
	if most == 0 || r.UnderWay < 1 || r.Rate < 0 || r.Rate > 1e6 {
		return errors.New("--rooms, --members and --under-way are at least 1, and --rate at most a million")
	}
	if err := b.enoughFiles(most); err != nil {
		return err
	}
	b.Result.RowsOf = "rooms x members"
	for _, n := range r.Rooms {
		for _, each := range r.Members {
			if ctx.Err() != nil {
				return nil
			}
			if err := r.row(ctx, b, n, each); err != nil {
				return err
			}
		}
	}
	return nil
}

// row measures with one number of rooms, and of members of each.
func (r Rooms) row(ctx context.Context, b *Bench, rooms, each int) error {
	s := &manyRooms{b: b, said: make([]saidBy, rooms*each), delivered: NewHistogram(), ack: NewHistogram(), late: NewHistogram()}
	members, orders, err := b.openRooms(ctx, strconv.Itoa(len(b.Result.Rows)), rooms, each, s)
	if err != nil {
		return err
	}
	b.Do(func() {
		s.speakers, s.open = members, r.Rate == 0
		if !b.speaker.echoes() {
			s.speakers = members[:len(members)-rooms] // one of each room only listens, as in [Bench.Speakers]
		}
		for range r.UnderWay {
			if s.open {
				s.say(time.Now())
			}
		}
	})
	name := fmt.Sprintf("%d x %d", rooms, each)
	load := func(what string, d time.Duration) {
		if r.Rate == 0 {
			b.Sleep(ctx, name+", "+what, d)
			return
		}
		b.pace(ctx, name+", "+what, r.Rate, d, s.late, func(_ int, due time.Time) { s.say(due) })
	}
	load("warming up", b.Warmup)
	stop := b.part()
	b.Do(func() { s.counts = true })
	load("measuring", b.Duration)
	b.Do(func() { s.counts, s.open = false, false })
	server, seconds := stop()
	b.Drain(orders...)
	b.Do(func() { s.report(name, server, seconds) })
	if len(r.Rooms)*len(r.Members) == 1 {
		s.addTimes(r.Rate > 0)
	}
	b.leave(ctx, members)
	return nil
}

// report adds the row. The caller holds the lock.
func (s *manyRooms) report(name string, server Used, seconds float64) {
	row := Row{Name: name}
	row.Add("messages", float64(s.messages)/seconds, "1/s")
	row.Add("deliveries", float64(s.deliveries)/seconds, "1/s")
	if server.CPUSeconds > 0 && s.messages > 0 {
		row.Add("CPU/message", server.CPUSeconds/float64(s.messages)*1e6, "µs")
	}
	if server.CPUSeconds > 0 && s.deliveries > 0 {
		row.Add("CPU/delivery", server.CPUSeconds/float64(s.deliveries)*1e6, "µs")
	}
	addQuantiles(&row, s.delivered)
	if server.Memory > 0 {
		row.Add("memory", float64(server.Memory)/(1<<20), "MiB")
	}
	s.b.Result.Rows = append(s.b.Result.Rows, row)
}

// addTimes adds the times of a run with one row.
func (s *manyRooms) addTimes(paced bool) {
	from := map[bool]string{false: "sent", true: "due"}[paced]
	s.b.Result.AddTimes(from+" to delivered", s.delivered)
	if s.ack.TotalCount() > 0 {
		s.b.Result.AddTimes(from+" to stored (ack)", s.ack)
	}
	if paced {
		s.b.Result.AddTimes("due to sent, by the load generator", s.late)
	}
}
