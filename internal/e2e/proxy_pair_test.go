package e2e

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

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
