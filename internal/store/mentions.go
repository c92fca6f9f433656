package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"parley/internal/chat"
)

const (
	// What is meant stands beside the message, with its time: an edit may mean somebody else, and is of a message of before.
	insertMention = `INSERT INTO mentions (user_id, room, seq, name, at) ` +
		`SELECT $1, room, seq, $2, at FROM events WHERE room = $3 AND seq = $4 AND kind = 1 AND deleted = 0 ` +
		`ON CONFLICT (user_id, room, seq, name) DO NOTHING`
	// Those whom @here meant are the ones who were there then, whatever is edited later.
	deleteMentions = `DELETE FROM mentions WHERE room = $1 AND seq = $2 AND (user_id = '' OR name <> '' OR NOT CAST($3 AS BOOLEAN))`
	selectHere     = `SELECT EXISTS (SELECT 1 FROM mentions WHERE user_id = '' AND room = $1 AND seq = $2)`
	selectMeant    = `SELECT seq, user_id, name FROM mentions WHERE room = $1 AND seq BETWEEN $2 AND $3 AND name <> ''`

	// notIgnored is of a mention, m, of a user, $1: whom one ignores calls one in vain.
	notIgnored = `NOT EXISTS (SELECT 1 FROM events e JOIN ignores i ON i.user_id = $1 AND i.other_id = e.user_id ` +
		`WHERE e.room = m.room AND e.seq = m.seq AND e.kind = 1)`

	// Of each room that one may know: a private one of one's own, an open one, or a closed one that one was let into.
	selectMentions = `SELECT DISTINCT m.at, m.room, m.seq FROM mentions m JOIN rooms r ON r.name = m.room ` +
		`WHERE m.user_id = $1 AND (m.at, m.room, m.seq) < ($2, $3, $4) AND ` + notIgnored + ` AND (r.user_a = $1 OR r.user_b = $1 OR r.user_a IS NULL AND ` +
		`(substr(r.name, 1, 1) <> '~' OR EXISTS (SELECT 1 FROM memberships i WHERE i.user_id = $1 AND i.room = r.name AND i.role > 0))) ` +
		`ORDER BY m.at DESC, m.room DESC, m.seq DESC LIMIT $5`
)

// mean notes whom a message or an edit means. What an edit meant before is gone with it.
func (s *Store) mean(ctx context.Context, tx *sql.Tx, e *chat.Event, seq int64) error {
	if e.Mentions == nil {
		return nil
	}
	insert := tx.StmtContext(ctx, s.statements.mean)
	room := string(e.Room)
	for i := range e.Mentions.Users {
		one := &e.Mentions.Users[i]
		if _, err := insert.ExecContext(ctx, string(one.User), one.Name, room, seq); err != nil {
			return fmt.Errorf("noting who is meant: %w", err)
		}
	}
	if !e.Mentions.Here {
		return nil
	}
	if _, err := insert.ExecContext(ctx, "", hereName, room, seq); err != nil {
		return fmt.Errorf("noting that all are meant: %w", err)
	}
	for _, user := range e.Mentions.There {
		if _, err := insert.ExecContext(ctx, string(user), "", room, seq); err != nil {
			return fmt.Errorf("noting who is meant by all: %w", err)
		}
	}
	return nil
}

// hereName stands for the word that means everybody.
const hereName = "here"

// meanAnew notes whom an edited message means now.
func (s *Store) meanAnew(ctx context.Context, tx *sql.Tx, e *chat.Event) error {
	stays := false
	if e.Mentions != nil && e.Mentions.Here {
		row := tx.StmtContext(ctx, s.statements.meantAll).QueryRowContext(ctx, string(e.Room), e.Of)
		if err := row.Scan(&stays); err != nil {
			return fmt.Errorf("looking for who was meant: %w", err)
		}
	}
	if err := s.meanNobody(ctx, tx, e, stays); err != nil {
		return err
	}
	anew := *e
	if stays {
		kept := *e.Mentions
		kept.There = nil
		anew.Mentions = &kept
	}
	return s.mean(ctx, tx, &anew, e.Of)
}

// meanNobody forgets whom the message that an event changes meant, but where hereStays for those whom @here meant.
func (s *Store) meanNobody(ctx context.Context, tx *sql.Tx, e *chat.Event, hereStays bool) error {
	_, err := tx.StmtContext(ctx, s.statements.meanNobody).ExecContext(ctx, string(e.Room), e.Of, hereStays)
	if err != nil {
		return fmt.Errorf("forgetting who was meant: %w", err)
	}
	return nil
}

// readMentions fills in whom messages and edits of one room mean. Most have no sign in them, and cost nothing.
func (s *Store) readMentions(ctx context.Context, events []chat.Event) error {
	of := map[int64][]*chat.Event{}
	low, high := int64(math.MaxInt64), int64(0)
	for i := range events {
		e := &events[i]
		if !strings.Contains(e.Text, "@") {
			continue
		}
		switch e.Kind {
		case chat.KindMessage:
			of[e.Seq] = append(of[e.Seq], e)
			low, high = min(low, e.Seq), max(high, e.Seq)
		case chat.KindEdit:
			of[e.Of] = append(of[e.Of], e)
		default:
		}
	}
	if len(of) == 0 {
		return nil
	}
	if err := s.meantBetween(ctx, events[0].Room, low, high, of); err != nil {
		return s.unavailable(fmt.Errorf("reading mentions: %w", err))
	}
	for seq := range of {
		if seq >= low && seq <= high {
			continue
		}
		if err := s.meantBetween(ctx, events[0].Room, seq, seq, of); err != nil { // an edit of a message of before
			return s.unavailable(fmt.Errorf("reading mentions: %w", err))
		}
	}
	return nil
}

// meantBetween reads whom some messages mean, and gives it to them and to their edits.
func (s *Store) meantBetween(ctx context.Context, room chat.RoomName, low, high int64, of map[int64][]*chat.Event) error {
	rows, err := s.statements.meant.QueryContext(ctx, string(room), low, high)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var one chat.Mention
		if err := rows.Scan(&seq, &one.User, &one.Name); err != nil {
			return err
		}
		for _, e := range of[seq] {
			if e.Mentions == nil {
				e.Mentions = &chat.Mentions{}
			}
			if one.User == "" {
				e.Mentions.Here = true
			} else {
				e.Mentions.Users = append(e.Mentions.Users, one)
			}
		}
	}
	for _, meant := range of {
		for _, e := range meant {
			sortMentions(e)
		}
	}
	return rows.Err()
}

// sortMentions puts those who are meant in the order of the text.
func sortMentions(e *chat.Event) {
	if e.Mentions == nil {
		return
	}
	slices.SortStableFunc(e.Mentions.Users, func(a, b chat.Mention) int {
		return strings.Index(e.Text, "@"+a.Name) - strings.Index(e.Text, "@"+b.Name)
	})
}

// Mentions returns messages that mean a user. It is part of [chat.Shelf].
func (s *Store) Mentions(ctx context.Context, user chat.UserID, before chat.MentionPlace, limit int) ([]chat.Event, error) {
	at := int64(math.MaxInt64)
	if !before.Time.IsZero() {
		at = before.Time.UnixMilli()
	}
	rows, err := s.statements.mentions.QueryContext(ctx, string(user), at, string(before.Room), before.Seq, limit)
	if err != nil {
		return nil, s.unavailable(fmt.Errorf("listing mentions: %w", err))
	}
	places, err := scanPlaces(rows)
	if err != nil {
		return nil, s.unavailable(fmt.Errorf("listing mentions: %w", err))
	}
	events := make([]chat.Event, 0, len(places))
	for _, place := range places {
		e, err := s.Message(ctx, place.Room, place.Seq)
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

func scanPlaces(rows *sql.Rows) ([]chat.MentionPlace, error) {
	defer rows.Close()
	var places []chat.MentionPlace
	for rows.Next() {
		var p chat.MentionPlace
		var at int64
		if err := rows.Scan(&at, &p.Room, &p.Seq); err != nil {
			return nil, err
		}
		p.Time = time.UnixMilli(at).UTC()
		places = append(places, p)
	}
	return places, rows.Err()
}
