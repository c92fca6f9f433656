// Package upload takes the files that people send, and keeps them in the data folder. It knows no HTTP and no SQL, imports no other
// package of the program, and may be imported by everyone: what is known of the files is in an [Index], which the store is.
//
// # The life of a file
//
// [Uploads.Take] writes the bytes into a file of a name that nobody refers to, as they come, and never holds more of them than a
// buffer. It looks at what they are, takes out of pictures and films what a camera wrote beside them, makes a small one to look at,
// and brings all of it to the disk. Then the file gets its name, and only then its row in the index. What breaks off on the way
// leaves nothing; what a crash leaves is without a row, and the next start removes it.
//
// A file is its uploader's until a message has it, which is the log's to say, in the transaction that stores the message. From then on
// it goes with the message. What is deleted, never sent or too old is marked in the index first, so that nobody is given it, and then
// removed from the disk by [Uploads.Run].
package upload

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// File is what is known of a file.
type File struct {
	ID            string // 26 characters, 130 random bits
	User          string // who uploaded it
	Room          string // of the message that has it, and its seq; "" and 0 until it is sent
	Seq           int64
	Name          string // without a path and without what can't be seen
	Type          string // by content
	Size          int64  // bytes
	Width, Height int    // of a picture, as it is seen; else 0
	ThumbType     string // of the small picture, "" where there is none
	ThumbSize     int64
	Stored        time.Time
}

// Bytes are what the file takes on the disk.
func (f *File) Bytes() int64 { return f.Size + f.ThumbSize }

// ErrNotFound is what an [Index] says of a file that isn't there, or isn't there any more.
var ErrNotFound = errors.New("no such file")

// Index keeps what is known of the files. An implementation must pass the suite in store/storetest.
type Index interface {
	// AddFile notes a file that is on the disk, not sent yet.
	AddFile(ctx context.Context, f File) error
	// FileByID returns a file whose bytes are there, or ErrNotFound.
	FileByID(ctx context.Context, id string) (File, error)
	// CancelFile drops a file that the user uploaded and has not sent, or returns ErrNotFound.
	CancelFile(ctx context.Context, user, id string) error
	// FilesOf returns how many bytes the files of a user take.
	FilesOf(ctx context.Context, user string) (bytes int64, err error)
	// AllFiles returns how many files there are, and how many bytes they take.
	AllFiles(ctx context.Context) (files, bytes int64, err error)
	// AgeFiles drops what was uploaded before a time and never sent, and ends what was sent of before another, which is zero for never.
	AgeFiles(ctx context.Context, unsent, sent time.Time) error
	// FilesToRemove returns files whose bytes nobody is given any more, at most limit.
	FilesToRemove(ctx context.Context, limit int) ([]File, error)
	// FilesRemoved notes that the bytes of such files are gone: what was dropped is forgotten, what has ended stays with its message.
	FilesRemoved(ctx context.Context, ids []string) error
	// KnownFiles returns the ids, among those that begin with a prefix, whose bytes have to be there.
	KnownFiles(ctx context.Context, prefix string) ([]string, error)
	// FilesDropped has a token when there may be something to remove.
	FilesDropped() <-chan struct{}
}

// Limits bound what is taken. 0 is no limit.
type Limits struct {
	FileBytes, UserBytes, TotalBytes int64
	PerMinute                        int           // uploads of one user
	Expire                           time.Duration // the age at which a file ends; 0 is never
}

// The limits as refusals name them: by the settings that people know them by.
const (
	limitFile  = "upload.file_bytes"
	limitUser  = "upload.user_bytes"
	limitTotal = "upload.total_bytes"
	limitRate  = "rate_limit.uploads"
)

// LimitNames are all limits that a refusal may name.
var LimitNames = []string{limitFile, limitUser, limitTotal, limitRate}

// The codes of refusals.
const (
	CodeEmpty       = "bad_request"
	CodeTooLarge    = "too_large"
	CodeBadImage    = "bad_image"
	CodeFull        = "full"
	CodeTooMany     = "rate_limited"
	CodeUnavailable = "unavailable"
)

// Error is a refusal: a stable code and a sentence for people.
type Error struct {
	Code, Message string
	Limit         string        // the setting that was kept to
	RetryAfter    time.Duration // where waiting helps
	Err           error         // below, for the log
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Unwrap returns the error below.
func (e *Error) Unwrap() error { return e.Err }

// Options are what [Open] needs. Now and Logger may be left out.
type Options struct {
	Folder string
	Index  Index
	Limits Limits
	Now    func() time.Time
	Logger *slog.Logger
}

// Uploads takes and keeps files.
type Uploads struct {
	opts     Options
	rates    rates
	decoding chan struct{} // has a token while a picture is decoded

	mu      sync.Mutex       // guards what follows
	under   map[string]int   // uploads under way, by user
	pending map[string]int64 // bytes that uploads under way may take, by user
	// bytes and files are what is on the disk, and promised what uploads under way may add.
	files, bytes, promised int64

	taken, takenBytes atomic.Int64 // since the start
	refused           map[string]*atomic.Int64
}

// The folders within the folder.
const (
	folderRights = 0o700
	fileRights   = 0o600
	beginnings   = "new" // what is being uploaded
	shardLength  = 2     // characters of an id that its folder is named by
	thumbEnding  = ".thumb"
)

// Open removes what a crash or a cut has left in the folder. The first file makes it.
func Open(ctx context.Context, o Options) (*Uploads, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	u := &Uploads{
		opts: o, decoding: make(chan struct{}, 1), under: map[string]int{}, pending: map[string]int64{}, refused: map[string]*atomic.Int64{},
	}
	u.rates.perMinute = o.Limits.PerMinute
	for _, limit := range LimitNames {
		u.refused[limit] = &atomic.Int64{}
	}
	if err := u.clear(ctx); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var err error
	u.files, u.bytes, err = o.Index.AllFiles(ctx)
	return u, err
}

// Limits are what is kept to.
func (u *Uploads) Limits() Limits { return u.opts.Limits }

// Find returns what is known of a file, or ErrNotFound. Who may have it is the caller's to say.
func (u *Uploads) Find(ctx context.Context, id string) (File, error) {
	if !isID(id) {
		return File{}, ErrNotFound
	}
	return u.opts.Index.FileByID(ctx, id)
}

// Bytes opens a file's bytes, or those of its small picture. The caller closes them.
func (u *Uploads) Bytes(f *File, thumb bool) (*os.File, error) {
	path := u.path(f.ID)
	if thumb {
		path += thumbEnding
	}
	opened, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNotFound
	}
	return opened, err
}

// Cancel takes back a file that a user has not sent, or returns ErrNotFound.
func (u *Uploads) Cancel(ctx context.Context, user, id string) error {
	if !isID(id) {
		return ErrNotFound
	}
	return u.opts.Index.CancelFile(ctx, user, id)
}

// Stats are counts for whoever watches the server.
type Stats struct {
	Files, Bytes      int64 // on the disk
	Taken, TakenBytes int64 // since the start
	Waiting           int   // uploads under way
	Refused           map[string]int64
}

// Stats counts.
func (u *Uploads) Stats() Stats {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := Stats{
		Files: u.files, Bytes: u.bytes, Taken: u.taken.Load(), TakenBytes: u.takenBytes.Load(), Refused: map[string]int64{},
	}
	for _, n := range u.under {
		s.Waiting += n
	}
	for limit, n := range u.refused {
		s.Refused[limit] = n.Load()
	}
	return s
}

// path is where the bytes of a file lie.
func (u *Uploads) path(id string) string { return PathIn(u.opts.Folder, id) }

// isID reports whether text can be a file's id, so that it may become part of a path.
func isID(text string) bool {
	if len(text) != idLength {
		return false
	}
	for _, c := range []byte(text) {
		if (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

const idLength = 26 // of crypto/rand.Text: 130 bits

// syncFolder brings the names in a folder to the disk.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// closeAll closes what may be closed, and forgets the errors: nothing that was written is worth anything then.
func closeAll(all ...io.Closer) {
	for _, c := range all {
		_ = c.Close()
	}
}
