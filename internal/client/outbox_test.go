package client

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

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
		c.Join("dev", "")
		if j := next[Joined](c); j.Room != "dev" {
			t.Errorf("%+v", j)
		}
		c.Join("secret", "")
		if f := next[Failed](c); f.Message != "No." {
			t.Errorf("%+v", f)
		}
		if l := next[Left](c); l.Room != "secret" || !l.Never {
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
