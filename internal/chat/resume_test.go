package chat_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

func TestSomeoneWhoMissedMoreThanAPageIsGivenTheLatestAndToldSo(t *testing.T) {
	h := newHub(t)
	a, inA := enter(t, h, ada)
	for i := range 600 {
		do(t, a, chat.Command{Kind: chat.CmdSend, Text: fmt.Sprint("message ", i+1)})
	}
	inA.read(t, isText("message 600"))
	for _, tt := range []struct {
		since     int64
		messages  int
		truncated bool
	}{{0, 50, true}, {99, 50, true}, {100, 500, false}, {599, 1, false}, {600, 0, false}, {700, 50, true}, {-1, 50, false}} {
		do(t, a, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: tt.since})
		r := inA.read(t, isReply(chat.ReplyJoined)).Reply
		if len(r.Messages) != tt.messages || r.Truncated != tt.truncated || r.Last != 600 {
			t.Errorf("since %d: %d messages, truncated %v, last %d; want %+v", tt.since, len(r.Messages), r.Truncated, r.Last, tt)
		}
		if n := len(r.Messages); n > 0 && r.Messages[n-1].Seq != 600 {
			t.Errorf("since %d: the last message is %d", tt.since, r.Messages[n-1].Seq)
		}
	}
}

// client is someone who talks, is cut off, and comes back with the last seq that they have.
type client struct {
	hub    *chat.Hub
	user   chat.User
	member *chat.Member
	in     *inbox
	log    []chat.Event
	next   int // of the inbox: what is in the log already
}

func (c *client) connect(t *testing.T) {
	c.in = newInbox()
	c.next = 0
	c.member = c.hub.Connect(c.user, "", lines{echoes: true}, c.in, false)
	since := int64(0)
	if n := len(c.log); n > 0 {
		since = c.log[n-1].Seq
	}
	if err := c.member.Do(t.Context(), &chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: since}); err != nil {
		t.Error(err)
	}
}

// cut loses the connection in the middle of whatever goes on, after reading some of what came.
func (c *client) cut(t *testing.T) {
	c.in.Close(0, "")
	c.member.Close()
	c.take(t)
}

// take adds what came to the log, as a page does: joined, then live.
func (c *client) take(t *testing.T) {
	for _, l := range c.in.all()[c.next:] {
		c.next++
		switch {
		case l.Reply != nil && l.Reply.Kind == chat.ReplyJoined:
			if l.Reply.Truncated {
				t.Errorf("%s missed more than a page", c.user.Name)
			}
			c.log = append(c.log, l.Reply.Messages...)
		case l.Event != nil:
			c.log = append(c.log, *l.Event)
		}
	}
}

func TestEveryonesLogIsTheRoomsLogThroughCutsAndResumes(t *testing.T) { cutAndResume(t, newHub(t)) }

func TestEveryonesLogIsTheRoomsLogWhileTheClockStepsBackAndForth(t *testing.T) {
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	h, _ := hubOf(t, filepath.Join(t.TempDir(), "parley.db"), func(_ *store.Store, o *chat.Options) {
		o.Grace = time.Minute
		o.Now = func() time.Time { return noon.Add(time.Duration(rand.IntN(2_000_000)-1_000_000) * time.Second) }
	})
	stored := cutAndResume(t, h)
	if slices.IsSortedFunc(stored, func(a, b chat.Event) int { return a.Time.Compare(b.Time) }) {
		t.Error("the clock did not step: the test shows nothing")
	}
	for _, e := range stored {
		if e.Time.Sub(noon).Abs() > 1_000_000*time.Second {
			t.Errorf("message %d has the time %s, which is not the server's", e.Seq, e.Time)
		}
	}
}

// cutAndResume lets clients talk, be cut and come back, requires that all have what the room has, in its order, and returns that.
func cutAndResume(t *testing.T, h *chat.Hub) []chat.Event {
	t.Helper()
	const people, rounds, each = 8, 6, 10
	clients := make([]*client, people)
	var wg sync.WaitGroup
	for i := range clients {
		c := &client{hub: h, user: chat.User{ID: chat.UserID(fmt.Sprint("u_", i)), Name: fmt.Sprint("P", i)}}
		clients[i] = c
		wg.Go(func() {
			for round := range rounds {
				c.connect(t)
				for n := range each {
					cmd := chat.Command{Kind: chat.CmdSend, ID: fmt.Sprint(round, "-", n), Text: fmt.Sprint(i, " ", round, " ", n)}
					if err := c.member.Do(t.Context(), &cmd); err != nil {
						t.Error(err)
					}
					if rand.IntN(each) == 0 {
						break // cut with posts under way
					}
				}
				c.cut(t)
			}
		})
	}
	wg.Wait()
	var stored []chat.Event
	for _, c := range clients { // all come back, in peace, and read what they missed
		c.connect(t)
		c.in.read(t, isReply(chat.ReplyJoined))
		c.take(t)
		if len(stored) == 0 {
			stored = c.log
		}
		c.member.Close()
	}
	for i, e := range stored {
		if e.Seq != int64(i+1) {
			t.Fatalf("event %d has seq %d", i, e.Seq)
		}
	}
	for _, c := range clients {
		if len(c.log) != len(stored) {
			t.Errorf("%s has %d of %d messages", c.user.Name, len(c.log), len(stored))
			continue
		}
		for i := range stored {
			if a, b := c.log[i], stored[i]; a.Seq != b.Seq || a.Text != b.Text || a.User != b.User {
				t.Errorf("%s has %+v where the room has %+v", c.user.Name, a, b)
				break
			}
		}
	}
	return stored
}
