package wire

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

func TestFirstFrameDecidesTheDialect(t *testing.T) {
	for _, c := range []struct {
		frame string
		want  Dialect
	}{
		{`{"type":"send","text":"a|b"}`, JSON},
		{` {} `, JSON},
		{`{"body":{"target":1}}`, JSON},
		{`{"id":7,"method":"POST","target":"/message","body":"hi"}`, RPC},
		{`{"target":null}`, RPC},
		{`{"\u0074arget":""}`, RPC},
		{`Ada|hi`, PipeIn},
		{`|`, PipeIn},
		{`{"type":"send"|`, PipeIn},
		{`["target"]`, Text},
		{`{"type":"send"`, Text},
		{`{"type":"send"} {}`, Text},
		{`"a string"`, Text},
		{`Client 1: hi`, Text},
		{``, Text},
		{"\xff", Text},
	} {
		if got := Detect([]byte(c.frame)); got != c.want {
			t.Errorf("%s is taken for %s; want %s", c.frame, got.Name(), c.want.Name())
		}
	}
}

func TestDialectsAreFoundByNameAndSubprotocol(t *testing.T) {
	for i, want := range []Dialect{JSON, Pipe, Text, RPC} {
		if d, ok := ByName(want.Name()); !ok || d != want {
			t.Errorf("%s is not found by its name", want.Name())
		}
		if d, ok := ByProtocol(Protocols[i]); !ok || d != want {
			t.Errorf("%s is not found by %s", want.Name(), Protocols[i])
		}
	}
	for _, name := range []string{"", "JSON", "pipe-in", "parley.json"} {
		if d, ok := ByName(name); ok || d != nil {
			t.Errorf("%q is a dialect", name)
		}
	}
	for _, sub := range []string{"", "json", "parley.", "parley.xml"} {
		if d, ok := ByProtocol(sub); ok || d != nil {
			t.Errorf("%q is a subprotocol", sub)
		}
	}
}

func TestConnectionThatNeverChosePipeIsWrittenJSON(t *testing.T) {
	if PipeIn.Encoder() != JSON.Encoder() {
		t.Error("a room would encode twice for json")
	}
	if Pipe.Encoder() == Text.Encoder() || !Pipe.Encoder().EchoesOwn() || RPC.Encoder().EchoesOwn() {
		t.Error("encoders are mixed up")
	}
}

func TestFirstFrameMayClaimAName(t *testing.T) {
	for _, c := range []struct {
		dialect Dialect
		frame   string
		want    chat.Command
	}{
		{Pipe, "Ada|a|b", chat.Command{Kind: chat.CmdClaim, Name: "Ada", Text: "a|b"}},
		{PipeIn, "Ada|", chat.Command{Kind: chat.CmdClaim, Name: "Ada"}},
		{PipeIn, `|a\nb`, chat.Command{Kind: chat.CmdClaim, Text: `a\nb`}},
		{Text, "Ada: see: this", chat.Command{Kind: chat.CmdClaim, Name: "Ada", Text: "see: this"}},
		{Text, "http://a.b", chat.Command{Kind: chat.CmdSend, Text: "http://a.b"}},
		{Text, ": hi", chat.Command{Kind: chat.CmdSend, Text: ": hi"}},
		{Text, "hello", chat.Command{Kind: chat.CmdSend, Text: "hello"}},
		{JSON, `{"type":"active"}`, chat.Command{Kind: chat.CmdActive, Since: -1}},
		{RPC, `{"method":"GET","target":"/members"}`, chat.Command{Kind: chat.CmdMembers, Ref: "0"}},
	} {
		got, err := DecodeFirst(c.dialect, []byte(c.frame))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.dialect.Name(), c.frame, diff)
		}
	}
}

func TestNameIsLeftOutWhereTheConnectionHasOne(t *testing.T) {
	for frame, want := range map[string]string{"x|hi": "hi", "|hi": "hi", "x|": "", "x|a|b": "a|b", `x|a\nb`: `a\nb`} {
		for _, d := range []Dialect{Pipe, PipeIn} {
			if cmd, err := d.Decode([]byte(frame)); err != nil || cmd != (chat.Command{Kind: chat.CmdSend, Text: want}) {
				t.Errorf("%s: %+v, %v", frame, cmd, err)
			}
		}
	}
	if cmd, err := Text.Decode([]byte("Ada: hi")); err != nil || cmd.Text != "Ada: hi" {
		t.Errorf("%+v, %v", cmd, err)
	}
}

func TestRefusalsSayWhatIsWrongAndWhatWouldBeRight(t *testing.T) {
	long := strings.Repeat("x", chat.IDLength+1)
	for _, c := range []struct {
		dialect Dialect
		frame   string
		code    chat.Code
		ref     string
		words   string // that the sentence has
	}{
		{JSON, ``, chat.CodeBadJSON, "", `Send one such as {"type":"send"`},
		{JSON, `hello`, chat.CodeBadJSON, "", "at byte 1"},
		{JSON, `[]`, chat.CodeBadJSON, "", "not an object"},
		{JSON, `"x"`, chat.CodeBadJSON, "", "not an object"},
		{JSON, `{"type":"ping"}{}`, chat.CodeBadJSON, "", "at byte 16"},
		{JSON, `{"type":"ping",}`, chat.CodeBadJSON, "", "at byte 16"},
		{JSON, `{"type":"ping"`, chat.CodeBadJSON, "", "unexpected end"},
		{JSON, `{}`, chat.CodeBadRequest, "", `no "type"`},
		{JSON, `{"type":null,"id":"1"}`, chat.CodeBadRequest, "1", "send, edit"},
		{JSON, `{"type":7,"id":"1"}`, chat.CodeBadRequest, "1", `"type" is 7. It has to be a string`},
		{JSON, `{"type":"shout","id":"1"}`, chat.CodeUnknownType, "1", "nick, ping"},
		{JSON, `{"Type":"ping"}`, chat.CodeBadRequest, "", `no "type"`},
		{JSON, `{"type":"send","id":7,"text":"hi"}`, chat.CodeBadRequest, "", `"id" is 7. It has to be a string`},
		{JSON, `{"type":"send","id":"` + long + `","text":"hi"}`, chat.CodeBadRequest, "", "more than 64 characters"},
		{JSON, `{"type":"send","id":"a\u0000","text":"hi"}`, chat.CodeBadRequest, "", "control character"},
		{JSON, `{"type":"send","id":"1"}`, chat.CodeBadRequest, "1", `no "text"`},
		{JSON, `{"type":"send","id":"1","text":{}}`, chat.CodeBadRequest, "1", `"text" is an object`},
		{JSON, `{"type":"send","id":"1","text":"hi","room":[]}`, chat.CodeBadRequest, "1", `"room" is an array`},
		{JSON, `{"type":"send","id":"1","text":"hi","to":true}`, chat.CodeBadRequest, "1", `"to" is true`},
		{JSON, `{"type":"send","id":"1","text":"hi","reply_to":-1}`, chat.CodeBadRequest, "1", "integer from 0 on"},
		{JSON, `{"type":"edit","id":"1","text":"hi"}`, chat.CodeBadRequest, "1", `no "of"`},
		{JSON, `{"type":"edit","id":"1","text":"hi","of":0}`, chat.CodeBadRequest, "1", "integer from 1 on"},
		{JSON, `{"type":"edit","id":"1","of":1}`, chat.CodeBadRequest, "1", `no "text"`},
		{JSON, `{"type":"delete","id":"1","of":1.5}`, chat.CodeBadRequest, "1", `"of" is 1.5`},
		{JSON, `{"type":"delete","id":"1","of":1e3}`, chat.CodeBadRequest, "1", `"of" is 1e3`},
		{JSON, `{"type":"delete","id":"1","of":"42"}`, chat.CodeBadRequest, "1", `"of" is a string`},
		{JSON, `{"type":"delete","id":"1","of":9007199254740992}`, chat.CodeBadRequest, "1", "integer"},
		{JSON, `{"type":"delete","id":"1","of":123456789012345678901234567890}`, chat.CodeBadRequest, "1", "many digits"},
		{JSON, `{"type":"react","id":"1","of":1,"emoji":"👍"}`, chat.CodeBadRequest, "1", `no "on"`},
		{JSON, `{"type":"react","id":"1","of":1,"emoji":"👍","on":1}`, chat.CodeBadRequest, "1", "true or false"},
		{JSON, `{"type":"react","id":"1","of":1,"on":true}`, chat.CodeBadRequest, "1", `no "emoji"`},
		{JSON, `{"type":"join","id":"1"}`, chat.CodeBadRequest, "1", `no "room"`},
		{JSON, `{"type":"join","room":"dev","since":-1}`, chat.CodeBadRequest, "", "integer from 0 on"},
		{JSON, `{"type":"join","room":"dev","since":"x"}`, chat.CodeBadRequest, "", `"since" is a string`},
		{JSON, `{"type":"leave"}`, chat.CodeBadRequest, "", `no "room"`},
		{JSON, `{"type":"history","limit":201}`, chat.CodeBadRequest, "", "from 0 to 200"},
		{JSON, `{"type":"history","before":-5}`, chat.CodeBadRequest, "", `"before" is -5`},
		{JSON, `{"type":"read"}`, chat.CodeBadRequest, "", `no "seq"`},
		{JSON, `{"type":"nick","id":"1"}`, chat.CodeBadRequest, "1", `no "name"`},

		{Pipe, `hi`, chat.CodeBadRequest, "", "no |"},
		{PipeIn, `{}`, chat.CodeBadRequest, "", "no |"},

		{RPC, `hi`, chat.CodeBadJSON, "0", `"target":"/message"`},
		{RPC, `[1]`, chat.CodeBadJSON, "0", "not an object"},
		{RPC, `{"id":7}`, chat.CodeBadRequest, "7", `no "method"`},
		{RPC, `{"id":7,"method":"GET"}`, chat.CodeBadRequest, "7", `no "target"`},
		{RPC, `{"id":7,"method":"GET","target":5}`, chat.CodeBadRequest, "7", `"target" is 5`},
		{RPC, `{"id":"x","method":"GET","target":"/nothing"}`, chat.CodeUnknownType, `"x"`, "POST /message, GET /history"},
		{RPC, `{"id":7,"method":"GET","target":"/message","body":"hi"}`, chat.CodeBadRequest, "7", "/message is asked for with POST"},
		{RPC, `{"id":7,"method":"POST","target":"/message"}`, chat.CodeBadRequest, "7", `no "body"`},
		{RPC, `{"id":7,"method":"POST","target":"/message","body":{}}`, chat.CodeBadRequest, "7", `"body" is an object`},
		{RPC, `{"id":7,"method":"GET","target":"/history","body":"x"}`, chat.CodeBadRequest, "7", `{"before":42,"limit":50}`},
		{RPC, `{"id":7,"method":"GET","target":"/history","body":"{\"limit\":201}"}`, chat.CodeBadRequest, "7", "from 0 to 200"},
		{RPC, `{"id":true,"method":"GET","target":"/members"}`, chat.CodeBadRequest, "0", "a number or a string"},
		{RPC, `{"id":"` + long + `","method":"GET","target":"/members"}`, chat.CodeBadRequest, "0", "more than 64 characters"},
		{RPC, `{"id":` + strings.Repeat("1", 65) + `,"method":"GET","target":"/members"}`, chat.CodeBadRequest, "0", "64 digits"},
	} {
		cmd, err := c.dialect.Decode([]byte(c.frame))
		switch {
		case err == nil:
			t.Errorf("%s %s is understood as %+v", c.dialect.Name(), c.frame, cmd)
		case err.Code != c.code || err.Ref != c.ref || !strings.Contains(err.Message, c.words):
			t.Errorf("%s %s is refused with %v, ref %q; want %s, ref %q, words %q", c.dialect.Name(), c.frame, err, err.Ref, c.code, c.ref, c.words)
		}
	}
}

func TestDecodersAreKind(t *testing.T) {
	long := strings.Repeat("é", chat.IDLength) // characters are counted, not bytes
	for _, c := range []struct {
		dialect Dialect
		frame   string
		want    chat.Command
	}{
		{JSON, "\t{ \"text\" : \"hi\" , \"type\" : \"send\" }\r\n", chat.Command{Kind: chat.CmdSend, Text: "hi", Since: -1}},
		{JSON, `{"type":"send","text":"","room":null,"reply_to":null,"more":[{"a":"]}"},"\""],"z":{}}`,
			chat.Command{Kind: chat.CmdSend, Since: -1}},
		{JSON, `{"type":"send","text":"\ud83d\udc4d\n\"\\\/\u003c"}`, chat.Command{Kind: chat.CmdSend, Text: "👍\n\"\\/<", Since: -1}},
		{JSON, `{"t\u0079pe":"\u0073end","text":"one","text":"two"}`, chat.Command{Kind: chat.CmdSend, Text: "two", Since: -1}},
		{JSON, "{\"type\":\"send\",\"text\":\"a\xffb\"}", chat.Command{Kind: chat.CmdSend, Text: "a\uFFFDb", Since: -1}},
		{JSON, `{"type":"typing","id":"` + long + `"}`, chat.Command{Kind: chat.CmdTyping, ID: long, Ref: long, Since: -1}},
		{JSON, `{"type":"ping","room":"x","of":0}`, chat.Command{Kind: chat.CmdPing, Room: "x", Since: -1}},
		{JSON, `{"type":"join","room":"dev","since":0}`, chat.Command{Kind: chat.CmdJoin, Room: "dev"}},
		{JSON, `{"type":"history"}`, chat.Command{Kind: chat.CmdHistory, Since: -1}},
		{JSON, `{"type":"history","limit":200,"before":9007199254740991}`,
			chat.Command{Kind: chat.CmdHistory, Limit: 200, Before: 9007199254740991, Since: -1}},
		{RPC, `{"id":-1.5e3,"method":"GET","target":"/history","body":" "}`, chat.Command{Kind: chat.CmdHistory, Ref: "-1.5e3"}},
		{RPC, `{"id":null,"method":"GET","target":"/history","body":null}`, chat.Command{Kind: chat.CmdHistory, Ref: "0"}},
		{RPC, "{\"id\":\"\xff\",\"method\":\"GET\",\"target\":\"/members\"}", chat.Command{Kind: chat.CmdMembers, Ref: "\"\uFFFD\""}},
		{Text, "a\xffb", chat.Command{Kind: chat.CmdSend, Text: "a\uFFFDb"}},
	} {
		got, err := c.dialect.Decode([]byte(c.frame))
		if err != nil {
			t.Errorf("%s: %v", c.frame, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.frame, diff)
		}
	}
}

func TestEveryCodeHasItsStatusInRPC(t *testing.T) {
	for code, want := range map[chat.Code]string{
		chat.CodeBadJSON: "400", chat.CodeBadRequest: "400", chat.CodeEmpty: "400", chat.CodeUnknownType: "404", chat.CodeTooLong: "413",
		chat.CodeRateLimited: "429", chat.CodeNotMember: "404", chat.CodeNotFound: "404", chat.CodeForbidden: "403",
		chat.CodeUnavailable: "503", "another": "500",
	} {
		got := texts(t, RPC.Encoder().AppendReply(nil, &chat.Reply{Kind: chat.ReplyError, Err: &chat.Error{Code: code, Message: "No."}}))
		if want := `{"id":0,"code":` + want + `,"message":"No.","body":""}`; len(got) != 1 || got[0] != want {
			t.Errorf("%s is told as %s; want %s", code, got, want)
		}
	}
}

func TestResumeIsToldInTheOrderOfSeq(t *testing.T) {
	reply := &chat.Reply{
		Kind: chat.ReplyJoined, Resumed: true, Messages: []chat.Event{message(57, bob, "one"), *with(message(59, bob, ""), func(e *chat.Event) {
			e.Deleted = 62
		}), message(61, bob, "two")},
		Changes: []chat.Event{*edit, *thumb, *with(*removal, func(e *chat.Event) { e.Seq = 63 })},
	}
	got := texts(t, Text.Encoder().AppendReply(nil, reply))
	if diff := cmp.Diff([]string{"Bob: one", "* Ada edited: hello", "Bob: two", "* Ada deleted a message"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := texts(t, RPC.Encoder().AppendReply(nil, reply)); len(got) != 4 {
		t.Errorf("rpc is told %q", got)
	}
	reply.Resumed = false
	for _, d := range []Dialect{Text, Pipe, RPC} {
		if got := d.Encoder().AppendReply(nil, reply); len(got) > 0 {
			t.Errorf("%s is told %q without having asked to resume", d.Name(), got)
		}
	}
}

func TestDialectsAreSilentWhereTheyHaveNoWords(t *testing.T) {
	for _, d := range []Dialect{Text, Pipe, RPC} {
		enc := d.Encoder()
		for _, tells := range []any{
			typing, thumb, gone,
			&chat.Reply{Kind: chat.ReplyWelcome, User: ada}, &chat.Reply{Kind: chat.ReplyRooms}, &chat.Reply{Kind: chat.ReplyLeft},
			&chat.Reply{Kind: chat.ReplyRead}, &chat.Reply{Kind: chat.ReplyPong}, &chat.Reply{Kind: chat.ReplyAck}, &chat.Reply{Kind: chat.ReplyDone},
		} {
			if got := encode(enc, nil, tells); len(got) > 0 {
				t.Errorf("%s says %q of %+v", d.Name(), got, tells)
			}
		}
	}
	if got := JSON.Encoder().AppendReply(nil, &chat.Reply{Kind: chat.ReplyDone, Ref: "1"}); len(got) > 0 {
		t.Errorf("json says %q", got)
	}
	if got := texts(t, Text.Encoder().AppendEvent(nil, with(*hi, func(e *chat.Event) { e.Text = "one\ntwo" }))); got[0] != "Ada: one\ntwo" {
		t.Errorf("text says %q", got)
	}
}

func TestRefusalInPipeHasTheTimeAtWhichItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := texts(t, Pipe.Encoder().AppendReply(nil, &chat.Reply{Kind: chat.ReplyError, Err: tooMany}))
		if want := FormatTime(time.Now()) + "|*|error: " + tooMany.Message; got[0] != want {
			t.Errorf("got %s; want %s", got[0], want)
		}
	})
}

func TestTimesAreUTCWithMilliseconds(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	for want, moment := range map[string]time.Time{
		"2026-11-21T09:20:00.000Z": time.Date(2026, 11, 21, 10, 20, 0, 0, berlin),
		"2026-11-21T09:20:00.070Z": time.Date(2026, 11, 21, 9, 20, 0, 70_999_999, time.UTC),
	} {
		if got := FormatTime(moment); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestShortTimesAreNotToldAsNone(t *testing.T) {
	for idle, want := range map[time.Duration]string{0: "0", 300 * time.Second: "300", 500 * time.Millisecond: "0.5"} {
		got := texts(t, JSON.Encoder().AppendReply(nil, &chat.Reply{Kind: chat.ReplyIdleWarning, Idle: idle}))
		if got[0] != `{"type":"idle_warning","seconds":`+want+`}` {
			t.Errorf("%v is told as %s", idle, got)
		}
	}
}
