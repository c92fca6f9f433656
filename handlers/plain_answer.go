package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
)

// plainTold is what a command is answered that asks something.
type plainTold struct {
	Text    string
	Help    []slashLine
	Profile *plainProfile
}

// plainProfile is who somebody is.
type plainProfile struct {
	face
	State string
	Rooms []roomLink // in which the reader is too
	Href  string     // of the private room with them
}

// plainAnswer is the answer that is asked for, nil for none.
func (s *site) plainAnswer(c *fiber.Ctx, view *plainView, here *visit, asked *plainAsked) (*plainTold, error) {
	ctx, me := c.UserContext(), view.Me.User
	switch {
	case asked.isHelp:
		moderator, err := s.hub.IsModerator(ctx, me)
		return &plainTold{Help: slashLines(view.page, moderator)}, err
	case asked.isInvite:
		return &plainTold{Text: view.Say("plain.link", "url", s.invite(c, view.Room.Name).URL)}, nil
	case asked.isIgnored:
		ignored, err := s.hub.Ignored(ctx, me)
		if len(ignored) == 0 {
			return &plainTold{Text: view.Say("js.slash.ignored.none")}, err
		}
		list := make([]string, len(ignored))
		for i, u := range ignored {
			list[i] = isolated(u.Name)
		}
		return &plainTold{Text: view.Say("js.slash.ignored", "names", strings.Join(list, ", "))}, nil
	case asked.whois != "":
		answer, err := here.do(ctx, &chat.Command{Kind: chat.CmdWhois, Name: asked.whois})
		if err != nil {
			return nil, formProblem(err)
		}
		told := &plainTold{Profile: profileOf(view.page, answer.Profile, me)}
		if asked.isInvited {
			told.Text = view.Say("js.slash.invited", "name", isolated(answer.Profile.User.Name))
		}
		return told, nil
	}
	return nil, nil
}

// profileOf is who somebody is, in the words of static/js/profile.js.
func profileOf(p *page, of *chat.Profile, me chat.UserID) *plainProfile {
	view := &plainProfile{face: faceOf(of.User, me), Href: plainPath(chat.Direct(me, of.User.ID))}
	switch {
	case of.Barred != nil:
		view.State = p.Say("js.profile.barred")
	case !of.Here:
		view.State = p.Say("js.profile.gone")
	case of.Away != nil && of.Away.Text != "":
		view.State = p.Say("js.profile.away.text", "time", of.Away.Since.Local().Format(clockLayout), "text", isolated(of.Away.Text))
	case of.Away != nil:
		view.State = p.Say("js.profile.away", "time", of.Away.Since.Local().Format(clockLayout))
	case view.Me:
		view.State = p.Say("js.profile.me")
	default:
		view.State = p.Say("js.profile.here", "time", of.Since.Local().Format(clockLayout))
	}
	if of.Moderator {
		view.State += " · " + p.Say("js.profile.moderator")
	}
	for _, name := range of.Rooms {
		view.Rooms = append(view.Rooms, roomLinkOf(chat.RoomInfo{Name: name}, ""))
	}
	return view
}
