package handlers

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"parley/internal/chat"
	"parley/internal/config"
)

// addresses is what each address has open and may still do. Addresses that no limit holds for aren't in it, nor are proxies: they
// speak for others.
type addresses struct {
	most     int // connections of one address, of either kind; 0 is no limit
	requests chat.Rate
	messages chat.Rate
	exempt   []netip.Prefix
	now      func() time.Time

	mu      sync.Mutex                // guards what follows
	known   map[netip.Prefix]*address // IPv6 by networks of 64 bits: everybody has 2^64 addresses there
	plain   int                       // connections that are no WebSockets, or not yet, of all addresses
	sweepAt int                       // how many addresses are known when those that need not be are looked for
}

// address is one that something is known of. Its owner is addresses, whose lock guards it.
type address struct {
	plain, sockets     int
	requests, messages chat.Bucket
}

// Addresses without a connection are known until their budgets are full again. So many may be at a time, which is about 10 MB; beyond
// them some are forgotten early.
const (
	addressesSweep = 1 << 10
	addressesMost  = 1 << 15
)

func newAddresses(c config.Config, exempt []netip.Prefix) *addresses {
	rates := c.RateLimit.InForce()
	users := rates.AddressUsers
	return &addresses{
		most:     c.Limits.ConnectionsPerAddress,
		requests: chat.Rate{PerSecond: rates.Requests, Burst: rates.RequestsBurst},
		messages: chat.Rate{PerSecond: rates.Messages * float64(users), Burst: rates.Burst * users},
		exempt:   exempt, now: time.Now, known: map[netip.Prefix]*address{},
	}
}

// of returns what is known of an address, nil where no limit holds for it. The caller holds a.mu.
func (a *addresses) of(ip netip.Addr) *address {
	if slices.ContainsFunc(a.exempt, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return nil
	}
	key := network(ip)
	known := a.known[key]
	if known == nil {
		if len(a.known) >= max(addressesSweep, a.sweepAt) {
			a.sweep()
		}
		known = &address{}
		a.known[key] = known
	}
	return known
}

// network is what an address counts as: of IPv6 everybody has 2^64 addresses. Where it isn't known where something comes from, all
// such are one.
func network(ip netip.Addr) netip.Prefix {
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	p, err := ip.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// sweep forgets the addresses that are as good as unknown, and where that isn't enough, half of those that have nothing open. It runs
// when there are twice as many as it left last time. The caller holds a.mu.
func (a *addresses) sweep() {
	now := a.now()
	for key, known := range a.known {
		if known.plain+known.sockets == 0 && known.requests.Full(now, a.requests) && known.messages.Full(now, a.messages) {
			delete(a.known, key)
		}
	}
	for key, known := range a.known {
		if len(a.known) <= addressesMost/2 {
			break
		}
		if known.plain+known.sockets == 0 {
			delete(a.known, key)
		}
	}
	a.sweepAt = 2 * len(a.known)
}

// request takes a request from the budget of an address, or says how long until there is one.
func (a *addresses) request(ip netip.Addr) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	known := a.of(ip)
	if known == nil {
		return 0
	}
	return known.requests.Take(a.now(), a.requests, 1)
}

// spend takes a cost in messages from the budget of an address, or says how long until there is enough.
func (a *addresses) spend(ip netip.Addr, cost float64) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	known := a.of(ip)
	if known == nil {
		return 0
	}
	return known.messages.Take(a.now(), a.messages, cost)
}

// mayOpen reports whether an address may have one WebSocket more.
func (a *addresses) mayOpen(ip netip.Addr) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	known := a.of(ip)
	return known == nil || a.most <= 0 || known.sockets < a.most
}

// open counts a WebSocket of an address, unless that has as many as it may have.
func (a *addresses) open(ip netip.Addr) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	known := a.of(ip)
	if known == nil {
		return true
	}
	if a.most > 0 && known.sockets >= a.most {
		return false
	}
	known.sockets++
	return true
}

// closed is the end of a WebSocket that open has counted.
func (a *addresses) closed(ip netip.Addr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if known := a.of(ip); known != nil {
		known.sockets--
	}
}

// come counts a connection that was accepted. It returns the limit that it is beyond, "" for none; the connection counts until
// [addresses.gone] all the same.
func (a *addresses) come(c net.Conn, most int) (limit string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.plain++
	known := a.of(remote(c))
	if known != nil {
		known.plain++
	}
	switch {
	case known != nil && a.most > 0 && known.plain > a.most:
		return limitAddress
	case most > 0 && a.plain > most:
		return limitRequests
	default:
		return ""
	}
}

// gone is the end of a connection that come has counted, or its beginning as a WebSocket.
func (a *addresses) gone(c net.Conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.plain--
	if known := a.of(remote(c)); known != nil {
		known.plain--
	}
}

// remote is where a connection comes from.
func remote(c net.Conn) netip.Addr {
	if tcp, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
