package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// conformanceCase is one case of the Autobahn test suite for servers, by its number there: what is sent in which pieces, and what has
// to come back, frame by frame.
type conformanceCase struct {
	id    string
	steps []step
	later func() []step // instead of steps, of which the big ones need not all be there at once
	ends  int           // the close code that the server has to end with by itself; 0 where we close, with 1000, and it has to answer that
}

// step is something that is sent, and what is answered before the next step is sent.
type step struct {
	sent    []byte
	chop    int // bytes of each write; 0 for all in one
	answers []bareFrame
	quiet   bool // instead: the server has to go on waiting for a moment
	repeat  int  // do it so often; 0 is once
}

// whole sends frames in one write, framewise in one write each, bytewise in one write for every byte.
func whole(frames ...[]byte) step    { return step{sent: slices.Concat(frames...)} }
func bytewise(frames ...[]byte) step { return step{sent: slices.Concat(frames...), chop: 1} }

func framewise(frames ...[]byte) (steps []step) {
	for _, f := range frames {
		steps = append(steps, whole(f))
	}
	return steps
}

// answered is a step with what has to come back.
func (s step) answered(answers ...bareFrame) step {
	s.answers = answers
	return s
}

func text(payload string) bareFrame { return bareFrame{fin | opText, payload} }
func blob(payload string) bareFrame { return bareFrame{fin | opBinary, payload} }
func pong(payload string) bareFrame { return bareFrame{fin | opPong, payload} }

// frames of the client
func sendText(payload string) []byte   { return clientFrame(fin|opText, payload) }
func sendBinary(payload string) []byte { return clientFrame(fin|opBinary, payload) }
func sendPing(payload string) []byte   { return clientFrame(fin|opPing, payload) }
func sendPong(payload string) []byte   { return clientFrame(fin|opPong, payload) }
func sendClose(payload string) []byte  { return clientFrame(fin|opClose, payload) }

// run plays a case on a fresh connection, which must be an echo.
func (k conformanceCase) run(t *testing.T, c *bareSocket) {
	t.Helper()
	steps := k.steps
	if k.later != nil {
		steps = k.later()
	}
	for _, s := range steps {
		for range max(1, s.repeat) {
			c.send(s.sent, s.chop)
			for i, want := range s.answers {
				if got := c.read(); got != want {
					t.Fatalf("answer %d is %v, want %v", i+1, got, want)
				}
			}
			if s.quiet {
				c.quiet()
			}
		}
	}
	if k.ends != 0 {
		c.closed(k.ends)
		return
	}
	c.send(sendClose(closePayload(1000, "")), 0)
	c.closed(1000)
}

// unlimited are the settings that the big cases need.
var unlimited = []string{
	"--limits.frame-bytes", "0", "--limits.backlog-bytes", "0", "--limits.fragments", "0",
	"--rate-limit.messages", "0", "--rate-limit.frames", "0",
}

func TestConformanceOfTheEchoFollowsTheAutobahnCases(t *testing.T) {
	t.Parallel()
	s := startServer(t, unlimited...)
	groups := []struct {
		name  string
		count int // of the suite's cases, so that none is dropped
		cases []conformanceCase
	}{
		{"1 framing", 16, framingCases()},
		{"2 pings and pongs", 11, pingCases()},
		{"3 reserved bits", 7, reservedBitCases()},
		{"4 opcodes", 10, opcodeCases()},
		{"5 fragmentation", 20, fragmentationCases()},
		{"6 UTF-8", 145, utf8Cases()},
		{"7 closing", 37, closingCases()},
		{"9 limits and performance", 54, sizeCases()},
		{"10 fragments of odd sizes", 1, oddFragmentCases()},
	}
	all := 0
	seen := map[string]bool{}
	for _, g := range groups {
		begun, passed := time.Now(), 0
		for _, k := range g.cases {
			if group, _, _ := strings.Cut(g.name, " "); seen[k.id] || !strings.HasPrefix(k.id, group+".") {
				t.Errorf("case %s is there twice, or in the wrong group", k.id)
			}
			seen[k.id] = true
			if t.Run(k.id, func(t *testing.T) { k.run(t, s.bare(t, "/ws/echo")) }) {
				passed++
			}
		}
		if len(g.cases) != g.count {
			t.Errorf("group %s has %d cases, the suite has %d", g.name, len(g.cases), g.count)
		}
		t.Logf("group %s: %d of %d cases pass, in %v", g.name, passed, g.count, time.Since(begun).Round(time.Millisecond))
		all += len(g.cases)
	}
	if all != 301 {
		t.Errorf("%d cases, the suite's groups 1 to 7, 9 and 10 have 301", all)
	}
}

// numbered gives cases the numbers group.1, group.2 …
func numbered(group string, cases ...conformanceCase) []conformanceCase {
	for i := range cases {
		cases[i].id = fmt.Sprintf("%s.%d", group, i+1)
	}
	return cases
}

// good and bad are cases that end as the client, or as the server wants.
func good(steps ...step) conformanceCase { return conformanceCase{steps: steps} }

func bad(code int, steps ...step) conformanceCase { return conformanceCase{steps: steps, ends: code} }

func framingCases() (cases []conformanceCase) {
	for group, kind := range []func(string) (sent []byte, answer bareFrame){
		func(p string) ([]byte, bareFrame) { return sendText(p), text(p) },
		func(p string) ([]byte, bareFrame) {
			p = strings.ReplaceAll(p, "x", "\xfe")
			return sendBinary(p), blob(p)
		},
	} {
		var kinds []conformanceCase
		for _, size := range []int{0, 125, 126, 127, 128, 65535, 65536} {
			sent, answer := kind(strings.Repeat("x", size))
			kinds = append(kinds, good(whole(sent).answered(answer)))
		}
		sent, answer := kind(strings.Repeat("x", 65536))
		kinds = append(kinds, good(step{sent: sent, chop: 997, answers: []bareFrame{answer}}))
		cases = append(cases, numbered(fmt.Sprintf("1.%d", group+1), kinds...)...)
	}
	return cases
}

func pingCases() []conformanceCase {
	bytes, longest := "\x00\xff\xfe\xfd\xfc\xfb\x00\xff", strings.Repeat("\xfe", 125)
	var ten [][]byte
	var pongs []bareFrame
	for i := range 10 {
		ten, pongs = append(ten, sendPing(fmt.Sprint("ping ", i))), append(pongs, pong(fmt.Sprint("ping ", i)))
	}
	return numbered("2",
		good(whole(sendPing("")).answered(pong(""))),
		good(whole(sendPing("Hello, world!")).answered(pong("Hello, world!"))),
		good(whole(sendPing(bytes)).answered(pong(bytes))),
		good(whole(sendPing(longest)).answered(pong(longest))),
		bad(1002, whole(sendPing(longest+"\xfe"))),
		good(bytewise(sendPing(longest)).answered(pong(longest))),
		good(whole(sendPong(""))),
		good(whole(sendPong("nobody asked"))),
		good(whole(sendPong("nobody asked"), sendPing("but now")).answered(pong("but now"))),
		good(whole(ten...).answered(pongs...)),
		good(bytewise(ten...).answered(pongs...)),
	)
}

func reservedBitCases() []conformanceCase {
	const hello = "Hello, world!"
	rsv := func(bits, opcode byte) []byte { return clientFrame(fin|bits<<4|opcode, hello) }
	framed := framewise(sendText(hello), rsv(3, opText), sendPing(""))
	framed[0] = framed[0].answered(text(hello))
	return numbered("3",
		bad(1002, whole(rsv(1, opText))),
		bad(1002, whole(sendText(hello), rsv(2, opText), sendPing("")).answered(text(hello))),
		bad(1002, framed...),
		bad(1002, bytewise(sendText(hello), rsv(4, opText), sendPing("")).answered(text(hello))),
		bad(1002, whole(rsv(5, opBinary))),
		bad(1002, whole(rsv(6, opPing))),
		bad(1002, whole(clientFrame(fin|7<<4|opClose, ""))),
	)
}

func opcodeCases() (cases []conformanceCase) {
	const hello = "Hello, world!"
	for group, first := range []byte{0x3, 0xB} {
		behind := func(opcode byte, payload string) [][]byte {
			return [][]byte{sendText(hello), clientFrame(fin|opcode, payload), sendPing("")}
		}
		cases = append(cases, numbered(fmt.Sprintf("4.%d", group+1),
			bad(1002, whole(clientFrame(fin|first, ""))),
			bad(1002, whole(clientFrame(fin|first+1, "what is this?"))),
			bad(1002, whole(behind(first+2, "")...).answered(text(hello))),
			bad(1002, whole(behind(first+3, hello)...).answered(text(hello))),
			bad(1002, bytewise(behind(first+4, hello)...).answered(text(hello))),
		)...)
	}
	return cases
}

func fragmentationCases() []conformanceCase {
	begin, more, last := clientFrame(opText, "first,"), clientFrame(opContinuation, "more,"), clientFrame(fin|opContinuation, "last")
	ping, hello := sendPing("between"), sendText("Hello, world!")
	message := text("first,last")
	inFrames := func(answer bareFrame, frames ...[]byte) []step {
		steps := framewise(frames...)
		steps[len(steps)-1].answers = []bareFrame{answer}
		return steps
	}
	pinged := framewise(begin, ping, last)
	pinged[1], pinged[2] = pinged[1].answered(pong("between")), pinged[2].answered(message)
	five := text("first,more,more,more,last")
	paused := []step{ // the first pong has to come before the message is complete
		whole(begin, more, ping).answered(pong("between")),
		whole(more, more, ping, last).answered(pong("between"), five),
	}
	pausedInFrames := framewise(begin, more, ping, more, more, ping, last)
	pausedInFrames[2].answers, pausedInFrames[5].answers = []bareFrame{pong("between")}, []bareFrame{pong("between")}
	pausedInFrames[6].answers = []bareFrame{five}
	return numbered("5",
		bad(1002, whole(clientFrame(opPing, "first,"), last)),
		bad(1002, whole(clientFrame(opPong, "first,"), last)),
		good(whole(begin, last).answered(message)),
		good(inFrames(message, begin, last)...),
		good(bytewise(begin, last).answered(message)),
		good(whole(begin, ping, last).answered(pong("between"), message)),
		good(pinged...),
		good(bytewise(begin, ping, last).answered(pong("between"), message)),
		bad(1002, whole(last, hello)),
		bad(1002, framewise(last, hello)...),
		bad(1002, bytewise(last, hello)),
		bad(1002, whole(more, hello)),
		bad(1002, framewise(more, hello)...),
		bad(1002, bytewise(more, hello)),
		bad(1002, whole(begin, last, more, hello).answered(message)),
		bad(1002, whole(more, begin, last, more, begin, last)),
		bad(1002, whole(last, begin, last, last, begin, last)),
		bad(1002, whole(begin, sendText("another"))),
		good(paused...),
		good(pausedInFrames...),
	)
}

func closingCases() (cases []conformanceCase) {
	bye := sendClose(closePayload(1000, ""))
	begin, last := clientFrame(opText, "first,"), clientFrame(fin|opContinuation, "last")
	big := strings.Repeat("0123456789abcdef", 256<<10/16)
	notUTF8 := "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"
	cases = numbered("7.1",
		good(whole(sendText("Hello")).answered(text("Hello"))),
		bad(1000, whole(bye, sendClose(""))),
		bad(1000, whole(bye, sendPing(""))),
		bad(1000, whole(bye, sendText("too late"))),
		bad(1000, whole(begin, bye, last)),
		bad(1000, whole(sendText(big), sendText("Hello"), bye, sendPing("")).answered(text(big), text("Hello"))),
	)
	cases = append(cases, numbered("7.3",
		bad(1005, whole(sendClose(""))),
		bad(1002, whole(sendClose("a"))),
		bad(1000, whole(bye)),
		bad(1000, whole(sendClose(closePayload(1000, "Bye!")))),
		bad(1000, whole(sendClose(closePayload(1000, strings.Repeat("*", 123))))),
		bad(1002, whole(sendClose(closePayload(1000, strings.Repeat("*", 124))))),
	)...)
	cases = append(cases, numbered("7.5", bad(1007, whole(sendClose(closePayload(1000, notUTF8)))))...)
	var valid, invalid []conformanceCase
	for _, code := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999} {
		valid = append(valid, bad(code, whole(sendClose(closePayload(code, "")))))
	}
	for _, code := range []int{0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999} {
		invalid = append(invalid, bad(1002, whole(sendClose(closePayload(code, "")))))
	}
	cases = append(append(cases, numbered("7.7", valid...)...), numbered("7.9", invalid...)...)
	return append(cases, numbered("7.13", // the suite leaves open what happens; we say that no such code may be sent
		bad(1002, whole(sendClose(closePayload(5000, "")))),
		bad(1002, whole(sendClose(closePayload(65535, "")))),
	)...)
}
