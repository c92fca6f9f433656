package client

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

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
		c.Join("dev", "")
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
		c.Join("dev", "")
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
		c.Join("lobby", "")
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
					time.Sleep(time.Duration(random.IntN(2000)) * time.Millisecond) // of the bubble
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
