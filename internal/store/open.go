// Package store keeps everything that outlives the process in one SQL database: the rooms' logs, who is in which room, and the
// people. It imports chat, whose [chat.Log] and [chat.Shelf] it is, and account; cli opens it, everyone else knows it by those
// interfaces only.
//
// Reading goes through several connections at once. Writing goes through one goroutine, which takes all that waits and stores it
// in one transaction, so that a hundred writers share the one wait for the disk (see [Store.write] and batch.go).
//
// The SQL is the text that SQLite and PostgreSQL both understand. What only one of them has stays in the file named after it.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
)

// ErrClosed is what a write is told that comes after [Store.Close].
var ErrClosed = errors.New("the store is closed")

// Store is an open database.
type Store struct {
	// read has several connections and refuses to write.
	read *sql.DB
	// writer has one connection, which belongs to the goroutine that runs [Store.writeBatches].
	writer *sql.DB
	// placeholder writes the nth parameter of a statement that takes many rows.
	placeholder func(n int) string

	path string      // of the database
	file fs.FileInfo // what lay there when it was opened
	// placed is when it was last seen to lie there still. It belongs to the writing goroutine.
	placed time.Time

	observe    Options
	health     health
	statements statements
	queue      queue
	indexer    indexer
	files      files
	passwords  passwords
	done       chan struct{} // closed when the writing goroutine has ended
	close      sync.Once
	closeErr   error
}

// Open opens the database that url names, "sqlite:PATH" or a bare path, makes it when there is none, and brings its schema up to
// date. An error is one line that says what is wrong with which file.
func Open(ctx context.Context, url string) (*Store, error) { return OpenWith(ctx, url, Options{}) }

// OpenWith is [Open] for somebody who wants to be told what the store does.
func OpenWith(ctx context.Context, url string, o Options) (*Store, error) {
	path, ok := strings.CutPrefix(url, "sqlite:")
	if scheme, _, other := strings.Cut(url, "://"); !ok && other {
		return nil, fmt.Errorf("a store of the kind %q is not known; use sqlite:PATH", scheme)
	}
	s, err := openSQLite(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.read.Close(), s.writer.Close())
	}
	s.observe = o.withDefaults()
	s.queue.init()
	s.files.dropped = make(chan struct{}, 1)
	s.done = make(chan struct{})
	go s.writeBatches()
	s.indexer.start(s)
	return s, nil
}

// Close refuses new writes, waits until those that were taken are stored, and closes the database, which leaves one file without
// a log beside it. Calling it again does nothing more.
func (s *Store) Close() error {
	s.close.Do(func() {
		s.indexer.end()
		s.queue.end()
		<-s.done
		s.closeErr = errors.Join(s.read.Close(), s.writer.Close())
	})
	return s.closeErr
}

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date. It returns an errNewer where the database is ahead of this program.
func migrate(ctx context.Context, dialect goose.Dialect, db *sql.DB) error {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(dialect, db, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	current, target, err := provider.GetVersions(ctx)
	for {
		if err == nil && current > target {
			return &errNewer{current: current, known: target}
		}
		if err == nil && current == target {
			return nil
		}
		if _, err = provider.Up(ctx); err == nil {
			return nil
		}
		// Another process may have opened the same new database a moment earlier, and be doing this work. Its steps count.
		before := current
		var again error
		if current, target, again = provider.GetVersions(ctx); again != nil || current <= before {
			return err
		}
		err = nil
	}
}

// errNewer says that a database was written by a later version of the program.
type errNewer struct{ current, known int64 }

func (e *errNewer) Error() string {
	return fmt.Sprintf("its schema is %d, and this program knows schemas up to %d", e.current, e.known)
}
