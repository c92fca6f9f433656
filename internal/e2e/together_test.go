package e2e

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

func TestEveryArticlesClientTalksInOneRoomAndAllIsThereAfterARestart(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	key := s.account(t, "Groot")
	page := s.cookieSocket(t, "Ada")
	pipe, rpc, text := dial(t, s.WS(""), nil), dial(t, s.WS(""), http.Header{"Key": {key}}), dial(t, s.WS("?dialect=text"), nil)
	pipe.next("joined")
	rpc.send(`{"id":1,"method":"GET","target":"/members"}`)
	for !strings.HasPrefix(rpc.read(), `{"id":1,"code":200,`) {
	}
	clients := []struct {
		name, says, sent string
		c                *socket
		reads            func(name, text string) string // what its dialect makes of a message
	}{
		// First, because it is told nothing when it joins: its own line says that it is in.
		{"Client 1", "from article 2", "Client 1: from article 2", text, func(name, text string) string { return name + ": " + text }},
		{"Pia", "from article 1", "Pia|from article 1", pipe, nil},
		{"Groot", "from article 3", `{"id":2,"method":"POST","target":"/message","body":"from article 3"}`, rpc, func(name, text string) string {
			return fmt.Sprintf(`{"id":0,"code":0,"message":"message","body":"%s: %s"}`, name, text)
		}},
		{"Ada", "from article 4", `{"type":"send","id":"4","room":"lobby","text":"from article 4"}`, page, nil},
	}
	for _, from := range clients {
		from.c.send(from.sent)
		for _, to := range clients {
			if to.name == from.name && to.name == "Groot" {
				continue // the connection that sent a message does not get it back
			}
			if to.reads == nil {
				for {
					if m := to.c.next("message"); m.Name == from.name && m.Text == from.says {
						break
					}
				}
				continue
			}
			for want := to.reads(from.name, from.says); to.c.read() != want; {
			}
		}
	}
	s.Stop()
	s.Start()
	back := dial(t, s.WS("?dialect=json&name=Late"), nil).next("joined")
	if len(back.Messages) != len(clients) {
		t.Fatalf("%d messages are there after the restart", len(back.Messages))
	}
	for i, m := range back.Messages {
		if m.Name != clients[i].name || m.Text != clients[i].says || m.Seq != int64(i+1) {
			t.Errorf("message %d is %+v", i+1, m)
		}
	}
}

func TestKillingTheServerUnderLoadLosesNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--limits.backlog-bytes", "0")
	const senders, kills = 4, 5
	acked := map[string]int64{} // by id
	total := 0
	for round := range kills {
		results := make(chan map[string]int64, senders)
		for i := range senders {
			ws, _, err := websocket.DefaultDialer.Dial(s.WS("?dialect=json&name=Sender"+strconv.Itoa(i)), nil)
			if err != nil {
				t.Fatal(err)
			}
			go func() { results <- sendUntilCut(ws, fmt.Sprint(round, "-", i, "-")) }()
		}
		s.waitForMetric(t, "parley_events_stored_total", func(n float64) bool { return n > 200 })
		s.Kill()
		for range senders {
			for id, seq := range <-results {
				acked[id] = seq
				total++
			}
		}
		s.Start()
	}
	reader := s.json(t, "Reader", "")
	stored := map[string]int64{}
	before, last := int64(0), int64(-1)
	for more := true; more; {
		reader.send(fmt.Sprintf(`{"type":"history","room":"lobby","before":%d,"limit":200}`, before))
		h := reader.next("history")
		for i := len(h.Messages) - 1; i >= 0; i-- {
			m := h.Messages[i]
			if last >= 0 && m.Seq != last-1 {
				t.Fatalf("seq %d is followed by %d", m.Seq, last)
			}
			last = m.Seq
			if _, twice := stored[m.ID]; twice {
				t.Errorf("%s is stored twice", m.ID)
			}
			stored[m.ID] = m.Seq
		}
		before, more = last, h.More
	}
	if last != 1 {
		t.Errorf("the first message has seq %d", last)
	}
	for id, seq := range acked {
		if stored[id] != seq {
			t.Errorf("%s was acknowledged as %d and is stored as %d", id, seq, stored[id])
		}
	}
	t.Logf("%d kills, %d acknowledged, %d stored", kills, total, len(stored))
	if total < kills*100 {
		t.Errorf("only %d messages were acknowledged: the test had too little load", total)
	}
}

// sendUntilCut sends as fast as acks come back, a few at a time, and returns what was acknowledged when the connection broke.
func sendUntilCut(ws *websocket.Conn, prefix string) map[string]int64 {
	defer ws.Close()
	acked := map[string]int64{}
	s := &socket{ws: ws}
	for n := 0; ; n++ {
		if s.post(prefix+strconv.Itoa(n)) != nil {
			break
		}
		if n < 8 {
			continue // a few under way at once
		}
		id, seq, err := s.ack()
		if err != nil {
			break
		}
		acked[id] = seq
	}
	for { // what was acknowledged before the cut may still be in the socket
		id, seq, err := s.ack()
		if err != nil {
			return acked
		}
		acked[id] = seq
	}
}

func (s *socket) post(id string) error {
	return s.ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"send","id":"%s","room":"lobby","text":"text of %s"}`, id, id))
}

var ackFrame = regexp.MustCompile(`^\{"type":"ack","id":"([^"]+)","room":"lobby","seq":(\d+)`)

func (s *socket) ack() (id string, seq int64, err error) {
	for {
		_, raw, err := s.ws.ReadMessage()
		if err != nil {
			return "", 0, err
		}
		if m := ackFrame.FindStringSubmatch(string(raw)); m != nil {
			seq, err := strconv.ParseInt(m[2], 10, 64)
			return m[1], seq, err
		}
	}
}

// metric reads one figure of /metrics.
func (s *server) metric(t *testing.T, name string) float64 {
	t.Helper()
	n, ok := s.findMetric(t, name)
	if !ok {
		t.Fatalf("there is no metric %s", name)
	}
	return n
}

// findMetric reads a figure that may not be there yet: one with labels comes with the first thing it counts.
func (s *server) findMetric(t *testing.T, name string) (float64, bool) {
	t.Helper()
	_, body := s.get(t, "/metrics", "")
	for line := range strings.Lines(body) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				t.Fatal(err)
			}
			return n, true
		}
	}
	return 0, false
}

// waitForMetric waits until a figure of /metrics is as it should be.
func (s *server) waitForMetric(t *testing.T, name string, good func(float64) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	for {
		n, ok := s.findMetric(t, name)
		if ok && good(n) {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s stays at %v (it is there: %v)", name, n, ok)
		}
	}
}

func TestNothingIsLeftOfConnectionsThatWent(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--presence.grace", "0")
	s.json(t, "First", "").leave()
	s.waitForMetric(t, "parley_connections", func(n float64) bool { return n == 0 })
	goroutines, files := s.metric(t, "go_goroutines"), s.metric(t, "process_open_fds")
	for i := range 100 {
		c := dial(t, s.WS("?dialect=json&room=room-"+strconv.Itoa(i%10)), nil)
		c.next("joined")
		if i%2 == 0 {
			c.leave()
		}
		_ = c.ws.NetConn().Close()
	}
	for name, most := range map[string]float64{
		"parley_connections": 0, "parley_rooms": 0, "parley_users": 0, "go_goroutines": goroutines + 2, "process_open_fds": files + 2,
	} {
		s.waitForMetric(t, name, func(n float64) bool { return n <= most })
	}
}
