package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"parley/internal/chat"
)

const (
	insertIgnore  = `INSERT INTO ignores (user_id, other_id, since) VALUES ($1, $2, $3) ON CONFLICT (user_id, other_id) DO NOTHING`
	deleteIgnore  = `DELETE FROM ignores WHERE user_id = $1 AND other_id = $2`
	deleteIgnores = `DELETE FROM ignores WHERE user_id = $1 OR other_id = $1`
	selectIgnored = `SELECT u.id, u.name FROM ignores i JOIN users u ON u.id = i.other_id WHERE i.user_id = $1 ` +
		`ORDER BY i.since, u.id LIMIT $2`
)

// Ignore notes that a user ignores another, or no longer. It is part of [chat.Ignores], as is the next one.
func (s *Store) Ignore(ctx context.Context, user, other chat.UserID, on bool) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if !on {
			return apply(ctx, tx, deleteIgnore, string(user), string(other))
		}
		return apply(ctx, tx, insertIgnore, string(user), string(other), time.Now().UnixMilli())
	})
}

// Ignored lists whom a user ignores.
func (s *Store) Ignored(ctx context.Context, user chat.UserID) ([]chat.User, error) {
	rows, err := s.statements.ignored.QueryContext(ctx, string(user), chat.IgnoredMost)
	if err != nil {
		return nil, s.unavailable(fmt.Errorf("listing who is ignored: %w", err))
	}
	defer rows.Close()
	var users []chat.User
	for rows.Next() {
		var u chat.User
		if err := rows.Scan(&u.ID, &u.Name); err != nil {
			return nil, s.unavailable(fmt.Errorf("listing who is ignored: %w", err))
		}
		users = append(users, u)
	}
	return users, rows.Err()
}
