package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"parley/internal/chat"
)

const (
	roomsMost = 500 // rooms in a list
	// unreadLook is how many of a room's latest messages are looked at for unread ones. Who has written more than that since they
	// last read must not make the list slow.
	unreadLook = 10 * chat.UnreadMost
)

const (
	insertRoom = `INSERT INTO rooms (name, last, user_a, user_b, created_at, used_at) VALUES ($1, 0, $2, $3, $4, $4) ` +
		`ON CONFLICT (name) DO NOTHING`
	upsertMember = `INSERT INTO memberships (user_id, room, joined, read_seq) VALUES ($1, $2, TRUE, 0) ` +
		`ON CONFLICT (user_id, room) DO UPDATE SET joined = TRUE`
	updateExit = `UPDATE memberships SET joined = FALSE WHERE user_id = $1 AND room = $2`
	upsertRead = `INSERT INTO memberships (user_id, room, joined, read_seq) VALUES ($1, $2, FALSE, $3) ` +
		`ON CONFLICT (user_id, room) DO UPDATE SET read_seq = excluded.read_seq WHERE memberships.read_seq < excluded.read_seq`
)

// selectRooms first chooses the rooms and then counts what is unread in those alone. The counting of a room stops when it has
// enough, and looks at the latest messages first.
var selectRooms = fmt.Sprintf(`
WITH listed AS (
    SELECT name, last, user_a, user_b, used_at FROM rooms
    WHERE user_a IS NULL OR (user_a = $1 AND last > 0) OR (user_b = $1 AND last > 0)
    ORDER BY used_at DESC, name LIMIT %d
)
SELECT listed.name, listed.last, coalesce(peer.name, ''),
    coalesce(mine.read_seq, 0), coalesce(mine.joined, FALSE),
    (SELECT count(*) FROM (
        SELECT 1 FROM (
            SELECT user_id, deleted FROM events
            WHERE room = listed.name AND kind = 1 AND seq > coalesce(mine.read_seq, 0)
            ORDER BY seq DESC LIMIT %d
        ) AS latest
        WHERE user_id <> $1 AND deleted = 0 LIMIT %d
    ) AS unread)
FROM listed
LEFT JOIN memberships mine ON mine.user_id = $1 AND mine.room = listed.name
LEFT JOIN users peer ON peer.id = CASE WHEN listed.user_a = $1 THEN listed.user_b ELSE listed.user_a END
ORDER BY listed.used_at DESC, listed.name`, roomsMost, unreadLook, chat.UnreadMost)

// Enter notes that the user is in the room. It is part of [chat.Shelf], as are the next three.
func (s *Store) Enter(ctx context.Context, room chat.RoomName, user chat.UserID) error {
	var userA, userB any
	if a, b, ok := room.Pair(); ok {
		userA, userB = string(a), string(b)
	}
	now := time.Now().UnixMilli()
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.StmtContext(ctx, s.statements.enterRoom).ExecContext(ctx, string(room), userA, userB, now)
		if err != nil {
			return err
		}
		_, err = tx.StmtContext(ctx, s.statements.enter).ExecContext(ctx, string(user), string(room))
		return err
	})
}

// Exit notes that the user left the room.
func (s *Store) Exit(ctx context.Context, room chat.RoomName, user chat.UserID) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.StmtContext(ctx, s.statements.exit).ExecContext(ctx, string(user), string(room))
		return err
	})
}

// MarkRead notes how far a user has read.
func (s *Store) MarkRead(ctx context.Context, room chat.RoomName, user chat.UserID, seq int64) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.StmtContext(ctx, s.statements.markRead).ExecContext(ctx, string(user), string(room), seq)
		return err
	})
}

// Rooms lists the rooms that a user may know of, the latest used first.
func (s *Store) Rooms(ctx context.Context, user chat.UserID) ([]chat.RoomInfo, error) {
	rows, err := s.statements.rooms.QueryContext(ctx, string(user))
	if err != nil {
		return nil, s.unavailable(fmt.Errorf("listing rooms: %w", err))
	}
	defer rows.Close()
	var rooms []chat.RoomInfo
	for rows.Next() {
		var r chat.RoomInfo
		if err := rows.Scan(&r.Name, &r.Last, &r.Peer.Name, &r.Read, &r.Joined, &r.Unread); err != nil {
			return nil, s.unavailable(fmt.Errorf("listing rooms: %w", err))
		}
		if r.Name.IsDirect() {
			r.Peer.ID = r.Name.Peer(user)
		}
		rooms = append(rooms, r)
	}
	return rooms, rows.Err()
}
