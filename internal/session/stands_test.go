package session

import (
	"context"
	"errors"
	"slices"
	"testing"

	"parley/internal/chat"
	"parley/internal/relay"
)

// closing is a socket that notes with which code it is closed, and its own owner. Nothing is said on it.
type closing struct {
	code   int
	stands func() (bool, error)
}

func (c *closing) Write([]byte) bool                    { return true }
func (c *closing) Close(code int, _ string)             { c.code = code }
func (c *closing) Code() int                            { return c.code }
func (c *closing) Stands(context.Context) (bool, error) { return c.stands() }
func (c *closing) Spend(float64) *chat.Error            { return nil }
func (c *closing) Refused(string)                       {}
func (c *closing) Decided(string)                       {}

func TestSessionThatEndsDuringTheHandshakeIsClosed(t *testing.T) {
	hub := chat.NewHub(chat.Options{Relay: relay.Local{}})
	defer func() { _ = hub.Drain(t.Context()) }()
	for _, tt := range []struct {
		stands bool
		err    error
		code   int
	}{{false, nil, chat.CloseSessionEnded}, {true, errors.New("the disk is gone"), 1011}} {
		sock, found := &closing{}, false
		sock.stands = func() (bool, error) {
			found = slices.Contains(hub.Sessions(), "s_1") // whoever ends the session from now on finds it
			return tt.stands, tt.err
		}
		if s := Begin(t.Context(), &Rules{Hub: hub}, sock, sock, &Options{
			User: chat.User{ID: "u_ada", Name: "Ada"}, Session: "s_1", Known: true, Room: chat.Lobby, Since: -1,
		}); s != nil {
			t.Error("the conversation goes on")
		}
		if !found {
			t.Error("the session is asked about before its connection can be found by it")
		}
		if sock.code != tt.code {
			t.Errorf("closed with %d, want %d", sock.code, tt.code)
		}
		if slices.Contains(hub.Sessions(), "s_1") {
			t.Error("the connection is still known")
		}
	}
}
