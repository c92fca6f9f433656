package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/internal/account"
	"parley/internal/chat"
)

// gone is what is true of a user, u, who can be removed: not seen since $1, and nothing left by which anyone could miss them.
const gone = `u.kind <> 'account' AND u.seen_at < $1 AND u.barred_until < $1 ` +
	`AND NOT EXISTS (SELECT 1 FROM sessions WHERE user_id = u.id) ` +
	`AND NOT EXISTS (SELECT 1 FROM rooms WHERE user_a = u.id) ` +
	`AND NOT EXISTS (SELECT 1 FROM rooms WHERE user_b = u.id)`

const (
	selectHolder = `SELECT u.id, u.name, u.kind, (SELECT max(s.seen_at) FROM sessions s WHERE s.user_id = u.id) ` +
		`FROM users u WHERE u.name_key = $1`
	selectUser     = `SELECT id, name, kind FROM users WHERE id = $1`
	selectSession  = `SELECT s.id, s.seen_at, u.id, u.name, u.kind FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.hash = $1`
	selectSignIns  = `SELECT id, agent, created_at, seen_at FROM sessions WHERE user_id = $1 ORDER BY seen_at DESC, id`
	selectKey      = `SELECT u.id, u.name, u.kind FROM account_keys k JOIN users u ON u.id = k.user_id WHERE k.hash = $1`
	selectHashes   = `SELECT hash FROM account_keys`
	selectAccounts = `SELECT u.id, u.name, u.kind, EXISTS (SELECT 1 FROM account_keys k WHERE k.user_id = u.id AND k.configured), u.moderator ` +
		`FROM users u WHERE u.kind = 'account' ORDER BY u.name_key, u.id`
	selectStale = `SELECT u.id FROM users u WHERE u.id > $2 AND (` + gone +
		` OR EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = u.id AND s.seen_at < $1)) ORDER BY u.id LIMIT $3`

	// A name goes from a holder who has become neither an account nor somebody with a good session in between.
	updateRelease = `UPDATE users SET name_key = NULL WHERE id = $1 AND name_key = $2 AND kind <> 'account' ` +
		`AND NOT EXISTS (SELECT 1 FROM sessions WHERE user_id = $1 AND seen_at >= $3)`
	insertUser = `INSERT INTO users (id, name, name_key, kind, created_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5) ` +
		`ON CONFLICT DO NOTHING`
	updateUser = `UPDATE users SET name = $2, name_key = $3, kind = $4, seen_at = $5 WHERE id = $1 ` +
		`AND NOT EXISTS (SELECT 1 FROM users other WHERE other.name_key = $3 AND other.id <> $1)`
	insertSession = `INSERT INTO sessions (hash, id, user_id, agent, created_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5) ` +
		`ON CONFLICT DO NOTHING`
	// It changes nothing, but there has to be such a session until the transaction is over.
	updateLetsIn     = `UPDATE sessions SET seen_at = seen_at WHERE id = $1 AND user_id = $2`
	insertKey        = `INSERT INTO account_keys (hash, user_id, configured, created_at) VALUES ($1, $2, $3, $4)`
	updateSeen       = `UPDATE sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2`
	deleteSession    = `DELETE FROM sessions WHERE hash = $1`
	deleteSessions   = `DELETE FROM sessions WHERE user_id = $1`
	deleteKeys       = `DELETE FROM account_keys WHERE user_id = $1`
	deleteOne        = `DELETE FROM sessions WHERE user_id = $1 AND id = $2`
	deleteOld        = `DELETE FROM sessions WHERE user_id = $1 AND seen_at < $2`
	deleteGone       = `DELETE FROM users AS u WHERE u.id = $2 AND ` + gone
	deleteMembership = `DELETE FROM memberships WHERE user_id = $1`
)

// ByName returns the user who goes by a name now. It is part of [chat.People], as is the next one.
func (s *Store) ByName(ctx context.Context, name string) (chat.User, error) {
	checked, err := account.CheckName(name)
	if err != nil {
		return chat.User{}, chat.ErrNotFound // nobody has a name that is none
	}
	h, err := s.Holder(ctx, checked.Key())
	return asChat(h.User, err)
}

// ByID returns a user.
func (s *Store) ByID(ctx context.Context, id chat.UserID) (chat.User, error) {
	return asChat(s.UserByID(ctx, string(id)))
}

func asChat(user account.User, err error) (chat.User, error) {
	if errors.Is(err, account.ErrNotFound) {
		err = chat.ErrNotFound
	}
	return chat.User{ID: chat.UserID(user.ID), Name: user.Name}, err
}

// Holder returns who has a name. It is part of [account.Users], as are the next four.
func (s *Store) Holder(ctx context.Context, key string) (account.Holder, error) {
	var h account.Holder
	var seen sql.NullInt64
	err := s.statements.holder.QueryRowContext(ctx, key).Scan(&h.ID, &h.Name, &h.Kind, &seen)
	if seen.Valid {
		h.SessionSeen = time.UnixMilli(seen.Int64).UTC()
	}
	return h, orNotFound(err)
}

// UserByID returns a user.
func (s *Store) UserByID(ctx context.Context, id string) (account.User, error) {
	return scanUser(s.statements.user.QueryRowContext(ctx, id))
}

// Take gives a name to a user.
func (s *Store) Take(ctx context.Context, t account.Taking) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if t.From != "" && t.From != t.User.ID {
			if err := apply(ctx, tx, insertFormer, t.From, ""); err != nil {
				return err
			}
			if err := applyOne(ctx, tx, updateRelease, t.From, t.Key, t.Held.UnixMilli()); err != nil {
				return err
			}
			if err := apply(ctx, tx, deleteSessions, t.From); err != nil {
				return err
			}
		}
		give := updateUser
		if t.New {
			give = insertUser
		} else if err := apply(ctx, tx, insertFormer, t.User.ID, t.Key); err != nil {
			return err
		}
		at := t.At.UnixMilli()
		if err := applyOne(ctx, tx, give, t.User.ID, t.User.Name, t.Key, string(t.User.Kind), at); err != nil {
			return err
		}
		if t.Replaces != nil {
			err := applyOne(ctx, tx, deleteSession, t.Replaces)
			mayBeGone := t.New || t.User.Kind != account.KindPerson
			if err != nil && !(mayBeGone && errors.Is(err, account.ErrConflict)) {
				return err
			}
		}
		if n := t.Session; n != nil {
			if err := applyOne(ctx, tx, insertSession, n.Hash, n.ID, t.User.ID, n.Agent, at); err != nil {
				return err
			}
		}
		if t.KeyHash != nil {
			return apply(ctx, tx, insertKey, t.KeyHash, t.User.ID, false, at)
		}
		return nil
	})
}

// Stale returns users of whom something can be removed.
func (s *Store) Stale(ctx context.Context, before time.Time, after string, limit int) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, selectStale, before.UnixMilli(), after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Remove removes users who are gone, and old sessions.
func (s *Store) Remove(ctx context.Context, ids []string, before time.Time) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, id := range ids {
			if err := apply(ctx, tx, deleteOld, id, before.UnixMilli()); err != nil {
				return err
			}
			switch err := applyOne(ctx, tx, deleteGone, before.UnixMilli(), id); {
			case errors.Is(err, account.ErrConflict):
				continue // there is more of this user
			case err != nil:
				return err
			}
			if err := apply(ctx, tx, deleteFormer, id); err != nil {
				return err
			}
			if err := apply(ctx, tx, deleteIgnores, id); err != nil {
				return err
			}
			if err := apply(ctx, tx, deleteMembership, id); err != nil {
				return err
			}
		}
		return nil
	})
}

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

// texts runs a query for one column.
func texts(ctx context.Context, db *sql.DB, query string, args ...any) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

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

// UserByKey returns the account that a key opens. It is part of [account.Keys], as is SetConfigured.
func (s *Store) UserByKey(ctx context.Context, hash []byte) (account.User, error) {
	return scanUser(s.statements.key.QueryRowContext(ctx, hash))
}

// KeyHashes returns the hashes of all keys. It is part of [account.Keys], as are the next two.
func (s *Store) KeyHashes(ctx context.Context) ([][]byte, error) {
	found, err := texts(ctx, s.read, selectHashes)
	hashes := make([][]byte, len(found))
	for i, hash := range found {
		hashes[i] = []byte(hash)
	}
	return hashes, err
}

// Accounts lists the accounts.
func (s *Store) Accounts(ctx context.Context) ([]account.Listed, error) {
	rows, err := s.read.QueryContext(ctx, selectAccounts)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []account.Listed
	for rows.Next() {
		var one account.Listed
		if err := rows.Scan(&one.ID, &one.Name, &one.Kind, &one.Configured, &one.Moderator); err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// Rekey changes or takes away an account's key.
func (s *Store) Rekey(ctx context.Context, userID string, hash []byte, at time.Time) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		err := applyOne(ctx, tx, deleteKeys, userID)
		if errors.Is(err, account.ErrConflict) {
			return account.ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := apply(ctx, tx, deleteSessions, userID); err != nil {
			return err
		}
		if hash == nil {
			return apply(ctx, tx, updateKeyless)
		}
		return apply(ctx, tx, insertKey, hash, userID, false, at.UnixMilli())
	})
}

func scanUser(row *sql.Row) (account.User, error) {
	var u account.User
	err := row.Scan(&u.ID, &u.Name, &u.Kind)
	return u, orNotFound(err)
}

func orNotFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return account.ErrNotFound
	}
	return err
}

// apply runs one statement.
func apply(ctx context.Context, tx *sql.Tx, text string, args ...any) error {
	if _, err := tx.ExecContext(ctx, text, args...); err != nil {
		return fmt.Errorf("%.40s…: %w", text, err)
	}
	return nil
}

// applyOne runs one statement that changes a row, or says ErrConflict where it changed none.
func applyOne(ctx context.Context, tx *sql.Tx, text string, args ...any) error {
	result, err := tx.ExecContext(ctx, text, args...)
	if err != nil {
		return fmt.Errorf("%.40s…: %w", text, err)
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return account.ErrConflict
	}
	return err
}
