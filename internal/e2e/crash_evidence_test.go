package e2e

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"sync"
)

// evidence is all that a run of the crash harness leaves behind: what clients sent and what they were told of it, what each of them
// saw, and what is stored. The checker judges it and knows nothing of how it came about.
type evidence struct {
	authors  []*author
	views    []*view
	tellings []*telling
	lines    []*lineView
	stored   map[string]*roomLog // by room
	strange  []string            // what a client noticed at once, such as two different acks of one message
}

// The kinds of events, as they are stored.
const (
	kindMessage = iota + 1
	kindEdit
	kindDelete
	kindReaction
)

// author is a user and what they sent, in the order of sending.
type author struct {
	user, name string
	sent       []sentEvent
	inOrder    bool // sends of one connection at a time, and again what wasn't acknowledged: their order is the log's
}

// sentEvent is one thing that was sent, however often.
type sentEvent struct {
	id          string // "" in dialects that have none; then the text is unique
	room        string
	kind        int
	text, emoji string
	of, replyTo int64
	on          bool
	acked       bool
	seq         int64  // as acknowledged; 0 where the dialect doesn't tell
	time        string // the same
	refused     string // why it must not be stored
}

// storedEvent is one row of a log.
type storedEvent struct {
	seq                          int64
	kind                         int
	user, name, id, body, emoji  string
	on                           bool
	replyTo, of, edited, deleted int64
	time                         string // as the protocol writes it
	sent                         *sentEvent
}

// roomLog is a room as it is stored.
type roomLog struct {
	last      int64
	events    []storedEvent
	reactions map[int64]uint32 // what hangs on messages, by seq: see reactionSum
	history   []seenEvent      // its messages as the protocol gives them page by page, in the order of the log
	paged     bool             // history was read

	rendered map[string]*rendering // as lines, by the user who is left out
}

// seenEvent is an event that a client was told, made small: there are millions.
type seenEvent struct {
	identity             uint64 // of what never changes: see identity
	seq, edited, deleted uint32
	text                 uint32 // see textSum
	reactions            uint32 // see reactionSum; for messages in history only
}

// view is what a json client saw of a room, from join to join.
type view struct {
	who, room string
	stretches []stretch
	mustEnd   bool // the client stayed to the end, so that it has to have seen all
}

// stretch is the answer to a join and the live events after it.
type stretch struct {
	since     int64 // -1 where the latest were asked for
	last      int64
	truncated bool
	messages  []seenEvent
	changes   []seenEvent
	live      []seenEvent
}

// telling is what a client that resumes by itself told its caller of a room.
type telling struct {
	who, room string
	events    []seenEvent
	backs     []back
}

// back is a client's word that it has caught up: with all of it, or not.
type back struct {
	events    int // that were told before
	truncated bool
}

// lineView is what one connection of a line dialect was written of a room.
type lineView struct {
	who, room string
	without   string // the user whose messages such a connection does not get back
	lines     []uint64
}

// identity sums up what of an event never changes.
func identity(kind int, user, name, id string, of, replyTo int64, emoji string, on bool, time string) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d|%s|%s|%s|%d|%d|%s|%v|%s", kind, user, name, id, of, replyTo, emoji, on, time)
	return h.Sum64()
}

func textSum(text string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text))
	return h.Sum32()
}

func lineSum(line string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(line))
	return h.Sum64()
}

// reactionSum sums up who set which emoji; the sums of several are added.
func reactionSum(emoji, user string) uint32 { return textSum(emoji + "|" + user) }

// findings are what a checker has to complain of, by rule.
type findings struct {
	mu    sync.Mutex // guards what follows
	count map[string]int
	first map[string][]string // some of each
}

const findingsShown = 8

func (f *findings) add(rule, format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count == nil {
		f.count, f.first = map[string]int{}, map[string][]string{}
	}
	if f.count[rule]++; f.count[rule] <= findingsShown {
		f.first[rule] = append(f.first[rule], fmt.Sprintf(format, args...))
	}
}

// lines are for people.
func (f *findings) lines() []string {
	var all []string
	for rule, first := range f.first {
		all = append(all, rule+": "+strconv.Itoa(f.count[rule])+" times")
		for _, one := range first {
			all = append(all, "    "+one)
		}
	}
	return all
}
