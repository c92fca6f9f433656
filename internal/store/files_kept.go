package store

import (
	"context"
	"database/sql"

	"parley/internal/upload"
)

// selectKept are the files of a database whose bytes have to be there, those that wait to be sent too.
const selectKept = `SELECT ` + fileColumns + ` FROM files WHERE state <= 1 ORDER BY id`

// keptFiles lists the files of a database that nobody need be writing to; none of one from before there were any.
func keptFiles(ctx context.Context, db *sql.DB) (found []upload.File, err error) {
	var has bool
	const look = `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'files')`
	if err := db.QueryRowContext(ctx, look).Scan(&has); err != nil || !has {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, selectKept)
	if err != nil {
		return nil, err
	}
	return scanFiles(rows)
}
