package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"parley/internal/account"
)

const (
	selectConfigured = `SELECT hash, user_id FROM account_keys WHERE configured`
	deleteKey        = `DELETE FROM account_keys WHERE hash = $1`
	// Who has lost the last key is an account no longer.
	updateKeyless = `UPDATE users SET kind = 'person' WHERE kind = 'account' ` +
		`AND NOT EXISTS (SELECT 1 FROM account_keys WHERE user_id = users.id)`
	updateNameless = `UPDATE users SET name_key = NULL WHERE id = $1`
	selectNamed    = `SELECT id, kind FROM users WHERE name_key = $1`
	upsertAccount  = `INSERT INTO users (id, name, name_key, kind, created_at, seen_at, moderator) VALUES ($1, $2, $3, 'account', $4, $4, $5) ` +
		`ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, kind = excluded.kind, moderator = excluded.moderator`
	selectKeyUser = `SELECT user_id FROM account_keys WHERE hash = $1`
)

// SetConfigured makes the accounts of the configuration what is given. It belongs to the start: that it fails is not logged, as
// whoever starts is told.
func (s *Store) SetConfigured(ctx context.Context, accounts []account.Configured, at time.Time) error {
	return s.await(ctx, &job{ctx: context.WithoutCancel(ctx), starting: true, run: func(ctx context.Context, tx *sql.Tx) error {
		if err := dropKeys(ctx, tx, accounts); err != nil {
			return err
		}
		// All of them give up their names first, so that two may have changed names with each other.
		for _, a := range accounts {
			if err := apply(ctx, tx, insertFormer, a.User.ID, a.Key); err != nil {
				return err
			}
			if err := apply(ctx, tx, updateNameless, a.User.ID); err != nil {
				return err
			}
		}
		for _, a := range accounts {
			if err := freeName(ctx, tx, a); err != nil {
				return err
			}
			if err := apply(ctx, tx, upsertAccount, a.User.ID, a.User.Name, a.Key, at.UnixMilli(), a.Moderator); err != nil {
				return err
			}
			if err := addKey(ctx, tx, a, at); err != nil {
				return err
			}
		}
		return nil
	}})
}

// dropKeys forgets the configured keys that aren't among accounts any more, and ends the sessions that they began.
func dropKeys(ctx context.Context, tx *sql.Tx, accounts []account.Configured) error {
	rows, err := tx.QueryContext(ctx, selectConfigured)
	if err != nil {
		return err
	}
	defer rows.Close()
	type key struct {
		hash []byte
		user string
	}
	var gone []key
	for rows.Next() {
		var k key
		if err := rows.Scan(&k.hash, &k.user); err != nil {
			return err
		}
		kept := false
		for _, a := range accounts {
			kept = kept || a.User.ID == k.user && bytes.Equal(a.KeyHash, k.hash)
		}
		if !kept {
			gone = append(gone, k)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, k := range gone {
		if err := apply(ctx, tx, deleteKey, k.hash); err != nil {
			return err
		}
		if err := apply(ctx, tx, deleteSessions, k.user); err != nil {
			return err
		}
	}
	return apply(ctx, tx, updateKeyless)
}

// freeName takes the name of an account from a person who has it.
func freeName(ctx context.Context, tx *sql.Tx, a account.Configured) error {
	var holder string
	var kind account.Kind
	switch err := tx.QueryRowContext(ctx, selectNamed, a.Key).Scan(&holder, &kind); {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case kind == account.KindAccount:
		return &account.Error{Code: account.CodeNameTaken, Message: fmt.Sprintf(
			"The name %s belongs to an account that is not in the configuration. Choose another there.", a.User.Name)}
	}
	if err := apply(ctx, tx, insertFormer, holder, ""); err != nil {
		return err
	}
	if err := apply(ctx, tx, updateNameless, holder); err != nil {
		return err
	}
	return apply(ctx, tx, deleteSessions, holder)
}

// addKey gives an account its key, where it hasn't got it already.
func addKey(ctx context.Context, tx *sql.Tx, a account.Configured, at time.Time) error {
	var owner string
	switch err := tx.QueryRowContext(ctx, selectKeyUser, a.KeyHash).Scan(&owner); {
	case errors.Is(err, sql.ErrNoRows):
		return apply(ctx, tx, insertKey, a.KeyHash, a.User.ID, true, at.UnixMilli())
	case err != nil:
		return err
	case owner != a.User.ID:
		return &account.Error{Code: account.CodeWrongKey, Message: fmt.Sprintf(
			"The key of %s belongs to another account already. Give it one of its own.", a.User.Name)}
	}
	return nil
}
