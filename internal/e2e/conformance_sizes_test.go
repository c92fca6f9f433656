package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// payloads of the big cases: some text, and bytes that are none
func bigText(size int) string   { return strings.Repeat("Parley! ", size/8+1)[:size] }
func bigBinary(size int) string { return strings.Repeat("\x00\xfe\x23\xfa\xf0", size/5+1)[:size] }

// inFragments is a message in frames of so many bytes.
func inFragments(opcode byte, payload string, size int) (sent []byte) {
	for ; len(payload) > size; opcode = opContinuation {
		sent = append(sent, clientFrame(opcode, payload[:size])...)
		payload = payload[size:]
	}
	return append(sent, clientFrame(fin|opcode, payload)...)
}

// sizeCases are group 9, text and binary in turn.
func sizeCases() (cases []conformanceCase) {
	for i, kind := range []struct {
		opcode  byte
		payload func(int) string
	}{{opText, bigText}, {opBinary, bigBinary}} {
		echoed := func(size, fragment, chop, repeat int) conformanceCase {
			return conformanceCase{later: func() []step {
				p := kind.payload(size)
				return []step{{
					sent: inFragments(kind.opcode, p, fragment), chop: chop, repeat: repeat,
					answers: []bareFrame{{fin | kind.opcode, p}},
				}}
			}}
		}
		const one = 16 << 20 // bytes that fit one frame of these
		var sizes, fragments, chops, rounds []conformanceCase
		for _, size := range []int{64 << 10, 256 << 10, 1 << 20, 4 << 20, 8 << 20, 16 << 20} {
			sizes = append(sizes, echoed(size, one, 0, 1))
		}
		for _, fragment := range []int{64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20} {
			fragments = append(fragments, echoed(4<<20, fragment, 0, 1))
		}
		for _, chop := range []int{64, 128, 256, 512, 1024, 2048} {
			chops = append(chops, echoed(1<<20, one, chop, 1))
		}
		for _, size := range []int{0, 16, 64, 256, 1024, 4096} {
			rounds = append(rounds, echoed(size, one, 0, 1000))
		}
		for group, of := range [][]conformanceCase{sizes, fragments, chops, rounds} {
			cases = append(cases, numbered(fmt.Sprintf("9.%d", 1+2*group+i), of...)...)
		}
	}
	return cases
}

// oddFragmentCases is group 10: a message in 51 frames of 1300 bytes, but for the last.
func oddFragmentCases() []conformanceCase {
	p := bigText(65536)
	return numbered("10.1", good(whole(inFragments(opText, p, 1300)).answered(text(p))))
}

func TestConformanceSizesUpToTheLimitPassAndOneByteMoreIsTooBig(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	const most = 65536 // limits.frame_bytes
	for _, opcode := range []byte{opText, opBinary} {
		for _, size := range []int{most, 1000, 100} { // of the fragments
			p := bigText(most)
			t.Run(fmt.Sprintf("opcode %d in fragments of %d", opcode, size), func(t *testing.T) {
				good(whole(inFragments(opcode, p, size)).answered(bareFrame{fin | opcode, p})).run(t, s.bare(t, "/ws/echo"))
				bad(1009, whole(inFragments(opcode, p+"x", size))).run(t, s.bare(t, "/ws/echo"))
			})
		}
	}
	// The announcement of a size is enough: nobody has to send it.
	for name, header := range map[string][]byte{
		"one byte more":     clientHeader(fin|opText, most+1, [4]byte{}),
		"a gigabyte":        clientHeader(fin|opText, 1<<30, [4]byte{}),
		"2^63-1":            append([]byte{fin | opText, 0xff, 0x7f}, "\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"...),
		"in the second one": append(clientFrame(opText, "x"), clientHeader(fin|opContinuation, most, [4]byte{})...),
	} {
		t.Run(name, func(t *testing.T) { bad(1009, whole(header)).run(t, s.bare(t, "/ws/echo")) })
	}
}

func TestConformanceLengthsHaveToBeWrittenInTheirShortestForm(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for name, sent := range map[string]string{
		"125 in two bytes":    "\x81\xfe\x00\x7d\x00\x00\x00\x00",
		"0 in eight bytes":    "\x81\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"65535 in eight":      "\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x00\x00",
		"the highest bit set": "\x81\xff\x80\x00\x00\x00\x00\x00\xff\xff\x00\x00\x00\x00",
	} {
		t.Run(name, func(t *testing.T) { bad(1002, whole([]byte(sent))).run(t, s.bare(t, "/ws/echo")) })
	}
	bad(1002, whole([]byte("\x81\x02hi"))).run(t, s.bare(t, "/ws/echo")) // not masked
}
