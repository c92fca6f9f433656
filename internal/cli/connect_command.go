package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/internal/chat"
)

// entry is a line that a person entered: something to say, or a command.
type entry struct {
	command  string        // without the slash; "" is something to say here
	to       string        // of msg, kick, ban and unban
	text     string        // what to say, or the command's argument
	password string        // of join, where the room has one
	long     time.Duration // of ban, 0 until unban
}

// helpLines say what /help tells: each command, how it is typed and what it does.
func helpLines(moderator bool) (lines [][2]string) {
	for _, s := range slashes(moderator) {
		lines = append(lines, [2]string{s.Usage(), s.Help})
	}
	return append(lines, [2]string{"//text", "say something that begins with a slash"})
}

// slashes are the commands that are told to somebody, who may keep order or not.
func slashes(moderator bool) (told []*chat.Slash) {
	for i := range chat.Slashes {
		if s := &chat.Slashes[i]; s.IsIn(chat.SlashTerminal) && (moderator || !s.Moderators) {
			told = append(told, s)
		}
	}
	return told
}

// parseEntry reads a line. names are those of people who may be meant: a name can hold spaces, and then needs no quotes if it is
// one of them.
func parseEntry(line string, names []string) (entry, error) {
	typed := chat.ReadTyped(chat.SlashTerminal, line)
	s := typed.Slash
	switch {
	case !typed.IsCommand:
		return entry{text: typed.Text}, nil
	case s == nil:
		return entry{}, unknownCommand(cleanLine(typed.Name))
	}
	e := entry{command: s.Name, text: typed.Text}
	if say := missing[s.Name]; say != "" && e.text == "" {
		return e, errors.New(say)
	}
	switch s.Name {
	case "me":
		return entry{text: "/me " + e.text}, nil
	case "shrug":
		return entry{text: strings.TrimPrefix(e.text+" "+chat.Shrug, " ")}, nil
	case "msg":
		if e.to, e.text = chat.SplitName(e.text, names); e.to == "" || e.text == "" {
			return e, errors.New(missing["msg"])
		}
	case "whois", "ignore", "unignore", "invite", "remove":
		e.text, _ = chat.SplitName(e.text, names)
	case "kick", "ban", "unban":
		return parseOrder(e, names)
	case "join", "leave":
		if e.text == "" && s.Name == "leave" {
			return e, nil
		}
		var err error
		if s.Name == "join" && strings.HasPrefix(e.text, "~") {
			e.text, e.password, _ = strings.Cut(e.text, " ")
		}
		e.text, err = roomName(e.text)
		return e, err
	}
	return e, nil
}

// parseOrder reads whom a moderator's command is of, and for how long or why.
func parseOrder(e entry, names []string) (entry, error) {
	if e.to, e.text = chat.SplitName(e.text, names); e.command != "ban" || e.text == "" {
		return e, nil
	}
	if e.long = chat.ReadSpan(e.text); e.long == 0 {
		return e, errors.New(missing["ban"])
	}
	e.text = ""
	return e, nil
}

// missing is what is said of a command without what it needs.
var missing = map[string]string{
	"me":       "say what you do: /me waves",
	"search":   "say what to look for: /search coffee from:Ada",
	"nick":     "say which name: /nick NAME",
	"msg":      `say to whom, and what: /msg NAME text (a name with spaces: /msg "Ada 2" text)`,
	"whois":    "say who: /whois NAME",
	"unignore": "say whom: /unignore NAME",
	"topic":    "say what this room is about: /topic text",
	"remove":   "say whom: /remove NAME",
	"password": "say which: /password text",
	"kick":     "say whom: /kick NAME [reason]",
	"ban":      "say whom: /ban NAME [time], such as 10m, 2h or 7d",
	"unban":    "say whom: /unban NAME",
	"r":        "say what to answer: /r text",
}

// unknownCommand says that there is no such command, which may be meant, and how to say it as text.
func unknownCommand(name string) error {
	maybe := ""
	if near := chat.NearestSlash(chat.SlashTerminal, name); near != "" {
		maybe = "; did you mean /" + near + "?"
	}
	return fmt.Errorf("there is no command /%s%s /help lists them, and //%s says it as text", name, cmp.Or(maybe, ";"), name)
}

// roomName reads a room's name as people write it.
func roomName(text string) (string, error) {
	name := strings.ToLower(strings.TrimPrefix(text, "#"))
	if room := chat.RoomName(name); !room.Public() && !room.IsClosed() {
		return "", errors.New("a room's name is 1 to 48 of a-z 0-9 - _, like #dev")
	}
	return name, nil
}
