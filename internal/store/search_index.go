package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"parley/internal/chat"
)

const (
	// indexEvery is how long what was stored waits to come into the index, and indexEnough how many events don't wait. A search finds
	// them meanwhile all the same: see tailMost.
	indexEvery  = time.Second
	indexEnough = 1000
	// indexMost and indexBytes are how many events, and how much text, come into the index in one transaction: some 5 ms, for which
	// the messages behind them wait.
	indexMost  = 256
	indexBytes = 64 << 10
	// While much is written, the index takes one part of so many of the time; else half, as other programs run as well. It is much where
	// writes wait, or where so many events were stored during one batch; it is no more where in as long a time fewer than indexCalm were.
	indexShare = 32
	indexBusy  = 100
	indexCalm  = 10
	// indexAgain is how long until it is tried again after it failed.
	indexAgain = 10 * time.Second
)

// indexer brings messages into the index of the search, behind the log and never in its way. It runs in a goroutine of its own that
// the store starts and ends; what it writes goes through the queue like everything else, so that it waits for the disk together with
// the messages. Where it has got to is written with it: a crash goes on there.
type indexer struct {
	wake  chan struct{} // holds a token when something was stored
	stop  context.CancelFunc
	done  chan struct{}
	fresh atomic.Int64 // events that were stored since the last batch
}

// Unindexed is how many events are not in the index of the search yet; 0 where the database doesn't say.
func (s *Store) Unindexed(ctx context.Context) int64 {
	reaches, err := oneNumber(ctx, s.statements.search.reaches, searchForm)
	if err != nil {
		return 0
	}
	end, err := oneNumber(ctx, s.statements.search.end)
	if err != nil {
		return 0
	}
	return max(0, end-reaches)
}

// notice tells the indexer that events were stored.
func (x *indexer) notice(stored int) {
	x.fresh.Add(int64(stored))
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

func (x *indexer) start(s *Store) {
	var ctx context.Context
	ctx, x.stop = context.WithCancel(context.Background())
	x.wake, x.done = make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(x.done)
		x.run(ctx, s)
	}()
}

func (x *indexer) end() {
	x.stop()
	<-x.done
}

func (x *indexer) run(ctx context.Context, s *Store) {
	failed := 0 // times in a row; once may be the start on a database that is damaged, which whoever starts is told
	for ctx.Err() == nil {
		begun := time.Now()
		more, err := x.batch(ctx, s)
		took := time.Since(begun)
		switch {
		case err != nil:
			if failed++; failed == 2 && ctx.Err() == nil {
				s.observe.Logger.Error("the index of the search is not kept up; new messages are stored all the same, and it is tried again",
					"error", err)
			}
			x.wait(ctx, indexAgain)
		case more:
			x.giveWay(ctx, s, took)
		default:
			failed = 0
			x.gather(ctx)
		}
	}
}

// giveWay leaves the rest of the time to others after a batch. It looks again after each part of it: one batch that took long, as the
// machine was busy, would hold up the index for many times as long when all is quiet again.
func (x *indexer) giveWay(ctx context.Context, s *Store, took time.Duration) {
	parts := 1
	if s.Waiting() > 0 || x.fresh.Load() >= indexBusy {
		parts = indexShare
	}
	for range parts {
		x.fresh.Store(0)
		x.wait(ctx, took)
		if s.Waiting() == 0 && x.fresh.Load() < indexCalm {
			return
		}
	}
}

func (x *indexer) wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// gather waits until something was stored, and then for more.
func (x *indexer) gather(ctx context.Context) {
	select {
	case <-x.wake:
	case <-ctx.Done():
		return
	}
	timer := time.NewTimer(indexEvery)
	defer timer.Stop()
	for x.fresh.Load() < indexEnough {
		select {
		case <-x.wake:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// batch brings the next events into the index, and reports whether there are more.
func (x *indexer) batch(ctx context.Context, s *Store) (more bool, err error) {
	x.fresh.Store(0)
	if s.Unindexed(ctx) == 0 { // reading alone says so: whoever else writes to the database isn't disturbed
		return false, nil
	}
	err = s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var failed error
		if more, failed = s.index(ctx, tx); failed != nil {
			return errors.New(oneLine(failed)) // and not failed itself: that searching suffers is no trouble of the messages
		}
		return nil
	})
	return more, err
}

// entry is a message as the index knows it.
type entry struct {
	at    int64 // the rowid of its event; 0 where it isn't in the index yet, into which it comes as it is then
	room  chat.RoomName
	seq   int64
	by    chat.UserID
	text  string
	files string // their names, a line each
}

func (e *entry) columns() []any { return []any{&e.room, &e.seq, &e.by, &e.text, &e.files} }

// index is what the writing goroutine does of a batch.
func (s *Store) index(ctx context.Context, tx *sql.Tx) (more bool, err error) {
	p := &s.statements.search
	from, err := oneNumber(ctx, tx.StmtContext(ctx, p.reached), searchForm)
	if err != nil {
		return false, err
	}
	if err := dropOtherForms(ctx, tx); err != nil {
		return false, err
	}
	entries, reaches, err := s.newer(ctx, tx.StmtContext(ctx, p.newer), from)
	if err != nil || reaches == from {
		return false, err
	}
	add := tx.StmtContext(ctx, p.add)
	for i := range entries {
		e := &entries[i]
		if _, err := add.ExecContext(ctx, e.at, e.inBlock(s.wordsOf(e))); err != nil {
			return false, err
		}
	}
	if _, err := tx.StmtContext(ctx, p.merge).ExecContext(ctx); err != nil {
		return false, err
	}
	if _, err := tx.StmtContext(ctx, p.setReaches).ExecContext(ctx, searchForm, reaches); err != nil {
		return false, err
	}
	end, err := oneNumber(ctx, tx.StmtContext(ctx, p.last))
	return end > reaches, err
}

// newer reads the messages behind an event, and how far it has read.
func (s *Store) newer(ctx context.Context, stmt *sql.Stmt, from int64) (entries []entry, reaches int64, err error) {
	rows, err := stmt.QueryContext(ctx, from, indexMost)
	if err != nil {
		return nil, from, err
	}
	defer rows.Close()
	reaches = from
	for size := 0; size < indexBytes && rows.Next(); {
		var e entry
		var kind chat.Kind
		var deleted int64
		if err := rows.Scan(append([]any{&e.at, &kind, &deleted}, e.columns()...)...); err != nil {
			return nil, from, err
		}
		reaches = e.at
		if size += len(e.text) + len(e.files); kind == chat.KindMessage && deleted == 0 {
			entries = append(entries, e)
		}
	}
	return entries, reaches, rows.Err()
}

// wordsOf returns what the index holds of a message, and logs where that is without its words.
func (s *Store) wordsOf(e *entry) []string {
	words, err := e.indexed()
	if failed, is := errors.AsType[errNoUnits](err); is {
		s.observe.Logger.Error("a message is not found by its words; it is stored all the same", "room", e.room, "seq", e.seq,
			"error", err, "stack", failed.stack)
	}
	return words
}

// dropOtherForms empties an index that was made by another version of this program, in which words were other ones.
func dropOtherForms(ctx context.Context, tx *sql.Tx) error {
	result, err := tx.ExecContext(ctx, deleteForms, searchForm)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil || n == 0 {
		return err
	}
	return apply(ctx, tx, deleteIndex)
}

// inIndex returns a message that is about to change, as the index knows it.
func (s *Store) inIndex(ctx context.Context, tx *sql.Tx, room chat.RoomName, seq int64) (held entry, err error) {
	row := tx.StmtContext(ctx, s.statements.search.isIndexed).QueryRowContext(ctx, string(room), seq, searchForm)
	err = row.Scan(append([]any{&held.at}, held.columns()...)...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return entry{}, fmt.Errorf("looking for a message in the index: %w", err)
	}
	return held, nil
}

// reindex changes what the index holds of a message to its new text, or to nothing, in the transaction that changes the message: what
// is deleted is gone, and what is edited is found by its new words at once. Only words that differ are touched. FTS5 keeps some of
// those, without details and with secure-delete, that are taken out and put back in one transaction.
func (s *Store) reindex(ctx context.Context, tx *sql.Tx, held entry, text *string) error {
	if held.at == 0 {
		return nil
	}
	p := &s.statements.search
	before, _ := held.indexed() // as when they came in
	var now []string
	if text != nil {
		held.text = *text
		now = s.wordsOf(&held)
	}
	gone, fresh := without(before, now), without(now, before)
	if _, err := tx.StmtContext(ctx, p.take).ExecContext(ctx, held.at, held.inBlock(gone)); err != nil {
		return fmt.Errorf("taking words out of the index: %w", err)
	}
	if text == nil {
		return nil
	}
	if _, err := tx.StmtContext(ctx, p.add).ExecContext(ctx, held.at, held.inBlock(fresh)); err != nil {
		return fmt.Errorf("bringing words into the index: %w", err)
	}
	return nil
}
