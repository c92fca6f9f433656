package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"parley/internal/account"
)

const (
	selectSession = `SELECT s.id, s.seen_at, u.id, u.name, u.kind FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.hash = $1`
	selectSignIns = `SELECT id, agent, created_at, seen_at FROM sessions WHERE user_id = $1 ORDER BY seen_at DESC, id`
	insertSession = `INSERT INTO sessions (hash, id, user_id, agent, created_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5) ` +
		`ON CONFLICT DO NOTHING`
	// It changes nothing, but there has to be such a session until the transaction is over.
	updateLetsIn   = `UPDATE sessions SET seen_at = seen_at WHERE id = $1 AND user_id = $2`
	updateSeen     = `UPDATE sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2`
	deleteSession  = `DELETE FROM sessions WHERE hash = $1`
	deleteSessions = `DELETE FROM sessions WHERE user_id = $1`
	deleteOne      = `DELETE FROM sessions WHERE user_id = $1 AND id = $2`
	deleteOld      = `DELETE FROM sessions WHERE user_id = $1 AND seen_at < $2`
)

// SessionByHash returns a session. It is part of [account.Sessions], as are the next six.
func (s *Store) SessionByHash(ctx context.Context, hash []byte) (account.Session, time.Time, error) {
	var session account.Session
	var seen int64
	u := &session.User
	err := s.statements.session.QueryRowContext(ctx, hash).Scan(&session.ID, &seen, &u.ID, &u.Name, &u.Kind)
	return session, time.UnixMilli(seen).UTC(), orNotFound(err)
}

// SeenSession notes that a session was in use.
func (s *Store) SeenSession(ctx context.Context, id string, at time.Time) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return apply(ctx, tx, updateSeen, id, at.UnixMilli())
	})
}

// BeginSession begins another session of a user.
func (s *Store) BeginSession(ctx context.Context, b account.Beginning) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		at := b.At.UnixMilli()
		if err := applyOne(ctx, tx, updateLetsIn, b.By, b.UserID); err != nil {
			return err
		}
		if b.Replaces != nil {
			if err := apply(ctx, tx, deleteSession, b.Replaces); err != nil {
				return err
			}
		}
		return applyOne(ctx, tx, insertSession, b.Session.Hash, b.Session.ID, b.UserID, b.Session.Agent, at)
	})
}

// EndSession forgets a session.
func (s *Store) EndSession(ctx context.Context, hash []byte) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return apply(ctx, tx, deleteSession, hash)
	})
}

// SessionsGone returns the ids that no session has.
func (s *Store) SessionsGone(ctx context.Context, ids []string) ([]string, error) {
	return s.missing(ctx, `SELECT id FROM sessions WHERE id`, ids)
}

// Nameless returns the ids whose user has no name.
func (s *Store) Nameless(ctx context.Context, ids []string) ([]string, error) {
	return s.missing(ctx, `SELECT id FROM users WHERE name_key IS NOT NULL AND id`, ids)
}

// missing returns those of the ids that a query, which ends in their column, doesn't find.
func (s *Store) missing(ctx context.Context, query string, ids []string) ([]string, error) {
	var gone []string
	for chunk := range slices.Chunk(ids, goneAtOnce) {
		values, args := make([]string, len(chunk)), make([]any, len(chunk))
		for i, id := range chunk {
			values[i], args[i] = s.placeholder(i+1), id
		}
		there, err := texts(ctx, s.read, query+` IN (`+strings.Join(values, ", ")+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, id := range chunk {
			if !slices.Contains(there, id) {
				gone = append(gone, id)
			}
		}
	}
	return gone, nil
}

const goneAtOnce = 100

// SessionsOf returns a user's sessions.
func (s *Store) SessionsOf(ctx context.Context, userID string) ([]account.SignIn, error) {
	rows, err := s.read.QueryContext(ctx, selectSignIns, userID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []account.SignIn
	for rows.Next() {
		var one account.SignIn
		var begun, seen int64
		if err := rows.Scan(&one.ID, &one.Agent, &begun, &seen); err != nil {
			return nil, err
		}
		one.Begun, one.Seen = time.UnixMilli(begun).UTC(), time.UnixMilli(seen).UTC()
		found = append(found, one)
	}
	return found, rows.Err()
}

// EndSessionsOf forgets some of a user's sessions.
func (s *Store) EndSessionsOf(ctx context.Context, userID string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, id := range ids {
			if err := apply(ctx, tx, deleteOne, userID, id); err != nil {
				return err
			}
		}
		return nil
	})
}
