package relaytest

import (
	"context"
	"testing"

	"parley/internal/chat"
)

// shaky is a relay between nodes of one process, as bad as a relay may be: it loses what doesn't fit, repeats every third ring and
// turns pairs of them round.
type shaky struct {
	inbox  chan ring
	others []*shaky
}

func (s *shaky) Ring(room chat.RoomName, seq int64) {
	for _, other := range s.others {
		select {
		case other.inbox <- ring{room, seq}:
		default:
		}
	}
}

func (s *shaky) Listen(ctx context.Context, heard func(chat.RoomName, int64)) error {
	var before *ring
	for n := 0; ctx.Err() == nil; n++ {
		select {
		case <-ctx.Done():
		case r := <-s.inbox:
			if n%2 == 0 {
				before = &r
				continue
			}
			heard(r.room, r.seq)
			heard(before.room, before.seq)
			if n%3 == 0 {
				heard(r.room, r.seq)
			}
		}
	}
	return ctx.Err()
}

func openShaky(_ *testing.T, n int) []chat.Relay {
	nodes, relays := make([]*shaky, n), make([]chat.Relay, n)
	for i := range nodes {
		nodes[i] = &shaky{inbox: make(chan ring, 16)}
		relays[i] = nodes[i]
	}
	for i, s := range nodes {
		for k, other := range nodes {
			if k != i {
				s.others = append(s.others, other)
			}
		}
	}
	return relays
}

func TestShakyRelayPasses(t *testing.T) {
	TestRelay(t, openShaky)
	TestReach(t, openShaky)
}
