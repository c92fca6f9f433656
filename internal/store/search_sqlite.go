package store

import (
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"parley/internal/chat"
)

// The search of SQLite, FTS5. It is the only SQL that PostgreSQL will not understand, and all of it is here.
//
// The index holds the words of each message under the rowid of its event, as [eachToken] gives them, so that what is a word is
// decided by this program and not by SQLite. Beside them it holds who may read the message, where it was said and by whom, as words
// that nobody can write: a search asks for them like for the others, and never even passes by what its reader may not read. The
// rowids grow with the log, so that the latest messages come first without any sorting.
//
// Measured with 100,000 messages of 4 to 18 words: 9.7 µs and 27 bytes a message. SQLite's own words (unicode61) take 12 µs and 53
// bytes, and find nothing inside Chinese; its trigrams take 36 µs and 94 bytes, and find nothing shorter than three characters.
// As for LIMIT n + 0, see log.go.
const (
	searchForm = 2 // counts up when eachToken or a scope changes

	selectReaches = `SELECT reaches FROM search_state WHERE form = $1`
	upsertReaches = `INSERT INTO search_state (form, reaches) VALUES ($1, $2) ON CONFLICT (form) DO UPDATE SET reaches = excluded.reaches`
	selectNewer   = `SELECT rowid, ` + eventColumns + ` FROM events WHERE rowid > $1 ORDER BY rowid LIMIT $2 + 0`
	selectEnd     = `SELECT rowid FROM events ORDER BY rowid DESC LIMIT 1`
	selectSaid    = `SELECT at FROM events WHERE rowid >= $1 ORDER BY rowid LIMIT 1`
	// An indexed message whose text is about to change, with what the index knows of it.
	selectIndexed = `SELECT rowid, user_id, body FROM events WHERE room = $1 AND seq = $2 AND kind = 1 AND deleted = 0 ` +
		`AND rowid <= (SELECT reaches FROM search_state WHERE form = $3)`

	insertWords = `INSERT INTO search (rowid, words) VALUES ($1, $2)`
	deleteWords = `INSERT INTO search (search, rowid, words) VALUES ('delete', $1, $2)`
	// A step of merging what was written before, of so many pages of 4 KiB at most. With each batch this many are written anew.
	mergeWords = `INSERT INTO search (search, rank) VALUES ('merge', 16)`

	deleteForms = `DELETE FROM search_state WHERE form <> $1`
	deleteIndex = `INSERT INTO search (search) VALUES ('delete-all')`

	selectTail = `SELECT rowid, ` + eventColumns + ` FROM events WHERE rowid > $1 AND rowid < $2 ORDER BY rowid DESC LIMIT $3 + 0`
	// The JOIN is a CROSS one to keep SQLite from beginning with the events.
	selectFound = foundBefore + foundAfter
	foundBefore = `SELECT e.rowid, e.room, e.seq, e.kind, e.user_id, e.user_name, e.client_id, e.body, e.emoji, e.is_on, ` +
		`e.reply_to, e.of_seq, e.edited, e.deleted, e.at FROM search CROSS JOIN events e ON e.rowid = search.rowid ` +
		`WHERE search MATCH $1 AND search.rowid > $2 AND search.rowid < $3`
	foundAfter = ` ORDER BY search.rowid DESC LIMIT $4 + 0`
	// The same of messages with files, which are few: the database passes by the others.
	selectFiled   = foundBefore + ` AND EXISTS (SELECT 1 FROM files f WHERE f.room = e.room AND f.seq = e.seq AND f.seq > 0)` + foundAfter
	selectHasFile = `SELECT count(*) FROM files WHERE room = $1 AND seq = $2 AND seq > 0`
)

// Words of the index that no text can have, as they begin with a sign.
const (
	inRoom   = "#" // and the room's name
	byUser   = "." // and the author's id
	forUser  = "@" // and the id of one of the two who may read a private message
	forWhole = "=all"
	inBlock  = "=" // and which 65,536 events it is among: FTS5 would look through the whole log for words that never meet
)

const blockBits = 16

func blockToken(block int64) string { return inBlock + strconv.FormatInt(block, 10) }

// indexed returns what the index holds of a message, each word once, in order. at is the rowid of its event. Where its text can't be
// taken apart, it is found by its author and time alone, and the error is an errNoUnits.
func indexed(at int64, room chat.RoomName, user chat.UserID, body string) ([]string, error) {
	tokens := []string{roomToken(room), byUser + string(user), blockToken(at >> blockBits)}
	if a, b, ok := room.Pair(); ok {
		tokens = append(tokens, forUser+string(a), forUser+string(b))
	} else if !room.IsClosed() { // who may read that changes: it is asked for by its name
		tokens = append(tokens, forWhole)
	}
	of, err := units(body)
	eachToken(of, func(token string) { tokens = append(tokens, token) })
	slices.Sort(tokens)
	return slices.Compact(tokens), err
}

// without returns the words that are not among others; both are in order.
func without(words, others []string) (rest []string) {
	for _, word := range words {
		if _, there := slices.BinarySearch(others, word); !there {
			rest = append(rest, word)
		}
	}
	return rest
}

// roomToken is the word for where a message was said. The mark of a closed room is no character of words.
func roomToken(room chat.RoomName) string {
	if room.IsClosed() {
		return inRoom + inBlock + string(room[1:])
	}
	return inRoom + string(room)
}

// asked writes what a search asks the index for. letIn are the closed rooms that its reader was let into.
func asked(s *chat.Search, w wanted, letIn map[chat.RoomName]bool) string {
	var tokens []string
	for _, word := range w {
		rarest(word, func(token string) { tokens = append(tokens, token) })
	}
	var parts, authors []string
	if s.From != "" {
		authors = append(authors, byUser+string(s.From))
	}
	for _, once := range s.Once {
		authors = append(authors, byUser+string(once))
	}
	if len(authors) > 0 {
		parts = append(parts, anyOf(authors))
	}
	if s.Room != "" {
		return strings.Join(append(parts, quoted(append(tokens, roomToken(s.Room)))), ` AND `)
	}
	scopes := []string{forWhole, forUser + string(s.Reader)}
	for room := range letIn {
		scopes = append(scopes, roomToken(room))
	}
	if len(tokens) > 0 {
		parts = append(parts, quoted(tokens))
	}
	return strings.Join(append(parts, anyOf(scopes)), ` AND `)
}

// among writes that a search is for events from one block to another.
func among(match string, first, last int64) string {
	var blocks []string
	for block := last; block >= first; block-- {
		blocks = append(blocks, blockToken(block))
	}
	return match + ` AND ` + anyOf(blocks)
}

// quoted writes that a message has all of some tokens, and anyOf that it has one of them.
func quoted(tokens []string) string { return `"` + strings.Join(tokens, `" AND "`) + `"` }
func anyOf(tokens []string) string  { return `("` + strings.Join(tokens, `" OR "`) + `")` }

// searchStatements are those that run often.
type searchStatements struct {
	reaches, tail, found, filed, hasFile, end, said               *sql.Stmt // on read
	reached, last, newer, setReaches, isIndexed, add, take, merge *sql.Stmt // on writer
}

// texts are what they are prepared from.
func (p *searchStatements) texts(s *Store) []toPrepare {
	return []toPrepare{
		{s.read, &p.reaches, selectReaches},
		{s.read, &p.tail, selectTail},
		{s.read, &p.found, selectFound},
		{s.read, &p.filed, selectFiled},
		{s.read, &p.hasFile, selectHasFile},
		{s.read, &p.end, selectEnd},
		{s.read, &p.said, selectSaid},
		{s.writer, &p.reached, selectReaches},
		{s.writer, &p.last, selectEnd},
		{s.writer, &p.newer, selectNewer},
		{s.writer, &p.setReaches, upsertReaches},
		{s.writer, &p.isIndexed, selectIndexed},
		{s.writer, &p.add, insertWords},
		{s.writer, &p.take, deleteWords},
		{s.writer, &p.merge, mergeWords},
	}
}
