package e2e

import (
	endian "encoding/binary"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// attack is one way of harming the server.
type attack struct {
	name string
	run  func(a *assault)
}

// assault is an attack under way.
type assault struct {
	t     *testing.T
	s     *server
	scale int
	id    int       // of the attack, for names of its own
	until time.Time // how long it goes on at least
	most  int       // connections that the attack has at a time
	notes []string
	wg    sync.WaitGroup
}

func (a *assault) note(format string, args ...any) {
	a.notes = append(a.notes, fmt.Sprintf(format, args...))
}

// each runs an attacker n times at once.
func (a *assault) each(n int, attacker func(i int)) {
	a.most += n
	for i := range n {
		a.wg.Go(func() { attacker(i) })
	}
}

func (a *assault) wait() { a.wg.Wait() }

// tally counts how connections ended.
type tally struct {
	mu   sync.Mutex // guards ends
	ends map[string]int
}

func (c *tally) add(end string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ends == nil {
		c.ends = map[string]int{}
	}
	c.ends[end]++
}

// flooders are connections that send the same as fast as they can, and come back when they are thrown out. Every one has to end with
// the code, or without one: whoever goes on sending may lose the close frame to the reset of the connection.
func (a *assault) flooders(n, times int, path string, bytes []byte, most int, want int) {
	var ends tally
	var sent atomic.Int64
	a.each(n, func(i int) {
		for round := 0; round < times || time.Now().Before(a.until); round++ {
			c, err := a.s.upgrade(strings.ReplaceAll(path, "NAME", fmt.Sprintf("Flood%%20%d.%d.%d", a.id, i, round)), fmt.Sprintf("10.1.0.%d", i))
			if err != nil {
				ends.add(err.Error())
				continue
			}
			got, code, reason := c.flood(bytes, most)
			sent.Add(int64(got))
			ends.add(fmt.Sprint(code, " ", reason))
		}
	})
	a.wait()
	told := 0
	for end, count := range ends.ends {
		switch {
		case strings.HasPrefix(end, fmt.Sprint(want)):
			told += count
			a.note("%d × %s", count, end)
		case strings.HasPrefix(end, "0 "):
		default:
			a.t.Errorf("%d connections ended with %q, want %d", count, end, want)
		}
	}
	if told == 0 {
		a.t.Errorf("nobody was told %d: %v", want, ends.ends)
	}
	a.note("%d writes", sent.Load())
}

// repeated is a frame many times, so that one write sends many.
func repeated(frame []byte, times int) []byte {
	return []byte(strings.Repeat(string(frame), times))
}

func attacks() []attack {
	endless := 1 << 30
	say := func(text string) []byte { return repeated(clientFrame(fin|opText, text), 50) }
	return []attack{
		{"readers that never read", neverReading},
		{"full speed in json", func(a *assault) {
			a.flooders(4, 2, "/ws?dialect=json&name=NAME", say(`{"type":"send","room":"lobby","text":"x"}`), endless, 1008)
		}},
		{"full speed in text", func(a *assault) { a.flooders(4, 2, "/ws?dialect=text&name=NAME", say("x"), endless, 1008) }},
		{"full speed in pipe", func(a *assault) { a.flooders(4, 2, "/ws?dialect=pipe&name=NAME", say("x|x"), endless, 1008) }},
		{"full speed in rpc", func(a *assault) {
			a.flooders(4, 2, "/ws?dialect=rpc&name=NAME", say(`{"id":1,"method":"POST","target":"/message","body":"x"}`), endless, 1008)
		}},
		{"nonsense at full speed", func(a *assault) { a.flooders(4, 2, "/ws?dialect=json&name=NAME", say("{{{"), endless, 1008) }},
		{"history at full speed", func(a *assault) {
			a.flooders(2, 1, "/ws?dialect=json&name=NAME", say(`{"type":"history","room":"lobby","limit":200}`), endless, 1008)
		}},
		{"joins at full speed", func(a *assault) {
			a.flooders(2, 1, "/ws?dialect=json&name=NAME", say(`{"type":"join","room":"lobby"}`), endless, 1008)
		}},
		{"lists of rooms at full speed", func(a *assault) {
			a.flooders(2, 1, "/ws?dialect=json&name=NAME", say(`{"type":"rooms"}`), endless, 1008)
		}},
		{"pings at full speed", func(a *assault) {
			a.flooders(4, 3, "/ws?name=NAME", repeated(clientFrame(fin|opPing, ""), 100), endless, 1008)
		}},
		{"pings of 125 bytes, echo", func(a *assault) {
			a.flooders(4, 3, "/ws/echo", repeated(clientFrame(fin|opPing, strings.Repeat("x", 125)), 100), endless, 1008)
		}},
		{"a million tiny fragments", tinyFragments},
		{"giant frames", giants},
		{"slow handshakes", slowHandshakes},
		{"slow bodies", slowBodies},
		{"connects and disconnects", churn},
		{"silent connections", silent},
		{"guests without number", guests},
	}
}

// neverReading are connections that don't read what comes. Half only listen; half ask for more and more, and are too slow to read it.
func neverReading(a *assault) {
	speaker := dial(a.t, a.s.WS("?dialect=json&name=Speaker"), http.Header{"X-Forwarded-For": {"10.2.0.1"}})
	speaker.next("joined")
	var last int64
	for i := range 20 {
		last = speaker.say(fmt.Sprint(i), strings.Repeat("long ", 700)).Seq
	}
	defer speaker.leave()
	ask := repeated(clientFrame(fin|opText, fmt.Sprintf(`{"type":"history","room":"lobby","before":%d,"limit":20}`, last+1)), 400)
	asking := 4 * a.scale
	cut := make(chan struct{})
	a.each(2*asking, func(i int) {
		c, err := a.s.upgrade(fmt.Sprintf("/ws?dialect=json&name=Dead%%20%d", i), fmt.Sprintf("10.2.1.%d", i%250))
		if err != nil {
			a.t.Errorf("a reader was not let in: %v", err)
			return
		}
		defer func() { _ = c.conn.Close() }()
		if tcp, ok := c.conn.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(4096)
		}
		if i%2 == 0 {
			_, _ = c.conn.Write(ask)
		}
		<-cut
	})
	// On a busy machine the write timeout may come before the backlog is full.
	gone := func() int { return strings.Count(a.s.Logs(), "msg=disconnect address=10.2.1.") }
	for begun := time.Now(); gone() < asking && time.Since(begun) < 3*patience; {
		time.Sleep(20 * time.Millisecond) // only the log says it
	}
	if n := gone(); n != asking {
		a.t.Errorf("of %d readers that ask for more than they read %d were cut off", asking, n)
	}
	close(cut)
	a.wait()
	a.note("%d × 4003", strings.Count(a.s.Logs(), "code=4003"))
}

// tinyFragments sends messages in a million pieces of one byte, or of none.
func tinyFragments(a *assault) {
	var ends tally
	var sent atomic.Int64
	a.each(4*a.scale, func(i int) {
		c, err := a.s.upgrade([]string{fmt.Sprint("/ws?name=Fragments%20", i), "/ws/echo"}[i%2], "10.3.0.1")
		if err != nil {
			a.t.Errorf("not let in: %v", err)
			return
		}
		if _, err := c.conn.Write(clientFrame(opText, "x")); err != nil {
			return
		}
		got, code, reason := c.flood(repeated(clientFrame(opContinuation, "x"[:i/2%2]), 100), 10_000)
		sent.Add(int64(got) * 100)
		ends.add(fmt.Sprint(code, " ", reason))
	})
	a.wait()
	for end, count := range ends.ends {
		if !strings.HasPrefix(end, "1008 ") {
			a.t.Errorf("%d connections ended with %q, want 1008", count, end)
		}
		a.note("%d × %s", count, end)
	}
	if most := int64(4*a.scale) * 1_000_000; sent.Load() >= most {
		a.t.Errorf("all of %d fragments were taken", most)
	}
	a.note("%d fragments", sent.Load())
}

// giants announces frames of up to 2^63 bytes, and sends on as long as anything is taken.
func giants(a *assault) {
	piece := make([]byte, 64<<10)
	a.each(8*a.scale, func(i int) {
		c, err := a.s.upgrade([]string{fmt.Sprint("/ws?name=Giant%20", i), "/ws/echo"}[i/4%2], "10.4.0.1")
		if err != nil {
			a.t.Errorf("not let in: %v", err)
			return
		}
		length := []uint64{64<<10 + 1, 1 << 31, 1 << 40, 1<<63 - 1}[i%4]
		header := append(endian.BigEndian.AppendUint64([]byte{fin | opText, 0x80 | 127}, length), 0, 0, 0, 0)
		if _, err := c.conn.Write(header); err != nil {
			return
		}
		if _, code, reason := c.flood(piece, 1<<14); code != 1009 {
			a.t.Errorf("a frame of %d bytes ended with %d %q", length, code, reason)
		}
	})
}

// crowd is how many come: what the race detector bears on a busy machine, or a thousand for each step of the scale.
func (a *assault) crowd() int {
	if *abuseFast {
		return 1000 * a.scale
	}
	return 300 * a.scale
}

// churn opens and closes connections: politely, by resetting, in the middle of a handshake.
func churn(a *assault) {
	const workers = 20
	var opened atomic.Int64
	a.each(workers, func(w int) {
		for i := range a.crowd() / workers {
			c, err := a.s.upgrade("/ws?dialect=json&room=churn", fmt.Sprintf("10.5.%d.%d", w, i%250))
			if err != nil {
				a.t.Errorf("not let in: %v", err)
				return
			}
			opened.Add(1)
			switch i % 3 {
			case 0:
				_, _ = c.conn.Write(clientFrame(fin|opClose, "\x03\xe8"))
			case 1:
				if tcp, ok := c.conn.(*net.TCPConn); ok {
					_ = tcp.SetLinger(0)
				}
			}
			_ = c.conn.Close()
		}
	})
	a.wait()
	a.note("%d connections", opened.Load())
}

// silent opens connections that never say anything. As nobody knows who they are, they are closed.
func silent(a *assault) {
	const workers = 50
	var ends tally
	a.most += a.crowd()
	var slots sync.WaitGroup
	next := atomic.Int64{}
	for range workers {
		slots.Go(func() {
			for i := next.Add(1); i <= int64(a.crowd()); i = next.Add(1) {
				c, err := a.s.upgrade("/ws", fmt.Sprintf("10.6.%d.%d", i/250%250, i%250))
				if err != nil {
					a.t.Errorf("not let in: %v", err)
					return
				}
				a.wg.Go(func() {
					defer func() { _ = c.conn.Close() }()
					code, reason := c.ending()
					ends.add(fmt.Sprint(code, " ", reason))
				})
			}
		})
	}
	slots.Wait()
	a.wait()
	for end, count := range ends.ends {
		if !strings.HasPrefix(end, "4000 say who you are") {
			a.t.Errorf("%d ended with %q", count, end)
		}
		a.note("%d × %s", count, end)
	}
}

// guests come back under ever new names from one address, each with a budget of its own for messages.
func guests(a *assault) {
	var stored, refused atomic.Int64
	a.each(50, func(int) {
		for round := 0; round < 2 || time.Now().Before(a.until); round++ {
			c, err := a.s.upgrade("/ws?dialect=rpc&room=guests", "10.7.0.1")
			if round > 0 && err != nil && strings.Contains(err.Error(), "429") { // the address has asked often enough
				refused.Add(1)
				return
			}
			if err != nil {
				a.t.Errorf("not let in: %v", err)
				return
			}
			for n := range 20 {
				_, _ = c.conn.Write(clientFrame(fin|opText, fmt.Sprintf(`{"id":%d,"method":"POST","target":"/message","body":"x"}`, n+1)))
			}
			for answers := 0; answers < 20; {
				_, payload, err := c.read()
				if err != nil {
					break
				}
				switch text := string(payload); {
				case strings.Contains(text, `"code":200`):
					stored.Add(1)
					answers++
				case strings.Contains(text, `"code":429`):
					refused.Add(1)
					answers++
				}
			}
			_ = c.conn.Close()
		}
	})
	a.wait()
	a.note("%d stored, %d refused", stored.Load(), refused.Load())
	if refused.Load() == 0 {
		a.t.Error("an address sends what it likes through many guests")
	}
}
