package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/internal/chat"
	"parley/internal/upload"
)

// The states of a file. They are stored.
const (
	fileUploaded = 0
	fileSent     = 1
	// 2 is of a file that is forgotten once its bytes are removed.
	fileEnding = 3 // its bytes are to be removed, and what is said of it stays; 4 once they are
)

const fileColumns = `id, user_id, room, seq, name, type, size, width, height, thumb_type, thumb_size, created_at`

const (
	insertFile = `INSERT INTO files (id, user_id, room, seq, place, state, name, type, size, width, height, thumb_type, thumb_size, created_at) ` +
		`VALUES ($1, $2, '', 0, 0, 0, $3, $4, $5, $6, $7, $8, $9, $10)`
	selectFile   = `SELECT ` + fileColumns + ` FROM files WHERE id = $1 AND state <= 1`
	selectUnsent = `SELECT ` + fileColumns + ` FROM files WHERE id = $1 AND user_id = $2 AND state = 0`
	// The files of messages among a stretch of one room, each message's in their order. The seq is asked for twice, as the index is of
	// those above 0 alone.
	selectFilesBetween = `SELECT seq, state, id, name, type, size, width, height, thumb_type FROM files ` +
		`WHERE room = $1 AND seq > 0 AND seq BETWEEN $2 AND $3 AND state <> 2 ORDER BY seq, place`
	updateFileSent   = `UPDATE files SET state = 1, room = $1, seq = $2, place = $3 WHERE id = $4 AND user_id = $5 AND state = 0`
	deleteFilesGone  = `DELETE FROM files WHERE room = $1 AND seq > 0 AND seq = $2 AND state = 4`
	updateFilesDrop  = `UPDATE files SET state = 2 WHERE room = $1 AND seq > 0 AND seq = $2 AND state <> 2`
	updateFileCancel = `UPDATE files SET state = 2 WHERE id = $1 AND user_id = $2 AND state = 0`
	updateFilesOld   = `UPDATE files SET state = 2 WHERE state = 0 AND created_at < $1`
	updateFilesEnd   = `UPDATE files SET state = 3 WHERE state = 1 AND created_at < $1`
	selectFilesOf    = `SELECT coalesce(sum(size + thumb_size), 0) FROM files WHERE user_id = $1 AND state <= 1`
	selectAllFiles   = `SELECT count(*), coalesce(sum(size + thumb_size), 0) FROM files WHERE state <= 3`
	selectToRemove   = `SELECT ` + fileColumns + ` FROM files WHERE state BETWEEN 2 AND 3 ORDER BY state, created_at LIMIT $1 + 0`
	deleteFile       = `DELETE FROM files WHERE id = $1 AND state = 2`
	updateFileGone   = `UPDATE files SET state = 4 WHERE id = $1 AND state = 3`
	selectKnownFiles = `SELECT id FROM files WHERE id >= $1 AND id < $2 AND state <= 3`
)

// files is what the store needs of files besides its statements.
type files struct {
	between *sql.Stmt     // on read: asked for with every page of messages
	dropped chan struct{} // has a token when there may be bytes to remove
	waiting bool          // the batch under way dropped files; the writing goroutine's alone
}

// AddFile notes a file. It is part of [upload.Index], as are those below.
func (s *Store) AddFile(ctx context.Context, f upload.File) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return apply(ctx, tx, insertFile, f.ID, f.User, f.Name, f.Type, f.Size, f.Width, f.Height, f.ThumbType, f.ThumbSize, f.Stored.UnixMilli())
	})
}

// FileByID returns a file whose bytes are there.
func (s *Store) FileByID(ctx context.Context, id string) (upload.File, error) {
	f, err := scanFile(s.read.QueryRowContext(ctx, selectFile, id))
	if errors.Is(err, sql.ErrNoRows) {
		return upload.File{}, upload.ErrNotFound
	}
	if err != nil {
		return upload.File{}, s.unavailable(fmt.Errorf("looking for a file: %w", err))
	}
	return f, nil
}

// CancelFile drops a file that was not sent.
func (s *Store) CancelFile(ctx context.Context, user, id string) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		n, err := s.dropFiles(ctx, tx, updateFileCancel, id, user)
		if err == nil && n == 0 {
			return upload.ErrNotFound
		}
		return err
	})
}

// FilesOf returns how many bytes the files of a user take.
func (s *Store) FilesOf(ctx context.Context, user string) (bytes int64, err error) {
	if err := s.read.QueryRowContext(ctx, selectFilesOf, user).Scan(&bytes); err != nil {
		return 0, s.unavailable(fmt.Errorf("counting a user's files: %w", err))
	}
	return bytes, nil
}

// AllFiles returns how many files there are, and how many bytes they take.
func (s *Store) AllFiles(ctx context.Context) (files, bytes int64, err error) {
	if err := s.read.QueryRowContext(ctx, selectAllFiles).Scan(&files, &bytes); err != nil {
		return 0, 0, s.unavailable(fmt.Errorf("counting files: %w", err))
	}
	return files, bytes, nil
}

// AgeFiles drops what was never sent, and ends what is too old. It writes only where there is something: most of the time there isn't.
func (s *Store) AgeFiles(ctx context.Context, unsent, sent time.Time) error {
	for _, old := range []struct {
		state  int
		before time.Time
		text   string
	}{{fileUploaded, unsent, updateFilesOld}, {fileSent, sent, updateFilesEnd}} {
		if old.before.IsZero() {
			continue
		}
		var some bool
		err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM files WHERE state = $1 AND created_at < $2)`,
			old.state, old.before.UnixMilli()).Scan(&some)
		if err != nil {
			return s.unavailable(fmt.Errorf("looking for old files: %w", err))
		}
		if !some {
			continue
		}
		err = s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
			_, err := s.dropFiles(ctx, tx, old.text, old.before.UnixMilli())
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// FilesToRemove returns files whose bytes nobody is given any more.
func (s *Store) FilesToRemove(ctx context.Context, limit int) (found []upload.File, err error) {
	rows, err := s.read.QueryContext(ctx, selectToRemove, limit)
	if err != nil {
		return nil, s.unavailable(fmt.Errorf("looking for files to remove: %w", err))
	}
	if found, err = scanFiles(rows); err != nil {
		return nil, s.unavailable(fmt.Errorf("looking for files to remove: %w", err))
	}
	return found, nil
}

// FilesRemoved notes that bytes are gone.
func (s *Store) FilesRemoved(ctx context.Context, ids []string) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, id := range ids {
			if err := apply(ctx, tx, deleteFile, id); err != nil {
				return err
			}
			if err := apply(ctx, tx, updateFileGone, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// KnownFiles returns ids that begin with a prefix.
func (s *Store) KnownFiles(ctx context.Context, prefix string) ([]string, error) {
	return texts(ctx, s.read, selectKnownFiles, prefix, prefix+"~")
}

// FilesDropped has a token when there may be bytes to remove.
func (s *Store) FilesDropped() <-chan struct{} { return s.files.dropped }

// dropFiles runs a statement of the writing goroutine by which bytes may have to be removed.
func (s *Store) dropFiles(ctx context.Context, tx *sql.Tx, text string, args ...any) (changed int64, err error) {
	result, err := tx.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	changed, err = result.RowsAffected()
	s.files.waiting = s.files.waiting || changed > 0
	return changed, err
}

// tellDropped says that there may be bytes to remove, once what says so is on the disk.
func (s *Store) tellDropped() {
	if !s.files.waiting {
		return
	}
	s.files.waiting = false
	select {
	case s.files.dropped <- struct{}{}:
	default:
	}
}

// Unsent returns files that a user may send. It is [chat.Files].
func (s *Store) Unsent(ctx context.Context, user chat.UserID, ids []string) ([]chat.File, error) {
	found := make([]chat.File, len(ids))
	for i, id := range ids {
		f, err := scanFile(s.read.QueryRowContext(ctx, selectUnsent, id, string(user)))
		if errors.Is(err, sql.ErrNoRows) {
			return nil, chat.ErrNotFound
		}
		if err != nil {
			return nil, s.unavailable(fmt.Errorf("looking for files to send: %w", err))
		}
		found[i] = inMessage(&f)
	}
	return found, nil
}

// inMessage is a file as a message has it.
func inMessage(f *upload.File) chat.File {
	return chat.File{
		ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, Width: f.Width, Height: f.Height, Thumb: f.ThumbType != "",
	}
}

// dropWith drops the files of a message that is deleted.
func (s *Store) dropWith(ctx context.Context, tx *sql.Tx, room chat.RoomName, seq int64) error {
	if err := apply(ctx, tx, deleteFilesGone, string(room), seq); err != nil {
		return err
	}
	_, err := s.dropFiles(ctx, tx, updateFilesDrop, string(room), seq)
	return err
}

// attach gives a message its files, and leaves out those that aren't there to be sent: they were when the core looked.
func (s *Store) attach(ctx context.Context, tx *sql.Tx, e *chat.Event) error {
	var kept []chat.File
	for i := range e.Files {
		result, err := tx.ExecContext(ctx, updateFileSent, string(e.Room), e.Seq, i, e.Files[i].ID, string(e.User.ID))
		if err != nil {
			return fmt.Errorf("giving a message its files: %w", err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if n > 0 {
			kept = append(kept, e.Files[i])
		}
	}
	e.Files = kept
	return nil
}

// readFiles fills in the files of messages.
func (s *Store) readFiles(ctx context.Context, of stretch) error {
	rows, err := s.files.between.QueryContext(ctx, string(of.room), of.low, of.high)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var state int
		var thumb string
		var f chat.File
		if err := rows.Scan(&seq, &state, &f.ID, &f.Name, &f.Type, &f.Size, &f.Width, &f.Height, &thumb); err != nil {
			return err
		}
		f.Gone = state >= fileEnding
		f.Thumb = thumb != "" && !f.Gone
		if e := of.at[seq]; e != nil {
			e.Files = append(e.Files, f)
		}
	}
	return rows.Err()
}

func scanFile(row interface{ Scan(...any) error }) (f upload.File, err error) {
	var at int64
	err = row.Scan(&f.ID, &f.User, &f.Room, &f.Seq, &f.Name, &f.Type, &f.Size, &f.Width, &f.Height, &f.ThumbType, &f.ThumbSize, &at)
	f.Stored = time.UnixMilli(at).UTC()
	f.Name = strings.ToValidUTF8(f.Name, "\uFFFD")
	return f, err
}

// scanFiles reads all rows, and closes them.
func scanFiles(rows *sql.Rows) (found []upload.File, err error) {
	defer rows.Close()
	for rows.Next() {
		f, err := scanFile(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return found, rows.Err()
}
