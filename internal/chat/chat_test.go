package chat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/internal/chat"
	"parley/internal/relay"
	"parley/internal/store"
)

func TestMain(m *testing.M) {
	// The SQL package's connection opener ends a moment after its database was closed.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// lines is a dialect for tests: each thing that is said is one line of JSON, without a WebSocket header.
type lines struct{ echoes bool }

type line struct {
	Event  *chat.Event  `json:",omitempty"`
	Signal *chat.Signal `json:",omitempty"`
	Reply  *chat.Reply  `json:",omitempty"`
}

func (lines) append(dst []byte, l line) []byte {
	b, err := json.Marshal(l)
	if err != nil {
		panic(err)
	}
	return append(append(dst, b...), '\n')
}

func (d lines) AppendEvent(dst []byte, e *chat.Event) []byte { return d.append(dst, line{Event: e}) }

func (d lines) AppendSignal(dst []byte, s *chat.Signal) []byte { return d.append(dst, line{Signal: s}) }

func (d lines) AppendReply(dst []byte, r *chat.Reply) []byte { return d.append(dst, line{Reply: r}) }
func (d lines) EchoesOwn() bool                              { return d.echoes }

// inbox is a sink that keeps what it is written, until it is cut.
type inbox struct {
	mu   sync.Mutex // guards what follows
	cond *sync.Cond
	got  []line
	next int
	cut  bool
	code int

	writes int
}

func newInbox() *inbox {
	i := &inbox{}
	i.cond = sync.NewCond(&i.mu)
	return i
}

func (i *inbox) Write(frames []byte) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.cut {
		return false
	}
	i.writes++
	for raw := range bytes.Lines(frames) {
		var l line
		if err := json.Unmarshal(raw, &l); err != nil {
			panic(err)
		}
		i.got = append(i.got, l)
	}
	i.cond.Broadcast()
	return true
}

func (i *inbox) Close(code int, _ string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.code, i.cut = code, true
	i.cond.Broadcast()
}

// read returns the next line that matches, passing over others.
func (i *inbox) read(t *testing.T, match func(line) bool) line {
	t.Helper()
	timeout := time.AfterFunc(10*time.Second, func() { i.mu.Lock(); defer i.mu.Unlock(); i.cut = true; i.cond.Broadcast() })
	defer timeout.Stop()
	i.mu.Lock()
	defer i.mu.Unlock()
	for {
		for i.next < len(i.got) {
			l := i.got[i.next]
			i.next++
			if match(l) {
				return l
			}
		}
		if i.cut {
			t.Fatalf("the line that was waited for did not come; the last were %s", describe(i.got))
		}
		i.cond.Wait()
	}
}

// ended waits until the inbox has been closed, and returns the code.
func (i *inbox) ended(t *testing.T) int {
	t.Helper()
	timeout := time.AfterFunc(10*time.Second, func() { i.Close(0, "") })
	defer timeout.Stop()
	i.mu.Lock()
	defer i.mu.Unlock()
	for !i.cut {
		i.cond.Wait()
	}
	return i.code
}

func describe(got []line) string {
	b, _ := json.Marshal(got[max(0, len(got)-5):])
	return string(b)
}

// all returns what came so far.
func (i *inbox) all() []line {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.got)
}

func isReply(kind chat.ReplyKind) func(line) bool {
	return func(l line) bool { return l.Reply != nil && l.Reply.Kind == kind }
}

func isText(text string) func(line) bool {
	return func(l line) bool { return l.Event != nil && l.Event.Text == text }
}

// hubOf opens a database file and a hub on it, until the end of the test. With what else the hub has, set says.
func hubOf(t testing.TB, path string, set func(s *store.Store, o *chat.Options)) (*chat.Hub, *store.Store) {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	options := chat.Options{Log: s, Shelf: s, People: s, Finder: s, Relay: relay.Local{}}
	set(s, &options)
	h := chat.NewHub(options)
	t.Cleanup(func() {
		if err := h.Drain(context.Background()); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return h, s
}

func hubAndStore(t testing.TB, path string, limits chat.Limits, grace time.Duration) (*chat.Hub, *store.Store) {
	t.Helper()
	return hubOf(t, path, func(_ *store.Store, o *chat.Options) { o.Limits, o.Grace = limits, grace })
}

func hubOn(t testing.TB, path string, limits chat.Limits, grace time.Duration) *chat.Hub {
	t.Helper()
	h, _ := hubAndStore(t, path, limits, grace)
	return h
}

func newHub(t *testing.T) *chat.Hub {
	return hubOn(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 0)
}

var (
	ada = chat.User{ID: "u_ada", Name: "Ada"}
	bob = chat.User{ID: "u_bob", Name: "Bob"}
	eve = chat.User{ID: "u_eve", Name: "Eve"}
)

// enter connects a user and joins the lobby.
func enter(t *testing.T, h *chat.Hub, user chat.User) (*chat.Member, *inbox) {
	t.Helper()
	in := newInbox()
	m := h.Connect(user, "", lines{echoes: true}, in, false)
	t.Cleanup(m.Close)
	do(t, m, chat.Command{Kind: chat.CmdJoin, Room: chat.Lobby, Since: -1})
	in.read(t, isReply(chat.ReplyJoined))
	return m, in
}

func do(t *testing.T, m *chat.Member, cmd chat.Command) {
	t.Helper()
	if err := m.Do(t.Context(), &cmd); err != nil {
		t.Fatalf("%+v: %v", cmd, err)
	}
}

func refusedWith(t *testing.T, m *chat.Member, cmd chat.Command, code chat.Code) *chat.Error {
	t.Helper()
	var refused *chat.Error
	if err := m.Do(t.Context(), &cmd); !errors.As(err, &refused) || refused.Code != code {
		t.Fatalf("%+v was answered with %v; want %s", cmd, err, code)
	}
	return refused
}

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

func TestPresenceIsToldOncePerUserAndAReloadIsSilent(t *testing.T) {
	h := hubOn(t, filepath.Join(t.TempDir(), "parley.db"), chat.Limits{}, 300*time.Millisecond)
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
