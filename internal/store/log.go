package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"parley/internal/chat"
)

// eventColumns are the columns of an event as [scanEvent] reads and [eventRow] writes them.
const eventColumns = `room, seq, kind, user_id, user_name, client_id, body, emoji, is_on, reply_to, of_seq, edited, deleted, at`

// Every one of these asks an index for exactly the rows that it returns, whatever the size of the room; a test holds the plans.
// LIMIT $3 alone would have SQLite look at its value for the plan, and so prepare the statement anew with each call, which takes longer
// than to read a short page.
const (
	selectLast    = `SELECT last FROM rooms WHERE name = $1`
	selectAfter   = `SELECT ` + eventColumns + ` FROM events WHERE room = $1 AND seq > $2 ORDER BY seq LIMIT $3 + 0`
	selectBefore  = `SELECT ` + eventColumns + ` FROM events WHERE room = $1 AND kind = 1 AND seq < $2 ORDER BY seq DESC LIMIT $3 + 0`
	selectMessage = `SELECT ` + eventColumns + ` FROM events WHERE room = $1 AND kind = 1 AND seq = $2`
	selectSent    = `SELECT ` + eventColumns + ` FROM events WHERE user_id = $1 AND client_id = $2`
	selectUnder   = `SELECT of_seq, emoji, user_id, seq FROM reactions WHERE room = $1 AND of_seq BETWEEN $2 AND $3`
)

// Last returns the room's highest seq. It is part of [chat.Log], as are the next four.
func (s *Store) Last(ctx context.Context, room chat.RoomName) (int64, error) {
	var last int64
	err := s.statements.last.QueryRowContext(ctx, string(room)).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, s.unavailable(fmt.Errorf("reading the last seq of a room: %w", err))
	}
	return last, nil
}

// After returns the events with a seq above since, in order.
func (s *Store) After(ctx context.Context, room chat.RoomName, since int64, limit int) ([]chat.Event, error) {
	return s.page(ctx, s.statements.after, room, since, limit)
}

// Before returns the latest messages with a seq below before, or the latest of all for 0, oldest first.
func (s *Store) Before(ctx context.Context, room chat.RoomName, before int64, limit int) ([]chat.Event, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	events, err := s.page(ctx, s.statements.before, room, before, limit)
	slices.Reverse(events)
	return events, err
}

// Message returns one message as it is now.
func (s *Store) Message(ctx context.Context, room chat.RoomName, seq int64) (chat.Event, error) {
	e, err := scanEvent(s.statements.message.QueryRowContext(ctx, string(room), seq))
	if errors.Is(err, sql.ErrNoRows) {
		return chat.Event{}, chat.ErrNotFound
	}
	if err != nil {
		return chat.Event{}, s.unavailable(fmt.Errorf("reading a message: %w", err))
	}
	one := []chat.Event{e}
	err = s.readBeside(ctx, one)
	return one[0], err
}

// Sent returns what a user stored under an id of the client's. Reactions are left out.
func (s *Store) Sent(ctx context.Context, user chat.UserID, clientID string) (chat.Event, error) {
	e, err := scanEvent(s.statements.sent.QueryRowContext(ctx, string(user), clientID))
	if errors.Is(err, sql.ErrNoRows) {
		return chat.Event{}, chat.ErrNotFound
	}
	if err != nil {
		return chat.Event{}, s.unavailable(fmt.Errorf("reading what was sent before: %w", err))
	}
	return e, nil
}

// page runs one of the two statements that read a stretch of a room. Reactions are read a moment after the events: one set in
// between is there already when its own event arrives, which then changes nothing.
func (s *Store) page(ctx context.Context, read *sql.Stmt, room chat.RoomName, from int64, limit int) ([]chat.Event, error) {
	if limit <= 0 {
		return nil, nil
	}
	rows, err := read.QueryContext(ctx, string(room), from, limit)
	if err != nil {
		return nil, s.unavailable(fmt.Errorf("reading a room: %w", err))
	}
	defer rows.Close()
	var events []chat.Event
	for rows.Next() {
		e, err := scanEvent(rows)
		if err != nil {
			return nil, s.unavailable(fmt.Errorf("reading a room: %w", err))
		}
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		return nil, s.unavailable(fmt.Errorf("reading a room: %w", err))
	}
	return events, s.readBeside(ctx, events)
}

// readBeside fills in what is kept beside messages: what stands under them, whom they mean, and their files.
func (s *Store) readBeside(ctx context.Context, events []chat.Event) error {
	if of := messagesAmong(events); len(of.at) > 0 {
		if err := s.readReactions(ctx, of); err != nil {
			return s.unavailable(fmt.Errorf("reading reactions: %w", err))
		}
		if err := s.readFiles(ctx, of); err != nil {
			return s.unavailable(fmt.Errorf("reading files: %w", err))
		}
	}
	return s.readMentions(ctx, events)
}

// stretch are messages of one room without holes: none is left out between the first and the last.
type stretch struct {
	room      chat.RoomName
	low, high int64 // the first seq and the last
	at        map[int64]*chat.Event
}

func messagesAmong(events []chat.Event) stretch {
	found := stretch{low: math.MaxInt64, at: map[int64]*chat.Event{}}
	for i := range events {
		if e := &events[i]; e.Kind == chat.KindMessage {
			found.room, found.at[e.Seq] = e.Room, e
			found.low, found.high = min(found.low, e.Seq), max(found.high, e.Seq)
		}
	}
	return found
}

// readReactions fills in what stands under messages.
func (s *Store) readReactions(ctx context.Context, of stretch) error {
	set, err := s.reactionsBetween(ctx, of.room, of.low, of.high)
	if err != nil {
		return err
	}
	for _, r := range set {
		if e := of.at[r.of]; e != nil {
			e.Reactions = addReaction(e.Reactions, r.emoji, r.user)
		}
	}
	return nil
}

// reaction is one row: who set which emoji under which message, and the seq of when.
type reaction struct {
	of, seq int64
	emoji   string
	user    chat.UserID
}

// reactionsBetween returns the reactions under some messages, in the order in which they were set.
func (s *Store) reactionsBetween(ctx context.Context, room chat.RoomName, low, high int64) ([]reaction, error) {
	rows, err := s.statements.under.QueryContext(ctx, string(room), low, high)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var set []reaction
	for rows.Next() {
		var r reaction
		if err := rows.Scan(&r.of, &r.emoji, &r.user, &r.seq); err != nil {
			return nil, err
		}
		set = append(set, r)
	}
	slices.SortFunc(set, func(a, b reaction) int { return cmp.Compare(a.seq, b.seq) })
	return set, rows.Err()
}

func addReaction(under []chat.Reaction, emoji string, user chat.UserID) []chat.Reaction {
	for i := range under {
		if under[i].Emoji == emoji {
			under[i].Users = append(under[i].Users, user)
			return under
		}
	}
	return append(under, chat.Reaction{Emoji: emoji, Users: []chat.UserID{user}})
}

// scanEvent reads the eventColumns of a row.
func scanEvent(row interface{ Scan(...any) error }) (chat.Event, error) {
	var e chat.Event
	var clientID sql.NullString
	var at int64
	err := row.Scan(&e.Room, &e.Seq, &e.Kind, &e.User.ID, &e.User.Name, &clientID, &e.Text, &e.Emoji, &e.On,
		&e.ReplyTo, &e.Of, &e.Edited, &e.Deleted, &at)
	e.ClientID = clientID.String
	e.Time = time.UnixMilli(at).UTC()
	return e, err
}
