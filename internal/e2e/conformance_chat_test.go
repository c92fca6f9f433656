package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// until reads on, past what the chat says, to the first frame that isn't a text.
func (c *bareSocket) until() bareFrame {
	c.t.Helper()
	for {
		if f := c.read(); f.first != fin|opText {
			return f
		}
	}
}

// end requires what closed does, past what the chat says.
func (c *bareSocket) end(code int) string {
	c.t.Helper()
	f := c.until()
	want := closePayload(code, "")
	if f.first != fin|opClose || !strings.HasPrefix(f.payload, want) {
		c.t.Fatalf("read %v, want a close frame with %d", f, code)
	}
	if f, err := c.tryRead(); err == nil {
		c.t.Fatalf("behind the close frame came %v", f)
	}
	return f.payload[len(want):]
}

func TestConformanceOfTheChatEndsWithTheContractsCodesAndServesTheOthersOn(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "100", "--rate-limit.burst", "300", "--rate-limit.frames", "1", "--rate-limit.frames-burst", "1")
	ada, bob := s.json(t, "Ada", ""), s.json(t, "Bob", "")
	most := 65536
	fragment := clientFrame(opText, "x")
	big := clientFrame(opText, strings.Repeat("x", most-10))
	ping, nothing := sendPing(""), clientFrame(opContinuation, "")
	cases := []struct {
		name   string
		sent   []byte
		code   int
		reason string
	}{
		{"bytes", sendBinary("hi"), 1003, "text"},
		{"bytes without end", clientHeader(fin|opBinary, 60000, [4]byte{}), 1003, "text"},
		{"a reserved bit, as of compressed text", clientFrame(fin|4<<4|opText, "\xca\xc9\x00"), 1002, "reserved"},
		{"a reserved opcode", clientFrame(fin|0x3, ""), 1002, "opcode"},
		{"a reserved control opcode", clientFrame(fin|0xF, ""), 1002, "opcode"},
		{"not masked", []byte("\x81\x02hi"), 1002, "masked"},
		{"a long ping", sendPing(strings.Repeat("x", 126)), 1002, "control"},
		{"half a ping", clientFrame(opPing, "x"), 1002, "control"},
		{"a continuation of nothing", clientFrame(fin|opContinuation, "x"), 1002, "continuation"},
		{"a message inside a message", append(fragment[:len(fragment):len(fragment)], sendText("y")...), 1002, "inside"},
		{"a length in eight bytes that fits one", []byte("\x81\xff\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00x"), 1002, "length"},
		{"text that is none", sendText("gr\xfc\xdfe"), 1007, "UTF-8"},
		{"text that ends inside a rune", sendText("gr\xc3"), 1007, "UTF-8"},
		{"text that goes wrong before its end", clientFrame(fin|opText, "x\xff"+strings.Repeat("x", 60000))[:1000], 1007, "UTF-8"},
		{"a surrogate in the second fragment", append(clientFrame(opText, "\xed"), clientFrame(opContinuation, "\xa0")...), 1007, "UTF-8"},
		{"one byte too much", clientHeader(fin|opText, most+1, [4]byte{}), 1009, "limits.frame_bytes"},
		{"one byte too much in fragments", append(big, clientFrame(fin|opContinuation, "xxxxxxxxxxx")...), 1009, "limits.frame_bytes"},
		{"a close frame with half a code", sendClose("x"), 1002, "code"},
		{"a close frame with 1006", sendClose(closePayload(1006, "")), 1002, "code"},
		{"a close reason that is no text", sendClose(closePayload(1000, "\xff")), 1007, "UTF-8"},
		{"a flood of pings", slices.Repeat(ping, 5000), 1008, "rate_limit.frames"},
		{"a flood of pongs", slices.Repeat(sendPong("x"), 5000), 1008, "rate_limit.frames"},
		{"a flood of empty fragments", append(fragment[:len(fragment):len(fragment)], slices.Repeat(nothing, 5000)...), 1008, "rate_limit.frames"},
		{"a goodbye", sendClose(closePayload(1000, "bye")), 1000, ""},
		{"a goodbye inside a message", append(fragment[:len(fragment):len(fragment)], sendClose(closePayload(1001, ""))...), 1001, ""},
		{"a goodbye of an application", sendClose(closePayload(4321, "")), 4321, ""},
	}
	said := 0
	for _, dialect := range []string{"json", "text", "pipe", "rpc"} {
		for _, tt := range cases {
			t.Run(dialect+" "+tt.name, func(t *testing.T) {
				c := s.bare(t, "/ws?dialect="+dialect)
				c.send(sendPing("in?"), 0)
				if got := c.until(); got != pong("in?") {
					t.Fatalf("a ping is answered with %v", got)
				}
				c.send(tt.sent, 0)
				if reason := c.skipPongs().end(tt.code); !strings.Contains(reason, tt.reason) {
					t.Errorf("the reason is %q, which does not say %q", reason, tt.reason)
				}
			})
			said++ // the others go on
			ada.say(fmt.Sprint(said), "Still here.")
			if m := bob.next("message"); m.ID != fmt.Sprint(said) {
				t.Fatalf("Bob reads %+v, want message %d", m, said)
			}
		}
	}
	t.Logf("%d broken connections in %d ways, and %d messages beside them", said, len(cases), said)
}

// skipPongs reads on to the first frame that is neither text nor pong, which it leaves to be read.
func (c *bareSocket) skipPongs() *bareSocket {
	c.t.Helper()
	for {
		first, err := c.in.Peek(1)
		if err != nil {
			c.t.Fatalf("no close frame came: %v", err)
		}
		if first[0] != fin|opText && first[0] != fin|opPong {
			return c
		}
		c.read()
	}
}

func TestConformanceMessageOfTooManyFragmentsEndsWithTheNameOfTheLimit(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	p := strings.Repeat("x", 1000) // limits.fragments
	good(whole(inFragments(opText, p, 1)).answered(text(p))).run(t, s.bare(t, "/ws/echo"))
	c := s.bare(t, "/ws?dialect=json")
	c.send(inFragments(opText, p+"x", 1), 0)
	if reason := c.end(1008); !strings.Contains(reason, "limits.fragments") {
		t.Errorf("the reason is %q", reason)
	}
}

func TestConformanceOfTheChatTakesMessagesHoweverTheyAreCut(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--rate-limit.frames", "0")
	ada := s.json(t, "Ada", "")
	say := func(id string) string {
		return fmt.Sprintf(`{"type":"send","id":%q,"room":"lobby","text":"Grüße, 王"}`, id)
	}
	for i, tt := range []struct {
		name  string
		sent  func(payload string) []byte
		chop  int
		pongs int
	}{
		{"one frame", sendText, 0, 0},
		{"one frame, byte by byte", sendText, 1, 0},
		{"a fragment for each byte", func(p string) []byte { return inFragments(opText, p, 1) }, 0, 0},
		{"a fragment for each byte, byte by byte", func(p string) []byte { return inFragments(opText, p, 1) }, 1, 0},
		{"pings between fragments", func(p string) []byte {
			return slices.Concat(sendPing("1"), clientFrame(opText, p[:20]), sendPing("2"), clientFrame(opContinuation, ""), sendPong("x"),
				sendPing("3"), clientFrame(fin|opContinuation, p[20:]))
		}, 0, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := s.bare(t, "/ws?dialect=json")
			id := fmt.Sprint(i)
			c.send(tt.sent(say(id)), tt.chop)
			for i := range tt.pongs {
				if got := c.until(); got != pong(fmt.Sprint(i+1)) {
					t.Errorf("pong %d is %v", i+1, got)
				}
			}
			if m := ada.next("message"); m.ID != id || m.Text != "Grüße, 王" {
				t.Errorf("Ada reads %+v", m)
			}
			c.send(sendClose(closePayload(1000, "")), 0)
			c.end(1000)
		})
	}
}

func TestConformanceServerLetsGoOfClientsThatDoNotEndTheirHalf(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--limits.connections", "3")
	var all []*bareSocket
	for _, sent := range [][]byte{sendBinary("hi"), sendClose(closePayload(1000, "")), clientHeader(fin|opText, 1<<20, [4]byte{})} {
		c := s.bare(t, "/ws?dialect=json")
		c.send(sent, 0)
		all = append(all, c)
	}
	// As long as it waits for their end, they count: nobody gets more connections by leaving them half closed.
	for i, code := range []int{1003, 1000, 1009} {
		all[i].end(code)
	}
	s.waitForMetric(t, "parley_connections", func(n float64) bool { return n == 0 })
	for range 3 {
		good(whole(sendText("hi")).answered(text("hi"))).run(t, s.bare(t, "/ws/echo"))
	}
	for _, c := range all {
		_ = c.conn.Close()
	}
}
