package chat_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

// held is a store that doesn't say where a room is until it is let, and counts the pages that are read.
type held struct {
	*store.Store
	asked chan struct{} // has a token when it was asked
	let   chan struct{}
	pages atomic.Int64
}

// heldHub is a hub on a held store.
func heldHub(t *testing.T) (h *chat.Hub, log *held) {
	t.Helper()
	h, _ = hubOf(t, filepath.Join(t.TempDir(), "parley.db"), func(s *store.Store, o *chat.Options) {
		log = &held{Store: s, asked: make(chan struct{}, 100), let: make(chan struct{})}
		o.Log = log
	})
	return h, log
}

func (h *held) Last(ctx context.Context, room chat.RoomName) (int64, error) {
	h.asked <- struct{}{}
	<-h.let
	return h.Store.Last(ctx, room)
}

func (h *held) Before(ctx context.Context, room chat.RoomName, before int64, limit int) ([]chat.Event, error) {
	h.pages.Add(1)
	return h.Store.Before(ctx, room, before, limit)
}

// once is a dialect that counts how often it makes the messages of a join, and its list of members.
type once struct {
	lines
	made, listed *atomic.Int64
}

func (o once) AppendReply(dst []byte, r *chat.Reply) []byte {
	if r.Kind == chat.ReplyJoined {
		r.Prepared.Append(nil, o, func(dst []byte) []byte { o.made.Add(1); return dst })
		r.PreparedMembers.Append(nil, o, func(dst []byte) []byte { o.listed.Add(1); return dst })
	}
	return o.lines.AppendReply(dst, r)
}

// plain is a dialect whose frames are the text alone, and void a sink that takes everything.
type (
	plain struct{}
	void  struct{}
)

func (plain) AppendEvent(dst []byte, e *chat.Event) []byte   { return append(dst, e.Text...) }
func (plain) AppendSignal(dst []byte, s *chat.Signal) []byte { return append(dst, s.User.Name...) }
func (plain) AppendReply(dst []byte, r *chat.Reply) []byte   { return append(dst, byte(r.Kind)) }
func (plain) EchoesOwn() bool                                { return true }

func (void) Write([]byte) bool { return true }
func (void) Close(int, string) {}

func TestCrowdAtTheDoorCostsOnePageAndOneListAndSomebodySpeakingInItAnother(t *testing.T) {
	h, log := heldHub(t)
	enc := once{lines{echoes: true}, &atomic.Int64{}, &atomic.Int64{}}
	const crowd = 50
	var inboxes []*inbox
	join := func() *chat.Member {
		in := newInbox()
		user := chat.User{ID: chat.UserID(fmt.Sprint("u_", len(inboxes))), Name: fmt.Sprintf("P%03d", len(inboxes))}
		inboxes = append(inboxes, in)
		m := h.Connect(user, "", enc, in, false)
		do(t, m, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
		return m
	}
	join()
	<-log.asked // the turn has begun with that one; all the others wait for it
	for range crowd - 1 {
		join()
	}
	do(t, join(), chat.Command{Kind: chat.CmdSend, ID: "1", Text: "is everybody in?"})
	for range crowd {
		join()
	}
	close(log.let)
	for i, in := range inboxes {
		joined := in.read(t, isReply(chat.ReplyJoined)).Reply
		in.read(t, isText("is everybody in?"))
		members, here, told := len(inboxes), len(joined.Members), 0
		if i == 0 { // the one for whom the turn began
			members = 1
		}
		if here != members || len(joined.Messages) != 0 {
			t.Fatalf("number %d is told of %d members and given %d messages", i, here, len(joined.Messages))
		}
		for _, l := range in.all() {
			if l.Signal != nil {
				told++
			}
		}
		if want := len(inboxes) - here; told != want {
			t.Errorf("number %d is told of %d who come in besides its list; want %d", i, told, want)
		}
		in.mu.Lock()
		writes := in.writes // joined, then all the rest at once
		in.mu.Unlock()
		if writes != 2 {
			t.Errorf("number %d was written to %d times", i, writes)
		}
	}
	if pages, made, listed := log.pages.Load(), enc.made.Load(), enc.listed.Load(); pages != 1 || made != 1 || listed != 2 {
		t.Errorf("%d pages were read, and encoded %d times; members were listed %d times", pages, made, listed)
	}
	join()
	if n := len(inboxes[2*crowd+1].read(t, isReply(chat.ReplyJoined)).Reply.Messages); n != 1 {
		t.Errorf("who comes later is given %d messages", n)
	}
	if pages, made := log.pages.Load(), enc.made.Load(); pages != 2 || made != 2 {
		t.Errorf("%d pages were read, and encoded %d times", pages, made)
	}
}

func TestEachSenderOfABatchHasItsOwnAcks(t *testing.T) {
	h, log := heldHub(t)
	const senders, each = 5, 3
	var members []*chat.Member
	var inboxes []*inbox
	for i := range senders {
		in := newInbox()
		m := h.Connect(chat.User{ID: chat.UserID(fmt.Sprint("u_", i)), Name: fmt.Sprint("P", i)}, "", lines{echoes: true}, in, false)
		do(t, m, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
		members, inboxes = append(members, m), append(inboxes, in)
		if i == 0 {
			<-log.asked // the turn has begun with that one
		}
	}
	for n := range senders * each { // in turns
		do(t, members[n%senders], chat.Command{Kind: chat.CmdSend, ID: fmt.Sprint(n), Ref: fmt.Sprint(n), Text: fmt.Sprint(n)})
	}
	close(log.let)
	for i, in := range inboxes {
		for n := range senders * each {
			if e := in.read(t, func(l line) bool { return l.Event != nil }).Event; e.Seq != int64(n+1) || e.Text != fmt.Sprint(n) {
				t.Errorf("number %d is told message %d as %d, %q", i, n, e.Seq, e.Text)
			}
		}
		for n := i; n < senders*each; n += senders {
			ack := in.read(t, isReply(chat.ReplyAck)).Reply
			if ack.ID != fmt.Sprint(n) || ack.Ref != ack.ID || ack.Seq != int64(n+1) {
				t.Errorf("number %d has the ack of %s, seq %d, where that of %d belongs", i, ack.ID, ack.Seq, n)
			}
		}
		in.mu.Lock()
		if in.next != len(in.got) || in.writes != 2 {
			t.Errorf("number %d is written to %d times, and %d lines too many", i, in.writes, len(in.got)-in.next)
		}
		in.mu.Unlock()
	}
}

// bubble runs a test with a clock that steps on when everybody waits.
func bubble(t *testing.T, test func(t *testing.T, h *chat.Hub)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { test(t, hubOn(t, filepath.Join(dir, "parley.db"), chat.Limits{}, 0)) })
}

func TestSignalsWaitAMomentForEachOtherAndEventsTakeThemAlong(t *testing.T) {
	bubble(t, func(t *testing.T, h *chat.Hub) {
		a, in := enter(t, h, ada)
		time.Sleep(time.Second) // of the bubble, as all here
		in.mu.Lock()
		before := in.writes
		in.mu.Unlock()
		isJoin := func(l line) bool { return l.Signal != nil && l.Signal.Kind == chat.SignalJoin }
		begun := time.Now()
		for i := range 40 {
			enter(t, h, chat.User{ID: chat.UserID(fmt.Sprint("u_", i)), Name: fmt.Sprint("P", i)})
			if i == 0 {
				if in.read(t, isJoin); time.Since(begun) != 0 {
					t.Errorf("one who comes alone is told after %v", time.Since(begun))
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
		for range 39 {
			in.read(t, isJoin)
		}
		if late := time.Since(begun) - 400*time.Millisecond; late > 100*time.Millisecond {
			t.Errorf("the last is told %v late", late)
		}
		in.mu.Lock()
		writes := in.writes - before
		in.mu.Unlock()
		if writes > 6 {
			t.Errorf("40 who come in 0.4 s are told in %d writes", writes)
		}

		enter(t, h, bob) // is told at once or waits; what is said then does not
		enter(t, h, eve)
		said := time.Now()
		do(t, a, chat.Command{Kind: chat.CmdSend, Text: "welcome"})
		in.read(t, func(l line) bool { return isJoin(l) && l.Signal.User == eve })
		in.read(t, isText("welcome"))
		if waited := time.Since(said); waited != 0 {
			t.Errorf("a message waits %v for signals", waited)
		}
	})
}

func TestInACrowdNobodyIsToldOfEachButOfHowMany(t *testing.T) {
	bubble(t, func(t *testing.T, h *chat.Hub) {
		_, in := enter(t, h, ada)
		var others []*chat.Member
		come := func(n int) {
			for range n {
				i := len(others)
				m := h.Connect(chat.User{ID: chat.UserID(fmt.Sprint("u_", i)), Name: fmt.Sprint("P", i)}, "", plain{}, void{}, false)
				do(t, m, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
				others = append(others, m)
			}
			synctest.Wait()
			time.Sleep(time.Second)
		}
		// told returns what Ada was told since it was asked last: who came, who left, and of crowds how many and who.
		told := func() (came, left int, counts []int, members int) {
			in.mu.Lock()
			defer in.mu.Unlock()
			for ; in.next < len(in.got); in.next++ {
				switch s := in.got[in.next].Signal; {
				case s == nil:
				case s.Kind == chat.SignalJoin:
					came++
				case s.Kind == chat.SignalLeave:
					left++
				case s.Kind == chat.SignalCrowd:
					counts, members = append(counts, s.Count), len(s.Members)
				}
			}
			return came, left, counts, members
		}

		come(499)
		if came, _, counts, _ := told(); came != 499 || counts != nil {
			t.Fatalf("of 499 who came, %d were told, and %d as a number", came, counts)
		}
		come(20)
		came, left, counts, _ := told()
		if came != 0 || left != 0 || len(counts) != 1 || counts[0] <= 500 {
			t.Errorf("in a crowd %d are told to come, %d to leave, and %d as a number", came, left, counts)
		}
		time.Sleep(5 * time.Second) // of the bubble: until the number is told
		if _, _, counts, _ = told(); counts[len(counts)-1] != 520 || len(counts) > 1 {
			t.Errorf("a moment later they are said to be %d; 520 are there", counts)
		}

		inB := newInbox()
		m := h.Connect(bob, "", lines{echoes: true}, inB, false)
		do(t, m, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
		if r := inB.read(t, isReply(chat.ReplyJoined)).Reply; r.Count != 521 || len(r.Members) != 500 {
			t.Errorf("who comes in is told of %d users and that there are %d", len(r.Members), r.Count)
		}
		do(t, m, chat.Command{Kind: chat.CmdMembers, Room: chat.Lobby})
		if r := inB.read(t, isReply(chat.ReplyMembers)).Reply; len(r.Members) != 521 {
			t.Errorf("who asks is told of %d users", len(r.Members))
		}

		if here, n := h.Here(chat.Lobby); n != 521 || len(here) != 500 {
			t.Errorf("a page is told of %d users and that there are %d", len(here), n)
		}

		// Who is away or back is told with the number.
		absent := func(kind chat.CommandKind) (away []chat.Absence, back []chat.UserID) {
			do(t, others[500], chat.Command{Kind: kind, Text: "lunch"})
			time.Sleep(5 * time.Second) // of the bubble: until the number is told
			in.mu.Lock()
			defer in.mu.Unlock()
			for ; in.next < len(in.got); in.next++ {
				if s := in.got[in.next].Signal; s != nil {
					away, back = append(away, s.Away...), append(back, s.Back...)
				}
			}
			return away, back
		}
		if away, back := absent(chat.CmdAway); len(away) != 1 || away[0].User != "u_500" || away[0].Text != "lunch" || len(back) != 0 {
			t.Errorf("when one goes to lunch, a crowd is told that %+v are away and %v back", away, back)
		}
		if away, back := absent(chat.CmdBack); len(away) != 0 || len(back) != 1 || back[0] != "u_500" {
			t.Errorf("when one is back, a crowd is told that %+v are away and %v back", away, back)
		}
		do(t, others[500], chat.Command{Kind: chat.CmdAway})

		for _, other := range others[:140] {
			other.Leave()
			other.Close()
		}
		synctest.Wait()
		time.Sleep(5 * time.Second) // of the bubble: until the number is told
		for _, e := range in.all() {
			if e.Signal != nil && len(e.Signal.Members) > 0 && (len(e.Signal.Away) != 1 || e.Signal.Away[0].User != "u_500") {
				t.Errorf("when it is a crowd no longer, %+v are said to be away", e.Signal.Away)
			}
		}
		_, left, counts, members := told()
		if counts[len(counts)-1] != 399 || members != 399 || left != 399-381 {
			t.Errorf("when it is a crowd no longer, they are said to be %d, %d by name, and %d to leave", counts, members, left)
		}
		come(1)
		if came, _, counts, _ := told(); came != 1 || counts != nil {
			t.Errorf("then %d are told to come, and %d as a number", came, counts)
		}
		m.Close()
		for _, other := range others[140:] {
			other.Close()
		}
	})
}

func TestSenderHasEchoAndAckInOneWriteAndAnswersComeInOrder(t *testing.T) {
	for _, echoes := range []bool{true, false} {
		t.Run(fmt.Sprint("echoes ", echoes), func(t *testing.T) {
			bubble(t, func(t *testing.T, h *chat.Hub) {
				_, inB := enter(t, h, bob)
				in := newInbox()
				m := h.Connect(ada, "", lines{echoes: echoes}, in, false)
				defer m.Close()
				do(t, m, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
				in.read(t, isReply(chat.ReplyJoined))
				synctest.Wait()
				in.mu.Lock()
				before := in.writes
				in.mu.Unlock()
				do(t, m, chat.Command{Kind: chat.CmdSend, ID: "1", Text: "one"})
				inB.read(t, isText("one"))
				synctest.Wait()
				in.mu.Lock()
				if in.writes != before+1 {
					t.Errorf("%d writes for an echo and an ack", in.writes-before)
				}
				in.mu.Unlock()
				if echoes {
					in.read(t, isText("one"))
				}
				in.read(t, isReply(chat.ReplyAck))

				const many = 300
				for n := range many {
					do(t, m, chat.Command{Kind: chat.CmdSend, ID: fmt.Sprint("n", n), Text: fmt.Sprint(n)})
				}
				for n := range many {
					if ack := in.read(t, isReply(chat.ReplyAck)).Reply; ack.ID != fmt.Sprint("n", n) || ack.Seq != int64(n+2) {
						t.Fatalf("ack %d is of %s, seq %d", n, ack.ID, ack.Seq)
					}
					inB.read(t, isText(fmt.Sprint(n)))
				}
				echoed := 0
				for _, l := range in.all() {
					if l.Event != nil {
						echoed++
					}
				}
				if want := map[bool]int{true: many + 1, false: 0}[echoes]; echoed != want {
					t.Errorf("%d of one's own came back, want %d", echoed, want)
				}
			})
		})
	}
}
