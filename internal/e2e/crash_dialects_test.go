package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"parley/internal/client"
)

// crashLiner is a client of a line dialect: text, pipe or rpc. Such a client can't know what arrived when it is cut off, so that it
// sends nothing again; it knows that something is stored by its own line coming back, or by rpc's answer.
type crashLiner struct {
	load    *crashLoad
	address func() string
	dialect string
	room    string
	key     string // of an account, for rpc
	window  int
	rand    *rand.Rand

	mu      sync.Mutex // guards what follows
	changed *sync.Cond
	author  *author
	views   []*lineView
	pending map[string]int // of author.sent, by what comes back
	broken  bool
}

func (c *crashLiner) run(ctx context.Context) {
	header := http.Header{}
	query := url.Values{"dialect": {c.dialect}, "room": {c.room}, "name": {c.author.name}}
	if c.key != "" {
		header.Set("Key", c.key)
		query.Del("name")
	}
	for ctx.Err() == nil {
		ws, err := dialCrash(ctx, "ws://"+c.address()+"/ws?"+query.Encode(), header)
		if err != nil {
			pause(ctx, 10*time.Millisecond+rand.N(c.load.retry))
			continue
		}
		c.load.connections.Add(1)
		stop := context.AfterFunc(ctx, func() { _ = ws.Close() })
		v := &lineView{who: c.author.name, room: c.room}
		if c.dialect == "rpc" {
			v.without = c.author.user
		}
		c.mu.Lock()
		c.broken = false
		clear(c.pending)
		c.views = append(c.views, v)
		c.mu.Unlock()
		var writing sync.WaitGroup
		writing.Go(func() {
			defer ws.Close()
			for {
				f, ok := c.next()
				if !ok || writeCrash(ws, f) != nil {
					return
				}
			}
		})
		for {
			_ = ws.SetReadDeadline(time.Now().Add(6 * patience))
			_, raw, err := ws.ReadMessage()
			if err != nil {
				break
			}
			c.hear(v, string(raw))
		}
		_ = ws.Close()
		c.mu.Lock()
		c.broken = true
		c.changed.Broadcast()
		c.mu.Unlock()
		writing.Wait()
		stop()
	}
}

func (c *crashLiner) next() (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.broken && (len(c.pending) >= c.window || c.load.quiet.Load()) {
		c.changed.Wait()
	}
	if c.broken {
		return "", false
	}
	n := len(c.author.sent)
	text := crashText(c.author.name, n, c.rand)
	c.author.sent = append(c.author.sent, sentEvent{room: c.room, kind: kindMessage, text: text})
	c.load.sent.Add(1)
	switch c.dialect {
	case "rpc":
		c.pending[strconv.Itoa(n)] = n
		body, err := json.Marshal(text)
		if err != nil {
			panic(err)
		}
		return fmt.Sprintf(`{"id":%d,"method":"POST","target":"/message","body":%s}`, n, body), true
	case "pipe":
		c.pending[c.author.name+": "+text] = n
		return c.author.name + "|" + text, true
	}
	c.pending[c.author.name+": "+text] = n
	return text, true
}

// hear takes a line.
func (c *crashLiner) hear(v *lineView, raw string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	line, answers := raw, raw
	switch c.dialect {
	case "pipe":
		_, rest, _ := strings.Cut(raw, "|")
		name, text, _ := strings.Cut(rest, "|")
		line = name + ": " + text
		if name == "*" {
			line = "* " + text
		}
		answers = line
	case "rpc":
		var f struct {
			ID            json.RawMessage
			Code          int
			Message, Body string
		}
		if err := json.Unmarshal([]byte(raw), &f); err != nil {
			c.load.strange("%s was written %q", c.author.name, raw)
			return
		}
		if f.Code != 0 {
			if f.Code == http.StatusOK {
				c.acknowledged(string(f.ID))
			}
			return
		}
		line, answers = f.Body, ""
		if f.Message == "system" {
			line = "* " + f.Body
		}
	}
	c.acknowledged(answers)
	if strings.HasPrefix(line, "* ") && !strings.Contains(line, " edited: ") && !strings.HasSuffix(line, " deleted a message") {
		return // presence
	}
	v.lines = append(v.lines, lineSum(line))
}

// acknowledged notes what comes back. The caller holds mu.
func (c *crashLiner) acknowledged(answer string) {
	n, ok := c.pending[answer]
	if !ok {
		return
	}
	delete(c.pending, answer)
	c.author.sent[n].acked = true
	c.load.acked.Add(1)
	c.changed.Signal()
}

// crashPeer is the Go client, which comes back and sends again by itself.
type crashPeer struct {
	load    *crashLoad
	url     string
	rooms   []string
	to      string // to whose name it sends private messages, in the room private
	private string
	window  int
	rand    *rand.Rand

	mu       sync.Mutex // guards what follows
	author   *author
	tellings map[string]*telling
	open     map[string]int // of author.sent, by id: what is neither acknowledged nor refused
	end      map[string]int64
}

func (c *crashPeer) run(ctx context.Context, peer *client.Client) {
	for _, room := range c.rooms[1:] {
		peer.Join(room, "")
	}
	var listening sync.WaitGroup
	listening.Go(func() {
		for e := range peer.Events() {
			c.hear(e)
		}
	})
	for ctx.Err() == nil {
		c.mu.Lock()
		if !c.load.quiet.Load() && len(c.open) < c.window {
			n := len(c.author.sent)
			e := sentEvent{kind: kindMessage, room: c.rooms[c.rand.IntN(len(c.rooms))], text: crashText(c.author.name, n, c.rand)}
			if c.rand.IntN(6) == 0 {
				e.room = c.private
				e.id = peer.SendTo(c.to, e.text)
			} else {
				e.id = peer.Send(e.room, e.text)
			}
			c.author.sent = append(c.author.sent, e)
			c.open[e.id] = n
			c.load.sent.Add(1)
			c.mu.Unlock()
			continue
		}
		c.mu.Unlock()
		pause(ctx, 2*time.Millisecond)
	}
	peer.Close()
	listening.Wait()
}

func (c *crashPeer) hear(e client.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := e.(type) {
	case client.Welcome:
		c.load.connections.Add(1)
	case client.Message:
		c.told(e.Room, seenEvent{
			identity: identity(kindMessage, e.User.ID, e.User.Name, e.ID, 0, 0, "", false, crashTime(e.Time)), seq: uint32(e.Seq),
			text: textSum(e.Text),
		})
	case client.Changed:
		kind := kindEdit
		if e.Deleted {
			kind = kindDelete
		}
		c.told(e.Room, seenEvent{
			identity: identity(kind, e.User.ID, e.User.Name, "", e.Of, 0, "", false, crashTime(e.Time)), seq: uint32(e.Seq),
			text: textSum(e.Text),
		})
	case client.Sent:
		if n, ok := c.open[e.ID]; ok {
			delete(c.open, e.ID)
			c.author.sent[n].acked = true
			c.load.acked.Add(1)
		} else {
			c.load.strange("%s was told twice that %s is stored", c.author.name, e.ID)
		}
	case client.Refused:
		n := c.open[e.ID]
		delete(c.open, e.ID)
		c.author.sent[n].refused = e.Code + " " + e.Message
		c.load.strange("%s: %s was refused: %s %s", c.author.name, e.ID, e.Code, e.Message)
	case client.Back:
		c.load.resumes.Add(1)
		if e.Truncated {
			c.load.truncated.Add(1)
		}
		for _, v := range c.tellings {
			v.backs = append(v.backs, back{len(v.events), e.Truncated})
		}
	case client.Ended:
		c.load.strange("%s was ended: %v", c.author.name, e.Err)
	}
}

// told notes what the client tells. The caller holds mu.
func (c *crashPeer) told(room string, e seenEvent) {
	v := c.tellings[room]
	if v == nil {
		v = &telling{who: c.author.name, room: room}
		c.tellings[room] = v
	}
	v.events = append(v.events, e)
	c.end[room] = int64(e.seq)
}

// settled says what is missing.
func (c *crashPeer) settled() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) > 0 {
		return fmt.Sprintf("%s waits for %d acks", c.author.name, len(c.open))
	}
	return ""
}

// crashTime writes a time as the protocol does.
func crashTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
