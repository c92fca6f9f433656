package wire

import (
	"strconv"
	"strings"
	"time"

	"parley/internal/chat"
)

// The line dialects, text and pipe, write one line of plain words per frame. They show what is said and who comes and goes; typing,
// reactions, acks, lists and numbers they leave out. Someone who only watches a terminal gets no more than they can use.

// lineEncoder writes text, or pipe where stamped.
type lineEncoder struct{ stamped bool }

func (lineEncoder) EchoesOwn() bool { return true }

func (l lineEncoder) AppendEvent(dst []byte, e *chat.Event) []byte {
	at := len(dst)
	switch {
	case e.Kind == chat.KindMessage && e.Deleted == 0:
		dst = l.speaker(beginFrame(dst), e)
		dst = appendFileLines(l.text(dst, e.Text), e, l.lineEnd())
	case isTold(e):
		dst = appendChange(l.notice(beginFrame(dst), e.Time), e)
		dst = l.text(dst, e.Text)
	default:
		return dst
	}
	return endFrame(dst, at)
}

// speaker appends what stands before a message's text.
func (l lineEncoder) speaker(dst []byte, e *chat.Event) []byte {
	if l.stamped {
		dst = append(appendTime(dst, e.Time), '|')
		dst = append(appendValid(dst, e.User.Name), '|')
		if e.Room.IsDirect() {
			dst = append(dst, `(private) `...)
		}
		return dst
	}
	dst = appendValid(dst, e.User.Name)
	if e.Room.IsDirect() {
		dst = append(dst, ` (private)`...)
	}
	return append(dst, `: `...)
}

// notice appends what stands before a line that nobody said.
func (l lineEncoder) notice(dst []byte, t time.Time) []byte {
	if !l.stamped {
		return append(dst, `* `...)
	}
	if t.IsZero() { // a refusal or a warning happens when it is told
		t = time.Now()
	}
	return append(appendTime(dst, t), `|*|`...)
}

// text appends a message's text: with its line ends where a frame is a line of talk, without where others read line by line.
func (l lineEncoder) text(dst []byte, text string) []byte {
	if l.stamped {
		return appendOneLine(dst, text)
	}
	return appendValid(dst, text)
}

// lineEnd is what stands between two lines of one message.
func (l lineEncoder) lineEnd() string {
	if l.stamped {
		return `\n`
	}
	return "\n"
}

// appendOneLine appends text with `\n` for a line end. A backslash that was there stays as it is.
func appendOneLine(dst []byte, text string) []byte {
	for {
		line, rest, more := strings.Cut(text, "\n")
		dst = appendValid(dst, line)
		if !more {
			return dst
		}
		dst, text = append(dst, `\n`...), rest
	}
}

// isTold reports whether there are words for an event that isn't a message: see appendChange.
func isTold(e *chat.Event) bool {
	return e.Kind == chat.KindEdit || e.Kind == chat.KindDelete || e.Kind == chat.KindTopic || e.Kind == chat.KindPin
}

// appendChange says who changed what; of an edit or topic the new text belongs behind it.
func appendChange(dst []byte, e *chat.Event) []byte {
	dst = appendValid(dst, e.User.Name)
	switch {
	case e.Kind == chat.KindEdit:
		return append(dst, ` edited: `...)
	case e.Kind == chat.KindTopic && e.Text != "":
		return append(dst, ` changed the topic: `...)
	case e.Kind == chat.KindTopic:
		return append(dst, ` took the topic away`...)
	case e.Kind == chat.KindPin && e.On:
		return append(dst, ` pinned a message`...)
	case e.Kind == chat.KindPin:
		return append(dst, ` unpinned a message`...)
	default:
		return append(dst, ` deleted a message`...)
	}
}

func (l lineEncoder) AppendSignal(dst []byte, s *chat.Signal) []byte {
	if !isNotice(s) {
		return dst
	}
	at := len(dst)
	dst = l.notice(beginFrame(dst), s.Time)
	switch s.Kind {
	case chat.SignalJoin:
		dst = append(appendValid(dst, s.User.Name), ` joined`...)
	case chat.SignalLeave:
		dst = append(appendValid(dst, s.User.Name), ` left`...)
	case chat.SignalRename:
		dst = appendRename(dst, s)
	case chat.SignalArchive:
		dst = appendArchive(dst, s)
	}
	return endFrame(dst, at)
}

// isNotice reports whether dialects that write lines for people say a signal.
func isNotice(s *chat.Signal) bool {
	return s.Kind == chat.SignalJoin || s.Kind == chat.SignalLeave || s.Kind == chat.SignalRename || s.Kind == chat.SignalArchive
}

func appendRename(dst []byte, s *chat.Signal) []byte {
	return appendValid(append(appendValid(dst, s.Was), ` is now `...), s.User.Name)
}

func appendArchive(dst []byte, s *chat.Signal) []byte {
	dst = appendValid(dst, s.User.Name)
	if s.On {
		return append(dst, ` archived the room: it can be read, and nothing is written in it`...)
	}
	return append(dst, ` opened the room again`...)
}

// appendInvitation says who invites one where.
func appendInvitation(dst []byte, r *chat.Reply) []byte {
	return append(append(appendValid(dst, r.User.Name), ` invites you into the room `...), r.Room...)
}

// appendRemoval says who removed one from where.
func appendRemoval(dst []byte, r *chat.Reply) []byte {
	return append(append(appendValid(dst, r.User.Name), ` removed you from the room `...), r.Room...)
}

func (l lineEncoder) AppendReply(dst []byte, r *chat.Reply) []byte {
	at := len(dst)
	switch r.Kind {
	case chat.ReplyError:
		dst = append(l.notice(beginFrame(dst), r.Time), `error: `...)
		return endFrame(l.text(dst, r.Err.Message), at)
	case chat.ReplyInvitation:
		return endFrame(appendInvitation(l.notice(beginFrame(dst), r.Time), r), at)
	case chat.ReplyRemoval:
		return endFrame(appendRemoval(l.notice(beginFrame(dst), r.Time), r), at)
	case chat.ReplyIdleWarning:
		return endFrame(appendIdleWarning(l.notice(beginFrame(dst), r.Time), r.Idle), at)
	case chat.ReplyJoined:
		if r.Truncated {
			dst = endFrame(append(l.notice(beginFrame(dst), r.Time), missedWords...), at)
		}
		return appendMissed(dst, l, r)
	default:
		return dst
	}
}

func appendIdleWarning(dst []byte, left time.Duration) []byte {
	dst = strconv.AppendFloat(dst, seconds(left), 'f', -1, 64)
	return append(dst, ` seconds until you are disconnected. Say something to stay.`...)
}

// missedWords are told before the latest messages where a resume could not give all.
const missedWords = `You missed more than this. Only the latest messages follow.`

// appendMissed appends what a resume brings as the frames that it would have been.
func appendMissed(dst []byte, enc chat.Encoder, r *chat.Reply) []byte {
	if !r.Resumed {
		return dst
	}
	return r.Prepared.Append(dst, enc, func(dst []byte) []byte { return appendOrdered(dst, enc, r.Messages, r.Changes) })
}

// appendOrdered appends messages and changes in the order of seq.
func appendOrdered(dst []byte, enc chat.Encoder, messages, changes []chat.Event) []byte {
	for len(messages) > 0 || len(changes) > 0 {
		next := &messages
		if len(messages) == 0 || len(changes) > 0 && changes[0].Seq < messages[0].Seq {
			next = &changes
		}
		dst = enc.AppendEvent(dst, &(*next)[0])
		*next = (*next)[1:]
	}
	return dst
}
