package handlers

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
	"parley/internal/wire"
)

// exportsMost is how many rooms are saved at a time, one for each user. Each holds a page of messages in memory, and waits with others
// for its turn to read; a slow reader waits for nobody.
const exportsMost = 32

// A piece of an export is written at a time, and has to be taken in time: the connection ends otherwise.
const (
	exportPiece        = 64 << 10 // bytes, or a page
	exportPieceTimeout = time.Minute
)

// exports are who saves a room now.
type exports struct {
	mu    sync.Mutex // guards users
	users map[chat.UserID]bool
}

func (x *exports) begin(user chat.UserID) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.users[user] || len(x.users) >= exportsMost {
		return false
	}
	if x.users == nil {
		x.users = map[chat.UserID]bool{}
	}
	x.users[user] = true
	return true
}

func (x *exports) end(user chat.UserID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.users, user)
}

// exportRoom answers GET /rooms/ROOM/export.FORMAT: all that was said in a room, as a file.
func (s *site) exportRoom(c *fiber.Ctx) error {
	room, who, format := chat.RoomName(c.Params("room")), me(c), c.Params("format")
	if !wire.IsExportFormat(format) {
		return newProblem("not_found", "A room is saved as "+strings.Join(wire.ExportFormats, ", ")+".")
	}
	from, err := s.hub.Export(c.UserContext(), who.user.ID, room)
	if err != nil {
		return formProblem(err)
	}
	info, err := s.infoOf(c, room, who.user)
	if err != nil {
		return err
	}
	about := s.about(c, who.user, roomLinkOf(info, room))
	c.Set(fiber.HeaderContentDisposition, disposition(wire.ExportName(&about, format), false))
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; sandbox")
	c.Set(fiber.HeaderCacheControl, "no-store")
	into := wire.NewExport(format, about)
	c.Set(fiber.HeaderContentType, into.MIME())
	if c.Method() == fiber.MethodHead {
		return nil
	}
	if !s.exports.begin(who.user.ID) {
		return &problem{
			Code: "rate_limited", Message: "You are saving a room already, or many others do. Wait until that is done.",
			RetryAfter: comeBack.Milliseconds(), status: http.StatusTooManyRequests,
		}
	}
	to := c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer s.exports.end(who.user.ID)
		if err := s.export(s.ctx, from, into, to, w); err != nil {
			_ = to.Close() // so that the file is seen to be cut off
		}
	})
	return nil
}

// about is what an export says of itself, in the reader's language.
func (s *site) about(c *fiber.Ctx, user chat.User, link roomLink) wire.About {
	p := s.page(c, "")
	return wire.About{
		Chat: s.name, Room: link.Name, Title: link.Title, User: user, Time: time.Now(), Words: wire.ExportWords{
			Lang: p.Lang, By: p.Say("export.by"), Edited: p.Say("js.message.edited"), Deleted: p.Say("js.message.deleted"), Count: p.Say("export.count"),
			Topic: p.Say("js.log.topic"), NoTopic: p.Say("js.log.no_topic"), Pinned: p.Say("js.log.pinned"), Unpinned: p.Say("js.log.unpinned"),
			Gone: p.Say("js.files.gone"),
		},
	}
}

// export writes a room page by page. It runs beside the handlers, where nobody else would keep a panic from ending the program.
func (s *site) export(ctx context.Context, from *chat.Export, into wire.Export, to net.Conn, w *bufio.Writer) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.metrics.panicked(inRequest)
			s.log.Error("saving a room panicked; the file was cut off", "panic", cause, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	frame := into.Begin(nil)
	for {
		page, err := from.Next(ctx)
		if err != nil {
			s.log.Warn("a room was not saved to its end; the file was cut off", "error", err)
			return err
		}
		if len(page) == 0 {
			break
		}
		for i := range page {
			frame = into.Append(frame, &page[i], from.Names())
			if len(frame) < exportPiece && i < len(page)-1 {
				continue
			}
			if err := take(to, w, frame); err != nil {
				return err
			}
			frame = frame[:0]
		}
	}
	return take(to, w, into.End(frame))
}

// take has the reader take what was written, within its time.
func take(to net.Conn, w *bufio.Writer, frame []byte) error {
	if err := to.SetWriteDeadline(time.Now().Add(exportPieceTimeout)); err != nil {
		return err
	}
	if _, err := w.Write(frame); err != nil {
		return err
	}
	return w.Flush()
}
