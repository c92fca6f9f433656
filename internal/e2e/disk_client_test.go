package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// diskClient sends messages of some size, and keeps in mind which of them were acknowledged.
type diskClient struct {
	t       *testing.T
	s       *server
	c       *socket
	sent    []string         // ids, in the order of sending
	acked   map[string]int64 // seqs
	refused []string         // ids
	reader  *socket          // somebody who came in while all was well
}

func newDiskClient(t *testing.T, s *server) *diskClient {
	t.Helper()
	c := &diskClient{t: t, s: s, acked: map[string]int64{}}
	c.connect()
	return c
}

func (c *diskClient) connect() {
	c.t.Helper()
	c.c, c.reader = c.s.json(c.t, "Ada", ""), c.s.json(c.t, "Reader", "")
}

// diskText fills a disk of some megabytes soon.
func diskText(id string) string { return id + strings.Repeat(" 0123456789", 300) }

// send sends the next message and returns the answer.
func (c *diskClient) send() frame {
	c.t.Helper()
	id := fmt.Sprint("m", len(c.sent))
	c.sent = append(c.sent, id)
	return c.post(id)
}

func (c *diskClient) post(id string) frame {
	c.t.Helper()
	out, err := json.Marshal(map[string]string{"type": "send", "id": id, "room": "lobby", "text": diskText(id)})
	if err != nil {
		c.t.Fatal(err)
	}
	c.c.send(string(out))
	for {
		switch f := c.c.next("ack", "error"); {
		case f.ID != id:
			c.t.Fatalf("sent %s, answered %+v", id, f)
		case f.Type == "ack":
			if before, again := c.acked[id]; again && before != f.Seq {
				c.t.Errorf("%s was acknowledged as %d and as %d", id, before, f.Seq)
			}
			c.acked[id] = f.Seq
			return f
		case f.Code != "unavailable" || f.Message == "":
			c.t.Fatalf("%s is refused with %+v", id, f)
		default:
			c.refused = append(c.refused, id)
			return f
		}
	}
}

// must sends the next message and requires how it is answered.
func (c *diskClient) must(kind string) {
	c.t.Helper()
	if f := c.send(); f.Type != kind {
		c.t.Fatalf("answered with %+v, want %s", f, kind)
	}
}

// untilRefused sends until a message is refused, for a reason.
func (c *diskClient) untilRefused(reason string) {
	c.t.Helper()
	for range 5000 {
		if f := c.send(); f.Type == "error" {
			if !strings.Contains(f.Message, reason) {
				c.t.Errorf("refused with %q, which doesn't say %q", f.Message, reason)
			}
			return
		}
	}
	c.t.Fatal("nothing was refused")
}

// again sends what was refused once more, and all of it twice.
func (c *diskClient) again() {
	c.t.Helper()
	refused := c.refused
	c.refused = nil
	for range 2 {
		for _, id := range refused {
			if f := c.post(id); f.Type != "ack" {
				c.t.Fatalf("%s, sent again, is answered with %+v", id, f)
			}
		}
	}
}

// wantStored requires that a reader finds what was acknowledged, each once, where it was acknowledged, and nothing else.
func (c *diskClient) wantStored() {
	c.t.Helper()
	found := map[string]int64{}
	for before, more := int64(0), true; more; {
		c.reader.send(fmt.Sprintf(`{"type":"history","room":"lobby","before":%d,"limit":200}`, before))
		h := c.reader.next("history", "error")
		if h.Type == "error" {
			c.t.Fatalf("history is refused: %s", h.Message)
		}
		for _, m := range h.Messages {
			if found[m.ID] != 0 || m.Text != diskText(m.ID) {
				c.t.Errorf("%s is there as %d and %d: %.40q", m.ID, found[m.ID], m.Seq, m.Text)
			}
			found[m.ID] = m.Seq
		}
		if more = h.More; more {
			before = h.Messages[0].Seq
		}
	}
	for id, seq := range c.acked {
		if found[id] != seq {
			c.t.Errorf("%s was acknowledged as %d and is stored as %d", id, seq, found[id])
		}
	}
	if len(found) != len(c.acked) {
		c.t.Errorf("%d messages are there and %d were acknowledged", len(found), len(c.acked))
	}
}
