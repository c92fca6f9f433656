//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are what the command line says.
type options struct {
	Peers    []string      `json:"peers"` // names
	Measures []string      `json:"measures"`
	Rounds   int           `json:"rounds"`
	Time     time.Duration `json:"time"` // nanoseconds of each measurement
	Clients  int           `json:"clients"`
	Idle     int           `json:"idle"` // connections
	Size     int           `json:"size"` // bytes of a text

	json string // file
	root string // of the project
	into string // where programs are built
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run measures what the arguments say, in the root of the project, and prints it. If ctx ends it prints what there is until then.
func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if err := errors.Join(os.MkdirAll(o.into, 0o755), raiseFileLimit()); err != nil {
		return err
	}
	load := program(o.into, "parley")
	if err := build(ctx, o.root, buildParley(load)); err != nil {
		return err
	}
	var rows []*row
	for _, p := range peers(o.Size, o.into) {
		if !slices.Contains(o.Peers, p.name) {
			continue
		}
		if err := build(ctx, o.root, p.build); err != nil {
			return err
		}
		rows = append(rows, &row{peer: p, Values: map[string][]float64{}})
	}
	m := meter{options: o, load: load, rows: rows}
	for round := 0; round < o.Rounds && ctx.Err() == nil; round++ {
		m.round(ctx, round)
	}
	t := newTable(o, rows)
	return errors.Join(t.write(out), t.save(o.json), ctx.Err())
}

// parse reads the command line.
func parse(args []string) (o options, err error) {
	var names, kinds []string
	for _, p := range peers(0, "") {
		names = append(names, p.name)
	}
	for _, m := range measures {
		kinds = append(kinds, m.name)
	}
	f := flag.NewFlagSet("peers", flag.ContinueOnError)
	chosen := f.String("peers", strings.Join(names, " "), "which servers")
	wanted := f.String("measure", strings.Join(kinds, " "), "what of them")
	f.IntVar(&o.Rounds, "rounds", 3, "how often each is measured; of the figures the median is shown")
	f.DurationVar(&o.Time, "time", 3*time.Second, "how long each measurement takes, without what comes before and after")
	f.IntVar(&o.Clients, "clients", 1000, "members of the room")
	f.IntVar(&o.Idle, "idle", 5000, "connections where they are idle")
	f.IntVar(&o.Size, "size", 128, "bytes of a text")
	f.StringVar(&o.json, "json", ".cache/bench-peers.json", "where to write all figures")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.Peers, o.Measures = strings.Fields(*chosen), strings.Fields(*wanted)
	for _, name := range slices.Concat(o.Peers, o.Measures) {
		if !slices.Contains(names, name) && !slices.Contains(kinds, name) {
			return o, fmt.Errorf("there is no %q; there are %s, and %s", name, strings.Join(names, " "), strings.Join(kinds, " "))
		}
	}
	if o.root, err = os.Getwd(); err != nil {
		return o, err
	}
	if _, err := os.Stat(folder("limit")); err != nil {
		return o, errors.New("run this in the root of the project")
	}
	o.into = filepath.Join(o.root, built)
	return o, nil
}

// raiseFileLimit lets this process, and those that it starts, have as many connections as the system allows.
func raiseFileLimit() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	limit.Cur = limit.Max
	return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}
