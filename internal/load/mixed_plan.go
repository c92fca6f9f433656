package load

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// deed is what somebody does at a moment of the day.
type deed int

const (
	arrive deed = iota
	say
	tell // privately
	typing
	reading
	page
	search
	edit
	react
	reload
	sleep // a phone in a pocket: the connection breaks
	wake
	goHome
	deeds // how many there are
)

// act is one deed of one person.
type act struct {
	at   float64 // which part of the day has passed
	who  int
	what deed
	dice uint64 // decides what depends on what is there by then
}

// perDay is how often a person does something in a day, give or take half of it.
var perDay = [deeds]int{say: 12, tell: 4, reading: 15, page: 3, search: 2, edit: 2, react: 5, reload: 1}

const (
	teamSize    = 12
	perProject  = 20   // people for each project there is
	morning     = 0.12 // by then all are there
	evening     = 0.9  // from then on they go
	lastMoment  = 0.98
	lunchBegins = 0.46
)

// plan is a day of so many people: who is in which room, and what everybody does. It is the same for the same seed.
func plan(people int, seed uint64) (rooms []string, in [][]int, acts []act) {
	dice := rand.New(rand.NewPCG(seed, 0))
	in = make([][]int, people)
	open := func(name string, members ...int) {
		for _, who := range members {
			in[who] = append(in[who], len(rooms))
		}
		rooms = append(rooms, name)
	}
	everybody := make([]int, people)
	for i := range everybody {
		everybody[i] = i
	}
	open("all", everybody...)
	for team := range slices.Chunk(everybody, teamSize) {
		open(fmt.Sprintf("team-%d", team[0]/teamSize), team...)
	}
	for i := range people / perProject {
		size := min(people, 3+dice.IntN(perProject)*dice.IntN(4))
		open(fmt.Sprintf("project-%d", i), dice.Perm(people)[:size]...)
	}
	for who := range people {
		acts = append(acts, planOne(who, rand.New(rand.NewPCG(seed, uint64(who)+1)))...)
	}
	slices.SortStableFunc(acts, func(a, b act) int { return cmp.Compare(a.at, b.at) })
	return rooms, in, acts
}

// planOne is one person's day. The first of each team stays late.
func planOne(who int, dice *rand.Rand) (acts []act) {
	between := func(from, to float64) float64 { return from + dice.Float64()*(to-from) }
	add := func(at float64, what deed) { acts = append(acts, act{at, who, what, dice.Uint64()}) }
	begin, end := between(0, morning), between(evening, lastMoment)
	add(begin, arrive)
	if who%teamSize != 0 {
		add(end, goHome)
	}
	var away [][2]float64
	rest := func(from, long float64) {
		for _, a := range away {
			if from < a[1]+0.02 && from+long > a[0]-0.02 {
				return
			}
		}
		away = append(away, [2]float64{from, from + long})
		add(from, sleep)
		add(from+long, wake)
	}
	if dice.IntN(10) < 6 {
		rest(between(lunchBegins, lunchBegins+0.05), between(0.03, 0.07))
	}
	for range dice.IntN(4) {
		rest(between(morning+0.02, evening-0.06), between(0.005, 0.04))
	}
	for what, n := range perDay {
		for range (n+1)/2 + dice.IntN(n+1) {
			at := between(begin, end)
			if slices.ContainsFunc(away, func(a [2]float64) bool { return at > a[0] && at < a[1] }) {
				continue
			}
			if n == 0 {
				continue
			}
			if deed(what) == say && dice.IntN(3) > 0 {
				add(at-0.002, typing)
			}
			add(at, deed(what))
		}
	}
	return acts
}
