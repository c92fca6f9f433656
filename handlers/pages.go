package handlers

import (
	"errors"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/wire"
)

// join answers GET /: the page that asks for a name.
func (s *site) joinPage(c *fiber.Ctx) error {
	if isUpgrade(c) {
		return c.Next()
	}
	view := s.joinView(c, roomAsked(c.Query("room")))
	if who, err := s.signedIn(c); err == nil {
		view.Continue = &face{Name: who.user.Name}
	}
	return s.render(c, "join", view)
}

// roomAsked is the room that someone wants to come to; the lobby where it can't be one.
func roomAsked(name string) chat.RoomName {
	if room := chat.RoomName(name); room.Valid() {
		return room
	}
	return chat.Lobby
}

func (s *site) joinView(c *fiber.Ctx, room chat.RoomName) joinView {
	p := s.page(c, "")
	p.Title = p.Say("join.title") + " · " + s.name
	view := joinView{
		page: p, Room: room, NeedsKey: s.config.Access == config.AccessKeys, Invite: s.invite(c, room), Token: s.joinToken(c),
	}
	if !view.NeedsKey {
		var err error
		view.TakesKey, err = s.accounts.Any(c.UserContext())
		view.TakesKey = view.TakesKey || err != nil // where that can't be known, nobody is kept from giving theirs
	}
	if s.config.Access == config.AccessOpen { // who is here is nobody's business without a key
		goal := chat.Lobby
		if room.Public() { // of any other nothing is told
			goal = room
		}
		here, count := s.hub.Here(goal)
		view.HereCount = count
		for _, u := range here[:min(3, len(here))] {
			view.Here = append(view.Here, faceOf(u, ""))
		}
	}
	return view
}

// invite is the address by which others come to a room. An address opens no closed room and nobody else's private one, and is passed on
// to anybody: it says nothing of those, and leads to the lobby.
func (s *site) invite(c *fiber.Ctx, room chat.RoomName) invite {
	url := s.reachedBy(c)
	if room.Public() && room != chat.Lobby {
		url += "/?room=" + string(room)
	}
	return s.inviteTo(url)
}

// inviteTo is an address and its QR code.
func (s *site) inviteTo(url string) invite {
	return invite{URL: url, QR: template.HTML(s.qr(url)), Secure: strings.HasPrefix(url, "https:")} //nolint:gosec // our own SVG
}

// reachedBy is how others reach this server: as this request came, unless that means nothing on another machine.
func (s *site) reachedBy(c *fiber.Ctx) string {
	if s.address(c).IsLoopback() && s.lanURL != "" {
		return s.lanURL
	}
	return s.scheme(c) + "://" + string(c.Request().Host())
}

// mayRead says why somebody may not see a room, where they may not: that there is no such room.
func (s *site) mayRead(c *fiber.Ctx, who identity, room chat.RoomName) error {
	err := s.hub.MayRead(c.UserContext(), who.user.ID, room)
	if errors.Is(err, chat.ErrNotFound) {
		return errNoRoom
	}
	return err
}

// roomPage answers GET /rooms/ROOM: the chat page, with its latest messages in it.
func (s *site) roomPage(c *fiber.Ctx) error {
	room := chat.RoomName(c.Params("room"))
	who := me(c)
	if err := s.mayRead(c, who, room); err != nil {
		return s.askPassword(c, who, room, false, err)
	}
	ctx := c.UserContext()
	messages, last, more, err := s.hub.Latest(ctx, who.user.ID, room)
	if err != nil {
		return err
	}
	around, err := s.around(c, who, room)
	if err != nil {
		return err
	}
	ignored, err := s.hub.Ignored(ctx, who.user.ID)
	if err != nil {
		return err
	}
	p := s.page(c, around.Room.Title+" · "+s.name)
	view := chatView{
		page: p, around: around, Messages: rows(p, messages, who.user.ID), More: more, Last: last, Invite: s.invite(c, room), Token: s.formToken(c),
		FormID: newFormID(), FileRules: s.fileRules(p),
	}
	for i := range view.Messages {
		view.Messages[i].hide(ignored)
	}
	if view.Moderator, err = s.hub.IsModerator(ctx, who.user.ID); err != nil {
		return err
	}
	if view.Moderator {
		view.Storage = s.storage(p)
	}
	p.Boot = fiber.Map{
		"ignored": facesOf(ignored), "moderator": view.Moderator,
		"user": who.user.ID, "name": who.user.Name, "room": room, "title": view.Room.Title, "topic": view.Room.Topic, "archived": view.Archived,
		"last": last, "more": more, "lang": p.Lang, "greeting": view.Greeting(),
		"idle_seconds": int(s.config.IdleTimeout.Seconds()),
		"limits":       fiber.Map{"message_length": s.limits.MessageLength, "file_bytes": s.limits.FileBytes},
		"static":       s.assets.Base(), "time": wire.FormatTime(time.Now()),
		"rooms": joinedRooms(around.listed), "names": s.names(ctx, messages),
	}
	return s.render(c, "chat", view)
}

// around is what a page of a room shows around what is said there.
type around struct {
	Me        face
	Room      roomLink
	Archived  bool
	IsIn      bool // the reader was in the room before this page
	HereCount int
	People    []face
	Rooms     []roomLink
	listed    []chat.RoomInfo // what Rooms are made of
}

func (s *site) around(c *fiber.Ctx, who identity, room chat.RoomName) (around, error) {
	rooms, err := s.hub.Rooms(c.UserContext(), who.user.ID)
	if err != nil {
		return around{}, err
	}
	info, err := s.infoOf(c, room, who.user)
	if err != nil {
		return around{}, err
	}
	link := roomLinkOf(info, room)
	people, count := s.peopleIn(&info, who.user)
	s.setSession(c, c.Cookies(cookieName)) // whoever comes by keeps it for as long again
	facts, err := s.hub.Facts(c.UserContext(), room)
	if err != nil {
		return around{}, err
	}
	link.Topic = facts.Topic
	return around{
		Me: faceOf(who.user, who.user.ID), Room: link, Archived: facts.Archived, HereCount: count, People: people, Rooms: roomLinks(rooms, link),
		listed: rooms, IsIn: slices.ContainsFunc(rooms, func(listed chat.RoomInfo) bool { return listed.Name == room && listed.Joined }),
	}, nil
}

// infoOf is a room as somebody knows it who may read it: its name, and of a private room of two the other one.
func (s *site) infoOf(c *fiber.Ctx, room chat.RoomName, me chat.User) (info chat.RoomInfo, err error) {
	info.Name = room
	if room.IsDirect() {
		info.Peer, err = s.peerOf(c, room, me)
	}
	return info, err
}

// peopleIn lists who is in a room, and says how many: those there now and the reader, or the two of a private room.
func (s *site) peopleIn(info *chat.RoomInfo, me chat.User) ([]face, int) {
	here, count := s.hub.Here(info.Name)
	if info.Name.IsDirect() {
		if here = []chat.User{me}; info.Peer.ID != me.ID {
			here = append(here, info.Peer)
		}
	}
	people := []face{}
	met := false
	for _, u := range here {
		met = met || u.ID == me.ID
		people = append(people, faceOf(u, me.ID))
	}
	if !met {
		people = append([]face{faceOf(me, me.ID)}, people...)
	}
	return people, max(count, len(people))
}

// peerOf is the other one of a private room of two; there is no such room without them.
func (s *site) peerOf(c *fiber.Ctx, room chat.RoomName, me chat.User) (chat.User, error) {
	peer, err := s.people.ByID(c.UserContext(), room.Peer(me.ID))
	if errors.Is(err, chat.ErrNotFound) {
		err = errNoRoom
	}
	return peer, err
}

// roomLinks lists the rooms of the page, the current one among them even where nobody has spoken in it yet.
func roomLinks(rooms []chat.RoomInfo, current roomLink) []roomLink {
	links := []roomLink{}
	met := false
	for _, info := range rooms {
		met = met || info.Name == current.Name
		links = append(links, roomLinkOf(info, current.Name))
	}
	if !met {
		links = append([]roomLink{current}, links...)
	}
	return links
}

// joinedRooms are the rooms that the page's socket joins besides the one it shows, so that their unread counts are live.
func joinedRooms(rooms []chat.RoomInfo) []fiber.Map {
	joined := []fiber.Map{}
	for _, info := range rooms {
		if info.Joined && !info.Name.IsDirect() {
			joined = append(joined, fiber.Map{"room": info.Name, "last": info.Last})
		}
	}
	return joined
}

// checkPage answers GET /check: whether this browser reaches the server, and how fast.
func (s *site) checkPage(c *fiber.Ctx) error {
	p := s.page(c, "")
	p.Title = p.Say("check.title") + " · " + s.name
	p.Boot = fiber.Map{"ws": "/ws/echo?prefix=We%20received%20your%20"}
	return s.render(c, "check", p)
}
