package handlers

import (
	"regexp"
	"strings"

	"parley/internal/chat"
)

// slashLine is a command as the page tells of it.
type slashLine struct {
	Name, Usage, Help string
	Needs             bool // of no use without what follows its name
}

// slashWord is a word in what follows a command's name.
var slashWord = regexp.MustCompile(`[A-Za-z]+`)

// Slashes are the commands that people type on the page, in its language. The page's script knows them from there.
func (v chatView) Slashes() (lines []slashLine) {
	for i := range chat.Slashes {
		s := &chat.Slashes[i]
		if !s.IsIn(chat.SlashPage) || s.Moderators && !v.Moderator {
			continue
		}
		args := slashWord.ReplaceAllStringFunc(s.Args, func(word string) string { return v.Say("slash.arg." + strings.ToLower(word)) })
		lines = append(lines, slashLine{
			Name: s.Name, Usage: strings.TrimRight("/"+s.Name+" "+args, " "), Help: v.Say("slash." + s.Name), Needs: s.NeedsText(),
		})
	}
	return lines
}
