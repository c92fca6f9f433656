package e2e

import "cmp"

// The rules of the checker. Each stands for a promise; TestCheckerFinds breaks each once.
const (
	ruleLost     = "acknowledged and not stored"
	ruleTwice    = "stored twice"
	ruleGap      = "a gap or a repeat in a room's log"
	ruleAltered  = "stored otherwise than it was sent"
	ruleStranger = "stored, but nobody sent it"
	ruleRefused  = "refused, but stored"
	ruleMoved    = "acknowledged as another place or time than it is stored at"
	ruleOrder    = "one client's events stored in another order than sent"
	ruleFold     = "a message is stored otherwise than its edits, deletion and reactions make it"
	ruleView     = "a client saw a gap, a repeat or another order"
	ruleShown    = "a client saw something else than is stored"
	ruleGhost    = "a client saw what is not stored"
	ruleResume   = "an answer to a join is not what was missed"
	ruleEnd      = "a client that stayed did not see the end"
	ruleHistory  = "history is not what is stored"
	ruleStrange  = "a client was told what can't be"
)

// resumeMost is how many missed events a resume answers with; answers may be cut shorter by bytes, which the load stays far below.
const resumeMost = 500

// check judges the evidence.
func (e *evidence) check() *findings {
	f := &findings{}
	for _, s := range e.strange {
		f.add(ruleStrange, "%s", s)
	}
	e.checkLogs(f)
	e.checkAcks(f)
	e.checkOrder(f)
	folds := map[string]*fold{}
	for room, log := range e.stored {
		folds[room] = foldLog(log)
		folds[room].check(f, room)
	}
	none := foldLog(&roomLog{})
	of := func(room string) *fold {
		if folds[room] != nil {
			return folds[room]
		}
		return none
	}
	for _, v := range e.views {
		v.check(f, of(v.room))
	}
	for _, v := range e.tellings {
		v.check(f, of(v.room))
	}
	for _, v := range e.lines {
		v.check(f, of(v.room))
	}
	return f
}

// checkLogs requires that each log is 1, 2, 3 … and each event one that was sent, as it was sent, once.
func (e *evidence) checkLogs(f *findings) {
	sent := map[string]map[string]*sentEvent{} // by user and id, or text where there is no id
	for _, a := range e.authors {
		of := sent[a.user]
		if of == nil {
			of = make(map[string]*sentEvent, len(a.sent))
			sent[a.user] = of
		}
		for i := range a.sent {
			of[cmp.Or(a.sent[i].id, a.sent[i].text)] = &a.sent[i]
		}
	}
	stored := map[*sentEvent]int64{}
	for room, log := range e.stored {
		for i := range log.events {
			s := &log.events[i]
			if s.seq != int64(i+1) {
				f.add(ruleGap, "%s: seq %d stands in place %d", room, s.seq, i+1)
			}
			s.sent = sent[s.user][cmp.Or(s.id, s.body)]
			switch {
			case s.sent == nil:
				f.add(ruleStranger, "%s %d: %s %q of %s: %.60q", room, s.seq, s.name, s.id, s.user, s.body)
				continue
			case stored[s.sent] != 0:
				f.add(ruleTwice, "%s %d: %s %q %.60q is also at %d", room, s.seq, s.name, s.id, s.body, stored[s.sent])
			case s.sent.refused != "":
				f.add(ruleRefused, "%s %d: %s %q: %s", room, s.seq, s.name, s.id, s.sent.refused)
			}
			stored[s.sent] = s.seq
			w := s.sent
			if w.room != room || w.kind != s.kind || w.of != s.of || w.replyTo != s.replyTo || w.emoji != s.emoji || w.on != s.on {
				f.add(ruleAltered, "%s %d: sent %+v, stored %+v", room, s.seq, *w, *s)
			}
		}
		if log.last != int64(len(log.events)) {
			f.add(ruleGap, "%s has %d events and says that its last is %d", room, len(log.events), log.last)
		}
	}
	for _, a := range e.authors {
		for i := range a.sent {
			if s := &a.sent[i]; s.acked && stored[s] == 0 {
				f.add(ruleLost, "%s %d: %s %q %.60q", s.room, s.seq, a.name, s.id, s.text)
			}
		}
	}
}

// checkAcks requires that what was acknowledged is stored where and when the ack said.
func (e *evidence) checkAcks(f *findings) {
	for room, log := range e.stored {
		for i := range log.events {
			s := &log.events[i]
			if s.sent == nil || !s.sent.acked || s.sent.seq == 0 {
				continue
			}
			if s.sent.seq != s.seq || s.sent.time != s.time || s.sent.room != room {
				f.add(ruleMoved, "%q: acknowledged as %s %d %s, stored as %s %d %s", s.id, s.sent.room, s.sent.seq, s.sent.time,
					room, s.seq, s.time)
			}
		}
	}
}

// checkOrder requires that what a client sent into a room one after the other is stored so.
func (e *evidence) checkOrder(f *findings) {
	at := map[*sentEvent]int64{}
	for _, log := range e.stored {
		for i := range log.events {
			if log.events[i].sent != nil {
				at[log.events[i].sent] = log.events[i].seq
			}
		}
	}
	for _, a := range e.authors {
		if !a.inOrder {
			continue
		}
		before := map[string]*sentEvent{}
		for i := range a.sent {
			s := &a.sent[i]
			if at[s] == 0 {
				continue
			}
			if b := before[s.room]; b != nil && at[b] > at[s] {
				f.add(ruleOrder, "%s: %s sent %q before %q; they are %d and %d", s.room, a.name, b.id, s.id, at[b], at[s])
			}
			before[s.room] = s
		}
	}
}

// fold is what a log's events make of its messages.
type fold struct {
	log       *roomLog
	edits     map[int64][]int64 // the seqs of edits, by message, that happened to a message that was there
	deleted   map[int64]int64
	reactions map[int64]map[string]bool // "emoji|user", by message
}

func foldLog(log *roomLog) *fold {
	f := &fold{log: log, edits: map[int64][]int64{}, deleted: map[int64]int64{}, reactions: map[int64]map[string]bool{}}
	for i := range log.events {
		e := &log.events[i]
		of := f.event(e.of)
		if e.kind == kindMessage || of == nil || of.kind != kindMessage || e.of >= e.seq || f.deleted[e.of] != 0 {
			continue
		}
		switch e.kind {
		case kindEdit:
			f.edits[e.of] = append(f.edits[e.of], e.seq)
		case kindDelete:
			f.deleted[e.of] = e.seq
			delete(f.reactions, e.of)
		case kindReaction:
			if f.reactions[e.of] == nil {
				f.reactions[e.of] = map[string]bool{}
			}
			if e.on {
				f.reactions[e.of][e.emoji+"|"+e.user] = true
			} else {
				delete(f.reactions[e.of], e.emoji+"|"+e.user)
			}
		}
	}
	return f
}

// event returns what is stored under a seq, nil for nothing.
func (f *fold) event(seq int64) *storedEvent {
	if seq < 1 || seq > int64(len(f.log.events)) {
		return nil
	}
	return &f.log.events[seq-1]
}

// text is what an event said when it was sent.
func (f *fold) text(seq int64) string {
	e := f.event(seq)
	switch {
	case e == nil:
		return ""
	case e.sent != nil:
		return e.sent.text
	}
	return e.body
}

func (f *fold) reactionSum(message int64) (sum uint32) {
	for one := range f.reactions[message] {
		sum += textSum(one)
	}
	return sum
}

// check requires that rows say of messages what the events make of them, and that history tells it.
func (f *fold) check(found *findings, room string) {
	messages := 0
	for i := range f.log.events {
		e := &f.log.events[i]
		if e.kind != kindMessage {
			if of := f.event(e.of); of == nil || of.kind != kindMessage || e.of >= e.seq {
				found.add(ruleFold, "%s %d changes %d, which is no message before it", room, e.seq, e.of)
			}
			continue
		}
		edited, text := int64(0), f.text(e.seq)
		if edits := f.edits[e.seq]; len(edits) > 0 {
			edited = edits[len(edits)-1]
			text = f.text(edited)
		}
		if f.deleted[e.seq] != 0 {
			text = ""
		}
		sum := f.reactionSum(e.seq)
		if e.edited != edited || e.deleted != f.deleted[e.seq] || e.body != text || f.log.reactions[e.seq] != sum {
			found.add(ruleFold, "%s %d: edited %d, deleted %d, %.60q, reactions %x; its events make it %d, %d, %.60q, %x", room, e.seq,
				e.edited, e.deleted, e.body, f.log.reactions[e.seq], edited, f.deleted[e.seq], text, sum)
		}
		if f.log.paged {
			f.checkHistory(found, room, messages, e, textSum(text), sum)
		}
		messages++
	}
	if f.log.paged && messages != len(f.log.history) {
		found.add(ruleHistory, "%s has %d messages, and %d in history", room, messages, len(f.log.history))
	}
}

func (f *fold) checkHistory(found *findings, room string, i int, e *storedEvent, text, reactions uint32) {
	if i >= len(f.log.history) {
		return // counted
	}
	want := seenEvent{
		identity: e.identity(true), seq: uint32(e.seq), edited: uint32(e.edited), deleted: uint32(e.deleted), text: text,
		reactions: reactions,
	}
	if got := f.log.history[i]; got != want {
		found.add(ruleHistory, "%s: message %d is %+v, stored %+v", room, i+1, got, want)
	}
}

// identity sums up a stored event, with all that the json dialect tells of it or only with what [client.Client] does.
func (e *storedEvent) identity(whole bool) uint64 {
	id, replyTo := e.id, e.replyTo
	if !whole {
		replyTo = 0
	}
	if e.kind > kindEdit || e.kind == kindEdit && !whole { // nobody is told whose id a deletion or a reaction had
		id = ""
	}
	return identity(e.kind, e.user, e.name, id, e.of, replyTo, e.emoji, e.on, e.time)
}
