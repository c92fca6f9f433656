// Package relaytest is what every relay must do: the obligations of [chat.Relay] as tests. A relay may lose, repeat and delay
// rings; it must not block who rings, nor make up or mix up what was rung. Relays that connect nodes also pass [TestReach].
package relaytest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/internal/chat"
)

// Opener opens n nodes of one relay. What it starts must have ended when the test's cleanups have run.
type Opener func(t *testing.T, n int) []chat.Relay

// patience is how long a test waits for what must come; no test that passes waits that long.
const patience = 10 * time.Second

// ring is one call of Ring.
type ring struct {
	room chat.RoomName
	seq  int64
}

// listening is a node whose Listen runs.
type listening struct {
	cancel context.CancelFunc
	ended  chan error // what Listen returned
}

func listen(node chat.Relay, heard func(ring)) *listening {
	ctx, cancel := context.WithCancel(context.Background())
	l := &listening{cancel: cancel, ended: make(chan error, 1)}
	go func() {
		l.ended <- node.Listen(ctx, func(room chat.RoomName, seq int64) { heard(ring{room, seq}) })
	}()
	return l
}

// end ends a Listen and checks how it does.
func (l *listening) end(t *testing.T) {
	t.Helper()
	l.cancel()
	select {
	case err := <-l.ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Listen returned %v, not its context's error", err)
		}
	case <-time.After(patience):
		t.Error("Listen goes on after its context has ended")
	}
}

// TestRelay holds a relay against what every relay must do, even one that loses every ring.
func TestRelay(t *testing.T, open Opener) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Opener)
	}{
		{"ListenEndsWithItsContext", testListenEndsWithItsContext},
		{"RingNeverBlocks", testRingNeverBlocks},
		{"HearsOnlyWhatOthersRang", testHearsOnlyWhatOthersRang},
		{"HearsOneAtATime", testHearsOneAtATime},
		{"RingsAfterListening", testRingsAfterListening},
	} {
		t.Run(test.name, func(t *testing.T) {
			running := goleak.IgnoreCurrent()
			t.Cleanup(func() { goleak.VerifyNone(t, running) }) // runs after the relay's own cleanups
			test.run(t, open)
		})
	}
}

func testListenEndsWithItsContext(t *testing.T, open Opener) {
	nodes := open(t, 2)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := nodes[0].Listen(ended, func(chat.RoomName, int64) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("Listen with an ended context returned %v", err)
	}
	late, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	if err := nodes[0].Listen(late, func(chat.RoomName, int64) {}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Listen past its deadline returned %v", err)
	}
	l := listen(nodes[1], func(ring) {})
	nodes[0].Ring(chat.Lobby, 1)
	l.end(t)
}

// testRingNeverBlocks rings to nodes that don't listen, and to one that is stuck in what it heard.
func testRingNeverBlocks(t *testing.T, open Opener) {
	nodes := open(t, 3)
	stuck := make(chan struct{})
	l := listen(nodes[1], func(ring) { <-stuck })
	rung := make(chan struct{})
	go func() {
		defer close(rung)
		for seq := range int64(20_000) {
			nodes[0].Ring(chat.Lobby, seq)
		}
	}()
	select {
	case <-rung:
	case <-time.After(patience):
		t.Error("Ring waits for those who hear it")
	}
	close(stuck)
	<-rung
	l.end(t)
}

// testHearsOnlyWhatOthersRang rings from several nodes, each in rooms of its own, from several goroutines.
func testHearsOnlyWhatOthersRang(t *testing.T, open Opener) {
	const nodeCount, ringers, rings = 3, 4, 200
	nodes := open(t, nodeCount)
	room := func(node, ringer int) chat.RoomName {
		if ringer == 0 {
			return chat.Direct("u_a", chat.UserID(fmt.Sprintf("u_%d", node))) // private rooms ring, too
		}
		return chat.RoomName(fmt.Sprintf("node-%d_%d", node, ringer))
	}
	heard := make([]map[ring]int, nodeCount)
	var listeners []*listening
	for i := range nodes {
		heard[i] = map[ring]int{}
		listeners = append(listeners, listen(nodes[i], func(r ring) { heard[i][r]++ }))
	}
	rung := make([]map[ring]bool, nodeCount)
	var wg sync.WaitGroup
	for i := range nodes {
		rung[i] = map[ring]bool{}
		for k := range ringers {
			for n := range rings {
				rung[i][ring{room(i, k), int64(n) << 40}] = true
			}
			wg.Go(func() {
				for n := range rings {
					nodes[i].Ring(room(i, k), int64(n)<<40)
				}
			})
		}
	}
	wg.Wait()
	for _, l := range listeners {
		l.end(t)
	}
	for i := range nodes {
		for r := range heard[i] {
			if rung[i][r] {
				t.Errorf("node %d heard itself: %v", i, r)
			}
			if !rung[(i+1)%nodeCount][r] && !rung[(i+2)%nodeCount][r] {
				t.Errorf("node %d heard %v, which nobody rang", i, r)
			}
		}
	}
}

func testHearsOneAtATime(t *testing.T, open Opener) {
	nodes := open(t, 3)
	var inside, most atomic.Int32
	l := listen(nodes[0], func(ring) {
		if n := inside.Add(1); n > most.Load() {
			most.Store(n)
		}
		runtime.Gosched() // so that a second call would meet the first
		inside.Add(-1)
	})
	var wg sync.WaitGroup
	for _, node := range nodes[1:] {
		wg.Go(func() {
			for seq := range int64(500) {
				node.Ring(chat.Lobby, seq)
			}
		})
	}
	wg.Wait()
	l.end(t)
	if most.Load() > 1 {
		t.Errorf("heard was called %d times at once", most.Load())
	}
}

// testRingsAfterListening rings when nobody listens any more, and listens again.
func testRingsAfterListening(t *testing.T, open Opener) {
	nodes := open(t, 2)
	var late atomic.Int32
	l := listen(nodes[1], func(ring) { late.Add(1) })
	l.end(t)
	late.Store(0)
	nodes[0].Ring(chat.Lobby, 1)
	again := listen(nodes[1], func(ring) {})
	nodes[0].Ring(chat.Lobby, 2)
	again.end(t)
	if late.Load() != 0 {
		t.Error("a Listen that has returned still hears")
	}
}

// TestReach holds a relay that connects nodes against what they need of it: who rings again and again is heard by every other node.
func TestReach(t *testing.T, open Opener) {
	nodes := open(t, 3)
	for from := range nodes {
		heard := make(chan int, len(nodes))
		var listeners []*listening
		for i := range nodes {
			once := sync.OnceFunc(func() { heard <- i })
			listeners = append(listeners, listen(nodes[i], func(r ring) {
				if r.seq == int64(100+from) {
					once()
				}
			}))
		}
		again := time.NewTicker(time.Millisecond)
		deadline := time.After(patience)
		for missing := len(nodes) - 1; missing > 0; {
			select {
			case <-heard:
				missing--
			case <-again.C:
				nodes[from].Ring(chat.Lobby, int64(100+from))
			case <-deadline:
				t.Fatalf("%d nodes don't hear node %d", missing, from)
			}
		}
		again.Stop()
		for _, l := range listeners {
			l.end(t)
		}
	}
}
