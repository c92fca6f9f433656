package chat

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Mentions are whom a message means by an @ and their name, or by @here. It is worked out once, when the message is stored, and kept
// beside it: names change.
type Mentions struct {
	Users []Mention // in the order of the text, each spelling once; never the author
	Here  bool      // @here: everybody who was in the room
	There []UserID  // of an event on its way to the log, where Here is set: who they are. Nothing that is read has it
}

// Mention is somebody who is meant.
type Mention struct {
	User UserID
	Name string // as the text has it, without the sign
}

const (
	hereName     = "here" // nobody can have it for a name
	mentionsMost = 20     // signs in a message that are looked at
	spellings    = 400    // that are looked up for them
	// hereMost is how many @here may mean. In a larger room it means nobody: everybody would be called by everybody.
	hereMost = 100
	nameMost = 33 // characters behind a sign that are looked at: a name has 32
)

// MentionPlace is where a list of mentions goes on: the last that was listed. Its zero value is the beginning.
type MentionPlace struct {
	Time time.Time
	Room RoomName
	Seq  int64
}

// String is the place as clients are given it.
func (p MentionPlace) String() string {
	return fmt.Sprintf("%d.%d.%s", p.Time.UnixMilli(), p.Seq, p.Room)
}

// mentionPlace reads what String wrote.
func mentionPlace(s string) (p MentionPlace, err error) {
	if s == "" {
		return p, nil
	}
	at, rest, _ := strings.Cut(s, ".")
	seq, room, cut := strings.Cut(rest, ".")
	ms, badTime := strconv.ParseInt(at, 10, 64)
	n, badSeq := strconv.ParseInt(seq, 10, 64)
	if !cut || badTime != nil || badSeq != nil || len(room) > 2*maxRoomName {
		return p, Errorf(CodeBadRequest, "This is no place where a list of mentions goes on. Leave it out to begin with the latest.")
	}
	return MentionPlace{Time: time.UnixMilli(ms).UTC(), Room: RoomName(room), Seq: n}, nil
}

// Means reports whether the user is meant by name.
func (m *Mentions) Means(user UserID) bool {
	if m == nil {
		return false
	}
	for i := range m.Users {
		if m.Users[i].User == user {
			return true
		}
	}
	return false
}

// At returns how long the mention is that begins at an index of text, its sign included, and whom it means, "" for everybody who was
// there. It is 0 long where there is none.
func (m *Mentions) At(text string, at int) (length int, user UserID) {
	if m == nil || !BeginsMention(text, at) {
		return 0, ""
	}
	rest := text[at+1:]
	for i := range m.Users {
		one := &m.Users[i]
		if len(one.Name) > length && strings.HasPrefix(rest, one.Name) && endsWord(rest, len(one.Name)) {
			length, user = len(one.Name), one.User
		}
	}
	if length == 0 && m.Here && isHere(rest) {
		length = len(hereName)
	}
	if length == 0 {
		return 0, ""
	}
	return 1 + length, user
}

// listMentions answers who asks for messages that mean them.
func (m *Member) listMentions(ctx context.Context, cmd *Command) error {
	before, err := mentionPlace(cmd.Place)
	if err != nil {
		return err
	}
	limit := min(cmd.Limit, SearchMost)
	if limit <= 0 {
		limit = SearchPage
	}
	if err := m.hub.beginReading(ctx); err != nil {
		return err
	}
	defer m.hub.endReading()
	user := m.User().ID
	events, err := m.hub.opts.Shelf.Mentions(ctx, user, before, limit+1)
	if err != nil {
		return err
	}
	reply := &Reply{Kind: ReplyMentions, Of: cmd.Kind, Ref: cmd.Ref}
	if len(events) > limit {
		events = events[:limit]
		last := &events[limit-1]
		reply.Place = MentionPlace{Time: last.Time, Room: last.Room, Seq: last.Seq}.String()
	}
	for i := range events {
		e := &events[i]
		reply.Found.Hits = append(reply.Found.Hits, Hit{Event: *e, Snippet: e.Mentions.snippet(e.Text, user)})
	}
	m.weigh(events)
	m.Reply(reply)
	return nil
}

// snippetPart is how much is shown of what stands before a mention, and three times as much of what stands behind it. Bytes.
const snippetPart = 80

// snippet cuts out of a text what stands around the first mention of a user, or of everybody who was there.
func (m *Mentions) snippet(text string, user UserID) []string {
	begin, end := 0, 0
	for at := strings.IndexByte(text, '@'); at >= 0; {
		if n, means := m.At(text, at); n > 0 && (means == user || means == "") {
			begin, end = at, at+n
			break
		}
		next := strings.IndexByte(text[at+1:], '@')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	before, after := text[:begin], text[end:]
	if len(before) > snippetPart {
		cut := len(before) - snippetPart
		for cut < len(before) && !utf8.RuneStart(before[cut]) {
			cut++
		}
		before = "…" + before[cut:]
	}
	if len(after) > 3*snippetPart {
		cut := 3 * snippetPart
		for !utf8.RuneStart(after[cut]) {
			cut--
		}
		after = after[:cut] + "…"
	}
	return []string{before, text[begin:end], after}
}

// mentions finds whom a text means. A text without the sign costs nothing.
func (m *Member) mentions(ctx context.Context, name RoomName, text string) (*Mentions, error) {
	at := strings.IndexByte(text, '@')
	if at < 0 {
		return nil, nil
	}
	found := &Mentions{}
	begins, names := found.look(text, at)
	if len(names) == 0 && !found.Here {
		return nil, nil
	}
	users, err := m.hub.opts.People.ByNames(ctx, names)
	if err != nil {
		return nil, err
	}
	author := m.User().ID
	for i := 0; i < len(names); {
		next := i + 1
		for next < len(names) && begins[next] == begins[i] {
			next++
		}
		for k := next - 1; k >= i; k-- { // the longest first: Mary Ann before Mary
			if users[k].ID != "" {
				found.add(Mention{users[k].ID, names[k]}, author, name)
				break
			}
		}
		i = next
	}
	if found = m.hub.marked(text, found); found == nil {
		return nil, nil
	}
	if found.Here {
		found.There = m.hub.hereBut(name, author)
		found.Here = found.There != nil
	}
	if !found.Here && len(found.Users) == 0 {
		return nil, nil
	}
	return found, nil
}

// marked leaves of those whom a text means the ones who are marked in it: nobody is meant within code, or in an address.
func (h *Hub) marked(text string, found *Mentions) *Mentions {
	if h.opts.Renderer == nil {
		return found
	}
	return h.opts.Renderer.Marked(&Event{Kind: KindMessage, Text: text, Mentions: found})
}

// look finds the signs in a text, from the first on, and what may be a name behind each: whatever ends where a word does, the shortest
// first. begins tells which of them have the same sign.
func (m *Mentions) look(text string, at int) (begins []int, names []string) {
	for signs := 0; signs < mentionsMost && len(names) < spellings; signs++ {
		if rest := text[at+1:]; BeginsMention(text, at) && isHere(rest) {
			m.Here = true
		} else if BeginsMention(text, at) {
			begins, names = appendNames(begins, names, at, rest)
		}
		next := strings.IndexByte(text[at+1:], '@')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return begins, names
}

// appendNames appends what may be a name at the beginning of a text.
func appendNames(begins []int, names []string, at int, rest string) ([]int, []string) {
	characters := 0
	for i, r := range rest {
		if i > 0 && !unicode.IsSpace(lastRune(rest[:i])) && endsWord(rest, i) {
			begins, names = append(begins, at), append(names, rest[:i])
		}
		if !unicode.IsMark(r) && r != zeroWidthJoiner {
			characters++
		}
		if r == '\n' || i == 0 && unicode.IsSpace(r) || characters > nameMost {
			return begins, names
		}
	}
	if rest != "" && !unicode.IsSpace(lastRune(rest)) {
		begins, names = append(begins, at), append(names, rest)
	}
	return begins, names
}

// add notes somebody who is meant, unless they wrote it themselves or may not know of the room.
func (m *Mentions) add(one Mention, author UserID, name RoomName) {
	if one.User == author || name.IsDirect() && !name.ReadableBy(one.User) {
		return
	}
	for i := range m.Users {
		if m.Users[i] == one {
			return
		}
	}
	m.Users = append(m.Users, one)
}

// hereBut returns who is in a room now besides the author, nil where they are too many to be meant.
func (h *Hub) hereBut(name RoomName, author UserID) []UserID {
	if name.IsDirect() {
		return []UserID{name.Peer(author)}
	}
	users, count := h.Here(name)
	if count > hereMost {
		return nil
	}
	there := make([]UserID, 0, len(users))
	for i := range users {
		if users[i].ID != author {
			there = append(there, users[i].ID)
		}
	}
	return there
}

// isHere reports whether a text behind the sign begins with the word that means everybody.
func isHere(rest string) bool {
	return len(rest) >= len(hereName) && strings.EqualFold(rest[:len(hereName)], hereName) && endsWord(rest, len(hereName))
}

// BeginsMention reports whether a sign stands where a word may begin: not in an address of mail or of the web.
// static/js/model/complete.js has the same rule.
func BeginsMention(text string, at int) bool {
	if text[at] != '@' {
		return false
	}
	before := lastRune(text[:at])
	return at == 0 || !strings.ContainsRune("_:@/.-", before) && (!isWordRune(before) || isSpaceless(before))
}

// endsWord reports whether a word may end before an index of a text.
func endsWord(text string, at int) bool {
	if at >= len(text) {
		return true
	}
	after, _ := utf8.DecodeRuneInString(text[at:])
	before := lastRune(text[:at])
	switch {
	case unicode.IsMark(after), after == zeroWidthJoiner, before == zeroWidthJoiner, after >= 0x1F3FB && after <= 0x1F3FF:
		return false // within what people see as one character
	case isSpaceless(before), isSpaceless(after):
		return true
	default:
		return !isWordRune(before) || !isWordRune(after)
	}
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func isWordRune(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
}

// isSpaceless reports whether a character is of a script that puts no space between words.
func isSpaceless(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer,
		unicode.Myanmar)
}
