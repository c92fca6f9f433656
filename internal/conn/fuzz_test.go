package conn

import (
	"bytes"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// texts are UTF-8 and what is none, as the conformance test has them: borders of each length, what is longer than need be, surrogates,
// what is cut, and what can't be.
var texts = []string{
	"", "hi", "grüße", "王小明", "👩‍👩‍👧", "hello\u00a2\u20ac\U00024b62", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",
	"\x00", "\x7f", "\u0080", "\u07ff", "\u0800", "\uffff", "\U00010000", "\U0010ffff", "\ud7ff", "\ue000", "\ufffd", "\ufffe",
	"\xff", "\xfe\xfe\xff\xff", "\xc3", "\xe7\x8e", "\xf0\x9f\x91", "\x80", "\xbf\x80\xbf", "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x8f\xbf\xbf",
	"\xc1\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xed\xa0\x80\xed\xb0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80",
	"\xfc\x84\x80\x80\x80\x80", "\xc0 \xdf ", "\xe0 \xef ", "\xf0 \xf7 ",
}

// streams are what clients may send and may not, as the conformance test has it.
func streams() (all [][]byte) {
	for _, v := range violations() {
		all = append(all, v.sent, append(frame(text, "before"), v.sent...))
	}
	for _, s := range texts {
		all = append(all, frame(text, s))
		if len(s) > 1 {
			all = append(all, append(frame(opText, s[:1]), frame(fin|opContinuation, s[1:])...))
		}
	}
	ping := frame(fin|opPing, "between")
	for _, size := range []int{0, 125, 126, 127, 65535, 65536} {
		all = append(all, frame(text, strings.Repeat("x", size)))
	}
	for _, opcode := range []byte{0x3, 0x7, 0xb, 0xf} {
		all = append(all, frame(fin|opcode, "what?"))
	}
	for rsv := byte(0x10); rsv < 0x80; rsv += 0x10 {
		all = append(all, frame(fin|rsv|opText, "hi"))
	}
	for _, code := range []string{"", "\x03\xe8bye", "\x03\xe7", "\x03\xec", "\x03\xf8", "\x07\xd0", "\x0b\xb8", "\x13\x87", "\x13\x88", "\xff\xff"} {
		all = append(all, frame(fin|opClose, code), slices.Concat(frame(opText, "a"), frame(fin|opClose, code), ping))
	}
	return append(all,
		slices.Concat(frame(opText, "a"), ping, frame(opContinuation, ""), frame(fin|opPong, "?"), frame(fin|opContinuation, "b")),
		slices.Concat(frame(opText, ""), frame(opContinuation, ""), frame(fin|opContinuation, "")),
		bytes.Repeat(ping, 40),
		append(frame(opText, ""), bytes.Repeat(frame(opContinuation, ""), 40)...),
	)
}

// recorded is the network as a connection sees it, with a client that sends what it has in pieces of so many bytes, and ends.
type recorded struct {
	net.Conn // nil: what isn't below must not be called
	rest     []byte
	piece    int
	answers  collected
}

func (r *recorded) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.rest[:min(r.piece, len(r.rest))])
	r.rest = r.rest[n:]
	return n, nil
}

func (r *recorded) Write(p []byte) (int, error)      { return r.answers.Write(p) }
func (r *recorded) SetReadDeadline(time.Time) error  { return nil }
func (r *recorded) SetWriteDeadline(time.Time) error { return nil }
func (r *recorded) Close() error                     { return nil }

// heard is what a connection made of a stream that comes in pieces of so many bytes, and what it answered.
func heard(t *testing.T, stream []byte, piece int, limits Limits) (messages []string, code int, answers string) {
	r := &recorded{rest: bytes.Clone(stream), piece: piece}
	c := New(r, &limits, nil)
	for {
		m, binary, err := c.Read()
		if err != nil {
			break
		}
		if !binary && !utf8.Valid(m) {
			t.Errorf("Read() = %q, which is not UTF-8", m)
		}
		messages = append(messages, string(m))
	}
	c.Finish()
	return messages, c.Code(), r.answers.String()
}

func FuzzWhatIsReadDoesNotDependOnHowItIsCut(f *testing.F) {
	for i, stream := range streams() {
		f.Add(stream, byte(i))
	}
	f.Fuzz(func(t *testing.T, stream []byte, piece byte) {
		limits := Limits{Message: 1000, Fragments: 20, Frames: 1e-9, FramesBurst: 30, Binary: piece&1 == 0}
		whole, code, answers := heard(t, stream, len(stream), limits)
		cut, cutCode, cutAnswers := heard(t, stream, 1+int(piece>>1), limits)
		if !slices.Equal(whole, cut) || code != cutCode || answers != cutAnswers {
			t.Errorf("in one piece %q, %d and %q, in pieces of %d %q, %d and %q", whole, code, answers, 1+piece>>1, cut, cutCode, cutAnswers)
		}
	})
}

func FuzzUTF8CheckAgreesWithTheStandardLibrary(f *testing.F) {
	for _, s := range texts {
		f.Add([]byte(s), 1)
	}
	f.Fuzz(func(t *testing.T, p []byte, cut int) {
		var u utf8Check
		ok := true
		for rest := p; len(rest) > 0 && ok; {
			n := min(len(rest), 1+(cut&7))
			ok = u.valid(rest[:n])
			rest = rest[n:]
			cut = cut>>1 ^ cut<<3
		}
		if got := ok && u.complete(); got != utf8.Valid(p) {
			t.Errorf("%q: %v, the standard library says %v", p, got, !got)
		}
	})
}

func FuzzReadNeverPanics(f *testing.F) {
	for _, stream := range streams() {
		f.Add(stream)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		server, client := net.Pipe()
		c := New(server, &Limits{Message: 1 << 16}, nil)
		go func() {
			_, _ = client.Write(stream)
			_ = client.Close()
		}()
		go func() { _, _ = io.Copy(io.Discard, client) }()
		for {
			m, binary, err := c.Read()
			if err != nil {
				break
			}
			if !binary && !utf8.Valid(m) {
				t.Errorf("Read() = %q, which is not UTF-8", m)
			}
		}
		c.Finish()
	})
}
