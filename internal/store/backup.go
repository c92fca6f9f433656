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

	"parley/internal/upload"
)

// Saved is what a backup holds.
type Saved struct {
	Events, Rooms int64
	Bytes         int64
	Files         []upload.File // that belong to it; their bytes are not in the database
}

// Backup saves the database at path, as it is at one moment, into a new file that its owner alone can read. A server that runs on the
// database goes on meanwhile. Under its name the file is there only when it is whole, checked and on the disk.
func Backup(ctx context.Context, path, file string) (saved Saved, err error) {
	if _, err := os.Lstat(file); err == nil {
		return saved, fmt.Errorf("%s is there already; choose another name, or move it away", file)
	}
	folder := filepath.Dir(file)
	begun, err := os.CreateTemp(folder, filepath.Base(file)+".*.partial") // for its owner alone, as what SQLite writes into it
	if err != nil {
		return saved, fmt.Errorf("nothing can be written into %s: %w", folder, reason(err))
	}
	defer func() {
		if gone := os.Remove(begun.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	if err := begun.Close(); err != nil {
		return saved, err
	}
	if err := copyInto(ctx, path, begun.Name()); err != nil {
		return saved, err
	}
	if saved, err = checkBackup(ctx, begun.Name()); err != nil {
		return saved, fmt.Errorf("the copy of %s is not whole, and was thrown away: %w", path, err)
	}
	if err := syncFile(begun.Name()); err != nil {
		return saved, fmt.Errorf("the copy can't be brought to the disk: %w", err)
	}
	if err := takeName(begun.Name(), file); err != nil {
		return saved, err
	}
	return saved, syncFile(folder)
}

// copyInto copies a database into an empty file, again where a server starts at that very moment.
func copyInto(ctx context.Context, path, file string) error {
	for {
		db, err := openReadOnly(ctx, path)
		if err != nil {
			return err
		}
		_, err = db.ExecContext(ctx, `VACUUM INTO ?`, file)
		disturbed := db.disturbed()
		if closed := db.Close(); err == nil {
			err = closed
		}
		switch {
		case !disturbed && err != nil:
			return explainBackup(path, file, err)
		case !disturbed:
			return nil
		}
		if err := os.Truncate(file, 0); err != nil {
			return err
		}
	}
}

func explainBackup(path, file string, err error) error {
	switch trouble(err) {
	case troubleFull:
		return fmt.Errorf("the disk that holds %s is full; nothing was saved", filepath.Dir(file))
	case troubleDamaged:
		return fmt.Errorf("the database %s is damaged; nothing was saved: %s", path, oneLine(err))
	}
	return fmt.Errorf("%s could not be saved: %s", path, oneLine(err))
}

// takeName gives a file its name, which nobody else may have taken meanwhile.
func takeName(from, to string) error {
	err := os.Link(from, to)
	switch {
	case err == nil:
		return nil // and from is removed
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s is there already; choose another name, or move it away", to)
	default: // not every disk knows links
		return os.Rename(from, to)
	}
}

func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// checkBackup reads a copy as a whole.
func checkBackup(ctx context.Context, file string) (s Saved, err error) {
	db, err := sql.Open("sqlite", readOnlyURI(file, true))
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return s, err
	}
	if verdict != "ok" {
		return s, errors.New(verdict)
	}
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM rooms`).Scan(&s.Rooms); err != nil {
		return s, err
	}
	if err := db.QueryRowContext(ctx, `SELECT coalesce(sum(last), 0) FROM rooms`).Scan(&s.Events); err != nil {
		return s, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return s, err
	}
	s.Bytes = info.Size()
	s.Files, err = keptFiles(ctx, db)
	return s, err
}

// quiet is a database that was opened without looking for others who use it.
type quiet struct {
	*sql.DB
	path string
	was  fs.FileInfo // nil where others were looked for
}

// disturbed reports whether somebody began to write meanwhile, so that what was read may be of two moments.
func (q *quiet) disturbed() bool {
	if q.was == nil {
		return false
	}
	now, err := os.Stat(q.path)
	return err != nil || now.Size() != q.was.Size() || !now.ModTime().Equal(q.was.ModTime()) || hasLog(q.path)
}

// hasLog reports whether there is a log beside the database: a server runs on it, or ended without closing it.
func hasLog(path string) bool {
	_, err := os.Stat(path + "-wal")
	return err == nil
}

// openReadOnly opens a database that is ours without changing anything of it, while a server runs on it or not. Without a log beside
// it nothing but the file is read, and nothing is made beside it.
func openReadOnly(ctx context.Context, path string) (*quiet, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no chat in %s: %s is missing", filepath.Dir(path), filepath.Base(path))
	case err != nil:
		return nil, fmt.Errorf("the database %s can't be opened: %w", path, reason(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("the database %s is not a regular file", path)
	}
	if hasLog(path) {
		info = nil
	} else if info.Size() == 0 {
		return nil, fmt.Errorf("there is no chat in %s yet: %s is empty", filepath.Dir(path), filepath.Base(path))
	}
	db, err := sql.Open("sqlite", readOnlyURI(path, info != nil))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	var id int64
	if err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return nil, errors.Join(explainSQLite(path, err), db.Close())
	}
	if id != applicationID {
		return nil, errors.Join(explainSQLite(path, errForeign), db.Close())
	}
	return &quiet{db, path, info}, nil
}

func readOnlyURI(path string, immutable bool) string {
	query := url.Values{"mode": {"ro"}, "_pragma": {fmt.Sprintf("busy_timeout(%d)", busyWait), "temp_store(memory)"}}
	if immutable {
		query.Set("immutable", "1")
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: query.Encode()}).String()
}
