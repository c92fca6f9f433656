package wire

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/chat"
)

// About is what an export says of itself.
type About struct {
	Chat  string // its name
	Room  chat.RoomName
	Title string // how people call the room
	User  chat.User
	Time  time.Time
	Words ExportWords
}

// ExportWords are what an export says in its reader's language. {names} in them are filled in.
type ExportWords struct {
	Lang, By, Edited, Deleted, Count string

	Topic, NoTopic, Pinned, Unpinned string // what somebody did to the room
	Gone                             string // of a file that has been removed
}

// EnglishExport are the words where nobody has a language.
var EnglishExport = ExportWords{
	Lang: "en", By: "Saved on {time} (UTC). All times are UTC.", Edited: "edited", Deleted: "This message was deleted.", Count: "Messages: {n}",
	Topic: "{name} changed the topic: {text}", NoTopic: "{name} took the topic away", Pinned: "{name} pinned a message", Unpinned: "{name} unpinned a message",
	Gone: "no longer kept",
}

// Export writes a room's messages, topics and pins as a file, in one of [ExportFormats]: Begin, then Append for all of them in their
// order, with the names of those who reacted, then End. It keeps nothing of what it wrote.
type Export interface {
	MIME() string
	Begin(dst []byte) []byte
	Append(dst []byte, e *chat.Event, names map[chat.UserID]string) []byte
	End(dst []byte) []byte
}

// ExportFormats are the endings of files that [NewExport] makes.
var ExportFormats = []string{"html", "json", "txt"}

// NewExport returns what writes a file with an ending, nil where it is none of [ExportFormats].
func NewExport(format string, about About) Export {
	switch format {
	case "html":
		return &exportHTML{exported: exported{about: about}}
	case "json":
		return &exportJSON{exported: exported{about: about}}
	case "txt":
		return &exportText{exported{about: about}}
	}
	return nil
}

// exported is what each format goes by.
type exported struct {
	about About
	n     int    // messages
	day   string // of the last message
}

// begins reports whether an event is the first of its day, and counts messages.
func (x *exported) begins(e *chat.Event) bool {
	if e.Kind == chat.KindMessage {
		x.n++
	}
	day := e.Time.Format(time.DateOnly)
	first := day != x.day
	x.day = day
	return first
}

// fact says what somebody did to the room.
func (x *exported) fact(e *chat.Event) string {
	words := x.about.Words.Topic
	switch {
	case e.Kind == chat.KindPin && e.On:
		words = x.about.Words.Pinned
	case e.Kind == chat.KindPin:
		words = x.about.Words.Unpinned
	case e.Text == "":
		words = x.about.Words.NoTopic
	}
	return strings.NewReplacer("{name}", e.User.Name, "{text}", e.Text).Replace(words)
}

// file is a file's name and size.
func (x *exported) file(f *chat.File) string {
	about := string(AppendSize(nil, f.Size))
	if f.Gone {
		about += ", " + x.about.Words.Gone
	}
	return f.Name + " (" + about + ")"
}

// reacted lists who set an emoji: those whose names are known.
func reacted(r *chat.Reaction, names map[chat.UserID]string) string {
	var known []string
	for _, id := range r.Users {
		if name := names[id]; name != "" {
			known = append(known, name)
		}
	}
	return strings.Join(known, ", ")
}

// heading is what stands above the messages.
func (x *exported) heading() string {
	if x.about.Room.IsDirect() || x.about.Room.IsClosed() {
		return x.about.Title
	}
	return "# " + x.about.Title
}

func (x *exported) by() string {
	return strings.ReplaceAll(x.about.Words.By, "{time}", x.about.Time.UTC().Format("2006-01-02 15:04"))
}

func (x *exported) count() string {
	return strings.ReplaceAll(x.about.Words.Count, "{n}", strconv.Itoa(x.n))
}

// exportJSON has the messages as they are in the answer to history, and topics and pins as they are told, one per line.
type exportJSON struct {
	exported

	events int
}

func (*exportJSON) MIME() string { return "application/json" }

func (x *exportJSON) Begin(dst []byte) []byte {
	dst = appendKeyString(append(dst, '{'), `"chat":`, x.about.Chat)
	dst = appendKeyString(appendKeyString(dst, `,"room":`, string(x.about.Room)), `,"title":`, x.about.Title)
	if x.about.User.ID != "" {
		dst = append(appendKeyString(appendString(append(dst, `,"by":{"user":`...), string(x.about.User.ID)), `,"name":`, x.about.User.Name), '}')
	}
	return append(appendKeyTime(dst, `,"time":`, x.about.Time), `,"messages":[`...)
}

func (x *exportJSON) Append(dst []byte, e *chat.Event, names map[chat.UserID]string) []byte {
	dst = appendEvent(append(appendComma(dst, x.events), '\n'), e)
	x.events++
	x.begins(e)
	if len(e.Reactions) > 0 {
		dst = append(appendNames(dst[:len(dst)-1], e.Reactions, names), '}')
	}
	return dst
}

// appendNames appends what those are called who reacted, each once, as another member of a message.
func appendNames(dst []byte, reactions []chat.Reaction, names map[chat.UserID]string) []byte {
	var said []chat.UserID
	dst = append(dst, `,"names":{`...)
	for _, r := range reactions {
		for _, id := range r.Users {
			if names[id] == "" || slices.Contains(said, id) {
				continue
			}
			dst = append(appendString(appendComma(dst, len(said)), string(id)), ':')
			dst = appendString(dst, names[id])
			said = append(said, id)
		}
	}
	return append(dst, '}')
}

func (x *exportJSON) End(dst []byte) []byte {
	return append(appendKeyInt(append(dst, '\n', ']'), `,"count":`, int64(x.n)), "}\n"...)
}

// exportText is for reading without anything: a heading for each day, then a line for each message, with further lines further in.
type exportText struct{ exported }

func (*exportText) MIME() string { return "text/plain; charset=utf-8" }

func (x *exportText) Begin(dst []byte) []byte {
	return append(dst, oneLine(x.heading()+" – "+x.about.Chat)+"\n"+x.by()+"\n"...)
}

func (x *exportText) Append(dst []byte, e *chat.Event, names map[chat.UserID]string) []byte {
	if x.begins(e) {
		dst = append(append(append(dst, "\n== "...), x.day...), " ==\n"...)
	}
	if e.Kind != chat.KindMessage {
		return append(append(e.Time.UTC().AppendFormat(dst, "15:04:05 * "), oneLine(x.fact(e))...), '\n')
	}
	dst = append(e.Time.UTC().AppendFormat(dst, "15:04:05 "), oneLine(e.User.Name)+": "...)
	if e.Deleted != 0 {
		return append(append(dst, x.about.Words.Deleted...), '\n')
	}
	if q := e.Quote; q != nil {
		said := q.Text
		if q.Deleted {
			said = x.about.Words.Deleted
		}
		dst = append(dst, oneLine("> "+q.User.Name+": "+said)+"\n         "...)
	}
	dst = append(dst, further(e.Text)...)
	for i := range e.Files {
		if i > 0 || e.Text != "" {
			dst = append(dst, "\n         "...)
		}
		dst = append(dst, "["+oneLine(x.file(&e.Files[i]))+"]"...)
	}
	if e.Edited != 0 {
		dst = append(append(append(dst, " ("...), x.about.Words.Edited...), ')')
	}
	dst = append(dst, '\n')
	for i := range e.Reactions {
		r := &e.Reactions[i]
		dst = strconv.AppendInt(append(dst, "         "+oneLine(r.Emoji)+" "...), int64(len(r.Users)), 10)
		if by := reacted(r, names); by != "" {
			dst = append(dst, ": "+oneLine(by)...)
		}
		dst = append(dst, '\n')
	}
	return dst
}

// further has all lines of a text but the first further in, so that no text can look like another message.
func further(text string) string {
	return strings.ReplaceAll(visible(lineEnds.Replace(text)), "\n", "\n         ")
}

// oneLine keeps on its line what has one of its own.
func oneLine(s string) string { return strings.ReplaceAll(visible(lineEnds.Replace(s)), "\n", " ") }

// lineEnds are what some programs take for the end of a line.
var lineEnds = strings.NewReplacer("\u2028", "\n", "\u2029", "\n")

func (x *exportText) End(dst []byte) []byte { return append(dst, "\n"+x.count()+"\n"...) }

// ExportName is what a file of an export is called: what people call the room, and the day. What file systems may not like is left out.
func ExportName(about *About, format string) string {
	title := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || strings.ContainsRune(`/\:*?"<>|.`, r) {
			return '-'
		}
		return r
	}, about.Title)
	return strings.TrimSpace(title) + " " + about.Time.UTC().Format(time.DateOnly) + "." + format
}

// IsExportFormat reports whether [NewExport] makes files with an ending.
func IsExportFormat(format string) bool { return slices.Contains(ExportFormats, format) }
