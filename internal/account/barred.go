package account

import (
	"context"
	"fmt"
	"time"
)

// Barred is a refusal where a moderator keeps a user out now, and nil else.
func (a *Accounts) Barred(ctx context.Context, id string) error {
	until, err := a.store.BarredUntil(ctx, id)
	if err != nil {
		return wrap(err, "reading who is kept out")
	}
	left := until.Sub(a.opts.Now())
	switch {
	case left <= 0:
		return nil
	case left > 365*24*time.Hour:
		return refuse(CodeBarred, "A moderator keeps this name out of the chat.")
	default:
		return refuse(CodeBarred, "A moderator keeps this name out of the chat for %s more.", spell(left))
	}
}

// spell says how long something lasts, in its largest unit.
func spell(left time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}} {
		if left >= 2*unit.of {
			return fmt.Sprintf("%d %s", (left+unit.of-1)/unit.of, unit.name)
		}
	}
	return "a minute"
}
