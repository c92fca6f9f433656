package chat_test

import (
	"strings"
	"testing"

	"parley/internal/chat"
)

// A few hundred of the longest messages would be megabytes in one frame, for everyone who comes back, at once.
func TestAnswersHoldNoMoreThanSomeTextHoweverManyMessagesMayBeInThem(t *testing.T) {
	const most, long = 256 << 10, 16_000 // bytes of an answer, and of one of the messages
	h := newHub(t)
	a, inA := enter(t, h, ada)
	text := strings.Repeat("𝔓", long/4)
	for range 60 {
		do(t, a, chat.Command{Kind: chat.CmdSend, Text: text})
	}
	do(t, a, chat.Command{Kind: chat.CmdSend, Text: "the end"})
	inA.read(t, isText("the end"))
	size := func(messages []chat.Event) (bytes int) {
		for i := range messages {
			bytes += len(messages[i].Text)
		}
		return bytes
	}
	for _, tt := range []struct {
		since     int64
		truncated bool
	}{{-1, false}, {0, true}, {43, true}, {44, false}, {45, false}, {60, false}, {61, false}} {
		do(t, a, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: tt.since})
		r := inA.read(t, isReply(chat.ReplyJoined)).Reply
		if r.Truncated != tt.truncated || size(r.Messages) > most || r.Last != 61 {
			t.Errorf("since %d: %d messages, %d bytes, truncated %v", tt.since, len(r.Messages), size(r.Messages), r.Truncated)
		}
		if got, want := int64(len(r.Messages)), 61-tt.since; tt.since >= 0 && !r.Truncated && got != want {
			t.Errorf("since %d: %d messages instead of %d", tt.since, got, want)
		}
		if len(r.Messages) > 0 && r.Messages[0].Seq > 1 && !r.More {
			t.Errorf("since %d: nothing says that there are older ones", tt.since)
		}
	}

	next := int64(62) // paging back reaches all of them
	for more := true; more; {
		do(t, a, chat.Command{Kind: chat.CmdHistory, Room: chat.Lobby, Before: next, Limit: chat.HistoryMost})
		r := inA.read(t, isReply(chat.ReplyHistory)).Reply
		if len(r.Messages) == 0 || size(r.Messages) > most {
			t.Fatalf("before %d: %d messages, %d bytes", next, len(r.Messages), size(r.Messages))
		}
		for i := len(r.Messages) - 1; i >= 0; i-- {
			if next--; r.Messages[i].Seq != next {
				t.Fatalf("message %d comes where %d belongs", r.Messages[i].Seq, next)
			}
		}
		more = r.More
	}
	if next != 1 {
		t.Errorf("history ends at %d", next)
	}
}
