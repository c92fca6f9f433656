package e2e

import (
	"fmt"
	"slices"
)

// check requires of a json client's view that every answer to a join is exactly what was missed, and that what comes live goes on
// from there without a gap.
func (v *view) check(found *findings, f *fold) {
	end := int64(-1)
	for i := range v.stretches {
		s := &v.stretches[i]
		if s.since != end {
			found.add(ruleView, "%s in %s resumed after %d and had seen %d", v.who, v.room, s.since, end)
		}
		v.checkAnswer(found, f, s)
		end = s.last
		for _, got := range s.live {
			if int64(got.seq) != end+1 {
				found.add(ruleView, "%s in %s saw %d after %d", v.who, v.room, got.seq, end)
			}
			end = int64(got.seq)
			v.checkOne(found, f, got, end)
		}
	}
	if v.mustEnd && end != f.log.last {
		found.add(ruleEnd, "%s in %s saw up to %d of %d", v.who, v.room, end, f.log.last)
	}
}

// checkAnswer holds the answer to a join against the log.
func (v *view) checkAnswer(found *findings, f *fold, s *stretch) {
	if s.last > f.log.last || s.since > f.log.last {
		found.add(ruleGhost, "%s in %s: joined after %d up to %d, but the log ends at %d", v.who, v.room, s.since, s.last, f.log.last)
		return
	}
	missed := s.last - s.since
	if s.since >= 0 && s.truncated != (missed > resumeMost) {
		found.add(ruleResume, "%s in %s: truncated is %v where %d events were missed", v.who, v.room, s.truncated, missed)
		return
	}
	var messages, changes []uint32
	for seq := s.last; seq > max(0, s.since); seq-- {
		e := f.event(seq)
		switch {
		case e.kind == kindMessage:
			messages = append(messages, uint32(seq))
		case s.since >= 0 && !s.truncated && e.of <= s.since:
			changes = append(changes, uint32(seq))
		}
		if (s.since < 0 || s.truncated) && len(messages) == 50 {
			break
		}
	}
	if s.since >= 0 && s.truncated { // the latest page, which may go back to before since
		for seq := s.since; seq > 0 && len(messages) < 50; seq-- {
			if f.event(seq).kind == kindMessage {
				messages = append(messages, uint32(seq))
			}
		}
	}
	slices.Reverse(messages)
	slices.Reverse(changes)
	for _, part := range []struct {
		what string
		got  []seenEvent
		want []uint32
	}{{"messages", s.messages, messages}, {"changes", s.changes, changes}} {
		if !slices.EqualFunc(part.got, part.want, func(got seenEvent, want uint32) bool { return got.seq == want }) {
			found.add(ruleResume, "%s in %s, after %d up to %d: %s %s, not %s", v.who, v.room, s.since, s.last, part.what,
				seqs(part.got, func(e seenEvent) uint32 { return e.seq }), seqs(part.want, func(n uint32) uint32 { return n }))
		}
		for _, got := range part.got {
			v.checkOne(found, f, got, s.last)
		}
	}
}

// checkOne holds one event against what is stored. It was told when the log had at least known events: a message has to be as those
// make it, and may be as later ones do.
func (v *view) checkOne(found *findings, f *fold, got seenEvent, known int64) {
	e := f.event(int64(got.seq))
	if e == nil {
		found.add(ruleGhost, "%s in %s saw %d", v.who, v.room, got.seq)
		return
	}
	if got.identity != e.identity(true) {
		found.add(ruleShown, "%s in %s: %d is not that of %s %q at %s", v.who, v.room, got.seq, e.name, e.id, e.time)
		return
	}
	if e.kind != kindMessage {
		// The text of an edit is the edit's, unless the message was deleted meanwhile.
		if gone := f.deleted[e.of] > int64(got.seq); got.text != textSum(f.text(e.seq)) && !(gone && got.text == textSum("")) {
			found.add(ruleShown, "%s in %s: the change %d has another text", v.who, v.room, got.seq)
		}
		return
	}
	edited, deleted := int64(got.edited), int64(got.deleted)
	text := f.text(e.seq)
	for _, one := range f.edits[e.seq] {
		if one == edited {
			text = f.text(one)
		}
		if one > edited && one <= known {
			found.add(ruleShown, "%s in %s: message %d, told at %d, lacks its edit %d", v.who, v.room, got.seq, known, one)
		}
	}
	if edited != 0 && !slices.Contains(f.edits[e.seq], edited) {
		found.add(ruleShown, "%s in %s: message %d was not edited by %d", v.who, v.room, got.seq, edited)
	}
	if at := f.deleted[e.seq]; deleted != at && (deleted != 0 || at <= known) {
		found.add(ruleShown, "%s in %s: message %d, told at %d, was deleted by %d, not %d", v.who, v.room, got.seq, known, at, deleted)
	}
	if deleted != 0 {
		text = ""
	}
	if got.text != textSum(text) {
		found.add(ruleShown, "%s in %s: message %d has another text than %.60q", v.who, v.room, got.seq, text)
	}
}

// check requires of a client that resumes by itself that it told every message once, in order, and nothing else than what is stored.
// Only where it said so when it was back may it have left out what was too much.
func (v *telling) check(found *findings, f *fold) {
	end := int64(0)
	for i, got := range v.events {
		seq := int64(got.seq)
		if seq <= end {
			found.add(ruleView, "%s in %s was told %d after %d", v.who, v.room, seq, end)
			continue
		}
		e := f.event(seq)
		if e == nil {
			found.add(ruleGhost, "%s in %s was told %d", v.who, v.room, seq)
			continue
		}
		texts := []uint32{textSum(f.text(seq)), textSum("")}
		for _, one := range f.edits[seq] {
			texts = append(texts, textSum(f.text(one)))
		}
		if got.identity != e.identity(false) || !slices.Contains(texts, got.text) {
			found.add(ruleShown, "%s in %s: %d is not that of %s %q at %s", v.who, v.room, seq, e.name, e.id, e.time)
		}
		for skipped := end + 1; i > 0 && skipped < seq; skipped++ {
			if f.event(skipped).kind != kindMessage {
				continue // told as part of its message, or a reaction
			}
			next := slices.IndexFunc(v.backs, func(b back) bool { return b.events > i })
			if seq-end < resumeMost/2 || next < 0 || !v.backs[next].truncated {
				found.add(ruleView, "%s in %s was told %d after %d, and did not say that it missed some", v.who, v.room, seq, end)
			}
			break
		}
		end = seq
	}
}

// check requires that a connection of a line dialect was written a part of the log, line for line.
func (v *lineView) check(found *findings, f *fold) {
	if len(v.lines) == 0 {
		return
	}
	log := f.rendered(v.without)
	from, first := -1, 0
	for first = range v.lines {
		if at, ok := log.at[v.lines[first]]; ok && at >= 0 {
			from = at - first
			break
		}
	}
	if from < 0 {
		found.add(ruleGhost, "%s in %s read %d lines of which none is of a stored message", v.who, v.room, len(v.lines))
		return
	}
	for i, line := range v.lines {
		if from+i >= len(log.lines) || log.lines[from+i] != line {
			want := "nothing"
			if from+i < len(log.lines) {
				want = fmt.Sprintf("the line of %d", log.seqs[from+i])
			}
			found.add(ruleView, "%s in %s: line %d of %d is not %s", v.who, v.room, i+1, len(v.lines), want)
			return
		}
	}
}

// rendering is a log in a line dialect.
type rendering struct {
	lines []uint64
	seqs  []int64
	at    map[uint64]int // where a line stands, -1 for one that stands in several places
}

// rendered writes a log as lines, without the messages of one user.
func (f *fold) rendered(without string) *rendering {
	if f.log.rendered == nil {
		f.log.rendered = map[string]*rendering{}
	}
	if r := f.log.rendered[without]; r != nil {
		return r
	}
	r := &rendering{at: map[uint64]int{}}
	for i := range f.log.events {
		e := &f.log.events[i]
		line := ""
		switch {
		case e.kind == kindReaction || e.user == without:
			continue
		case e.kind == kindMessage:
			line = e.name + ": " + f.text(e.seq)
		case e.kind == kindEdit:
			line = "* " + e.name + " edited: " + f.text(e.seq)
		case e.kind == kindDelete:
			line = "* " + e.name + " deleted a message"
		}
		sum := lineSum(line)
		if _, again := r.at[sum]; again {
			r.at[sum] = -1
		} else {
			r.at[sum] = len(r.lines)
		}
		r.lines, r.seqs = append(r.lines, sum), append(r.seqs, e.seq)
	}
	f.log.rendered[without] = r
	return r
}

func seqs[E any](list []E, seq func(E) uint32) string {
	if len(list) == 0 {
		return "none"
	}
	return fmt.Sprintf("%d from %d to %d", len(list), seq(list[0]), seq(list[len(list)-1]))
}
