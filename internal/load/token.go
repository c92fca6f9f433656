package load

import (
	"bytes"
	"strconv"
	"strings"
)

// Token is a message's mark: its text begins with #SENDER.NUMBER#, by which receivers know it again whatever a server puts around it.
// Senders count from 1; messages of sender 0 are those of the beginning, before anything is measured.
type Token uint64

func token(sender, number int) Token { return Token(sender)<<32 | Token(number) }

func (t Token) sender() int { return int(t >> 32) }
func (t Token) number() int { return int(t & (1<<32 - 1)) }

// Sender is the index of the member whose message it is.
func (t Token) Sender() int { return t.sender() - 1 }

// Number counts the messages of its sender from 1.
func (t Token) Number() int { return t.number() }

const minSize = 24 // bytes of a text: the longest mark

// padding is what fills a message up: words, as people write.
func padding(size int) string {
	const words = "the first one in makes the coffee and says so here "
	return strings.Repeat(words, size/len(words)+1)
}

// appendText appends a message's text: its mark, and words up to size.
func appendText(dst []byte, t Token, size int, padding string) []byte {
	at := len(dst)
	dst = append(appendMark(append(dst, '#'), t), '#')
	if n := size - (len(dst) - at); n > 0 {
		dst = append(dst, padding[:n-1]...)
		dst = append(dst, '.') // not a space, which servers take off
	}
	return dst
}

// appendMark appends SENDER.NUMBER.
func appendMark(dst []byte, t Token) []byte {
	dst = strconv.AppendUint(dst, uint64(t.sender()), 10)
	return strconv.AppendUint(append(dst, '.'), uint64(t.number()), 10)
}

// findToken finds the first mark in a frame, wherever it is. Looking for its # costs a few nanoseconds however far in it is.
func findToken(in []byte) (Token, bool) {
	for {
		at := bytes.IndexByte(in, '#')
		if at < 0 {
			return 0, false
		}
		in = in[at+1:]
		if t, n := parseMark(in); n > 0 && n < len(in) && in[n] == '#' {
			return t, true
		}
	}
}

// parseMark reads SENDER.NUMBER and returns how long it is, 0 where there is none.
func parseMark(in []byte) (Token, int) {
	sender, n := parseNumber(in)
	if n == 0 || n == len(in) || in[n] != '.' {
		return 0, 0
	}
	number, k := parseNumber(in[n+1:])
	if k == 0 {
		return 0, 0
	}
	return token(int(sender), int(number)), n + 1 + k
}

// parseNumber reads digits and returns how many there are.
func parseNumber(in []byte) (v int64, n int) {
	for n < len(in) && n < 18 && in[n]-'0' <= 9 {
		v = v*10 + int64(in[n]-'0')
		n++
	}
	return v, n
}
