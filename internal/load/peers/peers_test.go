//go:build linux

package main

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
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

// The example of gorilla's chat puts what has gathered into one frame, a line each.
func TestGoPeersTellEveryoneOnceAndInOrder(t *testing.T) {
	t.Parallel()
	for name, heard := range map[string]string{
		"gorilla":    "%s",
		"centrifuge": `{"push":{"channel":"lobby","pub":{"data":"%s"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, p := serve(t, name)
			const listeners, texts = 20, 200
			mark := func(number int) string { return fmt.Sprintf("#1.%d#", number) }
			sockets := make([]socket, listeners)
			for i := range sockets {
				sockets[i] = dial(t, s, 0)
				if p.hello != "" {
					sockets[i].send(p.hello)
				}
				here := fmt.Sprintf("number %d is here", i)
				sockets[i].send(fmt.Sprintf(p.send, here))
				for !strings.Contains(sockets[i].read(), here) && !t.Failed() {
				}
			}
			var everyone sync.WaitGroup
			for i, c := range sockets {
				everyone.Go(func() {
					var lines []string
					for sent := 0; len(lines) < texts && !t.Failed(); {
						if i == 0 && sent == len(lines) { // one under way: the queues of these may overflow
							c.send(fmt.Sprintf(p.send, mark(sent)))
							sent++
						}
						for line := range strings.SplitSeq(strings.TrimSpace(c.read()), "\n") {
							if strings.Contains(line, "#1.") { // and doesn't say that another is here, or answers the sender
								lines = append(lines, line)
							}
						}
					}
					inOrder(t, lines, 1, texts, func(_, number int) string { return fmt.Sprintf(heard, mark(number)) })
				})
			}
			everyone.Wait()
		})
	}
}
