package chat

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// Role is what a user is in a room. The numbers are stored, and whoever may do what a role may, may do it with a higher one.
type Role int8

// The roles. In an open room whoever comes in has none: everybody is let in there.
const (
	RoleRemoved Role = iota - 1 // was removed from a closed room: is let in by an invitation alone
	RoleNone
	RoleMember    // was let into a closed room: invited, or gave its password
	RoleModerator // keeps order
	RoleOwner     // made the room
)

// String is the role as frames say it.
func (r Role) String() string {
	return [...]string{"", "member", "moderator", "owner"}[max(RoleNone, min(r, RoleOwner))]
}

// Entry says who may come into a room.
type Entry uint8

// The entries.
const (
	EntryOpen       Entry = iota // everybody
	EntryPassword                // whoever gives its password, once
	EntryInvitation              // whoever is invited by somebody in it; nobody else can know that it is there
)

// closedMark begins the name of a closed room, which no open one can have, so that it is known by the name alone what rule a room has.
// Behind the closedCut a room by invitation has characters that the server gives it: who makes one learns nothing of others by names
// that are taken.
const (
	closedMark = "~"
	closedCut  = "."
	suffixSize = 8
)

// Entry returns who may come in, as the name says. It says nothing of whether there is such a room.
func (r RoomName) Entry() Entry {
	switch {
	case !strings.HasPrefix(string(r), closedMark):
		return EntryOpen
	case strings.Contains(string(r), closedCut):
		return EntryInvitation
	default:
		return EntryPassword
	}
}

// IsClosed reports whether r is well formed as the name of a room that not everybody may come into.
func (r RoomName) IsClosed() bool {
	rest, closed := strings.CutPrefix(string(r), closedMark)
	title, suffix, cut := strings.Cut(rest, closedCut)
	if cut && (len(suffix) != suffixSize || !RoomName(suffix).Public()) {
		return false
	}
	return closed && RoomName(title).Public()
}

// Valid reports whether there can be such a room at all.
func (r RoomName) Valid() bool { return r.Public() || r.IsClosed() || r.IsDirect() }

// Title is how people call the room. A private room of two goes by the other one's name instead.
func (r RoomName) Title() string {
	title, _, _ := strings.Cut(strings.TrimPrefix(string(r), closedMark), closedCut)
	return title
}

// ReadableAs reports whether a user who has a role in r may know anything at all of it. It is the one rule that keeps rooms private;
// what it says of the name alone is [RoomName.ReadableBy].
func (r RoomName) ReadableAs(user UserID, role Role) bool {
	return r.ReadableBy(user) || r.IsClosed() && role >= RoleMember
}

// Figures of rooms that nobody has had a reason to set.
const (
	TopicMost = 200 // characters of a topic
	PinsMost  = 50  // messages that are pinned in one room
	// ArchivedMost is how many archived rooms a list has.
	ArchivedMost = 100
	// InsidersMost is how many of those who were let into a closed room are told.
	InsidersMost = 200
)

// Insider is somebody who was let into a closed room, whether they are there now or not.
type Insider struct {
	User User
	Role Role
}

// Facts are what a room is beside its log.
type Facts struct {
	Topic string
	Pins  []int64 // seqs of the messages that are pinned, the latest pinned last
	// Archived: it can be read and is not written in.
	Archived bool
}

// take changes the facts by an event. nil stays nil.
func (f *Facts) take(e *Event) {
	if f == nil {
		return
	}
	switch {
	case e.Kind == KindTopic:
		f.Topic = e.Text
	case e.Kind == KindPin && e.On && !slices.Contains(f.Pins, e.Of):
		f.Pins = append(f.Pins, e.Of)
	case e.Kind == KindPin && !e.On, e.Kind == KindDelete:
		f.Pins = slices.DeleteFunc(f.Pins, func(seq int64) bool { return seq == e.Of })
	}
}

// checkTopic cleans a topic, which is one line, and says what is wrong with it.
func checkTopic(room RoomName, text string) (string, *Error) {
	if room.IsDirect() {
		return "", Errorf(CodeBadRequest, "A private conversation of two has no topic.")
	}
	text = strings.Join(strings.Fields(cleanText(text)), " ")
	if n := utf8.RuneCountInString(text); n > TopicMost {
		return "", Errorf(CodeTooLong, "The topic has %d characters; %d is the most. Say it in fewer words.", n, TopicMost)
	}
	return text, nil
}

// sift refuses those posts of a batch that the room, as it is now, has no place for.
func (r *room) sift() {
	pins := len(r.facts.Pins)
	r.posts = slices.DeleteFunc(r.posts, func(it *item) bool {
		e := &it.event
		switch _, seated := r.places[it.member]; {
		case r.name.IsClosed() && !seated: // removed meanwhile
			r.refusePost(it, errNoPrivateRoom)
			return true
		case r.facts.Archived && !r.isOrderly(e):
			r.refusePost(it, errArchived)
			return true
		}
		switch pinned := (e.Kind == KindPin || e.Kind == KindDelete) && slices.Contains(r.facts.Pins, e.Of); {
		case pinned && !e.On:
			pins--
			return false
		case pinned, e.Kind != KindPin, !e.On:
			return false
		}
		if pins++; pins <= PinsMost {
			return false
		}
		r.refusePost(it, Errorf(CodeBadRequest, "%d messages are pinned here; that is the most. Unpin one first.", PinsMost))
		return true
	})
}

// isOrderly reports whether an event keeps order in the chat: a moderator's deletion, which needs no room to be opened again.
func (r *room) isOrderly(e *Event) bool {
	if e.Kind != KindDelete {
		return false
	}
	is, err := r.hub.IsModerator(r.hub.work, e.User.ID)
	if err != nil {
		r.hub.opts.Logger.Error("a deletion in an archived room was refused: who is a moderator could not be read", "room", r.name, "error", err)
	}
	return is
}

// refusePost tells the sender of a post why it isn't stored, unless it was stored before, and its sender has not heard that.
func (r *room) refusePost(it *item, why *Error) {
	it.settle()
	if it.event.ClientID != "" {
		e, err := r.hub.opts.Log.Sent(r.hub.work, it.event.User.ID, it.event.ClientID)
		if err == nil {
			it.member.Reply(&Reply{Kind: ReplyAck, Of: it.of, Ref: it.ref, Room: e.Room, ID: e.ClientID, Seq: e.Seq, Time: e.Time})
			return
		}
	}
	it.refuse(why)
}

// pins answers with the messages that are pinned in a room, the latest pinned first.
func (m *Member) pins(ctx context.Context, cmd *Command, name RoomName) error {
	if err := m.hub.beginReading(ctx); err != nil {
		return err
	}
	defer m.hub.endReading()
	facts, err := m.hub.opts.Shelf.Facts(ctx, name)
	if err != nil {
		return err
	}
	reply := &Reply{Kind: ReplyPins, Of: cmd.Kind, Ref: cmd.Ref, Room: name}
	size := 0
	for _, seq := range slices.Backward(facts.Pins) {
		e, err := m.hub.opts.Log.Message(ctx, name, seq)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if size += e.weight(); size > answerBytes && len(reply.Messages) > 0 {
			reply.More = true
			break
		}
		reply.Messages = append(reply.Messages, e)
	}
	m.weigh(reply.Messages)
	m.Reply(reply)
	return nil
}

// mute notes whether the user wants to be told of what is said in a room, for all of their devices, and tells those.
func (m *Member) mute(ctx context.Context, cmd *Command, name RoomName) error {
	user := m.User().ID
	if err := m.hub.opts.Shelf.Mute(ctx, name, user, cmd.On); err != nil {
		return err
	}
	for _, own := range m.hub.connections(user) {
		told := &Reply{Kind: ReplyMuted, Room: name, On: cmd.On}
		if own == m {
			told.Of, told.Ref = cmd.Kind, cmd.Ref
		}
		own.Reply(told)
	}
	return nil
}

// Facts returns what a room is beside its log. Whether one may know of it is to be asked before.
func (h *Hub) Facts(ctx context.Context, name RoomName) (Facts, error) {
	return h.opts.Shelf.Facts(ctx, name)
}

func (m *Member) listRooms(ctx context.Context, cmd *Command) error {
	if err := m.hub.beginReading(ctx); err != nil {
		return err
	}
	defer m.hub.endReading()
	list := m.hub.Rooms
	if cmd.On {
		list = m.hub.opts.Shelf.Archived
	}
	rooms, err := list(ctx, m.User().ID)
	if err == nil {
		m.Reply(&Reply{Kind: ReplyRooms, Of: cmd.Kind, Ref: cmd.Ref, Rooms: rooms, On: cmd.On})
	}
	return err
}
