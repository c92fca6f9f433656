package cli

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"parley/internal/client"
	"parley/internal/wire"
)

// style is how lines look: in colour or not, and in which time zone.
type style struct {
	colour bool
	zone   *time.Location
}

// The terminal's own colours, so that they suit its background.
const (
	styleDim   = "2"
	styleBold  = "1"
	styleError = "31"
)

// paint gives text a style, where there is colour.
func (s style) paint(code, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// name writes a user's name, always in the same colour: red to cyan, the six that are readable on dark and on light.
func (s style) name(u client.User, own bool) string {
	if own {
		return s.paint(styleBold, person(u))
	}
	sum := fnv.New32a()
	sum.Write([]byte(u.ID))
	return s.paint(fmt.Sprint(31+sum.Sum32()%6), person(u))
}

// person is how a user is called; who has no name that we know is called by their id.
func person(u client.User) string {
	if name := cleanLine(u.Name); name != "" {
		return isolate(name)
	}
	return cleanLine(u.ID)
}

func (s style) clock(t time.Time) string { return s.paint(styleDim, t.In(s.zone).Format("15:04")) }

// message writes a message. Its further lines are indented, so that none can pass for somebody else's. place says in which room,
// where that isn't plain.
func (s style) message(m client.Message, place string) string {
	text := indent(clean(m.Text))
	for _, f := range m.Files {
		if text != "" {
			text += "\n      "
		}
		text += s.file(f)
	}
	if m.Deleted {
		text = s.paint(styleDim, "(deleted)")
	}
	if m.Edited {
		text += s.paint(styleDim, " (edited)")
	}
	who := s.name(m.User, m.Own)
	var head string
	switch action, isAction := strings.CutPrefix(text, "/me "); {
	case m.Peer.ID != "" && m.Own:
		head = fmt.Sprintf("[you → %s] ", s.name(m.Peer, false))
	case m.Peer.ID != "":
		head = fmt.Sprintf("[%s → you] ", who)
	case isAction:
		head, text = fmt.Sprintf("* %s ", who), action
	default:
		head = who + ": "
	}
	if action, isAction := strings.CutPrefix(text, "/me "); isAction { // in private
		head, text = head+"* "+who+" ", action
	}
	if m.Quote != nil && !m.Deleted {
		text = s.quote(m.Quote) + "\n      " + text
	}
	return s.clock(m.Time) + " " + s.place(place) + head + text
}

// quote writes what a message answers, in a line.
func (s style) quote(q *client.Quote) string {
	said := cleanLine(q.Text)
	if q.Deleted {
		said = "(deleted)"
	}
	return s.paint(styleDim, "> "+person(q.User)+": "+said)
}

// file writes a file of a message: its name, its size, and where to get it.
func (s style) file(f client.File) string {
	where := " " + cleanLine(f.URL)
	if f.URL == "" {
		where = " (removed)"
	}
	return isolate(cleanLine(f.Name)) + s.paint(styleDim, " "+string(wire.AppendSize(nil, f.Size))+where)
}

// hit writes a message that was found: when, where, who, and a piece of it.
func (s style) hit(h client.Hit) string {
	where := "#" + cleanLine(h.Room)
	if client.IsPrivate(h.Room) {
		where = "private"
	}
	var text strings.Builder
	for i, part := range h.Snippet {
		if part = strings.ReplaceAll(clean(part), "\n", " "); i%2 == 1 {
			part = s.paint(styleBold, part)
		}
		text.WriteString(part)
	}
	return s.paint(styleDim, h.Time.In(s.zone).Format("2006-01-02 15:04")+" "+where) + " " + s.name(h.User, false) + ": " + text.String()
}

// changed writes that a message was edited or deleted.
func (s style) changed(c client.Changed, place string) string {
	what := " deleted a message"
	if !c.Deleted {
		what = " edited: " + indent(clean(c.Text))
	}
	return s.clock(c.Time) + " " + s.place(place) + "* " + s.name(c.User, false) + what
}

func (s style) system(place, text string) string {
	return s.place(place) + s.paint(styleDim, "system: "+text)
}

func (s style) error(text string) string { return s.paint(styleError, "error: ") + text }

func (s style) place(room string) string {
	if room == "" {
		return ""
	}
	return s.paint(styleDim, "#"+cleanLine(room)) + " "
}

// indent moves all lines but the first behind the time.
func indent(text string) string {
	return strings.ReplaceAll(strings.TrimRight(text, "\n "), "\n", "\n      ")
}

// people lists names: "Ada, Bob and Cleo".
func people(users []client.User) string {
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = person(u)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
