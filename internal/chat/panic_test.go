package chat_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"parley/internal/chat"
)

// brittle is a dialect that can't write one text, as long as it is broken.
type brittle struct {
	lines
	broken *atomic.Bool
}

func (b brittle) AppendEvent(dst []byte, e *chat.Event) []byte {
	if b.broken.Load() && strings.Contains(e.Text, "poison") {
		panic("can't write this")
	}
	return b.lines.AppendEvent(dst, e)
}

func TestPanicOfARoomIsKeptFromTheOthersAndLosesNothing(t *testing.T) {
	h := newHub(t)
	enc := brittle{lines{echoes: true}, &atomic.Bool{}}
	enc.broken.Store(true)
	connect := func(user chat.User, room chat.RoomName, since int64) (*chat.Member, *inbox, *chat.Reply) {
		in := newInbox()
		m := h.Connect(user, "", enc, in, false)
		do(t, m, chat.Command{Kind: chat.CmdJoin, Room: room, Since: since})
		return m, in, in.read(t, isReply(chat.ReplyJoined)).Reply
	}
	a, inA, _ := connect(ada, chat.Lobby, -1)
	b, inB, _ := connect(bob, chat.Lobby, -1)
	e, inE, _ := connect(eve, "elsewhere", -1)
	defer e.Close()

	do(t, a, chat.Command{Kind: chat.CmdSend, ID: "before", Text: "before"})
	inB.read(t, isText("before"))
	do(t, b, chat.Command{Kind: chat.CmdSend, ID: "bad", Text: "poison"})
	for _, in := range []*inbox{inA, inB} {
		if code := in.ended(t); code != chat.CloseInternal {
			t.Errorf("a connection in the room was closed with %d", code)
		}
	}
	do(t, e, chat.Command{Kind: chat.CmdSend, Text: "undisturbed"})
	inE.read(t, isText("undisturbed"))
	if n := h.Stats().Panics; n != 1 {
		t.Errorf("%d panics are counted", n)
	}
	a.Close()
	b.Close()

	enc.broken.Store(false)
	b, inB, back := connect(bob, chat.Lobby, 1)
	defer b.Close()
	if len(back.Messages) != 1 || back.Messages[0].Text != "poison" {
		t.Errorf("what was stored before the panic comes back as %+v", back.Messages)
	}
	if len(back.Members) != 1 || back.Members[0] != bob {
		t.Errorf("in the room are %+v", back.Members)
	}
	do(t, b, chat.Command{Kind: chat.CmdSend, ID: "bad", Text: "poison"}) // the ack of it never came
	if ack := inB.read(t, isReply(chat.ReplyAck)).Reply; ack.Seq != 2 {
		t.Errorf("sent again, it is acknowledged as %d", ack.Seq)
	}
	do(t, b, chat.Command{Kind: chat.CmdSend, Text: "after"})
	if after := inB.read(t, isText("after")).Event; after.Seq != 3 {
		t.Errorf("the next message has seq %d", after.Seq)
	}
}
