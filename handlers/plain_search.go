package handlers

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
)

// searchAsked is what somebody looks for.
type searchAsked struct {
	words      string
	everywhere bool
	place      string // where an earlier answer said to go on
}

// plainFound is what was found, and what it was looked for.
type plainFound struct {
	Words      string
	Everywhere bool
	Hits       []plainHit
	Behind     bool   // some messages can't be found yet
	More       string // the address of the next page, "" where everything has been looked at
}

// plainHit is a message that was found.
type plainHit struct {
	face
	Room       roomLink
	Time, When string
	Parts      []snippetPart
	Files      []string // what they are called
	Href       string   // of the page that begins with it
}

// snippetPart is a piece of what a message says.
type snippetPart struct {
	Text     string
	IsSought bool
}

// plainSearch looks for messages. What a search costs is its reader's to pay, as everywhere.
func (s *site) plainSearch(c *fiber.Ctx, view *plainView, here *visit, asked *searchAsked) (*plainFound, error) {
	found := &plainFound{Words: asked.words, Everywhere: asked.everywhere}
	if refused := s.spend(s.address(c), chat.CostSearch); refused != nil {
		return found, formProblem(refused)
	}
	cmd := &chat.Command{Kind: chat.CmdSearch, Room: view.Room.Name, Text: asked.words, Place: asked.place}
	if asked.everywhere {
		cmd.Room = ""
	}
	answer, err := here.do(c.UserContext(), cmd)
	if err != nil {
		return found, formProblem(err)
	}
	found.Behind = answer.Found.Behind
	if answer.Place != "" {
		query := url.Values{"search": {asked.words}, "place": {answer.Place}}
		if asked.everywhere {
			query.Set("where", "all")
		}
		found.More = plainPath(view.Room.Name) + "?" + query.Encode()
	}
	for i := range answer.Found.Hits {
		hit, err := s.hitOf(c, view, &answer.Found.Hits[i])
		if err != nil {
			return nil, err
		}
		found.Hits = append(found.Hits, hit)
	}
	return found, nil
}

func (s *site) hitOf(c *fiber.Ctx, view *plainView, hit *chat.Hit) (plainHit, error) {
	at := hit.Time.Local()
	shown := plainHit{
		face: faceOf(hit.User, view.Me.User), Time: at.Format(time.RFC3339), When: at.Format(time.DateOnly + " " + clockLayout),
		Href: fmt.Sprintf("%s?before=%d#m%d", plainPath(hit.Room), hit.Seq+1, hit.Seq),
	}
	listed := slices.IndexFunc(view.Rooms, func(link roomLink) bool { return link.Name == hit.Room })
	if listed >= 0 {
		shown.Room = view.Rooms[listed]
	} else {
		info, err := s.infoOf(c, hit.Room, chat.User{ID: view.Me.User, Name: view.Me.Name})
		if err != nil {
			return shown, err
		}
		shown.Room = roomLinkOf(info, "")
	}
	for i, text := range hit.Snippet {
		shown.Parts = append(shown.Parts, snippetPart{text, i%2 == 1})
	}
	for i := range hit.Files {
		shown.Files = append(shown.Files, hit.Files[i].Name)
	}
	return shown, nil
}
