package load

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Idle opens connections that say nothing, and looks at what they cost: the server's memory when it has come to rest, what the kernel
// keeps for them, and the processor's time while nothing happens.
type Idle struct {
	Clients int           `help:"Connections." default:"10000"`
	PerRoom int           `help:"Members of each room. Who comes is told to all who are there, so one room for all is mostly that; 0 is one room." default:"100"`
	Settle  time.Duration `help:"How long the server may take to come to rest: Go collects its garbage every two minutes where nothing happens." default:"130s"`
}

// Name implements [Kind].
func (Idle) Name() string { return "idle" }

// Help is what `parley bench idle --help` tells.
func (Idle) Help() string {
	return "The server's memory is looked at when it has come to rest (its memory and goroutines stay as they are, and garbage was collected), before and after the connections are opened; then its processor " +
		"time while nothing happens. Of the kernel's memory, which holds both ends of connections within one machine, the machine's totals " +
		"are compared, so other programs show in it."
}

// kept is what is kept for connections.
type kept struct {
	server         int64 // bytes resident
	buffers, slabs int64 // bytes of the kernel's
	metrics        map[string]float64
}

// Run implements [Kind].
func (i Idle) Run(ctx context.Context, b *Bench) error {
	if i.Clients < 1 || i.PerRoom < 0 {
		return errors.New("--clients is at least 1, and --per-room at least 0")
	}
	if err := b.enoughFiles(i.Clients); err != nil {
		return err
	}
	if _, err := b.Server.Usage(); err != nil {
		return err
	}
	// What the first connections cost once and for all is not of each.
	first, err := b.Open(ctx, Opening{Members: 10, Alone: true})
	if err != nil {
		return err
	}
	b.Do(func() { leaveAll(first) })
	before, err := b.atRest(ctx, i.Settle)
	if err != nil {
		return err
	}
	begun := time.Now()
	if _, err := b.Open(ctx, Opening{Members: i.Clients, Rooms: i.room(b), Alone: true}); err != nil {
		return err
	}
	opening := time.Since(begun)
	after, err := b.atRest(ctx, i.Settle)
	if err != nil {
		return err
	}
	stop := b.Measure()
	b.Sleep(ctx, "idle", b.Duration)
	stop()
	i.report(b, before, after)
	b.Result.Add("opening them all took", opening.Seconds(), "s")
	return nil
}

// room says which room each is in.
func (i Idle) room(b *Bench) func(int) string {
	if i.PerRoom == 0 {
		return nil
	}
	return func(n int) string { return fmt.Sprintf("%s-%d", b.Room, n/i.PerRoom) }
}

func leaveAll(members []*Member) {
	for _, m := range members {
		m.Leave()
	}
}

// atRest waits until the server's memory and goroutines change no more and, as far as it tells, its garbage has been collected, and looks.
func (b *Bench) atRest(ctx context.Context, most time.Duration) (kept, error) {
	const calm, step = 6, 500 * time.Millisecond // so many looks that differ by less than half a per cent
	const collections = "go_gc_duration_seconds_count"
	var seen, goroutines []int64
	first, knows := b.Server.Metrics(ctx)[collections]
	collected := !knows
	for deadline := time.Now().Add(most); time.Now().Before(deadline) && ctx.Err() == nil; {
		u, err := b.Server.Usage()
		if err != nil {
			return kept{}, err
		}
		told := b.Server.Metrics(ctx)
		if !collected && told[collections] > first {
			collected, seen, goroutines = true, nil, nil // memory is given back now
		}
		b.progress("the server has %.1f MiB, %.0f goroutines; waiting until it is at rest%s, %.0f s at most", float64(u.Memory)/(1<<20),
			told["go_goroutines"], map[bool]string{false: " and has collected its garbage"}[collected], time.Until(deadline).Seconds())
		seen, goroutines = append(seen, u.Memory), append(goroutines, int64(told["go_goroutines"]))
		if n := len(seen); collected && n >= calm && spread(seen[n-calm:]) < 0.005 && spread(goroutines[n-calm:]) < 0.005 {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(step):
		}
	}
	u, err := b.Server.Usage()
	k := kept{server: u.Memory, metrics: b.Server.Metrics(context.WithoutCancel(ctx))}
	k.buffers, k.slabs = kernelMemory()
	return k, err
}

// spread is how far values differ, as a part of the greatest.
func spread(values []int64) float64 {
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	if high == 0 {
		return 0
	}
	return float64(high-low) / float64(high)
}

// report says what each connection costs.
func (i Idle) report(b *Bench, before, after kept) {
	r := b.Result
	const enough = 1000 // connections, from which on what each takes shows
	each := func(name string, bytes float64) {
		if bytes > 0 && i.Clients >= enough {
			r.Add(name+", per connection", bytes/float64(i.Clients)/1024, "KiB")
		}
	}
	if i.Clients < enough {
		r.Notes = append(r.Notes, fmt.Sprintf("%d connections are too few to say what each takes: --clients %d or more", i.Clients, enough))
	}
	r.Add("connections", float64(i.Clients), "")
	r.Add("server's memory before", float64(before.server)/(1<<20), "MiB")
	r.Add("server's memory with them", float64(after.server)/(1<<20), "MiB")
	each("memory", float64(after.server-before.server))
	for _, part := range []struct{ name, metric string }{
		{"Go's heap in use", "go_memstats_heap_inuse_bytes"},
		{"Go's heap, spare", "go_memstats_heap_idle_bytes"},
		{"goroutines' stacks", "go_memstats_stack_inuse_bytes"},
	} {
		if value, ok := after.metrics[part.metric]; ok {
			value -= before.metrics[part.metric]
			if part.metric == "go_memstats_heap_idle_bytes" { // what was given back is no memory of the server's
				value -= after.metrics["go_memstats_heap_released_bytes"] - before.metrics["go_memstats_heap_released_bytes"]
			}
			each(part.name, value)
		}
	}
	if n, ok := after.metrics["go_goroutines"]; ok && i.Clients >= enough && n >= before.metrics["go_goroutines"] {
		r.Add("goroutines, per connection", (n-before.metrics["go_goroutines"])/float64(i.Clients), "")
	}
	if after.slabs > 0 {
		each("kernel's slabs (sockets of both ends)", float64(after.slabs-before.slabs))
		each("kernel's TCP buffers (both ends)", float64(after.buffers-before.buffers))
	}
	r.Add("server's CPU while idle", r.Server.CPUSeconds/r.Seconds*100, "% of a core")
}
