package e2e

import (
	"flag"
	"net/http"
	"slices"
	"testing"
	"time"
)

// How long the crash harness runs. make crash says much more than these.
var (
	crashKills    = flag.Int("crash.kills", 9, "how often the server is killed")
	crashMessages = flag.Int64("crash.messages", 9000, "how many events have to be acknowledged")
	crashWithin   = flag.Duration("crash.time", 2*time.Minute, "how long that may take")
	crashRound    = flag.Duration("crash.round", 1500*time.Millisecond, "when the next kill comes even where less was acknowledged; 0 is never")
	crashSeed     = flag.Uint64("crash.seed", 0, "what the load is drawn from; 0 is another each time")
	crashFast     = flag.Bool("crash.fast", false, "build the server without the race detector")
)

// TestCrashLosesNothing kills the server again and again while clients of all dialects talk, with and without proxies that break their
// connections, and then has the checker compare what they sent, what was acknowledged, what each of them saw and what is stored.
func TestCrashLosesNothing(t *testing.T) {
	t.Parallel()
	s := startProgram(t, programFor(t, *crashFast), "--rate-limit.messages", "0", "--rate-limit.commands", "0", "--rate-limit.frames", "0")
	seed := *crashSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	l := newCrashLoad(t, s, seed)
	l.start()
	began, random := time.Now(), l.random(-1)
	starts := make([]time.Duration, 0, *crashKills)
	for n := range int64(*crashKills) {
		round, before := time.Now(), l.acked.Load()
		for l.acked.Load() < (n+1)**crashMessages/int64(*crashKills) {
			if *crashRound > 0 && time.Since(round) > *crashRound && l.acked.Load() > before {
				break // a slow machine
			}
			if time.Since(began) > *crashWithin {
				t.Fatalf("after %v and %d kills only %d events are acknowledged", *crashWithin, n, l.acked.Load())
			}
			time.Sleep(2 * time.Millisecond) // many clients count their acks; nobody is told of the sum
		}
		time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond) // somewhere in what is going on, not behind an ack
		starts = append(starts, l.crash())
		l.arrive()
	}
	l.settle()
	took := time.Since(began)
	e := l.evidence()
	history := map[string][]seenEvent{}
	for _, c := range l.jsons {
		reader := dial(t, s.WS("?dialect=json"), http.Header{"Cookie": {c.cookie}})
		for room := range c.views {
			if history[room] == nil {
				if room[0] != '@' {
					reader.send(`{"type":"join","room":"` + room + `"}`)
				}
				history[room] = readHistory(t, reader, room)
			}
		}
		reader.leave()
	}
	s.Stop()
	e.stored = readDatabase(t, s.Data)
	stored := 0
	for room, log := range e.stored {
		log.history, log.paged = history[room], true
		stored += len(log.events)
	}
	found := e.check()
	for _, line := range found.lines() {
		t.Error(line)
	}
	slices.Sort(starts)
	t.Logf("%d kills in %v; %d connections, %d faults of the network, %d late joiners", len(starts), took.Round(time.Second),
		l.connections.Load(), l.faults.Load(), l.lates.Load())
	t.Logf("%d sent, %d acknowledged (%.0f/s), %d refused, %d stored, %d sent again after cuts, %d unavailable", l.sent.Load(),
		l.acked.Load(), float64(l.acked.Load())/took.Seconds(), l.refused.Load(), stored, l.resent.Load(), l.unavailable.Load())
	t.Logf("%d resumes, %d of them truncated; ready again after %v, %v in the middle, %v at most; the database has %.1f MB",
		l.resumes.Load(), l.truncated.Load(), starts[0].Round(time.Millisecond), starts[len(starts)/2].Round(time.Millisecond),
		starts[len(starts)-1].Round(time.Millisecond), float64(databaseSize(s.Data))/1e6)
	e.demand(t, l)
}

// demand requires that the run was worth something: every kind of client took part, and things went wrong for them.
func (e *evidence) demand(t *testing.T, l *crashLoad) {
	t.Helper()
	for _, a := range e.authors {
		acked := 0
		for i := range a.sent {
			if a.sent[i].acked {
				acked++
			}
		}
		if len(a.sent) > 0 && acked == 0 || len(a.sent) == 0 && l.talks(a.name) {
			t.Errorf("%s sent %d events, of which none was acknowledged", a.name, len(a.sent))
		}
	}
	if l.resent.Load() == 0 || l.resumes.Load() == 0 {
		t.Error("nothing was sent again, or nobody resumed: the kills came when nothing was going on")
	}
}

// talks says whether somebody of the load sends at all.
func (l *crashLoad) talks(name string) bool {
	for _, c := range l.jsons {
		if c.author.name == name {
			return c.window > 0
		}
	}
	return slices.ContainsFunc(l.liners, func(c *crashLiner) bool { return c.author.name == name }) ||
		slices.ContainsFunc(l.peers, func(c *crashPeer) bool { return c.author.name == name })
}
