package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"parley/internal/config"
)

type doctorCmd struct {
	onData

	JSON bool `help:"Write it as JSON, for programs."`
}

// level is how bad something is.
type level string

const (
	fine    level = "ok"
	warning level = "warning" // people can chat; it may not stay so
	problem level = "problem" // people can't chat, or what they say is in danger
)

// finding is one line: what was looked at, what that means for the people who chat, and what to do about it.
type finding struct {
	Level level  `json:"level"`
	About string `json:"about"`
	Says  string `json:"says"`
	Do    string `json:"do,omitempty"`
}

// examination is what the checks share and find.
type examination struct {
	cfg      config.Config
	running  bool // a server uses the data folder
	hidden   bool // whether one does can't be seen by this user
	findings []finding
}

func (x *examination) fine(about, says string, args ...any) {
	x.findings = append(x.findings, finding{Level: fine, About: about, Says: fmt.Sprintf(says, args...)})
}

func (x *examination) warn(about, do, says string, args ...any) {
	x.findings = append(x.findings, finding{Level: warning, About: about, Says: fmt.Sprintf(says, args...), Do: do})
}

func (x *examination) bad(about, do, says string, args ...any) {
	x.findings = append(x.findings, finding{Level: problem, About: about, Says: fmt.Sprintf(says, args...), Do: do})
}

// Run examines what the chat stands on and changes nothing. It returns an error, and the program ends with 1, where there is a problem.
func (d doctorCmd) Run(ctx context.Context, p *Program, c *commands) error {
	x := &examination{}
	cfg, err := p.load(c.Config)
	if err != nil {
		x.bad("settings", "Put that right first; the server would not start, and the rest depends on it.", "%v", err)
	} else {
		x.cfg = cfg
		x.fine("settings", "%s", settingsFrom(c.Config))
		running, known := folderInUse(cfg.Data)
		x.running, x.hidden = running, !known
		x.folder()
		x.database(ctx)
		x.server(ctx)
		x.addresses()
		x.clock()
		x.resources()
	}
	if d.JSON {
		err = json.NewEncoder(p.Stdout).Encode(x.findings)
	} else {
		colour := term.IsTerminal(int(p.Stdout.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		err = report(p.Stdout, x.findings, colour)
	}
	if err != nil {
		return err
	}
	for _, f := range x.findings {
		if f.Level == problem {
			return &exitError{1}
		}
	}
	return nil
}

func settingsFrom(file string) string {
	if file == "" {
		file = "config.yaml"
		if _, err := os.Stat(file); err != nil {
			return "the defaults, as there is no config.yaml in this folder"
		}
	}
	return "read from " + file
}

// colours of the levels in a terminal: green, yellow, red.
var colours = map[level]string{fine: "\x1b[32m", warning: "\x1b[33m", problem: "\x1b[31m"}

// report writes one line for each finding, and a last one that sums up.
func report(w io.Writer, findings []finding, colour bool) error {
	var b strings.Builder
	count := map[level]int{}
	for _, f := range findings {
		count[f.Level]++
		word := fmt.Sprintf("%-8s", f.Level)
		if colour {
			word = colours[f.Level] + word + "\x1b[0m"
		}
		fmt.Fprintf(&b, "%s %-10s %s", word, f.About, printable(f.Says))
		if f.Do != "" {
			fmt.Fprintf(&b, " → %s", printable(f.Do))
		}
		b.WriteByte('\n')
	}
	switch {
	case count[problem] > 0:
		fmt.Fprintf(&b, "\n%s, %s.\n", many(count[problem], "problem"), many(count[warning], "warning"))
	case count[warning] > 0:
		fmt.Fprintf(&b, "\nNo problem, %s.\n", many(count[warning], "warning"))
	default:
		b.WriteString("\nAll is well.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// printable keeps what stands in files and names from moving a terminal's cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, text)
}

func (x *examination) path() string { return filepath.Join(x.cfg.Data, databaseFile) }
