//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"parley/internal/chat"
	"parley/internal/load"
	"parley/internal/wire"
)

// patience is how long anything may take that has to happen.
const patience = 30 * time.Second

// serve builds a peer and runs it until the end of the test, with other arguments than in the table if there are any.
func serve(t *testing.T, name string, args ...string) (*server, peer) {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	all := peers(128, t.TempDir())
	p := all[slices.IndexFunc(all, func(p peer) bool { return p.name == name })]
	if err := build(context.Background(), root, p.build); err != nil {
		t.Fatal(err)
	}
	if len(args) > 0 {
		p.command = append(p.command[:1], args...)
	}
	s, err := start(context.Background(), p, root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s, p
}

// socket is a WebSocket of a test, which gives up after a while.
type socket struct {
	t  *testing.T
	ws *websocket.Conn
}

// dial opens a WebSocket. With a receive buffer the kernel keeps that many bytes for it, about.
func dial(t *testing.T, s *server, receive int) socket {
	t.Helper()
	// What is larger than the write buffer would be sent in fragments.
	dialer := websocket.Dialer{WriteBufferSize: 1 << 17, NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil && receive > 0 {
			err = c.(*net.TCPConn).SetReadBuffer(receive)
		}
		return c, err
	}}
	ws, resp, err := dialer.Dial("ws://"+s.Host+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	_ = ws.SetReadDeadline(time.Now().Add(patience))
	_ = ws.SetWriteDeadline(time.Now().Add(patience))
	return socket{t, ws}
}

func (c socket) send(text string) {
	if err := c.ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Errorf("sending: %v", err)
	}
}

// read returns the next frame, "" if there is none.
func (c socket) read() string {
	_, frame, err := c.ws.ReadMessage()
	if err != nil {
		c.t.Errorf("reading: %v", err)
	}
	return string(frame)
}

// inOrder complains unless the frames are each sender's texts, all of them, once and in order.
func inOrder(t *testing.T, frames []string, senders, texts int, text func(sender, number int) string) {
	t.Helper()
	next := make([]int, senders)
	for i, frame := range frames {
		whose := slices.IndexFunc(next, func(int) bool { return false })
		for sender, number := range next {
			if number < texts && frame == text(sender, number) {
				whose = sender
			}
		}
		if whose < 0 {
			t.Fatalf("frame %d is %.40q of %d bytes, which is nobody's next; they are at %v", i, frame, len(frame), next)
		}
		next[whose]++
	}
	for sender, number := range next {
		if number != texts {
			t.Errorf("%d of %d texts of sender %d came", number, texts, sender)
		}
	}
}

// Those that anyone with Go and a C compiler can build. What is said of them has to be of chats that work.
func TestEveryoneGetsEverythingFromTheLimitAndThePeersInGo(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"limit", "gorilla", "centrifuge"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, p := serve(t, name)
			const clients = 30
			result, err := load.Run(context.Background(), load.Fanout{Clients: clients, UnderWay: 8}, load.Options{
				URL: "ws://" + s.Host + "/ws", PID: s.PID(), Dialect: "plain", Send: p.send, Hello: p.hello,
				Size: 128, Duration: 200 * time.Millisecond, Patience: patience, Dials: clients,
			})
			if err != nil {
				t.Fatal(err)
			}
			v := result.Verified
			if !result.OK || v.Messages < 8 || v.Deliveries != int64(v.Messages*clients) {
				t.Errorf("of %d messages to %d: %+v", v.Messages, clients, v)
			}
			if n, ok := measures[0].columns[0].value(result); !ok || n <= 0 {
				t.Errorf("deliveries/s are %v, %t", n, ok)
			}
		})
	}
}

// Frames as they are in a run of `parley bench`: the limit writes as many bytes, give or take the digits of a few numbers.
func TestLimitWritesAsManyBytesAsParley(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("words ", 21) + "x."
	frame := wire.JSON.Encoder().AppendEvent(nil, &chat.Event{
		Room: "bench-abcdef", Seq: 12_345, Kind: chat.KindMessage, User: chat.User{ID: "u_abcdefghijklmnop", Name: "babcdef-12"},
		ClientID: "12.345", Text: text, Time: time.Date(2026, 11, 21, 9, 20, 0, 0, time.UTC),
	})
	frame = frame[bytes.IndexByte(frame, '{'):] // without its header
	if got := fmt.Sprintf(limitFrame(len(text)), text); len(got) != len(frame) {
		t.Errorf("the limit writes %d bytes:\n%s\nParley writes %d:\n%s", len(got), got, len(frame), frame)
	}
}
