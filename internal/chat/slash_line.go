package chat

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Typed is a line that somebody typed: something to say, or a command.
type Typed struct {
	IsCommand bool
	Name      string // of the command, as it was typed
	Slash     *Slash // the command, nil where the client has none by that name
	Text      string // what to say, or what follows the command's name
}

// ReadTyped reads what somebody typed at a client. Two slashes at the beginning say one. The page's model/slash.js reads the same.
func ReadTyped(client, line string) Typed {
	command, isCommand := strings.CutPrefix(line, "/")
	if !isCommand || strings.HasPrefix(command, "/") {
		return Typed{Text: command}
	}
	end := strings.IndexFunc(command, unicode.IsSpace)
	if end < 0 {
		end = len(command)
	}
	name := command[:end]
	return Typed{IsCommand: true, Name: name, Slash: FindSlash(client, name), Text: strings.TrimSpace(command[end:])}
}

// SplitName parts the name at the beginning of a text from the rest. A name with spaces needs no quotes where it is one of those that
// are known.
func SplitName(text string, known []string) (name, rest string) {
	if quoted, ok := strings.CutPrefix(text, `"`); ok {
		if name, rest, ok = strings.Cut(quoted, `"`); ok {
			return name, strings.TrimSpace(rest)
		}
	}
	text = strings.TrimPrefix(text, "@")
	known = slices.SortedFunc(slices.Values(known), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, name := range known {
		if strings.EqualFold(text, name) || len(text) > len(name) && text[len(name)] == ' ' && strings.EqualFold(text[:len(name)], name) {
			return name, strings.TrimSpace(text[len(name):])
		}
	}
	name, rest, _ = strings.Cut(text, " ")
	return name, strings.TrimSpace(rest)
}

// ReadSpan reads a time as people type it, "10m", "2h" or "7d"; 0 is none.
func ReadSpan(text string) time.Duration {
	if text == "" {
		return 0
	}
	number, unit := text[:len(text)-1], text[len(text)-1:]
	of := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[unit]
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > 9999 {
		return 0
	}
	return time.Duration(n) * of
}
