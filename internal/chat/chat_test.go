package chat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
