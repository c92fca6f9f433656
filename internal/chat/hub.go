package chat

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options are what a [Hub] stands on. All but Limits, Grace, Now and Logger are required.
type Options struct {
	Log    Log
	Shelf  Shelf
	People People
	Finder Finder
	Files  Files // nil where no files can be sent
	Relay  Relay
	Limits Limits
	Grace  time.Duration    // how long a user whose last connection went away is still counted as there
	Now    func() time.Time // stamps events and refills flood budgets; time.Now by default
	Logger *slog.Logger

	Renderer Renderer // nil where texts have no markup
}

// Renderer knows how texts are shown, which the core does not.
type Renderer interface {
	// Marked leaves of those whom a message or an edit means the ones who are marked in what is shown of it, or nil.
	Marked(e *Event) *Mentions
	// Plain is the text of a message as it is shown, without the signs of its markup.
	Plain(e *Event) string
}

// Hub holds the rooms that are in use and the people who are connected.
type Hub struct {
	opts   Options
	counts counts

	mu     sync.Mutex // guards rooms, people, spent, away, sweepSpent, closed
	rooms  map[RoomName]*room
	people map[UserID]*person
	spent  map[UserID]budgets // of users who are gone
	away   map[UserID]Absence // of users who said so
	// sweepSpent is how many there are when those that are full again are looked for.
	sweepSpent int
	closed     bool

	turns  sync.WaitGroup  // the rooms' turns and the relay's listener
	listen context.Context // ends when the hub drains
	deaf   context.CancelFunc
	work   context.Context // what turns store and read with; ends when draining took too long
	abort  context.CancelFunc
	stored atomic.Int64
	// someAway is whether anybody is away, so that nobody else pays for it.
	someAway atomic.Bool
	refused  refusals
	reading  chan struct{} // holds a token for each page or list that is being read
	// searching holds a token while a search is under way, and searchers are how many are or wait for it.
	searching chan struct{}
	searchers atomic.Int32
	places    places
	tries     tries
	panics    atomic.Int64
}

// NewHub returns a hub that listens to its relay until [Hub.Drain].
func NewHub(opts Options) *Hub {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	h := &Hub{opts: opts, rooms: map[RoomName]*room{}, people: map[UserID]*person{}, away: map[UserID]Absence{}, places: newPlaces()}
	h.reading = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))
	h.searching = make(chan struct{}, 1)
	h.listen, h.deaf = context.WithCancel(context.Background())
	h.work, h.abort = context.WithCancel(context.Background())
	h.turns.Go(func() {
		err := opts.Relay.Listen(h.listen, h.heard)
		if err != nil && !errors.Is(err, context.Canceled) {
			h.opts.Logger.Error("other nodes are not heard any more; messages of theirs arrive late", "error", err)
		}
	})
	return h
}

// Stats are counts for whoever watches the server.
type Stats struct {
	Rooms       int              // rooms in use
	People      int              // users with an open connection
	Connections int              // open connections
	Stored      int64            // events stored by this process
	Refused     map[string]int64 // commands refused to keep within a limit, by the setting
	Panics      int64            // rooms that panicked and were begun anew
}

// Stats counts.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := Stats{
		Rooms: len(h.rooms), People: len(h.people), Stored: h.stored.Load(), Refused: h.refused.byLimit(), Panics: h.panics.Load(),
	}
	for _, p := range h.people {
		s.Connections += len(p.members)
	}
	return s
}

// Online reports whether a user has an open connection.
func (h *Hub) Online(id UserID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.people[id] != nil
}

// Here returns who is in a room now, each once, sorted by name, and how many they are. Of a crowd it returns some.
func (h *Hub) Here(name RoomName) (users []User, count int) {
	h.mu.Lock()
	r := h.rooms[name]
	h.mu.Unlock()
	if r == nil {
		return nil, 0
	}
	return r.users(crowdFrom), r.count()
}

// Rooms lists the rooms that a user may know of. The lobby is among them even where nobody has been there yet, and so are rooms in
// which nothing was said yet while somebody is in them.
func (h *Hub) Rooms(ctx context.Context, user UserID) ([]RoomInfo, error) {
	infos, err := h.opts.Shelf.Rooms(ctx, user)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(infos, func(info RoomInfo) bool { return info.Name == Lobby }) {
		infos = slices.Insert(infos, 0, RoomInfo{Name: Lobby})
	}
	for i := range infos {
		if !infos[i].Locked {
			infos[i].Members = h.count(infos[i].Name)
		}
	}
	return h.appendBegun(infos), nil
}

const (
	begunMost = 100  // rooms in a list in which nothing was said yet
	begunLook = 1000 // rooms in use that are looked at for them
)

// appendBegun adds public rooms that somebody is in and that the shelf doesn't list: the fullest first. A list that is full has
// left out rooms in which something was said, which can't be told from the others here, so nothing is added to it.
func (h *Hub) appendBegun(infos []RoomInfo) []RoomInfo {
	places := min(begunMost, RoomsMost-len(infos))
	if places <= 0 {
		return infos
	}
	listed := make(map[RoomName]bool, len(infos))
	for i := range infos {
		listed[infos[i].Name] = true
	}
	var begun []RoomInfo
	for _, r := range h.inUse(begunLook) {
		if n := r.count(); n > 0 && r.name.Public() && !listed[r.name] && !r.archived.Load() {
			begun = append(begun, RoomInfo{Name: r.name, Members: n})
		}
	}
	slices.SortFunc(begun, func(a, b RoomInfo) int {
		return cmp.Or(cmp.Compare(b.Members, a.Members), cmp.Compare(a.Name, b.Name))
	})
	return append(infos, begun[:min(places, len(begun))]...)
}

// inUse returns rooms that are in use, any of them where there are more than most.
func (h *Hub) inUse(most int) []*room {
	h.mu.Lock()
	defer h.mu.Unlock()
	rooms := make([]*room, 0, min(most, len(h.rooms)))
	for _, r := range h.rooms {
		if len(rooms) == most {
			break
		}
		rooms = append(rooms, r)
	}
	return rooms
}

func (h *Hub) count(name RoomName) int {
	if a, b, ok := name.Pair(); ok {
		n := 0
		for i, id := range [...]UserID{a, b} {
			if h.Online(id) && (i == 0 || a != b) {
				n++
			}
		}
		return n
	}
	h.mu.Lock()
	r := h.rooms[name]
	h.mu.Unlock()
	if r == nil {
		return 0
	}
	return r.count()
}

// Latest returns the newest messages of a room for someone who may read it, oldest first, and whether there are older ones. last
// is the seq from which a connection resumes without missing anything. The error is ErrNotFound where user may not know the room.
func (h *Hub) Latest(ctx context.Context, user UserID, name RoomName) (messages []Event, last int64, more bool, err error) {
	if err := h.MayRead(ctx, user, name); err != nil {
		return nil, 0, false, err
	}
	// last first: what is stored between the two reads is then delivered again, never missed.
	if last, err = h.opts.Log.Last(ctx, name); err != nil {
		return nil, 0, false, err
	}
	messages, more, err = h.page(ctx, name, 0, HistoryPage)
	return messages, last, more, err
}

// page reads the latest messages before a seq, and whether there are older ones: as many as limit, fewer where they are long.
func (h *Hub) page(ctx context.Context, name RoomName, before int64, limit int) ([]Event, bool, error) {
	messages, err := h.opts.Log.Before(ctx, name, before, limit+1)
	if err != nil {
		return nil, false, err
	}
	first, size := len(messages), 0
	for ; first > max(0, len(messages)-limit); first-- {
		size += messages[first-1].weight()
		if size > answerBytes && first < len(messages) {
			break
		}
	}
	return messages[first:], first > 0, h.quote(ctx, messages[first:])
}

// EndSession closes every connection of a session with [CloseSessionEnded]. Its user leaves without grace.
func (h *Hub) EndSession(session string) {
	for _, m := range h.members(func(m *Member) bool { return m.session == session }) {
		m.gone.Store(true)
		m.sink.Close(CloseSessionEnded, "session ended")
	}
}

func (h *Hub) members(which func(*Member) bool) []*Member {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []*Member
	for _, p := range h.people {
		for _, m := range p.members {
			if which(m) {
				found = append(found, m)
			}
		}
	}
	return found
}

// connections returns the open connections of some users.
func (h *Hub) connections(users ...UserID) []*Member {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []*Member
	for i, id := range users {
		if p := h.people[id]; p != nil && (i == 0 || id != users[i-1]) {
			found = append(found, p.members...)
		}
	}
	return found
}

// submit puts an item into a room's inbox and begins the room's turn where none runs. It returns false once the hub closes.
func (h *Hub) submit(name RoomName, it item) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	r := h.rooms[name]
	if r == nil {
		r = newRoom(h, name)
		h.rooms[name] = r
	}
	if r.put(it) {
		h.turns.Go(r.turn)
	}
	return true
}

// forget drops a room that nobody needs in memory. The turn calls it as its last act.
func (h *Hub) forget(r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.unused() && h.rooms[r.name] == r {
		delete(h.rooms, r.name)
	}
}

// heard is told of a ring: another node has appended to a room. A room that nobody here reads is left alone.
func (h *Hub) heard(name RoomName, seq int64) {
	h.mu.Lock()
	r := h.rooms[name]
	h.mu.Unlock()
	if _, _, direct := name.Pair(); r != nil || direct {
		h.submit(name, item{kind: itemHeard, seq: seq})
	}
}

// Drain refuses what is new and returns when what was taken before is stored, delivered and acknowledged. When ctx ends before
// that, it gives up on what isn't stored yet and returns ctx's error.
func (h *Hub) Drain(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	rooms := slices.Collect(maps.Values(h.rooms))
	h.mu.Unlock()
	for _, r := range rooms {
		r.stopTimers()
	}
	h.deaf()
	stop := context.AfterFunc(ctx, h.abort)
	h.turns.Wait()
	stop()
	h.abort()
	return ctx.Err()
}

// CloseAll tells every connection to close.
func (h *Hub) CloseAll(code int, reason string) {
	for _, m := range h.members(func(*Member) bool { return true }) {
		m.sink.Close(code, reason)
	}
}

// now is the server's time as it is stored and told: UTC, whole milliseconds.
func (h *Hub) now() time.Time { return h.opts.Now().UTC().Truncate(time.Millisecond) }
