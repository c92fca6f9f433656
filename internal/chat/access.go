package chat

import (
	"context"
	"errors"
)

// place says where a command may be given.
type place uint8

const (
	nowhere    place = iota // not at all: a command without a row is refused
	anywhere                // by every connection: it is about itself
	knowable                // in a room that one may know of
	everywhere              // in a room that one may know of, and without a room in all of these
	inside                  // in a public room that the connection is in, and in a private room by its two
	everybody               // by moderators of the chat alone: it is about whomever it names
	elsewhere               // it isn't the core's: the session asks the account, which has rules of its own for names
)

// right is who may give a command.
type right struct {
	where  place
	author bool // of the message that it names alone
}

// rights is the one place where it is said who may do what in rooms. [Member.Do] goes by it, whatever dialect a command came in; a
// test walks it with people who must not. Whom a room is knowable to is [RoomName.ReadableAs], which [Hub.MayRead] asks.
var rights = map[CommandKind]right{
	CmdSend:     {inside, false},
	CmdEdit:     {inside, true},
	CmdDelete:   {inside, true},
	CmdReact:    {inside, false},
	CmdTopic:    {inside, false},
	CmdPin:      {inside, false},
	CmdJoin:     {knowable, false},
	CmdLeave:    {inside, false},
	CmdHistory:  {inside, false},
	CmdSearch:   {everywhere, false}, // finds nothing that one may not know of
	CmdMembers:  {inside, false},
	CmdPins:     {inside, false},
	CmdCreate:   {anywhere, false},
	CmdInvite:   {inside, false},
	CmdArchive:  {inside, false}, // as [RoleModerator] of it, or of the whole chat
	CmdRemove:   {inside, false}, // as CmdArchive
	CmdPassword: {inside, false}, // as CmdArchive
	CmdAbout:    {inside, false},
	CmdRooms:    {anywhere, false}, // lists none that one may not know of
	CmdRead:     {inside, false},
	CmdMute:     {inside, false},
	CmdTyping:   {inside, false},
	CmdActive:   {anywhere, false},
	CmdPing:     {anywhere, false},
	CmdAway:     {anywhere, false},
	CmdBack:     {anywhere, false},
	CmdWhois:    {anywhere, false}, // tells nothing of rooms that the asker isn't in
	CmdIgnore:   {anywhere, false},
	CmdKick:     {everybody, false},
	CmdBan:      {everybody, false},
	CmdUnban:    {everybody, false},
	CmdRename:   {elsewhere, false},
	CmdClaim:    {elsewhere, false},

	CmdMentions: {anywhere, false}, // lists none in a room that one may not know of
}

// errNoCommand is said of what nobody may ask for.
var errNoCommand = Errorf(CodeUnknownType, "This is not something that can be asked for here.")

// admit returns the room that a command is about, "" for none, or why the member may not give it there. Of a private room of others
// it says what it says of one that isn't there.
func (m *Member) admit(ctx context.Context, cmd *Command) (RoomName, error) {
	where := rights[cmd.Kind].where
	switch where {
	case anywhere:
		return "", nil
	case everybody:
		return "", m.moderates(ctx)
	case everywhere:
		if cmd.Room == "" {
			return "", nil
		}
	case knowable, inside:
	default:
		return "", errNoCommand
	}
	name := cmd.Room
	if name == "" {
		name = m.firstRoom()
	}
	err := m.mayKnow(ctx, name)
	if cmd.Kind == CmdJoin && errors.Is(err, errNoPrivateRoom) {
		err = m.hub.Unlock(ctx, m.User().ID, name, cmd.Password)
	}
	if err != nil {
		return "", err
	}
	switch {
	case name.IsDirect():
		return name, m.peerExists(ctx, name)
	case where == inside && !m.isIn(name):
		return "", Errorf(CodeNotMember, "You are not in %s. Join it first.", name)
	}
	return name, nil
}

// mayChange is nil where the member may give a command about a message.
func (m *Member) mayChange(ctx context.Context, cmd *Command, message *Event) error {
	if rights[cmd.Kind].author && message.User.ID != m.User().ID {
		if cmd.Kind == CmdDelete && !message.Room.IsDirect() { // as a moderator
			if is, err := m.hub.KeepsOrderIn(ctx, m.User().ID, message.Room); err != nil || is {
				return err
			}
		}
		return Errorf(CodeForbidden, "Only the one who wrote a message can change it.")
	}
	return nil
}

// mayKnow is nil where the member may know of the room. Of a private room of others it says what it says of one that isn't there.
func (m *Member) mayKnow(ctx context.Context, name RoomName) error {
	user := m.User().ID
	switch {
	case name.ReadableBy(user), name.IsClosed() && m.isLetIn(name):
		return nil
	case name.IsClosed():
		err := m.hub.MayRead(ctx, user, name)
		if errors.Is(err, ErrNotFound) {
			return errNoPrivateRoom
		}
		return err
	case len(name) > 0 && (name[0] == '@' || name[0] == closedMark[0]):
		return errNoPrivateRoom
	default:
		return errRoomName
	}
}

// errRoomName is said of what can't be a room's name.
var errRoomName = Errorf(CodeBadRequest, "A room's name is 1 to %d of the characters a-z 0-9 - _.", maxRoomName)

// errNoPrivateRoom is said of a private room of others and of one that isn't there, so that nobody can tell the two apart.
var errNoPrivateRoom = Errorf(CodeNotFound, "There is no such private room.")

// peerExists is nil where the other one of a private room of one's own is a user.
func (m *Member) peerExists(ctx context.Context, name RoomName) error {
	_, err := m.hub.opts.People.ByID(ctx, name.Peer(m.User().ID))
	if errors.Is(err, ErrNotFound) {
		return errNoPrivateRoom
	}
	return err
}
