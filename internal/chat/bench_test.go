package chat_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"parley/internal/chat"
	"parley/internal/wire"
)

// These benchmarks have everything in them but the sockets: the real dialect, the real store with its fsync, and sinks that take
// what they are written. BenchmarkEncodeMessage and its like in wire, BenchmarkAppend in store and BenchmarkWrite in conn show the
// stages by themselves.

// drain is a sink that takes everything, and counts it.
type drain struct {
	writes, bytes *atomic.Int64
	acks          chan struct{} // has a token for each ack, nil where nobody waits for them
	joined        chan struct{} // likewise for each joined
}

func (d *drain) Write(frames []byte) bool {
	d.writes.Add(1)
	d.bytes.Add(int64(len(frames)))
	if d.acks != nil {
		for range bytes.Count(frames, []byte(`"type":"ack"`)) {
			d.acks <- struct{}{}
		}
	}
	if d.joined != nil && bytes.Contains(frames[:min(40, len(frames))], []byte(`"type":"joined"`)) {
		d.joined <- struct{}{}
	}
	return true
}
func (*drain) Close(int, string) {}

// crew is a hub with connections to it.
type crew struct {
	hub           *chat.Hub
	members       []*chat.Member
	acks, joined  chan struct{}
	writes, bytes atomic.Int64
}

func newCrew(b *testing.B) *crew {
	return &crew{
		hub:  hubOn(b, filepath.Join(b.TempDir(), "parley.db"), chat.Limits{Messages: 1e9, Burst: 1e9, MessageLength: 4000}, 0),
		acks: make(chan struct{}, 1<<16), joined: make(chan struct{}, 1<<16),
	}
}

// connect adds a connection of a user of its own, which hears acks where it is to send.
func (c *crew) connect(sends bool) *chat.Member {
	n := strconv.Itoa(len(c.members))
	sink := &drain{writes: &c.writes, bytes: &c.bytes, joined: c.joined}
	if sends {
		sink.acks = c.acks
	}
	m := c.hub.Connect(chat.User{ID: chat.UserID("u_0123456789" + n), Name: "Member " + n}, "", wire.JSON.Encoder(), sink, false)
	c.members = append(c.members, m)
	return m
}

func (c *crew) join(b *testing.B, m *chat.Member, room chat.RoomName) {
	if err := m.Arrive(context.Background(), &chat.Command{Kind: chat.CmdJoin, Room: room, Since: -1}); err != nil {
		b.Fatal(err)
	}
}

// fill has so many members in the lobby, of whom some send.
func (c *crew) fill(b *testing.B, members, senders int) {
	for i := range members {
		c.join(b, c.connect(i < senders), chat.Lobby)
	}
	for range members {
		<-c.joined
	}
	c.writes.Store(0)
	c.bytes.Store(0)
}

func (c *crew) send(b *testing.B, m *chat.Member, room chat.RoomName, n int64) {
	cmd := chat.Command{Kind: chat.CmdSend, ID: fmt.Sprintf("%016x", uint64(n)*0x9e3779b97f4a7c15), Room: room, Text: text128}
	if err := m.Do(context.Background(), &cmd); err != nil {
		b.Fatal(err)
	}
}

var text128 = strings.Repeat("16 bytes of text", 8)

func (c *crew) report(b *testing.B, deliveries float64) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/deliveries, "ns/delivery")
	b.ReportMetric(float64(c.writes.Load())/float64(b.N), "writes/op")
}

// BenchmarkPost is one whole post, from the command to the ack and everybody's frame: one under way, and 64 of 64 senders.
func BenchmarkPost(b *testing.B) {
	for _, members := range []int{10, 100, 1000, 10_000} {
		for _, senders := range []int{1, 64} {
			b.Run(fmt.Sprintf("members=%d/senders=%d", members, senders), func(b *testing.B) {
				c := newCrew(b)
				c.fill(b, max(members, senders), senders)
				b.ReportAllocs()
				b.ResetTimer()
				for n := range b.N {
					if n >= senders {
						<-c.acks
					}
					c.send(b, c.members[n%senders], chat.Lobby, int64(n))
				}
				for range min(senders, b.N) {
					<-c.acks
				}
				c.report(b, float64(b.N)*float64(len(c.members)))
			})
		}
	}
}

// BenchmarkRooms has 256 messages under way to rooms of three members each: what a message costs must not grow with their number.
func BenchmarkRooms(b *testing.B) {
	for _, rooms := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("rooms=%d", rooms), func(b *testing.B) {
			c := newCrew(b)
			name := func(i int) chat.RoomName { return chat.RoomName("room-" + strconv.Itoa(i)) }
			for i := range 3 * rooms {
				c.join(b, c.connect(i%3 == 0), name(i/3))
				<-c.joined
			}
			b.ReportAllocs()
			b.ResetTimer()
			for n := range b.N {
				if n >= 256 {
					<-c.acks
				}
				room := n % rooms
				c.send(b, c.members[3*room], name(room), int64(n))
			}
			for range min(256, b.N) {
				<-c.acks
			}
			c.report(b, float64(b.N)*3)
		})
	}
}

// BenchmarkJoin is one who comes into a room in which others are, and goes again.
func BenchmarkJoin(b *testing.B) {
	for _, members := range []int{10, 100, 500, 1000, 10_000} {
		b.Run(fmt.Sprintf("members=%d", members), func(b *testing.B) {
			c := newCrew(b)
			c.fill(b, members, 1)
			c.send(b, c.members[0], chat.Lobby, 0)
			<-c.acks
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				m := c.connect(false)
				c.join(b, m, chat.Lobby)
				<-c.joined
				m.Leave()
				m.Close()
				c.members = c.members[:members]
			}
			c.report(b, float64(b.N))
		})
	}
}

// BenchmarkCrowd is so many who come into one room at once, as after a restart of the server.
func BenchmarkCrowd(b *testing.B) {
	for _, members := range []int{100, 1000, 5000, 20_000} {
		b.Run(fmt.Sprintf("members=%d", members), func(b *testing.B) {
			b.ReportAllocs()
			var written int64
			for range b.N {
				b.StopTimer()
				c := newCrew(b)
				for range members {
					c.connect(false)
				}
				b.StartTimer()
				var wg sync.WaitGroup
				for part := range 64 {
					wg.Go(func() {
						for i := part; i < members; i += 64 {
							c.join(b, c.members[i], chat.Lobby)
						}
					})
				}
				for range members {
					<-c.joined
				}
				b.StopTimer()
				wg.Wait()
				written += c.bytes.Load()
				b.ReportMetric(float64(c.writes.Load()), "writes/op")
				for _, m := range c.members {
					m.Leave()
					m.Close()
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(written)/float64(b.N*members), "bytes/join")
		})
	}
}
