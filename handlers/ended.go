package handlers

import (
	"context"
	"time"
)

// endedEvery is how often it is asked whether the sessions and keys of open connections still stand. What this server ends is closed
// at once; `parley account remove` and `parley account key` are other processes.
const endedEvery = 3 * time.Second

// closeEnded closes the connections whose session or key another process has ended, until ctx ends.
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
		open := s.hub.Sessions()
		if len(open) == 0 {
			continue
		}
		ended, err := s.accounts.Ended(ctx, open)
		if err != nil && !failing && ctx.Err() == nil {
			s.log.Error("it can't be read which sessions another program has ended; their connections stay until it can", "error", err)
		}
		failing = err != nil
		for _, id := range ended {
			s.hub.EndSession(id)
		}
	}
}
