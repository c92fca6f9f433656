package wire

import (
	"bytes"
	"strings"

	"parley/internal/chat"
)

// textDialect reads the bare text of a message and writes lines for people.
type textDialect struct{}

func (textDialect) Name() string          { return "text" }
func (textDialect) Encoder() chat.Encoder { return lineEncoder{} }

func (textDialect) Decode(frame []byte) (chat.Command, *chat.Error) {
	return chat.Command{Kind: chat.CmdSend, Text: plain(frame)}, nil
}

// plain is a frame of plain text. What is not UTF-8 becomes U+FFFD; the connection refuses such frames before.
func plain(frame []byte) string { return strings.ToValidUTF8(string(frame), replacement) }

// claimByText reads `name: text`, which claims the name. Without a name it is a message of a guest.
func claimByText(frame []byte) (chat.Command, *chat.Error) {
	name, text, ok := bytes.Cut(frame, []byte(": "))
	if !ok || len(bytes.TrimSpace(name)) == 0 {
		return Text.Decode(frame)
	}
	return chat.Command{Kind: chat.CmdClaim, Name: plain(name), Text: plain(text)}, nil
}
