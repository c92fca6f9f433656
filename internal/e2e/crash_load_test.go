package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/client"
)

// crashLoad is the clients of a run, and what they have in common.
type crashLoad struct {
	t       *testing.T
	server  *server
	proxies []*proxy
	seed    uint64
	retry   time.Duration // how long clients wait for another try, at most

	jsons  []*crashClient
	liners []*crashLiner
	peers  []*crashPeer
	late   []*crashClient
	ids    map[string]string // of users, by name; complete before anyone talks

	ctx     context.Context
	end     context.CancelFunc
	running sync.WaitGroup

	host  atomic.Pointer[string]
	quiet atomic.Bool // nobody begins to say something

	sent, acked, refused, unavailable, resent                atomic.Int64
	connections, resumes, truncated, faults, lates, goodbyes atomic.Int64

	mu    sync.Mutex // guards tops, odd
	tops  map[string]int64
	odd   []string
	oddly int
}

// strange notes what a client was told that can't be.
func (l *crashLoad) strange(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.oddly++; l.oddly <= 100 {
		l.odd = append(l.odd, fmt.Sprintf(format, args...))
	}
}

// told notes how far a room has come.
func (l *crashLoad) told(room string, seq int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tops[room] = max(l.tops[room], seq)
}

func (l *crashLoad) top(room string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tops[room]
}

// direct is where the server listens now.
func (l *crashLoad) direct() string { return *l.host.Load() }

// by is the way through a proxy.
func (l *crashLoad) by(i int) func() string {
	p := l.proxies[i%len(l.proxies)]
	return func() string { return p.Host }
}

// rooms of the load that are public. Everybody is in some of them.
var crashRooms = []string{"lobby", "crash-1", "crash-2", "crash-3"}

// newCrashLoad signs everybody in.
func newCrashLoad(t *testing.T, s *server, seed uint64) *crashLoad {
	t.Helper()
	l := &crashLoad{t: t, server: s, seed: seed, ids: map[string]string{}, tops: map[string]int64{}, retry: 100 * time.Millisecond}
	host := s.Host
	l.host.Store(&host)
	l.ctx, l.end = context.WithCancel(t.Context())
	for range 3 {
		l.proxies = append(l.proxies, startProxy(t, s.Host))
	}
	for i := range 8 { // every other one behind a proxy, two and two of them in private
		address := l.direct
		if i%2 == 1 {
			address = l.by(i / 2)
		}
		l.jsons = append(l.jsons, l.json(fmt.Sprintf("Json %d", i), address, 24, crashRooms[i%4], crashRooms[(i+1)%4]))
	}
	for i := 0; i < len(l.jsons); i += 2 {
		a, b := l.jsons[i], l.jsons[i+1]
		room := directRoom(a.author.user, b.author.user)
		for _, c := range []*crashClient{a, b} {
			c.private, c.views[room], c.end[room] = room, &view{who: c.author.name, room: room, mustEnd: true}, -1
		}
		a.peer, b.peer = b.author.name, a.author.name
	}
	l.jsons = append(l.jsons, l.json("Reader 0", l.direct, 0, crashRooms...), l.json("Reader 1", l.by(0), 0, crashRooms...))
	for i, dialect := range []string{"text", "pipe", "rpc", "text"} {
		address := l.direct
		if i == 3 {
			address = l.by(1)
		}
		l.liners = append(l.liners, l.liner(dialect, fmt.Sprintf("Line %d", i), address, crashRooms[i]))
	}
	for i := range 3 {
		l.peers = append(l.peers, l.peer(fmt.Sprintf("Peer %d", i), l.proxies[i], crashRooms[i], crashRooms[(i+2)%4]))
	}
	return l
}

func directRoom(a, b string) string { return "@" + min(a, b) + "." + max(a, b) }

func (l *crashLoad) random(n int) *rand.Rand { return rand.New(rand.NewPCG(l.seed, uint64(n))) }

// json signs a json client in, by the form.
func (l *crashLoad) json(name string, address func() string, window int, rooms ...string) *crashClient {
	l.t.Helper()
	resp, cookie := l.server.join(l.t, url.Values{"name": {name}}, nil)
	if cookie == "" {
		l.t.Fatalf("%s can't sign in: %s", name, resp.Status)
	}
	c := l.client(name, address, window, rooms...)
	c.cookie = cookie
	c.author.user = l.whoIs(http.Header{"Cookie": {cookie}}, "")
	l.ids[name] = c.author.user
	return c
}

// client makes a json client that is not signed in.
func (l *crashLoad) client(name string, address func() string, window int, rooms ...string) *crashClient {
	c := &crashClient{
		load: l, address: address, rooms: rooms, window: window, rand: l.random(len(l.ids)),
		views: map[string]*view{}, end: map[string]int64{}, asked: map[string]int64{}, mine: map[string][]int{},
		author: &author{name: name, inOrder: true},
	}
	c.changed = sync.NewCond(&c.mu)
	for _, room := range rooms {
		c.views[room], c.end[room] = &view{who: name, room: room, mustEnd: true}, -1
	}
	return c
}

// whoIs asks for the id of a user.
func (l *crashLoad) whoIs(header http.Header, query string) string {
	l.t.Helper()
	c := dial(l.t, l.server.WS("?dialect=json"+query), header)
	defer c.ws.Close()
	return c.next("welcome").User
}

func (l *crashLoad) liner(dialect, name string, address func() string, room string) *crashLiner {
	l.t.Helper()
	c := &crashLiner{
		load: l, address: address, dialect: dialect, room: room, window: 8, rand: l.random(len(l.ids)), pending: map[string]int{},
		author: &author{name: name, inOrder: true},
	}
	c.changed = sync.NewCond(&c.mu)
	if dialect == "rpc" {
		c.key = l.server.account(l.t, name)
		c.author.user = l.whoIs(http.Header{"Key": {c.key}}, "")
	} else {
		c.author.user = l.whoIs(nil, "&name="+url.QueryEscape(name))
	}
	l.ids[name] = c.author.user
	return c
}

func (l *crashLoad) peer(name string, p *proxy, rooms ...string) *crashPeer {
	c := &crashPeer{
		load: l, url: p.WS(""), rooms: rooms, to: l.jsons[0].author.name, window: 6, rand: l.random(len(l.ids)),
		author: &author{name: name, inOrder: true}, tellings: map[string]*telling{}, open: map[string]int{}, end: map[string]int64{},
	}
	l.ids[name] = ""
	return c
}

// start lets everybody talk.
func (l *crashLoad) start() {
	l.t.Helper()
	for _, c := range l.peers {
		peer, err := client.Connect(l.ctx, client.Options{URL: c.url, Name: c.author.name, Room: c.rooms[0]})
		if err != nil {
			l.t.Fatal(err)
		}
		for c.author.user == "" { // the first event is the welcome
			if w, ok := (<-peer.Events()).(client.Welcome); ok {
				c.author.user = w.User.ID
			}
		}
		c.private = directRoom(c.author.user, l.ids[c.to])
		l.admit(l.jsons[0], c.private)
		l.running.Go(func() { c.run(l.ctx, peer) })
	}
	for _, c := range l.jsons {
		l.running.Go(func() { c.run(l.ctx) })
	}
	for _, c := range l.liners {
		l.running.Go(func() { c.run(l.ctx) })
	}
	for i, p := range l.proxies {
		l.running.Go(func() { l.fault(p, l.random(1000+i)) })
	}
}

// admit lets a client be told of one more private room, which it doesn't send to.
func (l *crashLoad) admit(c *crashClient, room string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.views[room], c.end[room] = &view{who: c.author.name, room: room, mustEnd: true}, -1
}

// arrive brings somebody who was not there before, reads for a while and goes when the next one comes.
func (l *crashLoad) arrive() {
	n := l.lates.Add(1)
	ctx, leave := context.WithCancel(l.ctx)
	c := l.json(fmt.Sprintf("Late %d", n), l.by(int(n)), 0, crashRooms[int(n)%4], crashRooms[int(n+1)%4])
	for _, v := range c.views {
		v.mustEnd = false
	}
	if len(l.late) > 0 {
		l.late[len(l.late)-1].leave()
	}
	c.leave = leave
	l.late = append(l.late, c)
	l.running.Go(func() { c.run(ctx) })
}

// fault does something to the connections of a proxy every now and then.
func (l *crashLoad) fault(p *proxy, random *rand.Rand) {
	short := func() { pause(l.ctx, time.Duration(20+random.IntN(180))*time.Millisecond) }
	for l.ctx.Err() == nil && !l.quiet.Load() {
		pause(l.ctx, time.Duration(300+random.IntN(1200))*time.Millisecond)
		l.faults.Add(1)
		switch random.IntN(9) {
		case 0:
			p.Cut()
		case 1:
			p.Refuse(true)
			p.Cut()
			short()
			p.Refuse(false)
		case 2:
			p.Delay(time.Duration(1+random.IntN(20)) * time.Millisecond)
			short()
			p.Delay(0)
		case 3:
			p.Trickle(100+random.IntN(1000), time.Millisecond)
			short()
			p.Trickle(0, 0)
		case 4:
			p.Stall(true)
			short()
			p.Stall(false)
		case 5:
			p.HalfClose(toServer)
		case 6:
			p.HalfClose(toClient)
		case 7:
			p.CutAfter(random.IntN(4000), -1)
			p.Cut()
		case 8: // stored, and the ack is lost
			cut := p.CutWhen(toClient, `"type":"ack"`)
			select {
			case <-cut:
			case <-time.After(time.Second):
			case <-l.ctx.Done():
			}
			p.OnFrame(nil)
		}
	}
}

// crash kills the server and starts it again, at another port: the old one may have been given away meanwhile. It returns how long
// that took until it was ready.
func (l *crashLoad) crash() time.Duration {
	l.server.Kill()
	began := time.Now()
	l.server.start("127.0.0.1:0")
	took := time.Since(began)
	host := l.server.Host
	l.host.Store(&host)
	for _, p := range l.proxies {
		p.Target(host)
	}
	return took
}

// settle lets everybody finish: no more is said, all is acknowledged, and everybody has seen all of it. Each knows that of themselves
// alone, so that they are asked.
func (l *crashLoad) settle() {
	l.t.Helper()
	l.quiet.Store(true)
	for deadline := time.Now().Add(18 * patience); ; time.Sleep(20 * time.Millisecond) {
		var waits []string
		for _, c := range l.jsons {
			waits = append(waits, c.settled())
		}
		for _, c := range l.peers {
			waits = append(waits, c.settled())
		}
		waits = slices.DeleteFunc(waits, func(s string) bool { return s == "" })
		if len(waits) == 0 {
			return
		}
		if time.Now().After(deadline) {
			l.t.Errorf("they don't come to an end:\n%s", strings.Join(waits, "\n"))
			return
		}
	}
}

// evidence is what the clients know, once they are gone.
func (l *crashLoad) evidence() *evidence {
	l.end()
	l.running.Wait()
	e := &evidence{strange: l.odd}
	for _, c := range append(l.jsons, l.late...) {
		e.authors = append(e.authors, c.author)
		for _, v := range c.views {
			e.views = append(e.views, v)
		}
	}
	for _, c := range l.liners {
		e.authors = append(e.authors, c.author)
		e.lines = append(e.lines, c.views...)
	}
	for _, c := range l.peers {
		e.authors = append(e.authors, c.author)
		for _, v := range c.tellings {
			e.tellings = append(e.tellings, v)
		}
	}
	return e
}
