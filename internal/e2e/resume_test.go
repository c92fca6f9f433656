package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// holds requires that a room's messages are these, in this order: what an unconcerned reader of its history finds.
func (s *server) holds(t *testing.T, room string, want ...string) {
	t.Helper()
	reader := s.json(t, "Reader of "+room, "")
	var got []string
	for _, m := range reader.history(room) {
		got = append(got, m.Text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s holds %q, want %q", room, got, want)
	}
	reader.leave()
}

// history is all messages of a room, oldest first, as paging back finds them.
func (s *socket) history(room string) []frame {
	s.t.Helper()
	var all []frame
	for before := int64(0); ; before = all[0].Seq {
		s.send(fmt.Sprintf(`{"type":"history","room":%q,"limit":200,"before":%d}`, room, before))
		page := s.next("history")
		all = slices.Concat(page.Messages, all)
		if !page.More {
			return all
		}
	}
}

// shows requires that the page shows these messages and no others, each once and in this order, and none as on its way.
func (p *person) shows(want ...string) {
	p.t.Helper()
	if got := p.texts(); !slices.Equal(got, want) {
		p.t.Errorf("%s sees %q, want %q", p.name, got, want)
	}
	if n := eval[int](p, `document.querySelectorAll(".row.sending, .row.failed").length`); n > 0 {
		p.t.Errorf("%s sees %d messages as unsent", p.name, n)
	}
}

// deed is something that is sent with an id, stored and acknowledged.
type deed struct {
	name string
	// sent is its frame, given an id and the seq of a message of the sender's that is new.
	sent func(id string, of int64) string
	told string // the type of the frame that tells of it
	room func(me, peer string) string
}

func inLobby(string, string) string { return "lobby" }

var deeds = []deed{
	{"send", func(id string, of int64) string {
		return fmt.Sprintf(`{"type":"send","id":%q,"room":"lobby","text":"said as %s","reply_to":%d}`, id, id, of)
	}, "message", inLobby},
	{"edit", func(id string, of int64) string {
		return fmt.Sprintf(`{"type":"edit","id":%q,"room":"lobby","of":%d,"text":"edited as %s"}`, id, of, id)
	}, "edited", inLobby},
	{"delete", func(id string, of int64) string {
		return fmt.Sprintf(`{"type":"delete","id":%q,"room":"lobby","of":%d}`, id, of)
	}, "deleted", inLobby},
	{"react", func(id string, of int64) string {
		return fmt.Sprintf(`{"type":"react","id":%q,"room":"lobby","of":%d,"emoji":"👍","on":true}`, id, of)
	}, "reaction", inLobby},
	{"private", func(id string, _ int64) string {
		return fmt.Sprintf(`{"type":"send","id":%q,"to":"Bob","text":"privately as %s"}`, id, id)
	}, "message", func(me, peer string) string { return "@" + min(me, peer) + "." + max(me, peer) }},
}

// ack is an ack as far as it must be the same each time.
type ack struct {
	ID, Room, Time string
	Seq            int64
}

// ackOf sends a frame and returns its ack.
func (s *socket) ackOf(id, sent string) ack {
	s.t.Helper()
	s.send(sent)
	for {
		switch f := s.next("ack", "error"); {
		case f.Type == "error":
			s.t.Fatalf("%s was refused: %s %s", sent, f.Code, f.Message)
		case f.ID == id:
			return ack{f.ID, f.Room, f.Time, f.Seq}
		}
	}
}

// tryAck is ackOf over a connection that may be cut at any time, from its first byte on. It returns the ack if it came.
func tryAck(url string, header http.Header, id, sent string) (a ack, came bool) {
	ws, resp, err := websocket.DefaultDialer.Dial(url, header)
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err != nil {
		return ack{}, false
	}
	defer ws.Close()
	_ = ws.SetReadDeadline(time.Now().Add(patience))
	for joined := false; ; {
		_, raw, err := ws.ReadMessage()
		if err != nil {
			return ack{}, false
		}
		var f frame
		if json.Unmarshal(raw, &f) != nil {
			return ack{}, false
		}
		if f.Type == "ack" && f.ID == id {
			return ack{f.ID, f.Room, f.Time, f.Seq}, true
		}
		if f.Type == "joined" && !joined {
			joined = true
			if ws.WriteMessage(websocket.TextMessage, []byte(sent)) != nil {
				return ack{}, false
			}
		}
	}
}

// cutting is a network that ends connections for one person: what they do is tried over it, and then again over a good one.
type cutting struct {
	t      *testing.T
	s      *server
	p      *proxy
	header http.Header // Ada's session
	ada    *socket     // a connection that nothing happens to
	bob    *socket     // who hears everything
	me     string
	peer   string
	made   int
}

func newCutting(t *testing.T, args ...string) *cutting {
	t.Helper()
	c := &cutting{t: t, s: startServer(t, append([]string{"--rate-limit.messages", "0"}, args...)...)}
	c.p = startProxy(t, c.s.Host)
	c.header = c.s.session(t, "Ada")
	c.connect()
	return c
}

// connect makes the two connections that are not cut, after a start of the server.
func (c *cutting) connect() {
	c.t.Helper()
	c.bob = dial(c.t, c.s.WS("?dialect=json&name=Bob"), nil)
	c.peer = c.bob.next("welcome").User
	c.bob.next("joined")
	c.ada = dial(c.t, c.s.WS("?dialect=json"), c.header)
	c.me = c.ada.next("welcome").User
	c.ada.next("joined")
}

// next makes a deed with a new id, on a new message, whose seq is since.
func (c *cutting) next(d deed) (id, sent, since string) {
	c.t.Helper()
	c.made++
	base := c.ada.say(fmt.Sprintf("base %d", c.made), "to be changed")
	id = fmt.Sprintf("%s %d", d.name, c.made)
	return id, d.sent(id, base.Seq), fmt.Sprint(base.Seq)
}

// once requires that what was tried is stored once in the end, and that each ack is the first one: the same seq, the same time.
func (c *cutting) once(d deed, id, sent string, first ack) {
	c.t.Helper()
	second, third := c.ada.ackOf(id, sent), c.ada.ackOf(id, sent)
	if second != third || first.ID != "" && first != second {
		c.t.Errorf("%s is acknowledged as %+v, %+v and %+v", id, first, second, third)
	}
	room := d.room(c.me, c.peer)
	if second.Room != room {
		c.t.Errorf("%s is acknowledged in %q", id, second.Room)
	}
	end := c.ada.ackOf("end of "+id, fmt.Sprintf(`{"type":"send","id":"end of %s","room":%q,"text":"end"}`, id, room))
	if end.Seq != second.Seq+1 {
		c.t.Errorf("%s is stored %d times", id, end.Seq-second.Seq)
	}
	told := 0
	for f := c.bob.next("message", d.told); f.ID != "end of "+id; f = c.bob.next("message", d.told) {
		if f.Type == d.told && f.Room == room && f.Seq == second.Seq {
			told++
		}
	}
	if told != 1 {
		c.t.Errorf("Bob is told %d times of %s", told, id)
	}
}

func TestWhateverIsSentAgainAfterACutIsStoredOnceAndHasItsFirstAck(t *testing.T) {
	t.Parallel()
	c := newCutting(t)
	places := []struct {
		name    string
		towards direction
		part    func(id, told string) string
	}{
		{"not yet at the server", toServer, func(id, _ string) string { return strconv.Quote(id) }},
		{"stored and not told", toClient, func(_, told string) string { return `"type":"` + told + `"` }},
		{"told and not acknowledged", toClient, func(string, string) string { return `"type":"ack"` }},
	}
	for _, d := range deeds {
		for _, at := range places {
			id, sent, since := c.next(d)
			cut := c.p.CutWhen(at.towards, at.part(id, d.told))
			if _, came := tryAck(c.p.WS("?dialect=json&since="+since), c.header, id, sent); came {
				t.Errorf("%s, %s: nothing was cut", d.name, at.name)
			}
			<-cut
			c.p.OnFrame(nil)
			c.once(d, id, sent, ack{})
		}
		c.sweep(d, toServer, 53)
		c.sweep(d, toClient, 197)
	}
}

// sweep cuts the connection after each so many bytes of a direction, within the handshake, frames and headers of frames, until what
// is sent gets through before the cut.
func (c *cutting) sweep(d deed, towards direction, step int) {
	c.t.Helper()
	for bytes, came := 0, false; !came; bytes += step {
		if bytes > 64<<10 {
			c.t.Fatalf("%s: no ack comes however late the cut", d.name)
		}
		id, sent, since := c.next(d)
		if towards == toServer {
			c.p.CutAfter(bytes, -1)
		} else {
			c.p.CutAfter(-1, bytes)
		}
		var first ack
		first, came = tryAck(c.p.WS("?dialect=json&since="+since), c.header, id, sent)
		c.once(d, id, sent, first)
		if came {
			c.t.Logf("%s: cut at every %d of %d bytes %s", d.name, step, bytes, towards)
		}
	}
	c.p.CutAfter(-1, -1)
}

func TestWhatIsSentAgainAfterARestartIsStoredOnceAndHasItsFirstAck(t *testing.T) {
	t.Parallel()
	c := newCutting(t)
	for _, ending := range []struct {
		name string
		end  func(*server)
	}{{"stopped", (*server).Stop}, {"killed", (*server).Kill}} {
		var all []attempt
		for _, d := range deeds {
			id, sent, _ := c.next(d)
			all = append(all, attempt{id, sent, c.ada.ackOf(id, sent)})
			id, sent, since := c.next(d)
			cut := c.p.CutWhen(toClient, `"type":"ack"`)
			_, _ = tryAck(c.p.WS("?dialect=json&since="+since), c.header, id, sent)
			<-cut
			c.p.OnFrame(nil)
			all = append(all, attempt{id: id, sent: sent})
		}
		lasts := c.lasts()
		ending.end(c.s)
		c.s.Start()
		c.connect()
		for _, a := range all {
			second, third := c.ada.ackOf(a.id, a.sent), c.ada.ackOf(a.id, a.sent)
			if second != third || a.first.ID != "" && a.first != second {
				t.Errorf("%s: %s is acknowledged as %+v, %+v and %+v", ending.name, a.id, a.first, second, third)
			}
		}
		if again := c.lasts(); again != lasts {
			t.Errorf("%s: the rooms reached to %v, and to %v after all was sent again", ending.name, lasts, again)
		}
	}
}

// attempt is what was sent, and its ack if it came.
type attempt struct {
	id, sent string
	first    ack
}

// lasts is how far the lobby and the private room of the two go.
func (c *cutting) lasts() (lasts [2]int64) {
	c.t.Helper()
	for i, room := range []string{"lobby", deeds[len(deeds)-1].room(c.me, c.peer)} {
		c.ada.send(fmt.Sprintf(`{"type":"join","room":%q}`, room))
		lasts[i] = c.ada.next("joined").Last
	}
	return lasts
}
