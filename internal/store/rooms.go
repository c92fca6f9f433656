package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"parley/internal/chat"
)

const (
	selectFacts = `SELECT topic FROM rooms WHERE name = $1`
	selectPins  = `SELECT of_seq FROM pins WHERE room = $1 ORDER BY seq`
	updateTopic = `UPDATE rooms SET topic = $1 WHERE name = $2`
	insertPin   = `INSERT INTO pins (room, of_seq, seq) SELECT room, seq, CAST($1 AS BIGINT) FROM events ` +
		`WHERE room = $2 AND seq = $3 AND kind = 1 AND deleted = 0 ON CONFLICT (room, of_seq) DO NOTHING`
	upsertMuted = `INSERT INTO memberships (user_id, room, joined, read_seq, muted) ` +
		`SELECT $1, name, FALSE, 0, $3 FROM rooms WHERE name = $2 ON CONFLICT (user_id, room) DO UPDATE SET muted = excluded.muted`
	deletePin = `DELETE FROM pins WHERE room = $1 AND of_seq = $2`
)

// Facts returns what a room is beside its log. It is part of [chat.Shelf].
func (s *Store) Facts(ctx context.Context, room chat.RoomName) (facts chat.Facts, err error) {
	err = s.statements.facts.QueryRowContext(ctx, string(room)).Scan(&facts.Topic)
	if errors.Is(err, sql.ErrNoRows) {
		return chat.Facts{}, nil
	}
	if err == nil {
		facts.Pins, err = numbers(ctx, s.statements.pins, string(room))
	}
	if err != nil {
		return chat.Facts{}, s.unavailable(fmt.Errorf("reading what a room is: %w", err))
	}
	return facts, nil
}

// numbers returns the one column that a statement finds.
func numbers(ctx context.Context, stmt *sql.Stmt, args ...any) (all []int64, err error) {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// Mute notes whether a user wants to be told of a room. It is part of [chat.Shelf].
func (s *Store) Mute(ctx context.Context, room chat.RoomName, user chat.UserID, on bool) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.StmtContext(ctx, s.statements.mute).ExecContext(ctx, string(user), string(room), on)
		return err
	})
}
