package chat_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/internal/chat"
)

func isKind(kind chat.Kind) func(line) bool {
	return func(l line) bool { return l.Event != nil && l.Event.Kind == kind }
}

func TestTopicIsToldToThoseThereAndToWhoComes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	h := hubOn(t, path, chat.Limits{}, 0)
	a, _ := enter(t, h, ada)
	_, inB := enter(t, h, bob)
	do(t, a, chat.Command{Kind: chat.CmdTopic, Text: "  Lunch\n at\t12:30 "})
	if e := inB.read(t, isKind(chat.KindTopic)).Event; e.Text != "Lunch at 12:30" || e.Seq != 1 || e.User != ada {
		t.Errorf("told %+v", e)
	}
	e, inE := enter(t, h, eve)
	do(t, e, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: 0})
	if r := inE.read(t, isReply(chat.ReplyJoined)).Reply; r.Facts.Topic != "Lunch at 12:30" || r.Last != 1 {
		t.Errorf("who comes is told %+v", r.Facts)
	}
	if _, room := listOf(t, h, eve); room(chat.Lobby).Topic != "Lunch at 12:30" {
		t.Errorf("listed: %+v", room(chat.Lobby))
	}
	refusedWith(t, a, chat.Command{Kind: chat.CmdTopic, Text: strings.Repeat("é", chat.TopicMost+1)}, chat.CodeTooLong)
	refusedWith(t, a, chat.Command{Kind: chat.CmdTopic, Room: chat.Direct(ada.ID, ada.ID), Text: "x"}, chat.CodeNotFound)
	do(t, a, chat.Command{Kind: chat.CmdTopic})
	inB.read(t, func(l line) bool { return l.Event != nil && l.Event.Kind == chat.KindTopic && l.Event.Text == "" })
}

func TestPinsAreToldListedAndBounded(t *testing.T) {
	h := newHub(t)
	a, inA := enter(t, h, ada)
	b, inB := enter(t, h, bob)
	for range chat.PinsMost + 1 {
		do(t, a, chat.Command{Kind: chat.CmdSend, Text: "hi"})
		inA.read(t, isReply(chat.ReplyAck))
	}
	pin := func(of int64, on bool) chat.Command { return chat.Command{Kind: chat.CmdPin, Of: of, On: on, Ref: "p"} }
	for of := int64(1); of <= chat.PinsMost; of++ {
		do(t, b, pin(of, true))
	}
	do(t, b, pin(3, true)) // it is there already
	do(t, b, pin(chat.PinsMost+1, true))
	refused := inB.read(t, isReply(chat.ReplyError)).Reply
	if refused.Err.Code != chat.CodeBadRequest || refused.Of != chat.CmdPin || refused.Ref != "p" {
		t.Errorf("one too many is refused with %+v", refused)
	}
	do(t, b, pin(5, false))
	do(t, b, chat.Command{Kind: chat.CmdPin, ID: "again", Of: chat.PinsMost + 1, On: true})
	inA.read(t, func(l line) bool {
		return l.Event != nil && l.Event.Kind == chat.KindPin && l.Event.Of == chat.PinsMost+1
	})
	do(t, a, chat.Command{Kind: chat.CmdDelete, Of: 6})
	inB.read(t, isKind(chat.KindDelete))

	do(t, b, chat.Command{Kind: chat.CmdPins})
	listed := inB.read(t, isReply(chat.ReplyPins)).Reply.Messages
	if len(listed) != chat.PinsMost-1 || listed[0].Seq != chat.PinsMost+1 || listed[1].Seq != chat.PinsMost {
		t.Errorf("%d are listed: %d, %d, …", len(listed), listed[0].Seq, listed[1].Seq)
	}
	e, inE := enter(t, h, eve)
	do(t, e, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: 0})
	pins := inE.read(t, isReply(chat.ReplyJoined)).Reply.Facts.Pins
	if len(pins) != chat.PinsMost-1 || slices.Contains(pins, 5) || slices.Contains(pins, 6) || pins[len(pins)-1] != chat.PinsMost+1 {
		t.Errorf("who comes is told %v", pins)
	}
	do(t, b, pin(5, true)) // full again
	inA.read(t, func(l line) bool {
		return l.Event != nil && l.Event.Kind == chat.KindPin && l.Event.Of == 5 && l.Event.On
	})
	before := h.Stats().Stored
	do(t, b, chat.Command{Kind: chat.CmdPin, ID: "again", Of: chat.PinsMost + 1, On: true}) // sent again by who did not hear
	inB.read(t, func(l line) bool { return l.Reply != nil && l.Reply.Kind == chat.ReplyAck && l.Reply.ID == "again" })
	refusedWith(t, b, pin(6, true), chat.CodeNotFound)
	if got := h.Stats().Stored; got != before {
		t.Errorf("%d more were stored", got-before)
	}
}

func TestMutingIsToldToOnesOtherDevicesAlone(t *testing.T) {
	h := newHub(t)
	a, inA := enter(t, h, ada)
	_, phone := enter(t, h, ada)
	_, inB := enter(t, h, bob)
	do(t, a, chat.Command{Kind: chat.CmdMute, Room: chat.Lobby, On: true, Ref: "m"})
	for _, in := range []*inbox{inA, phone} {
		if r := in.read(t, isReply(chat.ReplyMuted)).Reply; r.Room != chat.Lobby || !r.On {
			t.Errorf("told %+v", r)
		}
	}
	if _, room := listOf(t, h, ada); !room(chat.Lobby).Muted {
		t.Errorf("listed: %+v", room(chat.Lobby))
	}
	do(t, a, chat.Command{Kind: chat.CmdSend, Text: "hi"})
	inB.read(t, isText("hi"))
	for _, l := range inB.all() {
		if l.Reply != nil && l.Reply.Kind == chat.ReplyMuted {
			t.Errorf("another was told %+v", l.Reply)
		}
	}
}
