package wire

import (
	"bytes"

	"parley/internal/chat"
)

// pipeDialect reads `name|text` and writes `time|name|text`, for programs that split lines.
type pipeDialect struct{}

func (pipeDialect) Name() string          { return "pipe" }
func (pipeDialect) Encoder() chat.Encoder { return lineEncoder{stamped: true} }

// Decode leaves out the name: who the connection is does not change by saying so.
func (pipeDialect) Decode(frame []byte) (chat.Command, *chat.Error) {
	_, text, err := cutPipe(frame)
	if err != nil {
		return chat.Command{}, err
	}
	return chat.Command{Kind: chat.CmdSend, Text: text}, nil
}

// pipeInDialect reads pipe and writes json.
type pipeInDialect struct{ pipeDialect }

func (pipeInDialect) Name() string          { return "pipe-in" }
func (pipeInDialect) Encoder() chat.Encoder { return jsonEncoder{} }

func cutPipe(frame []byte) (name, text string, err *chat.Error) {
	before, after, ok := bytes.Cut(frame, []byte("|"))
	if !ok {
		return "", "", chat.Errorf(chat.CodeBadRequest, "The line has no | in it. Write your name, a | and the text.")
	}
	return plain(before), plain(after), nil
}

// claimByPipe reads `name|text`, which claims the name.
func claimByPipe(frame []byte) (chat.Command, *chat.Error) {
	name, text, err := cutPipe(frame)
	if err != nil {
		return chat.Command{}, err
	}
	return chat.Command{Kind: chat.CmdClaim, Name: name, Text: text}, nil
}
