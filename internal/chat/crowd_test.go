package chat_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"parley/internal/chat"
	"parley/internal/relay"
	"parley/internal/store"
)

// held is a store that doesn't say where a room is until it is let, and counts the pages that are read.
type held struct {
	*store.Store
	let   chan struct{}
	pages atomic.Int64
}

func (h *held) Last(ctx context.Context, room chat.RoomName) (int64, error) {
	<-h.let
	return h.Store.Last(ctx, room)
}

func (h *held) Before(ctx context.Context, room chat.RoomName, before int64, limit int) ([]chat.Event, error) {
	h.pages.Add(1)
	return h.Store.Before(ctx, room, before, limit)
}

// once is a dialect that counts how often it makes the messages of a join.
type once struct {
	lines
	made *atomic.Int64
}

func (o once) AppendReply(dst []byte, r *chat.Reply) []byte {
	if r.Kind == chat.ReplyJoined {
		r.Prepared.Append(nil, o, func(dst []byte) []byte { o.made.Add(1); return dst })
	}
	return o.lines.AppendReply(dst, r)
}

func TestCrowdAtTheDoorCostsOnePageAndSomebodySpeakingInItAnother(t *testing.T) {
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	log := &held{Store: s, let: make(chan struct{})}
	h := chat.NewHub(chat.Options{Log: log, Shelf: s, People: s, Finder: s, Relay: relay.Local{}})
	enc := once{lines{echoes: true}, &atomic.Int64{}}
	const crowd = 50
	var inboxes []*inbox
	join := func() *chat.Member {
		in := newInbox()
		inboxes = append(inboxes, in)
		m := h.Connect(ada, "", enc, in, false)
		do(t, m, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
		return m
	}
	for range crowd { // all of them wait for the same turn
		join()
	}
	do(t, join(), chat.Command{Kind: chat.CmdSend, ID: "1", Text: "is everybody in?"})
	for range crowd {
		join()
	}
	close(log.let)
	for i, in := range inboxes {
		messages := in.read(t, isReply(chat.ReplyJoined)).Reply.Messages
		if want := min(1, i/(crowd+1)); len(messages) != want {
			t.Fatalf("number %d is given %d messages, want %d", i, len(messages), want)
		}
	}
	if pages := log.pages.Load(); pages != 2 {
		t.Errorf("%d pages were read", pages)
	}
	if made := enc.made.Load(); made != 2 {
		t.Errorf("they were encoded %d times", made)
	}
	if err := h.Drain(t.Context()); err != nil {
		t.Error(err)
	}
}
