package conn

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// prepared is n finished frames of a chat message, as a room writes them to everybody.
func prepared(n int) []byte {
	one := append([]byte{text, 126, 0, 200}, bytes.Repeat([]byte("x"), 200)...)
	return bytes.Repeat(one, n)
}

// readers are connections whose clients read all that comes.
func readers(b testing.TB, n int, counters *Counters) []*Conn {
	b.Helper()
	var clients sync.WaitGroup
	all := make([]*Conn, n)
	b.Cleanup(func() { // behind the closing of the clients
		clients.Wait()
		for _, c := range all {
			c.Finish()
		}
	})
	limits := &Limits{Backlog: 64 << 20, WriteTimeout: 10 * time.Second}
	for i := range all {
		server, client := tcpPair(b)
		all[i] = New(server, limits, counters)
		clients.Go(func() {
			_, _ = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{client}, make([]byte, 16<<10))
		})
		b.Cleanup(func() { _ = client.Close() })
	}
	return all
}

// catchUp waits for a reader that has fallen behind: what is measured is the way of those who keep up.
func catchUp(c *Conn) {
	for c.counters.Behind.Load() > 0 {
		runtime.Gosched()
	}
}

// BenchmarkBroadcast writes prepared frames to many connections, one after the other, as a room's turn does. One operation is one
// write to one connection.
func BenchmarkBroadcast(b *testing.B) {
	for _, frames := range []int{1, 64} {
		for _, members := range []int{1, 1000} {
			b.Run(fmt.Sprintf("%d frames to %d", frames, members), func(b *testing.B) {
				all, sent := readers(b, members, new(Counters)), prepared(frames)
				b.SetBytes(int64(len(sent)))
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if !all[i%members].Write(sent) {
						b.Fatal("Write said no")
					}
					catchUp(all[i%members])
				}
			})
		}
	}
}

// BenchmarkTwoWriters writes to the same connections from two goroutines at once, as two rooms do that have the same members.
func BenchmarkTwoWriters(b *testing.B) {
	all, sent := readers(b, 100, new(Counters)), prepared(1)
	b.ReportAllocs()
	var next atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		i := int(next.Add(1)) * 50
		for ; pb.Next(); i++ {
			if !all[i%len(all)].Write(sent) {
				b.Fatal("Write said no")
			}
			catchUp(all[i%len(all)])
		}
	})
}

// BenchmarkOneConnectionTwoWriters is two goroutines that write to one connection: one is in the kernel, the other leaves its frames.
func BenchmarkOneConnectionTwoWriters(b *testing.B) {
	c, sent := readers(b, 1, new(Counters))[0], prepared(1)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if !c.Write(sent) {
				b.Fatal("Write said no")
			}
			catchUp(c)
		}
	})
}

func BenchmarkCountFrames(b *testing.B) {
	sent := prepared(64)
	for b.Loop() {
		countFrames(sent)
	}
}

// BenchmarkLook looks at 5,000 connections that are silent, as their owner does twice a second.
func BenchmarkLook(b *testing.B) {
	p := newPoller(b)
	all := make([]*watched, 5000)
	for i := range all {
		all[i], _ = watch(b, p, &Limits{Ping: time.Hour}, nil)
		all[i].rests(b)
	}
	for b.Loop() {
		for _, c := range all {
			c.Look()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(all)), "ns/connection")
}
