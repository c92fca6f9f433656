package client

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestSilentServerIsGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		c := connect(t, u, Options{})
		next[Joined](c)
		time.Sleep(10 * time.Minute) // of the bubble's clock
		synctest.Wait()
		if events := c.rest(); len(events) > 0 {
			t.Fatalf("a server that answers pings is told of as %+v", events)
		}
		u.set(func() { u.meddle = func(*unrulyConn, frame) bool { return true } })
		began := time.Now()
		next[Lost](c)
		if took := time.Since(began); took < pongWithin || took > pingEvery+pongWithin {
			t.Errorf("given up after %v", took)
		}
		next[Back](c)
	})
}

func TestIdleConnectionComesBackWhenThePersonDoes(t *testing.T) {
	for name, act := range map[string]func(c ear){
		"reconnect": func(c ear) { c.Reconnect() },
		"send":      func(c ear) { c.Send("lobby", "I'm here") },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, u *unruly) {
				c := connect(t, u, Options{})
				next[Joined](c)
				c.Reconnect() // means nothing while there is a connection
				u.cut(closeIdle)
				if lost := next[Lost](c); !lost.Idle {
					t.Errorf("%+v", lost)
				}
				time.Sleep(time.Hour) // of the bubble: it stays away
				synctest.Wait()
				if c.Online() {
					t.Fatal("came back by itself")
				}
				act(c)
				next[Back](c)
			})
		})
	}
}

func TestConversationThatTheServerEndsIsOver(t *testing.T) {
	for _, code := range []int{closeRemoved, closeSessionEnded} {
		bubble(t, func(t *testing.T, u *unruly) {
			c := connect(t, u, Options{})
			next[Joined](c)
			u.cut(code)
			if ended := next[Ended](c); ended.Err == nil {
				t.Errorf("%d ended without a reason", code)
			}
			if _, open := <-c.Events(); open {
				t.Errorf("%d is followed by more", code)
			}
		})
	}
}

func TestRefusalOnTheWayBackEndsTheConversation(t *testing.T) {
	for _, status := range []int{401, 403, 404} {
		bubble(t, func(t *testing.T, u *unruly) {
			c := connect(t, u, Options{Key: "Ada"})
			next[Joined](c)
			u.set(func() { u.door = refuse(status, "Not you.", "") })
			u.cut(0)
			var refusal *Refusal
			if ended := next[Ended](c); !errors.As(ended.Err, &refusal) || refusal.Status != status || refusal.Error() != "Not you." {
				t.Errorf("%d: %v", status, ended.Err)
			}
		})
	}
}

func TestSessionThatWasLostIsMadeAgain(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		c := connect(t, u, Options{})
		next[Joined](c)
		joins := 0
		u.set(func() {
			u.door = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/join" {
					joins++
				}
				return joins == 0 && refuse(401, "Who?", "")(w, r)
			}
		})
		u.cut(0)
		next[Back](c)
	})
}

func refuse(status int, message, suggestion string) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":{"code":"c","message":%q,"suggestion":%q}}`, message, suggestion)
		return true
	}
}

func TestConnectSaysWhyItCannot(t *testing.T) {
	for name, test := range map[string]struct {
		door func(w http.ResponseWriter, r *http.Request) bool
		down bool
		want string
	}{
		"taken":     {door: refuse(409, "This name is in use.", "Ada 2"), want: `This name is in use. ("Ada 2" is free)`},
		"bad name":  {door: refuse(422, "A name has 32 characters at most.", ""), want: "A name has 32 characters at most."},
		"wrong key": {door: refuse(401, "This key belongs to no account.", ""), want: "This key belongs to no account."},
		"too often": {door: refuse(429, "Too many tries.", ""), want: "can't connect to 127.0.0.1:3000: Too many tries."},
		"down":      {down: true, want: "can't connect to 127.0.0.1:3000: nobody listens there; is the server running?"},
		"another": {
			door: func(w http.ResponseWriter, r *http.Request) bool { http.NotFound(w, r); return true },
			want: "127.0.0.1:3000 answers 404 Not Found; is there a chat at this address?",
		},
		"silent": {
			door: func(_ http.ResponseWriter, r *http.Request) bool {
				_, _ = io.Copy(io.Discard, r.Body) // only then does the package notice that the client is gone
				<-r.Context().Done()
				return true
			},
			want: "can't connect to 127.0.0.1:3000: no answer within 10s",
		},
		"hangs up": {
			door: func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
			want: "can't connect to 127.0.0.1:3000: it hung up before the conversation began",
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, u *unruly) {
				u.set(func() { u.door, u.down = test.door, test.down })
				for _, o := range []Options{{Name: "Ada"}, {Key: "k"}} {
					o.URL, o.Dial = "127.0.0.1:3000", u.dial
					if _, err := Connect(t.Context(), o); err == nil || err.Error() != test.want {
						t.Errorf("%+v: %v", o.Name, err)
					}
				}
			})
		})
	}
}
