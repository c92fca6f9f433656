package chat

import (
	"context"
	"errors"
)

// Export reads all that was said in a room, with its topics and pins, from the first to the last that there is when it begins, page by
// page: never more than one page is in memory. What is edited or deleted meanwhile is as it is when its page is read.
type Export struct {
	of         Options
	room       RoomName
	from, last int64
	names      map[UserID]string
	turn       func(context.Context) (done func(), err error)
}

// ExportOf reads a room for whoever may read the log itself: who may not asks [Hub.Export]. Of the options it needs the log, the people and
// the renderer.
func ExportOf(ctx context.Context, of Options, room RoomName) (*Export, error) {
	last, err := of.Log.Last(ctx, room)
	if err != nil {
		return nil, err
	}
	turn := func(context.Context) (func(), error) { return func() {}, nil }
	return &Export{of: of, room: room, last: last, turn: turn}, nil
}

// Export reads a room for someone who may read it. The error is ErrNotFound where user may not know the room, and comes in the middle
// where they may not any more.
func (h *Hub) Export(ctx context.Context, user UserID, name RoomName) (*Export, error) {
	last, err := h.Last(ctx, user, name)
	if err != nil {
		return nil, err
	}
	return &Export{of: h.opts, room: name, last: last, turn: func(ctx context.Context) (func(), error) {
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

// namesMost is how many names of those who reacted are remembered from page to page.
const namesMost = 1000

// Names are what those are called, by their ids, who reacted to what Next returned last; who is here no more has none.
func (x *Export) Names() map[UserID]string { return x.names }

// Next returns the next messages, topics and pins, oldest first, with what answers among them answer. None are left where it returns none.
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
	events, err := x.of.Log.After(ctx, x.room, x.from, exportPage)
	if err != nil {
		return nil, err
	}
	if len(events) == 0 {
		x.from = x.last
		return nil, nil
	}
	page := events[:0]
	for i := range events {
		if x.from = events[i].Seq; x.from > x.last {
			break
		}
		switch events[i].Kind {
		case KindMessage, KindTopic, KindPin:
			page = append(page, events[i])
		}
	}
	if err := x.learn(ctx, page); err != nil {
		return nil, err
	}
	return page, quoteFrom(ctx, x.of.Log, x.of.Renderer, page)
}

// learn finds out what those are called who reacted.
func (x *Export) learn(ctx context.Context, page []Event) error {
	if x.names == nil || len(x.names) > namesMost {
		x.names = map[UserID]string{}
	}
	for i := range page {
		for _, r := range page[i].Reactions {
			for _, id := range r.Users {
				if _, known := x.names[id]; known {
					continue
				}
				user, err := x.of.People.ByID(ctx, id)
				if err != nil && !errors.Is(err, ErrNotFound) {
					return err
				}
				x.names[id] = user.Name
			}
		}
	}
	return nil
}
