package chat

// delivery is what has been said and not yet written to the seats.
type delivery struct {
	news  []news
	packs []pack
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
	ends    []int
	events  int // of the news, those that this dialect tells
}

func (d *delivery) add(n news) { d.news = append(d.news, n) }

// say adds a signal to what is delivered next.
func (r *room) say(s Signal) {
	s.Room, s.Time = r.name, r.hub.now()
	r.said.add(news{signal: &s})
}

// flush writes what has been said to every seat: encoded once per dialect, in one write per seat.
func (r *room) flush() {
	d := &r.said
	if len(d.news) == 0 {
		return
	}
	seats := r.seats
	if a, b, direct := r.name.Pair(); direct {
		seats = nil
		for _, m := range r.hub.connections(a, b) {
			seats = append(seats, seat{member: m, user: m.User().ID})
		}
	}
	delivered := 0
	for i := range seats {
		delivered += d.write(&seats[i])
	}
	r.hub.counts.delivered.Add(int64(delivered))
	*d = delivery{}
}

// write writes a seat what it is told, and returns how many events those are.
func (d *delivery) write(s *seat) (events int) {
	p := d.pack(*s.member.encoder.Load())
	events, open := p.events, true
	begin := 0 // where the frames begin that are not written yet
	for i := range d.news {
		if d.news[i].isFor(s, p.encoder) {
			continue
		}
		end := p.start(i)
		if end > begin {
			open = s.member.sink.Write(p.frames[begin:end])
		}
		begin = p.ends[i]
		if d.news[i].event != nil && begin > end {
			events--
		}
	}
	if begin < len(p.frames) {
		open = s.member.sink.Write(p.frames[begin:])
	}
	if !open {
		return 0
	}
	return events
}

// isFor reports whether a seat is told: rpc does not echo a message to the connection that sent it, and presence and typing are
// told to the others.
func (n *news) isFor(s *seat, enc Encoder) bool {
	if n.signal != nil {
		return n.signal.Kind == SignalRename || n.signal.User.ID != s.user
	}
	return n.from != s.member || enc.EchoesOwn()
}

func (p *pack) start(i int) int {
	if i == 0 {
		return 0
	}
	return p.ends[i-1]
}

// pack returns the news in one dialect.
func (d *delivery) pack(enc Encoder) *pack {
	for i := range d.packs {
		if d.packs[i].encoder == enc {
			return &d.packs[i]
		}
	}
	p := pack{encoder: enc}
	for i := range d.news {
		if n := &d.news[i]; n.event != nil {
			before := len(p.frames)
			p.frames = enc.AppendEvent(p.frames, n.event)
			if len(p.frames) > before {
				p.events++
			}
		} else {
			p.frames = enc.AppendSignal(p.frames, n.signal)
		}
		p.ends = append(p.ends, len(p.frames))
	}
	d.packs = append(d.packs, p)
	return &d.packs[len(d.packs)-1]
}
