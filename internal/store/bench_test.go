package store

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/chat"
)

func BenchmarkAppend(b *testing.B) {
	for _, senders := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			s, err := Open(context.Background(), filepath.Join(b.TempDir(), "p.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			var n atomic.Int64
			b.ResetTimer()
			var wg sync.WaitGroup
			for i := range senders {
				wg.Go(func() {
					room := chat.RoomName(fmt.Sprintf("room-%d", i))
					u := chat.User{ID: chat.UserID(fmt.Sprintf("u_%d", i)), Name: "Ada"}
					for {
						k := n.Add(1)
						if k > int64(b.N) {
							return
						}
						_, err := s.Append(context.Background(), []chat.Event{{Room: room, Kind: chat.KindMessage, User: u, ClientID: fmt.Sprintf("%016x", uint64(k)*0x9E3779B97F4A7C15), Text: "hello there, this is a message of some length, as people write them in the evening when they have time", Time: time.Now()}})
						if err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
