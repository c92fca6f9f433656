package load

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Mixed is a day of a company in the time of the run.
type Mixed struct {
	People int    `help:"How many work there." default:"300"`
	Seed   uint64 `help:"Makes another day. With the same seed everybody does the same at the same time." default:"1"`
}

// Name implements [Kind].
func (Mixed) Name() string { return "mixed" }

// Help is shown by the command line.
func (Mixed) Help() string {
	return "From eight to six in --duration, for which a minute is good: people arrive, talk in the room of all, of their team and of projects, type, read, write " +
		"privately, look at older messages, search, edit, react and reload; phones sleep and come back, most at lunch; in the evening people go, but for a few. " +
		"Whoever is in a room has to get every event once and in order, and whoever comes back all that was missed. What a person sent and has no ack for is " +
		"sent again after coming back, and may be there only once. A person has one connection, in all of their rooms."
}

// day is a day under way.
type day struct {
	b       *Bench
	people  []*person
	logs    map[string]*roomLog
	sent    map[string]time.Time // messages, by id
	took    map[string]*hdrhistogram.Histogram
	done    [deeds]int
	skipped int // as they were not there yet
	signals int
	hits    int
	errors  map[string]int
}

func (d *day) log(room string) *roomLog {
	if d.logs[room] == nil {
		d.logs[room] = newRoomLog()
	}
	return d.logs[room]
}

// times are those of a kind of request.
func (d *day) times(what string) *hdrhistogram.Histogram {
	if d.took[what] == nil {
		d.took[what] = NewHistogram()
	}
	return d.took[what]
}

// Run implements [Kind].
func (x Mixed) Run(ctx context.Context, b *Bench) error {
	if x.People < 2 || b.Dialect != "json" {
		return errors.New("--people is at least 2, and all speak json, which alone can do all that they do")
	}
	if err := b.enoughFiles(x.People); err != nil {
		return err
	}
	rooms, in, acts := plan(x.People, x.Seed)
	d := &day{
		b: b, logs: map[string]*roomLog{}, sent: map[string]time.Time{}, took: map[string]*hdrhistogram.Histogram{}, errors: map[string]int{},
	}
	b.Do(func() {
		for who := range x.People {
			p := &person{d: d, asked: map[string]question{}}
			for _, room := range in[who] {
				name := b.Room + "-" + rooms[room]
				p.seats = append(p.seats, &seat{log: d.log(name), name: name})
			}
			p.m = b.newMember(Opening{Room: p.seats[0].name, Handler: p})
			p.m.stage, p.m.link, p.m.speak = ended, noLink{}, whole{b.speaker}
			d.people = append(d.people, p)
		}
	})
	if err := d.signIn(ctx); err != nil {
		return err
	}
	stop := b.Measure()
	d.pass(ctx, acts)
	b.Do(func() { b.Result.Verified.Ended += d.neverCame() })
	stop()
	var err error
	b.Do(func() {
		d.check()
		d.report(len(rooms))
		err = b.failed
	})
	return err
}

// pass lets the day pass, and then waits until those who are still there have all.
func (d *day) pass(ctx context.Context, acts []act) {
	b := d.b
	begin, shown := time.Now(), time.Time{}
	for _, a := range acts {
		due := begin.Add(time.Duration(a.at * float64(b.Duration)))
		if time.Since(shown) > time.Second {
			shown = time.Now()
			b.Server.look()
			minutes := int(a.at * 600)
			b.progress("%02d:%02d, %d frames received", 8+minutes/60, minutes%60, b.received())
		}
		if !pauseUntil(ctx, due) || b.refused() {
			break
		}
		b.Do(func() { d.act(a, due) })
	}
	b.progress("waiting for what is under way")
	b.Until(context.Background(), b.Patience, func() bool { return d.missing() == 0 })
	b.Server.look()
}

// refused reports whether a connection could not be opened: the server has stopped, and nothing more comes of the day.
func (b *Bench) refused() (no bool) {
	b.Do(func() { no = b.failed != nil })
	return no
}

// missing is what those who are connected wait for.
func (d *day) missing() (n int) {
	for _, p := range d.people {
		if p.m.stage == ended || p.m.leaving {
			continue
		}
		n += len(p.outbox)
		if !p.here {
			n++
		}
		for _, s := range p.seats {
			if s.there {
				n += int(max(0, s.log.last-s.have))
			}
		}
	}
	return n
}

// neverCame is how many have a connection that no room answers.
func (d *day) neverCame() (n int) {
	for _, p := range d.people {
		if p.m.stage != ended && !p.m.leaving && !p.here {
			n++
		}
	}
	return n
}

// check compares what everybody has with what was said.
func (d *day) check() {
	found := &d.b.Result.Verified
	present := map[*roomLog]bool{}
	for _, p := range d.people {
		for _, s := range p.seats {
			s.check(found)
			if p.here && p.m.stage == open && !p.m.leaving {
				present[s.log] = true
				found.Lost += int(max(0, s.log.last-s.have))
			}
		}
	}
	for _, log := range d.logs {
		log.check(present[log], found)
	}
}

func (d *day) report(rooms int) {
	r := d.b.Result
	messages := d.times(postNames[say]).TotalCount() + d.times(postNames[tell]).TotalCount() // that were acknowledged
	r.Add("people", float64(len(d.people)), "")
	r.Add("rooms, private ones not counted", float64(rooms), "")
	r.Add("private rooms", float64(len(d.logs)-rooms), "")
	r.Add("messages", float64(messages)/r.Seconds, "1/s")
	r.Add("events delivered", float64(r.Verified.Deliveries)/r.Seconds, "1/s")
	if r.Verified.Deliveries > 0 && r.Server.CPUSeconds > 0 {
		r.Add("server's CPU per event delivered", r.Server.CPUSeconds/float64(r.Verified.Deliveries)*1e6, "µs")
	}
	r.Add("typing", float64(d.done[typing]), "")
	r.Add("reads", float64(d.done[reading]), "")
	r.Add("presence, typing and the like, delivered", float64(d.signals), "")
	r.Add("messages found by searching", float64(d.hits), "")
	r.Add("reloads", float64(d.done[reload]), "")
	r.Add("phones that slept", float64(d.done[sleep]), "")
	r.Add("left out, as people were not there yet", float64(d.skipped), "")
	for _, code := range slices.Sorted(maps.Keys(d.errors)) {
		r.Add("errors "+code, float64(d.errors[code]), "")
	}
	for _, what := range []string{
		"signing in", "sent to delivered", postNames[say], postNames[tell], postNames[edit], postNames[react], "page of history", "search",
		"arriving: to all rooms", "coming back: to all rooms, with all that was missed",
	} {
		if h := d.took[what]; h != nil {
			r.AddTimes(what, h)
		}
	}
}

// act does a deed.
func (d *day) act(a act, now time.Time) {
	p := d.people[a.who]
	d.done[a.what]++
	switch a.what {
	case arrive:
		p.come("arriving: to all rooms", now)
	case wake, reload, sleep:
		if a.what != wake {
			if p.m.stage != open { // on the way; it isn't cut before it is there
				d.done[a.what]--
				d.skipped++
				return
			}
			p.m.Cut()
			p.away()
		}
		if a.what != sleep {
			p.come("coming back: to all rooms, with all that was missed", now)
		}
	case goHome:
		p.m.Leave()
	case say, tell:
		p.speak(a, now)
	default:
		if !p.here || !p.ask(a, now) {
			d.done[a.what]--
			d.skipped++
		}
	}
}

// speak says something in one of their rooms or to somebody, more often in the small ones.
func (p *person) speak(a act, now time.Time) {
	b := p.d.b
	p.letters++
	t := token(p.m.Index+1, p.letters)
	id := string(appendMark(nil, t))
	size := minSize + int(a.dice>>32)%(2*b.Size)
	text := appendText(nil, t, size, strings.Repeat(b.padding, 3))
	l := &letter{id: id, what: postNames[a.what]}
	if a.what == tell {
		to := p.d.people[a.dice%uint64(len(p.d.people))]
		if !to.arrived || to == p {
			p.d.done[tell]--
			p.d.skipped++
			return
		}
		l.frame = fmt.Appendf(nil, `{"type":"send","id":%q,"to":%q,"text":%q}`, id, to.m.Name, text)
	} else {
		l.room = p.room(a.dice).name
		l.frame = fmt.Appendf(nil, `{"type":"send","id":%q,"room":%q,"text":%q}`, id, l.room, text)
	}
	p.d.sent[id] = now
	p.post(l, now)
}

// room is one of their rooms: one time in ten that of all.
func (p *person) room(dice uint64) *seat {
	public := p.seats
	if at := slices.IndexFunc(p.seats, func(s *seat) bool { return s.private }); at > 0 {
		public = p.seats[:at]
	}
	if dice%10 == 0 || len(public) == 1 {
		return public[0]
	}
	return public[1+int(dice/10%uint64(len(public)-1))]
}

// ask does what needs somebody to be there. It reports whether there was anything to do.
func (p *person) ask(a act, now time.Time) bool {
	s := p.room(a.dice)
	switch a.what {
	case typing:
		p.send(`{"type":"typing","room":%q}`, s.name)
	case reading:
		p.send(`{"type":"read","room":%q,"seq":%d}`, s.name, s.have)
	case page:
		if _, waits := p.asked["history"]; waits || s.have == 0 {
			return false
		}
		p.asked["history"] = question{"page of history", now}
		p.send(`{"type":"history","room":%q,"before":%d,"limit":50}`, s.name, 1+int64(a.dice>>8)&(1<<40-1)%s.have)
	case search:
		if _, waits := p.asked["found"]; waits {
			return false
		}
		p.asked["found"] = question{"search", now}
		queries := [...]string{"coffee", "first one", "makes the coffee", "from:" + p.d.people[a.dice%uint64(len(p.d.people))].m.Name}
		p.send(`{"type":"search","query":%q}`, queries[a.dice>>8%uint64(len(queries))])
	case edit:
		if len(p.mine) == 0 {
			return false
		}
		at := p.mine[len(p.mine)-1]
		p.change(edit, at.room, fmt.Sprintf(`"edit","room":%q,"of":%d,"text":"#%d.0# edited: the first one in makes the tea"`, at.room, at.seq, p.m.Index+1), now)
	case react:
		if s.latest == 0 {
			return false
		}
		emoji := [...]string{"👍", "🎉", "😂", "❤️"}[a.dice>>8%4]
		p.change(react, s.name, fmt.Sprintf(`"react","room":%q,"of":%d,"emoji":%q,"on":true`, s.name, s.latest, emoji), now)
	}
	return true
}

// change sends an edit or reaction.
func (p *person) change(what deed, room, rest string, now time.Time) {
	p.letters++
	id := "c" + strconv.Itoa(p.m.Index+1) + "." + strconv.Itoa(p.letters)
	p.post(&letter{id: id, what: postNames[what], room: room, frame: fmt.Appendf(nil, `{"id":%q,"type":%s}`, id, rest)}, now)
}
