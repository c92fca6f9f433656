package load

import "fmt"

// roomLog is what is known of a room's log: an event for each seq, as whoever saw it first was told. All others must be told the same.
type roomLog struct {
	events map[int64]logged
	seqs   map[string]int64 // of what somebody sent, by its id: it may be stored once
	acks   map[int64]string // messages that were acknowledged
	last   int64            // the highest seq of which anybody knows
}

type logged struct {
	key string
	of  int64 // of which message it is a change, 0 for a message
}

func newRoomLog() *roomLog {
	return &roomLog{events: map[int64]logged{}, seqs: map[string]int64{}, acks: map[int64]string{}}
}

// saw compares an event with what others were told.
func (l *roomLog) saw(e *told, found *Verified) {
	key := fmt.Sprintf("%s %s %s", e.Type, e.User, e.ID)
	if e.ID == "" {
		key = fmt.Sprintf("%s %s %d %s %v", e.Type, e.User, e.Of, e.Emoji, e.On)
	}
	l.last = max(l.last, e.Seq)
	was, known := l.events[e.Seq]
	if known {
		if was.key != key {
			found.OutOfOrder++
		}
		return
	}
	l.events[e.Seq] = logged{key, e.Of}
	if e.Type == "message" {
		found.Messages++
	}
	if e.ID == "" {
		return
	}
	if other, twice := l.seqs[e.ID]; twice && other != e.Seq {
		found.Twice++
	}
	l.seqs[e.ID] = e.Seq
}

// seat is one person in one room, and how much of its log they have.
type seat struct {
	log     *roomLog
	name    string
	private bool
	there   bool  // what happens comes live
	have    int64 // all up to here, from when they first came
	since   int64 // what was asked for with join, -1 for none
	held    []*told
	back    []comeback
	latest  int64 // the latest message that they saw
}

// comeback is what somebody was told who came back.
type comeback struct {
	since, last int64
	got         map[int64]bool // seqs of messages and of changes
}

// live takes an event that comes as it happens.
func (s *seat) live(e *told, found *Verified) {
	if !s.there && s.private { // it comes before what was missed is asked for; that is compared with it afterwards
		s.held = append(s.held, e)
		return
	}
	found.Deliveries++
	s.log.saw(e, found)
	switch {
	case e.Seq <= s.have:
		found.Twice++
	case e.Seq > s.have+1:
		found.Lost += int(e.Seq - s.have - 1)
	}
	s.have = max(s.have, e.Seq)
	if e.Type == "message" {
		s.latest = e.Seq
	}
}

// joined takes what one is told who comes in or back.
func (s *seat) joined(j *told, found *Verified) {
	b := comeback{since: s.since, last: j.Last, got: map[int64]bool{}}
	before := int64(0)
	for i := range j.Messages {
		e := &j.Messages[i]
		s.log.saw(e, found)
		if e.Seq <= before || e.Seq > j.Last {
			found.OutOfOrder++
		}
		if !j.Truncated && e.Seq <= s.since {
			found.Twice++
		}
		before = e.Seq
		b.got[e.Seq] = true
		s.latest = e.Seq
	}
	for i := range j.Changes {
		s.log.saw(&j.Changes[i], found)
		b.got[j.Changes[i].Seq] = true
	}
	found.Deliveries += int64(len(b.got))
	if s.since >= 0 && !j.Truncated {
		s.back = append(s.back, b)
	}
	s.log.last = max(s.log.last, j.Last)
	s.there, s.have = true, j.Last
	for _, e := range s.held {
		if e.Seq > s.have {
			s.live(e, found)
		}
	}
	s.held = nil
}

// check finds what those were not told who came back, now that the whole log is known. Of a change to a message that they were told in
// the same answer there is nothing to tell: the message is as it is now.
func (s *seat) check(found *Verified) {
	for _, b := range s.back {
		for seq := b.since + 1; seq <= b.last; seq++ {
			e, known := s.log.events[seq]
			if known && !b.got[seq] && (e.of == 0 || e.of <= b.since) {
				found.Lost++
			}
		}
	}
}

// check finds what was acknowledged and is something else to everybody, or was told to nobody though somebody is there.
func (l *roomLog) check(somebody bool, found *Verified) {
	for seq, id := range l.acks {
		_, known := l.events[seq]
		if known && l.seqs[id] != seq || !known && somebody {
			found.Lost++
		}
	}
}
