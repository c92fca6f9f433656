package upload

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"
)

// Taking is a file that is to be taken.
type Taking struct {
	User string
	Name string    // as it was said
	Size int64     // as it was said
	Body io.Reader // its error is passed on
	// Around is how many bytes of Size, at most, are of what the file comes in. Where it isn't 0, the file's own size is known at its
	// end, and Body has to say itself whether that is the end or a cut.
	Around int64
}

const (
	bufferBytes = 64 << 10
	sniffBytes  = 512 // as many as [http.DetectContentType] looks at
	nameMost    = 200 // bytes: with an id, a path's part has 255
)

// Take keeps a file. The error is an [*Error] where it was refused, and otherwise the reader's, the disk's or the index's.
func (u *Uploads) Take(ctx context.Context, t Taking) (File, error) {
	f := File{ID: rand.Text(), User: t.User, Name: cleanName(t.Name), Stored: u.opts.Now()}
	switch most := u.opts.Limits.FileBytes; {
	case f.Name == "":
		return File{}, &Error{Code: CodeEmpty, Message: "The file has no name. Say it in the address: ?name=NAME."}
	case t.Size == 0:
		return File{}, errEmpty
	case most > 0 && t.Size-t.Around > most:
		return File{}, u.tooLarge()
	}
	if err := u.begin(t.User); err != nil {
		return File{}, err
	}
	p := &promise{uploads: u, user: t.User}
	defer p.end()
	err := u.take(ctx, &f, t, p)
	switch {
	case err == nil:
		u.taken.Add(1)
		u.takenBytes.Add(f.Size)
		return f, nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		err = &Error{Code: CodeUnavailable, Message: "The disk that holds the chat is full. The file was not kept.", Err: err}
	}
	return File{}, err
}

// ErrCut is what [Uploads.Take] says of a body that isn't as long as was said.
var ErrCut = errors.New("the file broke off")

var errEmpty = &Error{Code: CodeEmpty, Message: "The file is empty."}

func (u *Uploads) tooLarge() error {
	return u.refuse(limitFile, &Error{
		Code: CodeTooLarge, Message: fmt.Sprintf("The file is too large: %s is the most.", Size(u.opts.Limits.FileBytes)),
	})
}

// take writes the bytes, looks at them, and gives them their name and their row.
func (u *Uploads) take(ctx context.Context, f *File, t Taking, p *promise) error {
	begun := filepath.Join(u.opts.Folder, beginnings, f.ID)
	defer removeAll(begun, begun+strippedEnding, begun+thumbEnding)
	if err := p.make(ctx, t.Size); err != nil {
		return err
	}
	if err := u.makeFolder(); err != nil {
		return err
	}
	first, err := u.write(begun, f, t)
	if err != nil {
		return err
	}
	f.Type = typeOf(first)
	if err := u.look(ctx, begun, f); err != nil {
		return err
	}
	if err := u.place(begun, f); err != nil {
		return err
	}
	if err := u.opts.Index.AddFile(ctx, *f); err != nil {
		removeAll(u.path(f.ID), u.path(f.ID)+thumbEnding)
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.files++
	u.bytes += f.Bytes()
	return nil
}

// makeFolder makes the folder where there is none.
func (u *Uploads) makeFolder() error {
	begun := filepath.Join(u.opts.Folder, beginnings)
	if _, err := os.Stat(begun); err == nil {
		return nil
	}
	if err := os.MkdirAll(begun, folderRights); err != nil {
		return err
	}
	return errors.Join(syncFolder(u.opts.Folder), syncFolder(filepath.Dir(u.opts.Folder)))
}

// write writes the bytes as they come, and returns the first of them.
func (u *Uploads) write(path string, f *File, t Taking) (first []byte, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileRights)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	buffer := make([]byte, bufferBytes)
	for {
		n, err := t.Body.Read(buffer)
		f.Size += int64(n)
		switch most := u.opts.Limits.FileBytes; {
		case f.Size > t.Size:
			return nil, ErrCut
		case most > 0 && f.Size > most:
			return nil, u.tooLarge()
		}
		if len(first) < sniffBytes {
			first = append(first, buffer[:min(n, sniffBytes-len(first))]...)
		}
		if _, err := file.Write(buffer[:n]); err != nil {
			return nil, err
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF) && f.Size < t.Size-t.Around, errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
			return nil, ErrCut
		case errors.Is(err, io.EOF) && f.Size == 0:
			return nil, errEmpty
		case errors.Is(err, io.EOF):
			return first, nil
		default:
			return nil, err
		}
	}
}

// place brings a file and its small picture to the disk and gives them their names. From then on a crash leaves them whole.
func (u *Uploads) place(begun string, f *File) error {
	path := u.path(f.ID)
	folder := filepath.Dir(path)
	switch err := os.Mkdir(folder, folderRights); {
	case err == nil:
		if err := syncFolder(u.opts.Folder); err != nil {
			return err
		}
	case !errors.Is(err, os.ErrExist):
		return err
	}
	endings := []string{""}
	if f.ThumbType != "" {
		endings = append(endings, thumbEnding)
	}
	for _, ending := range endings {
		if err := syncFolder(begun + ending); err != nil { // a file is synced as a folder is
			return err
		}
		if err := os.Rename(begun+ending, path+ending); err != nil {
			return err
		}
	}
	return syncFolder(folder)
}

// cleanName is what a file is called: the last part of what was said, without what can't be seen or turns the direction of writing, as
// long as a file may be called that is saved under it.
func cleanName(said string) string {
	if i := strings.LastIndexAny(said, `/\`); i >= 0 {
		said = said[i+1:]
	}
	name := strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != '\u200d', unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, said)
	name = strings.Trim(name, " .") // no hidden files, and no names that Windows can't have
	if len(name) <= nameMost {
		return name
	}
	ending := filepath.Ext(name)
	if len(ending) > 20 {
		ending = ""
	}
	short := name[:nameMost-len(ending)]
	for !utf8.ValidString(short) {
		short = short[:len(short)-1]
	}
	return strings.TrimRight(short, " .") + ending
}

// removeAll removes what of these is there.
func removeAll(paths ...string) {
	for _, path := range paths {
		_ = os.Remove(path) // what can't be removed now is at the next start: no row refers to it
	}
}
