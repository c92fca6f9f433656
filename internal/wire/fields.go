package wire

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"parley/internal/chat"
)

// fields are the members of a frame that the decoders know, as JSON text; nil for those that the frame doesn't have or that are
// null. A key that comes twice counts as its last.
type fields struct {
	id, typ, room, to, text, name, user, emoji, on                      []byte
	entry, password, archived                                           []byte
	replyTo, of, since, before, limit, seq, method, target, body, query []byte
	files, seconds                                                      []byte
}

func (f *fields) read(frame []byte) error {
	return eachField(frame, func(key, value []byte) {
		field := f.field(key)
		switch {
		case field == nil:
		case value[0] == 'n': // null
			*field = nil
		default:
			*field = value
		}
	})
}

func (f *fields) field(key []byte) *[]byte {
	switch string(key) {
	case "id":
		return &f.id
	case "type":
		return &f.typ
	case "room":
		return &f.room
	case "to":
		return &f.to
	case "text":
		return &f.text
	case "name":
		return &f.name
	case "user":
		return &f.user
	case "emoji":
		return &f.emoji
	case "on":
		return &f.on
	case "reply_to":
		return &f.replyTo
	case "of":
		return &f.of
	case "since":
		return &f.since
	case "before":
		return &f.before
	case "limit":
		return &f.limit
	case "seq":
		return &f.seq
	case "method":
		return &f.method
	case "target":
		return &f.target
	case "body":
		return &f.body
	case "seconds":
		return &f.seconds
	case "query":
		return &f.query
	case "files":
		return &f.files
	case "entry":
		return &f.entry
	case "password":
		return &f.password
	case "archived":
		return &f.archived
	default:
		return nil
	}
}

// reader takes values out of fields and keeps the first thing that is wrong with one.
type reader struct {
	fields
	err *chat.Error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = chat.Errorf(chat.CodeBadRequest, format, args...)
	}
}

// need passes on a value that has to be there.
func (r *reader) need(raw []byte, key string) []byte {
	if raw == nil {
		r.fail("The frame has no %q, which is needed here.", key)
	}
	return raw
}

// str reads a string; "" where there is none.
func (r *reader) str(raw []byte, key string) string {
	switch {
	case raw == nil:
		return ""
	case raw[0] != '"':
		r.fail("%q is %s. It has to be a string.", key, describe(raw))
		return ""
	default:
		return unquote(raw)
	}
}

// seqMost is the largest integer that every JSON reader keeps exactly (RFC 8259, section 6).
const seqMost = 1<<53 - 1

// integer reads an integer of a range; absent where there is none.
func (r *reader) integer(raw []byte, key string, least, most, absent int64) int64 {
	if raw == nil {
		return absent
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < least || n > most {
		r.fail("%q is %s. It has to be an integer %s.", key, describe(raw), rangeWords(least, most))
		return absent
	}
	return n
}

func rangeWords(least, most int64) string {
	if most == seqMost {
		return fmt.Sprintf("from %d on", least)
	}
	return fmt.Sprintf("from %d to %d", least, most)
}

// texts reads an array of strings; none where there is none.
func (r *reader) texts(raw []byte, key string) []string {
	if raw == nil {
		return nil
	}
	if raw[0] != '[' {
		r.fail("%q is %s. It has to be an array of strings.", key, describe(raw))
		return nil
	}
	var list []string
	for i := skipSpace(raw, 1); raw[i] != ']'; {
		end := skipValue(raw, i)
		list = append(list, r.str(raw[i:end], key))
		if i = skipSpace(raw, end); raw[i] == ',' {
			i = skipSpace(raw, i+1)
		}
	}
	return list
}

// boolean reads true or false.
func (r *reader) boolean(raw []byte, key string) bool {
	if raw != nil && raw[0] != 't' && raw[0] != 'f' {
		r.fail("%q is %s. It has to be true or false.", key, describe(raw))
	}
	return string(raw) == "true"
}

// clientID reads the client's own id.
func (r *reader) clientID(raw []byte) string {
	id := r.str(raw, "id")
	if problem := idProblem(id); problem != "" {
		r.fail("%s", problem)
		return ""
	}
	return id
}

func idProblem(id string) string {
	if len(id) > chat.IDLength && utf8.RuneCountInString(id) > chat.IDLength {
		return fmt.Sprintf("The id has more than %d characters. Use a shorter one.", chat.IDLength)
	}
	for _, c := range id {
		if unicode.IsControl(c) {
			return "The id has a control character in it. Use letters and digits."
		}
	}
	return ""
}

// describe says what a JSON value is, without repeating at length what somebody sent.
func describe(raw []byte) string {
	switch raw[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return string(raw)
	case 'n':
		return "null"
	default:
		if len(raw) > 20 {
			return "a number of many digits"
		}
		return string(raw)
	}
}
