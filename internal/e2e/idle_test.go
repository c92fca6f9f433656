package e2e

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// How much the measuring of connections that are open and say nothing takes. make idle asks for as many as a process may have files.
var (
	idleConnections = flag.Int("idle.connections", 500, "how many connections are open and say nothing")
	idleSilence     = flag.Duration("idle.silence", 2*time.Second, "for how long they say nothing before memory is looked at")
	idleTogether    = flag.Int("idle.together", 10, "how many of them are in one room")
	idleFast        = flag.Bool("idle.fast", false, "build the server without the race detector, and look at all that is resident")
)

// idleResident bounds what a connection that says nothing costs, in bytes of everything in the server's process, where there are so many
// that what the server takes by itself is little.
const idleResident, idleMany = 6 << 10, 10_000

// TestIdleConnectionsCostLittle opens connections, lets them be silent but for the answers to pings, and says what each costs the
// server: all that is resident, and of that Go's stacks and heap, and beside it what the kernel has for both ends of a connection. They
// have no goroutines, for which the race detector's build and few connections are enough.
func TestIdleConnectionsCostLittle(t *testing.T) {
	t.Parallel()
	s := startProgram(t, programFor(t, *idleFast), "--log.level", "warn", "--rate-limit.messages", "0", "--limits.connections", "0",
		"--socket.ping", (*idleSilence / 2).String(), "--socket.first-frame", "0", "--idle-timeout", "0")
	all := []*quiet{s.quiet(t, 0)}
	before, worked := s.memory(t), s.metric(t, "process_cpu_seconds_total")
	began := time.Now()
	var dialing sync.WaitGroup
	var mu sync.Mutex // guards all
	const atOnce = 50
	for worker := range atOnce {
		dialing.Go(func() {
			for n := 1 + worker; n <= *idleConnections; n += atOnce {
				q := s.quiet(t, n)
				mu.Lock()
				all = append(all, q)
				mu.Unlock()
			}
		})
	}
	dialing.Wait()
	if t.Failed() {
		return
	}
	t.Logf("%d connections in %v; each took the server %.0f µs of CPU", *idleConnections, time.Since(began).Round(time.Millisecond),
		(s.metric(t, "process_cpu_seconds_total")-worked)/float64(*idleConnections)*1e6)
	time.Sleep(*idleSilence) // is what is measured: what connections cost that have said nothing for so long
	s.waitForMetric(t, "parley_pings_total", func(n float64) bool { return n >= float64(*idleConnections) })
	few := before.goroutines + float64(*idleConnections)/10 // those of requests end when they were idle for a while
	s.waitForMetric(t, "go_goroutines", func(n float64) bool { return n <= few })
	after := s.memory(t)
	each := after.less(before).per(*idleConnections)
	t.Logf("before  %v", before)
	t.Logf("after   %v", after)
	t.Logf("each    %v", each)
	if *idleFast && *idleConnections >= idleMany && each.resident > idleResident {
		t.Errorf("a connection that says nothing costs %.0f bytes", each.resident)
	}
	for _, q := range all {
		_ = q.Close()
	}
}

// quiet is a connection in a room that only answers pings.
type quiet struct {
	net.Conn
	r *bufio.Reader
}

// quiet opens the n-th of them, and returns when it is in its room.
func (s *server) quiet(t *testing.T, n int) *quiet {
	raw, err := net.Dial("tcp", s.Host)
	if err != nil {
		t.Error(err)
		return nil
	}
	q := &quiet{raw, bufio.NewReaderSize(raw, 512)}
	_, err = fmt.Fprintf(raw, "GET /ws?dialect=json&name=Quiet+%d&room=room-%d HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", n, n / *idleTogether, s.Host)
	if err != nil {
		t.Error(err)
		return nil
	}
	resp, err := http.ReadResponse(q.r, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Errorf("connection %d: %v, %v", n, resp, err)
		return nil
	}
	for {
		frame, err := q.frame()
		if err != nil {
			t.Errorf("connection %d: %v", n, err)
			return nil
		}
		if strings.HasPrefix(frame, `{"type":"joined"`) {
			break
		}
	}
	go func() {
		for {
			if _, err := q.frame(); err != nil {
				return
			}
		}
	}()
	return q
}

// frame returns the next text. A ping is answered.
func (q *quiet) frame() (string, error) {
	for {
		var h [10]byte
		if _, err := io.ReadFull(q.r, h[:2]); err != nil {
			return "", err
		}
		n := uint64(h[1])
		switch n {
		case 126:
			if _, err := io.ReadFull(q.r, h[2:4]); err != nil {
				return "", err
			}
			n = uint64(h[2])<<8 | uint64(h[3])
		case 127:
			return "", errors.New("a frame of more than 64 KiB")
		}
		payload := make([]byte, n)
		if _, err := io.ReadFull(q.r, payload); err != nil {
			return "", err
		}
		switch h[0] {
		case 0x81:
			return string(payload), nil
		case 0x89:
			if _, err := q.Write([]byte{0x8a, 0x80, 0, 0, 0, 0}); err != nil {
				return "", err
			}
		}
	}
}

// memory is what a server and its connections take, in bytes.
type memory struct {
	resident, stacks, heap, live, idle, other, goroutines, slab, sockets float64
}

func (m memory) String() string {
	const kib = 1 << 10
	return fmt.Sprintf("%.2f KiB resident: %.2f stacks, %.2f heap in use (%.2f allocated), %.2f heap kept, %.2f other of Go; %.2f goroutines; "+
		"kernel, both ends: %.2f slab, %.2f in buffers", m.resident/kib, m.stacks/kib, m.heap/kib, m.live/kib, m.idle/kib, m.other/kib,
		m.goroutines, m.slab/kib, m.sockets/kib)
}

func (m memory) less(o memory) memory {
	return memory{
		m.resident - o.resident, m.stacks - o.stacks, m.heap - o.heap, m.live - o.live, m.idle - o.idle, m.other - o.other,
		m.goroutines - o.goroutines, m.slab - o.slab, m.sockets - o.sockets,
	}
}

func (m memory) per(n int) memory {
	f := float64(n)
	return memory{m.resident / f, m.stacks / f, m.heap / f, m.live / f, m.idle / f, m.other / f, m.goroutines / f, m.slab / f, m.sockets / f}
}

func (s *server) memory(t *testing.T) memory {
	t.Helper()
	f := s.figures(t)
	m := memory{
		resident: f["process_resident_memory_bytes"], stacks: f["go_memstats_stack_inuse_bytes"], heap: f["go_memstats_heap_inuse_bytes"],
		live: f["go_memstats_heap_alloc_bytes"], idle: f["go_memstats_heap_idle_bytes"] - f["go_memstats_heap_released_bytes"],
		goroutines: f["go_goroutines"],
	}
	for _, name := range []string{"gc_sys", "mcache_sys", "mspan_sys", "buck_hash_sys", "other_sys"} {
		m.other += f["go_memstats_"+name+"_bytes"]
	}
	m.slab = machine("/proc/meminfo", "Slab:", 1) * 1024
	m.sockets = machine("/proc/net/sockstat", "TCP:", 10) * float64(os.Getpagesize())
	return m
}

// machine reads a number of the whole machine: the one at a place in the line that begins so. It is 0 where there is none.
func machine(file, begin string, place int) (n float64) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(content)) {
		if fields := strings.Fields(line); len(fields) > place && fields[0] == begin {
			_, _ = fmt.Sscan(fields[place], &n)
		}
	}
	return n
}
