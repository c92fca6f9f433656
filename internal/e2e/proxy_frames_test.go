package e2e

import "bytes"

// splitter finds the WebSocket frames in one direction of a connection, as its bytes pass (RFC 6455, 5.2). What is no WebSocket has
// none.
type splitter struct {
	masked  bool // the client's direction
	state   int
	head    []byte // of HTTP, or of the frame that has begun
	want    int    // bytes of payload that are still missing
	payload []byte
	mask    [4]byte
}

// The states of a splitter.
const (
	inHTTP  = iota // before the end of the upgrade's headers
	inHead         // of a frame
	inFrame        // in its payload
	noFrames
)

// feed looks at the next chunk, and says of each frame that ends in it where it starts (0 where that was in an earlier chunk) and
// ends. frame returns false to hear of no more.
func (s *splitter) feed(chunk []byte, frame func(start, end int, payload []byte) bool) {
	start := 0
	for i := 0; i < len(chunk); {
		switch s.state {
		case noFrames:
			return
		case inHTTP:
			s.head = append(s.head, chunk[i])
			i++
			if bytes.HasSuffix(s.head, []byte("\r\n\r\n")) {
				s.afterHTTP()
				start = i
			}
		case inHead:
			if len(s.head) == 0 {
				start = i
			}
			s.head = append(s.head, chunk[i])
			i++
			s.afterHead()
		case inFrame:
			n := min(s.want, len(chunk)-i)
			s.payload = append(s.payload, chunk[i:i+n]...)
			s.want -= n
			i += n
		}
		if s.state == inFrame && s.want == 0 {
			for j := range s.payload {
				s.payload[j] ^= s.mask[j%4]
			}
			s.state, s.head = inHead, s.head[:0]
			if !frame(start, i, s.payload) {
				return
			}
		}
	}
}

// afterHTTP goes on to frames where the headers say that they follow.
func (s *splitter) afterHTTP() {
	s.state = noFrames
	first, rest, _ := bytes.Cut(bytes.ToLower(s.head), []byte("\r\n"))
	if s.masked && bytes.Contains(rest, []byte("upgrade: websocket")) || bytes.HasPrefix(first, []byte("http/1.1 101")) {
		s.state = inHead
	}
	s.head = s.head[:0]
}

// afterHead goes on to the payload once the head of a frame is whole.
func (s *splitter) afterHead() {
	if len(s.head) < 2 {
		return
	}
	length, size := int(s.head[1]&0x7f), 2
	switch length {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	maskAt := size
	if s.head[1]&0x80 != 0 {
		size += 4
	}
	if len(s.head) < size {
		return
	}
	if length >= 126 {
		length = 0
		for _, b := range s.head[2:maskAt] {
			length = length<<8 | int(b)
		}
	}
	s.mask = [4]byte{}
	copy(s.mask[:], s.head[maskAt:size])
	s.state, s.want, s.payload = inFrame, length, s.payload[:0]
}
