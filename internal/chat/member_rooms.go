package chat

import (
	"context"
	"errors"
	"slices"
)

// joinedRoom is a room that a member is in, with the number of the join that asked for it last.
type joinedRoom struct {
	name RoomName
	join int

	first int  // the join that it was noted for
	letIn bool // by the room's turn, which asked whether the member may come in
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

// cameIn notes that a join brought the member in. It says nothing where they were put out since, and ask once more.
func (m *Member) cameIn(name RoomName, join int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.place(name); i >= 0 && join >= m.rooms[i].first {
		m.rooms[i].letIn = true
	}
}

// isLetIn reports whether the member is in a room and was found to be allowed to, so that they needn't be asked about anew. Who only
// asked to come in may have been removed meanwhile.
func (m *Member) isLetIn(name RoomName) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.place(name)
	return i >= 0 && m.rooms[i].letIn
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
		m.rooms = append(m.rooms, joinedRoom{name: name, join: m.joins, first: m.joins})
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
