package chat

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// person is a user with at least one open connection.
type person struct {
	user    atomic.Pointer[User]
	members []*Member // guarded by Hub.mu; few
	since   time.Time // when the first of them came

	mu      sync.Mutex // guards budgets
	budgets budgets
}

// Member is one connection's place in the chat. Its methods are called by the one goroutine that reads the connection; the sink is
// written by the rooms' turns as well.
type Member struct {
	hub     *Hub
	sink    Sink
	session string // the session that it belongs to, "" for none
	person  atomic.Pointer[person]
	encoder atomic.Pointer[Encoder]
	gone    atomic.Bool // leaves without grace
	silent  bool        // has not said yet who it is: reads, but is not announced
	typed   time.Time   // when typing was last told

	mu      sync.Mutex    // guards what follows
	rooms   []joinedRoom  // that it is in, or has asked for; few
	joins   int           // how many joins were asked for
	first   RoomName      // the room that commands without a room mean
	posting int           // posts under way
	full    chan struct{} // closed when there are less than pendingMost of them again; nil where nobody waits for that
}

// joinedRoom is a room that a member is in, with the number of the join that asked for it last.
type joinedRoom struct {
	name RoomName
	join int
}

// Connect makes a member of a new connection. A silent one is not announced until [Member.Identify] says who it is. The caller
// closes the member when the connection ends.
func (h *Hub) Connect(user User, session string, enc Encoder, sink Sink, silent bool) *Member {
	m := &Member{hub: h, sink: sink, session: session, silent: silent}
	m.encoder.Store(&enc)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seatPerson(m, user)
	return m
}

// seatPerson puts m among the user's connections. The caller holds h.mu.
func (h *Hub) seatPerson(m *Member, user User) {
	p := h.people[user.ID]
	if p == nil {
		p = &person{budgets: h.spent[user.ID], since: h.now()}
		h.people[user.ID] = p
		delete(h.spent, user.ID)
	}
	p.user.Store(&user)
	p.members = append(p.members, m)
	m.person.Store(p)
}

// unseatPerson takes m from its user's connections. The caller holds h.mu.
func (h *Hub) unseatPerson(m *Member) {
	p := m.person.Load()
	if i := slices.Index(p.members, m); i >= 0 {
		p.members = slices.Delete(p.members, i, i+1)
	}
	if id := p.user.Load().ID; len(p.members) == 0 && h.people[id] == p {
		delete(h.people, id)
		h.keepBudgets(id, p)
	}
}

// User returns who the member is now.
func (m *Member) User() User { return *m.person.Load().user.Load() }

// Speak changes the dialect in which the member is written to.
func (m *Member) Speak(enc Encoder) { m.encoder.Store(&enc) }

// Reply tells this connection alone. It returns false when the connection is at its end.
func (m *Member) Reply(r *Reply) bool {
	if r.Kind == ReplyError {
		m.hub.counts.refuse(r.Err.Code)
	}
	buffer := replies.Get().(*[]byte)
	defer replies.Put(buffer)
	frames := (*m.encoder.Load()).AppendReply((*buffer)[:0], r)
	if cap(frames) <= replyKept {
		*buffer = frames
	}
	return len(frames) == 0 || m.sink.Write(frames)
}

// replies are buffers for what one connection is told: a crowd that comes in would leave megabytes of them behind. Larger ones than
// replyKept, in bytes, are not kept.
var replies = sync.Pool{New: func() any { return new([]byte) }}

const replyKept = 64 << 10

// Identify says who a member is from now on: a guest that made itself known, or the same user by another name. Either is told to
// the rooms that it is in.
func (m *Member) Identify(user User) {
	before, wasSilent := m.User(), m.silent
	m.hub.mu.Lock()
	if user.ID == before.ID {
		m.person.Load().user.Store(&user)
	} else {
		m.hub.unseatPerson(m)
		m.hub.seatPerson(m, user)
	}
	m.hub.mu.Unlock()
	m.silent = false
	for _, other := range m.hub.connections(user.ID) {
		for _, name := range other.joined() {
			m.hub.submit(name, item{kind: itemIdentify, member: other, user: user})
		}
	}
	if wasSilent {
		for _, name := range m.joined() {
			m.enter(m.hub.work, name)
		}
	}
}

func (m *Member) joined() []RoomName {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := make([]RoomName, len(m.rooms))
	for i := range m.rooms {
		names[i] = m.rooms[i].name
	}
	return names
}

func (m *Member) firstRoom() RoomName {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.first
}

func (m *Member) isIn(name RoomName) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.place(name) >= 0
}

// place returns where a room is in m.rooms, -1 where the member is not in it. The caller holds m.mu.
func (m *Member) place(name RoomName) int {
	return slices.IndexFunc(m.rooms, func(r joinedRoom) bool { return r.name == name })
}

// outOf notes that the member is not in a room any more.
func (m *Member) outOf(name RoomName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.place(name); i >= 0 {
		m.rooms = slices.Delete(m.rooms, i, i+1)
	}
}

// joinFailed notes that a join did not bring the member in. One that was asked for later may still do so: it keeps its mark, by
// which [Member.Close] finds the seat.
func (m *Member) joinFailed(name RoomName, join int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.place(name); i >= 0 && m.rooms[i].join == join {
		m.rooms = slices.Delete(m.rooms, i, i+1)
	}
}

// Leave makes the member's coming [Member.Close] a leave at once, without the grace that a reload has.
func (m *Member) Leave() { m.gone.Store(true) }

// Close takes the member out of every room. Nothing is written to its sink after the rooms have handled what waits in them with that.
func (m *Member) Close() {
	m.hub.mu.Lock()
	m.hub.unseatPerson(m)
	m.hub.mu.Unlock()
	rooms := m.joined()
	for _, name := range rooms {
		m.hub.submit(name, item{kind: itemQuit, member: m, atOnce: m.gone.Load()})
	}
	if len(rooms) == 0 { // else it has left when it has left one
		m.hub.hasLeft(m.User().ID)
	}
}

// Do carries out a command. An error that it returns is the command's refusal; everything else, later refusals included, is told
// by a [Reply]. It waits where the connection has too much under way. CmdClaim and CmdRename are the session's business.
func (m *Member) Do(ctx context.Context, cmd *Command) error {
	var err error
	if cmd.Kind.IsPost() {
		if err = m.post(ctx, cmd); err == nil && cmd.Kind == CmdSend {
			m.comeBack()
		}
	} else if err = m.chargeCommand(cmd); err == nil {
		err = m.do(ctx, cmd)
	}
	if err != nil {
		return m.refusal(cmd, err)
	}
	return nil
}

// Arrive carries out the join that a connection asked for when it was opened. It costs nothing: how often connections are opened is
// limited where that is done.
func (m *Member) Arrive(ctx context.Context, cmd *Command) error {
	if err := m.do(ctx, cmd); err != nil {
		return m.refusal(cmd, err)
	}
	return nil
}

// do carries out what isn't a post.
func (m *Member) do(ctx context.Context, cmd *Command) error {
	cmd, err := m.asRemoval(ctx, cmd)
	if err != nil {
		return err
	}
	name, err := m.admit(ctx, cmd)
	if err != nil {
		return err
	}
	switch cmd.Kind {
	case CmdPing:
		m.Reply(&Reply{Kind: ReplyPong, Of: cmd.Kind, Ref: cmd.Ref, Time: m.hub.now()})
	case CmdActive:
		m.done(cmd, "")
	case CmdRooms:
		return m.listRooms(ctx, cmd)
	case CmdJoin:
		return m.join(ctx, cmd, name)
	case CmdLeave:
		return m.leave(ctx, cmd, name)
	case CmdHistory:
		return m.history(ctx, cmd, name)
	case CmdSearch:
		return m.search(ctx, cmd, name)
	case CmdMentions:
		return m.listMentions(ctx, cmd)
	case CmdPins:
		return m.pins(ctx, cmd, name)
	case CmdMembers:
		if !name.IsDirect() { // behind the joins that wait, the asker's own among them
			if !m.hub.submit(name, item{kind: itemMembers, member: m, ref: cmd.Ref, of: cmd.Kind}) {
				return errDraining
			}
			return nil
		}
		members, err := m.hub.roommates(ctx, name)
		if err != nil {
			return err
		}
		m.Reply(&Reply{Kind: ReplyMembers, Of: cmd.Kind, Ref: cmd.Ref, Room: name, Members: members})
	case CmdRead:
		return m.read(ctx, cmd, name)
	case CmdMute:
		return m.mute(ctx, cmd, name)
	case CmdCreate:
		return m.create(ctx, cmd)
	case CmdInvite:
		return m.invite(ctx, cmd, name)
	case CmdArchive:
		return m.archive(ctx, cmd, name)
	case CmdRemove:
		return m.removeFrom(ctx, cmd, name)
	case CmdPassword:
		return m.setPassword(ctx, cmd, name)
	case CmdAbout:
		return m.about(ctx, cmd, name)
	case CmdAway:
		return m.goAway(ctx, cmd)
	case CmdBack:
		m.comeBack()
		return m.tellProfile(ctx, cmd, m.User())
	case CmdWhois:
		return m.whois(ctx, cmd)
	case CmdIgnore:
		return m.ignore(ctx, cmd)
	case CmdKick, CmdBan, CmdUnban:
		return m.keepOrder(ctx, cmd)
	case CmdTyping:
		m.typing(name)
		m.done(cmd, name)
	default:
		return errNoCommand
	}
	return nil
}

func (m *Member) listRooms(ctx context.Context, cmd *Command) error {
	if err := m.hub.beginReading(ctx); err != nil {
		return err
	}
	defer m.hub.endReading()
	list := m.hub.Rooms
	if cmd.On {
		list = m.hub.opts.Shelf.Archived
	}
	rooms, err := list(ctx, m.User().ID)
	if err == nil {
		m.Reply(&Reply{Kind: ReplyRooms, Of: cmd.Kind, Ref: cmd.Ref, Rooms: rooms, On: cmd.On})
	}
	return err
}

func (m *Member) done(cmd *Command, name RoomName) {
	m.Reply(&Reply{Kind: ReplyDone, Of: cmd.Kind, Ref: cmd.Ref, Room: name})
}

// mayKnow is nil where the member may know of the room. Of a private room of others it says what it says of one that isn't there.
func (m *Member) mayKnow(ctx context.Context, name RoomName) error {
	user := m.User().ID
	switch {
	case name.ReadableBy(user), name.IsClosed() && m.isIn(name): // who is in was let in
		return nil
	case name.IsClosed():
		err := m.hub.MayRead(ctx, user, name)
		if errors.Is(err, ErrNotFound) {
			return errNoPrivateRoom
		}
		return err
	case len(name) > 0 && (name[0] == '@' || name[0] == closedMark[0]):
		return errNoPrivateRoom
	default:
		return errRoomName
	}
}

// errRoomName is said of what can't be a room's name.
var errRoomName = Errorf(CodeBadRequest, "A room's name is 1 to %d of the characters a-z 0-9 - _.", maxRoomName)

// refusal makes what went wrong into what the client is told. What the client can't help is logged here, once.
func (m *Member) refusal(cmd *Command, err error) *Error {
	var refused *Error
	if !errors.As(err, &refused) {
		if !errors.Is(err, context.Canceled) && !isLogged(err) {
			m.hub.opts.Logger.Error("a command was refused for now; the client may try again", "user", m.User().ID, "error", err)
		}
		refused = unavailable(err, "The server can't do that right now. Try again in a moment.")
	}
	answer := *refused
	answer.Ref, answer.Of = cmd.Ref, cmd.Kind
	return &answer
}

// errNoPrivateRoom is said of a private room of others and of one that isn't there, so that nobody can tell the two apart.
var errNoPrivateRoom = Errorf(CodeNotFound, "There is no such private room.")

// peerExists is nil where the other one of a private room of one's own is a user.
func (m *Member) peerExists(ctx context.Context, name RoomName) error {
	_, err := m.hub.opts.People.ByID(ctx, name.Peer(m.User().ID))
	if errors.Is(err, ErrNotFound) {
		return errNoPrivateRoom
	}
	return err
}

func (m *Member) join(ctx context.Context, cmd *Command, name RoomName) error {
	var join int
	if name.IsDirect() {
		m.beginWith(name)
	} else {
		var err error
		if join, err = m.takeRoom(name); err != nil {
			return err
		}
	}
	it := item{kind: itemJoin, member: m, ref: cmd.Ref, of: cmd.Kind, since: cmd.Since, silent: m.silent, join: join}
	if !m.hub.submit(name, it) {
		return errDraining
	}
	if !m.silent {
		m.enter(ctx, name)
	}
	return nil
}

// takeRoom notes that the member is in a room, as far as it may be in one more, and returns the join's number.
func (m *Member) takeRoom(name RoomName) (join int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.place(name)
	if most := m.hub.opts.Limits.Rooms; i < 0 && most > 0 && len(m.rooms) >= most {
		m.hub.refused.rooms.Add(1)
		full := Errorf(CodeRateLimited, "One connection can be in %d rooms. Leave one first.", most)
		full.Limit = limitRooms
		return 0, full
	}
	m.joins++
	if i < 0 {
		m.rooms = append(m.rooms, joinedRoom{name, m.joins})
	} else {
		m.rooms[i].join = m.joins
	}
	if m.first == "" {
		m.first = name
	}
	return m.joins, nil
}

// beginWith makes a private room the one that commands without a room mean, where the connection joined it first.
func (m *Member) beginWith(name RoomName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.first == "" {
		m.first = name
	}
}

// enter notes in the shelf that the user is in the room. The chat goes on where that fails: only the room lists are poorer.
func (m *Member) enter(ctx context.Context, name RoomName) {
	if name.IsDirect() {
		return
	}
	if err := m.hub.opts.Shelf.Enter(ctx, name, m.User().ID); err != nil && !errors.Is(err, context.Canceled) && !isLogged(err) {
		m.hub.opts.Logger.Error("a joined room is not kept; it is missing from lists after a restart", "room", name, "error", err)
	}
}

// leave takes the member out of a room. The room's turn says so, behind its answers to joins that were asked for before.
func (m *Member) leave(ctx context.Context, cmd *Command, name RoomName) error {
	if err := m.hub.opts.Shelf.Exit(ctx, name, m.User().ID); err != nil && !isLogged(err) {
		m.hub.opts.Logger.Error("leaving a room is not kept; it is still listed as joined", "room", name, "error", err)
	}
	m.outOf(name)
	if !m.hub.submit(name, item{kind: itemQuit, member: m, atOnce: true, ref: cmd.Ref, of: cmd.Kind}) {
		return errDraining
	}
	return nil
}

func (m *Member) history(ctx context.Context, cmd *Command, name RoomName) error {
	limit := cmd.Limit
	if limit <= 0 {
		limit = HistoryPage
	}
	if err := m.hub.beginReading(ctx); err != nil {
		return err
	}
	defer m.hub.endReading()
	messages, more, err := m.hub.page(ctx, name, cmd.Before, min(limit, HistoryMost))
	if err != nil {
		return err
	}
	m.weigh(messages)
	m.Reply(&Reply{Kind: ReplyHistory, Of: cmd.Kind, Ref: cmd.Ref, Room: name, Messages: messages, More: more})
	return nil
}

func (m *Member) read(ctx context.Context, cmd *Command, name RoomName) error {
	user := m.User().ID
	mark, err := m.hub.opts.Shelf.MarkRead(ctx, name, user, cmd.Seq)
	if err != nil {
		return err
	}
	for _, own := range m.hub.connections(user) {
		if own != m {
			own.Reply(&Reply{Kind: ReplyRead, Room: name, Seq: mark})
		}
	}
	m.done(cmd, name)
	return nil
}

// typing tells the others, at most once a second; the rest is silently enough.
func (m *Member) typing(name RoomName) {
	now := m.hub.now()
	if since := now.Sub(m.typed); since >= 0 && since < typingEvery {
		return
	}
	m.typed = now
	m.hub.submit(name, item{kind: itemTyping, member: m, user: m.User()})
}

// roommates lists who is in a room: those there now, and of a private room its two.
func (h *Hub) roommates(ctx context.Context, name RoomName) ([]User, error) {
	a, b, direct := name.Pair()
	if !direct {
		here, _ := h.Here(name)
		return here, nil
	}
	var members []User
	for i, id := range [...]UserID{a, b} {
		if i > 0 && a == b { // the room of someone with themselves
			break
		}
		u, err := h.opts.People.ByID(ctx, id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		members = append(members, u)
	}
	return members, nil
}

// now is the server's time as it is stored and told: UTC, whole milliseconds.
func (h *Hub) now() time.Time { return h.opts.Now().UTC().Truncate(time.Millisecond) }
