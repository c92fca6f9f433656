package wire

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

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
		{JSON, `{"type":"search","id":"1"}`, chat.CodeBadRequest, "1", `no "query"`},
		{JSON, `{"type":"search","id":"1","query":["x"]}`, chat.CodeBadRequest, "1", `"query" is an array`},
		{JSON, `{"type":"search","query":"x","limit":101}`, chat.CodeBadRequest, "", "from 0 to 100"},
		{JSON, `{"type":"search","query":"x","before":1}`, chat.CodeBadRequest, "", `"before" is 1. It has to be a string`},
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
		{RPC, `{"id":7,"method":"GET","target":"/search","body":"x"}`, chat.CodeBadRequest, "7", `{"query":"from:Ada hi","limit":20}`},
		{RPC, `{"id":7,"method":"GET","target":"/search","body":"{}"}`, chat.CodeBadRequest, "7", `no "query"`},
		{RPC, `{"id":7,"method":"GET","target":"/search"}`, chat.CodeBadRequest, "7", `{"query":`},
		{RPC, `{"id":true,"method":"GET","target":"/members"}`, chat.CodeBadRequest, "0", "a number or a string"},
		{RPC, `{"id":"` + long + `","method":"GET","target":"/members"}`, chat.CodeBadRequest, "0", "more than 64 characters"},
		{RPC, `{"id":` + strings.Repeat("1", 65) + `,"method":"GET","target":"/members"}`, chat.CodeBadRequest, "0", "64 digits"},
	} {
		cmd, err := c.dialect.Decode([]byte(c.frame))
		switch {
		case err == nil:
			t.Errorf("%s %s is understood as %+v", c.dialect.Name(), c.frame, cmd)
		case err.Code != c.code || err.Ref != c.ref || !strings.Contains(err.Message, c.words):
			t.Errorf("%s %s is refused with %v, ref %q; want %s, ref %q, words %q",
				c.dialect.Name(), c.frame, err, err.Ref, c.code, c.ref, c.words)
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
		{
			JSON, `{"type":"send","text":"","room":null,"reply_to":null,"more":[{"a":"]}"},"\""],"z":{}}`,
			chat.Command{Kind: chat.CmdSend, Since: -1},
		},
		{JSON, `{"type":"send","text":"\ud83d\udc4d\n\"\\\/\u003c"}`, chat.Command{Kind: chat.CmdSend, Text: "👍\n\"\\/<", Since: -1}},
		{JSON, `{"t\u0079pe":"\u0073end","text":"one","text":"two"}`, chat.Command{Kind: chat.CmdSend, Text: "two", Since: -1}},
		{JSON, "{\"type\":\"send\",\"text\":\"a\xffb\"}", chat.Command{Kind: chat.CmdSend, Text: "a\uFFFDb", Since: -1}},
		{JSON, `{"type":"typing","id":"` + long + `"}`, chat.Command{Kind: chat.CmdTyping, ID: long, Ref: long, Since: -1}},
		{JSON, `{"type":"ping","room":"x","of":0}`, chat.Command{Kind: chat.CmdPing, Room: "x", Since: -1}},
		{JSON, `{"type":"join","room":"dev","since":0}`, chat.Command{Kind: chat.CmdJoin, Room: "dev"}},
		{JSON, `{"type":"history"}`, chat.Command{Kind: chat.CmdHistory, Since: -1}},
		{
			JSON, `{"type":"history","limit":200,"before":9007199254740991}`,
			chat.Command{Kind: chat.CmdHistory, Limit: 200, Before: 9007199254740991, Since: -1},
		},
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
