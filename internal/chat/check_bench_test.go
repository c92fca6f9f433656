package chat

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// BenchmarkCheck is what a message costs before it waits in its room's inbox: rights, budget, text.
func BenchmarkCheck(b *testing.B) {
	h := &Hub{
		opts:   Options{Limits: Limits{Messages: 1e9, Burst: 1e9, MessageLength: 4000}, Now: time.Now, Logger: slog.New(slog.DiscardHandler)},
		people: map[UserID]*person{},
	}
	m := h.arrive("u_ada")
	if _, err := m.takeRoom(Lobby); err != nil {
		b.Fatal(err)
	}
	cmd := Command{Kind: CmdSend, ID: "5f0c2a61", Room: Lobby, Text: strings.Repeat("16 bytes of text", 8)}
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Charge(CostMessage); err != nil {
			b.Fatal(err)
		}
		if _, err := m.event(context.Background(), &cmd); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFlush is the writing of events to the seats of a room, by themselves: what the core does for each seat, without a socket.
func BenchmarkFlush(b *testing.B) {
	for _, members := range []int{10, 1000, 10_000} {
		for _, events := range []int{1, 64} {
			b.Run(fmt.Sprintf("members=%d/events=%d", members, events), func(b *testing.B) {
				r, _ := roomOf(members)
				e := Event{Kind: KindMessage, Room: r.name, Text: strings.Repeat("16 bytes of text", 8)}
				b.ReportAllocs()
				for b.Loop() {
					for range events {
						r.said.add(news{event: &e})
					}
					r.flush(nil)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(members), "ns/seat")
			})
		}
	}
}

// blank is a dialect whose frames are texts, and void a sink that counts writes.
type (
	blank struct{}
	void  struct{ writes *int }
)

func (blank) AppendEvent(dst []byte, e *Event) []byte   { return append(dst, e.Text...) }
func (blank) AppendSignal(dst []byte, s *Signal) []byte { return append(dst, s.User.Name...) }
func (blank) AppendReply(dst []byte, r *Reply) []byte   { return append(dst, byte(r.Kind)) }
func (blank) EchoesOwn() bool                           { return true }

func (v void) Write([]byte) bool { *v.writes++; return true }
func (void) Close(int, string)   {}

// roomOf returns a room with so many seats, and what counts the writes to them.
func roomOf(members int) (r *room, writes *int) {
	writes = new(int)
	h := &Hub{opts: Options{Now: time.Now}, people: map[UserID]*person{}}
	r = newRoom(h, Lobby)
	var enc Encoder = blank{}
	for i := range members {
		m := h.arrive(UserID(fmt.Sprintf("u_%d", i)))
		m.sink = void{writes}
		m.encoder.Store(&enc)
		r.sit(&item{member: m})
	}
	r.flush(nil)
	*writes = 0
	return r, writes
}
