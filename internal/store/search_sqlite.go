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
// decided by this program and not by SQLite. The names of its files are among them. Beside them it holds who may read the message, where
// it was said, by whom and whether it has files, as words that nobody can write: a search asks for them like for the others, and never
// even passes by what its reader may not read. The rowids grow with the log, so that the latest messages come first without any sorting.
//
// Measured with 100,000 messages of 4 to 18 words: 9.7 µs and 27 bytes a message. SQLite's own words (unicode61) take 12 µs and 53
// bytes, and find nothing inside Chinese; its trigrams take 36 µs and 94 bytes, and find nothing shorter than three characters.
// As for LIMIT n + 0, see log.go.
const (
	searchForm = 4 // counts up when eachToken or a scope changes

	selectReaches = `SELECT reaches FROM search_state WHERE form = $1`
	upsertReaches = `INSERT INTO search_state (form, reaches) VALUES ($1, $2) ON CONFLICT (form) DO UPDATE SET reaches = excluded.reaches`
	selectNewer   = `SELECT rowid, kind, deleted, ` + entryColumns + ` FROM events e WHERE rowid > $1 ORDER BY rowid LIMIT $2 + 0`
	entryColumns  = `room, seq, user_id, body, ` + namesOfFiles
	// What the files of a message are called, a line each; '' where it has none.
	namesOfFiles = `coalesce((SELECT group_concat(f.name, char(10)) FROM files f WHERE f.room = e.room AND f.seq = e.seq AND f.seq > 0), '')`
	selectEnd    = `SELECT rowid FROM events ORDER BY rowid DESC LIMIT 1`
	selectSaid   = `SELECT at FROM events WHERE rowid >= $1 ORDER BY rowid LIMIT 1`
	// An indexed message whose text is about to change, with what the index knows of it.
	selectIndexed = `SELECT rowid, ` + entryColumns + ` FROM events e WHERE room = $1 AND seq = $2 AND kind = 1 AND deleted = 0 ` +
		`AND rowid <= (SELECT reaches FROM search_state WHERE form = $3)`

	insertWords = `INSERT INTO search (rowid, words) VALUES ($1, $2)`
	deleteWords = `INSERT INTO search (search, rowid, words) VALUES ('delete', $1, $2)`
	// A step of merging what was written before, of so many pages of 4 KiB at most. With each batch this many are written anew.
	mergeWords = `INSERT INTO search (search, rank) VALUES ('merge', 16)`

	deleteForms = `DELETE FROM search_state WHERE form <> $1`
	deleteIndex = `INSERT INTO search (search) VALUES ('delete-all')`

	selectTail = `SELECT rowid, ` + namesOfFiles + `, ` + eventColumns + ` FROM events e WHERE rowid > $1 AND rowid < $2 ORDER BY rowid DESC LIMIT $3 + 0`
	// The JOIN is a CROSS one to keep SQLite from beginning with the events.
	selectFound = `SELECT e.rowid, ` + namesOfFiles + `, e.room, e.seq, e.kind, e.user_id, e.user_name, e.client_id, e.body, e.emoji, e.is_on, ` +
		`e.reply_to, e.of_seq, e.edited, e.deleted, e.at FROM search CROSS JOIN events e ON e.rowid = search.rowid ` +
		`WHERE search MATCH $1 AND search.rowid > $2 AND search.rowid < $3 ORDER BY search.rowid DESC LIMIT $4 + 0`
)

// Words of the index that no text can have, as they begin with a sign.
const (
	inRoom   = "#" // and the room's name
	byUser   = "." // and the author's id
	forUser  = "@" // and the id of one of the two who may read a private message
	forAll   = "=all"
	forSome  = "=some" // who are asked for by forUser or inRoom
	withFile = "=file"
)

// blockBits says of how many events a piece of the index is: every word has the number of its block before it. FTS5 looks through the
// whole lists of two words for a message that has both, however few are wanted; cut up, a search stops between two blocks, and what is
// everywhere is found in the latest. With 2^16 events a block a million messages take a tenth more, as words come again in each.
const blockBits = 18

func blockPrefix(block int64) string { return strconv.FormatInt(block, 10) + "=" }

// indexed returns what the index holds of a message but for its block, each word once, in order. Where its text can't be taken apart,
// it is found by its author and time alone, and the error is an errNoUnits.
func (e *entry) indexed() ([]string, error) {
	tokens := []string{roomToken(e.room), byUser + string(e.by)}
	if e.files != "" {
		tokens = append(tokens, withFile)
	}
	switch a, b, private := e.room.Pair(); {
	case private:
		tokens = append(tokens, forSome, forUser+string(a), forUser+string(b))
	case e.room.IsClosed(): // who may read that changes: it is asked for by its name
		tokens = append(tokens, forSome)
	default:
		tokens = append(tokens, forAll)
	}
	of, err := units(withNames(e.text, e.files))
	eachToken(of, func(token string) { tokens = append(tokens, token) })
	slices.Sort(tokens)
	return slices.Compact(tokens), err
}

// withNames is what a message is found by: its text and the names of its files.
func withNames(text, files string) string {
	if files == "" {
		return text
	}
	return text + "\n" + files
}

// inBlock writes words of the message as the index takes them.
func (e *entry) inBlock(words []string) string {
	if len(words) == 0 {
		return ""
	}
	prefix := blockPrefix(e.at >> blockBits)
	return prefix + strings.Join(words, " "+prefix)
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
		return inRoom + "=" + string(room[1:])
	}
	return inRoom + string(room)
}

// asked writes what a search asks one block of the index for. letIn are the closed rooms that its reader was let into.
func asked(block int64, s *chat.Search, w wanted, letIn map[chat.RoomName]bool) string {
	prefix := blockPrefix(block)
	var parts, authors []string
	for _, word := range w {
		rarest(word, func(token string) { parts = append(parts, quoted(prefix+token)) })
	}
	if s.HasFile {
		parts = append(parts, quoted(prefix+withFile))
	}
	if s.Room != "" {
		parts = append(parts, quoted(prefix+roomToken(s.Room)))
	}
	if s.From != "" {
		authors = append(authors, quoted(prefix+byUser+string(s.From)))
	}
	for _, once := range s.Once {
		authors = append(authors, quoted(prefix+byUser+string(once)))
	}
	if len(authors) > 0 {
		parts = append(parts, anyOf(authors))
	}
	if s.Room != "" { // which its reader may read
		return strings.Join(parts, ` AND `)
	}
	own := []string{quoted(prefix + forUser + string(s.Reader))}
	for room := range letIn {
		own = append(own, quoted(prefix+roomToken(room)))
	}
	if len(parts) == 0 {
		return anyOf(append(own, quoted(prefix+forAll)))
	}
	// What comes behind NOT is asked for each message that has the words, and not for each that there is.
	return `(` + strings.Join(parts, ` AND `) + `) NOT (` + quoted(prefix+forSome) + ` NOT ` + anyOf(own) + `)`
}

func quoted(token string) string   { return `"` + token + `"` }
func anyOf(quoted []string) string { return `(` + strings.Join(quoted, ` OR `) + `)` }

// searchStatements are those that run often.
type searchStatements struct {
	reaches, tail, found, end, said                               *sql.Stmt // on read
	reached, last, newer, setReaches, isIndexed, add, take, merge *sql.Stmt // on writer
}

// texts are what they are prepared from.
func (p *searchStatements) texts(s *Store) []toPrepare {
	return []toPrepare{
		{s.read, &p.reaches, selectReaches},
		{s.read, &p.tail, selectTail},
		{s.read, &p.found, selectFound},
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
