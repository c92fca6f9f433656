package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/chat"
)

// batchMost is how many rows a batch takes before it is stored. It bounds how long those in it wait for each other: some 30 ms.
const batchMost = 2048

// job is one write that waits for its turn: an append, or anything else.
type job struct {
	events []chat.Event                         // an append
	stored []chat.Appended                      // what became of events
	run    func(context.Context, *sql.Tx) error // anything else
	ctx    context.Context                      // for run; it doesn't end
	proof  bool                                 // run writes for certain, so that its success says something of the next write
	// starting is of a write without which the server doesn't start: nobody was told yet that messages are taken.
	starting bool
	state    atomic.Int32
	err      error
	done     chan struct{} // closed when stored and err are final
}

// The states of a job. Whoever moves it on from waiting decides what becomes of it: its writer gives up, or the batch begins.
const (
	jobWaiting int32 = iota
	jobRunning
	jobDropped
)

// queue is what waits to be written, in the order of coming.
type queue struct {
	mu      sync.Mutex // guards waiting, ended
	filled  sync.Cond  // waiting is not empty, or ended is true
	waiting []*job
	ended   bool
}

func (q *queue) init() { q.filled.L = &q.mu }

// Waiting is how many writes wait for their turn.
func (s *Store) Waiting() int {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	return len(s.queue.waiting)
}

// put adds a job, or reports that there will be no more turns.
func (q *queue) put(j *job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended {
		return false
	}
	q.waiting = append(q.waiting, j)
	q.filled.Signal()
	return true
}

// take waits until there are jobs and returns them, oldest first, with about batchMost rows at most; none when the queue has ended.
func (q *queue) take() []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.ended {
		q.filled.Wait()
	}
	n, rows := 0, 0
	for n < len(q.waiting) && rows < batchMost {
		rows += max(1, len(q.waiting[n].events))
		n++
	}
	batch := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return batch
}

// end lets what waits be written and refuses the rest.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.filled.Signal()
}

// write runs a function in a transaction that it shares with others, and returns when what it wrote would survive a crash, or with
// its error; then nothing that it did is kept, and the others don't notice. The function runs once, in the writing goroutine, which
// waits for it: it must do nothing but talk to tx. A ctx that ends while the function hasn't begun drops it. Once begun it is
// finished and answered; the context that it is given doesn't end.
func (s *Store) write(ctx context.Context, run func(ctx context.Context, tx *sql.Tx) error) error {
	return s.await(ctx, &job{run: run, ctx: context.WithoutCancel(ctx)})
}

// await queues a job and waits for what becomes of it.
func (s *Store) await(ctx context.Context, j *job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.done = make(chan struct{})
	if !s.queue.put(j) {
		return ErrClosed
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.state.CompareAndSwap(jobWaiting, jobDropped) {
			return ctx.Err()
		}
		<-j.done
	}
	return j.err
}

// writeBatches stores what comes, until the queue ends. While one batch waits for the disk the next gathers, so that batches grow
// with the load by themselves, and a lone write waits for nothing.
func (s *Store) writeBatches() {
	defer close(s.done)
	for {
		batch := s.queue.take()
		if len(batch) == 0 {
			return
		}
		batch = slices.DeleteFunc(batch, func(j *job) bool { return !j.state.CompareAndSwap(jobWaiting, jobRunning) })
		if len(batch) > 0 {
			s.store(batch)
		}
	}
}

// store writes a batch in one transaction and answers every job of it. Once in proofFor at most it looks whether the database is where
// it was, and each time where it isn't: SQLite would go on writing into a file that nobody can find again.
func (s *Store) store(batch []*job) {
	begun := time.Now()
	var err error
	if begun.Sub(s.placed) >= proofFor {
		if err = s.inPlace(); err == nil {
			s.placed = begun
		}
	}
	if err == nil {
		err = s.transact(batch)
	}
	s.outcome(batch, err, time.Since(begun))
	for _, j := range batch {
		close(j.done)
	}
}

// transact runs the jobs of a batch and commits what those that succeeded wrote. A job that fails has its err set; an error of
// transact itself means that nothing at all was stored.
//
// The appends go first and all together, as many rows in each statement as will go. A savepoint around them would cost a copy of
// every page that they touch (a third of the time), so that in the rare case that they fail the transaction begins again.
func (s *Store) transact(batch []*job) error {
	ctx := context.Background() // a batch that has begun is finished, whoever still waits for it
	var appends, others []*job
	for _, j := range batch {
		if j.run == nil {
			appends = append(appends, j)
		} else {
			others = append(others, j)
		}
	}
	tx, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after the commit, nor where SQLite has done it by itself
	if s.append(ctx, tx, appends) != nil {
		_ = tx.Rollback()
		if tx, err = s.begin(ctx); err != nil {
			return err
		}
		defer tx.Rollback()
		for i, j := range appends {
			if j.err, err = guarded(ctx, tx, func() error { return s.append(ctx, tx, appends[i:i+1]) }); err != nil {
				return err
			}
		}
	}
	for _, j := range others {
		if j.err, err = guarded(ctx, tx, func() error { return j.run(j.ctx, tx) }); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("storing failed: %w", err)
	}
	return nil
}

func (s *Store) begin(ctx context.Context) (*sql.Tx, error) {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("storing can't begin: %w", err)
	}
	return tx, nil
}

// guarded runs a part of a transaction so that its failure, which it returns first, undoes that part alone. The second error means
// that the transaction as a whole is lost.
func guarded(ctx context.Context, tx *sql.Tx, part func() error) (failed, lost error) {
	if _, err := tx.ExecContext(ctx, `SAVEPOINT part`); err != nil {
		return nil, err
	}
	if failed = part(); failed != nil {
		if _, err := tx.ExecContext(ctx, `ROLLBACK TO part`); err != nil {
			return failed, failed // a full disk, for one, ends the transaction by itself
		}
	}
	_, lost = tx.ExecContext(ctx, `RELEASE part`)
	return failed, lost
}
