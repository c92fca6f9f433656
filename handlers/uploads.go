package handlers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
	"parley/internal/upload"
	"parley/internal/wire"
)

// tokenHeader has the token of a page's forms where the body is a file.
const tokenHeader = "Parley-Token"

// What an upload has to keep up: it may stop for arrivesWithin, and bring fewer bytes a second than arrivesLeast only for as long.
const (
	arrivesWithin = 30 * time.Second
	arrivesLeast  = 4 << 10
)

var (
	errNoFile   = newProblem("not_found", "There is no such file.")
	errNoLength = newProblem("length_required", "Say how many bytes the file has: Content-Length.")
	errNoRoom   = newProblem("not_found", "There is no such room.")
)

// takeFile answers POST /rooms/ROOM/files: the file is on the disk, for its uploader to send.
func (s *site) takeFile(c *fiber.Ctx) error {
	who, ctx := me(c), c.UserContext()
	if err := formProblem(s.hub.MayWrite(ctx, who.user.ID, chat.RoomName(c.Params("room")))); err != nil {
		return err
	}
	body, size, err := s.arrival(c)
	if err != nil {
		return err
	}
	f, err := s.uploads.Take(ctx, upload.Taking{User: string(who.user.ID), Name: c.Query("name"), Size: size, Body: body})
	if err != nil {
		return uploadRefused(err)
	}
	if err := c.Request().CloseBodyStream(); err != nil { // it has been read to its end
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Set(fiber.HeaderCacheControl, "no-store")
	told := chat.File{
		ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, Width: f.Width, Height: f.Height, Thumb: f.ThumbType != "",
	}
	return c.Status(http.StatusCreated).Send(wire.AppendFile(nil, &told))
}

// uploadRefused is what a refused or broken upload is answered with.
func uploadRefused(err error) error {
	var refused *upload.Error
	switch {
	case errors.As(err, &refused):
		p := newProblem(refused.Code, refused.Message)
		p.Limit, p.RetryAfter = refused.Limit, refused.RetryAfter.Milliseconds()
		return p
	case errors.Is(err, errTooSlow), errors.Is(err, os.ErrDeadlineExceeded):
		return fiber.ErrRequestTimeout
	case errors.Is(err, upload.ErrCut):
		return newProblem("bad_request", "The request broke off.")
	}
	return err
}

// arriving is a body as it comes in. Other requests have a time by which they have to be there as a whole; of this one it is asked that
// it goes on.
type arriving struct {
	from    io.Reader
	conn    net.Conn
	begun   time.Time
	bytes   int64
	patient bool
}

var errTooSlow = errors.New("too few bytes come")

func (a *arriving) Read(p []byte) (int, error) {
	now := time.Now()
	if passed := now.Sub(a.begun) - arrivesWithin; !a.patient && passed > 0 && float64(a.bytes) < passed.Seconds()*arrivesLeast {
		return 0, errTooSlow
	}
	until := now.Add(arrivesWithin)
	if a.patient {
		until = time.Time{}
	}
	if err := a.conn.SetReadDeadline(until); err != nil {
		return 0, err
	}
	n, err := a.from.Read(p)
	a.bytes += int64(n)
	return n, err
}

// cancelFile answers DELETE /files/ID: a file that was not sent is not there any more.
func (s *site) cancelFile(c *fiber.Ctx) error {
	err := s.uploads.Cancel(c.UserContext(), string(me(c).user.ID), c.Params("id"))
	if errors.Is(err, upload.ErrNotFound) {
		return errNoFile
	}
	if err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

// isUpload reports whether a request may have a file for a body, as far as its address says.
func isUpload(c *fiber.Ctx) bool {
	return c.Method() == fiber.MethodPost && strings.HasSuffix(strings.ToLower(strings.TrimSuffix(c.Path(), "/")), "/files")
}

// wholeBody reads the body of a request that isn't an upload, up to what a form may have.
func (s *site) wholeBody(c *fiber.Ctx) error {
	stream := c.Context().RequestBodyStream()
	if stream == nil {
		return c.Next()
	}
	if c.Request().Header.ContentLength() > bodyMost {
		return fiber.ErrRequestEntityTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(stream, bodyMost+1))
	var late net.Error
	switch {
	case errors.As(err, &late) && late.Timeout():
		return fiber.ErrRequestTimeout
	case err != nil, int64(len(body)) < int64(c.Request().Header.ContentLength()):
		return newProblem("bad_request", "The request broke off.")
	case len(body) > bodyMost:
		return fiber.ErrRequestEntityTooLarge
	}
	c.Request().SetBodyRaw(body)
	return c.Next()
}

// Of who is refused while still sending, so many are listened to for so long after they have their answer: where a connection is closed
// with bytes unread, the answer is lost on the way. Others are just closed.
const (
	lingerMost  = 32
	lingerFor   = 5 * time.Second
	lingerQuiet = time.Second // after which they have most likely read it
)

// endUnread ends a connection on which the rest of a body would be taken for the next request.
func (s *site) endUnread(c *fiber.Ctx) error {
	if c.Context().RequestBodyStream() == nil || c.Request().Header.ContentLength() == 0 {
		return nil
	}
	c.Context().SetConnectionClose()
	select {
	case s.lingering <- struct{}{}:
	default:
		return nil
	}
	var answer bytes.Buffer
	if _, err := c.Response().WriteTo(&answer); err != nil {
		<-s.lingering
		return err
	}
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) {
		defer func() { <-s.lingering }()
		defer func() { _ = conn.Close() }()
		end := time.Now().Add(lingerFor)
		if conn.SetDeadline(end) != nil {
			return
		}
		_, err := conn.Write(answer.Bytes())
		for rest := make([]byte, 32<<10); err == nil && time.Now().Before(end); {
			if err = conn.SetReadDeadline(time.Now().Add(lingerQuiet)); err == nil {
				_, err = conn.Read(rest)
			}
		}
	})
	return nil
}

// holdersOnly answers those who have a session or the key of an account.
func (s *site) holdersOnly(c *fiber.Ctx) error {
	who, err := s.signedIn(c)
	if errors.Is(err, errNoSession) {
		key := keyOf(c)
		if key == "" {
			return errUnauthorized
		}
		who, err = s.byKey(c, key)
	}
	if err != nil {
		return err
	}
	c.Locals(memberKey, who)
	return c.Next()
}

// needTokenHeader is [site.needToken] where the body is no form.
func (s *site) needTokenHeader(c *fiber.Ctx) error { return s.checkToken(c, c.Get(tokenHeader)) }

const programsKey = "programs" // of the locals: programs alone ask here, so that a refusal is JSON

func answerPrograms(c *fiber.Ctx) error {
	c.Locals(programsKey, true)
	return c.Next()
}

// collectFiles reads what the uploads count.
func (s *site) collectFiles(to reader) {
	stats := s.uploads.Stats()
	to.gauge("parley_files", "Files that are kept.", stats.Files)
	to.gauge("parley_file_bytes", "Bytes of all files that are kept, with their small pictures.", stats.Bytes)
	to.gauge("parley_uploads", "Files that are being uploaded.", int64(stats.Waiting))
	to.counter("parley_uploads_total", "Files that were uploaded.", stats.Taken)
	to.counter("parley_upload_bytes_total", "Bytes of files that were uploaded.", stats.TakenBytes)
}

// sizeOf is a number for a header.
func sizeOf(n int64) string { return strconv.FormatInt(n, 10) }

// contentRange says which part of a file an answer has.
func contentRange(from, to, size int64) string { return fmt.Sprintf("bytes %d-%d/%d", from, to, size) }
