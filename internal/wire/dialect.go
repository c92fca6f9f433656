// Package wire is what goes over a WebSocket: four dialects, each of them a decoder that makes commands of frames and an encoder
// that writes events, signals and replies as frames. It imports only the core, and knows no socket; the session and the handlers
// import it. What the dialects say is the project's surface, described in docs/protocol.md: a test holds that page to this code.
//
// The way through it: [Detect] or [ByName] finds the [Dialect], its Decode makes a [chat.Command] of what came in, and its Encoder
// appends to a buffer what goes out, as whole frames. Encoding allocates nothing but the buffer's growth.
package wire

import (
	"bytes"
	"strings"

	"parley/internal/chat"
)

// Dialect is one way of writing messages. Dialects can be compared with ==.
type Dialect interface {
	// Name is the dialect's name in ?dialect= and in the logs.
	Name() string
	// Decode makes a command of a text frame. The frame is not kept.
	Decode(frame []byte) (chat.Command, *chat.Error)
	// Encoder returns how the dialect is written. Equal dialects have equal encoders.
	Encoder() chat.Encoder
}

// The dialects.
var (
	JSON   Dialect = jsonDialect{}
	Pipe   Dialect = pipeDialect{}
	Text   Dialect = textDialect{}
	RPC    Dialect = rpcDialect{}
	PipeIn Dialect = pipeInDialect{} // of a connection that never chose: it writes pipe lines and reads json
)

// protocolPrefix stands before a dialect's name in Sec-WebSocket-Protocol.
const protocolPrefix = "parley."

// Protocols are the subprotocols that a handshake may choose from.
var Protocols = []string{
	protocolPrefix + JSON.Name(), protocolPrefix + Pipe.Name(), protocolPrefix + Text.Name(), protocolPrefix + RPC.Name(),
}

// ByName returns the dialect that a client may ask for by name: json, pipe, text or rpc.
func ByName(name string) (Dialect, bool) {
	for _, d := range [...]Dialect{JSON, Pipe, Text, RPC} {
		if d.Name() == name {
			return d, true
		}
	}
	return nil, false
}

// ByProtocol returns the dialect of a subprotocol, one of [Protocols].
func ByProtocol(sub string) (Dialect, bool) {
	name, ok := strings.CutPrefix(sub, protocolPrefix)
	if !ok {
		return nil, false
	}
	return ByName(name)
}

// Detect returns the dialect of a connection that did not choose one, by its first frame.
func Detect(first []byte) Dialect {
	var hasTarget bool
	err := eachField(first, func(key, _ []byte) { hasTarget = hasTarget || string(key) == "target" })
	switch {
	case err == nil && hasTarget:
		return RPC
	case err == nil:
		return JSON
	case bytes.IndexByte(first, '|') >= 0:
		return PipeIn
	default:
		return Text
	}
}

// DecodeFirst decodes a frame of a connection that has no identity yet. In the dialects that name their speaker the frame may
// claim one: `name|text` in pipe, `name: text` in text.
func DecodeFirst(d Dialect, frame []byte) (chat.Command, *chat.Error) {
	switch d {
	case Pipe, PipeIn:
		return claimByPipe(frame)
	case Text:
		return claimByText(frame)
	default:
		return d.Decode(frame)
	}
}
