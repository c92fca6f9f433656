package handlers

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
	"parley/internal/upload"
)

const (
	// filePolicy is for what people have sent: whatever a browser may take it for, nothing in it runs, loads or asks.
	filePolicy = "sandbox; default-src 'none'"
	// pieceBytes are sent within answerTimeout each, however long the whole takes.
	pieceBytes = 256 << 10
)

// sendFile answers GET /files/ID/NAME.
func (s *site) sendFile(c *fiber.Ctx) error { return s.sendStored(c, false) }

// sendThumb answers GET /thumbs/ID.
func (s *site) sendThumb(c *fiber.Ctx) error { return s.sendStored(c, true) }

// sendStored sends the bytes of a file, or of its small picture, to those who may have them. To others it says what it says of a file
// that isn't there.
func (s *site) sendStored(c *fiber.Ctx, thumb bool) error {
	f, err := s.fileFor(c, me(c).user.ID)
	if err != nil {
		return err
	}
	kind, size, etag := f.Type, f.Size, `"`+f.ID+`"`
	if thumb {
		if f.ThumbType == "" {
			return errNoFile
		}
		kind, size, etag = f.ThumbType, f.ThumbSize, `"`+f.ID+`-small"`
	}
	as, inline := upload.Shown(kind)
	c.Set(fiber.HeaderContentType, as)
	c.Set(fiber.HeaderContentSecurityPolicy, filePolicy)
	c.Set(fiber.HeaderContentDisposition, disposition(f.Name, inline))
	c.Set(fiber.HeaderCacheControl, "private, max-age=31536000, immutable")
	c.Set(fiber.HeaderETag, etag)
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	if matches(c.Get(fiber.HeaderIfNoneMatch), etag) {
		return c.SendStatus(http.StatusNotModified)
	}
	from, to, part := int64(0), size-1, wholeFile
	if held := c.Get(fiber.HeaderIfRange); c.Method() == fiber.MethodGet && (held == "" || held == etag) {
		from, to, part = rangeOf(c.Get(fiber.HeaderRange), size)
	}
	switch part {
	case noPart:
		c.Set(fiber.HeaderContentRange, "bytes */"+sizeOf(size))
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.SendStatus(http.StatusRequestedRangeNotSatisfiable)
	case onePart:
		c.Set(fiber.HeaderContentRange, contentRange(from, to, size))
		c.Status(http.StatusPartialContent)
	}
	file, err := s.uploads.Bytes(&f, thumb)
	if errors.Is(err, upload.ErrNotFound) {
		return errNoFile
	}
	if err != nil {
		return err
	}
	c.Context().SetBodyStream(&leaving{file: file, from: from, left: to - from + 1, conn: c.Context().Conn()}, int(to-from+1))
	return nil
}

// fileFor returns a file that a user may have: their own that is not sent yet, or one of a message that they may read.
func (s *site) fileFor(c *fiber.Ctx, user chat.UserID) (upload.File, error) {
	f, err := s.uploads.Find(c.UserContext(), c.Params("id"))
	if errors.Is(err, upload.ErrNotFound) {
		return f, errNoFile
	}
	if err != nil {
		return f, err
	}
	if f.Seq == 0 {
		if f.User != string(user) {
			return f, errNoFile
		}
		return f, nil
	}
	if err := s.hub.MayRead(c.UserContext(), user, chat.RoomName(f.Room)); errors.Is(err, chat.ErrNotFound) {
		return f, errNoFile
	} else if err != nil {
		return f, err
	}
	return f, nil
}

// disposition says whether a browser shows a file or saves it, and by which name (RFC 6266).
func disposition(name string, inline bool) string {
	how := "attachment"
	if inline {
		how = "inline"
	}
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	return how + `; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// matches reports whether a list of marks has one (RFC 9110, section 13.1.2).
func matches(list, etag string) bool {
	for mark := range strings.SplitSeq(list, ",") {
		if mark = strings.TrimSpace(mark); mark == "*" || strings.TrimPrefix(mark, "W/") == etag {
			return true
		}
	}
	return false
}

// How much of a file is asked for.
const (
	wholeFile = iota
	onePart
	noPart // that the file has
)

// rangeOf reads which part of a file is asked for (RFC 9110, section 14). Several parts, and what can't be read, ask for all of it.
func rangeOf(header string, size int64) (from, to int64, part int) {
	whole := size - 1
	said, ok := strings.CutPrefix(header, "bytes=")
	first, last, cut := strings.Cut(strings.TrimSpace(said), "-")
	if !ok || !cut {
		return 0, whole, wholeFile
	}
	if first == "" { // the last so many
		n, err := strconv.ParseUint(last, 10, 63)
		switch {
		case err != nil:
			return 0, whole, wholeFile
		case n == 0:
			return 0, 0, noPart
		}
		return max(0, size-int64(n)), whole, onePart
	}
	begin, err := strconv.ParseUint(first, 10, 63)
	if err != nil {
		return 0, whole, wholeFile
	}
	end := uint64(whole)
	if last != "" {
		if end, err = strconv.ParseUint(last, 10, 63); err != nil || end < begin {
			return 0, whole, wholeFile
		}
	}
	if int64(begin) >= size {
		return 0, 0, noPart
	}
	return int64(begin), min(int64(end), whole), onePart
}

// leaving is a part of a file on its way out. It goes from the disk to the network, a piece at a time, each of which has its time.
type leaving struct {
	file       *os.File
	from, left int64
	conn       net.Conn
}

// WriteTo writes all of it. A writer that can take a file is given one: the system then copies it by itself.
func (l *leaving) WriteTo(w io.Writer) (written int64, err error) {
	if _, err := l.file.Seek(l.from, io.SeekStart); err != nil {
		return 0, err
	}
	flusher, _ := w.(interface{ Flush() error })
	for l.left > 0 {
		if flusher != nil { // what waits before it, so that the file goes past the buffer
			if err := flusher.Flush(); err != nil {
				return written, err
			}
		}
		if err := l.conn.SetWriteDeadline(time.Now().Add(answerTimeout)); err != nil {
			return written, err
		}
		n, err := io.Copy(w, &io.LimitedReader{R: l.file, N: min(l.left, pieceBytes)})
		written += n
		l.left -= n
		if err == nil && n == 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// Read is for whoever doesn't know WriteTo.
func (l *leaving) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	n, err := l.file.ReadAt(p[:min(int64(len(p)), l.left)], l.from)
	l.from += int64(n)
	l.left -= int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

func (l *leaving) Close() error { return l.file.Close() }
