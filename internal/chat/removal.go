package chat

import (
	"context"
	"errors"
)

// removeFrom takes somebody out of a closed room for good: they come back when somebody in it invites them.
func (m *Member) removeFrom(ctx context.Context, cmd *Command, name RoomName) error {
	if !name.IsClosed() {
		return Errorf(CodeForbidden, "Everybody can come into this room, so nobody can be removed from it.")
	}
	switch may, err := m.hub.KeepsOrderIn(ctx, m.User().ID, name); {
	case err != nil:
		return err
	case !may:
		return errModerator
	}
	other, err := m.named(ctx, cmd)
	if err != nil {
		return err
	}
	role, err := m.hub.opts.Shelf.Role(ctx, name, other.ID)
	switch {
	case err != nil:
		return err
	case role < RoleMember:
		return Errorf(CodeNotFound, "%s is not in this room.", other.Name)
	case role >= RoleModerator:
		return Errorf(CodeForbidden, "%s looks after this room, and can't be removed from it.", other.Name)
	}
	if err := m.hub.opts.Shelf.SetRole(ctx, name, other.ID, RoleRemoved); err != nil {
		return err
	}
	m.hub.opts.Logger.Info("somebody was removed from a room", "room", name, "by", m.User().ID, "user", other.ID)
	// A join of theirs that was admitted before is refused by the turn, which asks once more: see [room.opens].
	for _, theirs := range m.hub.connections(other.ID) {
		theirs.outOf(name)
		m.hub.submit(name, item{kind: itemQuit, member: theirs, user: m.User(), atOnce: true, of: cmd.Kind})
	}
	m.Reply(&Reply{Kind: ReplyRemoved, Of: cmd.Kind, Ref: cmd.Ref, Room: name, User: other})
	return nil
}

// asRemoval is a kick by somebody who looks after the closed room that it names and not after the chat: it is from that room alone.
// Every other command it returns as it is.
func (m *Member) asRemoval(ctx context.Context, cmd *Command) (*Command, error) {
	if cmd.Kind != CmdKick || !cmd.Room.IsClosed() {
		return cmd, nil
	}
	if is, err := m.hub.IsModerator(ctx, m.User().ID); err != nil || is {
		return cmd, err
	}
	removal := *cmd
	removal.Kind = CmdRemove
	return &removal, nil
}

// opens is nil where a member who asked to come in still may: they can have been removed while that waited.
func (r *room) opens(m *Member) error {
	if !r.name.IsClosed() {
		return nil
	}
	err := r.hub.MayRead(r.hub.work, m.User().ID, r.name)
	if errors.Is(err, ErrNotFound) {
		return errNoPrivateRoom
	}
	return err
}
