package wire

import (
	"regexp"
	"sync"

	"github.com/microcosm-cc/bluemonday"
)

// policy is all the markup that may leave here with a message's Markdown. Bodies are written with nothing else (FuzzMarkdown holds
// that they pass unchanged), so that it is a second wall; whoever adds markup adds it here too.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	only := func(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) }
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "bdi", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li")
	p.AllowAttrs("class").Matching(only("me")).OnElements("p")
	p.AllowAttrs("class").Matching(only("hl-[a-z]|mention|mention here")).OnElements("span")
	p.AllowAttrs("data-user").Matching(only("[A-Za-z0-9_-]+")).OnElements("span")
	p.AllowAttrs("tabindex").Matching(only("0")).OnElements("pre")
	p.AllowAttrs("start").Matching(only("[0-9]{1,9}")).OnElements("ol")
	p.AllowAttrs("href").Matching(only(`(?i)(?:https?://|mailto:)[^\s"<>]+`)).OnElements("a")
	p.AllowAttrs("title").Matching(only(`[^"<>]+`)).OnElements("a")
	p.AllowAttrs("rel").Matching(only("noopener noreferrer nofollow")).OnElements("a")
	p.AllowAttrs("target").Matching(only("_blank")).OnElements("a")
	return p
})
