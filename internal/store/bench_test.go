package store

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/chat"
)

// benchMessage is the nth of many: 128 bytes of text, and an id as random as clients choose it.
func benchMessage(room chat.RoomName, n int64) chat.Event {
	return chat.Event{
		Room: room, Kind: chat.KindMessage, User: chat.User{ID: "u_0123456789abcdef", Name: "Ada"},
		ClientID: fmt.Sprintf("%016x", uint64(n)*0x9e3779b97f4a7c15), Text: strings.Repeat("16 bytes of text", 8), Time: time.Now(),
	}
}

// BenchmarkAppend has senders who each wait for their message to be stored before they send the next. In rooms of their own it is
// the store that makes batches of them: how large they become, and how long a sender waits, is told with the rest. Senders of one room
// are what BenchmarkAppendBatch measures.
func BenchmarkAppend(b *testing.B) {
	for _, senders := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			k := commits{sizes: map[int]int{}}
			s, err := OpenWith(b.Context(), filepath.Join(b.TempDir(), "parley.db"), Options{Committed: k.committed})
			if err != nil {
				b.Fatal(err)
			}
			waits := make([]time.Duration, b.N)
			b.ResetTimer()
			var sent atomic.Int64
			var wg sync.WaitGroup
			for i := range senders {
				wg.Go(func() {
					room := chat.RoomName(fmt.Sprintf("room-%d", i))
					for n := sent.Add(1); n <= int64(b.N); n = sent.Add(1) {
						e := benchMessage(room, n)
						e.User.ID = chat.UserID(fmt.Sprintf("u_%016d", i))
						begun := time.Now()
						if _, err := s.Append(context.Background(), []chat.Event{e}); err != nil {
							b.Error(err)
							return
						}
						waits[n-1] = time.Since(begun)
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			if err := s.Close(); err != nil {
				b.Error(err)
			}
			k.report(b)
			reportWaits(b, waits)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// commits counts what a store commits, by the messages in it. The writing goroutine alone tells it.
type commits struct {
	sizes map[int]int
}

func (k *commits) committed(events int, _ time.Duration) { k.sizes[events]++ }

// report tells how many messages shared a commit, on average and in the larger half of the commits. Commits without messages are the
// index's.
func (k *commits) report(b *testing.B) {
	var sizes []int
	messages := 0
	for size, n := range k.sizes {
		if size > 0 {
			messages += size * n
			sizes = append(sizes, slices.Repeat([]int{size}, n)...)
		}
	}
	if len(sizes) == 0 {
		return
	}
	slices.Sort(sizes)
	b.ReportMetric(float64(messages)/float64(len(sizes)), "messages/commit")
	b.ReportMetric(float64(sizes[len(sizes)/2]), "messages/commit-p50")
	b.ReportMetric(float64(k.sizes[0]), "commits-of-index")
}

func reportWaits(b *testing.B, waits []time.Duration) {
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkAppendBatch is one room, whose turn stores what its 1,000 members have sent meanwhile with one call.
func BenchmarkAppendBatch(b *testing.B) {
	for _, size := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("events=%d", size), func(b *testing.B) {
			s := fresh(b)
			b.ResetTimer()
			for n := 0; n < b.N; {
				var events []chat.Event
				for ; len(events) < size && n < b.N; n++ {
					events = append(events, benchMessage(chat.Lobby, int64(n)))
				}
				if _, err := s.Append(context.Background(), events); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// filled returns a store whose lobby has that many events, every fourth of them a reaction.
func filled(b *testing.B, events int) *Store {
	b.Helper()
	s := fresh(b)
	for n := 0; n < events; {
		var batch []chat.Event
		for ; len(batch) < 1000 && n < events; n++ {
			e := benchMessage(chat.Lobby, int64(n))
			if n%4 == 3 {
				e = chat.Event{Room: chat.Lobby, Kind: chat.KindReaction, User: e.User, Of: int64(n), Emoji: "👍", On: true, Time: e.Time}
			}
			batch = append(batch, e)
		}
		if _, err := s.Append(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// benchPage reads pages of 50 from the start, the middle and the end of a small room and of a large one; all should cost the same.
func benchPage(b *testing.B, read func(*Store, int64) ([]chat.Event, error)) {
	for _, events := range []int{1000, 100_000} {
		s := filled(b, events)
		for _, part := range []struct {
			name string
			from int64
		}{{"start", 100}, {"middle", int64(events / 2)}, {"end", int64(events - 100)}} {
			b.Run(fmt.Sprintf("events=%d/%s", events, part.name), func(b *testing.B) {
				for b.Loop() {
					if page, err := read(s, part.from); err != nil || len(page) != 50 {
						b.Fatalf("%d events: %v", len(page), err)
					}
				}
			})
		}
	}
}

func BenchmarkAfter(b *testing.B) {
	benchPage(b, func(s *Store, from int64) ([]chat.Event, error) {
		return s.After(context.Background(), chat.Lobby, from, 50)
	})
}

func BenchmarkBefore(b *testing.B) {
	benchPage(b, func(s *Store, from int64) ([]chat.Event, error) {
		return s.Before(context.Background(), chat.Lobby, from, 50)
	})
}

// BenchmarkRooms lists the rooms of a chat that has many, for somebody who has read none: of rooms that are full of unread messages, and of
// so many rooms that most are not listed, for somebody who is in none of them and for somebody who is in all.
func BenchmarkRooms(b *testing.B) {
	for _, chats := range []struct{ rooms, messages int }{{50, 2 * chat.UnreadMost}, {500, 2 * chat.UnreadMost}, {500, 5}, {10_000, 5}} {
		s := fresh(b)
		var wg sync.WaitGroup
		for i := range chats.rooms {
			wg.Go(func() { // together, so that they share their waits for the disk
				var events []chat.Event
				for n := range chats.messages {
					events = append(events, benchMessage(chat.RoomName(fmt.Sprintf("room-%d", i)), int64(i*1000+n)))
				}
				if _, err := s.Append(context.Background(), events); err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		if _, err := s.writer.Exec(`INSERT INTO memberships (user_id, room, joined, read_seq) SELECT 'u_cyd', name, TRUE, 0 FROM rooms`); err != nil {
			b.Fatal(err)
		}
		for _, user := range []chat.UserID{"u_bob", "u_cyd"} {
			b.Run(fmt.Sprintf("rooms=%d/unread=%d/joined=%t", chats.rooms, chats.messages, user == "u_cyd"), func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Rooms(context.Background(), user); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
