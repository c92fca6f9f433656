package client

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func bubble(t *testing.T, test func(t *testing.T, u *unruly)) {
	synctest.Test(t, func(t *testing.T) { test(t, newUnruly(t)) })
}

func told(events []Event) (texts []string) {
	for _, e := range events {
		if m, ok := e.(Message); ok {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

func count[E Event](events []Event) (n int) {
	for _, e := range events {
		if _, ok := e.(E); ok {
			n++
		}
	}
	return n
}

func TestHistoryIsToldOnJoiningAndThenWhatIsSaid(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		u.say("lobby", "Bob", "before")
		c := connect(t, u, Options{})
		if w := next[Welcome](c); w.User != (User{"u_Ada", "Ada"}) {
			t.Errorf("welcome is %+v", w)
		}
		if m := next[Message](c); m.Text != "before" || !m.History || m.Own {
			t.Errorf("history is %+v", m)
		}
		if j := next[Joined](c); j.Room != "lobby" || j.Resumed {
			t.Errorf("joined is %+v", j)
		}
		id := c.Send("lobby", "hello")
		if m := next[Message](c); m.Text != "hello" || m.History || !m.Own || m.ID != id {
			t.Errorf("own message is %+v", m)
		}
		if s := next[Sent](c); s.ID != id {
			t.Errorf("sent is %+v", s)
		}
		synctest.Wait()
		if again := c.rest(); len(again) != 0 || c.Waiting() != 0 {
			t.Errorf("the ack after the echo told %v, %d wait", again, c.Waiting())
		}
	})
}

func TestMessageWhoseAckWasLostIsStoredAndToldOnce(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		c := connect(t, u, Options{})
		next[Joined](c)
		u.set(func() {
			u.meddle = func(conn *unrulyConn, f frame) bool {
				if f.Type != "send" {
					return false
				}
				u.set(func() { // stored, and cut before anybody hears of it
					delete(u.conns, conn)
					u.store(f)
					u.meddle = nil
				})
				conn.end(0)
				return true
			}
		})
		c.Send("lobby", "once")
		next[Lost](c)
		next[Sent](c)
		if back := next[Back](c); back.Missed != 0 {
			t.Errorf("one's own message counts as missed: %+v", back)
		}
		c.Send("lobby", "twice")
		next[Sent](c)
		if got := u.texts("lobby"); !slices.Equal(got, []string{"once", "twice"}) {
			t.Errorf("the log holds %q", got)
		}
	})
}

func TestWhatWasSaidMeanwhileIsToldInEveryRoom(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		c := connect(t, u, Options{})
		next[Joined](c)
		c.Join("dev")
		next[Joined](c)
		u.set(func() { u.down = true })
		u.cut(1001)
		if lost := next[Lost](c); lost.Code != 1001 || lost.Idle {
			t.Errorf("lost is %+v", lost)
		}
		if err := c.Rename("Eve"); !errors.Is(err, ErrOffline) {
			t.Errorf("a rename without a connection gives %v", err)
		}
		u.say("dev", "Bob", "one")
		u.say("lobby", "Bob", "two")
		u.say("dev", "Bob", "three")
		c.Send("dev", "four")
		u.set(func() { u.down = false })
		var events []Event
		for events == nil || count[Sent](events) == 0 {
			events = append(events, <-c.Events())
		}
		got := told(events)
		slices.Sort(got)
		if !slices.Equal(got, []string{"four", "one", "three", "two"}) || count[Back](events) != 1 || count[Lost](events) != 0 {
			t.Errorf("told %q, %+v", got, events)
		}
		if i := slices.IndexFunc(events, func(e Event) bool { _, ok := e.(Back); return ok }); events[i].(Back).Missed != 3 {
			t.Errorf("%+v instead of 3", events[i])
		}
	})
}

func TestWhoIsCutOffWhileCatchingUpIsToldWhatTheyMissedInAll(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		c := connect(t, u, Options{})
		next[Joined](c)
		c.Join("dev")
		next[Joined](c)
		u.cut(1001)
		u.say("lobby", "Bob", "one")
		u.say("dev", "Bob", "two")
		u.set(func() { // the lobby is answered with the connection, dev's join is not
			u.meddle = func(_ *unrulyConn, f frame) bool { return f.Type == "join" }
		})
		if m := next[Message](c); m.Text != "one" {
			t.Errorf("told %+v", m)
		}
		synctest.Wait()
		u.set(func() { u.meddle = nil })
		u.cut(1001)
		if back := next[Back](c); back.Missed != 2 {
			t.Errorf("%+v instead of 2", back)
		}
	})
}

func TestLeftRoomIsNotJoinedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		c := connect(t, u, Options{})
		next[Joined](c)
		c.Leave("lobby")
		if left := next[Left](c); left.Room != "lobby" {
			t.Errorf("%+v", left)
		}
		u.cut(0)
		next[Back](c)
		u.say("lobby", "Bob", "unheard")
		synctest.Wait()
		if events := c.rest(); len(events) > 0 {
			t.Errorf("told %+v", events)
		}
		c.Join("lobby")
		if m := next[Message](c); !m.History {
			t.Errorf("a room that one comes back to begins with %+v", m)
		}
	})
}

func TestMissingEventIsAskedFor(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		c := connect(t, u, Options{})
		next[Joined](c)
		u.set(func() {
			for conn := range u.conns {
				delete(conn.rooms, "lobby")
				u.store(frame{Room: "lobby", User: "u_Bob", Name: "Bob", Text: "lost on the way"})
				conn.rooms["lobby"] = true
			}
		})
		u.say("lobby", "Bob", "arrived")
		u.say("lobby", "Bob", "arrived too")
		var got []string
		for range 3 {
			got = append(got, next[Message](c).Text)
		}
		synctest.Wait()
		got = append(got, told(c.rest())...)
		if !slices.Equal(got, []string{"lost on the way", "arrived", "arrived too"}) {
			t.Errorf("told %q", got)
		}
	})
}

func TestPrivateMessagesOfAnAbsenceAreTold(t *testing.T) {
	const room = "@u_Ada.u_Bob"
	bubble(t, func(t *testing.T, u *unruly) {
		for i := range 3 {
			u.say(room, "Bob", fmt.Sprint("unread ", i))
		}
		u.set(func() { u.private = []RoomInfo{{Room: room, Peer: User{"u_Bob", "Bob"}, Last: 3, Read: 1, Unread: 2}} })
		c := connect(t, u, Options{Key: "Ada"})
		next[Joined](c)
		if m := next[Message](c); m.Text != "unread 1" || m.Peer.Name != "Bob" || m.History {
			t.Errorf("%+v", m)
		}
		next[Message](c)
		u.cut(0)
		u.say(room, "Bob", "meanwhile")
		u.set(func() { u.private[0].Last = 4 })
		if m := next[Message](c); m.Text != "meanwhile" {
			t.Errorf("%+v", m)
		}
		next[Back](c)
		u.say(room, "Bob", "live")
		u.say("@u_Ada.u_Cleo", "Cleo", "first")
		next[Message](c)
		if m := next[Message](c); m.Text != "first" || m.Peer != (User{"u_Cleo", "Cleo"}) {
			t.Errorf("somebody's first private message is %+v", m)
		}
	})
}

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
				time.Sleep(time.Hour)
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

func TestMessageThatMustWaitIsNotOvertaken(t *testing.T) {
	for _, code := range []string{codeUnavailable, codeRateLimited} {
		bubble(t, func(t *testing.T, u *unruly) {
			c := connect(t, u, Options{})
			next[Joined](c)
			refused := 0
			u.set(func() {
				u.meddle = func(conn *unrulyConn, f frame) bool {
					if f.Type != "send" || f.Text != "first" || refused == 3 {
						return false
					}
					refused++
					conn.out <- frame{Type: "error", ID: f.ID, Code: code, RetryAfterMS: 700}
					return true
				}
			})
			c.Send("lobby", "first")
			c.Send("lobby", "second")
			next[Sent](c)
			next[Sent](c)
			if got := u.texts("lobby"); !slices.Equal(got, []string{"first", "second"}) || refused != 3 {
				t.Errorf("%s: the log holds %q after %d refusals", code, got, refused)
			}
		})
	}
}

func TestRefusedMessageIsDroppedWithTheReason(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		u.limits.MessageLength = 5
		u.meddle = func(conn *unrulyConn, f frame) bool {
			if f.Type != "send" || f.Text != "bad" {
				return false
			}
			conn.out <- frame{Type: "error", ID: f.ID, Code: "forbidden", Message: "You may not."}
			return true
		}
		c := connect(t, u, Options{})
		next[Joined](c)
		bad := c.Send("lobby", "bad")
		long := c.Send("lobby", "日本語でも長い")
		c.Send("lobby", "日本語でも")
		if r := next[Refused](c); r.ID != bad || r.Code != "forbidden" || r.Message != "You may not." {
			t.Errorf("%+v", r)
		}
		if r := next[Refused](c); r.ID != long || r.Code != "too_long" {
			t.Errorf("%+v", r)
		}
		next[Sent](c)
	})
}

func TestMessageThatEndsTheConnectionIsNotSentAgain(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		u.meddle = func(conn *unrulyConn, f frame) bool {
			if f.Type != "send" || f.Text != "monster" {
				return false
			}
			conn.end(1009)
			return true
		}
		c := connect(t, u, Options{})
		next[Joined](c)
		c.Send("lobby", "monster")
		c.Send("lobby", "mouse")
		if r := next[Refused](c); r.Text != "monster" {
			t.Errorf("%+v", r)
		}
		if s := next[Sent](c); s.Text != "mouse" {
			t.Errorf("%+v", s)
		}
	})
}

func TestJoinThatCouldNotBeAnsweredIsAskedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		refused := 0
		u.meddle = func(conn *unrulyConn, f frame) bool {
			if f.Type != "join" || f.Room == "dev" && refused == 2 {
				return false
			}
			code := codeUnavailable
			if f.Room == "secret" {
				code = "not_found"
			}
			refused++
			conn.out <- frame{Type: "error", ID: f.ID, Code: code, Message: "No."}
			return true
		}
		c := connect(t, u, Options{})
		next[Joined](c)
		c.Join("dev")
		if j := next[Joined](c); j.Room != "dev" {
			t.Errorf("%+v", j)
		}
		c.Join("secret")
		if f := next[Failed](c); f.Message != "No." {
			t.Errorf("%+v", f)
		}
		if l := next[Left](c); l.Room != "secret" {
			t.Errorf("%+v", l)
		}
	})
}

func TestFloodLimitIsKept(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		u.limits = Limits{RateMessages: 5, RateBurst: 20}
		c := connect(t, u, Options{})
		next[Joined](c)
		began := time.Now()
		for i := range 70 {
			c.Send("lobby", fmt.Sprint(i))
		}
		for range 70 {
			next[Sent](c)
		}
		if took := time.Since(began); took < 10*time.Second || took > 11*time.Second {
			t.Errorf("70 messages took %v; 20 at once and 5 a second are allowed", took)
		}
	})
}

func TestCloseSaysGoodbyeAndFreesTheName(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		c := connect(t, u, Options{})
		c.Close()
		synctest.Wait()
		u.mu.Lock()
		defer u.mu.Unlock()
		if !slices.Equal(u.codes, []int{1000}) || u.leaves != 1 {
			t.Errorf("close codes %v, %d leaves", u.codes, u.leaves)
		}
	})
}

func TestTypingAndReadMarksAreToldSparingly(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		var typed, read []frame
		u.meddle = func(_ *unrulyConn, f frame) bool {
			switch f.Type {
			case "typing":
				typed = append(typed, f)
			case "read":
				read = append(read, f)
			}
			return false
		}
		c := connect(t, u, Options{})
		next[Joined](c)
		for i := range 100 {
			c.Typing("lobby")
			c.Read("lobby", int64(i))
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(readEvery)
		synctest.Wait()
		if len(typed) != 4 || len(read) > 11 || read[len(read)-1].Seq != 99 {
			t.Errorf("10 s of typing: %d typing frames, read marks %+v", len(typed), read)
		}
	})
}

// Whatever the network does, what was sent is in the log once and in order, and what is told is the log.
func TestRandomCutsLoseRepeatAndReorderNothing(t *testing.T) {
	for seed := range uint64(30) {
		bubble(t, func(t *testing.T, u *unruly) {
			random, malice := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 2))
			u.meddle = func(conn *unrulyConn, f frame) bool {
				switch malice.IntN(8) {
				case 0: // cut before it is heard
					conn.end(0)
					return true
				case 1: // cut after it is heard
					u.hear(conn, f, -1)
					conn.end(1001)
					return f.Type == "send"
				default:
					return false
				}
			}
			c := connect(t, u, Options{})
			var sent []string
			var events []Event
			for i := range 60 {
				text := fmt.Sprint("ada ", i)
				sent = append(sent, text)
				c.Send("lobby", text)
				u.say("lobby", "Bob", fmt.Sprint("bob ", i))
				if random.IntN(3) == 0 {
					time.Sleep(time.Duration(random.IntN(2000)) * time.Millisecond)
				}
				events = append(events, c.rest()...)
			}
			for c.Waiting() > 0 {
				events = append(events, <-c.Events())
			}
			u.set(func() { u.meddle = nil })
			c.Send("lobby", "end")
			for len(events) == 0 || !slices.Contains(told(events[len(events)-1:]), "end") {
				events = append(events, <-c.Events())
			}
			log := u.texts("lobby")
			stored := slices.DeleteFunc(slices.Clone(log), func(s string) bool { return !strings.HasPrefix(s, "ada") })
			if !slices.Equal(stored, sent) {
				t.Fatalf("seed %d: sent %q, stored %q", seed, sent, stored)
			}
			if got := told(events); !slices.Equal(got, log) {
				t.Fatalf("seed %d: told %q\nlog %q", seed, got, log)
			}
		})
	}
}
