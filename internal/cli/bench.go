package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"parley/internal/config"
	"parley/internal/load"
)

// benchCmd is `parley bench`. A kind of run is one line here, and a file in internal/load.
type benchCmd struct {
	load.Options

	Fanout  benchKind[load.Fanout]  `cmd:"" help:"A busy room: all get what all say, as fast as it goes. How many deliveries per second, and what each costs."`
	Latency benchKind[load.Latency] `cmd:"" help:"Messages at a steady pace: how long they take to everybody, counted from when they were due, also while the server stalls."`
	Idle    benchKind[load.Idle]    `cmd:"" help:"Many connections that say nothing: the memory that each takes, of the server and of the kernel."`
	Connect benchKind[load.Connect] `cmd:"" help:"How many connections can be opened per second; with --return, how soon all are back after all were cut at once."`
	Rooms   benchKind[load.Rooms]   `cmd:"" help:"Many rooms with few members: how many messages per second, and what each costs; with --rooms 1,10,100 how that grows."`
	Slow    benchKind[load.Slow]    `cmd:"" help:"A busy room with and without members who never read, by turns: what they do to the others, and when they are let go."`
	Mixed   benchKind[load.Mixed]   `cmd:"" help:"A day of a company in a minute: all that people do in a chat, and how long each of it takes."`
	Store   benchKind[load.Store]   `cmd:"" help:"How many messages per second become durable, from senders who each wait for their ack, and how long that takes."`
}

// Help is shown below the list of kinds.
func (benchCmd) Help() string {
	return "Each kind puts one sort of load on a chat, checks that every member got every message once and in the same order, and prints " +
		"what it measured. A run in which anything was lost, came twice or out of order ends with exit code 1. Ctrl+C ends a run early, " +
		"with what was measured until then. Without --url a server is started for the run, with an empty data folder; run it on a quiet " +
		"machine, as the load generator and the server share it."
}

// benchKind is the command of one kind.
type benchKind[K load.Kind] struct {
	Kind K `embed:""`
}

// Help is what a kind says of itself beside its flags.
func (k benchKind[K]) Help() string {
	if kind, ok := any(k.Kind).(interface{ Help() string }); ok {
		return kind.Help()
	}
	return ""
}

// Run does a run of the kind, and prints the result.
func (k benchKind[K]) Run(ctx context.Context, p *Program, c *commands) error {
	o := c.Bench.Options
	o.Command = append([]string{"parley"}, p.typed...)
	o.Version = p.Version
	if out, ok := p.Stderr.(*os.File); ok && term.IsTerminal(int(out.Fd())) {
		o.Progress = out
	}
	if err := p.benchServer(c, &o); err != nil {
		return err
	}
	file, err := openResult(o.JSON)
	if err != nil {
		return err
	}
	result, err := load.Run(ctx, k.Kind, o)
	if err != nil {
		return errors.Join(err, file.drop())
	}
	if err := p.tell(result, o.JSON, file); err != nil {
		return err
	}
	if !result.OK {
		return &exitError{1}
	}
	return nil
}

// benchServer is how the run's own server is started: with the settings of the command line, and of the environment as any other.
func (p *Program) benchServer(c *commands, o *load.Options) error {
	if o.URL != "" {
		if len(p.flags) > 0 || c.Config != "" {
			return errors.New("with --url there is no server of the run's own that settings could be for")
		}
		return nil
	}
	if _, ok := p.flags["data"]; ok {
		return errors.New("the run's own server has a data folder that is empty; --data can't be had")
	}
	cfg, err := p.load(c.Config)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("the server can't be started: %w", err)
	}
	flags := map[string]string{
		"listen": "127.0.0.1:0", "rate_limit.messages": "0", "idle_timeout": "0", "limits.connections": "0", "log.level": "warn",
	}
	fit(flags, &cfg.Limits, o.Longest())
	maps.Copy(flags, p.flags)
	o.Program = []string{self, "serve"}
	for _, s := range config.Settings() {
		if value, ok := flags[s.Key]; ok {
			o.Program = append(o.Program, "--"+s.Flag()+"="+value)
		}
	}
	if c.Config != "" {
		file, err := filepath.Abs(c.Config)
		if err != nil {
			return err
		}
		o.Program = append(o.Program, "--config", file)
	}
	return nil
}

// fit lets messages of a run through, where the limits are for shorter ones.
func fit(flags map[string]string, limits *config.Limits, longest int) {
	const around = 1024 // bytes of a frame that are not the text
	if limits.MessageLength > 0 && limits.MessageLength < longest {
		flags["limits.message_length"] = "0"
	}
	if limits.FrameBytes > 0 && limits.FrameBytes < longest+around {
		flags["limits.frame_bytes"] = "0"
	}
}

// resultFile is where the JSON goes, opened before the run, so that nobody waits minutes for a result that can't be written. What was in
// it stays there until there is another. nil is none.
type resultFile struct {
	*os.File
	made bool // it wasn't there before
}

func openResult(name string) (*resultFile, error) {
	if name == "" || name == "-" {
		return nil, nil //nolint:nilnil // no file was asked for
	}
	_, err := os.Stat(name)
	made := errors.Is(err, os.ErrNotExist)
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, fmt.Errorf("the result can't be written: %w", err)
	}
	return &resultFile{file, made}, nil
}

// drop leaves things as they were, for a run without a result.
func (f *resultFile) drop() error {
	if f == nil {
		return nil
	}
	err := f.Close()
	if f.made {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// tell prints a result: the table, unless JSON takes its place, and the JSON where that goes.
func (p *Program) tell(r *load.Result, name string, file *resultFile) error {
	if name == "-" {
		return r.WriteJSON(p.Stdout)
	}
	if err := r.WriteTable(p.Stdout); err != nil || file == nil {
		return err
	}
	_ = file.Truncate(0) // only what is a file has a length: not a pipe, nor /dev/null
	return errors.Join(r.WriteJSON(file), file.Close())
}
