// Package client is a Parley client for Go programs: it talks the json dialect, comes back by itself after a cut, and keeps two
// promises while it does. What is sent is kept until the server has acknowledged it, and is stored once; what is said in a room is
// told in the room's order, each event once, whatever the connection went through meanwhile.
//
// [Connect] signs in and returns a [Client] once the server has said welcome. From then on the caller receives from
// [Client.Events] until that is closed, and calls the other methods from any goroutine; none of them blocks but Close.
//
// It imports none of the server's packages, as a client in another language would. Commands may import it.
package client

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/fasthttp/websocket"
)

// Options say who wants to talk where.
type Options struct {
	URL  string // of the WebSocket: ws://host:3000/ws
	Name string // by which to sign in, where the chat is open
	Key  string // of an account; beats Name
	Room string // the first room; "" is the lobby
	// Session is the last that Keep was told in a conversation by that Name which ended without a goodbye: it goes on, and the name is
	// still one's own. "", or one that the server doesn't know any more, begins another.
	Session string
	// Keep is told the token of the session that the name was given, each time it is another, and "" once it has ended; never from two
	// goroutines at once. Whoever has the token is that user: keep it as a password. nil keeps nothing.
	Keep func(token string)
	// Dial makes the network connection. nil is the network's own.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// ErrOffline is what a request gets that is of no use later, while there is no connection.
var ErrOffline = errors.New("not connected just now")

const lobby = "lobby" // where the protocol lets people land

const (
	eventsAhead = 256 // events that wait for a slow caller, before the connection is read no further
	typingEvery = 3 * time.Second
	readEvery   = time.Second // how long read marks are collected
)

// Client is one conversation with a server. Its methods may be called by several goroutines.
type Client struct {
	door   *door
	name   string // by which we signed in, "" with a key
	events chan Event
	ctx    context.Context
	cancel context.CancelFunc
	ended  chan struct{} // closed when the conversation's goroutine has ended
	wake   chan struct{} // there is something to write
	again  chan struct{} // the caller wants a connection now

	mu       sync.Mutex // guards what follows; never held while anything is written or told
	me       User
	limits   Limits
	online   bool
	idle     bool // closed for idleness: a message is a reason to come back
	rooms    map[string]*room
	order    []string          // the names of the rooms that are wanted, in the order of joining
	names    map[string]string // of users, by their ids
	outbox   outbox
	requests []request
	reads    map[string]int64 // how far one has read, where the server doesn't know yet
	readAt   time.Time        // when reads are written
	typed    map[string]time.Time
	nextID   int
	idPrefix string
	catching map[string]bool // rooms whose join after a reconnect isn't answered yet
	back     *Back           // what is told when all of them are
}

// Connect signs in, connects and waits for the welcome. The error is a [*Refusal], an [*Unreachable] or about the options. After
// that the client runs until [Client.Close], until ctx ends, or until the server ends it for good.
func Connect(ctx context.Context, o Options) (*Client, error) {
	c, err := newClient(ctx, &o)
	if err != nil {
		return nil, err
	}
	l, err := c.goOn(ctx, &o)
	if l == nil && err == nil {
		l, err = c.begins(ctx)
	}
	if err != nil {
		c.cancel()
		return nil, err
	}
	go c.run(l)
	return c, nil
}

// goOn connects with the session of an earlier conversation. It returns nothing where there is none that would do.
func (c *Client) goOn(ctx context.Context, o *Options) (*link, error) {
	if c.name == "" || o.Session == "" {
		return nil, nil
	}
	c.door.hold(o.Session)
	l, err := c.open(ctx)
	var refusal *Refusal
	if errors.As(err, &refusal) && refusal.Status == http.StatusUnauthorized {
		return nil, nil
	}
	if err == nil && l.welcome.Name != c.name { // renamed since: signing in by the session asks for the name again
		l.goodbye(websocket.CloseNormalClosure)
		return nil, nil
	}
	return l, err
}

// begins signs in and connects.
func (c *Client) begins(ctx context.Context) (*link, error) {
	if err := c.signIn(ctx); err != nil {
		return nil, err
	}
	l, err := c.open(ctx)
	if err != nil && c.name != "" {
		c.door.signOut()
	}
	return l, err
}

func newClient(ctx context.Context, o *Options) (*Client, error) {
	if o.Name == "" && o.Key == "" {
		return nil, errors.New("say who you are: a name, or the key of an account")
	}
	d, err := newDoor(o)
	if err != nil {
		return nil, err
	}
	c := &Client{
		door: d, events: make(chan Event, eventsAhead), ended: make(chan struct{}),
		wake: make(chan struct{}, 1), again: make(chan struct{}, 1),
		rooms: map[string]*room{}, names: map[string]string{}, reads: map[string]int64{}, typed: map[string]time.Time{},
		catching: map[string]bool{}, idPrefix: rand.Text()[:16],
	}
	if o.Key == "" {
		c.name = o.Name
	}
	c.want(cmp.Or(o.Room, lobby))
	c.ctx, c.cancel = context.WithCancel(ctx)
	return c, nil
}

// Events returns the channel of what happens. It is closed at the end. Who doesn't receive holds up the reading of the connection,
// and loses it in the end, but loses no message.
func (c *Client) Events() <-chan Event { return c.events }

// Close says goodbye: the connection is closed, the session that a name was given ends, and the name is free again. Messages that
// were not acknowledged are given up. It returns when all that is done, after some seconds at most.
func (c *Client) Close() {
	c.cancel()
	<-c.ended
}

// Me returns who one is now.
func (c *Client) Me() User {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.me
}

// Online reports whether there is a connection.
func (c *Client) Online() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.online
}

// Waiting returns how many messages the server has neither acknowledged nor refused.
func (c *Client) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.outbox.waiting)
}

// Send sends a message to a room. It is kept until a [Sent] or [Refused] event with the id that is returned.
func (c *Client) Send(room, text string) (id string) { return c.send(Outgoing{Room: room, Text: text}) }

// SendTo sends a private message to the user who goes by the name.
func (c *Client) SendTo(name, text string) (id string) { return c.send(Outgoing{To: name, Text: text}) }

func (c *Client) send(m Outgoing) string {
	m.Text = strings.ToValidUTF8(m.Text, "\uFFFD") // the server closes on anything else
	m.To = strings.ToValidUTF8(m.To, "\uFFFD")
	c.mu.Lock()
	c.nextID++
	m.ID = fmt.Sprintf("%s-%d", c.idPrefix, c.nextID)
	c.outbox.add(m)
	idle := c.idle
	c.mu.Unlock()
	poke(c.wake)
	if idle {
		poke(c.again)
	}
	return m.ID
}

// tooLong says whether the server takes no message of that length. A frame that is too large would end the connection.
func (l Limits) tooLong(text string) bool {
	return l.MessageLength > 0 && len(text) > l.MessageLength && utf8.RuneCountInString(text) > l.MessageLength
}

// Join goes into a room, now and after every reconnect. Some rooms want a password, once.
func (c *Client) Join(name, password string) {
	c.mu.Lock()
	r := c.want(name)
	r.password = strings.ToValidUTF8(password, "\uFFFD")
	if c.online && !r.asking {
		c.requests = append(c.requests, r.join())
	}
	c.mu.Unlock()
	poke(c.wake)
}

// Leave goes out of a room.
func (c *Client) Leave(name string) {
	c.mu.Lock()
	if r := c.rooms[name]; r != nil {
		r.forget()
		r.leaving = c.online
	}
	c.order = slices.DeleteFunc(c.order, func(n string) bool { return n == name })
	if seq, isWaiting := c.reads[name]; isWaiting {
		delete(c.reads, name)
		c.ask(request{Type: "read", Room: name, Seq: seq}) // while one is still in it
	}
	c.ask(request{Type: "leave", Room: name})
	c.mu.Unlock()
	poke(c.wake)
}

// want notes that the caller wants to be in a room. The caller holds mu.
func (c *Client) want(name string) *room {
	r := c.rooms[name]
	if r == nil {
		r = &room{name: name}
		c.rooms[name] = r
	}
	if !r.wanted {
		r.wanted = true
		c.order = append(c.order, name)
	}
	return r
}

// Rename asks for another name. A new [Welcome] or a [Failed] answers.
func (c *Client) Rename(name string) error {
	return c.request(request{Type: "nick", Name: strings.ToValidUTF8(name, "\uFFFD")})
}

// Members asks who is in a room. [Members] answers.
func (c *Client) Members(room string) error { return c.request(request{Type: "members", Room: room}) }

// Search looks for messages in all rooms that one may read. [Found] or a [Failed] answers.
func (c *Client) Search(query string) error {
	return c.request(request{Type: "search", Query: strings.ToValidUTF8(query, "\uFFFD")})
}

// Away says that the person isn't at it, and why; Back that they are again. A [Whois] of oneself, or a [Failed], answers.
func (c *Client) Away(text string) error {
	return c.request(request{Type: "away", Text: strings.ToValidUTF8(text, "\uFFFD")})
}

// Back ends what [Client.Away] began. The next message does as well.
func (c *Client) Back() error { return c.request(request{Type: "back"}) }

// Whois asks who goes by a name. [Whois] or a [Failed] answers.
func (c *Client) Whois(name string) error {
	return c.request(request{Type: "whois", Name: strings.ToValidUTF8(name, "\uFFFD")})
}

// Ignore says that one doesn't want to see what somebody says, or does again. [Ignored] or a [Failed] answers. Leaving it out is the
// caller's doing.
func (c *Client) Ignore(name string, on bool) error {
	return c.request(request{Type: "ignore", Name: strings.ToValidUTF8(name, "\uFFFD"), On: &on})
}

// SetTopic says what a room is about. [Topic] or a [Failed] answers.
func (c *Client) SetTopic(room, text string) error {
	return c.request(request{Type: "topic", Room: room, Text: strings.ToValidUTF8(text, "\uFFFD")})
}

// Order is what moderators do: "kick", "ban" (for a time, 0 until "unban") and "unban" somebody. [Whois] or a [Failed] answers; whoever
// looks after a closed room and not after the chat kicks from that room alone, and hears [Removed].
func (c *Client) Order(what, room, name, reason string, long time.Duration) error {
	return c.request(request{
		Type: what, Room: room, Name: strings.ToValidUTF8(name, "\uFFFD"), Text: strings.ToValidUTF8(reason, "\uFFFD"), Seconds: int64(long.Seconds()),
	})
}

// Invite asks somebody into a room. [Invited] or a [Failed] answers.
func (c *Client) Invite(room, name string) error {
	return c.request(request{Type: "invite", Room: room, Name: strings.ToValidUTF8(name, "\uFFFD")})
}

// Remove takes somebody out of a closed room that one looks after. [Removed] or a [Failed] answers.
func (c *Client) Remove(room, name string) error {
	return c.request(request{Type: "remove", Room: room, Name: strings.ToValidUTF8(name, "\uFFFD")})
}

// SetPassword gives a room that one looks after another password. [About] or a [Failed] answers.
func (c *Client) SetPassword(room, password string) error {
	return c.request(request{Type: "password", Room: room, Password: strings.ToValidUTF8(password, "\uFFFD")})
}

// Rooms asks which rooms there are. [Rooms] or a [Failed] answers.
func (c *Client) Rooms() error { return c.request(request{Type: "rooms"}) }

// Pages returns the address at which a browser finds a room; of a private one, or of none, that of the chat.
func (c *Client) Pages(room string) string {
	u := c.door.pages
	if room != "" && !IsPrivate(room) && room != lobby {
		u.RawQuery = "room=" + room
	}
	return u.String()
}

// Active says that the person is there.
func (c *Client) Active() { _ = c.request(request{Type: "active"}) } // of no use while there is no connection

// Typing says that the person is writing to a room, at most every few seconds however often it is called.
func (c *Client) Typing(room string) {
	now := time.Now()
	c.mu.Lock()
	due := now.Sub(c.typed[room]) >= typingEvery
	if due && c.online {
		c.typed[room] = now
	}
	c.mu.Unlock()
	if due {
		_ = c.request(request{Type: "typing", Room: room}) // of no use while there is no connection
	}
}

// Read says how far the person has read. The marks of a second are told at once.
func (c *Client) Read(room string, seq int64) {
	c.mu.Lock()
	if seq > c.reads[room] {
		if len(c.reads) == 0 {
			c.readAt = time.Now().Add(readEvery)
		}
		c.reads[room] = seq
	}
	c.mu.Unlock()
	poke(c.wake)
}

// Reconnect makes a connection now instead of later, and after idleness instead of never.
func (c *Client) Reconnect() {
	if !c.Online() {
		poke(c.again)
	}
}

func (c *Client) request(r request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.online {
		return ErrOffline
	}
	c.ask(r)
	poke(c.wake)
	return nil
}

// ask queues a request of this connection. The caller holds mu.
func (c *Client) ask(r request) {
	if c.online {
		c.requests = append(c.requests, r)
	}
}

// poke makes whoever listens look again. It never blocks.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
