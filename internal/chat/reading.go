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
