package handlers

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/conn"
)

// sockets are all upgraded connections. They own the goroutines of their turns.
type sockets struct {
	open atomic.Int64
	wg   sync.WaitGroup // of connections
	most int            // connections at a time; 0 is no limit
	// counters count what all connections do.
	counters      conn.Counters
	chats, echoes conn.Limits
	poller        *conn.Poller // wakes those to which something comes; nil where each waits for itself

	mu     sync.Mutex // guards closed and all
	closed bool       // no more connections, as the server stops
	all    map[*connection]struct{}
}

func (k *sockets) set(c config.Config, rates config.RateLimit) {
	k.most, k.all = c.Limits.Connections, map[*connection]struct{}{}
	k.chats = conn.Limits{
		Message: c.Limits.FrameBytes, Backlog: c.Limits.BacklogBytes, Ping: c.Socket.Ping, WriteTimeout: c.Socket.WriteTimeout,
		Frames: rates.Frames, FramesBurst: rates.FramesBurst, Fragments: c.Limits.Fragments,
	}
	k.echoes = k.chats
	k.echoes.Binary = true
}

var (
	errStopping = errors.New("the server is stopping")
	errFull     = errors.New("there are as many connections as there may be")
)

// start begins the first turn of a connection, whose end close waits for. Its error is errFull, or once the server stops errStopping.
func (k *sockets) start(c *connection) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return errStopping
	}
	if k.most > 0 && len(k.all) >= k.most {
		return errFull
	}
	k.all[c] = struct{}{}
	k.open.Add(1)
	k.wg.Add(1)
	c.conn.Watch(k.poller, c.turn)
	go c.turn()
	return nil
}

func (k *sockets) remove(c *connection) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.all, c)
	k.open.Add(-1)
	k.wg.Done()
}

// lookEvery is how often connections are looked at for what is due: pings, warnings, closes. Looking at 20,000 takes some milliseconds,
// most of them waiting for memory.
const lookEvery = 500 * time.Millisecond

// look looks at all connections until ctx ends.
func (k *sockets) look(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var all []*connection // kept from one look to the next
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		all = all[:0]
		k.mu.Lock()
		for c := range k.all {
			all = append(all, c)
		}
		k.mu.Unlock()
		for _, c := range all { // without the lock: some are written to
			c.look()
		}
		clear(all)
	}
}

// close tells every connection to go away, and returns when all have gone or ctx ends.
func (k *sockets) close(ctx context.Context) {
	k.mu.Lock()
	k.closed = true
	for c := range k.all {
		c.conn.Close(chat.CloseGoingAway, "the server is stopping")
	}
	k.mu.Unlock()
	gone := make(chan struct{})
	go func() { k.wg.Wait(); close(gone) }() // every connection ends by itself after its close frame's deadline
	select {
	case <-gone:
	case <-ctx.Done():
	}
}
