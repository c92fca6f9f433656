package conn

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair returns a Conn and the raw TCP connection of its client.
func pair(t *testing.T, limits Limits) (*Conn, *net.TCPConn) {
	t.Helper()
	return pairCounted(t, limits, nil)
}

func pairCounted(t testing.TB, limits Limits, counters *Counters) (*Conn, *net.TCPConn) {
	t.Helper()
	server, client := tcpPair(t)
	c := New(server, &limits, counters)
	t.Cleanup(func() { _ = client.Close(); c.Finish() })
	_ = client.SetDeadline(time.Now().Add(20 * time.Second)) // a test that hangs fails
	return c, client
}

// reads reads in a goroutine until the connection ends, as its owner does, and counts the messages.
func reads(t testing.TB, c *Conn) (messages *atomic.Int64) {
	messages = new(atomic.Int64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			if _, _, err := c.Read(); err != nil {
				return
			}
			messages.Add(1)
		}
	}()
	t.Cleanup(func() { c.Close(closeGoingAway, ""); <-done })
	return messages
}

// tcpPair returns the two ends of a TCP connection.
func tcpPair(t testing.TB) (server, client *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return s.(*net.TCPConn), c.(*net.TCPConn)
}

// frame is a masked client frame.
func frame(first byte, payload string) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	mask := [4]byte{1, 2, 3, 4}
	b = append(b, mask[:]...)
	body := []byte(payload)
	unmask(body, mask, 0)
	return append(b, body...)
}

const (
	fin  = 0x80
	text = fin | opText
)

// readFrame reads one small server frame.
func readFrame(t *testing.T, r io.Reader) (first byte, payload []byte) {
	t.Helper()
	var h [2]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		t.Fatalf("no frame: %v", err)
	}
	n := int(h[1])
	if n == 126 {
		var l [2]byte
		if _, err := io.ReadFull(r, l[:]); err != nil {
			t.Fatal(err)
		}
		n = int(binary.BigEndian.Uint16(l[:]))
	}
	payload = make([]byte, n)
	if _, err := io.ReadFull(r, payload); err != nil {
		t.Fatal(err)
	}
	return h[0], payload
}

func TestMessagesArriveWholeHoweverTheyAreCut(t *testing.T) {
	long := strings.Repeat("grüße 王 ", 2000)
	stream := bytes.Join([][]byte{
		frame(text, "hi"),
		frame(opText, "gr\xc3"), frame(fin|opPing, "in between"), frame(opContinuation, "\xbc\xc3"), frame(fin|opContinuation, "\x9fe"),
		frame(text, ""), frame(text, long),
	}, nil)
	want := []string{"hi", "grüße", "", long}
	for range 20 {
		c, client := pair(t, Limits{Message: 1 << 20})
		go func() {
			for rest := stream; len(rest) > 0; {
				n := min(len(rest), 1+rand.IntN(3000))
				if n%2 == 0 {
					n = 1
				}
				if _, err := client.Write(rest[:n]); err != nil {
					return
				}
				rest = rest[n:]
			}
		}()
		for _, w := range want {
			got, binary, err := c.Read()
			if err != nil || binary || string(got) != w {
				t.Fatalf("Read() = %.40q, %v, %v; want %.40q", got, binary, err, w)
			}
		}
		if first, payload := readFrame(t, client); first != fin|opPong || string(payload) != "in between" {
			t.Fatalf("the ping was answered with %x %q", first, payload)
		}
	}
}

// violations are what clients may not send, and the close code of each.
func violations() []violation {
	return []violation{
		{"binary message", frame(fin|opBinary, "x"), 1003},
		{"not UTF-8", frame(text, "a\xffb"), 1007},
		{"text that ends inside a rune", frame(text, "gr\xc3"), 1007},
		{"surrogate half", frame(text, "\xed\xa0\x80"), 1007},
		{"too big in one frame", frame(text, strings.Repeat("x", 1001)), 1009},
		{"too big in fragments", append(frame(opText, strings.Repeat("x", 600)), frame(fin|opContinuation, strings.Repeat("x", 401))...), 1009},
		{"announced size beyond reason", []byte{text, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 1009},
		{"size that can't be", []byte{text, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 1002},
		{"size in two bytes that fits the first", []byte{text, 0xfe, 0, 125}, 1002},
		{"size in eight bytes that fits two", []byte{text, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 1002},
		{"reserved bit", frame(text|0x40, "x"), 1002},
		{"unknown opcode", frame(fin|0x3, "x"), 1002},
		{"unmasked", []byte{text, 1, 'x'}, 1002},
		{"fragmented ping", frame(opPing, "x"), 1002},
		{"long ping", frame(fin|opPing, strings.Repeat("x", 126)), 1002},
		{"continuation of nothing", frame(fin|opContinuation, "x"), 1002},
		{"message inside a message", append(frame(opText, "x"), frame(text, "y")...), 1002},
		{"close with half a code", frame(fin|opClose, "x"), 1002},
		{"close with a code that may not be sent", frame(fin|opClose, "\x03\xed"), 1002}, // 1005
		{"close with a reason that isn't UTF-8", frame(fin|opClose, "\x03\xe8\xff"), 1007},
	}
}

type violation struct {
	name string
	sent []byte
	code int
}

func TestViolationsEndWithTheirCloseCode(t *testing.T) {
	for _, tt := range violations() {
		t.Run(tt.name, func(t *testing.T) {
			c, client := pair(t, Limits{Message: 1000})
			if _, err := client.Write(tt.sent); err != nil {
				t.Fatal(err)
			}
			read := make(chan error, 1)
			go func() { _, _, err := c.Read(); read <- err }()
			first, payload := readFrame(t, client)
			if first != fin|opClose || len(payload) < 2 || int(binary.BigEndian.Uint16(payload)) != tt.code {
				t.Errorf("answered with %x %q; want a close frame with %d", first, payload, tt.code)
			}
			_ = client.Close()
			if err := <-read; !errors.Is(err, ErrClosed) || c.Code() != tt.code {
				t.Errorf("Read() = %v, Code() = %d; want ErrClosed and %d", err, c.Code(), tt.code)
			}
		})
	}
}

func TestBadTextEndsTheConnectionBeforeTheRestOfItArrives(t *testing.T) {
	c, client := pair(t, Limits{Message: 1 << 20})
	whole := frame(text, "good \xf4\x90 and a long rest"+strings.Repeat("x", 5000))
	if _, err := client.Write(whole[:8+7]); err != nil { // the header, and the payload up to the bad bytes
		t.Fatal(err)
	}
	reads(t, c)
	if first, payload := readFrame(t, client); first != fin|opClose || binary.BigEndian.Uint16(payload) != 1007 {
		t.Errorf("answered with %x %q; want a close frame with 1007", first, payload)
	}
}

func TestCloseFrameOfTheOtherSideIsAnsweredAndTold(t *testing.T) {
	c, client := pair(t, Limits{})
	if _, err := client.Write(frame(fin|opClose, "\x03\xe8bye")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Read(); !errors.Is(err, ErrClosed) {
		t.Fatalf("Read() = %v", err)
	}
	c.Finish()
	if first, payload := readFrame(t, client); first != fin|opClose || !bytes.Equal(payload, []byte{3, 0xe8}) {
		t.Errorf("answered with %x %q", first, payload)
	}
	if c.Code() != 1000 {
		t.Errorf("Code() = %d", c.Code())
	}
}

func TestNothingIsReadOrWrittenAfterOurClose(t *testing.T) {
	c, client := pair(t, Limits{})
	c.Close(4000, "idle")
	if c.Write([]byte{text, 1, 'x'}) {
		t.Error("Write after Close said yes")
	}
	if _, err := client.Write(append(frame(text, "too late"), frame(fin|opClose, "\x0f\xa0")...)); err != nil {
		t.Fatal(err)
	}
	if m, _, err := c.Read(); !errors.Is(err, ErrClosed) {
		t.Errorf("Read() = %q, %v", m, err)
	}
	if first, payload := readFrame(t, client); first != fin|opClose || !strings.HasSuffix(string(payload), "idle") {
		t.Errorf("the client read %x %q", first, payload)
	}
	if c.Code() != 4000 {
		t.Errorf("Code() = %d", c.Code())
	}
}

func TestWhatCameTogetherIsNotReadOnAfterOurClose(t *testing.T) {
	c, client := pair(t, Limits{})
	if _, err := client.Write(append(frame(text, "one"), frame(text, "two")...)); err != nil {
		t.Fatal(err)
	}
	if m, _, err := c.Read(); err != nil || string(m) != "one" {
		t.Fatalf("Read() = %q, %v", m, err)
	}
	c.Close(1008, "flooding")
	if m, _, err := c.Read(); !errors.Is(err, ErrClosed) {
		t.Errorf("Read() = %q, %v", m, err)
	}
	_ = client.Close()
}

func TestSilentConnectionIsPingedAndThenGivenUp(t *testing.T) {
	c, client := pair(t, Limits{Ping: 30 * time.Millisecond})
	done := make(chan error, 1)
	go func() { _, _, err := c.Read(); done <- err }()
	if first, _ := readFrame(t, client); first != fin|opPing {
		t.Fatalf("the first frame is %x, want a ping", first)
	}
	if err := <-done; !errors.Is(err, ErrClosed) || c.Code() != 1006 {
		t.Errorf("Read() = %v with code %d", err, c.Code())
	}
}

// serverFrame is an unmasked text frame with a payload of n bytes.
func serverFrame(n int, b byte) []byte {
	f := []byte{text, 127}
	f = binary.BigEndian.AppendUint64(f, uint64(n))
	return append(f, bytes.Repeat([]byte{b}, n)...)
}

func TestSlowReaderKeepsItsWriterFreeAndLosesNothingWithinTheBound(t *testing.T) {
	c, client := pair(t, Limits{Backlog: 64 << 20, WriteTimeout: 10 * time.Second})
	const frames, size = 200, 100_000 // 20 MB: more than two sockets' buffers take
	for i := range frames {
		if !c.Write(serverFrame(size, byte('a'+i%26))) {
			t.Fatalf("Write %d said no", i)
		}
	}
	c.Close(1001, "bye")
	reads(t, c)
	for i := range frames {
		got := make([]byte, 10+size)
		if _, err := io.ReadFull(client, got); err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
		if !bytes.Equal(got, serverFrame(size, byte('a'+i%26))) {
			t.Fatalf("frame %d is not what was written", i)
		}
	}
	if first, _ := readFrame(t, client); first != fin|opClose {
		t.Errorf("the last frame is %x, want the close frame", first)
	}
}

func TestReaderBeyondTheBoundIsClosedWithTooSlow(t *testing.T) {
	c, client := pair(t, Limits{Backlog: 1 << 20, WriteTimeout: 10 * time.Second})
	size, wrote := 100_000, 0
	for c.Write(serverFrame(size, 'x')) {
		if wrote++; wrote > 1000 {
			t.Fatal("100 MB were taken for a client that reads nothing")
		}
	}
	if c.Code() != 4003 {
		t.Errorf("Code() = %d", c.Code())
	}
	reads(t, c)
	seen := 0
	for { // what was begun arrives whole, then the close frame
		var h [10]byte
		if _, err := io.ReadFull(client, h[:2]); err != nil {
			t.Fatalf("after %d frames: %v", seen, err)
		}
		if h[0] == fin|opClose {
			break
		}
		if _, err := io.ReadFull(client, h[2:]); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, client, int64(size)); err != nil {
			t.Fatal(err)
		}
		seen++
	}
	if seen == 0 || seen > wrote {
		t.Errorf("%d frames arrived of %d", seen, wrote)
	}
}

func TestWhatTheHandshakeReadTooMuchComesFirst(t *testing.T) {
	for _, size := range []int{0, 1, 3 * chunk} {
		server, client := tcpPair(t)
		early := slices.Concat(frame(text, strings.Repeat("x", size)), frame(opText, "in")) // and half a message
		if _, err := client.Write(early); err != nil {
			t.Fatal(err)
		}
		handshake := bufio.NewReaderSize(server, 16<<10)
		if _, err := handshake.Peek(len(early)); err != nil {
			t.Fatal(err)
		}
		c := New(&upgraded{server, handshake}, &Limits{Ping: time.Minute}, nil)
		if c.raw != server {
			t.Error("the handshake's buffer is still used")
		}
		if m, _, err := c.Read(); err != nil || len(m) != size {
			t.Fatalf("the first message has %d bytes, want %d: %v", len(m), size, err)
		}
		if _, err := client.Write(frame(fin|opContinuation, " two")); err != nil {
			t.Fatal(err)
		}
		if m, _, err := c.Read(); err != nil || string(m) != "in two" {
			t.Fatalf("the second message is %q: %v", m, err)
		}
		_ = client.Close()
		c.Finish()
	}
}

func TestSilentConnectionsHoldNoBuffers(t *testing.T) {
	const conns = 200
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	var all []*Conn
	for range conns {
		server, client := tcpPair(t)
		c := New(&upgraded{server, bufio.NewReaderSize(server, 16<<10)}, &Limits{Message: 64 << 10, Backlog: 1 << 20, Ping: time.Minute}, nil)
		t.Cleanup(func() { _ = client.Close(); c.Finish() })
		n := reads(t, c)
		if _, err := client.Write(frame(text, strings.Repeat("x", 3000))); err != nil {
			t.Fatal(err)
		}
		for n.Load() == 0 {
			time.Sleep(time.Millisecond) // the message has been read; now the connection waits for the next
		}
		all = append(all, c)
	}
	each := (int64(heap()) - int64(before)) / conns
	t.Logf("a silent connection, its client and its test hold %d bytes", each)
	if each > 5<<10 {
		t.Errorf("that is a buffer each, at least")
	}
	runtime.KeepAlive(all)
}
