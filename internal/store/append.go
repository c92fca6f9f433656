package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"parley/internal/chat"
)

const (
	selectDuplicatesBefore = `WITH asked (user_id, client_id) AS (VALUES `
	selectDuplicatesAfter  = `) SELECT e.room, e.seq, e.kind, e.user_id, e.user_name, e.client_id, e.body, e.emoji, e.is_on, ` +
		`e.reply_to, e.of_seq, e.edited, e.deleted, e.at ` +
		`FROM asked JOIN events e ON e.user_id = asked.user_id AND e.client_id = asked.client_id`

	// What is excluded.last is how many seqs a room is to have more; what comes back is the last of them.
	reserveBefore = `INSERT INTO rooms (name, last, user_a, user_b, created_at, used_at) VALUES `
	reserveAfter  = ` ON CONFLICT (name) DO UPDATE SET last = rooms.last + excluded.last, used_at = excluded.used_at ` +
		`RETURNING name, last`

	insertBefore = `INSERT INTO events (` + eventColumns + `) VALUES `

	updateEdited     = `UPDATE events SET body = $1, edited = $2 WHERE room = $3 AND seq = $4 AND kind = 1 AND deleted = 0`
	updateClear      = `UPDATE events SET body = '' WHERE room = $1 AND seq = $2`
	updateDeleted    = `UPDATE events SET body = '', deleted = $1 WHERE room = $2 AND seq = $3 AND kind = 1 AND deleted = 0`
	updateClearEdits = `UPDATE events SET body = '' WHERE room = $1 AND of_seq = $2 AND kind = 2`
	deleteUnder      = `DELETE FROM reactions WHERE room = $1 AND of_seq = $2`
	deleteReaction   = `DELETE FROM reactions WHERE room = $1 AND of_seq = $2 AND emoji = $3 AND user_id = $4`
	insertReaction   = `INSERT INTO reactions (room, of_seq, emoji, user_id, seq) ` +
		`SELECT room, seq, $1, $2, CAST($3 AS BIGINT) FROM events WHERE room = $4 AND seq = $5 AND kind = 1 AND deleted = 0 ` +
		`ON CONFLICT (room, of_seq, emoji, user_id) DO NOTHING`
)

// Append stores events of one room. It is part of [chat.Log]. Times are cut to whole milliseconds.
func (s *Store) Append(ctx context.Context, events []chat.Event) ([]chat.Appended, error) {
	if len(events) == 0 {
		return nil, nil
	}
	for i := range events {
		switch e := &events[i]; {
		case e.Room == "" || e.Room != events[0].Room:
			return nil, errors.New("storing: the events are not of one room")
		case e.Kind < chat.KindMessage || e.Kind > chat.KindPin:
			return nil, fmt.Errorf("storing: there is no event of kind %d", e.Kind)
		}
	}
	j := &job{events: events}
	if err := s.await(ctx, j); err != nil {
		return nil, err
	}
	return j.stored, nil
}

// author is what makes an event the same event: who sent it, and their own id of it.
type author struct {
	user     chat.UserID
	clientID string
}

// append stores the events of several jobs, which may be of many rooms, with a few statements for all of them together: find what
// is stored already, reserve the seqs of what is new, insert it, and change the messages that it is of.
func (s *Store) append(ctx context.Context, tx *sql.Tx, jobs []*job) error {
	known, err := s.duplicates(ctx, tx, jobs)
	if err != nil {
		return err
	}
	var fresh []*chat.Appended
	repeats := map[*chat.Appended]*chat.Appended{} // of what is stored, or is new in this very batch
	count := map[chat.RoomName]*reservation{}
	for _, j := range jobs {
		j.stored = make([]chat.Appended, len(j.events))
		for i := range j.events {
			a := &j.stored[i]
			a.Event = asStored(&j.events[i])
			by := author{a.User.ID, a.ClientID}
			switch same := known[by]; {
			case a.ClientID == "" || same == nil:
				fresh = append(fresh, a)
				reserve(count, &a.Event)
				if a.ClientID != "" {
					known[by] = a
				}
			default:
				repeats[a] = same
			}
		}
	}
	if err := s.number(ctx, tx, fresh, count); err != nil {
		return err
	}
	if err := s.insert(ctx, tx, fresh); err != nil {
		return err
	}
	for _, a := range fresh {
		if err := s.change(ctx, tx, &a.Event); err != nil {
			return err
		}
		if a.Kind == chat.KindMessage && a.Mentions != nil {
			if err := s.mean(ctx, tx, &a.Event, a.Seq); err != nil {
				return err
			}
		}
	}
	for a, same := range repeats {
		a.Event, a.Duplicate = same.Event, true
	}
	return nil
}

// asStored returns an event as it will be read back: with a time of whole milliseconds, and nothing that only the log can know.
func asStored(e *chat.Event) chat.Event {
	stored := *e
	stored.Time = time.UnixMilli(e.Time.UnixMilli()).UTC()
	stored.Seq, stored.Edited, stored.Deleted, stored.Reactions = 0, 0, 0, nil
	return stored
}

// duplicates returns those events that jobs bring again.
func (s *Store) duplicates(ctx context.Context, tx *sql.Tx, jobs []*job) (map[author]*chat.Appended, error) {
	known := map[author]*chat.Appended{}
	var asked []any
	for _, j := range jobs {
		for i := range j.events {
			if e := &j.events[i]; e.ClientID != "" {
				asked = append(asked, string(e.User.ID), e.ClientID)
			}
		}
	}
	err := s.statements.duplicates.inSteps(len(asked)/2, func(stmt *sql.Stmt, from, to int) error {
		rows, err := tx.StmtContext(ctx, stmt).QueryContext(ctx, asked[2*from:2*to]...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			e, err := scanEvent(rows)
			if err != nil {
				return err
			}
			known[author{e.User.ID, e.ClientID}] = &chat.Appended{Event: e, Duplicate: true}
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("looking for what is stored already: %w", err)
	}
	return known, nil
}

// reservation is how many seqs a room is to have more, and then the next of them to give.
type reservation struct {
	count, next int64
	at          int64
}

func reserve(count map[chat.RoomName]*reservation, e *chat.Event) {
	r := count[e.Room]
	if r == nil {
		r = &reservation{}
		count[e.Room] = r
	}
	r.count++
	r.at = max(r.at, e.Time.UnixMilli())
}

// number reserves the seqs that rooms need, makes the rooms that aren't there yet, and gives each event its seq. Rooms are taken
// in the order of their names, so that two nodes with one database never wait for each other in a circle.
func (s *Store) number(ctx context.Context, tx *sql.Tx, fresh []*chat.Appended, count map[chat.RoomName]*reservation) error {
	rooms := slices.Sorted(maps.Keys(count))
	var args []any
	for _, room := range rooms {
		var userA, userB any
		if a, b, ok := room.Pair(); ok {
			userA, userB = string(a), string(b)
		}
		r := count[room]
		args = append(args, string(room), r.count, userA, userB, r.at, r.at)
	}
	err := s.statements.reserve.inSteps(len(rooms), func(stmt *sql.Stmt, from, to int) error {
		rows, err := tx.StmtContext(ctx, stmt).QueryContext(ctx, args[6*from:6*to]...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var room chat.RoomName
			var last int64
			if err := rows.Scan(&room, &last); err != nil {
				return err
			}
			count[room].next = last - count[room].count + 1
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("reserving seqs: %w", err)
	}
	for _, a := range fresh {
		r := count[a.Room]
		a.Seq = r.next
		r.next++
	}
	return nil
}

func (s *Store) insert(ctx context.Context, tx *sql.Tx, fresh []*chat.Appended) error {
	args := make([]any, 0, 14*rowSteps[0])
	err := s.statements.insert.inSteps(len(fresh), func(stmt *sql.Stmt, from, to int) error {
		args = args[:0]
		for _, a := range fresh[from:to] {
			var clientID any
			if a.ClientID != "" {
				clientID = a.ClientID
			}
			args = append(args, string(a.Room), a.Seq, int64(a.Kind), string(a.User.ID), a.User.Name, clientID, a.Text, a.Emoji, a.On,
				a.ReplyTo, a.Of, a.Edited, a.Deleted, a.Time.UnixMilli())
		}
		_, err := tx.StmtContext(ctx, stmt).ExecContext(ctx, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("inserting events: %w", err)
	}
	return nil
}

// change does to a message what an event says. A message that is deleted, or comes later, or isn't one, is left as it is.
func (s *Store) change(ctx context.Context, tx *sql.Tx, e *chat.Event) (err error) {
	p, room := &s.statements, string(e.Room)
	of := e.Of
	if of >= e.Seq {
		of = 0 // no message has this seq
	}
	switch e.Kind {
	case chat.KindMessage:
		if len(e.Files) > 0 {
			err = s.attach(ctx, tx, e)
		}
	case chat.KindEdit:
		err = s.edit(ctx, tx, e, of)
	case chat.KindDelete:
		err = s.erase(ctx, tx, e, of)
	case chat.KindReaction:
		if e.On {
			_, err = changed(ctx, tx, p.setReaction, e.Emoji, string(e.User.ID), e.Seq, room, of)
		} else {
			_, err = changed(ctx, tx, p.takeReaction, room, of, e.Emoji, string(e.User.ID))
		}
	case chat.KindTopic:
		_, err = changed(ctx, tx, p.setTopic, e.Text, room)
	case chat.KindPin:
		if e.On {
			_, err = changed(ctx, tx, p.setPin, e.Seq, room, of)
		} else {
			_, err = changed(ctx, tx, p.takePin, room, of)
		}
	default:
	}
	return err
}

// edit gives a message its new text, and those whom that means.
func (s *Store) edit(ctx context.Context, tx *sql.Tx, e *chat.Event, of int64) error {
	held, err := s.inIndex(ctx, tx, e.Room, of)
	if err != nil {
		return err
	}
	is, err := changed(ctx, tx, s.statements.editMessage, e.Text, e.Seq, string(e.Room), of)
	if err != nil {
		return err
	}
	if !is {
		e.Text = "" // nothing of a deleted message is kept, not even what was to become of it
		_, err = changed(ctx, tx, s.statements.clearBody, string(e.Room), e.Seq)
		return err
	}
	if err := s.meanAnew(ctx, tx, e); err != nil {
		return err
	}
	return s.reindex(ctx, tx, held, &e.Text)
}

// erase takes a message's text away, and all that is kept beside it.
func (s *Store) erase(ctx context.Context, tx *sql.Tx, e *chat.Event, of int64) error {
	p, room := &s.statements, string(e.Room)
	held, err := s.inIndex(ctx, tx, e.Room, of)
	if err != nil {
		return err
	}
	if is, err := changed(ctx, tx, p.deleteMessage, e.Seq, room, of); err != nil || !is {
		return err
	}
	if err := s.reindex(ctx, tx, held, nil); err != nil {
		return err
	}
	if err := s.meanNobody(ctx, tx, e, false); err != nil {
		return err
	}
	for _, beside := range []*sql.Stmt{p.clearEdits, p.takePin, p.clearUnder} {
		if _, err := changed(ctx, tx, beside, room, of); err != nil {
			return err
		}
	}
	return s.dropWith(ctx, tx, e.Room, of)
}

// changed runs a statement, and reports whether it changed any row.
func changed(ctx context.Context, tx *sql.Tx, stmt *sql.Stmt, args ...any) (bool, error) {
	result, err := tx.StmtContext(ctx, stmt).ExecContext(ctx, args...)
	if err != nil {
		return false, fmt.Errorf("changing a message: %w", err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
