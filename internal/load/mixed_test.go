package load

import (
	"fmt"
	"reflect"
	"testing"
)

func TestSameSeedMakesTheSameDay(t *testing.T) {
	t.Parallel()
	rooms, in, acts := plan(60, 7)
	again, inAgain, actsAgain := plan(60, 7)
	if !reflect.DeepEqual(rooms, again) || !reflect.DeepEqual(in, inAgain) || !reflect.DeepEqual(acts, actsAgain) {
		t.Error("two days of one seed differ")
	}
	if _, _, other := plan(60, 8); reflect.DeepEqual(acts, other) {
		t.Error("another seed makes the same day")
	}
}

func TestDayHasAllDeedsInAPossibleOrder(t *testing.T) {
	t.Parallel()
	rooms, in, acts := plan(50, 1)
	if len(rooms) != 1+5+2 {
		t.Errorf("rooms %v", rooms)
	}
	var done [deeds]int
	there, before := map[int]bool{}, 0.0
	for _, a := range acts {
		if a.at < before || a.at > 1 {
			t.Fatalf("%+v comes after %v", a, before)
		}
		before = a.at
		done[a.what]++
		switch a.what {
		case arrive, wake:
			if there[a.who] {
				t.Errorf("%+v: is there already", a)
			}
			there[a.who] = true
		default:
			if !there[a.who] && a.what != typing { // which comes a moment before the message
				t.Errorf("%+v: isn't there", a)
			}
			if a.what == sleep || a.what == goHome {
				there[a.who] = false
			}
		}
	}
	for what, n := range done {
		if n == 0 {
			t.Errorf("nobody does %d", what)
		}
	}
	if done[arrive] != 50 || done[wake] != done[sleep] || len(there) != 50 || len(in[49]) < 2 {
		t.Errorf("%v", done)
	}
}

// event is what somebody said, or with of a reaction.
func event(seq, of int64) *told {
	e := &told{Type: "message", User: "u", ID: fmt.Sprint(seq), Seq: seq}
	if of > 0 {
		e.Type, e.ID, e.Of, e.Emoji, e.On = "reaction", "", of, "👍", true
	}
	return e
}

func TestWhatGoesWrongInARoomIsFound(t *testing.T) {
	t.Parallel()
	join := func(since, last int64, events ...*told) func(*seat, *Verified) {
		return func(s *seat, v *Verified) {
			j := &told{Last: last}
			for _, e := range events {
				if e.Of == 0 {
					j.Messages = append(j.Messages, *e)
				} else {
					j.Changes = append(j.Changes, *e)
				}
			}
			s.there, s.since = false, since
			s.joined(j, v)
		}
	}
	live := func(events ...*told) func(*seat, *Verified) {
		return func(s *seat, v *Verified) {
			for _, e := range events {
				s.live(e, v)
			}
		}
	}
	changed := event(3, 0)
	changed.ID = "another"
	for _, c := range []struct {
		name              string
		does              []func(*seat, *Verified)
		lost, twice, turn int
	}{
		{"all is well", []func(*seat, *Verified){live(event(3, 0), event(4, 0), event(5, 2)), join(5, 5)}, 0, 0, 0},
		{"comes back to all", []func(*seat, *Verified){join(2, 5, event(3, 0), event(4, 0), event(5, 2)), live(event(6, 0))}, 0, 0, 0},
		{"a change to what is told with it is in it", []func(*seat, *Verified){join(2, 6, event(3, 0), event(4, 0), event(5, 2)), live(event(7, 0))}, 0, 0, 0},
		{"one is missing", []func(*seat, *Verified){live(event(3, 0), event(5, 2))}, 1, 0, 0},
		{"one comes twice", []func(*seat, *Verified){live(event(3, 0), event(3, 0))}, 0, 1, 0},
		{"another than others got", []func(*seat, *Verified){live(changed)}, 0, 0, 1},
		{"a message is missing on coming back", []func(*seat, *Verified){join(2, 5, event(3, 0), event(5, 2))}, 1, 0, 0},
		{"a change is missing on coming back", []func(*seat, *Verified){join(2, 5, event(3, 0), event(4, 0))}, 1, 0, 0},
		{"what one has comes again on coming back", []func(*seat, *Verified){join(2, 5, event(2, 0), event(3, 0), event(4, 0), event(5, 2))}, 0, 1, 0},
		{"upside down", []func(*seat, *Verified){join(2, 5, event(4, 0), event(3, 0), event(5, 2))}, 0, 0, 1},
	} {
		log, found := newRoomLog(), &Verified{}
		other := &seat{log: log, there: true}
		for _, e := range []*told{event(1, 0), event(2, 0), event(3, 0), event(4, 0), event(5, 2), event(6, 3), event(7, 0)} {
			if e.Seq <= 5 || c.name[0] == 'a' {
				other.live(e, found)
			}
		}
		s := &seat{log: log, there: true, have: 2}
		for _, do := range c.does {
			do(s, found)
		}
		s.check(found)
		if found.Lost != c.lost || found.Twice != c.twice || found.OutOfOrder != c.turn {
			t.Errorf("%s: %+v", c.name, *found)
		}
	}
}

func TestMessageThatIsStoredTwiceIsFound(t *testing.T) {
	t.Parallel()
	log, found := newRoomLog(), &Verified{}
	again := event(2, 0)
	again.ID = "1"
	log.saw(event(1, 0), found)
	log.saw(again, found)
	if found.Twice != 1 {
		t.Errorf("%+v", *found)
	}
}

func TestAckOfWhatNobodyGotIsFound(t *testing.T) {
	t.Parallel()
	log, found := newRoomLog(), &Verified{}
	log.saw(event(1, 0), found)
	log.acks[1] = "1"
	if log.check(true, found); found.Lost != 0 {
		t.Errorf("%+v", *found)
	}
	log.acks[1], log.acks[2] = "2", "3"
	if log.check(false, found); found.Lost != 1 {
		t.Errorf("another message under an ack's seq: %+v", *found)
	}
	if log.check(true, found); found.Lost != 3 {
		t.Errorf("an ack and no message: %+v", *found)
	}
}
