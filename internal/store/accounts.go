package store

import (
	"context"
	"database/sql"
	"errors"
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
	selectKey      = `SELECT u.id, u.name, u.kind FROM account_keys k JOIN users u ON u.id = k.user_id WHERE k.hash = $1`
	selectHashes   = `SELECT hash FROM account_keys`
	selectHasKeys  = `SELECT EXISTS (SELECT 1 FROM account_keys)`
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
	insertKey        = `INSERT INTO account_keys (hash, user_id, configured, created_at) VALUES ($1, $2, $3, $4)`
	deleteKeys       = `DELETE FROM account_keys WHERE user_id = $1`
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
	return texts(ctx, s.read, selectStale, before.UnixMilli(), after, limit)
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

// UserByKey returns the account that a key opens. It is part of [account.Keys], as is SetConfigured.
func (s *Store) UserByKey(ctx context.Context, hash []byte) (account.User, error) {
	return scanUser(s.statements.key.QueryRowContext(ctx, hash))
}

// KeyHashes returns the hashes of all keys. It is part of [account.Keys], as are the next three.
func (s *Store) KeyHashes(ctx context.Context) ([][]byte, error) {
	found, err := texts(ctx, s.read, selectHashes)
	hashes := make([][]byte, len(found))
	for i, hash := range found {
		hashes[i] = []byte(hash)
	}
	return hashes, err
}

// HasAccounts reports whether there is any.
func (s *Store) HasAccounts(ctx context.Context) (has bool, err error) {
	err = s.read.QueryRowContext(ctx, selectHasKeys).Scan(&has)
	return has, err
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
