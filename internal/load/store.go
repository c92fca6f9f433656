package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Store is how fast messages become durable: each sender sends its next message when the one before is acknowledged.
type Store struct {
	Senders []int `help:"Senders, each with one message under way. Of several numbers each is measured for --duration and gives a row." default:"1,10,100,1000"`
	OneRoom bool  `help:"All in one room, so that everybody gets everything too, instead of each in a room alone."`
}

// Name implements [Kind].
func (Store) Name() string { return "store" }

// Help is shown by the command line.
func (Store) Help() string {
	return "An ack says that the message is on disk. What that takes on this disk at least is measured beforehand, for a server of the run's own, whose " +
		"data folder lies where temporary files do (TMPDIR): one in memory measures something else. Messages per commit and bytes written are those that the " +
		"server and the system count."
}

// senders wait for their acks.
type senders struct {
	Quiet
	b      *Bench
	sent   map[int]time.Time // by index of the member
	open   bool
	counts bool
	times  *hdrhistogram.Histogram
}

// Ack implements [Handler].
func (s *senders) Ack(m *Member, _ Token) {
	if s.counts {
		Record(s.times, s.b.now.Sub(s.sent[m.Index]))
	}
	if s.open {
		s.say(m)
	}
}

func (s *senders) say(m *Member) {
	s.sent[m.Index] = time.Now()
	m.Say()
}

// Run implements [Kind].
func (k Store) Run(ctx context.Context, b *Bench) error {
	if !b.speaker.acks() {
		return fmt.Errorf("in %s nobody is told what is stored: --dialect json or rpc", b.Dialect)
	}
	if k.OneRoom && !b.speaker.echoes() {
		return fmt.Errorf("in %s nobody sees their own messages, so that an order of all can't be seen where all speak: --dialect json", b.Dialect)
	}
	most := 0
	for _, n := range k.Senders {
		if n < 1 {
			return errors.New("--senders are at least 1")
		}
		most = max(most, n)
	}
	if len(k.Senders) == 0 {
		return errors.New("--senders is needed")
	}
	if err := b.enoughFiles(most); err != nil {
		return err
	}
	if b.Server.folder != "" {
		if took, err := syncTime(b.Server.folder, b.Size); err == nil {
			b.Result.Add("write and fsync on this disk, p50", float64(took.ValueAtPercentile(50))/1e6, "ms")
			b.Result.Add("write and fsync on this disk, p99", float64(took.ValueAtPercentile(99))/1e6, "ms")
		}
	}
	b.Result.RowsOf = "senders"
	for i, n := range k.Senders {
		if ctx.Err() != nil {
			return nil
		}
		if err := k.row(ctx, b, i, n); err != nil {
			return err
		}
	}
	return nil
}

// syncTime is how long it takes until an addition to a file is on disk, whoever does it.
func syncTime(folder string, size int) (*hdrhistogram.Histogram, error) {
	file, err := os.Create(filepath.Join(folder, "bench-sync"))
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	times := NewHistogram()
	const most, long = 200, 500 * time.Millisecond
	for begun := time.Now(); times.TotalCount() < most && time.Since(begun) < long; {
		from := time.Now()
		if _, err := file.Write(make([]byte, size)); err != nil {
			return nil, err
		}
		if err := file.Sync(); err != nil {
			return nil, err
		}
		Record(times, time.Since(from))
	}
	return times, nil
}

// row measures with one number of senders.
func (k Store) row(ctx context.Context, b *Bench, i, n int) error {
	rooms, each := n, 1
	if k.OneRoom {
		rooms, each = 1, n
	}
	s := &senders{b: b, sent: map[int]time.Time{}, times: NewHistogram()}
	members, orders, err := b.openRooms(ctx, strconv.Itoa(i), rooms, each, s)
	if err != nil {
		return err
	}
	b.Do(func() {
		s.open = true
		for _, m := range members {
			s.say(m)
		}
	})
	name := fmt.Sprintf("%d senders", n)
	b.Sleep(ctx, name+", warming up", b.Warmup)
	always := context.WithoutCancel(ctx)
	metrics, written := b.Server.Metrics(always), b.Server.written()
	stop := b.part()
	b.Do(func() { s.counts = true })
	b.Sleep(ctx, name+", measuring", b.Duration)
	b.Do(func() { s.counts, s.open = false, false })
	server, seconds := stop()
	written = b.Server.written() - written
	after := b.Server.Metrics(always)
	b.Drain(orders...)

	acked := float64(s.times.TotalCount())
	row := Row{Name: strconv.Itoa(n)}
	row.Add("acked", acked/seconds, "1/s")
	for _, p := range []struct {
		name string
		at   float64
	}{{"p50", 50}, {"p99", 99}, {"p99.9", 99.9}} {
		if acked == 0 {
			break
		}
		row.Add(p.name, float64(s.times.ValueAtPercentile(p.at))/1e6, "ms")
	}
	if commits := after[commitCount] - metrics[commitCount]; commits > 0 {
		row.Add("messages/commit", (after[commitEvents]-metrics[commitEvents])/commits, "")
		row.Add("commits", commits/seconds, "1/s")
	}
	if acked > 0 && server.CPUSeconds > 0 {
		row.Add("CPU/message", server.CPUSeconds/acked*1e6, "µs")
	}
	if acked > 0 && written > 0 {
		row.Add("written/message", float64(written)/acked, "bytes")
	}
	b.Result.Rows = append(b.Result.Rows, row)
	b.leave(ctx, members)
	return nil
}

// What a Parley tells of its store.
const (
	commitCount  = "parley_store_commit_events_count"
	commitEvents = "parley_store_commit_events_sum"
)

// written is how many bytes the server has let be written to disks, 0 where that can't be seen.
func (s *Server) written() int64 {
	if s.pid == 0 {
		return 0
	}
	return processWritten(s.pid)
}
