package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"parley/internal/chat"
)

// entry is a line that a person entered: something to say, or a command.
type entry struct {
	command string // without the slash; "" is something to say here
	to      string // of msg
	text    string // what to say, or the command's argument
}

// The commands, in the order in which /help tells them.
var commandHelp = [][2]string{
	{"/who", "who is here"},
	{"/msg NAME text", "say something to one person alone"},
	{"/me text", "say what you do"},
	{"/search words", "find messages; from:NAME, before:DATE and after:DATE narrow it"},
	{"/nick NAME", "go by another name"},
	{"/join ROOM", "go into a room, or turn to one that you are in"},
	{"/leave", "leave this room"},
	{"/quit", "end (so do Ctrl-C and Ctrl-D)"},
	{"//text", "say something that begins with a slash"},
	{"/help", "this list"},
}

// parseEntry reads a line. names are those of people who may be meant: a name can hold spaces, and then needs no quotes if it is
// one of them.
func parseEntry(line string, names []string) (entry, error) {
	if !strings.HasPrefix(line, "/") || strings.HasPrefix(line, "//") {
		return entry{text: strings.TrimPrefix(line, "/")}, nil
	}
	command, argument, _ := strings.Cut(line[1:], " ")
	argument = strings.TrimSpace(argument)
	e := entry{command: strings.ToLower(command), text: argument}
	switch e.command {
	case "help", "who", "quit":
		return e, nil
	case "me":
		if argument == "" {
			return e, fmt.Errorf("say what you do: /me waves")
		}
		return entry{text: "/me " + argument}, nil
	case "search":
		if argument == "" {
			return e, fmt.Errorf("say what to look for: /search coffee from:Ada")
		}
		return e, nil
	case "nick":
		if argument == "" {
			return e, fmt.Errorf("say which name: /nick NAME")
		}
		return e, nil
	case "msg":
		if e.to, e.text = splitName(argument, names); e.to == "" || e.text == "" {
			return e, fmt.Errorf(`say to whom, and what: /msg NAME text (a name with spaces: /msg "Ada 2" text)`)
		}
		return e, nil
	case "join", "leave":
		if argument == "" && e.command == "leave" {
			return e, nil
		}
		var err error
		e.text, err = roomName(argument)
		return e, err
	default:
		command = cleanLine(command)
		return e, fmt.Errorf("there is no command /%s; /help lists them, and //%s says it as text", command, command)
	}
}

// roomName reads a room's name as people write it.
func roomName(text string) (string, error) {
	name := strings.ToLower(strings.TrimPrefix(text, "#"))
	if !chat.RoomName(name).Public() {
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
