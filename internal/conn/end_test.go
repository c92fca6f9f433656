package conn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestPingFloodOfAClientThatNeverReadsIsBounded(t *testing.T) {
	var counters Counters
	const most = 256 << 10
	c, client := pairCounted(t, Limits{Backlog: most, WriteTimeout: 10 * time.Second}, &counters)
	ping := bytes.Repeat(frame(fin|opPing, strings.Repeat("x", maxControl)), 100)
	sent := make(chan int)
	go func() {
		n := 0
		for {
			if _, err := client.Write(ping); err != nil {
				sent <- n
				return
			}
			n += 100
		}
	}()
	if _, _, err := c.Read(); !errors.Is(err, ErrClosed) || c.Code() != 4003 {
		t.Errorf("Read() = %v, Code() = %d, want 4003", err, c.Code())
	}
	waited := counters.Dropped.Load() // but for the one under way
	begun := time.Now()
	c.Finish() // for all that the client goes on sending
	t.Logf("after %d pings, %d bytes waited; ending took %v", counters.PingsIn.Load(), waited, time.Since(begun).Round(time.Millisecond))
	if waited > most || waited < most/2 {
		t.Errorf("%d bytes waited, and %d may", waited, most)
	}
	if counters.Backlog.Load() != 0 || counters.Behind.Load() != 0 || counters.BytesIn.Load() > counters.PingsIn.Load()*int64(len(ping))/100+chunk {
		t.Errorf("at the end %d bytes wait, and %d came", counters.Backlog.Load(), counters.BytesIn.Load())
	}
	<-sent // the client was cut off
}

func TestOurCloseIsSentInTheMiddleOfTheirMessage(t *testing.T) {
	for name, begun := range map[string][]byte{
		"between fragments": frame(opText, "one"),
		"inside a frame":    frame(text, "one two three")[:9],
		"inside a header":   frame(text, strings.Repeat("x", 300))[:3],
	} {
		t.Run(name, func(t *testing.T) {
			c, client := pair(t, Limits{})
			if _, err := client.Write(append(frame(text, "first"), begun...)); err != nil {
				t.Fatal(err)
			}
			if _, _, err := c.Read(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { _, _, err := c.Read(); c.Finish(); ended <- err }()
			c.Close(4004, "session ended")
			if first, payload := readFrame(t, client); first != fin|opClose || string(payload) != "\x0f\xa4session ended" {
				t.Errorf("the client read %x %q", first, payload)
			}
			if rest, err := io.ReadAll(client); err != nil || len(rest) > 0 {
				t.Errorf("then it read %q, %v", rest, err)
			}
			_ = client.Close()
			if err := <-ended; !errors.Is(err, ErrClosed) || c.Code() != 4004 {
				t.Errorf("Read() = %v, Code() = %d", err, c.Code())
			}
		})
	}
}

// ends runs a connection with a backlog that was closed, against a client in a bubble, and returns how long Finish took.
func ends(t *testing.T, client func(t *testing.T, c net.Conn)) (took time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		server, other := net.Pipe()
		c := New(server, &Limits{Backlog: 4 << 20, WriteTimeout: 10 * time.Second}, nil)
		for range 10 {
			if !c.Write(serverFrame(100_000, 'x')) {
				t.Fatal("Write said no")
			}
		}
		var clients sync.WaitGroup
		clients.Go(func() { client(t, other) })
		c.Close(1001, "stopping")
		begun := time.Now()
		c.Finish()
		took = time.Since(begun)
		_ = other.Close()
		clients.Wait()
	})
	return took
}

func TestEndOfAConnectionIsBoundedInTimeWhateverTheClientDoes(t *testing.T) {
	drain := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	for _, tt := range []struct {
		name   string
		client func(t *testing.T, c net.Conn)
		least  time.Duration
		most   time.Duration
	}{
		{"never reads", func(*testing.T, net.Conn) {}, closeWait, closeWait},
		{"reads and ends", func(t *testing.T, c net.Conn) {
			got := make([]byte, 10*(10+100_000)+12)
			if _, err := io.ReadFull(c, got); err != nil || !strings.HasSuffix(string(got), "\x03\xe9stopping") {
				t.Errorf("the end of what came is %q, %v", got[len(got)-12:], err)
			}
			_ = c.Close()
		}, 0, 0},
		{"reads and never ends", func(_ *testing.T, c net.Conn) { drain(c) }, closeWait, closeWait},
		{"reads a byte a second", func(_ *testing.T, c net.Conn) {
			for one := make([]byte, 1); ; time.Sleep(time.Second) {
				if _, err := c.Read(one); err != nil {
					return
				}
			}
		}, closeWait, flushWait},
		{"reads 50,000 bytes a second", func(_ *testing.T, c net.Conn) {
			for some := make([]byte, 50_000); ; time.Sleep(time.Second) {
				if _, err := io.ReadFull(c, some); err != nil {
					return
				}
			}
		}, closeWait, flushWait},
		{"goes on sending slowly", func(_ *testing.T, c net.Conn) {
			go drain(c)
			for ; ; time.Sleep(100 * time.Millisecond) {
				if _, err := c.Write([]byte("more")); err != nil {
					return
				}
			}
		}, closeWait, closeWait},
		{"goes on sending fast", func(_ *testing.T, c net.Conn) {
			go drain(c)
			for more := make([]byte, 64<<10); ; {
				if _, err := c.Write(more); err != nil {
					return
				}
			}
		}, 0, 0}, // cut off after so many bytes
	} {
		t.Run(tt.name, func(t *testing.T) {
			if took := ends(t, tt.client); took < tt.least || took > tt.most {
				t.Errorf("ending took %v, want %v to %v", took, tt.least, tt.most)
			}
		})
	}
}

func TestSilentConnectionIsGivenUpAfterTwicePing(t *testing.T) {
	for _, limits := range []Limits{{Ping: 25 * time.Second}, {Ping: 25 * time.Second, Frames: 1, FramesBurst: 1}} {
		synctest.Test(t, func(t *testing.T) {
			var counters Counters
			c, client, answers := piped(t, limits, &counters)
			reads(t, c)
			time.Sleep(10 * time.Second)        // of the bubble, as all here
			give(client, frame(fin|opPong, "")) // counts from here
			time.Sleep(25*time.Second - 1)
			synctest.Wait()
			if answers.String() != "" {
				t.Error("pinged too early")
			}
			time.Sleep(2 * time.Nanosecond)
			synctest.Wait()
			if answers.String() != "\x89\x00" {
				t.Errorf("after the time of silence the server said %q, want a ping", answers)
			}
			time.Sleep(25*time.Second - 2)
			synctest.Wait()
			if c.Code() != 0 {
				t.Error("given up too early")
			}
			time.Sleep(2 * time.Nanosecond)
			synctest.Wait()
			if c.Code() != 1006 || counters.Silent.Load() != 1 || counters.PingsOut.Load() != 1 {
				t.Errorf("Code() = %d, %d given up, %d pings", c.Code(), counters.Silent.Load(), counters.PingsOut.Load())
			}
		})
	}
}

func TestClientThatEndsItsHalfStillReadsWhatWasSaid(t *testing.T) {
	c, client := pair(t, Limits{Backlog: 64 << 20, WriteTimeout: 10 * time.Second})
	if _, err := client.Write(frame(text, "last words")); err != nil {
		t.Fatal(err)
	}
	_ = client.CloseWrite()
	if m, _, err := c.Read(); err != nil || string(m) != "last words" {
		t.Fatalf("Read() = %q, %v", m, err)
	}
	for range 100 {
		c.Write(serverFrame(100_000, 'x')) // more than the sockets hold
	}
	if _, _, err := c.Read(); !errors.Is(err, ErrClosed) || c.Code() != 1006 {
		t.Errorf("Read() = %v, Code() = %d", err, c.Code())
	}
	finished := make(chan struct{})
	go func() { c.Finish(); close(finished) }()
	if n, err := io.Copy(io.Discard, client); err != nil || n != 100*100_010 {
		t.Errorf("the client read %d bytes, %v", n, err)
	}
	<-finished
}

func TestConnectionThatIsResetEndsAtOnce(t *testing.T) {
	c, client := pair(t, Limits{Backlog: 64 << 20, WriteTimeout: time.Hour})
	for range 100 {
		c.Write(serverFrame(100_000, 'x'))
	}
	_ = client.SetLinger(0)
	_ = client.Close()
	if _, _, err := c.Read(); !errors.Is(err, ErrClosed) || c.Code() != 1006 {
		t.Errorf("Read() = %v, Code() = %d", err, c.Code())
	}
	c.Finish()
	if c.Write([]byte{text, 0}) {
		t.Error("Write after Finish said yes")
	}
}

// Many write, several close, and the client leaves or not, all at once: what arrives is whole frames and at most one close frame, the
// last.
func TestWritersAndClosersAtOnceLeaveWholeFrames(t *testing.T) {
	for round := range 30 {
		var counters Counters
		c, client := pairCounted(t, Limits{Backlog: 64 << 10, WriteTimeout: 5 * time.Second, Frames: 1e6, FramesBurst: 1e6}, &counters)
		var all sync.WaitGroup
		all.Go(func() {
			defer c.Finish()
			for {
				if _, _, err := c.Read(); err != nil {
					return
				}
			}
		})
		var yes atomic.Int64
		for w := range 4 {
			all.Go(func() {
				for c.Write(serverFrame(1+w*1000, byte('a'+w))) {
					yes.Add(1)
				}
			})
		}
		for _, code := range []int{1001, 4000, 4004} {
			all.Go(func() {
				for counters.FramesOut.Load() < 200 {
					if c.Code() != 0 {
						return
					}
					time.Sleep(time.Millisecond) // what is written is counted, not told
				}
				c.Close(code, "enough")
			})
		}
		all.Go(func() { _, _ = client.Write(bytes.Repeat(frame(fin|opPing, "?"), 100)) })
		frames, closed := 0, 0
		for {
			first, n, err := skipFrame(client)
			if err != nil {
				break
			}
			frames++
			if first == fin|opClose {
				closed = n
			} else if closed != 0 {
				t.Fatalf("a frame %x came behind the close frame", first)
			}
		}
		_ = client.Close()
		all.Wait()
		if closed == 0 {
			t.Errorf("round %d: no close frame came behind %d frames; Code() = %d", round, frames, c.Code())
		}
		if got := counters.Backlog.Load(); got != 0 || counters.Behind.Load() != 0 {
			t.Errorf("at the end %d bytes wait", got)
		}
	}
}

// skipFrame reads one server frame and returns its first byte and its length.
func skipFrame(r io.Reader) (first byte, length int, err error) {
	var h [10]byte
	if _, err := io.ReadFull(r, h[:2]); err != nil {
		return 0, 0, err
	}
	if length = int(h[1]); length == 127 {
		if _, err := io.ReadFull(r, h[2:10]); err != nil {
			return 0, 0, err
		}
		length = int(binary.BigEndian.Uint64(h[2:]))
	}
	_, err = io.CopyN(io.Discard, r, int64(length))
	return h[0], length, err
}
