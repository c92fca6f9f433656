//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/load"
)

// measure is a run of `parley bench` on each server.
type measure struct {
	name    string // on the command line
	args    func(o options) []string
	columns []column
	not     string // the peer that it says nothing of
}

// column is a figure of a run that the table shows.
type column struct {
	name  string
	value func(r *load.Result) (float64, bool)
}

// measures are what is measured, in the order of the table. At 100 messages/s to 1,000 Mojolicious's queue only grows; and all that an
// idle connection costs the limit is the kernel's.
var measures = []measure{
	{"busy", fanout(64), []column{{"deliveries/s (64)", figure("deliveries")}, {"CPU s (64)", figure(perMillion)}}, ""},
	{"single", fanout(1), []column{{"CPU s (1)", figure(perMillion)}}, ""},
	{"latency", latency, []column{{"p50 ms", delivered(func(t load.Times) float64 { return t.P50 })}, {
		"p99 ms", delivered(func(t load.Times) float64 { return t.P99 }),
	}}, "mojolicious"},
	{"idle", idle, []column{{"idle KiB", figure("memory, per connection")}}, "limit"},
}

const perMillion = "server's CPU per million deliveries"

func fanout(underWay int) func(options) []string {
	return func(o options) []string {
		return []string{"fanout", "--under-way", strconv.Itoa(underWay), "--clients", strconv.Itoa(o.Clients)}
	}
}

func latency(o options) []string {
	return []string{"latency", "--rate", "100", "--clients", strconv.Itoa(o.Clients)}
}

func idle(o options) []string {
	return []string{"idle", "--clients", strconv.Itoa(o.Idle), "--settle", "8s"}
}

func figure(name string) func(*load.Result) (float64, bool) {
	return func(r *load.Result) (float64, bool) { return r.Value(name) }
}

func delivered(of func(load.Times) float64) func(*load.Result) (float64, bool) {
	return func(r *load.Result) (float64, bool) {
		if len(r.Times) == 0 {
			return 0, false
		}
		return of(r.Times[0]), true
	}
}

// row is what was found of one server.
type row struct {
	peer
	Values   map[string][]float64 // of each column, one for each round
	Troubles []string             // what went wrong, in words
	Runs     []*load.Result
}

// meter measures.
type meter struct {
	options
	load string // the program that has `bench`
	rows []*row
}

// round measures everything once. The servers take turns, so that what the machine does meanwhile meets all of them.
func (m *meter) round(ctx context.Context, round int) {
	for _, what := range measures {
		if !slices.Contains(m.Measures, what.name) {
			continue
		}
		for _, r := range m.rows {
			if ctx.Err() != nil {
				return
			}
			if r.name == what.not {
				continue
			}
			fmt.Fprintf(os.Stderr, "round %d of %d: %s, %s\n", round+1, m.Rounds, what.name, r.name)
			if err := m.measure(ctx, r, what); err != nil && ctx.Err() == nil {
				r.Troubles = append(r.Troubles, fmt.Sprintf("%s, %s: %v", r.name, what.name, err))
			}
		}
	}
}

// measure starts a server, has it loaded, and ends it.
func (m *meter) measure(ctx context.Context, r *row, what measure) (err error) {
	s, err := start(ctx, r.peer, m.root)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	result, err := m.bench(ctx, r.peer, s, what.args(m.options))
	if err != nil {
		return err
	}
	r.Runs = append(r.Runs, result)
	for _, c := range what.columns {
		if v, ok := c.value(result); ok {
			r.Values[c.name] = append(r.Values[c.name], v)
		}
	}
	if v := result.Verified; !result.OK {
		return fmt.Errorf("of %d deliveries %d lost, %d twice, %d out of order; %d connections ended; %s",
			v.Deliveries, v.Lost, v.Twice, v.OutOfOrder, v.Ended, strings.Join(v.Examples, "; "))
	}
	return nil
}

// bench runs `parley bench` on a server.
func (m *meter) bench(ctx context.Context, p peer, s *server, args []string) (*load.Result, error) {
	file := filepath.Join(s.data, "result.json")
	args = append([]string{"bench"}, args...)
	seconds := m.Time
	if p.slow {
		seconds *= 3
	}
	args = append(args, "--url", "ws://"+s.Host+"/ws", "--pid", strconv.Itoa(s.PID()), "--json", file,
		"--duration", seconds.String(), "--size", strconv.Itoa(m.Size))
	if p.send != "" {
		args = append(args, "--dialect", "plain", "--send", p.send)
	}
	if p.hello != "" {
		args = append(args, "--hello", p.hello)
	}
	ctx, cancel := context.WithTimeout(ctx, seconds+time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, m.load, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	said, failed := cmd.CombinedOutput()
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", failed, said)
	}
	result := new(load.Result)
	if err := json.Unmarshal(raw, result); err != nil {
		return nil, err
	}
	if result.Interrupted {
		return nil, errors.New("not done within a minute")
	}
	return result, nil
}
