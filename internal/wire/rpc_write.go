package wire

import (
	"net/http"
	"strconv"

	"parley/internal/chat"
)

// rpcEncoder writes answers, with the id of their request, and broadcasts, with id 0.
type rpcEncoder struct{}

// EchoesOwn is false: the answer to a request says enough.
func (rpcEncoder) EchoesOwn() bool { return false }

// broadcastCode is the code of what answers no request.
const broadcastCode = 0

// The kinds of broadcasts.
const (
	rpcMessage = "message"
	rpcPrivate = "private"
	rpcSystem  = "system"
)

// statuses are the codes of answers that refuse. The chat's errors keep their sentences as the message.
var statuses = map[chat.Code]int{
	chat.CodeBadJSON:     http.StatusBadRequest,
	chat.CodeBadRequest:  http.StatusBadRequest,
	chat.CodeEmpty:       http.StatusBadRequest,
	chat.CodeUnknownType: http.StatusNotFound, // a target
	chat.CodeTooLong:     http.StatusRequestEntityTooLarge,
	chat.CodeRateLimited: http.StatusTooManyRequests,
	chat.CodeNotMember:   http.StatusNotFound,
	chat.CodeNotFound:    http.StatusNotFound,
	chat.CodeForbidden:   http.StatusForbidden,
	chat.CodeUnavailable: http.StatusServiceUnavailable,
	chat.CodeLocked:      http.StatusForbidden,
	chat.CodeTaken:       http.StatusConflict,
}

// beginRPC begins a frame whose body follows, as the inside of a JSON string; endRPC ends it. ref is the JSON text of the id.
func beginRPC(dst []byte, ref string, code int, message string) []byte {
	dst = append(append(beginFrame(dst), `{"id":`...), ref...)
	dst = strconv.AppendInt(append(dst, `,"code":`...), int64(code), 10)
	return append(appendKeyString(dst, `,"message":`, message), `,"body":"`...)
}

func endRPC(dst []byte, at int) []byte { return endFrame(append(dst, `"}`...), at) }

func (rpcEncoder) AppendEvent(dst []byte, e *chat.Event) []byte {
	at := len(dst)
	switch {
	case e.Kind == chat.KindMessage && e.Deleted == 0:
		message := rpcMessage
		if e.Room.IsDirect() {
			message = rpcPrivate
		}
		dst = appendEscaped(beginRPC(dst, noRef, broadcastCode, message), e.User.Name)
		dst = appendEscaped(append(dst, `: `...), e.Text)
		from := len(dst)
		dst = escapeTail(appendFileLines(dst, e, "\n"), from)
	case isTold(e):
		dst = beginRPC(dst, noRef, broadcastCode, rpcSystem)
		from := len(dst)
		dst = escapeTail(appendChange(dst, e), from)
		dst = appendEscaped(dst, e.Text)
	default:
		return dst
	}
	return endRPC(dst, at)
}

func (rpcEncoder) AppendSignal(dst []byte, s *chat.Signal) []byte {
	if !isNotice(s) {
		return dst
	}
	at := len(dst)
	dst = beginRPC(dst, noRef, broadcastCode, rpcSystem)
	switch s.Kind {
	case chat.SignalJoin:
		dst = append(appendEscaped(dst, s.User.Name), ` joining conversation...`...)
	case chat.SignalLeave:
		dst = append(appendEscaped(dst, s.User.Name), ` leaving conversation...`...)
	case chat.SignalRename:
		from := len(dst)
		dst = escapeTail(appendRename(dst, s), from)
	case chat.SignalArchive:
		from := len(dst)
		dst = escapeTail(appendArchive(dst, s), from)
	}
	return endRPC(dst, at)
}

func (enc rpcEncoder) AppendReply(dst []byte, r *chat.Reply) []byte {
	at, ref := len(dst), r.Ref
	if ref == "" {
		ref = noRef
	}
	switch r.Kind {
	case chat.ReplyAck, chat.ReplyDone:
		if r.Ref == "" {
			return dst
		}
		dst = beginRPC(dst, ref, http.StatusOK, "")
	case chat.ReplyHistory:
		dst = appendHistoryLines(beginRPC(dst, ref, http.StatusOK, ""), r.Messages)
	case chat.ReplyFound:
		dst = appendFoundLines(beginRPC(dst, ref, http.StatusOK, ""), r.Found.Hits)
	case chat.ReplyMembers:
		dst = r.PreparedMembers.Append(beginRPC(dst, ref, http.StatusOK, ""), enc, func(dst []byte) []byte {
			for i := range r.Members {
				dst = appendEscaped(appendLineEnd(dst, i), r.Members[i].Name)
			}
			return dst
		})
	case chat.ReplyError:
		code, known := statuses[r.Err.Code]
		if !known {
			code = http.StatusInternalServerError
		}
		dst = beginRPC(dst, ref, code, r.Err.Message)
	case chat.ReplyInvitation:
		dst = beginRPC(dst, noRef, broadcastCode, rpcSystem)
		from := len(dst)
		dst = escapeTail(appendInvitation(dst, r), from)
	case chat.ReplyRemoval:
		dst = beginRPC(dst, noRef, broadcastCode, rpcSystem)
		from := len(dst)
		dst = escapeTail(appendRemoval(dst, r), from)
	case chat.ReplyIdleWarning:
		dst = appendIdleWarning(beginRPC(dst, noRef, broadcastCode, rpcSystem), r.Idle)
	case chat.ReplyJoined:
		if r.Truncated {
			dst = endRPC(append(beginRPC(dst, noRef, broadcastCode, rpcSystem), missedWords...), at)
		}
		return appendMissed(dst, enc, r)
	default:
		return dst
	}
	return endRPC(dst, at)
}

// appendHistoryLines appends one line for each message that still is one, so that a message with line ends can't pass for several.
func appendHistoryLines(dst []byte, messages []chat.Event) []byte {
	lines := 0
	for i := range messages {
		e := &messages[i]
		if e.Deleted != 0 {
			continue
		}
		dst = append(appendEscaped(appendLineEnd(dst, lines), e.User.Name), `: `...)
		from := len(dst)
		dst = escapeTail(appendFileLines(appendOneLine(dst, e.Text), e, `\n`), from)
		lines++
	}
	return dst
}

// appendFoundLines appends one line for each message that a search finds.
func appendFoundLines(dst []byte, hits []chat.Hit) []byte {
	for i := range hits {
		dst = append(appendEscaped(appendLineEnd(dst, i), hits[i].User.Name), `: `...)
		from := len(dst)
		for _, part := range hits[i].Snippet {
			dst = appendOneLine(dst, part)
		}
		dst = escapeTail(dst, from)
	}
	return dst
}

func appendLineEnd(dst []byte, i int) []byte {
	if i == 0 {
		return dst
	}
	return append(dst, `\n`...)
}
