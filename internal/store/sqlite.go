package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	readers = 4 // connections that read at once; each keeps up to 2 MB of pages
	// applicationID marks a file as ours ("Prly"), so that the database of another program is not taken for a new one.
	applicationID = 0x50726c79
	// busyWait is how long, in milliseconds, to wait for another process, such as "parley account add", that is writing.
	busyWait = 5000
	// busyAgain is how long until a database is tried again that another process is making at the same moment.
	busyAgain = 20 * time.Millisecond
	// checkpointPages is how many pages of 4 KiB gather in the write-ahead log before they are copied into the database. Under load
	// four times SQLite's default copies, and waits for the disk, that much less often.
	checkpointPages = 4000
	// writerCache is how many KiB of pages the writer keeps: what a full batch in many rooms touches, or else it spills to the disk.
	writerCache = 16 << 10
)

// openSQLite opens the database in the file path, with its folder and schema in place.
func openSQLite(ctx context.Context, path string) (*Store, error) {
	path, err := sqliteFile(path)
	if err != nil {
		return nil, err
	}
	// Temporary files stay in memory: they may hold what people wrote.
	both := []string{
		fmt.Sprintf("busy_timeout(%d)", busyWait), "foreign_keys(1)", "temp_store(memory)",
	}
	writer, err := sql.Open("sqlite", sqliteURI(path, append(both, "journal_mode(wal)", "synchronous(full)",
		fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages), fmt.Sprintf("cache_size(-%d)", writerCache))))
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	if err := readySQLite(ctx, writer); err != nil {
		return nil, errors.Join(explainSQLite(path, err), writer.Close())
	}
	read, err := sql.Open("sqlite", sqliteURI(path, append(both, "query_only(1)")))
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	file, err := os.Stat(path)
	if err != nil {
		return nil, errors.Join(err, writer.Close(), read.Close())
	}
	return &Store{read: read, writer: writer, placeholder: sqlitePlaceholder, path: path, file: file}, nil
}

// sqlitePlaceholder writes a parameter without its number. SQLite takes $1 for a name, and looking up the names of a thousand
// parameters takes longer than storing the rows.
func sqlitePlaceholder(int) string { return "?" }

// sqliteFile returns the whole path of the database and makes the file, readable by its owner alone, where there is none; SQLite
// gives the files beside it the same rights. It doesn't open a file that is there: closing it again would give up the locks that
// another connection of this process holds on it.
func sqliteFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("the data folder %s can't be made: %w", folder, reason(err))
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		return path, file.Close()
	case !errors.Is(err, fs.ErrExist):
		return "", fmt.Errorf("the data folder %s can't be written to: %w", folder, reason(err))
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("the database %s can't be opened: %w", path, reason(err))
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("the database %s is not a regular file", path)
	}
	return path, nil
}

// reason is what the system says of a file, without the path, which the sentence around it names.
func reason(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// sqliteURI names a database and what each connection sets when it opens. A transaction takes the right to write when it begins, so
// that it can't lose it to another process half-way.
func sqliteURI(path string, pragmas []string) string {
	query := url.Values{"_txlock": {"immediate"}, "_pragma": pragmas}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: query.Encode()}).String()
}

// readySQLite checks that the database is ours or new, and brings its schema up to date. While other processes do the same, it waits.
func readySQLite(ctx context.Context, db *sql.DB) error {
	giveUp := time.Now().Add(busyWait * time.Millisecond)
	for {
		err := claimSQLite(ctx, db)
		if err == nil {
			err = migrate(ctx, goose.DialectSQLite3, db)
		}
		// Where waiting could end in a deadlock, as in changing to WAL and in closing it, SQLite says at once that it is busy and
		// leaves the waiting to us.
		if !isBusy(err) || time.Now().After(giveUp) {
			return err
		}
		select {
		case <-time.After(busyAgain):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func isBusy(err error) bool {
	var failure *sqlite.Error
	return errors.As(err, &failure) && failure.Code()&0xff == sqlite3.SQLITE_BUSY
}

// claimSQLite marks a new database as ours, and refuses one that isn't. It looks and marks in one transaction: another process may be
// making the same database.
func claimSQLite(ctx context.Context, db *sql.DB) error {
	var id, tables int64
	if err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil || id == applicationID {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after the commit it has nothing to do
	if err := tx.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return err
	}
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master`).Scan(&tables); err != nil {
		return err
	}
	switch {
	case id == applicationID:
		return nil
	case id != 0 || tables != 0:
		return errForeign
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d`, applicationID)); err != nil {
		return err
	}
	return tx.Commit()
}

var errForeign = errors.New("it belongs to another program")

// Explain turns an error of the database into the one line that [Open] would have given, for whoever starts the server, and
// leaves other errors as they are.
func (s *Store) Explain(err error) error {
	var failure *sqlite.Error
	if trouble(err) == "" || !errors.As(err, &failure) {
		return err
	}
	return explainSQLite(s.path, failure) // without what was being done: it says nothing of what to do
}

// explainSQLite turns what SQLite says of a file that it can't use into one line for whoever starts the server.
func explainSQLite(path string, err error) error {
	var newer *errNewer
	if errors.As(err, &newer) {
		return fmt.Errorf("the database %s was written by a newer version: %w; start that version or a later one", path, err)
	}
	if errors.Is(err, errForeign) {
		return fmt.Errorf("the database %s can't be used: %w; move it away or choose another data folder", path, err)
	}
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return fmt.Errorf("the database %s can't be opened: %s", path, oneLine(err))
	}
	switch failure.Code() & 0xff { // the low byte is the kind, the rest the detail
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("the file %s is not a database; move it away or choose another data folder", path)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("the database %s is damaged; put a backup in its place: %s", path, oneLine(err))
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("the database %s can't be written to; check the rights of the file and its folder: %s", path, oneLine(err))
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("the database %s is in use by another program: %s", path, oneLine(err))
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk that holds the database %s is full", path)
	}
	return fmt.Errorf("the database %s can't be opened: %s", path, oneLine(err))
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
