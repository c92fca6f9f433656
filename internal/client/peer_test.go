package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// unruly is a server that loses, cuts, delays and refuses on command: what a client has to live with and no good server does at
// will. It keeps rooms' logs as the protocol demands, so that what the client tells can be held against them.
type unruly struct {
	t      *testing.T
	server http.Server
	lis    pipes

	turn    sync.Mutex                                        // one meddling at a time
	mu      sync.Mutex                                        // guards what follows
	down    bool                                              // refuses connections
	door    func(w http.ResponseWriter, r *http.Request) bool // answers instead, if it returns true
	meddle  func(c *unrulyConn, f frame) bool                 // handles a frame instead, if it returns true
	limits  Limits
	logs    map[string][]frame
	stored  map[string]frame // by the sender's id
	conns   map[*unrulyConn]bool
	leaves  int
	codes   []int // close codes that clients gave
	dials   []time.Time
	private []RoomInfo
}

type unrulyConn struct {
	ws    *websocket.Conn
	out   chan any
	rooms map[string]bool
}

var epoch = time.Date(2026, 11, 21, 9, 20, 0, 0, time.UTC)

// pipes is a listener whose connections are in memory, so that testing/synctest knows when all wait.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 3000} }

func newUnruly(t *testing.T) *unruly {
	u := &unruly{
		t: t, lis: pipes{make(chan net.Conn), make(chan struct{})},
		logs: map[string][]frame{}, stored: map[string]frame{}, conns: map[*unrulyConn]bool{},
	}
	u.server.Handler = u
	done := make(chan struct{})
	go func() { defer close(done); _ = u.server.Serve(u.lis) }()
	t.Cleanup(func() {
		u.cut(0)
		u.server.Close()
		<-done
	})
	return u
}

func (u *unruly) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	u.mu.Lock()
	u.dials = append(u.dials, time.Now())
	down := u.down
	u.mu.Unlock()
	if down {
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	}
	ours, theirs := net.Pipe()
	select {
	case u.lis.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// set changes a field while the server runs.
func (u *unruly) set(change func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	change()
}

func (u *unruly) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	door := u.door
	u.mu.Unlock()
	if door != nil && door(w, r) {
		return
	}
	switch r.URL.Path {
	case "/join":
		http.SetCookie(w, &http.Cookie{Name: "session", Value: r.FormValue("name"), Path: "/"})
		fmt.Fprint(w, `{}`)
	case "/leave":
		u.set(func() { u.leaves++ })
		w.WriteHeader(http.StatusNoContent)
	case "/ws":
		u.talk(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (u *unruly) talk(w http.ResponseWriter, r *http.Request) {
	name := r.Header.Get("Key")
	if cookie, err := r.Cookie("session"); err == nil {
		name = cookie.Value
	}
	var upgrader websocket.Upgrader
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		u.t.Error(err)
		return
	}
	c := &unrulyConn{ws: ws, out: make(chan any, 10000), rooms: map[string]bool{}}
	written := make(chan struct{})
	go func() {
		defer close(written)
		for f := range c.out {
			_ = ws.WriteJSON(f)
		}
	}()
	u.mu.Lock()
	u.conns[c] = true
	limits, _ := json.Marshal(u.limits)
	c.out <- frame{Type: "welcome", User: "u_" + name, Name: name, Limits: limits, Rooms: u.private}
	since := int64(-1)
	if s := r.FormValue("since"); s != "" {
		since, _ = strconv.ParseInt(s, 10, 64)
	}
	u.enter(c, r.FormValue("room"), since)
	u.mu.Unlock()
	for {
		var f struct {
			frame
			Since *int64 `json:"since"`
		}
		if err := ws.ReadJSON(&f); err != nil {
			u.mu.Lock()
			if closed, ok := err.(*websocket.CloseError); ok {
				u.codes = append(u.codes, closed.Code)
			}
			delete(u.conns, c)
			u.mu.Unlock()
			break
		}
		f.User, f.Name = "u_"+name, name
		since := int64(-1)
		if f.Since != nil {
			since = *f.Since
		}
		u.mu.Lock()
		meddle := u.meddle
		u.mu.Unlock()
		if meddle != nil {
			u.turn.Lock()
			handled := meddle(c, f.frame)
			u.turn.Unlock()
			if handled {
				continue
			}
		}
		u.hear(c, f.frame, since)
	}
	close(c.out)
	ws.Close()
	<-written
}

func (u *unruly) hear(c *unrulyConn, f frame, since int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch f.Type {
	case "send":
		if e := u.store(f); c != nil {
			c.out <- frame{Type: "ack", ID: f.ID, Room: f.Room, Seq: e.Seq}
		}
	case "join":
		u.enter(c, f.Room, since)
	case "leave":
		delete(c.rooms, f.Room)
		c.out <- frame{Type: "left", Room: f.Room}
	case "ping":
		c.out <- frame{Type: "pong"}
	}
}

// enter joins a room. The caller holds mu.
func (u *unruly) enter(c *unrulyConn, room string, since int64) {
	c.rooms[room] = true
	log := u.logs[room]
	c.out <- frame{Type: "joined", Room: room, Last: int64(len(log)), Messages: log[max(0, since):]}
}

// say stores and tells what somebody else says.
func (u *unruly) say(room, name, text string) {
	u.set(func() { u.store(frame{Type: "send", Room: room, User: "u_" + name, Name: name, Text: text}) })
}

// store keeps a message, once for each id, and tells it. The caller holds mu.
func (u *unruly) store(f frame) frame {
	if e, again := u.stored[f.ID]; again {
		return e
	}
	f.Type, f.Seq = "message", int64(len(u.logs[f.Room])+1)
	f.Time = epoch.Add(time.Duration(f.Seq) * time.Minute)
	u.logs[f.Room] = append(u.logs[f.Room], f)
	if f.ID != "" {
		u.stored[f.ID] = f
	}
	for c := range u.conns {
		if c.rooms[f.Room] || IsPrivate(f.Room) {
			c.out <- f
		}
	}
	return f
}

// cut ends every connection, with a close code or, for 0, without a word.
func (u *unruly) cut(code int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.conns {
		c.end(code)
		delete(u.conns, c)
	}
}

func (c *unrulyConn) end(code int) {
	if code != 0 {
		_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	}
	c.ws.Close()
}

func (u *unruly) texts(room string) (texts []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, f := range u.logs[room] {
		texts = append(texts, f.Text)
	}
	return texts
}

// ear collects what a client tells.
type ear struct {
	*Client
	t *testing.T
}

func connect(t *testing.T, u *unruly, o Options) ear {
	t.Helper()
	o.URL, o.Dial = "ws://127.0.0.1:3000/ws", u.dial
	if o.Key == "" {
		o.Name = "Ada"
	}
	c, err := Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return ear{c, t}
}

// next returns the next event of a type, and skips others.
func next[E Event](e ear) E {
	e.t.Helper()
	for event := range e.Events() {
		if wanted, ok := event.(E); ok {
			return wanted
		}
	}
	var none E
	e.t.Fatalf("the conversation ended before a %T", none)
	return none
}

// rest returns the events that are there already.
func (e ear) rest() (events []Event) {
	for {
		select {
		case event, open := <-e.Events():
			if !open {
				return events
			}
			events = append(events, event)
		default:
			return events
		}
	}
}
