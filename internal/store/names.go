package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/internal/account"
	"parley/internal/chat"
)

const (
	selectNamesBefore = `SELECT id, name, name_key FROM users WHERE name_key IN (`

	// insertFormer is run before a name is taken from a user, or changes to another.
	insertFormer = `INSERT INTO former_names (name_key, user_id) SELECT name_key, id FROM users ` +
		`WHERE id = $1 AND name_key IS NOT NULL AND name_key <> $2 ON CONFLICT (name_key, user_id) DO NOTHING`
	deleteFormer = `DELETE FROM former_names WHERE user_id = $1`
	selectFormer = `SELECT f.user_id FROM former_names f JOIN users u ON u.id = f.user_id ` +
		`WHERE f.name_key = $1 AND coalesce(u.name_key, '') <> $1 ORDER BY f.user_id LIMIT 20`
)

// nameSteps are how many names a statement looks up at once.
var nameSteps = [...]int{64, 8}

// ByNames returns who goes by which of many names now. It is part of [chat.People].
func (s *Store) ByNames(ctx context.Context, names []string) ([]chat.User, error) {
	users := make([]chat.User, len(names))
	at := map[string][]int{} // by key
	var keys []string
	for i, name := range names {
		checked, err := account.CheckName(name)
		if err != nil {
			continue
		}
		if at[checked.Key()] == nil {
			keys = append(keys, checked.Key())
		}
		at[checked.Key()] = append(at[checked.Key()], i)
	}
	for len(keys) > 0 {
		stmt, n := s.statements.names[0], nameSteps[0]
		if len(keys) <= nameSteps[1] {
			stmt, n = s.statements.names[1], nameSteps[1]
		}
		args := make([]any, n)
		for i, key := range keys[:min(n, len(keys))] {
			args[i] = key
		}
		if err := holders(ctx, stmt, args, at, users); err != nil {
			return nil, s.unavailable(fmt.Errorf("looking for names: %w", err))
		}
		keys = keys[min(n, len(keys)):]
	}
	return users, nil
}

// holders fills in those users who go by the names that a statement asks for.
func holders(ctx context.Context, stmt *sql.Stmt, args []any, at map[string][]int, users []chat.User) error {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var u chat.User
		var key string
		if err := rows.Scan(&u.ID, &u.Name, &key); err != nil {
			return err
		}
		for _, i := range at[key] {
			users[i] = u
		}
	}
	return rows.Err()
}

// Formerly returns who went by a name before. It is part of [chat.People].
func (s *Store) Formerly(ctx context.Context, name string) ([]chat.UserID, error) {
	checked, err := account.CheckName(name)
	if err != nil {
		return nil, nil //nolint:nilerr // what can't be a name was nobody's
	}
	ids, err := texts(ctx, s.read, selectFormer, checked.Key())
	if err != nil {
		return nil, s.unavailable(fmt.Errorf("looking for who had a name: %w", err))
	}
	users := make([]chat.UserID, len(ids))
	for i, id := range ids {
		users[i] = chat.UserID(id)
	}
	return users, nil
}

// wrote reports whether one of the users that a search means wrote a message: who goes by the name now, or who went by it then.
func wrote(s *chat.Search, e *chat.Event) bool {
	if s.From == "" && len(s.Once) == 0 || s.From == e.User.ID {
		return true
	}
	for _, once := range s.Once {
		if once == e.User.ID {
			return isSameName(e.User.Name, s.Name)
		}
	}
	return false
}

func isSameName(a, b string) bool {
	if a == b {
		return true
	}
	one, bad := account.CheckName(a)
	other, worse := account.CheckName(b)
	return bad == nil && worse == nil && one.Key() == other.Key()
}
