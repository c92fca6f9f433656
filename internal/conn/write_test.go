package conn

import (
	"bytes"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"
)

func TestWritingToWhoKeepsUpAllocatesNothing(t *testing.T) {
	for _, frames := range []int{1, 64} {
		c, client := pair(t, Limits{Backlog: 1 << 20, WriteTimeout: 10 * time.Second})
		sent := prepared(frames)
		got := make([]byte, len(sent))
		each := testing.AllocsPerRun(200, func() {
			if !c.Write(sent) {
				t.Fatal("Write said no")
			}
			if _, err := io.ReadFull(client, got); err != nil {
				t.Fatal(err)
			}
		})
		if each != 0 {
			t.Errorf("a delivery of %d frames allocates %v times", frames, each)
		}
		if !bytes.Equal(got, sent) {
			t.Error("it is not what was written")
		}
	}
}

// Several write at once to who keeps up or doesn't: each one's frames arrive whole, all of them, and in the order in which that one wrote
// them, whoever of them is in the kernel.
func TestWritersAtOnceAreAllHeardInTheirOwnOrder(t *testing.T) {
	var counters Counters
	c, client := pairCounted(t, Limits{WriteTimeout: 10 * time.Second}, &counters)
	const writers, each = 4, 2000
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				if !c.Write([]byte{text, 3, byte('a' + w), byte(i >> 8), byte(i)}) {
					t.Error("Write said no")
					return
				}
				if i%10 == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	var next [writers]int
	for range writers * each {
		_, payload := readFrame(t, client)
		w := int(payload[0] - 'a')
		if got := int(payload[1])<<8 | int(payload[2]); got != next[w] {
			t.Fatalf("of writer %d the frame %d came, want %d", w, got, next[w])
		}
		next[w]++
	}
	all.Wait()
	if out, waits := counters.FramesOut.Load(), counters.Backlog.Load(); out != writers*each || waits != 0 {
		t.Errorf("%d frames are counted, and %d bytes wait", out, waits)
	}
}

func TestEndingWaitsForWhoWrites(t *testing.T) {
	c, client := pair(t, Limits{WriteTimeout: 10 * time.Second})
	under := func(do func() bool) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return do()
	}
	under(func() bool { c.writing = true; return true }) // as who is about to write has it
	c.Close(closeGoingAway, "")
	ended := make(chan struct{})
	go func() { c.Finish(); close(ended) }()
	waitUntil(t, "the end waits", func() bool { return under(func() bool { return c.written != nil }) })
	if n, err := writeNow(c.fd, prepared(1)); c.fd >= 0 && (n != len(prepared(1)) || err != nil) {
		t.Errorf("%d bytes were written, %v", n, err)
	}
	under(func() bool { c.wrote(); return true })
	_ = client.CloseWrite()
	<-ended
	if got, err := io.ReadAll(client); c.fd >= 0 && (err != nil || !bytes.Equal(got, prepared(1))) {
		t.Errorf("%d bytes came, %v", len(got), err)
	}
}
