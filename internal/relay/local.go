// Package relay carries rings between nodes that share a log: the news that a room has got longer, not what was said. It imports
// chat, whose [chat.Relay] its types are; cli chooses one.
package relay

import (
	"context"

	"parley/internal/chat"
)

// Local is the relay of a node that has its log to itself: there is nobody to ring, and nobody who rings.
type Local struct{}

var _ chat.Relay = Local{}

// Ring does nothing.
func (Local) Ring(chat.RoomName, int64) {}

// Listen waits until ctx ends.
func (Local) Listen(ctx context.Context, _ func(chat.RoomName, int64)) error {
	<-ctx.Done()
	return ctx.Err()
}
