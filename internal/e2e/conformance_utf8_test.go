package e2e

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// greek is a word of two- and three-byte runes. The suite cuts it at every byte.
const greek = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"

// utf8Texts are the suite's cases 6.5 to 6.23: what is sent as one text frame, subgroup by subgroup. They follow Markus Kuhn's stress
// test for UTF-8 decoders. Which of them are UTF-8 is said by the standard library, and checked against the suite's count.
func utf8Texts() [][]string {
	incomplete := []string{
		"\xc0", "\xe0\x80", "\xf0\x80\x80", "\xf8\x80\x80\x80", "\xfc\x80\x80\x80\x80",
		"\xdf", "\xef\xbf", "\xf7\xbf\xbf", "\xfb\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf",
	}
	var prefixes []string
	for i := range len(greek) {
		prefixes = append(prefixes, greek[:i+1])
	}
	return [][]string{
		{"hello$world", "hello\u00a2world", "hello\u20acworld", "hello\U00024b62world", greek}, // 6.5 plain
		prefixes, // 6.6
		{"\x00", "\u0080", "\u0800", "\U00010000"}, // 6.7 the first of each length
		{"\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80"},
		{"\x7f", "\u07ff", "\uffff", "\U0010ffff"}, // 6.9 the last of each length
		{"\xf7\xbf\xbf\xbf", "\xfb\xbf\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf\xbf"},
		{"\ud7ff", "\ue000", "\ufffd", "\U0010ffff", "\xf4\x90\x80\x80"}, // 6.11 borders
		{
			"\x80", "\xbf", "\x80\xbf", "\x80\xbf\x80", "\x80\xbf\x80\xbf", "\x80\xbf\x80\xbf\x80", "\x80\xbf\x80\xbf\x80\xbf",
			byteRange(0x80, 0xbe, ""),
		}, // 6.12 continuations of nothing
		{
			byteRange(0xc0, 0xde, " "), byteRange(0xe0, 0xee, " "), byteRange(0xf0, 0xf6, " "), byteRange(0xf8, 0xfa, " "),
			byteRange(0xfc, 0xfc, " "),
		}, // 6.13 begins of nothing
		incomplete,                     // 6.14
		{strings.Join(incomplete, "")}, // 6.15
		{"\xfe", "\xff", "\xfe\xfe\xff\xff"},
		{"\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf8\x80\x80\x80\xaf", "\xfc\x80\x80\x80\x80\xaf"}, // 6.17 longer than need be
		{"\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf8\x87\xbf\xbf\xbf", "\xfc\x83\xbf\xbf\xbf\xbf"},
		{"\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf8\x80\x80\x80\x80", "\xfc\x80\x80\x80\x80\x80"},
		{
			"\xed\xa0\x80", "\xed\xad\xbf", "\xed\xae\x80", "\xed\xaf\xbf", "\xed\xb0\x80", "\xed\xbe\x80", "\xed\xbf\xbf",
		}, // 6.20 surrogates
		{
			"\xed\xa0\x80\xed\xb0\x80", "\xed\xa0\x80\xed\xbf\xbf", "\xed\xad\xbf\xed\xb0\x80", "\xed\xad\xbf\xed\xbf\xbf",
			"\xed\xae\x80\xed\xb0\x80", "\xed\xae\x80\xed\xbf\xbf", "\xed\xaf\xbf\xed\xb0\x80", "\xed\xaf\xbf\xed\xbf\xbf",
		}, // 6.21 pairs of them
		nonCharacters(), // 6.22
		{"\ufff9", "\ufffa", "\ufffb", "\ufffc", "\ufffd", "\ufffe", "\uffff"},
	}
}

// byteRange is every byte of a range, each with something behind it.
func byteRange(first, last byte, behind string) string {
	var b strings.Builder
	for c := int(first); c <= int(last); c++ {
		b.WriteByte(byte(c))
		b.WriteString(behind)
	}
	return b.String()
}

// nonCharacters are the last two code points of the first 17 planes, as far as the suite has them: no characters, but UTF-8.
func nonCharacters() []string {
	texts := []string{"\ufffe", "\uffff"}
	for plane := rune(1); plane <= 16; plane++ {
		texts = append(texts, string(plane<<16|0xfffe), string(plane<<16|0xffff))
	}
	return texts
}

func utf8Cases() (cases []conformanceCase) {
	const umlauts = "Hello-µ@ßöäüàá-UTF-8!!"
	const atRune = len("Hello-µ@ßöä")
	empty, last := clientFrame(opText, ""), clientFrame(fin|opContinuation, "")
	noMore := clientFrame(opContinuation, "")
	surrogate := greek + "\xed\xa0\x80edited"
	cases = numbered("6.1",
		good(whole(sendText("")).answered(text(""))),
		good(whole(empty, noMore, last).answered(text(""))),
		good(whole(empty, clientFrame(opContinuation, "in the middle"), last).answered(text("in the middle"))),
	)
	cases = append(cases, numbered("6.2",
		good(whole(sendText(umlauts)).answered(text(umlauts))),
		good(whole(inFragments(opText, umlauts, atRune)).answered(text(umlauts))),
		good(whole(inFragments(opText, umlauts, 1)).answered(text(umlauts))),
		good(whole(inFragments(opText, greek, 1)).answered(text(greek))),
	)...)
	cases = append(cases, numbered("6.3",
		bad(1007, whole(sendText(surrogate))),
		bad(1007, whole(inFragments(opText, surrogate, 1))),
	)...)
	cases = append(cases, numbered("6.4", failFastCases()...)...)
	for i, texts := range utf8Texts() {
		var subgroup []conformanceCase
		for _, p := range texts {
			if utf8.ValidString(p) {
				subgroup = append(subgroup, good(whole(sendText(p)).answered(text(p))))
			} else {
				subgroup = append(subgroup, bad(1007, whole(sendText(p))))
			}
		}
		cases = append(cases, numbered(fmt.Sprintf("6.%d", i+5), subgroup...)...)
	}
	return cases
}

// failFastCases begin a message that goes wrong at its 13th byte, which nothing follows: the server must not wait for more.
func failFastCases() []conformanceCase {
	const beyond = greek + "\xf4\x90\x80\x80edited" // greater than the greatest code point
	asked := sendPing("still there?")
	frame := clientFrame(fin|opText, beyond)
	payload := len(frame) - len(beyond)
	wait := func(s step) step { s.quiet = true; return s }
	return []conformanceCase{
		bad(1007,
			whole(clientFrame(opText, beyond[:11]), asked).answered(pong("still there?")),
			whole(clientFrame(opContinuation, beyond[11:15]))),
		bad(1007,
			whole(clientFrame(opText, beyond[:12]), asked).answered(pong("still there?")),
			whole(clientFrame(opContinuation, beyond[12:13]))),
		bad(1007, wait(whole(frame[:payload+11])), whole(frame[payload+11:payload+15])),
		bad(1007, wait(whole(frame[:payload+12])), whole(frame[payload+12:payload+13])),
	}
}

// mayGoOn reports whether a text that begins with p can be UTF-8, by trying.
func mayGoOn(p string) bool {
	if utf8.ValidString(p) {
		return true
	}
	for _, second := range []string{"", "\x80", "\x8f", "\x90", "\x9f", "\xa0", "\xbf"} {
		for _, rest := range []string{"", "\x80", "\x80\x80"} {
			if utf8.ValidString(p + second + rest) {
				return true
			}
		}
	}
	return false
}

func TestConformanceBadTextIsRefusedAtItsFirstBadByte(t *testing.T) {
	t.Parallel()
	s := startServer(t, unlimited...)
	n := 0
	for i, texts := range utf8Texts() {
		for j, p := range texts {
			bad := 0
			for bad < len(p) && mayGoOn(p[:bad+1]) {
				bad++
			}
			if bad == len(p) {
				continue // right, or only not complete
			}
			n++
			t.Run(fmt.Sprintf("6.%d.%d", i+5, j+1), func(t *testing.T) {
				const before = "so far so good "
				frame := clientFrame(fin|opText, before+p+strings.Repeat("x", 100_000))
				header := len(frame) - 100_000 - len(p) - len(before)
				c := s.bare(t, "/ws/echo")
				c.send(frame[:header+len(before)+bad+1], 0)
				c.closed(1007)

				begun, rest := clientFrame(opText, before+p[:bad]), clientFrame(opContinuation, p[bad:bad+1])
				c = s.bare(t, "/ws/echo")
				c.send(append(begun, sendPing("still there?")...), 0)
				if got := c.read(); got != pong("still there?") {
					t.Fatalf("before the bad byte came %v", got)
				}
				c.send(rest, 0)
				c.closed(1007)
			})
		}
	}
	if n < 60 {
		t.Errorf("only %d texts have a bad byte", n)
	}
	t.Logf("%d texts are refused at their first bad byte, in one frame and in a second one", n)
}
