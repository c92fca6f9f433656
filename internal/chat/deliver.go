package chat

import "time"

// delivery is what has been said and not yet written to the seats.
type delivery struct {
	news  []news
	packs []pack
	one   []byte // what one seat alone is written
	reply Reply  // the ack that is being written
}

// news is one stored event or one signal.
type news struct {
	event  *Event
	signal *Signal
	from   *Member // of an event: the connection that sent it, if it is one of ours
}

// pack is the news in one dialect: the frames of all of it, and where those of each end.
type pack struct {
	encoder Encoder
	frames  []byte
	ends    []end
	narrow  []int // the news that not everyone is told
}

// end is where a pack stands behind one of the news.
type end struct {
	at     int // index into frames
	events int // events told up to there
}

func (d *delivery) add(n news) { d.news = append(d.news, n) }

// say adds a signal to what is delivered next.
func (r *room) say(s Signal) {
	s.Room, s.Time = r.name, r.hub.now()
	r.said.add(news{signal: &s})
}

// signalsEvery is how long signals wait for each other: each of them costs a write for everybody in the room, one or a hundred, and
// nobody sees that somebody came in a tenth of a second later.
const signalsEvery = 100 * time.Millisecond

// tellSignals writes what is only signals, at once where none were written lately. Events never wait: they take the signals that were
// said before along.
func (r *room) tellSignals() {
	r.tellCrowd()
	if len(r.said.news) == 0 {
		return
	}
	if wait := signalsEvery - time.Since(r.toldAt); wait > 0 && !r.name.IsDirect() {
		r.wake(wait)
		return
	}
	r.flush(nil)
	r.toldAt = time.Now()
}

// wake has the room look for signals after a time, unless it does so earlier anyway.
func (r *room) wake(after time.Duration) {
	if at := time.Now().Add(after); r.wakeAt.IsZero() || at.Before(r.wakeAt) {
		r.wakeAt = at
		r.later(after, item{kind: itemTell})
	}
}

// flush writes what has been said to every seat: encoded once per dialect, in one write per seat. stored is what became of r.posts:
// their senders come first, and have their acks in the same write.
func (r *room) flush(stored []Appended) {
	d := &r.said
	if len(d.news) == 0 && len(stored) == 0 {
		return
	}
	seats := r.seats
	if r.name.IsDirect() {
		seats = r.readers()
	}
	delivered := 0
	for i := range stored {
		if it := r.posts[i]; !it.told {
			delivered += r.toSender(r.seatOf(seats, it.member), i, stored)
		}
	}
	for i := range seats {
		s := &seats[i]
		if !s.done && len(d.news) > 0 {
			delivered += d.write(s)
		}
		s.done, s.from = false, 0
	}
	r.hub.counts.delivered.Add(int64(delivered))
	d.empty()
}

// readers are the connections of a private room's two, as seats.
func (r *room) readers() []seat {
	a, b, _ := r.name.Pair()
	members := r.hub.connections(a, b)
	seats := make([]seat, len(members))
	for i, m := range members {
		seats[i] = seat{member: m, user: m.User().ID}
	}
	return seats
}

// seatOf returns a member's seat among those of the room, nil for none.
func (r *room) seatOf(seats []seat, m *Member) *seat {
	if i, seated := r.places[m]; seated {
		return &seats[i]
	}
	for i := range seats {
		if r.name.IsDirect() && seats[i].member == m {
			return &seats[i]
		}
	}
	return nil
}

// toSender writes to the sender of the post at i what everybody is told, if they have a seat, and the acks of all their posts from
// there on. It returns how many events were told.
func (r *room) toSender(s *seat, i int, stored []Appended) (events int) {
	d, m := &r.said, r.posts[i].member
	d.one = d.one[:0]
	enc := *m.encoder.Load()
	if s != nil && len(d.news) > 0 {
		d.one, events = d.appendFor(d.one, d.pack(enc), s)
	}
	if s != nil {
		s.done = true
	}
	for ; i < len(stored); i++ {
		it, e := r.posts[i], &stored[i]
		if it.member != m || it.told {
			continue
		}
		d.reply = Reply{
			Kind: ReplyAck, Of: it.of, Ref: it.ref, Room: e.Room, ID: e.ClientID, Seq: e.Seq, Time: e.Time,
		}
		d.one = enc.AppendReply(d.one, &d.reply)
		it.settle()
	}
	if len(d.one) > 0 && !m.sink.Write(d.one) {
		return 0
	}
	return events
}

// write writes a seat what it is told, and returns how many events those are.
func (d *delivery) write(s *seat) (events int) {
	p := d.pack(*s.member.encoder.Load())
	frames := p.frames[p.start(int(s.from)):]
	if d.isForAll(p, s) {
		events = p.told(int(s.from))
	} else {
		d.one, events = d.appendFor(d.one[:0], p, s)
		frames = d.one
	}
	if len(frames) > 0 && !s.member.sink.Write(frames) {
		return 0
	}
	return events
}

// isForAll reports whether a seat is told everything from where it came in.
func (d *delivery) isForAll(p *pack, s *seat) bool {
	for _, i := range p.narrow {
		if i >= int(s.from) && !d.news[i].isFor(s, p.encoder) {
			return false
		}
	}
	return true
}

// appendFor appends what a seat is told, and returns how many events those are.
func (d *delivery) appendFor(dst []byte, p *pack, s *seat) (frames []byte, events int) {
	begin, events := p.start(int(s.from)), p.told(int(s.from))
	for _, i := range p.narrow {
		if i < int(s.from) || d.news[i].isFor(s, p.encoder) {
			continue
		}
		dst = append(dst, p.frames[begin:p.start(i)]...)
		begin = p.ends[i].at
		events -= p.told(i) - p.told(i+1)
	}
	return append(dst, p.frames[begin:]...), events
}

// isFor reports whether a seat is told: rpc does not echo a message to the connection that sent it, and presence and typing are
// told to the others.
func (n *news) isFor(s *seat, enc Encoder) bool {
	if n.signal != nil {
		return !n.signal.isForOthers() || n.signal.User.ID != s.user
	}
	return n.from != s.member || enc.EchoesOwn()
}

// start is where the frames of the news at i begin.
func (p *pack) start(i int) int {
	if i == 0 {
		return 0
	}
	return p.ends[i-1].at
}

// told is how many events the news from i on are in this dialect.
func (p *pack) told(i int) int {
	all := p.ends[len(p.ends)-1].events
	if i == 0 {
		return all
	}
	return all - p.ends[i-1].events
}

// pack returns the news in one dialect.
func (d *delivery) pack(enc Encoder) *pack {
	var p *pack
	for i := range d.packs {
		if d.packs[i].encoder == enc {
			p = &d.packs[i]
		}
	}
	if p == nil {
		d.packs = append(d.packs, pack{encoder: enc})
		p = &d.packs[len(d.packs)-1]
	}
	if len(p.ends) < len(d.news) {
		d.fill(p)
	}
	return p
}

// fill encodes what was said since the pack was asked for last.
func (d *delivery) fill(p *pack) {
	told := 0
	if len(p.ends) > 0 {
		told = p.ends[len(p.ends)-1].events
	}
	for i := len(p.ends); i < len(d.news); i++ {
		n, before := &d.news[i], len(p.frames)
		if n.event != nil {
			p.frames = p.encoder.AppendEvent(p.frames, n.event)
			if len(p.frames) > before {
				told++
			}
			if n.from != nil && !p.encoder.EchoesOwn() {
				p.narrow = append(p.narrow, i)
			}
		} else {
			p.frames = p.encoder.AppendSignal(p.frames, n.signal)
			if n.signal.isForOthers() {
				p.narrow = append(p.narrow, i)
			}
		}
		p.ends = append(p.ends, end{len(p.frames), told})
	}
}

// empty forgets what was said, and keeps the buffers for what is said next in the same turn.
func (d *delivery) empty() {
	clear(d.news)
	d.news, d.reply = d.news[:0], Reply{}
	for i := range d.packs {
		p := &d.packs[i]
		p.frames, p.ends, p.narrow = p.frames[:0], p.ends[:0], p.narrow[:0]
	}
}
