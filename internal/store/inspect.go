package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"parley/internal/upload"
)

// Inspection is what somebody finds who looks into a database without changing it.
type Inspection struct {
	Damage        []string // what SQLite finds wrong with the file, the first five
	Schema, Known int64    // the schema's version, and the latest that this program knows
	Orphans       int      // rows of users who are missing
	Strays        int      // what stands beside messages that are missing: reactions, pins, mentions, files
	Gaps          []Gap    // rooms whose events are not 1, 2, 3 … up to the last, the first five
	Rooms, Events int64
	Bytes, Log    int64         // of the database, and of the log beside it
	Files         []upload.File // whose bytes have to be there
	Newest        time.Time     // of the last messages; zero where there are none
}

// Gap is a room that misses events.
type Gap struct {
	Room         string
	Last, Events int64 // the highest seq given, and how many events there are
}

// Inspect looks into the database at path, while a server runs on it or not. It reads all of it.
func Inspect(ctx context.Context, path string) (found Inspection, err error) {
	for {
		db, err := openReadOnly(ctx, path)
		if err != nil {
			return found, err
		}
		found, err = inspect(ctx, db)
		disturbed := db.disturbed()
		if closed := db.Close(); err == nil {
			err = closed
		}
		if err != nil {
			err = explainSQLite(path, err)
		}
		if !disturbed {
			return found, err
		}
	}
}

const (
	damageMost = 5
	selectGaps = `SELECT r.name, r.last, count(e.seq) AS events FROM rooms r LEFT JOIN events e ON e.room = r.name
		GROUP BY r.name HAVING count(e.seq) <> r.last OR coalesce(max(e.seq), 0) <> r.last
		UNION ALL SELECT e.room, 0, count(*) FROM events e LEFT JOIN rooms r ON r.name = e.room WHERE r.name IS NULL GROUP BY e.room`
	// What is kept beside messages goes with them, in the same transaction.
	selectStrays = `SELECT (SELECT count(*) FROM reactions x WHERE NOT ` + hasMessage + `of_seq))
		+ (SELECT count(*) FROM pins x WHERE NOT ` + hasMessage + `of_seq))
		+ (SELECT count(*) FROM mentions x WHERE NOT ` + hasMessage + `seq))
		+ (SELECT count(*) FROM files x WHERE x.seq > 0 AND x.state <> 2 AND NOT ` + hasMessage + `seq))`
	hasMessage   = `EXISTS (SELECT 1 FROM events e WHERE e.room = x.room AND e.kind = 1 AND e.deleted = 0 AND e.seq = x.`
	selectSums   = `SELECT count(*), coalesce(sum(last), 0) FROM rooms`
	selectNewest = `SELECT coalesce(max(e.at), 0) FROM rooms r JOIN events e ON e.room = r.name AND e.seq = r.last`
	selectSchema = `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`
)

func inspect(ctx context.Context, db *quiet) (found Inspection, err error) {
	info, err := os.Stat(db.path)
	if err != nil {
		return found, err
	}
	found.Bytes = info.Size()
	if log, err := os.Stat(db.path + "-wal"); err == nil {
		found.Log = log.Size()
	}
	if found.Known, err = newestMigration(); err != nil {
		return found, err
	}
	if found.Damage, err = texts(ctx, db.DB, fmt.Sprintf(`PRAGMA integrity_check(%d)`, damageMost)); err != nil {
		return found, err
	}
	if len(found.Damage) == 1 && found.Damage[0] == "ok" {
		found.Damage = nil
	}
	for i, line := range found.Damage {
		found.Damage[i] = strings.Join(strings.Fields(line), " ")
	}
	if err := db.QueryRowContext(ctx, selectSchema).Scan(&found.Schema); err != nil {
		return found, err
	}
	if len(found.Damage) > 0 || found.Schema != found.Known {
		return found, nil // the rest would say nothing
	}
	orphans, err := texts(ctx, db.DB, `SELECT "table" FROM pragma_foreign_key_check`)
	if err != nil {
		return found, err
	}
	found.Orphans = len(orphans)
	if err := db.QueryRowContext(ctx, selectStrays).Scan(&found.Strays); err != nil {
		return found, err
	}
	if err := db.QueryRowContext(ctx, selectSums).Scan(&found.Rooms, &found.Events); err != nil {
		return found, err
	}
	var newest int64
	if err := db.QueryRowContext(ctx, selectNewest).Scan(&newest); err != nil {
		return found, err
	}
	if newest > 0 {
		found.Newest = time.UnixMilli(newest)
	}
	if found.Files, err = keptFiles(ctx, db.DB); err != nil {
		return found, err
	}
	found.Gaps, err = gaps(ctx, db.DB)
	return found, err
}

func gaps(ctx context.Context, db *sql.DB) (found []Gap, err error) {
	rows, err := db.QueryContext(ctx, selectGaps)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() && len(found) < damageMost {
		var g Gap
		if err := rows.Scan(&g.Room, &g.Last, &g.Events); err != nil {
			return nil, err
		}
		found = append(found, g)
	}
	return found, rows.Err()
}

// newestMigration is the version of the schema that this program brings a database to.
func newestMigration() (newest int64, err error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	for _, name := range files {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, errors.Join(err, fmt.Errorf("%s has no version", name))
		}
		newest = max(newest, version)
	}
	return newest, nil
}
