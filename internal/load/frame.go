package load

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
)

// took handles bytes that came, and returns how many of them are done with.
func (m *Member) took(in []byte) (used int, err error) {
	if m.stage == upgrading {
		end := bytes.Index(in, endOfHead)
		switch {
		case end < 0 && len(in) > 1<<16:
			return 0, errors.New("the answer to the handshake has no end")
		case end < 0:
			return 0, nil
		}
		used = end + len(endOfHead)
		if err := m.upgraded(string(in[:used]), string(in[used:])); err != nil {
			return used, err
		}
	}
	for m.stage == open && len(in)-used >= 2 {
		n, err := m.next(in[used:])
		if n == 0 || err != nil {
			return used, err
		}
		used += n
	}
	return used, nil
}

// upgraded looks at the server's answer to the handshake. What is behind it, as far as it has come, may say why not.
func (m *Member) upgraded(head, behind string) error {
	line, headers, _ := strings.Cut(head, "\r\n")
	if !strings.HasPrefix(line, "HTTP/1.1 101") {
		line = strings.TrimPrefix(line, "HTTP/1.1 ")
		if strings.HasPrefix(line, "401") && m.b.Dialect != "plain" {
			return errOpenOnly
		}
		return errors.New(strings.TrimSpace(fmt.Sprintf("the server says no to the handshake: %s %.300s", line, behind)))
	}
	for h := range strings.SplitSeq(headers, "\r\n") {
		name, value, _ := strings.Cut(h, ":")
		if strings.EqualFold(name, "Sec-WebSocket-Accept") && strings.TrimSpace(value) == m.accept {
			m.stage, m.Open, m.opened = open, true, m.b.now
			m.b.cameIn(m)
			return nil
		}
	}
	return errors.New("the server's answer to the handshake lacks Sec-WebSocket-Accept, or has another than it must be")
}

var errOpenOnly = errors.New("parley bench needs a chat with access: open")

const maxFrame = 256 << 20 // bytes; more is no chat

// next handles the frame that in begins with and returns how long it is, 0 where it isn't whole yet.
func (m *Member) next(in []byte) (int, error) {
	head, length := 2, int(in[1])
	switch {
	case length < 126:
	case length == 126:
		head = 4
		if len(in) < head {
			return 0, nil
		}
		length = int(binary.BigEndian.Uint16(in[2:]))
	case length == 127:
		head = 10
		if len(in) < head {
			return 0, nil
		}
		if n := binary.BigEndian.Uint64(in[2:]); n > maxFrame {
			return 0, fmt.Errorf("a frame of %d bytes", n)
		}
		length = int(binary.BigEndian.Uint64(in[2:]))
	default:
		return 0, errors.New("a masked frame from the server")
	}
	if len(in) < head+length {
		return 0, nil
	}
	return head + length, m.frame(in[0], in[head:head+length])
}

// frame handles a whole frame.
func (m *Member) frame(first byte, payload []byte) error {
	switch first {
	case 0x81, 0x82: // some chats send text as binary frames
		m.messages(payload)
	case 0x01, 0x02, 0x00, 0x80:
		m.parts = append(m.parts, payload...)
		if first == 0x80 {
			m.messages(m.parts)
			m.parts = nil
		}
	case 0x88:
		if !m.leaving {
			m.write(0x88, payload)
			return closed(payload)
		}
		return errEnded
	case 0x89:
		m.write(0x8a, payload)
	case 0x8a:
	default:
		return fmt.Errorf("a frame that begins with %#x", first)
	}
	return nil
}

// closed says with which code and reason the server closed the connection.
func closed(payload []byte) error {
	if len(payload) < 2 {
		return errors.New("the server closed the connection without a code")
	}
	return fmt.Errorf("the server closed the connection with %d %s", binary.BigEndian.Uint16(payload), payload[2:])
}

// frame appends a masked frame to dst (RFC 6455, section 5.2).
func frame(dst []byte, first byte, payload []byte) []byte {
	dst = append(dst, first)
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, 0x80|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 0x80|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 0x80|127), uint64(n))
	}
	var mask [4]byte
	binary.NativeEndian.PutUint32(mask[:], rand.Uint32())
	dst = append(dst, mask[:]...)
	at := len(dst)
	dst = append(dst, payload...)
	for i := range payload {
		dst[at+i] ^= mask[i&3]
	}
	return dst
}

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
