//go:build linux

package main

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// What the limit writes is what others are measured by. So it has to do all that is counted: everything, to everyone, in order.
func TestLimitTellsEveryoneEverythingOnceAndInOneOrder(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, "limit", "<%s>")
	const listeners, senders, texts = 20, 8, 100
	sizes := []int{0, 100, 120, 130, 1_000, 64_000} // the template makes frames of all headers there are of them
	text := func(sender, number int) string {
		return fmt.Sprintf("#%d.%d#%s", sender, number, strings.Repeat("x", sizes[number%len(sizes)]/(1+number%7)))
	}
	sockets := make([]socket, listeners)
	for i := range sockets {
		sockets[i] = dial(t, s, 0)
	}
	heard := make([][]string, listeners)
	var everyone sync.WaitGroup
	for i, c := range sockets {
		everyone.Go(func() {
			for len(heard[i]) < senders*texts && !t.Failed() {
				heard[i] = append(heard[i], c.read())
			}
		})
	}
	for sender, c := range sockets[:senders] {
		everyone.Go(func() {
			for number := range texts {
				c.send(text(sender, number))
			}
		})
	}
	everyone.Wait()
	inOrder(t, heard[0], senders, texts, func(sender, number int) string { return "<" + text(sender, number) + ">" })
	for i := range heard {
		if !slices.Equal(heard[i], heard[0]) {
			t.Errorf("listener %d heard another order than the first", i)
		}
	}
}

func TestLimitKeepsWhatASlowReaderHasNotTakenYet(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, "limit", "%s")
	slow, talker := dial(t, s, 256<<10), dial(t, s, 0)
	const texts = 200
	text := func(_, number int) string { return fmt.Sprintf("#1.%d#%s", number, strings.Repeat("x", 60_000)) }
	for number := range texts { // more than the kernel keeps for a socket
		talker.send(text(0, number))
		if talker.read() != text(0, number) {
			t.Fatalf("text %d came back different", number)
		}
	}
	var frames []string
	for range texts {
		frames = append(frames, slow.read())
	}
	inOrder(t, frames, 1, texts, text)
}

// The request and its answer are those of RFC 6455, section 1.3; the masked Hello is that of section 5.7.
func TestLimitReadsBytesAsTheyCome(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, "limit", "<%s>")
	c, err := net.Dial("tcp", s.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	say := func(bytes string, at int) { // that many at a time
		t.Helper()
		for piece := range slices.Chunk([]byte(bytes), at) {
			if _, err := c.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
	}
	hear := func(want string) {
		t.Helper()
		got := make([]byte, len(want))
		if n, err := io.ReadFull(c, got); err != nil || string(got) != want {
			t.Errorf("read %q, %v; want %q", got[:n], err, want)
		}
	}
	say("GET /ws HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", 1)
	hear("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
	const hello, ping, end = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", "\x89\x82\x00\x00\x00\x00hi", "\x88\x82\x00\x00\x00\x00\x03\xe8"
	say(hello, 1)
	hear("\x81\x07<Hello>")
	say(ping+hello+hello, 100)
	hear("\x8a\x02hi\x81\x07<Hello>\x81\x07<Hello>")
	say(end, 100)
	hear("\x88\x02\x03\xe8")
	if n, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("read %d bytes, %v after the close frame", n, err)
	}
}
