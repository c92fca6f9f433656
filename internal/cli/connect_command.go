package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/chat"
)

// entry is a line that a person entered: something to say, or a command.
type entry struct {
	command string        // without the slash; "" is something to say here
	to      string        // of msg, kick, ban and unban
	text    string        // what to say, or the command's argument
	long    time.Duration // of ban, 0 until unban
}

// helpLines say what /help tells: each command, how it is typed and what it does.
func helpLines(moderator bool) (lines [][2]string) {
	for i := range chat.Slashes {
		if s := &chat.Slashes[i]; s.IsIn(chat.SlashTerminal) && (moderator || !s.Moderators) {
			lines = append(lines, [2]string{s.Usage(), s.Help})
		}
	}
	return append(lines, [2]string{"//text", "say something that begins with a slash"})
}

// parseEntry reads a line. names are those of people who may be meant: a name can hold spaces, and then needs no quotes if it is
// one of them.
func parseEntry(line string, names []string) (entry, error) {
	if !strings.HasPrefix(line, "/") || strings.HasPrefix(line, "//") {
		return entry{text: strings.TrimPrefix(line, "/")}, nil
	}
	command, argument, _ := strings.Cut(line[1:], " ")
	s := chat.FindSlash(chat.SlashTerminal, command)
	if s == nil {
		return entry{}, unknownCommand(cleanLine(command))
	}
	e := entry{command: s.Name, text: strings.TrimSpace(argument)}
	if say := missing[s.Name]; say != "" && e.text == "" {
		return e, errors.New(say)
	}
	switch s.Name {
	case "me":
		return entry{text: "/me " + e.text}, nil
	case "shrug":
		return entry{text: strings.TrimPrefix(e.text+" "+chat.Shrug, " ")}, nil
	case "msg":
		if e.to, e.text = splitName(e.text, names); e.to == "" || e.text == "" {
			return e, errors.New(missing["msg"])
		}
	case "whois", "ignore", "unignore", "invite":
		if e.text != "" {
			e.text, _ = splitName(e.text+" ", names)
		}
	case "kick", "ban", "unban":
		return parseOrder(e, names)
	case "join", "leave":
		if e.text == "" && s.Name == "leave" {
			return e, nil
		}
		var err error
		e.text, err = roomName(e.text)
		return e, err
	}
	return e, nil
}

// parseOrder reads whom a moderator's command is of, and for how long or why.
func parseOrder(e entry, names []string) (entry, error) {
	if e.to, e.text = splitName(e.text+" ", names); e.command != "ban" || e.text == "" {
		return e, nil
	}
	number, unit := e.text[:len(e.text)-1], e.text[len(e.text)-1:]
	of := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[unit]
	n, err := strconv.Atoi(number)
	if err != nil || of == 0 || n < 1 || n > 9999 {
		return e, errors.New(missing["ban"])
	}
	e.long, e.text = time.Duration(n)*of, ""
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
		return "", fmt.Errorf("a room's name is 1 to 48 of a-z 0-9 - _, like #dev")
	}
	return name, nil
}

// splitName parts the name at the beginning of text from the rest.
func splitName(text string, names []string) (name, rest string) {
	if quoted, ok := strings.CutPrefix(text, `"`); ok {
		if name, rest, ok = strings.Cut(quoted, `"`); ok {
			return name, strings.TrimSpace(rest)
		}
	}
	names = slices.SortedFunc(slices.Values(names), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, name := range names {
		if len(text) > len(name) && text[len(name)] == ' ' && strings.EqualFold(text[:len(name)], name) {
			return name, strings.TrimSpace(text[len(name):])
		}
	}
	name, rest, _ = strings.Cut(text, " ")
	return name, strings.TrimSpace(rest)
}
