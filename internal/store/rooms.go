package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"parley/internal/chat"
)

const (
	selectFacts = `SELECT topic, archived FROM rooms WHERE name = $1`
	selectPins  = `SELECT of_seq FROM pins WHERE room = $1 ORDER BY seq`
	updateTopic = `UPDATE rooms SET topic = $1 WHERE name = $2`
	insertPin   = `INSERT INTO pins (room, of_seq, seq) SELECT room, seq, CAST($1 AS BIGINT) FROM events ` +
		`WHERE room = $2 AND seq = $3 AND kind = 1 AND deleted = 0 ON CONFLICT (room, of_seq) DO NOTHING`
	upsertMuted = `INSERT INTO memberships (user_id, room, joined, read_seq, muted) ` +
		`SELECT $1, name, FALSE, 0, $3 FROM rooms WHERE name = $2 ON CONFLICT (user_id, room) DO UPDATE SET muted = excluded.muted`
	// A room by invitation, or an archived one, stands in nobody's list but its members'.
	insertMade = `INSERT INTO rooms (name, last, password, unlisted, created_at, used_at) VALUES ($1, 0, $2, $3, $4, $4) ` +
		`ON CONFLICT (name) DO NOTHING`
	selectRole = `SELECT m.role FROM memberships m JOIN rooms r ON r.name = m.room WHERE m.user_id = $1 AND m.room = $2`
	upsertRole = `INSERT INTO memberships (user_id, room, joined, read_seq, role) SELECT $1, name, FALSE, 0, $3 FROM rooms WHERE name = $2 ` +
		`ON CONFLICT (user_id, room) DO UPDATE SET role = excluded.role, joined = memberships.joined AND excluded.role >= 0, invited_by = ''`
	upsertInvited = `INSERT INTO memberships (user_id, room, joined, read_seq, role, invited_by) SELECT $1, name, FALSE, 0, 1, $3 FROM rooms ` +
		`WHERE name = $2 ON CONFLICT (user_id, room) DO UPDATE SET role = excluded.role, invited_by = excluded.invited_by ` +
		`WHERE memberships.role < excluded.role`
	updatePassword = `UPDATE rooms SET password = $1 WHERE name = $2 AND password <> ''`
	selectInsiders = `SELECT u.id, u.name, m.role FROM memberships m JOIN users u ON u.id = m.user_id ` +
		`WHERE m.room = $1 AND m.role > 0 ORDER BY m.role DESC, u.name, u.id LIMIT $2`
	selectPassword = `SELECT password FROM rooms WHERE name = $1 AND password <> ''`
	updateArchived = `UPDATE rooms SET archived = $1, unlisted = $2 WHERE name = $3`
	selectArchived = `SELECT r.name, r.last, r.topic, coalesce(m.read_seq, 0), coalesce(m.joined, FALSE), coalesce(m.muted, FALSE), ` +
		`coalesce(m.role, 0) FROM rooms r LEFT JOIN memberships m ON m.user_id = $1 AND m.room = r.name ` +
		`WHERE r.archived AND (m.role > 0 OR substr(r.name, 1, 1) <> '~') ORDER BY r.used_at DESC, r.name LIMIT $2`
	// The closed rooms that a user was let into: ~ is the last of the characters that can begin a room's name.
	selectLetIn = `SELECT room FROM memberships WHERE user_id = $1 AND room > '~' AND room < '~~' AND role > 0 LIMIT $2`
	deletePin   = `DELETE FROM pins WHERE room = $1 AND of_seq = $2`
)

// Facts returns what a room is beside its log. It is part of [chat.Shelf].
func (s *Store) Facts(ctx context.Context, room chat.RoomName) (facts chat.Facts, err error) {
	err = s.statements.facts.QueryRowContext(ctx, string(room)).Scan(&facts.Topic, &facts.Archived)
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

// Create makes a room with its owner. It is part of [chat.Shelf].
func (s *Store) Create(ctx context.Context, room chat.RoomName, owner chat.UserID, password string) error {
	hash := ""
	if password != "" {
		hash = s.passwords.hash(password)
	}
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		made, err := tx.ExecContext(ctx, insertMade, string(room), hash, room.Entry() == chat.EntryInvitation, time.Now().UnixMilli())
		if err != nil {
			return err
		}
		if n, err := made.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, chat.ErrTaken)
		}
		if err := apply(ctx, tx, upsertMember, string(owner), string(room)); err != nil {
			return err
		}
		return apply(ctx, tx, upsertRole, string(owner), string(room), int64(chat.RoleOwner))
	})
}

// Role returns what a user is in a room.
func (s *Store) Role(ctx context.Context, room chat.RoomName, user chat.UserID) (role chat.Role, err error) {
	err = s.statements.role.QueryRowContext(ctx, string(user), string(room)).Scan(&role)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return chat.RoleNone, s.unavailable(fmt.Errorf("reading what a user is in a room: %w", err))
	}
	return role, nil
}

// SetRole makes a user something in a room.
func (s *Store) SetRole(ctx context.Context, room chat.RoomName, user chat.UserID, role chat.Role) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return apply(ctx, tx, upsertRole, string(user), string(room), int64(role))
	})
}

// Invite lets a user into a room, and notes who asked them.
func (s *Store) Invite(ctx context.Context, room chat.RoomName, user, by chat.UserID) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return apply(ctx, tx, upsertInvited, string(user), string(room), string(by))
	})
}

// Unlock reports whether a password is a room's.
func (s *Store) Unlock(ctx context.Context, room chat.RoomName, password string) (bool, error) {
	var hash string
	err := s.read.QueryRowContext(ctx, selectPassword, string(room)).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return false, chat.ErrNotFound
	}
	if err != nil {
		return false, s.unavailable(fmt.Errorf("reading a room's password: %w", err))
	}
	return password != "" && s.passwords.fits(hash, password), nil
}

// SetPassword gives a room another password.
func (s *Store) SetPassword(ctx context.Context, room chat.RoomName, password string) error {
	hash := s.passwords.hash(password)
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return apply(ctx, tx, updatePassword, hash, string(room))
	})
}

// Insiders lists who was let into a room.
func (s *Store) Insiders(ctx context.Context, room chat.RoomName) ([]chat.Insider, error) {
	rows, err := s.read.QueryContext(ctx, selectInsiders, string(room), chat.InsidersMost)
	if err != nil {
		return nil, s.unavailable(fmt.Errorf("listing who was let into a room: %w", err))
	}
	defer rows.Close()
	var insiders []chat.Insider
	for rows.Next() {
		var in chat.Insider
		if err := rows.Scan(&in.User.ID, &in.User.Name, &in.Role); err != nil {
			return nil, s.unavailable(fmt.Errorf("listing who was let into a room: %w", err))
		}
		insiders = append(insiders, in)
	}
	return insiders, rows.Err()
}

// Archive notes whether a room is archived.
func (s *Store) Archive(ctx context.Context, room chat.RoomName, on bool) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return apply(ctx, tx, updateArchived, on, on || room.Entry() == chat.EntryInvitation, string(room))
	})
}

// Archived lists the archived rooms that a user may know of.
func (s *Store) Archived(ctx context.Context, user chat.UserID) ([]chat.RoomInfo, error) {
	rows, err := s.read.QueryContext(ctx, selectArchived, string(user), chat.ArchivedMost)
	if err != nil {
		return nil, s.unavailable(fmt.Errorf("listing archived rooms: %w", err))
	}
	defer rows.Close()
	var rooms []chat.RoomInfo
	for rows.Next() {
		r := chat.RoomInfo{Archived: true}
		var role chat.Role
		if err := rows.Scan(&r.Name, &r.Last, &r.Topic, &r.Read, &r.Joined, &r.Muted, &role); err != nil {
			return nil, s.unavailable(fmt.Errorf("listing archived rooms: %w", err))
		}
		if r.Name.ReadableAs(user, role) {
			rooms = append(rooms, r)
		}
	}
	return rooms, rows.Err()
}

// letIn returns the closed rooms that a user may read.
func (s *Store) letIn(ctx context.Context, user chat.UserID) (map[chat.RoomName]bool, error) {
	names, err := texts(ctx, s.read, selectLetIn, string(user), ownMost)
	if err != nil {
		return nil, s.unavailable(fmt.Errorf("reading which rooms a user was let into: %w", err))
	}
	rooms := make(map[chat.RoomName]bool, len(names))
	for _, name := range names {
		rooms[chat.RoomName(name)] = true
	}
	return rooms, nil
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
