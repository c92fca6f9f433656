package upload

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	underMost    = 128 // uploads under way at a time: each holds a buffer and a connection
	underOneMost = 8   // of one user
	comeBack     = 5 * time.Second
	rateMinute   = time.Minute
	ratesKept    = 1 << 12
)

// refuse counts a refusal that keeps a limit.
func (u *Uploads) refuse(limit string, e *Error) error {
	e.Limit = limit
	u.refused[limit].Add(1)
	return e
}

// begin counts an upload of a user, which [promise.end] ends.
func (u *Uploads) begin(user string) error {
	if wait := u.rates.take(user, u.opts.Now()); wait > 0 {
		return u.refuse(limitRate, &Error{
			Code: CodeTooMany, RetryAfter: wait,
			Message: fmt.Sprintf("Too many files: %d a minute are allowed. Wait %.0f seconds.", u.opts.Limits.PerMinute, max(1, wait.Seconds())),
		})
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	all := 0
	for _, n := range u.under {
		all += n
	}
	switch {
	case u.under[user] >= underOneMost:
		return &Error{
			Code: CodeTooMany, RetryAfter: comeBack, Message: fmt.Sprintf("You are uploading %d files already. Wait for one to end.", underOneMost),
		}
	case all >= underMost:
		return &Error{Code: CodeUnavailable, RetryAfter: comeBack, Message: "Too many files are being uploaded right now. Try again in a moment."}
	}
	u.under[user]++
	return nil
}

// promise is how many bytes an upload under way may take.
type promise struct {
	uploads *Uploads
	user    string
	bytes   int64
}

// make promises an upload its bytes, where they fit.
func (p *promise) make(ctx context.Context, bytes int64) error {
	u := p.uploads
	used, err := int64(0), error(nil)
	if u.opts.Limits.UserBytes > 0 {
		if used, err = u.opts.Index.FilesOf(ctx, p.user); err != nil {
			return err
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.opts.Limits.UserBytes > 0 && used+u.pending[p.user]+bytes > u.opts.Limits.UserBytes:
		return u.refuse(limitUser, &Error{
			Code: CodeFull, Message: fmt.Sprintf("Your files have %s, and may have %s. Delete some, or ask whoever runs the chat.",
				Size(used), Size(u.opts.Limits.UserBytes)),
		})
	case u.opts.Limits.TotalBytes > 0 && u.bytes+u.promised+bytes > u.opts.Limits.TotalBytes:
		return u.refuse(limitTotal, &Error{
			Code: CodeFull, Message: fmt.Sprintf("All files together may have %s, and there is no room for this one. Ask whoever runs the chat.",
				Size(u.opts.Limits.TotalBytes)),
		})
	}
	p.bytes = bytes
	u.pending[p.user] += bytes
	u.promised += bytes
	return nil
}

// end is the end of an upload: what it took is in the index by now, or it took nothing.
func (p *promise) end() {
	u := p.uploads
	u.mu.Lock()
	defer u.mu.Unlock()
	u.promised -= p.bytes
	if u.pending[p.user] -= p.bytes; u.pending[p.user] == 0 {
		delete(u.pending, p.user)
	}
	if u.under[p.user]--; u.under[p.user] == 0 {
		delete(u.under, p.user)
	}
}

// rates lets each user upload so many files a minute on average, and as many at once.
type rates struct {
	perMinute int // 0 is no limit

	mu   sync.Mutex           // guards next
	next map[string]time.Time // when the bucket of a user is full again, of those whose isn't
}

// take takes one upload from the user's budget, or says how long until there is one.
func (r *rates) take(user string, now time.Time) time.Duration {
	if r.perMinute <= 0 {
		return 0
	}
	each := rateMinute / time.Duration(r.perMinute)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.next) >= ratesKept {
		for user, at := range r.next {
			if at.Before(now) {
				delete(r.next, user)
			}
		}
	}
	full := r.next[user]
	if full.Before(now) {
		full = now
	}
	full = full.Add(each)
	if wait := full.Sub(now.Add(rateMinute)); wait > 0 {
		return wait
	}
	if r.next == nil {
		r.next = map[string]time.Time{}
	}
	r.next[user] = full
	return 0
}
