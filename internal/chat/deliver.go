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
	for i := range seats {
		s := &seats[i]
		p := d.pack(*s.member.encoder.Load())
		begin := 0 // where the frames begin that are not written yet
		for j := range d.news {
			if !d.news[j].isFor(s, p.encoder) {
				if end := p.start(j); end > begin {
					s.member.sink.Write(p.frames[begin:end])
				}
				begin = p.ends[j]
			}
		}
		if begin < len(p.frames) {
			s.member.sink.Write(p.frames[begin:])
		}
	}
	*d = delivery{}
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
			p.frames = enc.AppendEvent(p.frames, n.event)
		} else {
			p.frames = enc.AppendSignal(p.frames, n.signal)
		}
		p.ends = append(p.ends, len(p.frames))
	}
	d.packs = append(d.packs, p)
	return &d.packs[len(d.packs)-1]
}
