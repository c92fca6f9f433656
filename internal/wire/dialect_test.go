package wire

import (
	"testing"

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
			if cmd, err := d.Decode([]byte(frame)); err != nil || !cmp.Equal(cmd, chat.Command{Kind: chat.CmdSend, Text: want}) {
				t.Errorf("%s: %+v, %v", frame, cmd, err)
			}
		}
	}
	if cmd, err := Text.Decode([]byte("Ada: hi")); err != nil || cmd.Text != "Ada: hi" {
		t.Errorf("%+v, %v", cmd, err)
	}
}
