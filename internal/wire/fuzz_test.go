package wire

import (
	"bytes"
	"encoding/json"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

// The corpus in testdata/fuzz runs with every go test. To look for more: go test -fuzz FuzzDecodeJSON ./internal/wire

var codes = []chat.Code{chat.CodeBadJSON, chat.CodeBadRequest, chat.CodeUnknownType}

// checkDecoded holds what every decoder promises, whatever came in.
func checkDecoded(t *testing.T, cmd *chat.Command, err *chat.Error) {
	t.Helper()
	if err != nil {
		if !slices.Contains(codes, err.Code) || !utf8.ValidString(err.Message) || !cmp.Equal(*cmd, chat.Command{}) {
			t.Errorf("refused with %v and %+v", err, cmd)
		}
		return
	}
	if cmd.Kind == 0 || cmd.Since < -1 || cmd.Before < 0 || cmd.Limit < 0 || cmd.Limit > chat.HistoryMost {
		t.Errorf("%+v", cmd)
	}
	for _, s := range []string{cmd.Ref, cmd.ID, string(cmd.Room), cmd.To, cmd.Text, cmd.Name, cmd.Emoji, cmd.Place} {
		if !utf8.ValidString(s) {
			t.Errorf("%q is not UTF-8", s)
		}
	}
}

// object reads a JSON object as the standard library does.
func object(frame []byte) (map[string]json.RawMessage, bool) {
	var fields map[string]json.RawMessage
	err := json.Unmarshal(frame, &fields)
	return fields, err == nil && fields != nil
}

// stringOf is the string of a field, "" where it has none.
func stringOf(raw json.RawMessage) (s string) {
	_ = json.Unmarshal(raw, &s)
	return s
}

func FuzzDecodeJSON(f *testing.F) {
	f.Fuzz(func(t *testing.T, frame []byte) {
		cmd, err := JSON.Decode(frame)
		checkDecoded(t, &cmd, err)
		fields, ok := object(frame)
		if bad := err != nil && err.Code == chat.CodeBadJSON; bad == ok {
			t.Fatalf("encoding/json takes it for an object: %t; we answer %v", ok, err)
		}
		if err != nil {
			return
		}
		if cmd.ID != stringOf(fields["id"]) || cmd.Ref != cmd.ID || string(cmd.Room) != stringOf(fields["room"]) {
			t.Errorf("%+v", cmd)
		}
		if cmd.Kind == chat.CmdSend {
			var replyTo int64
			_ = json.Unmarshal(fields["reply_to"], &replyTo)
			if cmd.Text != stringOf(fields["text"]) || cmd.To != stringOf(fields["to"]) || cmd.ReplyTo != replyTo {
				t.Errorf("%+v", cmd)
			}
		}
	})
}

func FuzzDecodeRPC(f *testing.F) {
	f.Fuzz(func(t *testing.T, frame []byte) {
		cmd, err := RPC.Decode(frame)
		checkDecoded(t, &cmd, err)
		fields, ok := object(frame)
		if bad := err != nil && err.Code == chat.CodeBadJSON; bad == ok {
			t.Fatalf("encoding/json takes it for an object: %t; we answer %v", ok, err)
		}
		reply := &chat.Reply{Kind: chat.ReplyAck, Ref: cmd.Ref}
		if err != nil {
			reply = &chat.Reply{Kind: chat.ReplyError, Ref: err.Ref, Err: err}
		} else if cmd.Kind == chat.CmdSend && cmd.Text != stringOf(fields["body"]) {
			t.Errorf("%+v", cmd)
		}
		for _, text := range texts(t, RPC.Encoder().AppendReply(nil, reply)) {
			answer, ok := object([]byte(text))
			if !ok {
				t.Fatalf("the answer %s is no JSON", text)
			}
			id := fields["id"]
			if err == nil && len(id) > 0 && string(id) != "null" && utf8.Valid(id) && !bytes.Equal(id, answer["id"]) {
				t.Errorf("the answer to %s has the id %s", id, answer["id"])
			}
		}
	})
}

func FuzzDecodeLines(f *testing.F) {
	f.Fuzz(func(t *testing.T, name, text string) {
		for _, d := range []Dialect{Text, Pipe, PipeIn} {
			frame := []byte(name + "|" + text)
			cmd, err := d.Decode(frame)
			checkDecoded(t, &cmd, err)
			claim, err := DecodeFirst(d, frame)
			checkDecoded(t, &claim, err)
			if d == Text || strings.Contains(name, "|") || !utf8.ValidString(name) || !utf8.ValidString(text) {
				continue
			}
			if cmd.Text != text || claim.Kind != chat.CmdClaim || claim.Name != name || claim.Text != text {
				t.Errorf("%q: %+v, %+v", frame, cmd, claim)
			}
		}
		claim, err := DecodeFirst(Text, []byte(name+": "+text))
		checkDecoded(t, &claim, err)
		if utf8.ValidString(name) && utf8.ValidString(text) && !strings.Contains(name+":", ": ") && strings.TrimSpace(name) != "" &&
			(claim.Name != name || claim.Text != text) {
			t.Errorf("%q: %+v", name+": "+text, claim)
		}
	})
}

func FuzzDetect(f *testing.F) {
	f.Fuzz(func(t *testing.T, frame []byte) {
		want := Text
		if fields, ok := object(frame); ok {
			want = JSON
			if _, has := fields["target"]; has {
				want = RPC
			}
		} else if bytes.Contains(frame, []byte("|")) {
			want = PipeIn
		}
		d := Detect(frame)
		if d != want {
			t.Errorf("taken for %s; want %s", d.Name(), want.Name())
		}
		cmd, err := DecodeFirst(d, frame)
		checkDecoded(t, &cmd, err)
		if err != nil && err.Code == chat.CodeBadJSON {
			t.Errorf("%s then refuses it: %v", d.Name(), err)
		}
	})
}

// tags are all the markup that bodies may have.
var tags = regexp.MustCompile(
	`<(/?p|p class="me"|/?bdi|br|/a|a href="https?://[^"<>]+" rel="noopener noreferrer nofollow" target="_blank")>`)

// marked is all the markup that bodies with Markdown may have besides.
var marked = regexp.MustCompile(`<(/?(?:strong|em|del|code|blockquote|ul|ol|li)|/pre|pre tabindex="0"|ol start="[0-9]+"|/span|` +
	`span class="hl-[a-z]"|a href="(?:https?://|mailto:)[^"<>]+" title="[^"<>]+" rel="noopener noreferrer nofollow" target="_blank")>`)

func FuzzHTML(f *testing.F) {
	f.Fuzz(func(t *testing.T, name, text string) {
		body := HTML(Body{Name: name, Text: text})
		if !utf8.ValidString(body) {
			t.Fatalf("%q is not UTF-8", body)
		}
		lower := strings.ToLower(body)
		if hasSigns(text) {
			checkNesting(t, lower)
			lower = marked.ReplaceAllString(lower, "")
		}
		said := tags.ReplaceAllStringFunc(lower, func(tag string) string {
			if tag == "<br>" {
				return "\n"
			}
			return ""
		})
		if i := strings.IndexAny(said, `<>"'`); i >= 0 {
			t.Fatalf("%q has %q in it", body, said[i:])
		}
		want := text
		if act, ok := strings.CutPrefix(text, "/me "); ok {
			want = name + " " + act
		}
		seen, want := html.UnescapeString(said), strings.ToLower(readable(want))
		switch {
		case hasSigns(text):
			checkLetters(t, letters(seen), letters(want), !strings.Contains(text, "``") && !strings.Contains(text, "~~") && !strings.Contains(text, "]("))
		case seen != want:
			t.Errorf("one reads %q; want %q", seen, want)
		}
	})
}

// checkNesting holds that each element ends within the one that it began in, and that what passes the policy is what was written.
func checkNesting(t *testing.T, body string) {
	t.Helper()
	if again := policy().Sanitize(body); again != body {
		t.Errorf("%q is %q behind the policy", body, again)
	}
	var open []string
	for tag := range strings.SplitSeq(body, "<") {
		tag, _, ok := strings.Cut(tag, ">")
		if !ok || tag == "br" {
			continue
		}
		if name, ends := strings.CutPrefix(tag, "/"); !ends {
			name, _, _ = strings.Cut(tag, " ")
			open = append(open, name)
		} else if len(open) == 0 || open[len(open)-1] != name {
			t.Fatalf("%q closes %q within %q", body, name, open)
		} else {
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%q leaves %q open", body, open)
	}
}

// checkLetters holds that Markdown shows no letter that nobody wrote, in no other order, and none less where all are to be shown: the
// language of a block of code and the address of a link are not.
func checkLetters(t *testing.T, seen, want string, all bool) {
	t.Helper()
	rest := want
	for _, r := range seen {
		at := strings.IndexRune(rest, r)
		if at < 0 {
			t.Fatalf("one reads %q of %q", seen, want)
		}
		rest = rest[at+utf8.RuneLen(r):]
	}
	if all && seen != want {
		t.Errorf("one reads only %q of %q", seen, want)
	}
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return r
	}, s)
}

// readable replaces what bodies do not show, in the simplest way.
func readable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7F && r <= 0x9F {
			return utf8.RuneError
		}
		return r
	}, s)
}

func FuzzString(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		got := appendString(nil, s)
		standard, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var ours, theirs string
		if err := json.Unmarshal(got, &ours); err != nil {
			t.Fatalf("%q: %v", got, err)
		}
		_ = json.Unmarshal(standard, &theirs)
		if ours != theirs || !utf8.Valid(got) {
			t.Errorf("%q is read as %q; as the standard library writes it, %q", got, ours, theirs)
		}
		if valid := string(appendValid(nil, s)); valid != theirs {
			t.Errorf("appendValid made %q", valid)
		}
		tail := escapeTail(append([]byte(`"`), theirs...), 1)
		if want := appendString(nil, theirs); string(tail)+`"` != string(want) {
			t.Errorf("escaped in place: %q; want %q", tail, want)
		}
	})
}

func FuzzEvent(f *testing.F) {
	f.Fuzz(func(t *testing.T, kind uint8, room, id, user, name, text, emoji string, seq, of, ms int64) {
		e := &chat.Event{
			Room: chat.RoomName(room), Seq: seq, Kind: chat.Kind(kind % 7), User: chat.User{ID: chat.UserID(user), Name: name}, ClientID: id,
			Text: text, ReplyTo: of, Of: of, Emoji: emoji, On: seq%2 == 0, Time: time.UnixMilli(ms % 1e14),
		}
		for _, d := range []Dialect{JSON, RPC, Text, Pipe} {
			before := []byte("before")
			frames := d.Encoder().AppendEvent(bytes.Clone(before), e)
			if !bytes.HasPrefix(frames, before) {
				t.Fatal("what was there is not there any more")
			}
			for _, said := range texts(t, frames[len(before):]) {
				switch d {
				case JSON:
					checkEvent(t, said, e)
				case RPC:
					if fields, ok := object([]byte(said)); !ok || len(fields) != 4 {
						t.Errorf("%s", said)
					}
				case Pipe:
					if strings.Contains(said, "\n") && !strings.Contains(name, "\n") {
						t.Errorf("%q has more than one line", said)
					}
				}
			}
		}
	})
}

// checkEvent reads a json frame with the standard library and holds it to its event.
func checkEvent(t *testing.T, said string, e *chat.Event) {
	t.Helper()
	var got struct {
		Type, Room, ID, User, Name, Text, HTML, Emoji, Time string
		Seq, Of                                             int64
		ReplyTo                                             int64 `json:"reply_to"`
		On                                                  bool
	}
	if err := json.Unmarshal([]byte(said), &got); err != nil {
		t.Fatalf("%s: %v", said, err)
	}
	valid := func(s string) string { return string(appendValid(nil, s)) }
	if got.Room != valid(string(e.Room)) || got.Seq != e.Seq || got.User != valid(string(e.User.ID)) || got.Name != valid(e.User.Name) ||
		got.Time != FormatTime(e.Time) {
		t.Errorf("%s for %+v", said, e)
	}
	hasText := e.Kind == chat.KindMessage || e.Kind == chat.KindEdit
	if hasText && (got.Text != valid(e.Text) || got.HTML != HTML(BodyOf(e)) || got.ID != valid(e.ClientID)) {
		t.Errorf("%s for %+v", said, e)
	}
	if e.Kind == chat.KindMessage && got.ReplyTo != e.ReplyTo || e.Kind != chat.KindMessage && e.Kind != chat.KindTopic && got.Of != e.Of {
		t.Errorf("%s for %+v", said, e)
	}
	if e.Kind == chat.KindTopic && got.Text != valid(e.Text) || e.Kind == chat.KindPin && got.On != e.On {
		t.Errorf("%s for %+v", said, e)
	}
	if e.Kind == chat.KindReaction && (got.Emoji != valid(e.Emoji) || got.On != e.On) {
		t.Errorf("%s for %+v", said, e)
	}
}
