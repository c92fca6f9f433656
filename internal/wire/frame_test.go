package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
	"unicode/utf8"
)

// frame is a frame as a client reads it.
type frame struct {
	opcode  byte
	payload []byte
	rest    []byte // what follows
}

// readFrame reads the first frame by RFC 6455, section 5.2, and refuses a length that is not written in its shortest form.
func readFrame(b []byte) (frame, error) {
	if len(b) < 2 || b[0]&0xF0 != 0x80 || b[1]&0x80 != 0 {
		return frame{}, fmt.Errorf("%x does not begin a final, unmasked frame", b[:min(2, len(b))])
	}
	header, length, least := 2, uint64(b[1]), uint64(0)
	switch length {
	case 126:
		header, length, least = 4, uint64(binary.BigEndian.Uint16(b[2:])), 126
	case 127:
		header, length, least = 10, binary.BigEndian.Uint64(b[2:]), 1<<16
	}
	if length < least || length > uint64(len(b)-header) {
		return frame{}, fmt.Errorf("a length of %d in %d bytes", length, len(b))
	}
	end := header + int(length)
	return frame{opcode: b[0] & 0xF, payload: b[header:end], rest: b[end:]}, nil
}

// texts returns the payloads of text frames.
func texts(t testing.TB, frames []byte) []string {
	t.Helper()
	var found []string
	for len(frames) > 0 {
		f, err := readFrame(frames)
		if err != nil {
			t.Fatal(err)
		}
		if f.opcode != OpText || !utf8.Valid(f.payload) {
			t.Fatalf("opcode %d, payload %q", f.opcode, f.payload)
		}
		found, frames = append(found, string(f.payload)), f.rest
	}
	return found
}

func TestFramesOfEveryLengthAreReadBack(t *testing.T) {
	for _, length := range []int{0, 1, 124, 125, 126, 127, 1000, 1<<16 - 1, 1 << 16, 1<<16 + 1, 1 << 20} {
		payload := bytes.Repeat([]byte("abcdefg"), length/7+1)[:length]
		before := []byte("what was there")

		got := AppendFrame(bytes.Clone(before), OpBinary, payload)
		f, err := readFrame(got[len(before):])
		if err != nil || f.opcode != OpBinary || !bytes.Equal(f.payload, payload) || len(f.rest) > 0 || !bytes.HasPrefix(got, before) {
			t.Errorf("AppendFrame of %d bytes: opcode %d, %d bytes, %v", length, f.opcode, len(f.payload), err)
		}

		got = endFrame(append(beginFrame(bytes.Clone(before)), payload...), len(before))
		if want := AppendFrame(bytes.Clone(before), OpText, payload); !bytes.Equal(got, want) {
			t.Errorf("a payload of %d bytes that was written in place makes another frame", length)
		}
	}
}
