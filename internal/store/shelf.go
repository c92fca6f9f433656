package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"parley/internal/account"
	"parley/internal/chat"
)

const (
	// ownMost is how many of the rooms that a user joined are listed, and as many of their private ones. Others can't fill these
	// places, or need a user for each, so that nobody's own rooms are pushed out by rooms that others make.
	ownMost = 200
	// unreadLook is how many of a room's latest messages are looked at for unread ones. Who has written more than that since they
	// last read must not make the list slow.
	unreadLook = 10 * chat.UnreadMost
)

const (
	insertRoom = `INSERT INTO rooms (name, last, user_a, user_b, created_at, used_at) VALUES ($1, 0, $2, $3, $4, $4) ` +
		`ON CONFLICT (name) DO NOTHING`
	upsertMember = `INSERT INTO memberships (user_id, room, joined, read_seq) VALUES ($1, $2, TRUE, 0) ` +
		`ON CONFLICT (user_id, room) DO UPDATE SET joined = memberships.role >= 0, invited_by = ''` // not of who was removed meanwhile
	selectIsIn = `SELECT EXISTS (SELECT 1 FROM memberships m JOIN rooms r ON r.name = m.room ` +
		`WHERE m.user_id = $1 AND m.room = $2 AND m.joined)`
	// Who leaves a closed room comes back when they are let in again; its owner and moderators can come back anyway.
	updateExit = `UPDATE memberships SET joined = FALSE, role = CASE WHEN room > '~' AND role = 1 THEN 0 ELSE role END ` +
		`WHERE user_id = $1 AND room = $2`
	// A mark goes as far as the room at most: one beyond it would hide what is said later. It says where the mark then is.
	upsertRead = `INSERT INTO memberships (user_id, room, joined, read_seq) ` +
		`SELECT $1, name, FALSE, CASE WHEN last < CAST($3 AS BIGINT) THEN last ELSE CAST($3 AS BIGINT) END FROM rooms WHERE name = $2 ` +
		`ON CONFLICT (user_id, room) DO UPDATE SET read_seq = CASE WHEN excluded.read_seq > memberships.read_seq ` +
		`THEN excluded.read_seq ELSE memberships.read_seq END RETURNING read_seq`

	// silent is what is true of a room, r, that nobody would miss.
	silent       = `r.last = 0 AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.room = r.name AND m.joined)`
	selectSilent = `SELECT r.name FROM rooms r WHERE r.name > $1 AND ` + silent + ` ORDER BY r.name LIMIT $2`
	deleteSilent = `DELETE FROM rooms AS r WHERE r.name = $1 AND ` + silent
	deleteMarks  = `DELETE FROM memberships WHERE room = $1`
)

// selectRooms first chooses the rooms, the user's own before others, and then counts what is unread in those that they are in and in
// their private ones: elsewhere nothing waits for them, and a thousand who come in at once must not each go through what was said in all
// rooms. The counting of a room stops when it has enough, and looks at the latest messages first.
var selectRooms = fmt.Sprintf(`
WITH joined AS (
    SELECT r.name, r.last, r.user_a, r.user_b, r.used_at FROM memberships m JOIN rooms r ON r.name = m.room
    WHERE m.user_id = $1 AND (m.joined OR m.room > '~' AND m.role > 0) AND r.user_a IS NULL AND NOT r.archived
    ORDER BY r.used_at DESC, r.name LIMIT %[1]d
), private AS (
    SELECT name, last, user_a, user_b, used_at FROM rooms
    WHERE (user_a = $1 AND last > 0) OR (user_b = $1 AND last > 0)
    ORDER BY used_at DESC, name LIMIT %[1]d
), others AS (
    SELECT name, last, user_a, user_b, used_at FROM rooms WHERE user_a IS NULL AND (last > 0 OR password <> '') AND NOT unlisted
    ORDER BY used_at DESC, name LIMIT %[2]d
), listed AS (
    SELECT name, last, user_a, user_b, used_at, max(own) AS own FROM (
        SELECT name, last, user_a, user_b, used_at, 1 AS own FROM joined
        UNION ALL SELECT name, last, user_a, user_b, used_at, 1 FROM private
        UNION ALL SELECT name, last, user_a, user_b, used_at, 1 FROM rooms WHERE name = 'lobby'
        UNION ALL SELECT name, last, user_a, user_b, used_at, 0 FROM others
    ) AS found
    GROUP BY name, last, user_a, user_b, used_at
    ORDER BY own DESC, used_at DESC, name LIMIT %[2]d
)
SELECT listed.name, listed.last, about.topic, coalesce(peer.name, ''),
    coalesce(mine.read_seq, 0), coalesce(mine.joined, FALSE), coalesce(mine.muted, FALSE), coalesce(mine.role, 0),
    coalesce(inviter.id, ''), coalesce(inviter.name, ''),
    CASE WHEN mine.joined OR listed.user_a IS NOT NULL THEN (SELECT count(*) FROM (
        SELECT 1 FROM (
            SELECT user_id, deleted FROM events
            WHERE room = listed.name AND kind = 1 AND seq > coalesce(mine.read_seq, 0)
            ORDER BY seq DESC LIMIT %[3]d
        ) AS latest
        WHERE user_id <> $1 AND deleted = 0 AND user_id NOT IN (SELECT other_id FROM ignores WHERE user_id = $1) LIMIT %[4]d
    ) AS unread) ELSE 0 END,
    CASE WHEN mine.joined OR listed.user_a IS NOT NULL THEN (SELECT count(*) FROM (
        SELECT DISTINCT m.seq FROM mentions m
        WHERE m.user_id = $1 AND m.room = listed.name AND m.seq > coalesce(mine.read_seq, 0) AND %[5]s LIMIT %[4]d
    ) AS meant) ELSE 0 END
FROM listed
JOIN rooms about ON about.name = listed.name
LEFT JOIN memberships mine ON mine.user_id = $1 AND mine.room = listed.name
LEFT JOIN users peer ON peer.id = CASE WHEN listed.user_a = $1 THEN listed.user_b ELSE listed.user_a END
LEFT JOIN users inviter ON inviter.id = mine.invited_by AND inviter.id NOT IN (SELECT other_id FROM ignores WHERE user_id = $1)
ORDER BY listed.own DESC, listed.used_at DESC, listed.name`, ownMost, chat.RoomsMost, unreadLook, chat.UnreadMost, notIgnored)

// Enter notes that the user is in the room. It is part of [chat.Shelf], as are the next three. Most who come in are in already, coming
// back after a cut or a restart: that is only read, as a thousand writes at once are what they would wait for.
func (s *Store) Enter(ctx context.Context, room chat.RoomName, user chat.UserID) error {
	var in bool
	if err := s.statements.isIn.QueryRowContext(ctx, string(user), string(room)).Scan(&in); err == nil && in {
		return nil
	}
	var userA, userB any
	if a, b, ok := room.Pair(); ok {
		userA, userB = string(a), string(b)
	}
	now := time.Now().UnixMilli()
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		isNew := false
		if !room.IsClosed() { // which is made on purpose: see Create
			made, err := tx.StmtContext(ctx, s.statements.enterRoom).ExecContext(ctx, string(room), userA, userB, now)
			if err != nil {
				return err
			}
			n, err := made.RowsAffected()
			if err != nil {
				return err
			}
			isNew = n > 0 && room != chat.Lobby && !room.IsDirect()
		}
		if _, err := tx.StmtContext(ctx, s.statements.enter).ExecContext(ctx, string(user), string(room)); err != nil || !isNew {
			return err
		}
		return apply(ctx, tx, upsertRole, string(user), string(room), int64(chat.RoleOwner))
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
func (s *Store) MarkRead(ctx context.Context, room chat.RoomName, user chat.UserID, seq int64) (mark int64, err error) {
	err = s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		row := tx.StmtContext(ctx, s.statements.markRead).QueryRowContext(ctx, string(user), string(room), seq)
		if err := row.Scan(&mark); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		return nil // there is no such room yet, and nothing to read in it
	})
	return mark, err
}

// RemoveSilentRooms removes rooms. It is part of [account.Users].
func (s *Store) RemoveSilentRooms(ctx context.Context) error {
	const atOnce = 200 // so that nobody waits for long who wants to write meanwhile
	for after := ""; ; {
		names, err := texts(ctx, s.read, selectSilent, after, atOnce)
		if err != nil || len(names) == 0 {
			return err
		}
		after = names[len(names)-1]
		err = s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
			for _, name := range names {
				switch err := applyOne(ctx, tx, deleteSilent, name); {
				case errors.Is(err, account.ErrConflict):
					continue // somebody came in or spoke meanwhile
				case err != nil:
					return err
				}
				if err := apply(ctx, tx, deleteMarks, name); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// Rooms lists the rooms that a user may know of, their own first.
func (s *Store) Rooms(ctx context.Context, user chat.UserID) ([]chat.RoomInfo, error) {
	rows, err := s.statements.rooms.QueryContext(ctx, string(user))
	if err != nil {
		return nil, s.unavailable(fmt.Errorf("listing rooms: %w", err))
	}
	defer rows.Close()
	var rooms []chat.RoomInfo
	for rows.Next() {
		var r chat.RoomInfo
		var role chat.Role
		err := rows.Scan(&r.Name, &r.Last, &r.Topic, &r.Peer.Name, &r.Read, &r.Joined, &r.Muted, &role, &r.Inviter.ID, &r.Inviter.Name, &r.Unread, &r.Mentions)
		if err != nil {
			return nil, s.unavailable(fmt.Errorf("listing rooms: %w", err))
		}
		switch {
		case r.Name.ReadableAs(user, role):
		case role == chat.RoleRemoved:
			continue
		case r.Name.Entry() == chat.EntryPassword:
			r = chat.RoomInfo{Name: r.Name, Locked: true}
		default:
			continue
		}
		if r.Name.IsDirect() {
			r.Peer.ID = r.Name.Peer(user)
		}
		rooms = append(rooms, r)
	}
	return rooms, rows.Err()
}
