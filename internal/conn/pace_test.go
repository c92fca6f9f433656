package conn

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"
)

// answers writes an answer of size to each message, and closes done when there is no more to read.
func answers(t *testing.T, size int) (c *Conn, client *net.TCPConn, done chan struct{}) {
	c, client = pair(t, Limits{Backlog: 1 << 20, WriteTimeout: 10 * time.Second})
	done = make(chan struct{})
	go func() {
		defer close(done)
		for {
			if _, _, err := c.Read(); err != nil {
				return
			}
			c.Write(serverFrame(size, 'x'))
		}
	}()
	return c, client, done
}

const (
	asked      = 400
	answerSize = 100_000 // 40 MB in all: many times what two sockets' buffers and the backlog take
)

func TestWhoAsksForMuchAndReadsItIsNotTooSlow(t *testing.T) {
	c, client, done := answers(t, answerSize)
	if _, err := client.Write(bytes.Repeat(frame(text, "more"), asked)); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "answers wait for who asked", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.waiting > c.limits.Backlog/paceShare
	})
	if _, err := io.CopyN(io.Discard, client, asked*(10+answerSize)); err != nil {
		t.Fatalf("not all answers came: %v; it ended with %d", err, c.Code())
	}
	_ = client.Close()
	<-done
}

func TestWhoAsksForMuchAndReadsNothingIsTooSlow(t *testing.T) {
	c, client, done := answers(t, answerSize)
	if _, err := client.Write(bytes.Repeat(frame(text, "more"), asked)); err != nil {
		t.Fatal(err)
	}
	<-done
	if c.Code() != closeTooSlow {
		t.Errorf("it ended with %d", c.Code())
	}
}
