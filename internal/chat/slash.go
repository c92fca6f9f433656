package chat

import "strings"

// Slash is a command that people type: a line that begins with a slash, and its name. Clients make of it a frame or an act of their
// own; the server takes a text that begins with a slash as what it is, a text. Page and terminal both go by [Slashes].
type Slash struct {
	Name string
	// Args are the words that follow the name, each for something to be put in. One in [brackets] may be left out.
	Args string
	Help string // what it does, in a line; the pages have it in each language as the word "slash.NAME"
	// Where is the one client that has it, "" for all.
	Where string
	// Moderators says that it is of use to them alone. Whether one may is decided by the server, not here.
	Moderators bool
}

// The clients that a [Slash] may be of alone.
const (
	SlashPage     = "page"
	SlashTerminal = "terminal"
)

// Slashes are the commands, in the order in which /help tells them.
var Slashes = []Slash{
	{Name: "help", Help: "this list"},
	{Name: "me", Args: "text", Help: "say what you do"},
	{Name: "msg", Args: "NAME text", Help: "say something to one person alone"},
	{Name: "r", Args: "text", Help: "answer the latest private message"},
	{Name: "shrug", Args: "[text]", Help: "shrug your shoulders"},
	{Name: "nick", Args: "NAME", Help: "go by another name"},
	{Name: "join", Args: "ROOM", Help: "go into a room, or turn to one that you are in"},
	{Name: "leave", Args: "[ROOM]", Help: "leave this room or another"},
	{Name: "rooms", Help: "which rooms there are"},
	{Name: "who", Help: "who is here"},
	{Name: "whois", Args: "NAME", Help: "who somebody is"},
	{Name: "away", Args: "[text]", Help: "say that you are away, until you write again"},
	{Name: "back", Help: "say that you are here again"},
	{Name: "ignore", Args: "[NAME]", Help: "hide what somebody says; without a name: whom you ignore"},
	{Name: "unignore", Args: "NAME", Help: "see again what somebody says"},
	{Name: "topic", Args: "text", Help: "say what this room is about"},
	{Name: "search", Args: "words", Help: "find messages; from:NAME, has:file, before:DATE and after:DATE narrow it"},
	{Name: "invite", Args: "[NAME]", Help: "how others come here; with a name: ask somebody into this room"},
	{Name: "remove", Args: "NAME", Help: "take somebody out of this room, where you look after it"},
	{Name: "password", Args: "text", Help: "give this room another password, where you look after it"},
	{Name: "clear", Help: "empty the screen; nothing is deleted"},
	{Name: "kick", Args: "NAME [reason]", Help: "remove somebody from the chat", Moderators: true},
	{Name: "ban", Args: "NAME [time]", Help: "keep somebody out, for a time like 10m, 2h or 7d or until /unban", Moderators: true},
	{Name: "unban", Args: "NAME", Help: "let somebody in again", Moderators: true},
	{Name: "quit", Help: "end (so do Ctrl-C and Ctrl-D)", Where: SlashTerminal},
}

// Usage is how the command is typed: "/msg NAME text".
func (s *Slash) Usage() string { return strings.TrimRight("/"+s.Name+" "+s.Args, " ") }

// NeedsText reports whether the command is of no use by itself.
func (s *Slash) NeedsText() bool { return s.Args != "" && s.Args[0] != '[' }

// IsIn reports whether a client has the command.
func (s *Slash) IsIn(client string) bool { return s.Where == "" || s.Where == client }

// Shrug is what /shrug says.
const Shrug = `¯\_(ツ)_/¯`

// FindSlash returns the command that a client has by a name, whatever its case, and nil where there is none.
func FindSlash(client, name string) *Slash {
	for i := range Slashes {
		if s := &Slashes[i]; s.IsIn(client) && strings.EqualFold(s.Name, name) {
			return s
		}
	}
	return nil
}

// NearestSlash returns the command that somebody may have meant who typed a name that is none, "" where none is near. The page's
// model/slash.js finds the same.
func NearestSlash(client, typed string) string {
	typed = strings.ToLower(typed)
	found, least := "", 3 // letters that may be wrong, and fewer than half of them
	for i := range Slashes {
		s := &Slashes[i]
		if !s.IsIn(client) {
			continue
		}
		if d := distance(typed, s.Name); d < least && 2*d <= len(s.Name) {
			found, least = s.Name, d
		}
	}
	return found
}

// distance is how many letters have to be put in, left out, changed or swapped with the next one to make b of a.
func distance(a, b string) int {
	if len(a) > 2*len(b)+2 { // far, however far
		return len(a)
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	before, last, now := rows[0], rows[1], rows[2]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
