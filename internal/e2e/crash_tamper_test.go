package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestCheckerFinds falsifies the evidence of an honest run in every way that the checker is there for, one at a time.
func TestCheckerFinds(t *testing.T) {
	t.Parallel()
	if found := honestRun().check(); len(found.count) > 0 {
		t.Fatalf("the checker complains of an honest run: %q", found.lines())
	}
	for name, c := range map[string]struct {
		rule string
		do   func(e *evidence)
	}{
		"an acknowledged message is gone from the log's end": {ruleLost, func(e *evidence) {
			log := e.stored["lobby"]
			log.events = log.events[:len(log.events)-1]
		}},
		"an acknowledged line is gone": {ruleLost, func(e *evidence) { e.authors[2].sent[0].text = "another" }},
		"a message is there twice": {ruleTwice, func(e *evidence) {
			log := e.stored["lobby"]
			again := *log.event(42)
			again.seq = log.last + 1
			log.events, log.last = append(log.events, again), again.seq
		}},
		"a seq is left out": {ruleGap, func(e *evidence) {
			log := e.stored["lobby"]
			log.events = append(log.events[:99:99], log.events[100:]...)
		}},
		"the room counts wrongly":               {ruleGap, func(e *evidence) { e.stored["lobby"].last++ }},
		"a reply is stored as one to another":   {ruleAltered, func(e *evidence) { e.stored["lobby"].event(50).replyTo++ }},
		"a message is stored in another room":   {ruleAltered, func(e *evidence) { e.authors[0].sent[3].room = "dev" }},
		"somebody else is said to have sent it": {ruleStranger, func(e *evidence) { e.stored["lobby"].event(42).user = "u_eve" }},
		"a text is changed":                     {ruleFold, func(e *evidence) { e.stored["lobby"].event(42).body = "other" }},
		"an edit is lost":                       {ruleFold, func(e *evidence) { e.stored["lobby"].event(24).edited = 0 }},
		"a deleted text is kept":                {ruleFold, func(e *evidence) { e.stored["lobby"].event(30).body = "kept" }},
		"a reaction is lost":                    {ruleFold, func(e *evidence) { delete(e.stored["lobby"].reactions, 36) }},
		"what was refused is stored":            {ruleRefused, func(e *evidence) { e.authors[0].sent[3].refused = "not_found" }},
		"an ack names another seq":              {ruleMoved, func(e *evidence) { e.authors[0].sent[3].seq++ }},
		"an ack names another time":             {ruleMoved, func(e *evidence) { e.authors[0].sent[3].time = crashTime(time.Now()) }},
		"two of one sender change places": {ruleOrder, func(e *evidence) {
			sent := e.authors[0].sent
			sent[3], sent[4] = sent[4], sent[3]
		}},
		"a live event is left out": {ruleView, func(e *evidence) {
			s := &e.views[0].stretches[0]
			s.live = slices.Delete(s.live, 10, 11)
		}},
		"a live event comes twice": {ruleView, func(e *evidence) {
			s := &e.views[0].stretches[0]
			s.live = slices.Insert(s.live, 10, s.live[10])
		}},
		"two live events change places": {ruleView, func(e *evidence) {
			live := e.views[0].stretches[0].live
			live[10], live[11] = live[11], live[10]
		}},
		"a resume goes on too late":       {ruleView, func(e *evidence) { e.views[0].stretches[1].since++ }},
		"a live event has another author": {ruleShown, func(e *evidence) { e.views[0].stretches[0].live[10].identity++ }},
		"a live event has another text":   {ruleShown, func(e *evidence) { e.views[0].stretches[0].live[10].text++ }},
		"a message is told without its edit": {ruleShown, func(e *evidence) {
			for i := range e.views[0].stretches[1].messages {
				e.views[0].stretches[1].messages[i].edited = 0
			}
		}},
		"a deleted message is told": {ruleShown, func(e *evidence) {
			for i := range e.views[0].stretches[1].messages {
				e.views[0].stretches[1].messages[i].deleted = 0
			}
		}},
		"a client saw what the crash took": {ruleGhost, func(e *evidence) {
			log := e.stored["lobby"]
			log.events, log.last = log.events[:600], 600
		}},
		"a resume leaves out a message": {ruleResume, func(e *evidence) {
			s := &e.views[0].stretches[1]
			s.messages = s.messages[1:]
		}},
		"a resume leaves out a change": {ruleResume, func(e *evidence) {
			s := &e.views[0].stretches[1]
			s.changes = s.changes[:len(s.changes)-1]
		}},
		"a resume is truncated without need": {ruleResume, func(e *evidence) { e.views[0].stretches[1].truncated = true }},
		"a resume is whole that can't be":    {ruleResume, func(e *evidence) { e.views[1].stretches[1].truncated = false }},
		"a truncated resume leaves out a message": {ruleResume, func(e *evidence) {
			s := &e.views[1].stretches[1]
			s.messages = s.messages[:len(s.messages)-1]
		}},
		"who stayed has not seen the end": {ruleEnd, func(e *evidence) {
			s := &e.views[0].stretches[1]
			s.live = s.live[:len(s.live)-1]
		}},
		"the Go client leaves out a message": {ruleView, func(e *evidence) {
			e.tellings[0].events = slices.Delete(e.tellings[0].events, 20, 22)
		}},
		"the Go client tells one twice": {ruleView, func(e *evidence) {
			e.tellings[0].events = slices.Insert(e.tellings[0].events, 20, e.tellings[0].events[20])
		}},
		"the Go client leaves out many and doesn't say so": {ruleView, func(e *evidence) { e.tellings[1].backs[0].truncated = false }},
		"the Go client tells another text":                 {ruleShown, func(e *evidence) { e.tellings[0].events[20].text++ }},
		"a line is left out":                               {ruleView, func(e *evidence) { e.lines[0].lines = slices.Delete(e.lines[0].lines, 5, 6) }},
		"a line comes twice":                               {ruleView, func(e *evidence) { e.lines[0].lines = slices.Insert(e.lines[0].lines, 5, e.lines[0].lines[5]) }},
		"lines of which nothing stored":                    {ruleGhost, func(e *evidence) { e.lines[0].lines = []uint64{1, 2, 3} }},
		"history leaves out a message": {ruleHistory, func(e *evidence) {
			e.stored["lobby"].history = e.stored["lobby"].history[1:]
		}},
		"history tells other reactions":    {ruleHistory, func(e *evidence) { e.stored["lobby"].history[7].reactions++ }},
		"a client noticed something":       {ruleStrange, func(e *evidence) { e.strange = []string{"two acks"} }},
		"the whole room is gone":           {ruleLost, func(e *evidence) { delete(e.stored, "lobby") }},
		"a client saw a room that is gone": {ruleGhost, func(e *evidence) { delete(e.stored, "lobby") }},
	} {
		e := honestRun()
		c.do(e)
		if found := e.check(); found.count[c.rule] == 0 {
			t.Errorf("%s: want %q, the checker says %q", name, c.rule, found.lines())
		}
	}
}

// honest makes the evidence of a run in which all went well, event by event.
type honest struct {
	*evidence
	log *roomLog
}

func (r *roomLog) event(seq int64) *storedEvent { return &r.events[seq-1] }

// honestRun is some hundred events of a room, of which 24 was edited, 30 deleted and 36 has a reaction.
func honestRun() *evidence {
	h := &honest{evidence: &evidence{stored: map[string]*roomLog{}}, log: &roomLog{reactions: map[int64]uint32{}, paged: true}}
	h.stored["lobby"] = h.log
	for _, name := range []string{"Ada", "Bob", "Line"} {
		h.authors = append(h.authors, &author{user: "u_" + name, name: name, inOrder: true})
	}
	ada, rare := &view{who: "Ada", room: "lobby", mustEnd: true}, &view{who: "Rare", room: "lobby"}
	whole, sparse := &telling{who: "Peer", room: "lobby"}, &telling{who: "Away", room: "lobby", backs: []back{{100, true}}}
	line := &lineView{who: "Text", room: "lobby", without: "u_Line"}
	h.views, h.tellings, h.lines = []*view{ada, rare}, []*telling{whole, sparse}, []*lineView{line}
	for seq := int64(1); seq <= 700; seq++ {
		e := h.say(seq)
		live := h.seen(e, true)
		switch seq {
		case 50:
			rare.stretches = append(rare.stretches, h.answer(-1))
		case 650:
			rare.stretches = append(rare.stretches, h.answer(50))
		}
		switch {
		case seq == 10:
			ada.stretches = append(ada.stretches, h.answer(-1))
		case seq == 120:
			ada.stretches = append(ada.stretches, h.answer(25))
			ada.stretches[0].live = ada.stretches[0].live[:15]
		case seq > 10:
			s := &ada.stretches[len(ada.stretches)-1]
			s.live = append(s.live, live)
		}
		if told := h.seen(e, false); e.kind != kindReaction {
			whole.events = append(whole.events, told)
			if seq < 50 || seq > 620 {
				sparse.events = append(sparse.events, told)
			}
		}
		if seq > 30 && seq < 90 && e.kind != kindReaction && e.user != line.without {
			line.lines = append(line.lines, lineSum(h.line(e)))
		}
	}
	for i := range h.log.events {
		if e := &h.log.events[i]; e.kind == kindMessage {
			m := h.seen(e, true)
			m.reactions = h.log.reactions[e.seq]
			h.log.history = append(h.log.history, m)
		}
	}
	return h.evidence
}

// say sends, stores and acknowledges the next event.
func (h *honest) say(seq int64) *storedEvent {
	a := h.authors[seq%2]
	s := sentEvent{
		id: fmt.Sprint(a.name, "-", len(a.sent)), room: "lobby", kind: kindMessage, text: fmt.Sprint("text ", seq), acked: true, seq: seq,
	}
	switch seq % 20 {
	case 6: // of 24, 44, …
		s.kind, s.of = kindEdit, seq-2
	case 14: // of 30, 50, …
		s.kind, s.of, s.text = kindDelete, seq-4, ""
	case 18: // of 36, 56, …
		s.kind, s.of, s.text, s.emoji, s.on = kindReaction, seq-2, "", "👍", true
	case 11:
		s.replyTo = seq - 1
	case 19:
		a = h.authors[2]
		s.id, s.seq = "", 0
	}
	s.time = crashTime(time.UnixMilli(1_800_000_000_000 + 7*seq))
	e := storedEvent{
		seq: seq, kind: s.kind, user: a.user, name: a.name, id: s.id, body: s.text, emoji: s.emoji, on: s.on, replyTo: s.replyTo,
		of: s.of, time: s.time,
	}
	if s.of < 1 {
		s.of, e.of, s.kind, e.kind = 0, 0, kindMessage, kindMessage
	}
	h.log.events, h.log.last = append(h.log.events, e), seq
	switch e.kind {
	case kindEdit:
		h.log.event(e.of).edited, h.log.event(e.of).body = seq, s.text
	case kindDelete:
		h.log.event(e.of).deleted, h.log.event(e.of).body = seq, ""
	case kindReaction:
		h.log.reactions[e.of] += reactionSum(e.emoji, e.user)
	}
	a.sent = append(a.sent, s)
	return h.log.event(seq)
}

// seen is an event as it would be told now.
func (h *honest) seen(e *storedEvent, whole bool) seenEvent {
	s := seenEvent{identity: e.identity(whole), seq: uint32(e.seq), text: textSum(e.body)}
	if whole {
		s.edited, s.deleted = uint32(e.edited), uint32(e.deleted)
	}
	return s
}

// answer is that to a join after since.
func (h *honest) answer(since int64) stretch {
	s := stretch{since: since, last: h.log.last, truncated: since >= 0 && h.log.last-since > resumeMost}
	latest := since < 0 || s.truncated
	for i := range h.log.events {
		e := &h.log.events[i]
		switch {
		case e.kind == kindMessage && (latest || e.seq > since):
			s.messages = append(s.messages, h.seen(e, true))
		case e.kind != kindMessage && !latest && e.seq > since && e.of <= since:
			s.changes = append(s.changes, h.seen(e, true))
		}
	}
	if latest {
		s.messages = s.messages[max(0, len(s.messages)-50):]
	}
	return s
}

func (h *honest) line(e *storedEvent) string {
	switch e.kind {
	case kindEdit:
		return "* " + e.name + " edited: " + e.body
	case kindDelete:
		return "* " + e.name + " deleted a message"
	}
	return e.name + ": " + e.body
}
