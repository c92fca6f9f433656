package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"parley/internal/account"
)

// statements are prepared once; database/sql keeps a copy on each connection. They end with their connections.
type statements struct {
	last, after, before, message, sent, under *sql.Stmt // on read
	rooms, isIn, facts, pins, role            *sql.Stmt // on read
	ignored, moderator, barred                *sql.Stmt // on read
	holder, user, session, key                *sql.Stmt // on read: asked for with every connection

	enterRoom, enter, exit, markRead                              *sql.Stmt // on writer
	editMessage, clearBody, deleteMessage, clearEdits, clearUnder *sql.Stmt
	setReaction, takeReaction, setTopic, setPin, takePin, mute    *sql.Stmt
	duplicates, reserve, insert                                   perRows

	meant, mentions            *sql.Stmt // on read
	names                      [len(nameSteps)]*sql.Stmt
	mean, meanNobody, meantAll *sql.Stmt // on writer

	search searchStatements
}

// toPrepare is a statement, where it runs and where it is kept.
type toPrepare struct {
	on   *sql.DB
	stmt **sql.Stmt
	text string
}

// perRows is a statement on writer that takes several rows at a time, prepared for each number of rowSteps.
type perRows [len(rowSteps)]*sql.Stmt

// rowSteps are the numbers of rows that a statement takes. Calling one costs about as much as two rows, so that longer ones gain
// nothing more.
var rowSteps = [...]int{64, 8, 1}

// prepare prepares every statement, which also holds each of them against the schema.
func (s *Store) prepare(ctx context.Context) error {
	p := &s.statements
	for _, one := range append(p.search.texts(s), []toPrepare{
		{s.read, &p.last, selectLast},
		{s.read, &p.after, selectAfter},
		{s.read, &p.before, selectBefore},
		{s.read, &p.message, selectMessage},
		{s.read, &p.sent, selectSent},
		{s.read, &p.under, selectUnder},
		{s.read, &s.files.between, selectFilesBetween},
		{s.read, &p.rooms, selectRooms},
		{s.read, &p.isIn, selectIsIn},
		{s.read, &p.facts, selectFacts},
		{s.read, &p.pins, selectPins},
		{s.read, &p.role, selectRole},
		{s.read, &p.ignored, selectIgnored},
		{s.read, &p.moderator, selectModerator},
		{s.read, &p.barred, selectBarred},
		{s.read, &p.holder, selectHolder},
		{s.read, &p.user, selectUser},
		{s.read, &p.session, selectSession},
		{s.read, &p.key, selectKey},
		{s.read, &p.meant, selectMeant},
		{s.read, &p.mentions, selectMentions},
		{s.read, &p.names[0], selectNamesBefore + valueRows(1, nameSteps[0], s.placeholder)[1:]},
		{s.read, &p.names[1], selectNamesBefore + valueRows(1, nameSteps[1], s.placeholder)[1:]},
		{s.writer, &p.mean, insertMention},
		{s.writer, &p.meanNobody, deleteMentions},
		{s.writer, &p.meantAll, selectHere},
		{s.writer, &p.enterRoom, insertRoom},
		{s.writer, &p.enter, upsertMember},
		{s.writer, &p.exit, updateExit},
		{s.writer, &p.markRead, upsertRead},
		{s.writer, &p.editMessage, updateEdited},
		{s.writer, &p.clearBody, updateClear},
		{s.writer, &p.deleteMessage, updateDeleted},
		{s.writer, &p.clearEdits, updateClearEdits},
		{s.writer, &p.clearUnder, deleteUnder},
		{s.writer, &p.setReaction, insertReaction},
		{s.writer, &p.takeReaction, deleteReaction},
		{s.writer, &p.setTopic, updateTopic},
		{s.writer, &p.setPin, insertPin},
		{s.writer, &p.takePin, deletePin},
		{s.writer, &p.mute, upsertMuted},
	}...) {
		var err error
		if *one.stmt, err = one.on.PrepareContext(ctx, one.text); err != nil {
			return fmt.Errorf("preparing %q: %w", one.text, err)
		}
	}
	for _, many := range []struct {
		stmts         *perRows
		before, after string
		columns       int
	}{
		{&p.duplicates, selectDuplicatesBefore, selectDuplicatesAfter, 2},
		{&p.reserve, reserveBefore, reserveAfter, 6},
		{&p.insert, insertBefore, "", 14},
	} {
		for i, rows := range rowSteps {
			text := many.before + valueRows(rows, many.columns, s.placeholder) + many.after
			var err error
			if many.stmts[i], err = s.writer.PrepareContext(ctx, text); err != nil {
				return fmt.Errorf("preparing %q: %w", text, err)
			}
		}
	}
	return nil
}

// inSteps cuts n rows into pieces that there is a statement for, and calls each with its statement.
func (p *perRows) inSteps(n int, call func(stmt *sql.Stmt, from, to int) error) error {
	from := 0
	for i, rows := range rowSteps {
		for ; n-from >= rows; from += rows {
			if err := call(p[i], from, from+rows); err != nil {
				return err
			}
		}
	}
	return nil
}

// valueRows writes the placeholders of several rows: ($1, $2), ($3, $4).
func valueRows(rows, columns int, placeholder func(n int) string) string {
	var b strings.Builder
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString(placeholder(i + 1))
	}
	b.WriteString(")")
	return b.String()
}

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

// oneNumber returns the one number that a statement finds, 0 where it finds none.
func oneNumber(ctx context.Context, stmt *sql.Stmt, args ...any) (n int64, err error) {
	err = stmt.QueryRowContext(ctx, args...).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}
