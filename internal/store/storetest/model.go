package storetest

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"parley/internal/chat"
)

// model is a log as simple as it can be: a list, and everything that is asked of it worked out anew each time.
type model struct {
	room chat.RoomName
	list []chat.Event // as they happened
}

// append adds what is new and returns the seq of each, and whether it was there already.
func (m *model) append(events []chat.Event) (seqs []int64, repeats []bool) {
	for _, e := range events {
		at := slices.IndexFunc(m.list, func(old chat.Event) bool {
			return e.ClientID != "" && old.ClientID == e.ClientID && old.User.ID == e.User.ID
		})
		if at < 0 {
			e.Seq = int64(len(m.list) + 1)
			m.list = append(m.list, e)
		}
		repeats = append(repeats, at >= 0)
		if at < 0 {
			at = len(m.list) - 1
		}
		seqs = append(seqs, m.list[at].Seq)
	}
	return seqs, repeats
}

// now returns all events, messages as they are now: the list, played from the start.
func (m *model) now() []chat.Event {
	events := slices.Clone(m.list)
	for i := range events {
		e := &events[i]
		if e.Kind == chat.KindMessage {
			continue
		}
		var of *chat.Event
		if e.Of >= 1 && e.Of < e.Seq && events[e.Of-1].Kind == chat.KindMessage && events[e.Of-1].Deleted == 0 {
			of = &events[e.Of-1]
		}
		switch {
		case of == nil:
			e.Text = ""
		case e.Kind == chat.KindEdit:
			of.Text, of.Edited = e.Text, e.Seq
		case e.Kind == chat.KindDelete:
			of.Text, of.Deleted, of.Reactions = "", e.Seq, nil
			for k := range events[:i] {
				if events[k].Kind == chat.KindEdit && events[k].Of == e.Of {
					events[k].Text = ""
				}
			}
		}
	}
	m.react(events)
	return events
}

// react sets and takes back reactions: for each user and emoji the first setting since the last taking back counts.
func (m *model) react(events []chat.Event) {
	for i := range events {
		of := &events[i]
		if of.Kind != chat.KindMessage || of.Deleted != 0 {
			continue
		}
		type mark struct {
			user  chat.UserID
			emoji string
		}
		var standing []mark
		for _, e := range m.list[i+1:] {
			if e.Kind != chat.KindReaction || e.Of != of.Seq {
				continue
			}
			one := mark{e.User.ID, e.Emoji}
			if there := slices.Contains(standing, one); e.On && !there {
				standing = append(standing, one)
			} else if !e.On && there {
				standing = slices.DeleteFunc(standing, func(x mark) bool { return x == one })
			}
		}
		of.Reactions = nil
		for _, one := range standing {
			at := slices.IndexFunc(of.Reactions, func(r chat.Reaction) bool { return r.Emoji == one.emoji })
			if at < 0 {
				of.Reactions = append(of.Reactions, chat.Reaction{Emoji: one.emoji})
				at = len(of.Reactions) - 1
			}
			of.Reactions[at].Users = append(of.Reactions[at].Users, one.user)
		}
	}
}

func (m *model) after(since int64, limit int) []chat.Event {
	var found []chat.Event
	for _, e := range m.now() {
		if e.Seq > since && len(found) < limit {
			found = append(found, e)
		}
	}
	return found
}

func (m *model) before(before int64, limit int) []chat.Event {
	var found []chat.Event
	for _, e := range m.now() {
		if e.Kind == chat.KindMessage && (before == 0 || e.Seq < before) {
			found = append(found, e)
		}
	}
	return found[max(0, len(found)-limit):]
}

// testAnswersLikeTheModel appends at random and asks at random, and expects what the model says.
func testAnswersLikeTheModel(t *testing.T, open Opener) {
	log := open.opened(t)
	var runs atomic.Int64
	rapid.Check(t, func(rt *rapid.T) {
		run := runs.Add(1) // each has a room and users of its own in the one store
		m := &model{room: roomNamed(int(run))}
		check := func(what string, want, got any, err error) {
			rt.Helper()
			if err != nil {
				rt.Fatalf("%s: %v", what, err)
			}
			if diff := difference(want, got); diff != "" {
				rt.Fatalf("%s (-want +got):\n%s", what, diff)
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"append": func(rt *rapid.T) {
				events := rapid.SliceOfN(m.event(run), 1, 12).Draw(rt, "events")
				seqs, repeats := m.append(events)
				stored, err := log.Append(t.Context(), events)
				var gotSeqs []int64
				var gotRepeats []bool
				for _, a := range stored {
					gotSeqs, gotRepeats = append(gotSeqs, a.Seq), append(gotRepeats, a.Duplicate)
				}
				check("the seqs", seqs, gotSeqs, err)
				check("which are repeats", repeats, gotRepeats, nil)
			},
			"after": func(rt *rapid.T) {
				since, limit := m.seq().Draw(rt, "since"), rapid.IntRange(1, 20).Draw(rt, "limit")
				got, err := log.After(t.Context(), m.room, since, limit)
				check("After", m.after(since, limit), got, err)
			},
			"before": func(rt *rapid.T) {
				before, limit := m.seq().Draw(rt, "before"), rapid.IntRange(1, 20).Draw(rt, "limit")
				got, err := log.Before(t.Context(), m.room, before, limit)
				check("Before", m.before(before, limit), got, err)
			},
			"message": func(rt *rapid.T) {
				seq := m.seq().Draw(rt, "seq")
				got, err := log.Message(t.Context(), m.room, seq)
				if seq < 1 || seq > int64(len(m.list)) || m.list[seq-1].Kind != chat.KindMessage {
					if err == nil {
						rt.Fatalf("Message %d is %+v", seq, got)
					}
					return
				}
				check("Message", m.now()[seq-1], got, err)
			},
			"last": func(*rapid.T) {
				got, err := log.Last(t.Context(), m.room)
				check("Last", int64(len(m.list)), got, err)
			},
		})
	})
}

// seq draws a seq that is there, or one beside.
func (m *model) seq() *rapid.Generator[int64] { return rapid.Int64Range(0, int64(len(m.list)+2)) }

// event draws an event, few enough users, ids and emoji that they meet.
func (m *model) event(run int64) *rapid.Generator[chat.Event] {
	return rapid.Custom(func(rt *rapid.T) chat.Event {
		name := rapid.SampledFrom([]string{"Ada", "Bob", "Cyd"}).Draw(rt, "user")
		e := chat.Event{
			Room: m.room, Time: noon,
			Kind: rapid.SampledFrom([]chat.Kind{1, 1, 1, 2, 3, 4, 4}).Draw(rt, "kind"),
			User: chat.User{ID: chat.UserID(fmt.Sprintf("u_%s%d", name, run)), Name: name},
		}
		if rapid.IntRange(0, 2).Draw(rt, "with id") > 0 {
			e.ClientID = fmt.Sprint(rapid.IntRange(0, 60).Draw(rt, "id"))
		}
		if e.Kind != chat.KindMessage {
			e.Of = rapid.Int64Range(0, int64(len(m.list)+3)).Draw(rt, "of")
		}
		switch e.Kind {
		case chat.KindMessage, chat.KindEdit:
			e.Text = rapid.StringN(1, 20, 80).Draw(rt, "text")
		case chat.KindReaction:
			e.Emoji = rapid.SampledFrom([]string{"👍", "🎉"}).Draw(rt, "emoji")
			e.On = rapid.Bool().Draw(rt, "on")
		}
		return e
	})
}
