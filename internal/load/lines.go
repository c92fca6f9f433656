package load

import "bytes"

var newline = []byte{'\n'}

// messages handles a text. Other chats may put all that waits for a connection into one frame, a line each.
func (m *Member) messages(text []byte) {
	if m.b.Dialect != "plain" {
		m.message(text)
		return
	}
	for line := range bytes.SplitSeq(text, newline) {
		m.message(line)
	}
}
