package cli

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// key is a key that isn't a character.
type key int

const (
	keyNone key = iota
	keyText     // characters, see stroke
	keyEnter
	keyTab
	keyInterrupt // Ctrl-C
	keyEOF       // Ctrl-D
	keyRedraw    // Ctrl-L
	keyLeft
	keyRight
	keyHome
	keyEnd
	keyWordLeft
	keyWordRight
	keyUp
	keyDown
	keyBackspace
	keyDelete
	keyDeleteWord
	keyDeleteWordRight
	keyDeleteToStart
	keyDeleteToEnd
)

// stroke is one key press, or characters that came together.
type stroke struct {
	key  key
	text string // of keyText
}

var controlKeys = map[byte]key{
	0x01: keyHome, 0x02: keyLeft, 0x03: keyInterrupt, 0x04: keyEOF, 0x05: keyEnd, 0x06: keyRight, 0x08: keyBackspace, '\t': keyTab,
	'\n': keyEnter, 0x0b: keyDeleteToEnd, 0x0c: keyRedraw, '\r': keyEnter, 0x0e: keyDown, 0x10: keyUp, 0x15: keyDeleteToStart, 0x17: keyDeleteWord,
	0x7f: keyBackspace,
}

// What follows ESC [ and ESC O, by its last characters: xterm's, rxvt's and the Linux console's.
var sequenceKeys = map[string]key{
	"A": keyUp, "B": keyDown, "C": keyRight, "D": keyLeft, "H": keyHome, "F": keyEnd,
	"1~": keyHome, "7~": keyHome, "4~": keyEnd, "8~": keyEnd, "3~": keyDelete,
	"1;5C": keyWordRight, "1;5D": keyWordLeft, "1;3C": keyWordRight, "1;3D": keyWordLeft, "5C": keyWordRight, "5D": keyWordLeft,
	"c": keyWordRight, "d": keyWordLeft, "3;5~": keyDeleteWordRight,
}

var metaKeys = map[byte]key{
	'b': keyWordLeft, 'f': keyWordRight, 'd': keyDeleteWordRight, 0x7f: keyDeleteWord, 0x08: keyDeleteWord,
}

const (
	pasteBegin = "200~"
	pasteEnd   = "\x1b[201~"
)

// keyReader makes strokes of a terminal's bytes, however they are cut into pieces.
type keyReader struct {
	rest    []byte // begins a stroke that isn't complete
	pasting bool   // what comes is pasted, up to pasteEnd: line breaks in it are text
}

const sequenceMost = 32 // bytes of an escape sequence; a longer one is none

func (k *keyReader) read(bytes []byte) (strokes []stroke) {
	k.rest = append(k.rest, bytes...)
	for len(k.rest) > 0 {
		s, size := k.first()
		if size == 0 {
			break
		}
		k.rest = k.rest[size:]
		if s.key != keyNone {
			strokes = append(strokes, s)
		}
	}
	return strokes
}

// first returns the stroke that the rest begins with and its size, 0 where more must come.
func (k *keyReader) first() (stroke, int) {
	switch c := k.rest[0]; {
	case k.pasting:
		return k.pasted()
	case c == 0x1b:
		return k.escape()
	case c < 0x20 || c == 0x7f:
		return stroke{key: controlKeys[c]}, 1
	default:
		return characters(k.rest)
	}
}

// characters returns the characters up to the next control.
func characters(bytes []byte) (stroke, int) {
	var b strings.Builder
	at := 0
	for at < len(bytes) && bytes[at] >= 0x20 && bytes[at] != 0x7f && utf8.FullRune(bytes[at:]) {
		r, size := utf8.DecodeRune(bytes[at:])
		at += size
		if (r != utf8.RuneError || size > 1) && !unicode.IsControl(r) {
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		return stroke{}, at
	}
	return stroke{key: keyText, text: b.String()}, at
}

// escape reads ESC and what follows. ESC alone waits for the next key: without a clock it can't be told from the begin of one.
func (k *keyReader) escape() (stroke, int) {
	b := k.rest
	if len(b) < 2 {
		return stroke{}, 0
	}
	switch b[1] {
	case '[':
		if len(b) > 2 && b[2] == '[' { // the Linux console's function keys
			if len(b) < 4 {
				return stroke{}, 0
			}
			return stroke{}, 4
		}
		for i := 2; i < len(b); i++ {
			if b[i] >= 0x40 && b[i] <= 0x7e {
				body := string(b[2 : i+1])
				k.pasting = body == pasteBegin
				return stroke{key: sequenceKeys[body]}, i + 1
			}
			if b[i] < 0x20 || b[i] > 0x3f || i > sequenceMost {
				return stroke{}, i
			}
		}
		return stroke{}, 0
	case 'O':
		if len(b) < 3 {
			return stroke{}, 0
		}
		return stroke{key: sequenceKeys[string(b[2:3])]}, 3
	case 0x1b:
		return stroke{}, 1
	default:
		if meta := metaKeys[b[1]]; meta != keyNone {
			return stroke{key: meta}, 2
		}
		return stroke{}, 1 // ESC was pressed by itself, before this key
	}
}

// pasted reads up to the end of what is pasted.
func (k *keyReader) pasted() (stroke, int) {
	text, _, ended := strings.Cut(string(k.rest), pasteEnd)
	size := len(text)
	if ended {
		k.pasting = false
		size += len(pasteEnd)
	} else { // the end, or a character, may be here in part
		for n := min(len(pasteEnd)-1, len(text)); n > 0; n-- {
			if strings.HasSuffix(text, pasteEnd[:n]) {
				text = text[:len(text)-n]
				break
			}
		}
		for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
			if utf8.RuneStart(text[len(text)-n]) {
				if !utf8.FullRuneInString(text[len(text)-n:]) {
					text = text[:len(text)-n]
				}
				break
			}
		}
		text = strings.TrimSuffix(text, "\r") // perhaps of \r\n
		size = len(text)
	}
	text = clean(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
	if text == "" {
		return stroke{}, size
	}
	return stroke{key: keyText, text: text}, size
}
