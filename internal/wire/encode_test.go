package wire

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

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
	deleted := with(message(59, bob, ""), func(e *chat.Event) { e.Deleted = 62 })
	removed := with(*removal, func(e *chat.Event) { e.Seq = 62 })
	reply := &chat.Reply{
		Kind: chat.ReplyJoined, Resumed: true, Messages: []chat.Event{message(57, bob, "one"), *deleted, message(61, bob, "two")},
		Changes: []chat.Event{*edit, *thumb, *removed},
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
			&chat.Reply{Kind: chat.ReplyRead}, &chat.Reply{Kind: chat.ReplyPong}, &chat.Reply{Kind: chat.ReplyAck},
			&chat.Reply{Kind: chat.ReplyDone},
		} {
			if got := encode(enc, nil, tells); len(got) > 0 {
				t.Errorf("%s says %q of %+v", d.Name(), got, tells)
			}
		}
	}
	if got := JSON.Encoder().AppendReply(nil, &chat.Reply{Kind: chat.ReplyDone, Ref: "1"}); len(got) > 0 {
		t.Errorf("json says %q", got)
	}
}

func TestTextKeepsLineEnds(t *testing.T) {
	lines := with(*hi, func(e *chat.Event) { e.Text = "one\ntwo" })
	if got := texts(t, Text.Encoder().AppendEvent(nil, lines)); got[0] != "Ada: one\ntwo" {
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
