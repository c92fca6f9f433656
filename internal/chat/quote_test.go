package chat_test

import (
	"strings"
	"testing"

	"parley/internal/chat"
)

// An answer says what it answers wherever it comes from: live, in history, to whoever comes in and to whoever comes back.
func TestAnAnswerQuotesWhatItAnswersAsThatIsNow(t *testing.T) {
	h := newHub(t)
	a, inA := enter(t, h, ada)
	b, _ := enter(t, h, bob)
	do(t, a, chat.Command{Kind: chat.CmdSend, Text: "\n  Who is there?\nTell me"})
	inA.read(t, isReply(chat.ReplyAck))
	do(t, b, chat.Command{Kind: chat.CmdSend, Text: "Me", ReplyTo: 1})
	want := chat.Quote{User: ada, Text: "Who is there?"}
	if got := inA.read(t, isText("Me")).Event.Quote; got == nil || *got != want {
		t.Fatalf("live it quotes %+v, want %+v", got, want)
	}
	quotes := func(where string) {
		t.Helper()
		do(t, a, chat.Command{Kind: chat.CmdHistory})
		history := inA.read(t, isReply(chat.ReplyHistory)).Reply.Messages
		do(t, a, chat.Command{Kind: chat.CmdHistory, Before: 3, Limit: 1}) // where what it answers is not among them
		alone := inA.read(t, isReply(chat.ReplyHistory)).Reply.Messages
		do(t, a, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: 1})
		missed := inA.read(t, isReply(chat.ReplyJoined)).Reply.Messages
		_, latest := enter(t, h, eve)
		joined := latest.all()[0].Reply.Messages
		for _, messages := range [][]chat.Event{history, alone, missed, joined} {
			if got := messages[len(messages)-1].Quote; got == nil || *got != want {
				t.Errorf("%s: it quotes %+v, want %+v", where, got, want)
			}
		}
	}
	quotes("as it was said")
	do(t, a, chat.Command{Kind: chat.CmdEdit, Of: 1, Text: strings.Repeat("é", 130)})
	inA.read(t, isReply(chat.ReplyAck))
	want.Text = strings.Repeat("é", 120) + "…"
	quotes("after an edit")
	do(t, a, chat.Command{Kind: chat.CmdDelete, Of: 1})
	inA.read(t, isReply(chat.ReplyAck))
	want = chat.Quote{User: ada, Deleted: true}
	quotes("after it was deleted")
}

func TestOneCannotAnswerWhatIsNotInTheRoom(t *testing.T) {
	h := newHub(t)
	a, in := enter(t, h, ada)
	do(t, a, chat.Command{Kind: chat.CmdJoin, Room: "dev", Since: -1})
	do(t, a, chat.Command{Kind: chat.CmdSend, Room: "dev", Text: "Only here"})
	in.read(t, isReply(chat.ReplyAck))
	refusedWith(t, a, chat.Command{Kind: chat.CmdSend, Text: "What did you say?", ReplyTo: 1}, chat.CodeNotFound)
}
