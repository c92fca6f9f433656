package e2e

import (
	"flag"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// resumeChecks is how many random conversations there are.
var resumeChecks = flag.Int("resume.checks", 10, "how many random conversations are checked")

// TestEveryonesLogIsTheRoomsLogThroughProxiesThatCut lets people talk over networks that cut their connections anywhere. In the end
// everyone has the same log, the room's: every message once and as it is now, with each of their own among them once.
func TestEveryonesLogIsTheRoomsLogThroughProxiesThatCut(t *testing.T) {
	t.Parallel()
	checks := flag.Lookup("rapid.checks")
	if was := checks.Value.String(); was == checks.DefValue {
		_ = checks.Value.Set(fmt.Sprint(*resumeChecks))
		t.Cleanup(func() { _ = checks.Value.Set(was) })
	}
	s := startServer(t, "--rate-limit.messages", "0")
	var proxies []*proxy
	var headers []http.Header
	for _, name := range []string{"Ada", "Bob", "Cleo"} {
		proxies = append(proxies, startProxy(t, s.Host))
		headers = append(headers, s.session(t, name))
	}
	rooms, events, jumps := 0, int64(0), 0
	rapid.Check(t, func(rt *rapid.T) {
		rooms++
		c := &conversation{rt: rt, t: t, s: s, room: fmt.Sprintf("room-%d", rooms), deleted: map[int64]bool{}}
		for i, p := range proxies {
			f := newFollower([]string{"Ada", "Bob", "Cleo"}[i], c.room, headers[i], p)
			c.people = append(c.people, f)
			defer f.hangUp()
			defer c.heal(f)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"":          c.check,
			"say":       c.say,
			"say more":  c.say,
			"change":    c.change,
			"burst":     c.burst,
			"connect":   func(rt *rapid.T) { c.someone(rt).connect() },
			"cut":       func(rt *rapid.T) { c.someone(rt).proxy.Cut() },
			"cut later": c.cutLater,
			"hang up":   func(rt *rapid.T) { c.someone(rt).hangUp() },
		})
		last := c.end()
		events += last
		for _, f := range c.people {
			jumps += f.jumps
		}
	})
	t.Logf("%d rooms, %d events, %d answers that were truncated", rooms, events, jumps)
}

// conversation is a room in which people talk over bad networks.
type conversation struct {
	rt      *rapid.T
	t       *testing.T
	s       *server
	room    string
	people  []*follower
	made    int
	deleted map[int64]bool
}

func (c *conversation) someone(rt *rapid.T) *follower {
	return c.people[rapid.IntRange(0, len(c.people)-1).Draw(rt, "who")] // what is drawn is printed: no follower
}

func (c *conversation) check(rt *rapid.T) {
	for _, f := range c.people {
		f.mu.Lock()
		wrong := f.wrong
		f.mu.Unlock()
		if wrong != nil {
			rt.Fatal(wrong)
		}
	}
}

func (c *conversation) say(rt *rapid.T) { c.says(c.someone(rt)) }

func (c *conversation) says(f *follower) {
	c.made++
	id := fmt.Sprintf("%s %d", c.room, c.made)
	f.send(id, fmt.Sprintf(`{"type":"send","id":%q,"room":%q,"text":"said as %d"}`, id, c.room, c.made))
}

// change edits one's own message, reacts to anybody's, or deletes. Cleo's are only ever deleted, so that nobody changes what is
// being deleted, which would be refused.
func (c *conversation) change(rt *rapid.T) {
	f := c.someone(rt)
	pick := rapid.IntRange(0, 1<<20).Draw(rt, "which")
	reacts, on := rapid.Bool().Draw(rt, "reacts"), rapid.Bool().Draw(rt, "on")
	var targets []int64
	f.mu.Lock()
	for seq, m := range f.log {
		isCleos := m.Name == "Cleo"
		if isCleos && f.name == "Cleo" && !reacts && !c.deleted[seq] || !isCleos && (reacts || m.Name == f.name) {
			targets = append(targets, seq)
		}
	}
	f.mu.Unlock()
	if len(targets) == 0 {
		return
	}
	slices.Sort(targets)
	of := targets[pick%len(targets)]
	c.made++
	id := fmt.Sprintf("%s %d", c.room, c.made)
	switch {
	case reacts:
		f.send(id, fmt.Sprintf(`{"type":"react","id":%q,"room":%q,"of":%d,"emoji":"👍","on":%v}`, id, c.room, of, on))
	case f.name == "Cleo":
		c.deleted[of] = true
		f.send(id, fmt.Sprintf(`{"type":"delete","id":%q,"room":%q,"of":%d}`, id, c.room, of))
	default:
		f.send(id, fmt.Sprintf(`{"type":"edit","id":%q,"room":%q,"of":%d,"text":"changed as %d"}`, id, c.room, of, c.made))
	}
}

// burst is more than a resume answers with, now and then.
func (c *conversation) burst(rt *rapid.T) {
	if rapid.IntRange(0, 9).Draw(rt, "rarely") > 0 {
		return
	}
	f := c.someone(rt)
	for range 510 {
		c.says(f)
	}
}

// cutLater lets a connection end at a step of what comes next.
func (c *conversation) cutLater(rt *rapid.T) {
	f := c.someone(rt)
	switch rapid.IntRange(0, 5).Draw(rt, "where") {
	case 0:
		f.proxy.CutWhen(toServer, `"type":"send"`)
	case 1:
		f.proxy.CutWhen(toClient, `"type":"message"`)
	case 2:
		f.proxy.CutWhen(toClient, `"type":"ack"`)
	case 3:
		f.proxy.CutWhen(toClient, `"type":"joined"`)
	case 4:
		f.proxy.CutAfter(rapid.IntRange(0, 3000).Draw(rt, "bytes"), -1)
	default:
		f.proxy.CutAfter(-1, rapid.IntRange(0, 20_000).Draw(rt, "bytes"))
	}
}

func (c *conversation) heal(f *follower) {
	f.proxy.OnFrame(nil)
	f.proxy.CutAfter(-1, -1)
}

// end mends the networks, lets everyone come to rest, and holds their logs against the room's. It returns how many events there are.
func (c *conversation) end() int64 {
	last := int64(0)
	for _, f := range c.people {
		c.heal(f)
		f.hangUp()
		reaches, err := f.settle(0)
		if err != nil {
			c.rt.Fatal(err)
		}
		last = max(last, reaches)
	}
	reader := dial(c.t, c.s.WS("?dialect=json&room="+c.room), c.people[0].header)
	last = max(last, reader.next("joined").Last)
	truth := map[int64]frame{}
	for _, m := range reader.history(c.room) {
		truth[m.Seq] = m
	}
	_ = reader.ws.Close()
	if int(last) != c.made {
		c.rt.Fatalf("%d events were sent, %d are stored", c.made, last)
	}
	for _, f := range c.people {
		if _, err := f.settle(last); err != nil {
			c.rt.Fatal(err)
		}
		if err := f.complete(); err != nil {
			c.rt.Fatal(err)
		}
		if wrong := f.differs(truth); wrong != "" {
			c.rt.Fatal(wrong)
		}
	}
	return last
}
