package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"parley/internal/account"
	"parley/internal/chat"
)

const (
	selectModerator = `SELECT moderator AND kind = 'account' FROM users WHERE id = $1`
	updateModerator = `UPDATE users SET moderator = $2 WHERE id = $1`
	selectBarred    = `SELECT barred_until FROM users WHERE id = $1`
	updateBarred    = `UPDATE users SET barred_until = $2 WHERE id = $1`
)

// IsModerator reports whether a user keeps order in the chat. It is part of [chat.Order], as are the next two.
func (s *Store) IsModerator(ctx context.Context, user chat.UserID) (is bool, err error) {
	err = s.statements.moderator.QueryRowContext(ctx, string(user)).Scan(&is)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return is, s.unavailable(err)
}

// Bar keeps a user out until a time, and ends their sessions; the zero time lets them in again.
func (s *Store) Bar(ctx context.Context, user chat.UserID, until time.Time) error {
	at := int64(0)
	if !until.IsZero() {
		at = until.UnixMilli()
	}
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		err := applyOne(ctx, tx, updateBarred, string(user), at)
		if errors.Is(err, account.ErrConflict) {
			return chat.ErrNotFound
		}
		if err != nil || at == 0 {
			return err
		}
		return apply(ctx, tx, deleteSessions, string(user))
	})
}

// BarredUntil returns until when a user is kept out, the zero time where they never were. It is part of [account.Users] too.
func (s *Store) BarredUntil(ctx context.Context, user string) (time.Time, error) {
	var at int64
	err := s.statements.barred.QueryRowContext(ctx, user).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) || err == nil && at == 0 {
		return time.Time{}, nil
	}
	return time.UnixMilli(at).UTC(), s.unavailable(err)
}

// SetModerator makes a user one who keeps order, or not. It is part of [account.Keys].
func (s *Store) SetModerator(ctx context.Context, user string, is bool) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error { return apply(ctx, tx, updateModerator, user, is) })
}
