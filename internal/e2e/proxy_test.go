package e2e

import (
	"bytes"
	"errors"
	"io"
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

// pair is a client's connection and the one to the server that belongs to it.
type pair struct {
	proxy  *proxy
	client *net.TCPConn
	after  map[direction]int // bytes until the cut, nil or -1 for never
	gone   chan struct{}     // closed by reset

	mu     sync.Mutex // guards server, halved, reset once
	server *net.TCPConn
	halved map[direction]bool
	once   sync.Once
}

func (c *pair) serve() {
	defer func() {
		c.proxy.mu.Lock()
		delete(c.proxy.pairs, c)
		c.proxy.mu.Unlock()
	}()
	if !c.unstalled() {
		return
	}
	c.proxy.mu.Lock()
	target := c.proxy.target
	c.proxy.mu.Unlock()
	conn, err := net.Dial("tcp", target)
	if err != nil {
		c.reset()
		return
	}
	c.mu.Lock()
	c.server = conn.(*net.TCPConn)
	c.mu.Unlock()
	select {
	case <-c.gone: // while we dialed
		abort(c.server)
		return
	default:
	}
	var both sync.WaitGroup
	both.Go(func() { c.copy(c.server, c.client, toServer) })
	both.Go(func() { c.copy(c.client, c.server, toClient) })
	both.Wait()
	_ = c.client.Close()
	_ = c.server.Close()
}

// copy passes on one direction until it ends.
func (c *pair) copy(to, from *net.TCPConn, d direction) {
	frames := splitter{masked: d == toServer}
	left := -1
	if n, ok := c.after[d]; ok {
		left = n
	}
	chunk := make([]byte, 32<<10)
	for {
		n, err := from.Read(chunk)
		out, verdict := c.judge(&frames, chunk[:n], d)
		if left >= 0 && len(out) >= left {
			out, verdict = out[:left], cutBehind
		} else if left >= 0 {
			left -= len(out)
		}
		switch werr := c.write(to, out, d); {
		case verdict == cutBefore || verdict == cutBehind || werr != nil || err != nil && !errors.Is(err, io.EOF):
			c.reset()
			return
		case verdict == halfBefore:
			c.half(d)
		case err != nil:
			if c.unstalled() {
				c.half(d)
			}
			return
		}
	}
}

// judge finds out how much of a chunk is passed on, and what happens then.
func (c *pair) judge(frames *splitter, chunk []byte, d direction) ([]byte, fate) {
	c.proxy.mu.Lock()
	decide := c.proxy.onFrame
	c.proxy.mu.Unlock()
	out, verdict := chunk, forward
	frames.feed(chunk, func(start, end int, payload []byte) bool {
		if decide == nil {
			return true
		}
		switch verdict = decide(d, payload); verdict {
		case forward:
			return true
		case cutBehind:
			out = chunk[:end]
		default:
			out = chunk[:start]
		}
		return false
	})
	return out, verdict
}

// write passes a chunk on as the network is now.
func (c *pair) write(to *net.TCPConn, out []byte, d direction) error {
	for len(out) > 0 {
		if !c.unstalled() {
			return net.ErrClosed
		}
		c.proxy.mu.Lock()
		n, wait := len(out), c.proxy.delay
		if c.proxy.trickle > 0 {
			n, wait = min(n, c.proxy.trickle), wait+c.proxy.pause
		}
		c.proxy.mu.Unlock()
		if wait > 0 {
			select {
			case <-time.After(wait):
			case <-c.gone:
				return net.ErrClosed
			}
		}
		if c.isHalved(d) {
			return nil // what was sent after the end is lost
		}
		if _, err := to.Write(out[:n]); err != nil {
			return err
		}
		out = out[n:]
	}
	return nil
}

// unstalled waits until the proxy isn't stalled, and returns false where the connection is gone.
func (c *pair) unstalled() bool {
	for {
		c.proxy.mu.Lock()
		stalled := c.proxy.stalled
		c.proxy.mu.Unlock()
		select {
		case <-c.gone:
			return false
		default:
		}
		if stalled == nil {
			return true
		}
		select {
		case <-stalled:
		case <-c.gone:
		}
	}
}

func (c *pair) isHalved(d direction) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.halved[d]
}

// half ends one direction.
func (c *pair) half(d direction) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server == nil || c.halved[d] {
		return
	}
	if c.halved == nil {
		c.halved = map[direction]bool{}
	}
	c.halved[d] = true
	if d == toServer {
		_ = c.server.CloseWrite()
	} else {
		_ = c.client.CloseWrite()
	}
}

// reset ends both sides with RST.
func (c *pair) reset() {
	c.once.Do(func() {
		close(c.gone)
		c.mu.Lock()
		defer c.mu.Unlock()
		abort(c.client)
		if c.server != nil {
			abort(c.server)
		}
	})
}

// abort closes a connection with RST: what waits in it is lost.
func abort(conn *net.TCPConn) {
	_ = conn.SetLinger(0)
	_ = conn.Close()
}
