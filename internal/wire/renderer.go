package wire

import (
	"html"
	"slices"
	"strings"

	"parley/internal/chat"
)

// Renderer tells the core how texts are shown. It is [chat.Renderer].
type Renderer struct{}

// Marked leaves of those whom a text means the ones who are marked in its markup: so nobody is called by what stands in code or in an
// address, whatever counts as that.
func (Renderer) Marked(e *chat.Event) *chat.Mentions {
	markup := HTML(BodyOf(e))
	marked := &chat.Mentions{Here: e.Mentions.Here && strings.Contains(markup, mentionHere)}
	marked.Users = slices.DeleteFunc(slices.Clone(e.Mentions.Users), func(one chat.Mention) bool {
		return !strings.Contains(markup, string(appendMentionOf(nil, one.User)))
	})
	if !marked.Here && len(marked.Users) == 0 {
		return nil
	}
	return marked
}

// Plain is a message's text as it reads where it is shown, line by line. Who does something by /me is named beside it.
func (Renderer) Plain(e *chat.Event) string {
	said := strings.TrimPrefix(e.Text, actSign)
	if !hasSigns(said) {
		return said
	}
	markup := HTML(Body{Text: said, Mentions: e.Mentions})
	var plain strings.Builder
	for markup != "" {
		text, rest, _ := strings.Cut(markup, "<")
		plain.WriteString(text)
		var tag string
		tag, markup, _ = strings.Cut(rest, ">")
		if endsLine(tag) {
			plain.WriteByte('\n')
		}
	}
	return strings.TrimSpace(html.UnescapeString(plain.String()))
}

// endsLine reports whether a tag is where a line ends.
func endsLine(tag string) bool {
	switch tag {
	case "br", "/p", "/li", "/pre", "/blockquote":
		return true
	}
	return false
}
