package chat_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"parley/internal/chat"
)

func TestPresenceIsToldOncePerUserAndAReloadIsSilent(t *testing.T) {
	h := hubOn(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 2*time.Second)
	_, inA := enter(t, h, ada)
	tab1, in1 := enter(t, h, bob)
	tab2, _ := enter(t, h, bob)
	tab1.Close()
	tab2.Close()
	tab3, _ := enter(t, h, bob) // a reload
	do(t, tab3, chat.Command{Kind: chat.CmdSend, Text: "still here"})
	inA.read(t, isText("still here"))
	tab3.Close()
	inA.read(t, func(l line) bool { return l.Signal != nil && l.Signal.Kind == chat.SignalLeave })
	var told []chat.SignalKind
	for _, l := range inA.all() {
		if l.Signal != nil && l.Signal.User == bob {
			told = append(told, l.Signal.Kind)
		}
	}
	if !slices.Equal(told, []chat.SignalKind{chat.SignalJoin, chat.SignalLeave}) {
		t.Errorf("told of Bob: %v; want one join, one leave", told)
	}
	for _, l := range in1.all() {
		if l.Signal != nil {
			t.Errorf("Bob was told of himself: %+v", l.Signal)
		}
	}
}

func TestLeavingOnPurposeHasNoGrace(t *testing.T) {
	h := hubOn(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, time.Hour)
	_, inA := enter(t, h, ada)
	b, _ := enter(t, h, bob)
	b.Leave()
	b.Close()
	inA.read(t, func(l line) bool { return l.Signal != nil && l.Signal.Kind == chat.SignalLeave && l.Signal.User == bob })
	if here, n := h.Here(chat.Lobby); n != 1 || len(here) != 1 || here[0] != ada {
		t.Errorf("here: %v", here)
	}
}

func TestSilentGuestIsAnnouncedOnceItSaysWhoItIs(t *testing.T) {
	h := newHub(t)
	_, inA := enter(t, h, ada)
	in := newInbox()
	m := h.Connect(chat.User{ID: "u_guest", Name: "Guest 1"}, "", lines{echoes: true}, in, true)
	t.Cleanup(m.Close)
	do(t, m, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
	in.read(t, isReply(chat.ReplyJoined))
	m.Identify(bob)
	do(t, m, chat.Command{Kind: chat.CmdSend, Text: "I am Bob"})
	inA.read(t, isText("I am Bob"))
	var told []chat.User
	for _, l := range inA.all() {
		if l.Signal != nil {
			told = append(told, l.Signal.User)
		}
	}
	if !slices.Equal(told, []chat.User{bob}) {
		t.Errorf("announced: %v; want Bob alone", told)
	}
}

func TestRenameIsToldToEveryoneOnce(t *testing.T) {
	h := newHub(t)
	_, inA := enter(t, h, ada)
	b1, _ := enter(t, h, bob)
	b2, inB2 := enter(t, h, bob)
	b1.Identify(chat.User{ID: bob.ID, Name: "Robert"})
	do(t, b2, chat.Command{Kind: chat.CmdSend, Text: "new name"})
	if e := inA.read(t, isText("new name")).Event; e.User.Name != "Robert" {
		t.Errorf("the other tab speaks as %s", e.User.Name)
	}
	inB2.read(t, isText("new name")) // a room writes to one seat after the other
	for _, in := range []*inbox{inA, inB2} {
		n := 0
		for _, l := range in.all() {
			if l.Signal != nil && l.Signal.Kind == chat.SignalRename {
				if l.Signal.Was != "Bob" || l.Signal.User.Name != "Robert" {
					t.Errorf("told %+v", l.Signal)
				}
				n++
			}
		}
		if n != 1 {
			t.Errorf("told %d times", n)
		}
	}
}
