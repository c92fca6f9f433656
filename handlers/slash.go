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
func (v chatView) Slashes() []slashLine { return slashLines(v.page, v.Moderator) }

func slashLines(p *page, moderator bool) (lines []slashLine) {
	for i := range chat.Slashes {
		if s := &chat.Slashes[i]; s.IsIn(chat.SlashPage) && (moderator || !s.Moderators) {
			lines = append(lines, slashLine{Name: s.Name, Usage: usageOf(p, s), Help: p.Say("slash." + s.Name), Needs: s.NeedsText()})
		}
	}
	return lines
}

// usageOf is how a command is typed, in the page's language.
func usageOf(p *page, s *chat.Slash) string {
	args := slashWord.ReplaceAllStringFunc(s.Args, func(word string) string { return p.Say("slash.arg." + strings.ToLower(word)) })
	return strings.TrimRight("/"+s.Name+" "+args, " ")
}
