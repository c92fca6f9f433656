package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"parley/internal/client"
)

// ConnectCmd is `parley connect`: the chat in a terminal, or in a pipe.
type ConnectCmd struct {
	URL  string `name:"url" help:"Where the chat is." default:"ws://localhost:3000/ws" placeholder:"ws://HOST:3000/ws"`
	Name string `help:"The name to go by, where the chat is open to everyone." placeholder:"NAME" xor:"who"`
	Key  string `help:"The key of an account, where the chat needs one." placeholder:"KEY" xor:"who"`
	Room string `help:"The room to begin in." default:"lobby" placeholder:"ROOM"`
}

const (
	drainMost  = 30 * time.Second // how long a pipe that has ended waits for what it said to be stored
	linesAhead = 100              // lines of a pipe that may wait for the server; then it is read no further
)

// Run talks until the person or the server ends it. Its error is one line for a person.
func (cmd *ConnectCmd) Run(ctx context.Context, p *Program) error {
	if cmd.Name == "" && cmd.Key == "" {
		return errors.New("say who you are: --name NAME, or --key KEY for an account")
	}
	room, err := roomName(cmd.Room)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP) // the window was closed: say goodbye all the same
	defer stop()
	kept := keepSession(p, cmd.URL, cmd.Name)
	defer kept.end()
	c, err := client.Connect(ctx, client.Options{
		URL: cmd.URL, Name: cmd.Name, Key: cmd.Key, Room: room, Session: kept.token, Keep: kept.keep,
	})
	if err != nil {
		return err
	}
	defer c.Close()
	look := style{zone: time.Local, colour: hasColour(p)}
	if canDraw(p) {
		return interactive(ctx, p, c, look, room)
	}
	return piped(ctx, p, c, look, room)
}

// canDraw reports whether there are a keyboard to read and a screen to draw on.
func canDraw(p *Program) bool {
	return term.IsTerminal(int(p.Stdin.Fd())) && term.IsTerminal(int(p.Stdout.Fd())) && !isDumb(p)
}

func hasColour(p *Program) bool {
	return term.IsTerminal(int(p.Stdout.Fd())) && !isDumb(p) && p.env("NO_COLOR") == ""
}

// isDumb reports whether the terminal knows no escape sequences. Windows's own says nothing of itself, and does.
func isDumb(p *Program) bool {
	kind := p.env("TERM")
	return kind == "dumb" || kind == "" && runtime.GOOS != "windows"
}

// env returns a variable of the environment.
func (p *Program) env(name string) (value string) {
	for _, pair := range p.Env {
		if v, ok := strings.CutPrefix(pair, name+"="); ok {
			value = v
		}
	}
	return value
}

// interactive talks with a person at a terminal.
func interactive(ctx context.Context, p *Program, c *client.Client, look style, room string) error {
	before, err := term.MakeRaw(int(p.Stdin.Fd()))
	if err != nil {
		return fmt.Errorf("this terminal can't be drawn on: %w", err)
	}
	defer func() { _ = term.Restore(int(p.Stdin.Fd()), before) }()
	s := &screen{out: p.Stdout, style: look, editor: &editor{}, size: func() int {
		columns, _, err := term.GetSize(int(p.Stdout.Fd()))
		if err != nil || columns == 0 {
			return 80
		}
		return columns
	}}
	s.begin()
	defer s.end()
	resized, stop := resizes()
	defer stop()
	t := newTalk(c, s, look, room, true)
	keys, bytes := &keyReader{}, readBytes(p.Stdin)
	hint := time.NewTimer(typingShown)
	defer hint.Stop()
	for !t.over {
		if next := t.refresh(); next > 0 {
			hint.Reset(next)
		}
		select {
		case e, open := <-c.Events():
			if !open {
				return t.err
			}
			t.hear(e)
		case b, open := <-bytes:
			if !open {
				return nil
			}
			for _, stroke := range keys.read(b) {
				if !t.over {
					t.press(s, stroke)
				}
			}
		case <-resized:
			s.redraw()
		case <-hint.C:
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// press does what a key does on the screen.
func (t *talk) press(s *screen, stroke stroke) {
	again := s.editor.tabbed
	s.editor.tabbed = stroke.key == keyTab
	switch stroke.key {
	case keyText:
		s.editor.insert(stroke.text)
		t.edited(s.editor.text)
	case keyEnter:
		t.say(s.editor.submit())
	case keyTab:
		t.complete(s, again)
	case keyInterrupt:
		t.over = true
	case keyEOF:
		if s.editor.text == "" {
			t.over = true
			return
		}
		s.editor.press(keyDelete)
	case keyRedraw:
		s.clear()
		return
	default:
		if s.editor.press(stroke.key) {
			t.edited(s.editor.text)
		}
	}
	s.redraw()
}

// piped talks with a program: what it writes is sent line by line, and when that is stored the conversation ends.
func piped(ctx context.Context, p *Program, c *client.Client, look style, room string) error {
	t := newTalk(c, plain{p.Stdout, p.Stderr}, look, room, term.IsTerminal(int(p.Stdout.Fd())))
	lines, unread := readLines(p.Stdin), error(nil)
	var held *inputLine // a command that waits for what was said before it
	var drained <-chan time.Time
	for ended := false; !t.over; {
		if held != nil && t.settled() {
			t.say(held.text)
			held = nil
			continue
		}
		if ended && t.settled() {
			break
		}
		more := lines
		if held != nil || c.Waiting() >= linesAhead {
			more = nil
		}
		select {
		case e, open := <-c.Events():
			if !open {
				return t.outcome()
			}
			t.hear(e)
		case line, open := <-more:
			switch {
			case !open:
				ended, lines = true, nil
				drained = time.After(drainMost)
			case line.err != nil:
				unread = fmt.Errorf("reading what to say: %w", line.err)
			case strings.HasPrefix(line.text, "/"):
				held = &line
			default:
				t.say(line.text)
			}
		case <-drained:
			return t.outcome()
		case <-ctx.Done():
			return t.outcome()
		}
	}
	if unread != nil {
		return unread
	}
	return t.outcome()
}

// outcome says how a pipe's conversation ended.
func (t *talk) outcome() error {
	switch waiting := t.Waiting(); {
	case t.err != nil:
		return t.err
	case waiting > 0:
		return fmt.Errorf("%s not sent", count(waiting, "message"))
	case t.refused:
		return &exitError{1} // each failure was told when it happened
	default:
		return nil
	}
}

// readBytes passes on what is read, and closes the channel at the end. Its goroutine ends with the program: a read from a
// terminal can't be called off.
func readBytes(in io.Reader) <-chan []byte {
	out := make(chan []byte)
	go func() {
		defer close(out)
		for {
			buf := make([]byte, 4096)
			n, err := in.Read(buf)
			if n > 0 {
				out <- buf[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	return out
}

// inputLine is a line of a pipe, or why there is none.
type inputLine struct {
	text string
	err  error
}

// readLines is readBytes for lines.
func readLines(in *os.File) <-chan inputLine {
	out := make(chan inputLine)
	go func() {
		defer close(out)
		lines := bufio.NewReader(in)
		for {
			text, err := lines.ReadString('\n')
			if text != "" {
				out <- inputLine{text: text}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					out <- inputLine{err: err}
				}
				return
			}
		}
	}()
	return out
}
