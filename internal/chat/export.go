package chat

import "context"

// Export reads all messages of a room, from the first to the last that there is when it begins, page by page: never more than one page
// is in memory. What is edited or deleted meanwhile is as it is when its page is read.
type Export struct {
	log        Log
	renderer   Renderer
	room       RoomName
	from, last int64
	turn       func(context.Context) (done func(), err error)
}

// ExportOf reads a room for whoever may read the log itself: who may not asks [Hub.Export].
func ExportOf(ctx context.Context, log Log, renderer Renderer, room RoomName) (*Export, error) {
	last, err := log.Last(ctx, room)
	if err != nil {
		return nil, err
	}
	return &Export{log: log, renderer: renderer, room: room, last: last, turn: func(context.Context) (func(), error) { return func() {}, nil }}, nil
}

// Export reads a room for someone who may read it. The error is ErrNotFound where user may not know the room, and comes in the middle
// where they may not any more.
func (h *Hub) Export(ctx context.Context, user UserID, name RoomName) (*Export, error) {
	last, err := h.Last(ctx, user, name)
	if err != nil {
		return nil, err
	}
	return &Export{log: h.opts.Log, renderer: h.opts.Renderer, room: name, last: last, turn: func(ctx context.Context) (func(), error) {
		if _, err := h.Last(ctx, user, name); err != nil {
			return nil, err
		}
		return h.endReading, h.beginReading(ctx)
	}}, nil
}

// Empty reports whether nothing ever happened in the room.
func (x *Export) Empty() bool { return x.last == 0 }

// exportPage is how many events are read at a time: each export holds so many, and there may be some tens.
const exportPage = HistoryPage

// Next returns the next messages, oldest first, with what answers among them answer. None are left where it returns no message.
func (x *Export) Next(ctx context.Context) ([]Event, error) {
	for x.from < x.last {
		page, err := x.read(ctx)
		if err != nil || len(page) > 0 {
			return page, err
		}
	}
	return nil, nil
}

func (x *Export) read(ctx context.Context) ([]Event, error) {
	done, err := x.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	events, err := x.log.After(ctx, x.room, x.from, exportPage)
	if err != nil {
		return nil, err
	}
	if len(events) == 0 {
		x.from = x.last
		return nil, nil
	}
	messages := events[:0]
	for i := range events {
		if x.from = events[i].Seq; x.from > x.last {
			break
		}
		if events[i].Kind == KindMessage {
			messages = append(messages, events[i])
		}
	}
	return messages, quoteFrom(ctx, x.log, x.renderer, messages)
}
