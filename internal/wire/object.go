package wire

import (
	"encoding/json"
	"errors"
	"unicode/utf8"

	"parley/internal/chat"
)

// errNotObject is what eachField says of JSON that is not an object.
var errNotObject = errors.New("it is not an object")

// eachField calls field for each member of a JSON object with its key and the JSON text of its value, in their order. The error
// says why frame is not one JSON object; nothing was called then.
func eachField(frame []byte, field func(key, value []byte)) error {
	if !json.Valid(frame) {
		var v json.RawMessage
		return json.Unmarshal(frame, &v)
	}
	i := skipSpace(frame, 0)
	if frame[i] != '{' {
		return errNotObject
	}
	// What follows may trust the syntax.
	for i = skipSpace(frame, i+1); frame[i] != '}'; {
		end := skipValue(frame, i)
		key := frame[i+1 : end-1]
		if isEscaped(key) {
			key = []byte(unquote(frame[i:end]))
		}
		i = skipSpace(frame, end)
		i = skipSpace(frame, i+1) // the colon
		end = skipValue(frame, i)
		field(key, frame[i:end])
		i = skipSpace(frame, end)
		if frame[i] == ',' {
			i = skipSpace(frame, i+1)
		}
	}
	return nil
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns where the JSON value that begins at i ends.
func skipValue(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		for depth := 0; ; {
			switch b[i] {
			case '"':
				i = skipString(b, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			i++
			if depth == 0 {
				return i
			}
		}
	default:
		for ; i < len(b); i++ {
			switch b[i] {
			case ',', '}', ']', ' ', '\n', '\t', '\r':
				return i
			}
		}
		return i
	}
}

func skipString(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// isEscaped reports whether the inside of a JSON string is not the string itself.
func isEscaped(inside []byte) bool {
	for _, c := range inside {
		if c == '\\' {
			return true
		}
	}
	return !utf8.Valid(inside)
}

// unquote returns the string that a JSON string says. What is not UTF-8 becomes U+FFFD.
func unquote(raw []byte) string {
	if inside := raw[1 : len(raw)-1]; !isEscaped(inside) {
		return string(inside)
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// badJSON says why a frame is not one JSON object, and what one looks like.
func badJSON(err error, example string) *chat.Error {
	if errors.Is(err, errNotObject) {
		return chat.Errorf(chat.CodeBadJSON, "The frame is JSON, but not an object. Send one such as %s.", example)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return chat.Errorf(chat.CodeBadJSON, "The frame is not one JSON object: at byte %d, %s. Send one such as %s.",
			syntax.Offset, syntax, example)
	}
	return chat.Errorf(chat.CodeBadJSON, "The frame is not one JSON object. Send one such as %s.", example)
}
