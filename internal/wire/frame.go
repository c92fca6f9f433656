package wire

import "encoding/binary"

// Opcodes of RFC 6455, section 5.2.
const (
	OpText   = 0x1
	OpBinary = 0x2
)

const (
	finalFragment = 0x80      // FIN
	shortMost     = 125       // bytes of a payload whose length fits the header's first seven bits
	mediumMost    = 1<<16 - 1 // bytes of one whose length fits the two bytes behind them; a longer one takes eight
	mediumLength  = 126
	longLength    = 127
	shortHeader   = 2 // bytes
	mediumHeader  = 4
	longHeader    = 10
)

// AppendFrame appends an unmasked, unfragmented frame, as a server sends it (RFC 6455, section 5.2).
func AppendFrame(dst []byte, opcode byte, payload []byte) []byte {
	return append(appendHeader(dst, opcode, len(payload)), payload...)
}

func appendHeader(dst []byte, opcode byte, length int) []byte {
	dst = append(dst, finalFragment|opcode)
	switch {
	case length <= shortMost:
		return append(dst, byte(length))
	case length <= mediumMost:
		return binary.BigEndian.AppendUint16(append(dst, mediumLength), uint16(length))
	default:
		return binary.BigEndian.AppendUint64(append(dst, longLength), uint64(length))
	}
}

// beginFrame leaves room for the header that nearly every frame has. The payload is appended behind it, then endFrame is called
// with the length that dst had before beginFrame.
func beginFrame(dst []byte) []byte { return append(dst, make([]byte, mediumHeader)...) }

// endFrame writes the header of the text frame whose payload begins mediumHeader behind at, and moves the payload where the header
// turns out shorter or longer.
func endFrame(dst []byte, at int) []byte {
	payload := dst[at+mediumHeader:]
	length := len(payload)
	header := mediumHeader
	switch {
	case length <= shortMost:
		header = shortHeader
		copy(dst[at+header:], payload)
		dst = dst[:at+header+length]
	case length > mediumMost:
		header = longHeader
		dst = append(dst, make([]byte, longHeader-mediumHeader)...)
		copy(dst[at+header:], dst[at+mediumHeader:at+mediumHeader+length])
	}
	appendHeader(dst[:at], OpText, length)
	return dst
}
