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

	"github.com/fasthttp/websocket"
)

// crashClient is a json client that talks and listens until its run ends, whatever happens to its connections: it resumes after what
// it has seen, and sends again, in order and under the same ids, what was not acknowledged.
type crashClient struct {
	load    *crashLoad
	address func() string // where to connect, host:port
	cookie  string        // "" for one who only says a name
	rooms   []string      // public ones; it comes in by the first
	private string        // a private room that it is in, "" for none
	peer    string        // whose name the private room is sent to
	leave   func()        // of one who leaves before the end
	window  int           // what may be under way at once; 0 is a client that only reads
	rand    *rand.Rand

	mu      sync.Mutex // guards what follows
	changed *sync.Cond // broken or pending changed
	author  *author
	views   map[string]*view
	end     map[string]int64 // how far a room was seen; -1 for not at all
	asked   map[string]int64 // the since of joins that are not answered
	pending []int            // of author.sent, oldest first
	mine    map[string][]int // acknowledged messages that may be changed, by room
	broken  bool
}

// crashFrame is a frame of the json dialect with all that the checker looks at.
type crashFrame struct {
	Type, Room, ID, User, Name, Text, Emoji, Time, Code, Message string
	Seq, Of, Last, Edited, Deleted                               int64
	ReplyTo                                                      int64 `json:"reply_to"`
	On, Truncated, More                                          bool
	Messages, Changes                                            []crashFrame
	Reactions                                                    []struct {
		Emoji string
		Users []string
	}
}

var frameKinds = map[string]int{"message": kindMessage, "edited": kindEdit, "deleted": kindDelete, "reaction": kindReaction}

// seen makes an event small.
func (f *crashFrame) seen() seenEvent {
	return seenEvent{
		identity: identity(frameKinds[f.Type], f.User, f.Name, f.ID, f.Of, f.ReplyTo, f.Emoji, f.On, f.Time),
		seq:      uint32(f.Seq), edited: uint32(f.Edited), deleted: uint32(f.Deleted), text: textSum(f.Text),
	}
}

func small(frames []crashFrame) []seenEvent {
	list := make([]seenEvent, len(frames))
	for i := range frames {
		list[i] = frames[i].seen()
	}
	return list
}

// run connects and talks until ctx ends.
func (c *crashClient) run(ctx context.Context) {
	for ctx.Err() == nil {
		ws, err := c.dial(ctx)
		if err != nil {
			pause(ctx, 10*time.Millisecond+rand.N(c.load.retry))
			continue
		}
		c.load.connections.Add(1)
		c.converse(ctx, ws)
	}
}

// pause waits, at most until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// dial comes in by the first room, after what was seen of it.
func (c *crashClient) dial(ctx context.Context) (*websocket.Conn, error) {
	c.mu.Lock()
	clear(c.asked)
	query := url.Values{"dialect": {"json"}, "room": {c.rooms[0]}}
	c.asked[c.rooms[0]] = c.end[c.rooms[0]]
	if since := c.end[c.rooms[0]]; since >= 0 {
		query.Set("since", strconv.FormatInt(since, 10))
	}
	c.mu.Unlock()
	header := http.Header{}
	if c.cookie == "" {
		query.Set("name", c.author.name)
	} else {
		header.Set("Cookie", c.cookie)
	}
	return dialCrash(ctx, "ws://"+c.address()+"/ws?"+query.Encode(), header)
}

var crashDialer = websocket.Dialer{HandshakeTimeout: patience}

func dialCrash(ctx context.Context, url string, header http.Header) (*websocket.Conn, error) {
	ws, resp, err := crashDialer.DialContext(ctx, url, header)
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	return ws, err
}

// converse talks over one connection until it breaks.
func (c *crashClient) converse(ctx context.Context, ws *websocket.Conn) {
	stop := context.AfterFunc(ctx, func() { _ = ws.Close() })
	defer stop()
	c.mu.Lock()
	c.broken = false
	var frames []string
	for room := range c.views {
		if room == c.rooms[0] {
			continue
		}
		since := c.end[room]
		c.asked[room] = since
		frames = append(frames, fmt.Sprintf(`{"type":"join","room":%q%s}`, room, sinceMember(since)))
	}
	for _, i := range c.pending {
		frames = append(frames, c.frame(i))
		c.load.resent.Add(1)
	}
	c.mu.Unlock()
	var writing sync.WaitGroup
	writing.Go(func() {
		defer ws.Close() // so that reading ends, too
		for _, f := range frames {
			if writeCrash(ws, f) != nil {
				return
			}
		}
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
			if websocket.IsCloseError(err, websocket.CloseGoingAway) {
				c.load.goodbyes.Add(1)
			}
			break
		}
		if !c.hear(raw) {
			break
		}
	}
	_ = ws.Close()
	c.mu.Lock()
	c.broken = true
	c.changed.Broadcast()
	c.mu.Unlock()
	writing.Wait()
}

func sinceMember(since int64) string {
	if since < 0 {
		return ""
	}
	return `,"since":` + strconv.FormatInt(since, 10)
}

func writeCrash(ws *websocket.Conn, frame string) error {
	_ = ws.SetWriteDeadline(time.Now().Add(patience))
	return ws.WriteMessage(websocket.TextMessage, []byte(frame))
}

// next waits until something may be sent and decides what. It returns false once the connection is broken.
func (c *crashClient) next() (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.broken && (len(c.pending) >= c.window || c.load.quiet.Load()) {
		c.changed.Wait()
	}
	if c.broken {
		return "", false
	}
	n := len(c.author.sent)
	e := sentEvent{id: c.author.name + "-" + strconv.Itoa(n), kind: kindMessage, room: c.rooms[c.rand.IntN(len(c.rooms))]}
	if c.private != "" && c.rand.IntN(8) == 0 {
		e.room = c.private
	}
	if mine := c.mine[e.room]; len(mine) > 0 {
		i := c.rand.IntN(len(mine))
		of := c.author.sent[mine[i]].seq
		switch c.rand.IntN(40) {
		case 0, 1:
			e.kind, e.of = kindEdit, of
		case 2:
			e.kind, e.of = kindDelete, of
			c.mine[e.room] = append(mine[:i:i], mine[i+1:]...)
		case 3, 4, 5:
			e.kind, e.of, e.emoji, e.on = kindReaction, of, [...]string{"👍", "🎉", "❤️"}[c.rand.IntN(3)], c.rand.IntN(3) > 0
		case 6:
			e.replyTo = of
		}
	}
	if e.kind == kindMessage || e.kind == kindEdit {
		e.text = crashText(c.author.name, n, c.rand)
	}
	c.author.sent = append(c.author.sent, e)
	c.pending = append(c.pending, n)
	c.load.sent.Add(1)
	return c.frame(n), true
}

// crashText is a text that nobody else says: mostly short, sometimes long.
func crashText(name string, n int, random *rand.Rand) string {
	text := fmt.Sprintf("%s/%d: every | word of ünïcode 🚀 counts", name, n)
	if random.IntN(500) == 0 {
		text += strings.Repeat(" and so on", 20+random.IntN(100))
	}
	return text
}

// frame is what is written for something that is sent. The caller holds mu.
func (c *crashClient) frame(n int) string {
	e := &c.author.sent[n]
	out := map[string]any{"id": e.id, "room": e.room}
	switch e.kind {
	case kindMessage:
		out["type"], out["text"] = "send", e.text
		if e.replyTo != 0 {
			out["reply_to"] = e.replyTo
		}
		if e.room == c.private {
			delete(out, "room")
			out["to"] = c.peer
		}
	case kindEdit:
		out["type"], out["of"], out["text"] = "edit", e.of, e.text
	case kindDelete:
		out["type"], out["of"] = "delete", e.of
	case kindReaction:
		out["type"], out["of"], out["emoji"], out["on"] = "react", e.of, e.emoji, e.on
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	return string(b)
}
