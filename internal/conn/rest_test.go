package conn

import (
	"encoding/binary"
	"math/rand/v2"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// watched is a connection that a poller watches, where there is one, and what its turns heard.
type watched struct {
	*Conn
	heard chan string
	over  chan struct{} // closed at its end
}

// newPoller returns a poller for a test, at whose end it is closed.
func newPoller(t testing.TB) *Poller {
	t.Helper()
	p, err := NewPoller()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// watch serves a new connection in turns until its end.
func watch(t testing.TB, p *Poller, limits *Limits, counters *Counters) (*watched, *net.TCPConn) {
	t.Helper()
	server, client := tcpPair(t)
	_ = client.SetDeadline(time.Now().Add(20 * time.Second)) // a test that hangs fails
	w := &watched{New(server, limits, counters), make(chan string, 100), make(chan struct{})}
	w.Watch(p, w.turn)
	go w.turn()
	t.Cleanup(func() { _ = client.Close(); w.Close(closeGoingAway, ""); <-w.over })
	return w, client
}

func (w *watched) turn() {
	for {
		message, _, err := w.Read()
		switch {
		case err == nil:
			w.heard <- string(message)
		case err == ErrResting: //nolint:errorlint // as Read says
			return
		default:
			w.Finish()
			close(w.over)
			return
		}
	}
}

// rests waits until the connection has no goroutine.
func (w *watched) rests(t testing.TB) {
	t.Helper()
	if w.poller == nil { // none is to be had here
		return
	}
	waitUntil(t, "the connection comes to rest", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.resting
	})
}

// waitUntil looks again and again until it is so, as nothing tells of what happens within a connection: nobody but tests would listen.
func waitUntil(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not happen that %s", what)
		}
	}
}

func TestTurnsHearEverythingInOrderHoweverItIsCut(t *testing.T) {
	p := newPoller(t)
	var clients sync.WaitGroup
	for range 20 {
		w, client := watch(t, p, &Limits{Message: 1 << 20}, nil)
		clients.Go(func() {
			for i := range 200 {
				sent := frame(text, strings.Repeat("ü", i*i%5000)+string(rune('a'+i%26)))
				if i%7 == 0 {
					sent = append(frame(opText, "cut "), frame(fin|opContinuation, "here")...)
				}
				for len(sent) > 0 {
					n := 1 + rand.IntN(len(sent))
					if _, err := client.Write(sent[:n]); err != nil {
						t.Error(err)
						return
					}
					if sent = sent[n:]; i%3 == 0 {
						runtime.Gosched()
					}
				}
			}
		})
		clients.Go(func() {
			for i := range 200 {
				want := strings.Repeat("ü", i*i%5000) + string(rune('a'+i%26))
				if i%7 == 0 {
					want = "cut here"
				}
				if got := <-w.heard; got != want {
					t.Errorf("message %d is %.20q, want %.20q", i, got, want)
					return
				}
			}
		})
	}
	clients.Wait()
}

func TestTurnsEndViolationsWithTheirCloseCode(t *testing.T) {
	p := newPoller(t)
	for _, v := range violations() {
		t.Run(v.name, func(t *testing.T) {
			w, client := watch(t, p, &Limits{Message: 1000}, nil)
			w.rests(t)
			if _, err := client.Write(v.sent); err != nil {
				t.Fatal(err)
			}
			first, payload := readFrame(t, client)
			if first != fin|opClose || len(payload) < 2 || int(binary.BigEndian.Uint16(payload)) != v.code {
				t.Errorf("answered with %x %q; want a close frame with %d", first, payload, v.code)
			}
			_ = client.Close()
			<-w.over
			if w.Code() != v.code {
				t.Errorf("Code() = %d; want %d", w.Code(), v.code)
			}
		})
	}
}

func TestRestingConnectionEndsInEveryWayInWhichConnectionsEnd(t *testing.T) {
	p := newPoller(t)
	for _, tt := range []struct {
		name string
		end  func(w *watched, client *net.TCPConn)
		code int
	}{
		{"we close", func(w *watched, client *net.TCPConn) { w.Close(4000, "idle"); _ = client.Close() }, 4000},
		{"they close", func(_ *watched, client *net.TCPConn) {
			_, _ = client.Write(frame(fin|opClose, "\x03\xe8"))
			_ = client.Close()
		}, 1000},
		{"they go", func(_ *watched, client *net.TCPConn) { _ = client.Close() }, 1006},
		{"they end their half", func(_ *watched, client *net.TCPConn) { _ = client.CloseWrite() }, 1006},
		{"they are cut off", func(_ *watched, client *net.TCPConn) { _ = client.SetLinger(0); _ = client.Close() }, 1006},
		{"they go in the middle of a frame", func(_ *watched, client *net.TCPConn) {
			_, _ = client.Write(frame(text, "half")[:5])
			_ = client.Close()
		}, 1006},
		{"all at once", func(w *watched, client *net.TCPConn) {
			go func() { _ = client.SetLinger(0); _ = client.Close() }()
			go w.Close(4000, "idle")
			w.Write([]byte{text, 1, 'x'})
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 10 {
				w, client := watch(t, p, &Limits{}, nil)
				w.rests(t)
				tt.end(w, client)
				<-w.over
				if tt.code != 0 && w.Code() != tt.code {
					t.Errorf("Code() = %d, want %d", w.Code(), tt.code)
				}
			}
		})
	}
}

func TestRestingConnectionIsPingedAndThenGivenUp(t *testing.T) {
	var counters Counters
	const silence = 50 * time.Millisecond
	w, client := watch(t, newPoller(t), &Limits{Ping: silence}, &counters)
	var begun time.Time
	for range 3 { // it answers, and lives on
		w.rests(t)
		lookUntil(t, w, func() bool { return counters.PingsOut.Load() > counters.FramesIn.Load() })
		if first, _ := readFrame(t, client); first != fin|opPing {
			t.Fatalf("read %x, want a ping", first)
		}
		in := counters.FramesIn.Load()
		begun = time.Now()
		if _, err := client.Write(frame(fin|opPong, "")); err != nil {
			t.Fatal(err)
		}
		waitUntil(t, "the pong is read", func() bool { return counters.FramesIn.Load() > in })
		if counters.Silent.Load() != 0 || w.Code() != 0 {
			t.Fatal("a connection that answers is given up")
		}
	}
	lookUntil(t, w, func() bool { return w.Code() != 0 })
	if took := time.Since(begun); took < 2*silence-5*time.Millisecond {
		t.Errorf("given up after %v", took)
	}
	_ = client.Close()
	<-w.over
	if w.Code() != 1006 || counters.Silent.Load() != 1 || counters.PingsOut.Load() != 4 {
		t.Errorf("Code() = %d, %d given up, %d pings", w.Code(), counters.Silent.Load(), counters.PingsOut.Load())
	}
}

// lookUntil looks at a connection as its owner does.
func lookUntil(t *testing.T, w *watched, done func() bool) {
	t.Helper()
	waitUntil(t, "something becomes due", func() bool {
		w.Look()
		return done()
	})
}

func TestSilentConnectionsHaveNoGoroutinesAndLittleMemory(t *testing.T) {
	const conns = 500
	p := newPoller(t)
	limits := &Limits{Message: 64 << 10, Backlog: 1 << 20, Ping: time.Minute, Frames: 10, FramesBurst: 100, Fragments: 10}
	used := func() (heap, stacks uint64) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, m.StackInuse
	}
	pairs := make([][2]*net.TCPConn, conns)
	for i := range pairs {
		pairs[i][0], pairs[i][1] = tcpPair(t)
	}
	all := make([]*Conn, conns)
	over := make(chan struct{}, conns)
	goroutines := runtime.NumGoroutine()
	heap, stacks := used()
	for i := range all {
		c := New(pairs[i][0], limits, nil)
		all[i] = c
		turn := func() {
			for {
				if _, _, err := c.Read(); err == ErrResting { //nolint:errorlint // as Read says
					return
				} else if err != nil {
					c.Finish()
					over <- struct{}{}
					return
				}
			}
		}
		c.Watch(p, turn)
		go turn()
		if _, err := pairs[i][1].Write(frame(text, strings.Repeat("x", 3000))); err != nil {
			t.Fatal(err)
		}
		(&watched{Conn: c}).rests(t) // one after the other: what as many goroutines at once need is not asked here
	}
	if p != nil {
		if now := runtime.NumGoroutine(); now > goroutines+2 {
			t.Errorf("%d goroutines for %d silent connections", now-goroutines, conns)
		}
		heapNow, stacksNow := used()
		each := (int64(heapNow) - int64(heap) + int64(stacksNow) - int64(stacks)) / conns
		t.Logf("a silent connection holds %d bytes beside Go's own of a TCP connection", each)
		if each > 2<<10 { // the race detector's build holds twice what it should
			t.Errorf("that is a goroutine each, at least")
		}
	}
	for _, pair := range pairs {
		_ = pair[1].Close()
	}
	for range all {
		<-over
	}
}

func TestHalfAMessageWaitsForItsRestWithoutABigBuffer(t *testing.T) {
	w, client := watch(t, newPoller(t), &Limits{Message: 1 << 20}, nil)
	whole := slices.Concat(frame(opText, strings.Repeat("a", 100)), frame(fin|opContinuation, "end"))
	for _, cut := range []int{1, 3, 50, 106, 107, 110} {
		if _, err := client.Write(whole[:cut]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond) // nothing tells when half a frame was read; too early only makes this an easier test
		if _, err := client.Write(whole[cut:]); err != nil {
			t.Fatal(err)
		}
		if got := <-w.heard; got != strings.Repeat("a", 100)+"end" {
			t.Errorf("cut at %d it is %q", cut, got)
		}
	}
	w.rests(t)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.in.unread != nil || w.in.buffer != nil || w.message != nil {
		t.Error("a resting connection holds a buffer")
	}
}
