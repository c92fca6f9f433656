package conn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// piped returns a Conn in a synctest bubble, where time passes only as the test says, and its other end. Its answers are collected.
func piped(t *testing.T, limits Limits, counters *Counters) (c *Conn, client net.Conn, answers *collected) {
	t.Helper()
	server, client := net.Pipe()
	answers = &collected{}
	done := make(chan struct{})
	go func() { _, _ = io.Copy(answers, client); close(done) }()
	c = New(server, &limits, counters)
	t.Cleanup(func() { _ = client.Close(); <-done; c.Finish() })
	return c, client, answers
}

// collected is what a client read so far.
type collected struct {
	mu  sync.Mutex // guards all
	all []byte
}

func (c *collected) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, p...)
	return len(p), nil
}

func (c *collected) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.all)
}

// give sends bytes and returns when they were read, or the connection has read all that it wants to.
func give(client net.Conn, sent []byte) {
	go func() { _, _ = client.Write(sent) }()
	synctest.Wait()
}

func TestFramesOverTheRateEndTheConnectionWithAReason(t *testing.T) {
	for _, tt := range []struct {
		name  string
		frame []byte
	}{
		{"messages", frame(text, "x")},
		{"empty messages", frame(text, "")},
		{"pings", frame(fin|opPing, "x")},
		{"pongs", frame(fin|opPong, "")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var counters Counters
				c, client, answers := piped(t, Limits{Frames: 2, FramesBurst: 10}, &counters)
				reads(t, c)
				send := func(frames int) { give(client, bytes.Repeat(tt.frame, frames)) }
				send(10) // the burst
				for range 20 {
					time.Sleep(time.Second) // of the bubble, as all here
					send(2)                 // and then the rate
				}
				time.Sleep(time.Hour)
				send(10) // what isn't used is not saved up beyond the burst
				if c.Code() != 0 {
					t.Fatalf("closed with %d within the limits", c.Code())
				}
				send(1)
				if got := answers.String(); c.Code() != 1008 || !strings.Contains(got, "rate_limit.frames") {
					t.Errorf("Code() = %d, the answers are %q", c.Code(), got)
				}
				if in, many := counters.FramesIn.Load(), counters.TooManyFrames.Load(); in != 61 || many != 1 {
					t.Errorf("%d frames came and %d connections sent too many", in, many)
				}
			})
		})
	}
}

func TestNoRateMeansNoLimit(t *testing.T) {
	for _, limits := range []Limits{{}, {Frames: 1}, {FramesBurst: 1}} {
		synctest.Test(t, func(t *testing.T) {
			c, client, _ := piped(t, limits, nil)
			n := reads(t, c)
			give(client, bytes.Repeat(frame(text, "x"), 1000))
			if n.Load() != 1000 || c.Code() != 0 {
				t.Errorf("%+v: %d messages came, Code() = %d", limits, n.Load(), c.Code())
			}
		})
	}
}

func TestMessageOfTooManyFragmentsEndsTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var counters Counters
		c, client, answers := piped(t, Limits{Fragments: 3}, &counters)
		n := reads(t, c)
		ping := frame(fin|opPing, "") // is no fragment
		three := slices.Concat(frame(opText, ""), ping, ping, frame(opContinuation, ""), ping, frame(fin|opContinuation, "x"))
		for range 3 {
			give(client, three)
		}
		if n.Load() != 3 || c.Code() != 0 {
			t.Fatalf("%d messages of three fragments came, Code() = %d", n.Load(), c.Code())
		}
		four := slices.Concat(frame(opText, ""), frame(opContinuation, ""), frame(opContinuation, ""), frame(opContinuation, ""))
		give(client, four)
		if got := answers.String(); c.Code() != 1008 || !strings.Contains(got, "limits.fragments") {
			t.Errorf("Code() = %d, the answers are %q", c.Code(), got)
		}
		if many := counters.TooManyFragments.Load(); many != 1 {
			t.Errorf("%d connections are counted", many)
		}
	})
}

func TestCountersTellWhatHappened(t *testing.T) {
	var counters Counters
	const one = 100_000
	slow, _ := pairCounted(t, Limits{Backlog: 4 << 20, WriteTimeout: 10 * time.Second}, &counters)
	most := int64(0)
	for slow.Write(serverFrame(one, 'x')) {
		most = max(most, counters.Backlog.Load())
	}
	if most < 4<<20-2*one || most > 4<<20 || counters.Behind.Load() != 1 {
		t.Errorf("up to %d bytes waited for %d connections", most, counters.Behind.Load())
	}
	c, client := pairCounted(t, Limits{}, &counters)
	sent := slices.Concat(frame(fin|opPing, "?"), frame(text, strings.Repeat("x", 200)), frame(fin|opClose, "\x03\xe8"))
	if _, err := client.Write(sent); err != nil {
		t.Fatal(err)
	}
	in, frames := counters.BytesIn.Load(), counters.FramesOut.Load()
	if _, _, err := c.Read(); err != nil {
		t.Fatal(err)
	}
	c.Write(slices.Concat(serverFrame(1, 'a'), []byte{text, 126, 0, 3, 'a', 'b', 'c'}, []byte{text, 0}))
	if _, _, err := c.Read(); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	_ = client.Close()
	c.Finish()
	if got := counters.BytesIn.Load() - in; got != int64(len(sent)) {
		t.Errorf("%d bytes came, want %d", got, len(sent))
	}
	if got := counters.FramesOut.Load() - frames; got != 5 { // pong, three, close
		t.Errorf("%d frames went out, want 5", got)
	}
	if got := counters.PingsIn.Load(); got != 1 {
		t.Errorf("%d pings came", got)
	}
	slow.Finish() // its client never reads
	if waiting, behind, dropped := counters.Backlog.Load(), counters.Behind.Load(), counters.Dropped.Load(); waiting != 0 || behind != 0 ||
		dropped < 1<<20 {
		t.Errorf("at the end %d bytes wait for %d connections, and %d were dropped", waiting, behind, dropped)
	}
	want := []End{{Code: 1000, Count: 1}, {Code: 4003, Ours: true, Count: 1}}
	if got := counters.Ends(); !slices.Equal(got, want) {
		t.Errorf("Ends() = %+v, want %+v", got, want)
	}
}

func TestCodesThatNobodyKnowsAreCountedTogether(t *testing.T) {
	var counters Counters
	for code := 3000; code < 5000; code++ {
		counters.end(code, false)
	}
	counters.end(closeAbnormal, false)
	want := []End{
		{Code: 1006, Count: 1},
		{Code: 4000, Count: 1},
		{Code: 4001, Count: 1},
		{Code: 4002, Count: 1},
		{Code: 4003, Count: 1},
		{Code: 4004, Count: 1},
		{Code: 0, Count: 1995},
	}
	if got := counters.Ends(); !slices.Equal(got, want) {
		t.Errorf("Ends() = %+v, want %+v", got, want)
	}
}

func TestConnectionThatCaughtUpIsWrittenToAtOnceAgain(t *testing.T) {
	t.Parallel() // it waits for a deadline to pass
	var counters Counters
	const patience = 2 * time.Second
	c, client := pairCounted(t, Limits{WriteTimeout: patience}, &counters)
	whole := 0
	for counters.Behind.Load() == 0 {
		if !c.Write(serverFrame(100_000, 'x')) {
			t.Fatal("Write said no")
		}
		whole += 100_010
	}
	if _, err := io.CopyN(io.Discard, client, int64(whole)); err != nil {
		t.Fatal(err)
	}
	<-time.After(patience + patience/4) // the deadline of the last write of the backlog
	if !c.Write([]byte{text, 2, 'h', 'i'}) {
		t.Fatal("a Write long after the backlog was read said no")
	}
	if first, payload := readFrame(t, client); first != text || string(payload) != "hi" {
		t.Errorf("read %x %q", first, payload)
	}
}

func TestReasonIsCutBetweenRunes(t *testing.T) {
	f := closeFrame(1008, strings.Repeat("ü", 100))
	if int(f[1]) != len(f)-2 || binary.BigEndian.Uint16(f[2:]) != 1008 || string(f[4:]) != strings.Repeat("ü", 61) {
		t.Errorf("the close frame is %x", f)
	}
}
