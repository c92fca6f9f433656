package e2e

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// How hard the server is abused. make abuse says more than these.
var (
	abuseScale = flag.Int("abuse.scale", 1, "how many times as many connections, and as long")
	abuseFast  = flag.Bool("abuse.fast", false, "build the server without the race detector")
)

// abuseArgs are limits that a short test can reach. Clients come through a proxy that the server trusts, so that each may have an
// address of its own.
func abuseArgs() []string {
	return []string{
		"--trusted-proxies", "127.0.0.1", "--presence.grace", "0", "--socket.request-timeout", "1500ms",
		"--socket.first-frame", (time.Duration(*abuseScale) * 1500 * time.Millisecond).String(),
		"--limits.requests", "200", "--limits.backlog-bytes", "100000", "--rate-limit.address-users", "5",
	}
}

// TestPairIsUnharmedBesideAbuse lets a normal pair of clients talk while others do their worst. Whatever that is, each message of the
// pair arrives once, in order and soon; what it costs the server is bounded, and nothing of it is left afterwards.
func TestPairIsUnharmedBesideAbuse(t *testing.T) {
	s := startProgram(t, programFor(t, *abuseFast), abuseArgs()...)
	idle := s.cost(t)
	pair := s.talk(t)
	quiet := pair.listen(time.Duration(*abuseScale) * time.Second)
	rows := []abuseRow{{name: "nothing", took: quiet, cost: s.cost(t)}}
	for i, a := range attacks() {
		t.Run(a.name, func(t *testing.T) {
			before := s.cost(t)
			field := &assault{t: t, s: s, scale: *abuseScale, id: i, until: time.Now().Add(time.Duration(*abuseScale) * 500 * time.Millisecond)}
			worst := s.watch(t)
			pair.restart()
			begun := time.Now()
			a.run(field)
			field.wait()
			lasted := time.Since(begun)
			took := pair.sofar()
			cost := worst()
			rows = append(rows, abuseRow{name: a.name, took: took, cost: cost, lasted: lasted, notes: field.notes})
			if grown := cost.memory - before.memory; grown > 600<<20 {
				t.Errorf("memory grew by %.0f MB", grown/(1<<20))
			}
			if cost.files > before.files+float64(field.most)+300 { // what is being accepted and refused counts too
				t.Errorf("%.0f files were open, %.0f before; there were %d connections", cost.files, before.files, field.most)
			}
			s.waitForMetric(t, "parley_connections", func(n float64) bool { return n == 2 })           // the pair
			s.waitForMetric(t, "process_open_fds", func(n float64) bool { return n <= idle.files+30 }) // the database keeps some
		})
	}
	// Those that answered requests end two seconds after; who waited for that behind each attack would wait for half of the time.
	s.waitForMetric(t, "go_goroutines", func(n float64) bool { return n <= idle.goroutines+2*3+4 })
	pair.end()
	t.Log("\n" + table(rows))
}

// cost is what the server needs at a moment.
type cost struct{ memory, files, goroutines float64 }

func (s *server) cost(t *testing.T) cost {
	t.Helper()
	return cost{s.metric(t, "process_resident_memory_bytes"), s.metric(t, "process_open_fds"), s.metric(t, "go_goroutines")}
}

// watch looks at the cost again and again. What it returns ends that, and says the worst.
func (s *server) watch(t *testing.T) func() cost {
	var worst cost
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			if resp, err := browserless.Get(s.URL + "/metrics"); err == nil { // refused where all places are taken
				var now cost
				for name, value := range metrics(resp) {
					switch name {
					case "process_resident_memory_bytes":
						now.memory = value
					case "process_open_fds":
						now.files = value
					case "go_goroutines":
						now.goroutines = value
					}
				}
				worst = cost{max(worst.memory, now.memory), max(worst.files, now.files), max(worst.goroutines, now.goroutines)}
			}
			select {
			case <-done:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	return func() cost { close(done); <-ended; return worst }
}

// metrics reads all figures of an answer of /metrics.
func metrics(resp *http.Response) map[string]float64 {
	defer resp.Body.Close()
	found := map[string]float64{}
	var body strings.Builder
	if _, err := fmt.Fprint(&body, readAll(resp)); err != nil {
		return found
	}
	for line := range strings.Lines(body.String()) {
		var value float64
		name, text, ok := strings.Cut(strings.TrimSpace(line), " ")
		if _, err := fmt.Sscan(text, &value); ok && err == nil {
			found[name] = value
		}
	}
	return found
}

// talkers are a normal pair of clients. Each says something four times a second, which is less than a user may.
type talkers struct {
	t    *testing.T
	ends [2]*socket
	stop chan struct{}
	wg   sync.WaitGroup

	mu   sync.Mutex // guards what follows
	said map[string]time.Time
	next [2][2]int // what each has to hear next of each
	took []time.Duration
}

func (s *server) talk(t *testing.T) *talkers {
	t.Helper()
	p := &talkers{t: t, stop: make(chan struct{}), said: map[string]time.Time{}}
	for i, name := range []string{"Ada", "Bob"} {
		p.ends[i] = dial(t, s.WS("?dialect=json&name="+url.QueryEscape(name)), http.Header{"X-Forwarded-For": {"10.0.0.1"}})
		p.ends[i].next("joined")
		_ = p.ends[i].ws.SetReadDeadline(time.Time{})
	}
	for i := range p.ends {
		p.wg.Go(func() { p.hear(i) })
		p.wg.Go(func() { p.speak(i) })
	}
	return p
}

func (p *talkers) speak(i int) {
	for n := 0; ; n++ {
		select {
		case <-p.stop:
			return
		case <-time.After(250 * time.Millisecond):
		}
		text := fmt.Sprintf("pair %d %d", i, n)
		p.mu.Lock()
		p.said[text] = time.Now()
		p.mu.Unlock()
		if err := p.ends[i].ws.WriteMessage(1, fmt.Appendf(nil, `{"type":"send","room":"lobby","text":%q}`, text)); err != nil {
			p.t.Errorf("the pair can't send: %v", err)
			return
		}
	}
}

func (p *talkers) hear(i int) {
	for {
		_, raw, err := p.ends[i].ws.ReadMessage()
		if err != nil {
			select {
			case <-p.stop:
			default:
				p.t.Errorf("the pair lost its connection: %v", err)
			}
			return
		}
		var f frame
		if err := json.Unmarshal(raw, &f); err != nil {
			p.t.Errorf("not a frame: %s", raw)
		}
		if f.Type == "error" {
			p.t.Errorf("the pair is refused: %s", raw)
		}
		var of, n int
		if _, err := fmt.Sscanf(f.Text, "pair %d %d", &of, &n); err != nil || f.Type != "message" {
			continue
		}
		p.heard(i, of, n, f.Text)
	}
}

func (p *talkers) heard(i, of, n int, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if want := p.next[i][of]; n != want {
		p.t.Errorf("one of the pair heard message %d of %d where %d is next", n, of, want)
	}
	p.next[i][of] = n + 1
	if i != of {
		p.took = append(p.took, time.Since(p.said[text]))
		delete(p.said, text)
	}
}

// restart forgets what was measured.
func (p *talkers) restart() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.took = nil
}

// sofar waits until everything that was said is heard, within seconds, and returns how long each took.
func (p *talkers) sofar() []time.Duration {
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	p.mu.Lock()
	waiting := make([]string, 0, len(p.said))
	for text := range p.said {
		waiting = append(waiting, text)
	}
	p.mu.Unlock()
	for {
		p.mu.Lock()
		missing := 0
		for _, text := range waiting {
			if _, ok := p.said[text]; ok {
				missing++
			}
		}
		took := slices.Clone(p.took)
		p.mu.Unlock()
		if missing == 0 && len(took) > 0 {
			return took
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			p.t.Errorf("%d messages of the pair did not arrive within %v, %d did", missing, patience, len(took))
			return took
		}
	}
}

// listen measures for a while.
func (p *talkers) listen(d time.Duration) []time.Duration {
	p.restart()
	time.Sleep(d) // what is measured is what happens in that time
	return p.sofar()
}

func (p *talkers) end() {
	p.sofar()
	close(p.stop)
	for _, end := range p.ends {
		_ = end.ws.Close()
	}
	p.wg.Wait()
}

// quantile is the time that so many of all don't exceed.
func quantile(took []time.Duration, q float64) time.Duration {
	if len(took) == 0 {
		return 0
	}
	took = slices.Sorted(slices.Values(took))
	return took[min(len(took)-1, int(math.Ceil(q*float64(len(took))))-1)]
}

type abuseRow struct {
	name   string
	took   []time.Duration
	lasted time.Duration
	cost   cost
	notes  []string
}

func table(rows []abuseRow) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "beside\tlasted\tmessages\tp50 ms\tp99 ms\tp99 to quiet\tRSS MB\tfiles\tgoroutines\t")
	quiet := max(quantile(rows[0].took, 0.99), time.Microsecond)
	for _, r := range rows {
		p99 := quantile(r.took, 0.99)
		fmt.Fprintf(w, "%s\t%.1fs\t%d\t%.1f\t%.1f\t%.1f\t%.0f\t%.0f\t%.0f\t%s\n", r.name, r.lasted.Seconds(), len(r.took),
			float64(quantile(r.took, 0.5).Microseconds())/1000, float64(p99.Microseconds())/1000, float64(p99)/float64(quiet),
			r.cost.memory/(1<<20), r.cost.files, r.cost.goroutines, strings.Join(r.notes, "; "))
	}
	_ = w.Flush() // into memory
	return b.String()
}
