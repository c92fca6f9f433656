package handlers

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"strings"

	"parley/internal/chat"
)

// quoteView is the line of an answer that shows what it answers.
type quoteView struct {
	face
	Text, Href, Label string
	Deleted, Ignored  bool
}

func quoteOf(p *page, e *chat.Event, me chat.UserID) *quoteView {
	if e.Quote == nil || e.Deleted != 0 {
		return nil
	}
	q := &quoteView{
		face: faceOf(e.Quote.User, me), Text: e.Quote.Text, Deleted: e.Quote.Deleted,
		Href: fmt.Sprintf("%s#%d", roomPath(e.Room), e.ReplyTo),
	}
	if q.Deleted {
		q.Text = p.Say("js.message.deleted")
	}
	q.Label = p.Say("js.quote", "name", q.Name, "text", q.Text)
	return q
}

// reactionView is one emoji under a message: Users are the ids of those who set it, with a space between them.
type reactionView struct {
	Emoji, Users string
	Count        int
}

func reactionsOf(e *chat.Event) []reactionView {
	views := make([]reactionView, len(e.Reactions))
	for i, r := range e.Reactions {
		ids := make([]string, len(r.Users))
		for k, id := range r.Users {
			ids[k] = string(id)
		}
		views[i] = reactionView{Emoji: r.Emoji, Users: strings.Join(ids, " "), Count: len(r.Users)}
	}
	return views
}

// sourceOf is a message's text where it can't be read off its markup, which says what most say by itself.
func sourceOf(text, markup string) string {
	if markup == "<p>"+html.EscapeString(text)+"</p>" {
		return ""
	}
	return text
}

// emoji begins with a sign of the blocks of emoji, or with one that is to be shown as such.
var emoji = regexp.MustCompile(`^(?:[\x{2300}-\x{27bf}\x{2b00}-\x{2bff}\x{1f000}-\x{1faff}]|\P{L}\x{fe0f})`)

// isFewEmoji reports whether a text is up to six emoji and nothing else: such a message is shown larger. The page's script knows them in
// the same way (static/js/lib/text.js).
func isFewEmoji(text string) bool {
	count := 0
	for first := ""; text != ""; {
		first, text = graphemeOf(text)
		if strings.TrimSpace(first) == "" {
			continue
		}
		if count++; count > 6 || !emoji.MatchString(first) {
			return false
		}
	}
	return count > 0
}

// namedMost is how many of those who set reactions are looked up for a page, and named in it.
const namedMost = 200

// names are those of users who set reactions to messages, as the log knows them by id only.
func (s *site) names(ctx context.Context, messages []chat.Event) map[chat.UserID]string {
	names := map[chat.UserID]string{}
	for i := range messages {
		for _, r := range messages[i].Reactions {
			for _, id := range r.Users {
				if _, known := names[id]; known || len(names) == namedMost {
					continue
				}
				if u, err := s.people.ByID(ctx, id); err == nil { // without a name they are counted
					names[id] = u.Name
				}
			}
		}
	}
	return names
}
