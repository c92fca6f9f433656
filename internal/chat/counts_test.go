package chat_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"parley/internal/chat"
)

// Each count moves by exactly what was done.
func TestCountsAreOfExactlyWhatWasDone(t *testing.T) {
	h := hubOn(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 0)
	sender, adas := enter(t, h, ada)
	_, bobs := enter(t, h, bob)
	before := h.Counts()
	const sent = 15
	for i := range sent {
		do(t, sender, chat.Command{Kind: chat.CmdSend, ID: fmt.Sprint(i), Room: chat.Lobby, Text: fmt.Sprint("n", i)})
	}
	do(t, sender, chat.Command{Kind: chat.CmdSend, ID: "0", Room: chat.Lobby, Text: "n0"}) // a repeat
	for range sent + 1 {
		adas.read(t, isReply(chat.ReplyAck))
	}
	bobs.read(t, isText("n14"))
	refusedWith(t, sender, chat.Command{Kind: chat.CmdSend, Room: chat.Lobby, Text: " "}, chat.CodeEmpty)
	cyd, cyds := enter(t, h, chat.User{ID: "u_cyd", Name: "Cyd"})
	for since, want := range map[int64]chat.Missed{
		sent: chat.MissedNone, sent - 3: chat.MissedFew, 0: chat.MissedSome, 99: chat.MissedMost,
	} {
		was := h.Counts().Resumed[want]
		do(t, cyd, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: since})
		cyds.read(t, isReply(chat.ReplyJoined))
		if now := h.Counts().Resumed[want]; now != was+1 {
			t.Errorf("a resume after %d of %d counts %d as %q", since, sent, now-was, want)
		}
	}
	after := h.Counts()
	if n := after.Posts - before.Posts; n != sent+1 {
		t.Errorf("%d posts", n)
	}
	if n := after.Delivered - before.Delivered; n != 2*sent {
		t.Errorf("%d delivered", n)
	}
	if n := after.Waiting; n != 0 {
		t.Errorf("%d wait", n)
	}
}

// The dialect that does not echo is not told its own, and whoever is closed is told nothing.
func TestDeliveriesCountOnlyWhatIsWritten(t *testing.T) {
	h := hubOn(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 0)
	box := newInbox()
	silent := h.Connect(ada, "", lines{echoes: false}, box, false)
	defer silent.Close()
	do(t, silent, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
	box.read(t, isReply(chat.ReplyJoined))
	_, gone := enter(t, h, bob)
	gone.Close(0, "")
	do(t, silent, chat.Command{Kind: chat.CmdSend, ID: "1", Room: chat.Lobby, Text: "hi"})
	box.read(t, isReply(chat.ReplyAck))
	if s := h.Counts(); s.Posts != 1 || s.Delivered != 0 {
		t.Errorf("%d posts, %d delivered", s.Posts, s.Delivered)
	}
}
