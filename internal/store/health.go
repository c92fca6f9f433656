package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"parley/internal/chat"
)

// Options are who is told what the store does. All of them may be left out.
type Options struct {
	// Logger is told once when storing begins to fail and once when it works again.
	Logger *slog.Logger
	// Committed is called for each transaction that is on disk, with the events that it stored, 0 or more, and how long it took.
	// Failed is called for each that isn't, and for each read that failed, with the kind of trouble. The writing goroutine calls
	// them: they must not wait.
	Committed func(events int, took time.Duration)
	Failed    func(kind string)
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Committed == nil {
		o.Committed = func(int, time.Duration) {}
	}
	if o.Failed == nil {
		o.Failed = func(string) {}
	}
	return o
}

const (
	proofFor    = time.Second     // how long the outcome of a write says whether the next one would succeed
	readyWithin = 2 * time.Second // how long the store may take to say that it is ready
)

// The kinds of trouble that a database can be in.
const (
	troubleFull     = "disk_full"
	troubleLocked   = "locked"
	troubleDamaged  = "damaged"
	troubleReadOnly = "read_only"
	troubleDisk     = "disk_error"
	troubleMoved    = "moved"
	troubleOther    = "other"
)

// Troubles are all kinds of trouble that [Options].Failed may be told.
var Troubles = []string{troubleFull, troubleLocked, troubleDamaged, troubleReadOnly, troubleDisk, troubleMoved, troubleOther}

// reasons says each kind of trouble to the people who chat.
var reasons = map[string]string{
	troubleFull:     "The disk that holds the chat is full.",
	troubleLocked:   "Another program keeps the chat's database locked.",
	troubleDamaged:  "The chat's database is damaged.",
	troubleReadOnly: "The chat's database can't be written to.",
	troubleDisk:     "The disk that holds the chat reports errors.",
	troubleMoved: "The chat's database was taken away while the server runs. Put it back; if it was deleted, " +
		"don't restart the server before its content was saved from /proc/PID/fd.",
	troubleOther: "The chat's database fails.",
}

// trouble is what kind of trouble an error comes from, "" where the database isn't at fault.
func trouble(err error) string {
	switch {
	case errors.Is(err, errMoved):
		return troubleMoved
	case errors.Is(err, errHidden):
		return troubleReadOnly
	}
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return ""
	}
	switch failure.Code() & 0xff { // the low byte is the kind, the rest the detail
	case sqlite3.SQLITE_FULL:
		return troubleFull
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return troubleLocked
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return troubleDamaged
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH:
		return troubleReadOnly
	case sqlite3.SQLITE_IOERR:
		return troubleDisk
	case sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_CONSTRAINT: // a context that ended; what breaks a rule of the schema
		return ""
	}
	return troubleOther
}

// unavailable wraps what the database is at fault for, with the reason in words for whoever asked for it.
func (s *Store) unavailable(err error) error {
	kind := trouble(err)
	if kind == "" {
		return err
	}
	s.observe.Failed(kind)
	return &chat.Unavailable{Reason: reasons[kind], Err: err}
}

// health is whether storing works, as far as the last write or probe knows.
type health struct {
	mu      sync.Mutex        // guards what follows
	at      time.Time         // of the last outcome
	failing *chat.Unavailable // the last outcome; nil where it was stored
	refused int               // events that were refused since storing began to fail
	probing chan struct{}
	answer  error // of the last probe; final when probing is closed
}

// outcome notes what became of a batch that took some time, and gives its jobs their errors in words. lost is the error of the
// transaction as a whole.
func (s *Store) outcome(batch []*job, lost error, took time.Duration) {
	var failing *chat.Unavailable
	stored, refused, proof, starting := 0, 0, false, false
	for _, j := range batch {
		starting = starting || j.starting
		err := j.err
		if err == nil {
			err = lost
		}
		if kind := trouble(err); kind != "" || err != nil && err == lost {
			if kind == "" {
				kind = troubleOther
			}
			told := &chat.Unavailable{Reason: reasons[kind], Logged: true, Err: err}
			if failing == nil { // one is enough: the batch shares the database
				s.observe.Failed(kind)
				failing = told
			}
			refused += len(j.events)
			err = told
		}
		if j.err = err; err != nil {
			continue
		}
		proof = proof || j.proof
		for i := range j.stored {
			if !j.stored[i].Duplicate {
				stored++
			}
		}
	}
	if lost == nil {
		s.observe.Committed(stored, took)
		s.tellDropped()
		if stored > 0 {
			s.indexer.notice(stored)
		}
	}
	if failing != nil && !starting || proof || stored > 0 { // what wrote nothing proves nothing
		s.note(failing, refused)
	}
}

// note remembers how the last write went, and says in the log when storing begins to fail and when it works again. Not for each
// message: there may be thousands.
func (s *Store) note(failing *chat.Unavailable, refused int) {
	h := &s.health
	h.mu.Lock()
	was := h.failing
	h.at, h.failing = time.Now(), failing
	h.refused += refused
	sum := h.refused
	if failing == nil {
		h.refused = 0
	}
	h.mu.Unlock()
	switch {
	case was == nil && failing != nil:
		s.observe.Logger.Error("storing fails; messages are refused until it works again, and their senders are told to try again",
			"reason", failing.Reason, "error", failing.Err)
	case was != nil && failing == nil:
		s.observe.Logger.Info("storing works again; messages are taken", "refused_meanwhile", sum)
	}
}

// Ready returns nil where a message could be stored and read now. A write of the last second is proof; otherwise one is tried that
// touches what a message touches and leaves nothing behind. It answers within two seconds; where the reason is known the error is a
// [chat.Unavailable].
func (s *Store) Ready(ctx context.Context) error {
	if err := s.inPlace(); err != nil {
		kind := trouble(err)
		s.observe.Failed(kind)
		failing := &chat.Unavailable{Reason: reasons[kind], Logged: true, Err: err}
		s.note(failing, 0)
		return failing
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	var rooms bool
	if err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM rooms)`).Scan(&rooms); err != nil {
		return s.unavailable(err)
	}
	h := &s.health
	h.mu.Lock()
	// That the file was gone proves nothing now: it is back, as seen above.
	back := h.failing != nil && (errors.Is(h.failing.Err, errMoved) || errors.Is(h.failing.Err, errHidden))
	if !h.at.IsZero() && time.Since(h.at) < proofFor && !back {
		defer h.mu.Unlock()
		if h.failing == nil {
			return nil
		}
		return h.failing
	}
	if h.probing == nil { // one at a time, whoever asks how often
		h.probing = make(chan struct{})
		go s.probe(h.probing)
	}
	probing := h.probing
	h.mu.Unlock()
	select {
	case <-probing:
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.answer
	case <-ctx.Done():
		return &chat.Unavailable{Reason: "Storing takes longer than it should.", Err: ctx.Err()}
	}
}

// probe stores a message in a room without a name, which nobody can be in, and takes it away again in the same transaction.
func (s *Store) probe(done chan struct{}) {
	ctx := context.Background() // whoever asked may have gone; others wait for the same answer
	err := s.await(ctx, &job{ctx: ctx, proof: true, run: func(ctx context.Context, tx *sql.Tx) error {
		if err := apply(ctx, tx, insertProbe); err != nil {
			return err
		}
		return apply(ctx, tx, deleteProbe)
	}})
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	s.health.answer, s.health.probing = err, nil
	close(done)
}

const (
	insertProbe = insertBefore + `('', 1, 1, '', '', 'probe', '', '', FALSE, 0, 0, 0, 0, 0)`
	deleteProbe = `DELETE FROM events WHERE room = ''`
)

// What inPlace finds: that the file that was opened doesn't lie at its place any more, or that this can't be seen.
var (
	errMoved  = errors.New("the database isn't the file that was opened")
	errHidden = errors.New("the database can't be looked at")
)

// inPlace is nil where the database is still the file that was opened, and otherwise wraps errMoved or errHidden. What is stored into a file that
// was removed or replaced is gone with the process.
func (s *Store) inPlace() error {
	now, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", errMoved, err)
	case err != nil:
		return fmt.Errorf("%w: %w", errHidden, err)
	case !os.SameFile(now, s.file):
		return fmt.Errorf("%w: another one lies at %s", errMoved, s.path)
	}
	return nil
}
