package handlers

import (
	"context"
	"errors"
	"time"

	"parley/internal/chat"
)

// endedEvery is how often it is asked whether those who are connected may still speak as whom they do. What this server ends is closed
// at once; `parley account` is another process.
const endedEvery = 3 * time.Second

// closeEnded closes the connections whose session, key or name another process has taken away, until ctx ends.
func (s *site) closeEnded(ctx context.Context) {
	tick := time.NewTicker(endedEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := errors.Join(s.closeSessions(ctx), s.closeNameless(ctx))
		if err != nil && !failing && ctx.Err() == nil {
			s.log.Error("it can't be read which sessions another program has ended; their connections stay until it can", "error", err)
		}
		failing = err != nil
	}
}

// closeSessions closes the connections whose session or key has ended.
func (s *site) closeSessions(ctx context.Context) error {
	open := s.hub.Sessions()
	if len(open) == 0 {
		return nil
	}
	ended, err := s.accounts.Ended(ctx, open)
	for _, id := range ended {
		s.hub.EndSession(id)
	}
	return err
}

// closeNameless closes the connections of those who only said a name that somebody else has by now.
func (s *site) closeNameless(ctx context.Context) error {
	nameless, err := s.accounts.Nameless(ctx, s.hub.Unproven())
	for _, id := range nameless {
		s.hub.EndUnproven(chat.UserID(id))
	}
	return err
}
