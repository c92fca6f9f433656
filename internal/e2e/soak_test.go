package e2e

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// How much the soak takes. make soak says much more than these.
var (
	soakTime     = flag.Duration("soak.time", 5*time.Second, "how long people come and go")
	soakEvery    = flag.Duration("soak.every", time.Second, "how often memory is looked at")
	soakClients  = flag.Int("soak.clients", 100, "how many clients go through the restarts")
	soakRestarts = flag.Int("soak.restarts", 3, "how many restarts they go through")
)

// TestSoakOfComingAndGoingLeavesNothing lets clients of all dialects come, talk, and go in every way that there is, beside some that
// stay. Afterwards goroutines and descriptors are those of before, and memory is no more than it was soon after the beginning.
func TestSoakOfComingAndGoingLeavesNothing(t *testing.T) {
	t.Parallel()
	s := startProgram(t, programFor(t, *crashFast), "--presence.grace", "100ms", "--rate-limit.messages", "0", "--log.level", "warn")
	key := s.account(t, "Robot")
	warm := s.json(t, "First", "")
	warm.say("first", "hi")
	warm.leave()
	start := s.footprint(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	defer time.AfterFunc(*soakTime, stop).Stop()
	var people sync.WaitGroup
	var visits, failures atomic.Int64
	for i := range 24 {
		people.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				v := visit{
					dialect: [...]string{"json", "pipe", "text", "rpc"}[(i+n)%4], name: fmt.Sprintf("Visitor %d", i), key: key,
					room: fmt.Sprintf("room-%d", rand.IntN(20)), stays: i < 4, end: n % 4,
				}
				if err := v.run(ctx, s); err != nil && ctx.Err() == nil {
					failures.Add(1)
					t.Logf("visit %+v: %v", v, err)
				}
				visits.Add(1)
			}
		})
	}
	var samples []footprint
	for tick := time.NewTicker(*soakEvery); ctx.Err() == nil; {
		select {
		case <-tick.C:
			f := s.footprint(t)
			samples = append(samples, f)
			t.Logf("%8v: %v, %d visits", time.Duration(len(samples))**soakEvery, f, visits.Load())
		case <-ctx.Done():
			tick.Stop()
		}
	}
	people.Wait()
	s.wantFootprint(t, start)
	end := s.footprint(t)
	t.Logf("at the start %v", start)
	t.Logf("at the end   %v; %d visits, %.0f messages", end, visits.Load(), s.metric(t, "parley_events_stored_total"))
	if failures.Load() > 0 || visits.Load() == 0 {
		t.Errorf("%d of %d visits failed", failures.Load(), visits.Load())
	}
	if len(samples) == 0 {
		t.Fatal("memory was never looked at")
	}
	// What is added for good after the first sample would be a leak, but for the database's pages: up to 24 MB of them are kept.
	if first, last := samples[0].resident, end.resident; last > first+first/2+32<<20 {
		t.Errorf("memory grew from %.1f to %.1f MB", first/1e6, last/1e6)
	}
}

// visit is somebody who comes, talks and goes.
type visit struct {
	dialect, name, key, room string
	stays                    bool // talks on, for some seconds
	end                      int
}

func (v *visit) run(ctx context.Context, s *server) error {
	query := url.Values{"dialect": {v.dialect}, "room": {v.room}}
	header := http.Header{}
	if v.dialect == "rpc" {
		header.Set("Key", v.key)
	} else {
		query.Set("name", v.name)
	}
	ws, err := dialCrash(ctx, s.WS("?"+query.Encode()), header)
	if err != nil {
		if strings.Contains(err.Error(), "bad handshake") { // the visit before is still here, as far as the server knows
			pause(ctx, 20*time.Millisecond)
			return nil
		}
		return err
	}
	defer ws.Close()
	defer context.AfterFunc(ctx, func() { _ = ws.Close() })()
	messages := 1 + rand.IntN(5)
	if v.stays {
		messages = 200
	}
	for n := range messages {
		mark := fmt.Sprint(v.name, " says ", n, " ", rand.Uint64())
		frame, answer := mark, mark // its own line comes back
		switch v.dialect {
		case "json":
			frame = fmt.Sprintf(`{"type":"send","id":"%d","room":%q,"text":%q}`, rand.Uint64(), v.room, mark)
			answer = `{"type":"ack"`
		case "pipe":
			frame = v.name + "|" + mark
		case "rpc":
			frame = fmt.Sprintf(`{"id":%d,"method":"POST","target":"/message","body":%q}`, n+1, mark)
			answer = fmt.Sprintf(`{"id":%d,"code":200`, n+1)
		}
		if err := writeCrash(ws, frame); err != nil {
			return err
		}
		for got := ""; !strings.Contains(got, answer); {
			_ = ws.SetReadDeadline(time.Now().Add(3 * patience))
			_, raw, err := ws.ReadMessage()
			if err != nil {
				return err
			}
			got = string(raw)
		}
		if v.stays {
			pause(ctx, 50*time.Millisecond)
		}
	}
	return v.leave(ws)
}

// leave goes in one of the ways in which people do.
func (v *visit) leave(ws *websocket.Conn) error {
	switch v.end {
	case 0: // with a word
		bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		return ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(patience))
	case 1: // cut off
		abort(ws.NetConn().(*net.TCPConn))
	case 2: // half a frame, and then the network is gone
		_, err := ws.NetConn().Write([]byte{0x81, 0xfe, 0x01})
		return err
	}
	return nil // just so
}

// TestSoakOfRestartsLosesNobody lets clients go through restarts: all of them are told, come back and have everything, and the last
// server has nothing left of them once they are gone.
func TestSoakOfRestartsLosesNobody(t *testing.T) {
	t.Parallel()
	s := startProgram(t, programFor(t, *crashFast), "--presence.grace", "100ms", "--log.level", "warn", "--rate-limit.messages", "0")
	warm := s.json(t, "Teller", "")
	warm.say("first", "hi")
	warm.leave()
	start := s.footprint(t)
	l := &crashLoad{t: t, server: s, ids: map[string]string{}, tops: map[string]int64{}, retry: time.Second}
	host := s.Host
	l.host.Store(&host)
	l.ctx, l.end = context.WithCancel(t.Context())
	defer l.end()
	teller := &author{name: "Teller", user: l.whoIs(nil, "&name=Teller"), sent: []sentEvent{{
		id: "first", room: "lobby", kind: kindMessage, text: "hi",
	}}}
	for i := range *soakClients {
		name := fmt.Sprintf("Client %d", i)
		c := l.client(name, l.direct, 0, "lobby")
		l.jsons = append(l.jsons, c)
		l.running.Go(func() { c.run(l.ctx) })
	}
	tell := func(round int) {
		c := s.json(t, "Teller", "")
		for range 5 {
			id := fmt.Sprint(round, "-", len(teller.sent))
			e := sentEvent{id: id, room: "lobby", kind: kindMessage, text: "news " + id, acked: true}
			f := c.say(id, e.text)
			e.seq, e.time = f.Seq, f.Time
			teller.sent = append(teller.sent, e)
			l.told("lobby", e.seq)
		}
		c.leave()
	}
	for round := range *soakRestarts {
		for s.metric(t, "parley_connections") != float64(*soakClients) {
			pause(t.Context(), 100*time.Millisecond) // a thousand take their time, at most the test's
		}
		l.settle() // they are in, and each was told of all the others
		tell(2 * round)
		l.settle()
		before := l.goodbyes.Load()
		began := time.Now()
		s.Stop()
		s.start("127.0.0.1:0")
		host := s.Host
		tell(2*round + 1) // while nobody is back
		l.host.Store(&host)
		l.settle()
		took := time.Since(began).Round(time.Millisecond)
		t.Logf("restart %d: all %d are back and have everything after %v", round+1, *soakClients, took)
		if told := l.goodbyes.Load() - before; told < int64(*soakClients) { // more: some were back before it was gone
			t.Errorf("%d of %d clients were told that the server goes away", told, *soakClients)
		}
	}
	e := l.evidence()
	s.wantFootprint(t, start)
	t.Logf("at the start %v, at the end %v", start, s.footprint(t))
	s.Stop()
	e.authors = append(e.authors, teller)
	e.stored = readDatabase(t, s.Data)
	for _, line := range e.check().lines() {
		t.Error(line)
	}
}

// footprint is what a server has of the machine.
type footprint struct{ connections, goroutines, files, resident, heap float64 }

func (f footprint) String() string {
	return fmt.Sprintf("%4.0f connections, %5.0f goroutines, %4.0f descriptors, %6.1f MB resident, %6.1f MB of Go's heap",
		f.connections, f.goroutines, f.files, f.resident/1e6, f.heap/1e6)
}

func (s *server) footprint(t *testing.T) footprint {
	t.Helper()
	return footprint{
		s.metric(t, "parley_connections"), s.metric(t, "go_goroutines"), s.metric(t, "process_open_fds"),
		s.metric(t, "process_resident_memory_bytes"), s.metric(t, "go_memstats_heap_inuse_bytes"),
	}
}

// wantFootprint waits until the server has no more than it had. Two more of each may be the connection that asks; and a database is
// read by up to four connections, with two files each, of which the start had one.
func (s *server) wantFootprint(t *testing.T, start footprint) {
	t.Helper()
	const readers = 3 * 2
	for name, most := range map[string]float64{
		"parley_connections": 0, "parley_rooms": 0, "parley_users": 0, "go_goroutines": start.goroutines + 2,
		"process_open_fds": start.files + 2 + readers,
	} {
		s.waitForMetric(t, name, func(n float64) bool { return n <= most })
	}
}
