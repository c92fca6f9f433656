package chat

import "context"

// Older returns the messages of a room before a seq for someone who may read it, oldest first, and whether there are older ones yet.
// The error is ErrNotFound where user may not know the room.
func (h *Hub) Older(ctx context.Context, user UserID, name RoomName, before int64) (messages []Event, more bool, err error) {
	if err := h.MayRead(ctx, user, name); err != nil {
		return nil, false, err
	}
	if err := h.beginReading(ctx); err != nil {
		return nil, false, err
	}
	defer h.endReading()
	return h.page(ctx, name, before, HistoryPage)
}

// Last returns the seq of a room's newest event for someone who may read it. The error is ErrNotFound where user may not know the room.
func (h *Hub) Last(ctx context.Context, user UserID, name RoomName) (int64, error) {
	if err := h.MayRead(ctx, user, name); err != nil {
		return 0, err
	}
	return h.opts.Log.Last(ctx, name)
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
