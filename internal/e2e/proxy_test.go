package e2e

import (
	"bytes"
	"net"
	"sync"
	"testing"
	"time"
)

// proxy stands between clients and a server and does to their connections what networks do. It knows TCP, and of WebSocket only
// where frames begin and end. Faults hold for all connections, those that are open too, unless they say otherwise.
type proxy struct {
	Host string // 127.0.0.1:PORT, where clients connect

	listener net.Listener
	running  sync.WaitGroup

	mu      sync.Mutex // guards what follows
	target  string     // host:port of the server
	pairs   map[*pair]bool
	refuse  bool
	stalled chan struct{} // closed when the stall is over; nil where there is none
	delay   time.Duration
	trickle int // bytes per write, 0 for as they come
	pause   time.Duration
	after   map[direction]int // what the next connection may carry
	onFrame func(direction, []byte) fate
	opened  int
	ended   bool
}

// direction is whereto bytes go.
type direction string

const (
	toServer direction = "to the server"
	toClient direction = "to the client"
)

// fate is what becomes of a connection at a frame.
type fate int

const (
	forward    fate = iota
	cutBefore       // the frame does not arrive; part of it may
	cutBehind       // it is the last one that is passed on
	halfBefore      // its direction ends before it as if its sender had closed for writing; the other goes on
)

// startProxy listens on a free port for connections to target, host:port. It and all its goroutines end with the test.
func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Host: listener.Addr().String(), listener: listener, target: target, pairs: map[*pair]bool{}}
	p.running.Go(p.accept)
	t.Cleanup(func() {
		p.mu.Lock()
		p.ended = true
		p.mu.Unlock()
		_ = listener.Close()
		p.Cut()
		p.running.Wait()
	})
	return p
}

// WS is the address of the server's socket by way of the proxy.
func (p *proxy) WS(query string) string { return "ws://" + p.Host + "/ws" + query }

// Target changes where new connections lead.
func (p *proxy) Target(hostPort string) { p.set(func() { p.target = hostPort }) }

// Cut resets all connections now, on both sides.
func (p *proxy) Cut() {
	for _, c := range p.open() {
		c.reset()
	}
}

// Refuse says whether new connections are reset as soon as they are made.
func (p *proxy) Refuse(on bool) { p.set(func() { p.refuse = on }) }

// Stall holds everything back, new connections too, until it is turned off: nothing passes and nothing is lost, as with a phone that
// sleeps.
func (p *proxy) Stall(on bool) {
	p.set(func() {
		switch {
		case on && p.stalled == nil:
			p.stalled = make(chan struct{})
		case !on && p.stalled != nil:
			close(p.stalled)
			p.stalled = nil
		}
	})
}

// Delay holds every chunk back for d.
func (p *proxy) Delay(d time.Duration) { p.set(func() { p.delay = d }) }

// Trickle passes on n bytes at a time with a pause after each. n 0 turns it off.
func (p *proxy) Trickle(n int, pause time.Duration) { p.set(func() { p.trickle, p.pause = n, pause }) }

// HalfClose ends one direction of all connections as if its sender had closed for writing, while the other goes on. What the sender
// still sends is lost.
func (p *proxy) HalfClose(d direction) {
	for _, c := range p.open() {
		c.half(d)
	}
}

// CutAfter lets the next connection be reset once so many bytes went in a direction. -1 is never.
func (p *proxy) CutAfter(bytesToServer, bytesToClient int) {
	p.set(func() { p.after = map[direction]int{toServer: bytesToServer, toClient: bytesToClient} })
}

// OnFrame lets decide be asked, by several goroutines, about each whole WebSocket frame with its payload (unmasked). nil is forward.
func (p *proxy) OnFrame(decide func(d direction, payload []byte) fate) {
	p.set(func() { p.onFrame = decide })
}

// CutWhen resets, once, the connection in which the next frame with part in it goes in a direction, before that frame arrives. The
// channel is closed when that has happened.
//
// A server that stored an event but can't tell: CutWhen(toClient, `"type":"ack"`).
func (p *proxy) CutWhen(d direction, part string) <-chan struct{} {
	cut := make(chan struct{})
	var once sync.Once
	p.OnFrame(func(towards direction, payload []byte) fate {
		verdict := forward
		if towards == d && bytes.Contains(payload, []byte(part)) {
			once.Do(func() {
				verdict = cutBefore
				close(cut)
			})
		}
		return verdict
	})
	return cut
}

// Opened is how many connections were made so far, those that were refused too.
func (p *proxy) Opened() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened
}

// Open is how many connections there are now.
func (p *proxy) Open() int { return len(p.open()) }

func (p *proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

func (p *proxy) open() []*pair {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := make([]*pair, 0, len(p.pairs))
	for c := range p.pairs {
		found = append(found, c)
	}
	return found
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.opened++
		refuse := p.refuse || p.ended
		c := &pair{proxy: p, client: client.(*net.TCPConn), gone: make(chan struct{}), after: p.after}
		if !refuse {
			p.after = nil
			p.pairs[c] = true
			p.running.Go(c.serve)
		}
		p.mu.Unlock()
		if refuse {
			abort(c.client)
		}
	}
}
