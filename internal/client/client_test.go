package client

import (
	"slices"
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
			time.Sleep(100 * time.Millisecond) // of the bubble: as people type and read
		}
		time.Sleep(readEvery)
		synctest.Wait()
		if len(typed) != 4 || len(read) > 11 || read[len(read)-1].Seq != 99 {
			t.Errorf("10 s of typing: %d typing frames, read marks %+v", len(typed), read)
		}
	})
}

func TestHowFarOneHasReadIsToldBeforeLeaving(t *testing.T) {
	bubble(t, func(t *testing.T, u *unruly) {
		var told []string
		u.meddle = func(_ *unrulyConn, f frame) bool {
			if f.Type == "read" || f.Type == "leave" {
				told = append(told, f.Type)
			}
			return false
		}
		c := connect(t, u, Options{})
		next[Joined](c)
		c.Read("lobby", 7)
		c.Leave("lobby")
		time.Sleep(2 * readEvery) // until it would have been told late: nothing comes that could be waited for
		synctest.Wait()
		if !slices.Equal(told, []string{"read", "leave"}) {
			t.Errorf("the server is told %v; want how far one has read, then that one leaves", told)
		}
	})
}
