package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// TestProxyDoesToConnectionsWhatNetworksDo keeps the tests that stand on the proxy honest: each fault happens, and happens to what it
// is meant for.
func TestProxyDoesToConnectionsWhatNetworksDo(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	p := startProxy(t, s.Host)
	echo := "ws://" + p.Host + "/ws/echo?name=Echo"
	alive := func(c *socket, text string) {
		t.Helper()
		c.send(text)
		c.want(text)
	}

	first, second := dial(t, echo, nil), dial(t, echo+"2", nil)
	alive(first, "one")
	alive(second, strings.Repeat("two ", 10_000))
	p.Cut()
	for _, c := range []*socket{first, second} {
		if _, _, err := c.ws.ReadMessage(); err == nil || !strings.Contains(err.Error(), "reset") {
			t.Errorf("a connection that was cut reads %v", err)
		}
	}

	p.Refuse(true)
	if ws, _, err := websocket.DefaultDialer.Dial(echo, nil); err == nil {
		_ = ws.Close()
		t.Error("a refused connection was opened")
	}
	p.Refuse(false)

	c := dial(t, echo, nil)
	p.Stall(true)
	c.send("later")
	_ = c.ws.NetConn().SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if _, err := c.ws.NetConn().Read(make([]byte, 1)); err == nil {
		t.Error("something passed a proxy that is stalled")
	}
	p.Stall(false)
	c.want("later")

	p.Trickle(1, time.Millisecond)
	alive(c, "byte by byte")
	p.Trickle(0, 0)
	p.Delay(20 * time.Millisecond)
	began := time.Now()
	alive(c, "late")
	if took := time.Since(began); took < 40*time.Millisecond {
		t.Errorf("two ways of 20 ms took %v", took)
	}
	p.Delay(0)

	p.CutAfter(-1, 1000)
	c = dial(t, echo, nil)
	alive(c, strings.Repeat("x", 400))
	c.send(strings.Repeat("y", 1000))
	if _, frame, err := c.ws.ReadMessage(); err == nil {
		t.Errorf("%d bytes arrived behind the cut", len(frame))
	}

	for _, d := range []direction{toServer, toClient} {
		c = dial(t, echo, nil)
		cut := p.CutWhen(d, "needle")
		alive(c, "hay")
		c.send("a needle in it")
		if _, frame, err := c.ws.ReadMessage(); err == nil {
			t.Errorf("the frame %q passed", frame)
		}
		<-cut
		c = dial(t, echo, nil)
		alive(c, "a needle again, and it is cut once only")
	}
	p.OnFrame(func(d direction, payload []byte) fate {
		if d == toClient && string(payload) == "last" {
			return cutBehind
		}
		return forward
	})
	c = dial(t, echo, nil)
	alive(c, "last")
	if _, _, err := c.ws.ReadMessage(); err == nil {
		t.Error("the connection goes on behind its last frame")
	}
	p.OnFrame(nil)

	c = dial(t, echo, nil)
	alive(c, "whole")
	p.HalfClose(toClient)
	if _, _, err := c.ws.ReadMessage(); err == nil {
		t.Error("something came from a direction that was closed")
	}
}
