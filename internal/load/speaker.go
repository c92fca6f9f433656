package load

import (
	"bytes"
	"net/url"
	"strings"
)

// speaker is how a run's members talk. One is shared by all members.
type speaker interface {
	// query is what the dialect adds to the address for a member.
	query(m *Member) url.Values
	// send appends the frame of a message.
	send(dst []byte, m *Member, t Token) []byte
	// read says what a frame is, and of a message and an ack which one. Frames are read where they lie and nothing is allocated.
	read(m *Member, frame []byte) (what, Token, int64)
	// acks and echoes say whether a sender is told that its message is stored, and whether it gets it as the others do.
	acks() bool
	echoes() bool
}

type what int

const (
	isOther what = iota
	isMessage
	isAck
	isError
	isJoined
)

// newSpeaker returns the speaker of a dialect, which has been checked.
func newSpeaker(b *Bench, dialect string) speaker {
	ours := ours{dialect: dialect, b: b}
	switch dialect {
	case "pipe":
		return pipeSpeaker{ours}
	case "text":
		return textSpeaker{ours}
	case "rpc":
		return rpcSpeaker{ours}
	case "plain":
		before, after, _ := strings.Cut(b.Send, "%s")
		return plainSpeaker{b, before, after}
	default:
		return &jsonSpeaker{ours: ours, begin: []byte(`{"type":"message","room":"` + b.Room + `","seq":`)}
	}
}

// ours is what our dialects have in common.
type ours struct {
	dialect string
	b       *Bench
}

func (o ours) query(m *Member) url.Values {
	return url.Values{"dialect": {o.dialect}, "name": {m.Name}, "room": {m.Room}}
}

func (o ours) text(dst []byte, t Token) []byte { return appendText(dst, t, o.b.Size, o.b.padding) }

type jsonSpeaker struct {
	ours
	begin []byte // of a message in the run's room, up to its seq
}

func (s *jsonSpeaker) acks() bool   { return true }
func (s *jsonSpeaker) echoes() bool { return true }

func (s *jsonSpeaker) send(dst []byte, _ *Member, t Token) []byte {
	dst = appendMark(append(dst, `{"type":"send","id":"`...), t)
	return append(s.text(append(dst, `","text":"`...), t), `"}`...)
}

var (
	jsonMessage = []byte(`{"type":"message"`)
	jsonAck     = []byte(`{"type":"ack","id":"`)
	jsonError   = []byte(`{"type":"error"`)
	jsonJoined  = []byte(`{"type":"joined"`)
	jsonSeq     = []byte(`"seq":`)
)

func (s *jsonSpeaker) read(_ *Member, frame []byte) (what, Token, int64) {
	switch {
	case bytes.HasPrefix(frame, s.begin):
		return message(frame, len(s.begin))
	case bytes.HasPrefix(frame, jsonMessage):
		return message(frame, bytes.Index(frame, jsonSeq)+len(jsonSeq))
	case bytes.HasPrefix(frame, jsonAck):
		if t, n := parseMark(frame[len(jsonAck):]); n > 0 {
			return isAck, t, 0
		}
	case bytes.HasPrefix(frame, jsonError):
		return isError, 0, 0
	case bytes.HasPrefix(frame, jsonJoined):
		return isJoined, 0, 0
	}
	return isOther, 0, 0
}

// message reads a message whose seq is at an offset.
func message(frame []byte, at int) (what, Token, int64) {
	seq, n := parseNumber(frame[at:])
	if t, ok := findToken(frame[at+n:]); ok {
		return isMessage, t, seq
	}
	return isOther, 0, 0
}

// line reads a frame that is a message where it has a mark.
func line(frame []byte) (what, Token, int64) {
	if t, ok := findToken(frame); ok {
		return isMessage, t, 0
	}
	return isOther, 0, 0
}

type pipeSpeaker struct{ ours }

func (pipeSpeaker) acks() bool   { return false }
func (pipeSpeaker) echoes() bool { return true }

func (s pipeSpeaker) send(dst []byte, m *Member, t Token) []byte {
	return s.text(append(append(dst, m.Name...), '|'), t)
}

var (
	pipeError = []byte("|*|error: ")
	textError = []byte("* error: ")
)

func (pipeSpeaker) read(_ *Member, frame []byte) (what, Token, int64) {
	if bytes.Contains(frame[:min(len(frame), 40)], pipeError) {
		return isError, 0, 0
	}
	return line(frame)
}

type textSpeaker struct{ ours }

func (textSpeaker) acks() bool   { return false }
func (textSpeaker) echoes() bool { return true }

func (s textSpeaker) send(dst []byte, _ *Member, t Token) []byte { return s.text(dst, t) }

func (textSpeaker) read(_ *Member, frame []byte) (what, Token, int64) {
	if bytes.HasPrefix(frame, textError) {
		return isError, 0, 0
	}
	return line(frame)
}

type rpcSpeaker struct{ ours }

func (rpcSpeaker) acks() bool   { return true }
func (rpcSpeaker) echoes() bool { return false }

func (s rpcSpeaker) send(dst []byte, _ *Member, t Token) []byte {
	dst = appendMark(append(dst, `{"id":"`...), t)
	return append(s.text(append(dst, `","method":"POST","target":"/message","body":"`...), t), `"}`...)
}

var (
	rpcAnswer = []byte(`{"id":"`)
	rpcDone   = []byte(`","code":200,`)
)

func (rpcSpeaker) read(_ *Member, frame []byte) (what, Token, int64) {
	if !bytes.HasPrefix(frame, rpcAnswer) {
		return line(frame)
	}
	t, n := parseMark(frame[len(rpcAnswer):])
	switch {
	case n == 0:
		return isOther, 0, 0
	case !bytes.HasPrefix(frame[len(rpcAnswer)+n:], rpcDone):
		return isError, t, 0
	}
	return isAck, t, 0
}

// plainSpeaker is for other chats.
type plainSpeaker struct {
	b             *Bench
	before, after string
}

func (plainSpeaker) acks() bool               { return false }
func (plainSpeaker) echoes() bool             { return true }
func (plainSpeaker) query(*Member) url.Values { return nil }

func (s plainSpeaker) send(dst []byte, _ *Member, t Token) []byte {
	return append(appendText(append(dst, s.before...), t, s.b.Size, s.b.padding), s.after...)
}

func (plainSpeaker) read(_ *Member, frame []byte) (what, Token, int64) { return line(frame) }
