package load

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"runtime/pprof"
	"strings"
	"sync"
	"time"
)

// Options are what every kind of run has in common. Their tags are the command line's.
type Options struct {
	URL      string        `name:"url" help:"The chat to load, like ws://HOST:3000/ws. A Parley needs --rate-limit.messages 0 --idle-timeout 0 for that, and access: open; what the run says stays there for good, in rooms bench-… . Without --url the run starts a server of its own, with an empty data folder and no limit of messages, and stops it at the end; settings such as --limits.backlog-bytes 0 go to that server." placeholder:"URL"`
	Dialect  string        `help:"How the members speak: json, pipe, text or rpc; or plain for any other chat where what one sends is a text frame, and everybody gets a frame that contains it." enum:"json,pipe,text,rpc,plain" default:"json"`
	Send     string        `help:"With --dialect plain: what a frame looks like, with %s where the message goes." default:"%s" placeholder:"TEMPLATE"`
	Hello    string        `help:"With --dialect plain: a first frame, with %s where the member's name goes." placeholder:"TEMPLATE"`
	Protocol string        `help:"With --dialect plain: the subprotocol to ask for." placeholder:"NAME"`
	Room     string        `help:"The room, of a Parley. Without it one that is new." placeholder:"ROOM"`
	Size     int           `help:"Bytes of a message's text." default:"128"`
	Duration time.Duration `help:"How long is measured." default:"10s"`
	Warmup   time.Duration `help:"How long the load runs before." default:"1s"`
	Patience time.Duration `help:"How long is waited for messages that are missing, after the last thing that came." default:"5s"`
	Dials    int           `help:"How many connections may be on their way to open at once." default:"256"`
	PID      int           `name:"pid" help:"The server's process, for its processor time and memory, where it runs on this machine and isn't a Parley." placeholder:"N"`

	JSON       string `name:"json" help:"Write the result as JSON too, - is standard output and then it is the only thing there." placeholder:"FILE"`
	CPUProfile string `name:"cpuprofile" help:"Write a profile of the load generator itself, for go tool pprof." placeholder:"FILE"`

	Program  []string       `kong:"-"` // starts a server of our own; see [Bench.startServer]
	Command  []string       `kong:"-"` // as it was typed
	Version  string         `kong:"-"`
	Progress io.Writer      `kong:"-"` // a terminal, or nil
	Trust    *x509.CertPool `kong:"-"` // whose certificates are good for wss; nil is the system's
}

// Kind is a kind of run. Its exported fields are its settings.
type Kind interface {
	Name() string
	// Run puts the load on and writes what it found into b.Result. When ctx ends it ends as if its time were over. Its error says why
	// nothing could be measured.
	Run(ctx context.Context, b *Bench) error
}

// Bench is one run under way: its members, what they have seen, and the result.
type Bench struct {
	Options
	Result *Result
	Server *Server // what the load is on

	// mu guards members, orders and all that Handlers touch: it is held while one of their methods runs.
	mu      sync.Mutex
	members []*Member // all that were ever opened
	orders  []*Order
	dialing int
	files   uint64      // that may be open; 0 is unknown
	failed  error       // the first connection that could not be opened
	waiting []*Member   // to be dialled
	over    bool        // nobody is dialled any more
	now     time.Time   // when the bytes that are handled were read
	moved   int64       // frames that came so far
	opened  int         // handshakes that were done
	live    int         // connections that are open
	errs    []string    // the first few frames of errors
	where   *url.URL    // of the socket, without what a member adds to it
	tls     *tls.Config // nil for ws
	address net.Addr    // found once, so that no dial asks for a name again
	poll    *poller     // nil where the system has none that we use
	run     string      // makes names and rooms of this run its own
	speaker speaker
	buf     []byte // a frame on its way out, as text
	out     []byte // the same, masked
	padding string
}

// Run does a run, and returns what it found. The result is there beside an error where a run ended early.
func Run(ctx context.Context, kind Kind, o Options) (*Result, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	b := &Bench{Options: o, run: strings.ToLower(rand.Text()[:6]), Result: newResult(kind, o), padding: padding(o.Size)}
	if b.Room == "" {
		b.Room = "bench-" + b.run
	}
	b.raiseFileLimit()
	stop, err := b.profile()
	if err != nil {
		return nil, err
	}
	defer stop()
	if err := b.findServer(ctx); err != nil {
		if ctx.Err() != nil {
			err = errInterrupted
		}
		return nil, err
	}
	defer b.Server.stop()
	b.speaker = newSpeaker(b, b.Dialect)
	if err := b.startPoller(); err != nil {
		return nil, err
	}
	defer b.endAll()
	err = kind.Run(ctx, b)
	b.progress("")
	b.Do(b.account)
	b.Result.Interrupted = ctx.Err() != nil
	if b.Result.Interrupted && b.Result.Seconds < 0.001 {
		err = errInterrupted
	}
	if err != nil && b.Result.measured() { // what was measured until then is kept
		if !b.Result.Interrupted {
			b.Result.Verified.Errors++
			b.Result.Verified.Examples = append(b.Result.Verified.Examples, err.Error())
		}
		err = nil
	}
	b.Result.finish(b.Server)
	return b.Result, err
}

var errInterrupted = errors.New("the run was ended before anything was measured")

// check refuses what can't be meant.
func (o *Options) check() error {
	switch {
	case o.Size < minSize || o.Size > 1<<20:
		return fmt.Errorf("--size is from %d, so that a message's own mark fits into it, to %d", minSize, 1<<20)
	case o.Duration <= 0:
		return errors.New("--duration has to be longer than nothing")
	case o.Warmup < 0 || o.Patience < 0:
		return errors.New("--warmup and --patience can't be less than nothing")
	case o.Dials < 1:
		return errors.New("--dials is at least 1")
	case o.Dialect == "plain" && strings.Count(o.Send, "%s") != 1:
		return errors.New(`--send needs one %s, where the message goes, like '{"text":"%s"}'`)
	case o.Dialect != "plain" && (o.Send != "%s" && o.Send != "" || o.Hello != "" || o.Protocol != ""):
		return errors.New("--send, --hello and --protocol are for --dialect plain")
	case o.PID != 0 && o.URL == "":
		return errors.New("--pid is for a server that --url names; the run's own is known")
	case o.Dialect == "plain" && o.URL == "":
		return errors.New("--dialect plain is for other chats: name one with --url")
	}
	return nil
}

// Longest is the longest text that a run sends, in bytes: in [Mixed] they differ.
func (o *Options) Longest() int { return minSize + 2*o.Size }

// Do does something while no handler runs.
func (b *Bench) Do(do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	do()
}

// profile begins the load generator's own profile, and returns what ends it.
func (b *Bench) profile() (stop func(), err error) {
	if b.CPUProfile == "" {
		return func() {}, nil
	}
	file, err := os.Create(b.CPUProfile)
	if err != nil {
		return nil, fmt.Errorf("the profile can't be written: %w", err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = file.Close() // a profile that is cut short is seen when it is opened
	}, nil
}

// progress tells a person at a terminal what happens, on one line.
func (b *Bench) progress(format string, args ...any) {
	if b.Progress == nil {
		return
	}
	fmt.Fprintf(b.Progress, "\r\x1b[K"+format, args...)
}

// Sleep waits until d has passed, ctx has ended or every connection has, and tells how far the run is.
func (b *Bench) Sleep(ctx context.Context, what string, d time.Duration) {
	end := time.Now().Add(d)
	for ctx.Err() == nil && !b.deserted() {
		left := time.Until(end)
		if left <= 0 {
			return
		}
		b.Server.look()
		b.progress("%s: %.0f s left, %d frames received", what, left.Seconds(), b.received())
		select {
		case <-ctx.Done():
		case <-time.After(min(left, 200*time.Millisecond)):
		}
	}
}

// deserted reports whether every connection has ended that there was, so that nothing more can come.
func (b *Bench) deserted() (gone bool) {
	b.Do(func() { gone = b.opened > 0 && b.live == 0 && b.dialing == 0 && len(b.waiting) == 0 })
	return gone
}

func (b *Bench) received() (n int64) {
	b.Do(func() { n = b.moved })
	return n
}

// Until waits until done says so, with no handler running meanwhile. It gives up, and returns false, when nothing has come in for as
// long as patience, or ctx has ended.
func (b *Bench) Until(ctx context.Context, patience time.Duration, done func() bool) bool {
	last, since := int64(-1), time.Now()
	for {
		finished, moved := false, int64(0)
		b.Do(func() { finished, moved = done(), b.moved })
		if finished {
			return true
		}
		if moved != last {
			last, since = moved, time.Now()
		}
		if time.Since(since) > patience {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// settings are a kind's own, for the result, by the names of their flags and in the order of its fields.
func settings(kind Kind) (all []Setting) {
	v := reflect.ValueOf(kind)
	for i := range v.NumField() {
		name := strings.ToLower(regexp.MustCompile(`(.)([A-Z])`).ReplaceAllString(v.Type().Field(i).Name, "$1-$2"))
		all = append(all, Setting{name, fmt.Sprint(v.Field(i).Interface())})
	}
	return all
}
