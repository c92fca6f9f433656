package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/fasthttp/websocket"
)

// follower is somebody who follows a room as the protocol says one should: they resume after each cut, send again what was not
// acknowledged, page back where too much was missed, and hold every frame against what they know.
type follower struct {
	name   string
	room   string
	header http.Header
	proxy  *proxy // on their way to the server

	mu     sync.Mutex // guards what follows
	change *sync.Cond
	ws     *websocket.Conn
	last   int64
	log    map[int64]frame // messages as they are now, by seq
	outbox []sending       // what was not acknowledged, oldest first
	acks   map[string]ack
	jumps  int   // answers that were truncated
	wrong  error // what the server should not have told

	reading sync.WaitGroup
}

// sending is a frame and its id.
type sending struct{ id, frame string }

func newFollower(name, room string, header http.Header, p *proxy) *follower {
	f := &follower{name: name, room: room, header: header, proxy: p, log: map[int64]frame{}, acks: map[string]ack{}}
	f.change = sync.NewCond(&f.mu)
	return f
}

// connect resumes where the follower is, unless they are connected, and sends again what was not acknowledged. It may fail, as the
// network is what it is.
func (f *follower) connect() {
	f.mu.Lock()
	connected, since := f.ws != nil, f.last
	f.mu.Unlock()
	if connected {
		return
	}
	ws, resp, err := websocket.DefaultDialer.Dial(f.proxy.WS(fmt.Sprintf("?dialect=json&room=%s&since=%d", f.room, since)), f.header)
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err != nil {
		return
	}
	f.mu.Lock()
	f.ws = ws
	waiting := slices.Clone(f.outbox)
	f.mu.Unlock()
	f.reading.Go(func() { f.read(ws) })
	for _, s := range waiting {
		_ = ws.WriteMessage(websocket.TextMessage, []byte(s.frame)) // what is lost is sent again
	}
}

// hangUp ends the connection, where there is one, and waits until all that came over it has been read.
func (f *follower) hangUp() {
	f.mu.Lock()
	if f.ws != nil {
		_ = f.ws.Close()
	}
	f.mu.Unlock()
	f.reading.Wait()
}

// send sends a frame now or when there is a connection.
func (f *follower) send(id, sent string) {
	f.mu.Lock()
	f.outbox = append(f.outbox, sending{id, sent})
	ws := f.ws
	f.mu.Unlock()
	if ws != nil {
		_ = ws.WriteMessage(websocket.TextMessage, []byte(sent))
	}
}

func (f *follower) read(ws *websocket.Conn) {
	defer func() {
		_ = ws.Close()
		f.mu.Lock()
		f.ws = nil
		f.mu.Unlock()
		f.change.Broadcast()
	}()
	for {
		_, raw, err := ws.ReadMessage()
		if err != nil {
			return
		}
		var got frame
		if err := json.Unmarshal(raw, &got); err != nil {
			got = frame{Type: "error", Message: err.Error()}
		}
		f.mu.Lock()
		if wrong := f.take(&got); wrong != nil {
			f.wrong = cmp.Or(f.wrong, fmt.Errorf("%s: %w in %.300s", f.name, wrong, raw))
		}
		f.mu.Unlock()
		f.change.Broadcast()
	}
}

// take takes one frame and says what is wrong with it. The caller holds mu.
func (f *follower) take(got *frame) error {
	switch got.Type {
	case "joined":
		return f.resumed(got)
	case "message", "edited", "deleted", "reaction":
		if got.Seq != f.last+1 {
			return fmt.Errorf("%d comes after %d", got.Seq, f.last)
		}
		f.last = got.Seq
		f.apply(got)
	case "ack":
		a := ack{got.ID, got.Room, got.Time, got.Seq}
		if before, again := f.acks[got.ID]; again && before != a {
			return fmt.Errorf("the first ack was %+v", before)
		}
		f.acks[got.ID] = a
		f.outbox = slices.DeleteFunc(f.outbox, func(s sending) bool { return s.id == got.ID })
	case "history":
		for _, m := range got.Messages {
			f.log[m.Seq] = m
		}
	case "error":
		return fmt.Errorf("%s: %s", got.Code, got.Message)
	}
	return nil
}

// resumed takes the answer to a resume.
func (f *follower) resumed(got *frame) error {
	if got.Last < f.last {
		return fmt.Errorf("the answer reaches to %d, and %d was here", got.Last, f.last)
	}
	if got.Truncated {
		clear(f.log)
		f.jumps++
	}
	before := f.last
	f.last = got.Last
	seqs := map[int64]bool{}
	for i, m := range got.Messages {
		if seqs[m.Seq] || i > 0 && m.Seq < got.Messages[i-1].Seq || !got.Truncated && m.Seq <= before || m.Seq > got.Last {
			return fmt.Errorf("message %d is out of place", m.Seq)
		}
		seqs[m.Seq] = true
		f.log[m.Seq] = m
	}
	for i, c := range got.Changes {
		if seqs[c.Seq] || i > 0 && c.Seq < got.Changes[i-1].Seq || c.Seq <= before || c.Seq > got.Last || c.Of > before {
			return fmt.Errorf("change %d is out of place", c.Seq)
		}
		seqs[c.Seq] = true
		f.apply(&c)
	}
	return nil
}

// apply does to the log what an event says. Changes of messages that are not here are told with the messages.
func (f *follower) apply(e *frame) {
	if e.Type == "message" {
		f.log[e.Seq] = *e
		return
	}
	m, here := f.log[e.Of]
	if !here {
		return
	}
	switch e.Type {
	case "edited":
		m.Text, m.HTML, m.Edited = e.Text, e.HTML, e.Seq
	case "deleted":
		m.Text, m.HTML, m.Deleted, m.Reactions = "", "", e.Seq, nil
	case "reaction":
		m.Reactions = slices.Clone(m.Reactions)
		m.react(e.Emoji, e.User, e.On)
	}
	f.log[e.Of] = m
}

// react sets or takes back a reaction, as a set of users under each emoji.
func (m *frame) react(emoji, user string, on bool) {
	i := slices.IndexFunc(m.Reactions, func(r reaction) bool { return r.Emoji == emoji })
	if i < 0 {
		m.Reactions = append(m.Reactions, reaction{Emoji: emoji})
		i = len(m.Reactions) - 1
	}
	users := slices.DeleteFunc(slices.Clone(m.Reactions[i].Users), func(u string) bool { return u == user })
	if on {
		users = append(users, user)
	}
	if m.Reactions[i].Users = users; len(users) == 0 {
		m.Reactions = slices.Delete(m.Reactions, i, i+1)
	}
}

// settle connects until everything is acknowledged and the log reaches to last (0: wherever it is), and returns how far it reaches.
func (f *follower) settle(last int64) (int64, error) {
	end := time.Now().Add(2 * patience)
	wake := time.AfterFunc(2*patience, f.change.Broadcast)
	defer wake.Stop()
	for {
		f.connect()
		f.mu.Lock()
		for f.ws != nil && f.wrong == nil && (len(f.outbox) > 0 || f.last < last) && time.Now().Before(end) {
			f.change.Wait()
		}
		done, late, wrong, reaches := f.ws != nil && len(f.outbox) == 0 && f.last >= last, time.Now().After(end), f.wrong, f.last
		waiting := len(f.outbox)
		f.mu.Unlock()
		switch {
		case wrong != nil:
			return 0, wrong
		case done:
			return reaches, nil
		case late:
			return 0, fmt.Errorf("%s has %d of %d events, and %d are not acknowledged", f.name, reaches, last, waiting)
		}
	}
}

// complete pages back until the log begins with the room's first message.
func (f *follower) complete() error {
	for {
		f.mu.Lock()
		first := int64(0)
		if len(f.log) > 0 {
			first = slices.Min(slices.Collect(maps.Keys(f.log)))
		}
		ws, wrong := f.ws, f.wrong
		f.mu.Unlock()
		if wrong != nil || first <= 1 {
			return wrong
		}
		if ws == nil {
			return fmt.Errorf("%s was cut off while paging back", f.name)
		}
		if err := ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"history","room":%q,"before":%d,"limit":200}`, f.room, first)); err != nil {
			return err
		}
		f.mu.Lock()
		for f.ws != nil && f.wrong == nil && f.log[first-1].Seq == 0 && !f.hasBefore(first) {
			f.change.Wait()
		}
		f.mu.Unlock()
	}
}

func (f *follower) hasBefore(seq int64) bool {
	for s := range f.log {
		if s < seq {
			return true
		}
	}
	return false
}

// differs says where a log isn't the room's, "" for nowhere.
func (f *follower) differs(truth map[int64]frame) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if got, want := slices.Sorted(maps.Keys(f.log)), slices.Sorted(maps.Keys(truth)); !slices.Equal(got, want) {
		return fmt.Sprintf("%s has the messages %v instead of %v", f.name, got, want)
	}
	for seq, want := range truth {
		got := f.log[seq]
		got.normalise()
		want.normalise()
		if !reflect.DeepEqual(got, want) {
			return fmt.Sprintf("%s has %+v instead of %+v", f.name, got, want)
		}
	}
	return ""
}

// normalise puts sets into one order.
func (m *frame) normalise() {
	m.Reactions = slices.Clone(m.Reactions)
	for i := range m.Reactions {
		m.Reactions[i].Users = slices.Sorted(slices.Values(m.Reactions[i].Users))
	}
	slices.SortFunc(m.Reactions, func(a, b reaction) int { return cmp.Compare(a.Emoji, b.Emoji) })
	if len(m.Reactions) == 0 {
		m.Reactions = nil
	}
}
