package chat_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"parley/internal/chat"
)

func TestMessageReachesEveryoneTheSenderTooAndIsAcknowledged(t *testing.T) {
	h := newHub(t)
	a, inA := enter(t, h, ada)
	_, inB := enter(t, h, bob)
	do(t, a, chat.Command{Kind: chat.CmdSend, ID: "1", Ref: "1", Text: "hi"})
	for _, in := range []*inbox{inA, inB} {
		e := in.read(t, isText("hi")).Event
		if e.Seq != 1 || e.User != ada || e.Room != chat.Lobby || e.Time.IsZero() {
			t.Errorf("the message is %+v", e)
		}
	}
	if ack := inA.read(t, isReply(chat.ReplyAck)).Reply; ack.ID != "1" || ack.Seq != 1 || ack.Room != chat.Lobby {
		t.Errorf("the ack is %+v", ack)
	}
}

func TestTheSameIDTwiceIsOneMessageWithTheSameAck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	for round := range 2 { // the second time after a restart
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			h := hubOn(t, path, chat.Limits{}, 0)
			a, in := enter(t, h, ada)
			for range 2 {
				do(t, a, chat.Command{Kind: chat.CmdSend, ID: "once", Text: "hi"})
				if ack := in.read(t, isReply(chat.ReplyAck)).Reply; ack.Seq != 1 {
					t.Errorf("acknowledged as %d", ack.Seq)
				}
			}
			do(t, a, chat.Command{Kind: chat.CmdHistory})
			if got := in.read(t, isReply(chat.ReplyHistory)).Reply.Messages; len(got) != 1 {
				t.Errorf("%d messages are stored", len(got))
			}
		})
	}
}

func TestConnectionThatSentIsNotEchoedInADialectThatDoesNotEcho(t *testing.T) {
	h := newHub(t)
	connect := func() (*chat.Member, *inbox) {
		in := newInbox()
		m := h.Connect(ada, "", lines{echoes: false}, in, false)
		t.Cleanup(m.Close)
		do(t, m, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
		in.read(t, isReply(chat.ReplyJoined))
		return m, in
	}
	one, inOne := connect()
	two, inTwo := connect()
	do(t, one, chat.Command{Kind: chat.CmdSend, Text: "from one"})
	inTwo.read(t, isText("from one"))
	do(t, two, chat.Command{Kind: chat.CmdSend, Text: "from two"})
	inOne.read(t, isText("from two"))
	for _, l := range inOne.all() {
		if l.Event != nil && l.Event.Text == "from one" {
			t.Error("the sending connection got its own message")
		}
	}
}

func TestRefusalsAndTheConnectionStaysUsable(t *testing.T) {
	h := hubOn(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{MessageLength: 10, Rooms: 2}, 0)
	a, inA := enter(t, h, ada)
	b, _ := enter(t, h, bob)
	do(t, b, chat.Command{Kind: chat.CmdSend, Text: "Bob's"})
	inA.read(t, isText("Bob's"))
	private := chat.Direct(bob.ID, eve.ID)
	refusedWith(t, a, chat.Command{Kind: chat.CmdSend, Text: " \n\t\x00"}, chat.CodeEmpty)
	refusedWith(t, a, chat.Command{Kind: chat.CmdSend, Text: "12345678901"}, chat.CodeTooLong)
	do(t, a, chat.Command{Kind: chat.CmdSend, Text: "王王王王王王王王王王"}) // ten characters, thirty bytes
	refusedWith(t, a, chat.Command{Kind: chat.CmdSend, Room: "dev", Text: "x"}, chat.CodeNotMember)
	refusedWith(t, a, chat.Command{Kind: chat.CmdHistory, Room: "dev"}, chat.CodeNotMember)
	refusedWith(t, a, chat.Command{Kind: chat.CmdSend, Room: "No Room", Text: "x"}, chat.CodeBadRequest)
	refusedWith(t, a, chat.Command{Kind: chat.CmdSend, Text: "x", ReplyTo: 99}, chat.CodeNotFound)
	refusedWith(t, a, chat.Command{Kind: chat.CmdSend, Text: "x", To: "Nobody"}, chat.CodeNotFound)
	refusedWith(t, a, chat.Command{Kind: chat.CmdEdit, Of: 1, Text: "x"}, chat.CodeForbidden)
	refusedWith(t, a, chat.Command{Kind: chat.CmdDelete, Of: 1}, chat.CodeForbidden)
	refusedWith(t, a, chat.Command{Kind: chat.CmdReact, Of: 1}, chat.CodeBadRequest)
	do(t, a, chat.Command{Kind: chat.CmdJoin, Room: "dev", Since: -1})
	refusedWith(t, a, chat.Command{Kind: chat.CmdJoin, Room: "third", Since: -1}, chat.CodeRateLimited)
	for _, cmd := range []chat.CommandKind{chat.CmdSend, chat.CmdJoin, chat.CmdHistory, chat.CmdMembers, chat.CmdRead, chat.CmdTyping} {
		one := refusedWith(t, a, chat.Command{Kind: cmd, Room: private, Text: "x"}, chat.CodeNotFound)
		other := refusedWith(t, a, chat.Command{Kind: cmd, Room: "@u_x.u_y", Text: "x"}, chat.CodeNotFound)
		if one.Message != other.Message {
			t.Errorf("a private room can be told from none: %q, %q", one.Message, other.Message)
		}
	}
	do(t, a, chat.Command{Kind: chat.CmdSend, Text: "still on"})
	inA.read(t, isText("still on"))
}

func TestFloodIsRefusedWithTheTimeToWait(t *testing.T) {
	h := hubOn(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{Messages: 0.001, Burst: 3}, 0)
	a, _ := enter(t, h, ada)
	for range 3 {
		do(t, a, chat.Command{Kind: chat.CmdSend, Text: "x"})
	}
	refused := refusedWith(t, a, chat.Command{Kind: chat.CmdSend, Text: "x"}, chat.CodeRateLimited)
	if refused.RetryAfter < time.Minute {
		t.Errorf("RetryAfter = %v", refused.RetryAfter)
	}
}

func TestRateOrBurstOfZeroIsNoLimit(t *testing.T) {
	for _, limits := range []chat.Limits{{Messages: 0, Burst: 1}, {Messages: 0.001, Burst: 0}} {
		a, _ := enter(t, hubOn(t, filepath.Join(t.TempDir(), "parley.db"), limits, 0), ada)
		for range 30 {
			do(t, a, chat.Command{Kind: chat.CmdSend, Text: "x"})
		}
	}
}

func TestDrainStoresAndAcknowledgesWhatWasTaken(t *testing.T) {
	h, s := hubAndStore(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 0)
	m, in := enter(t, h, ada)
	for i := range 100 {
		do(t, m, chat.Command{Kind: chat.CmdSend, ID: fmt.Sprint(i), Text: "x"})
	}
	if err := h.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	acks := 0
	for _, l := range in.all() {
		if l.Reply != nil && l.Reply.Kind == chat.ReplyAck {
			acks++
		}
	}
	if last, err := s.Last(t.Context(), chat.Lobby); err != nil || last != 100 || acks != 100 {
		t.Errorf("%d stored, %d acknowledged, %v", last, acks, err)
	}
	refusedWith(t, m, chat.Command{Kind: chat.CmdSend, Text: "x"}, chat.CodeUnavailable)
	h.CloseAll(chat.CloseGoingAway, "bye")
	if in.code != chat.CloseGoingAway {
		t.Errorf("closed with %d", in.code)
	}
}
