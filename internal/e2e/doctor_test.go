package e2e

import (
	"database/sql"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // the driver, to lock the server's database as another program would
)

// lock keeps the server from writing to its database, as another program would, until unlock.
func lock(t *testing.T, s *server) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(s.Data, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := db.ExecContext(t.Context(), "ROLLBACK"); err != nil {
			t.Error(err)
		}
	}
}
