package handlers

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/template/html/v2"
	"github.com/rivo/uniseg"

	"parley/internal/chat"
	"parley/internal/wire"
)

// page is what every page has.
type page struct {
	Lang, Title, Host string
	Look              string // light or dark where this device has chosen (static/js/ui/look.js), else ""
	Density, Size     string // likewise (static/js/settings.js)
	Boot              any    // data for the script
	words             words
	assets            *assets
}

// Say returns a word of the page's language, with {names} filled in from pairs.
func (p *page) Say(key string, pairs ...any) string { return p.words.say(p.Lang, key, pairs...) }

// Count returns a word for a number of things.
func (p *page) Count(key string, n int, pairs ...any) string {
	return p.words.count(p.Lang, key, n, pairs...)
}

// Asset returns the address of a static file.
func (p *page) Asset(name string) string { return p.assets.URL(name) }

// refusal says a problem in the page's language. In English it is said as precisely as it is known; other languages have one sentence
// for each code.
func (p *page) refusal(of *problem) string {
	key := cmp.Or(of.word, "refused."+of.Code)
	if _, ok := p.words[p.Lang][key]; !ok || p.Lang == fallbackLanguage {
		return of.Message
	}
	return p.Say(key, "seconds", (of.RetryAfter+999)/1000)
}

// face is a user as pages show one.
type face struct {
	User           chat.UserID
	Name, Initials string
	Hue            int
	Me             bool
}

func faceOf(u chat.User, me chat.UserID) face {
	return face{User: u.ID, Name: u.Name, Initials: initials(u.Name), Hue: hue(u.ID), Me: u.ID == me}
}

// hue is one of 8 colours for a user, the same in every page: FNV-1a of the id. static/js/lib/text.js computes the same.
func hue(id chat.UserID) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32()%8) + 1
}

// initials is what stands in an avatar: the first letters of two words, two letters of one alphabetic word, else one character.
// static/js/lib/text.js computes the same.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	first, rest := graphemeOf(words[0])
	if len(words) > 1 {
		second, _ := graphemeOf(words[1])
		return strings.ToUpper(first + second)
	}
	if r := []rune(first); unicode.In(r[0], unicode.Latin, unicode.Greek, unicode.Cyrillic) {
		second, _ := graphemeOf(rest)
		return strings.ToUpper(first + second)
	}
	return strings.ToUpper(first)
}

func graphemeOf(s string) (first, rest string) {
	first, rest, _, _ = uniseg.FirstGraphemeClusterInString(s, -1)
	return first, rest
}

// clockLayout is how pages say a time of the day.
const clockLayout = "15:04"

// row is one message as the page shows it.
type row struct {
	*page
	face
	Seq              int64
	ID               string
	Mine, Lead       bool
	Edited, Deleted  bool
	Ignored          bool // by the reader
	Files            []fileView
	FilesOnly        bool // without a word
	FewEmoji         bool // and no word
	HTML             template.HTML
	Text             string // as it was written, where HTML doesn't say it; else ""
	ReplyTo          int64
	Quote            *quoteView
	Reactions        []reactionView
	Time, Clock, Day string
}

// groupFor is how long after a message the next one of the same author stands below it without a name of its own.
const groupFor = 5 * time.Minute

// rows makes messages into rows, grouped by author.
func rows(p *page, messages []chat.Event, me chat.UserID) []row {
	all := make([]row, len(messages))
	for i := range messages {
		e := &messages[i]
		lead := i == 0 || messages[i-1].User.ID != e.User.ID || e.Time.Sub(messages[i-1].Time) > groupFor ||
			e.Time.YearDay() != messages[i-1].Time.YearDay()
		markup := wire.HTML(wire.BodyOf(e))
		all[i] = row{
			page: p, face: faceOf(e.User, me), Seq: e.Seq, ID: e.ClientID, Mine: e.User.ID == me, Lead: lead,
			Edited: e.Edited != 0, Deleted: e.Deleted != 0,
			Files: fileViewsOf(p, e.Files), FilesOnly: len(e.Files) > 0 && e.Text == "", FewEmoji: isFewEmoji(e.Text),
			HTML: template.HTML(markup), //nolint:gosec // made and escaped by the one body renderer
			Text: sourceOf(e.Text, markup), ReplyTo: e.ReplyTo, Quote: quoteOf(p, e, me), Reactions: reactionsOf(e),
			Time: wire.FormatTime(e.Time), Clock: e.Time.Format(clockLayout), Day: e.Time.Format(time.DateOnly),
		}
	}
	return all
}

// roomLink is a room in a list.
type roomLink struct {
	Name       chat.RoomName
	Title      string
	Direct     bool
	Closed     bool
	Inviter    string // who asked the reader into it, who has not come yet
	Locked     bool   // it has a password, which the reader has yet to give
	Topic      string
	Muted      bool
	Unread     int
	UnreadText string
	Members    int
	Current    bool
	Href       string
}

// Heading is the room's name in a line of text, where an open room is known by its mark.
func (r roomLink) Heading() string {
	if r.Direct || r.Closed {
		return r.Title
	}
	return "#\u00a0" + r.Title
}

func roomLinkOf(info chat.RoomInfo, current chat.RoomName) roomLink {
	link := roomLink{
		Name: info.Name, Title: info.Name.Title(), Closed: info.Name.IsClosed(), Direct: info.Name.IsDirect(), Members: info.Members,
		Topic: info.Topic, Muted: info.Muted, Locked: info.Locked, Inviter: info.Inviter.Name,
		Unread: info.Unread, Current: info.Name == current, Href: roomPath(info.Name),
	}
	if link.Direct {
		link.Title, link.Members = info.Peer.Name, 0 // of two there is nothing to count
	}
	switch {
	case link.Unread >= chat.UnreadMost:
		link.UnreadText = "99+"
	case link.Unread > 0:
		link.UnreadText = strconv.Itoa(link.Unread)
	}
	return link
}

// invite is how others join: the address and its QR code.
type invite struct {
	URL    string
	QR     template.HTML
	Secure bool
}

type joinView struct {
	*page
	Room      chat.RoomName
	Name      string
	NeedsKey  bool
	TakesKey  bool // there are accounts, and who has none may come too
	Error     *fieldError
	Continue  *face
	Here      []face
	HereCount int
	Invite    invite
	Token     string // of the form
}

// Others is how many are there besides the two whose names are shown.
func (v joinView) Others() int { return v.HereCount - 2 }

// fieldError is what is wrong with one field of the form; Field is "" where it is none of them.
type fieldError struct{ Field, Message, Suggestion string }

type chatView struct {
	*page
	around
	Moderator bool
	Messages  []row
	More      bool
	Last      int64 // the seq that what is served goes up to
	Invite    invite
	Token     string // of the forms
	FormID    string // of the message that the form sends where the script isn't there yet
	FileRules string // what is taken
	Storage   string // what all files take, for moderators; else ""
}

// Greeting is the line under what was said before for who comes in, which the script goes on with (static/js/ui/app.js).
func (v chatView) Greeting() string {
	if v.IsIn {
		return ""
	}
	name, room := isolated(v.Me.Name), isolated(v.Room.Title)
	if v.Room.Direct {
		return v.Say("log.welcome.private", "name", name, "room", room)
	}
	return v.Say("log.welcome", "name", name, "room", isolated(v.Room.Heading()))
}

// Unlisted is how many are there besides those in the list of people: of a crowd it has only some.
func (v chatView) Unlisted() int { return v.HereCount - len(v.People) }

type errorView struct {
	*page
	Status  int
	Message string
	Style   template.CSS // that stands in the page, where it can ask for none
}

// page begins a page in the reader's language.
func (s *site) page(c *fiber.Ctx, title string) *page {
	language := c.AcceptsLanguages(s.words.languages()...)
	if s.words[language] == nil {
		language = fallbackLanguage
	}
	p := &page{Lang: language, Title: title, Host: s.name, words: s.words, assets: s.assets}
	if look := c.Cookies(lookCookie); look == "light" || look == "dark" {
		p.Look = look
	}
	if c.Cookies(densityCookie) == "compact" {
		p.Density = "compact"
	}
	if size := c.Cookies(sizeCookie); size == "small" || size == "large" || size == "larger" {
		p.Size = size
	}
	return p
}

// The cookies that hold how this device's pages look. Cookies, not storage of the page: so the first thing that is painted is right.
const (
	lookCookie    = "parley_look"
	densityCookie = "parley_density"
	sizeCookie    = "parley_size"
)

// pages are the templates that are rendered; the others are parts of them.
var pages = [...]string{"add", "chat", "check", "device", "error", "join", "password", "plain", "sessions"}

// newEngine reads the templates. A broken one would only be a warning at the first page.
//
// Each page is executed once, with nothing, as html/template works out only then how to escape it, and notes that in the template; the
// engine copies it without the lock: two first pages at once would race.
func newEngine(views fs.FS, dev bool) (*html.Engine, error) {
	engine := html.NewFileSystem(http.FS(views), ".html")
	engine.Reload(dev)
	if err := engine.Load(); err != nil {
		return nil, fmt.Errorf("views: %w", err)
	}
	for _, name := range pages {
		page := engine.Templates.Lookup(name)
		if page == nil {
			return nil, fmt.Errorf("views: %s.html is missing", name)
		}
		var broken *template.Error
		if err := page.Execute(io.Discard, nil); errors.As(err, &broken) { // any other is that there is nothing to show
			return nil, fmt.Errorf("views: %w", broken)
		}
	}
	return engine, nil
}

// render writes a page.
func (s *site) render(c *fiber.Ctx, name string, view any) error {
	if c.GetRespHeader(fiber.HeaderCacheControl) == "" {
		// no-cache, not no-store: Back then finds the page as it was, and the script reconnects.
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	c.Set(fiber.HeaderVary, "Accept-Encoding, Accept-Language, Cookie")
	// Not by c.Render, which makes a list of the app's parts when it is first called, and without a lock: two first pages would race.
	var page bytes.Buffer
	if err := c.App().Config().Views.Render(&page, name, view); err != nil {
		return fmt.Errorf("the page %s: %w", name, err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(page.Bytes())
}
