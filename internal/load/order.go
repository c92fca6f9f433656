package load

// Order checks that everybody who should got every message exactly once, and all in the same order. The first member to see a message
// at a place says what belongs there; everyone else has to see the same there. That compares one word for each delivery and keeps
// two for each message, and is exact: what differs is then told apart as lost, twice or out of order.
type Order struct {
	said   []entry   // in the order in which they were first seen
	places [][]int32 // of each member's messages in said, from 1, by number; 0 where nobody saw it yet
	of     []*Member
	seqs   bool // the dialect tells the seq of messages
	first  func(Token)
	b      *Bench
	found  *Verified
}

type entry struct {
	token Token
	seq   int64
}

// view is what one member has seen of an order.
type view struct {
	next    int                // the place in said of what has to come next
	missing map[int32]struct{} // places that were jumped over
	got     int                // messages
	later   []entry            // of a sender without an echo: checked at the end
	own     int                // messages of its own that it won't see
}

// NewOrder returns an order that begins now. Members see it through [Opening.Order].
func (b *Bench) NewOrder() *Order {
	o := &Order{b: b, found: &b.Result.Verified, seqs: b.Dialect == "json"}
	b.orders = append(b.orders, o)
	return o
}

// Said is how many different messages were seen by anybody.
func (o *Order) Said() int { return len(o.said) }

// saw checks one delivery.
func (o *Order) saw(m *Member, t Token, seq int64) {
	v := &m.view
	v.got++
	if m.Sent > 0 && !m.speak.echoes() { // its own are missing from what it sees
		o.note(t)
		v.later = append(v.later, entry{t, seq})
		return
	}
	e := entry{t, seq}
	if v.next < len(o.said) && o.said[v.next] == e {
		v.next++
		return
	}
	o.compare(m, e)
}

// compare finds out what is the matter with a delivery that isn't what has to come next, or is the first of its message.
func (o *Order) compare(m *Member, e entry) {
	v := &m.view
	if !o.ours(e.token) {
		v.got--
		o.b.complain(m, "a message of another room")
		return
	}
	place, known := o.place(e.token)
	if !known {
		place = int32(len(o.said))
		if place > 0 && o.seqs && e.seq <= o.said[place-1].seq {
			o.found.OutOfOrder++ // the server numbered them otherwise than it sent them
		}
		o.said = append(o.said, e)
		o.keep(e.token, place+1)
	} else if o.seqs && o.said[place].seq != e.seq {
		o.found.OutOfOrder++ // another number than others were told
	}
	switch {
	case int(place) >= v.next:
		for jumped := v.next; jumped < int(place); jumped++ {
			v.miss(int32(jumped))
		}
		v.next = int(place) + 1
	case v.missed(place):
		o.found.OutOfOrder++
	default:
		o.found.Twice++
	}
}

func (v *view) miss(place int32) {
	if v.missing == nil {
		v.missing = map[int32]struct{}{}
	}
	v.missing[place] = struct{}{}
}

// missed reports whether a place was jumped over, and forgets that.
func (v *view) missed(place int32) bool {
	_, was := v.missing[place]
	delete(v.missing, place)
	return was
}

// ours reports whether a message belongs to this order. What is asked of others below is asked of such only.
func (o *Order) ours(t Token) bool { return o.b.members[t.Sender()].order == o }

// numbers are the places of all messages of a message's sender. It goes by the sender's seat in the order, so that ten thousand orders
// of a few members are small.
func (o *Order) numbers(t Token) *[]int32 {
	seat := o.b.members[t.Sender()].seat
	for seat >= len(o.places) {
		o.places = append(o.places, nil)
	}
	return &o.places[seat]
}

// place is where in said a message is.
func (o *Order) place(t Token) (int32, bool) {
	numbers := *o.numbers(t)
	if t.number() >= len(numbers) {
		return 0, false
	}
	p := numbers[t.number()]
	return p - 1, p > 0
}

// keep notes where a message is, or with -1 only that somebody saw it, and tells the first time.
func (o *Order) keep(t Token, place int32) {
	numbers := o.numbers(t)
	for t.number() >= len(*numbers) {
		*numbers = append(*numbers, 0)
	}
	was := (*numbers)[t.number()]
	(*numbers)[t.number()] = place
	if was == 0 && o.first != nil {
		o.first(t)
	}
}

// note tells the first time that a message was seen, by one that doesn't say where it belongs.
func (o *Order) note(t Token) {
	if !o.ours(t) {
		return // which compare tells at the end
	}
	if numbers := *o.numbers(t); t.number() >= len(numbers) || numbers[t.number()] == 0 {
		o.keep(t, -1)
	}
}

// Missing is how many deliveries have not come yet, of what anybody has seen or was sent.
func (o *Order) Missing() (n int) {
	sent := o.sent()
	for _, m := range o.of {
		if m.stage != ended {
			n += max(0, o.due(m, sent)-m.view.got)
		}
	}
	return n
}

// sent is how many messages belong to the order: those that were sent.
func (o *Order) sent() (n int) {
	for _, m := range o.of {
		n += o.sentBy(m)
	}
	return n
}

// sentBy is how many messages of one belong to it: not those that were refused, nor those that nobody saw before the connection ended.
func (o *Order) sentBy(m *Member) int {
	if m.stage != ended || m.leaving || m.Sent == 0 {
		return m.Sent - m.Refused
	}
	seen := 0
	if m.seat < len(o.places) {
		for _, place := range o.places[m.seat] {
			if place != 0 {
				seen++
			}
		}
	}
	return seen
}

// due is how many messages a member has to get.
func (o *Order) due(m *Member, sent int) int {
	if m.speak.echoes() {
		return sent
	}
	return sent - o.sentBy(m)
}

// finish adds what the order found to the result. Whose connection ended misses what it misses, and that is told apart.
func (o *Order) finish() {
	sent := o.sent()
	o.found.Messages += sent
	for _, m := range o.of {
		for _, e := range m.view.later {
			o.compareLater(m, e)
		}
		o.found.Deliveries += int64(m.view.got)
		if m.stage == ended && !m.leaving {
			continue // counted as ended, which fails the run too
		}
		got := m.view.next - len(m.view.missing)
		o.found.Lost += max(0, o.due(m, sent)-got+m.view.own)
	}
}

// compareLater checks a delivery to a sender without an echo: own messages before it are jumped over, and not missed.
func (o *Order) compareLater(m *Member, e entry) {
	v := &m.view
	for v.next < len(o.said) && o.said[v.next].token.Sender() == m.Index {
		v.next++
		v.own++
	}
	if v.next < len(o.said) && o.said[v.next] == e {
		v.next++
		return
	}
	o.compare(m, e)
}
