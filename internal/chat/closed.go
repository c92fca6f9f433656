package chat

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"
	"unicode/utf8"
)

// Characters of a room's password.
const (
	passwordLeast = 4
	passwordMost  = 128
)

// Passwords may be tried this often: by one user, and of one room by all together. Each try counts, also one that is right.
var (
	triesOfUser = Rate{PerSecond: 1.0 / 12, Burst: 5}
	triesOfRoom = Rate{PerSecond: 1.0 / 2, Burst: 30}
)

// limitTries is the setting that tries of keys and names keep to; those of rooms' passwords have no other.
const limitTries = "rate_limit.tries"

var (
	errArchived  = Errorf(CodeForbidden, "This room is archived: it can be read, and nothing is written in it.")
	errPassword  = Errorf(CodeLocked, "This room has a password. Give it to come in.")
	errWrong     = Errorf(CodeLocked, "That is not the room's password. Ask somebody who is in the room.")
	errRemoved   = Errorf(CodeForbidden, "You were removed from this room. To come back, be invited by somebody in it.")
	errModerator = Errorf(CodeForbidden, "Only the room's owner and its moderators can do that.")
)

// create makes a room that one is the owner of.
func (m *Member) create(ctx context.Context, cmd *Command) error {
	name := RoomName(cmd.Name)
	if !name.Public() {
		return errRoomName
	}
	password := ""
	switch cmd.Entry {
	case EntryOpen:
	case EntryPassword:
		name, password = closedMark+name, cmd.Password
		if err := checkPassword(password); err != nil {
			return err
		}
	case EntryInvitation:
		name = closedMark + name + closedCut + suffix()
	}
	err := m.hub.opts.Shelf.Create(ctx, name, m.User().ID, password)
	if errors.Is(err, ErrTaken) {
		return Errorf(CodeTaken, "There is a room %s already. Choose another name.", name.Title())
	}
	if err == nil {
		m.Reply(&Reply{Kind: ReplyCreated, Of: cmd.Kind, Ref: cmd.Ref, Room: name})
	}
	return err
}

func checkPassword(password string) error {
	if n := utf8.RuneCountInString(password); n < passwordLeast || n > passwordMost {
		return Errorf(CodeBadRequest, "A room's password has %d to %d characters.", passwordLeast, passwordMost)
	}
	return nil
}

// suffix is what the server adds to the name of a room by invitation.
func suffix() RoomName {
	const letters = "abcdefghijkmnpqrstuvwxyz23456789" // 32, none like another
	var random [suffixSize]byte
	_, _ = rand.Read(random[:]) // never fails
	for i, b := range random {
		random[i] = letters[b%byte(len(letters))]
	}
	return RoomName(random[:])
}

// Unlock lets a user into a room who gives its password, and says whether there is one to give where it is "": a [CodeLocked] then.
func (h *Hub) Unlock(ctx context.Context, user UserID, name RoomName, password string) error {
	if name.Entry() != EntryPassword || !name.IsClosed() {
		return errNoPrivateRoom
	}
	switch role, err := h.opts.Shelf.Role(ctx, name, user); {
	case err != nil:
		return err
	case role == RoleRemoved:
		return errRemoved
	}
	if password != "" {
		if err := h.tries.take(h.opts.Now(), user, name, &h.opts.Limits); err != nil {
			return err
		}
	}
	fits, err := h.opts.Shelf.Unlock(ctx, name, password)
	switch {
	case errors.Is(err, ErrNotFound):
		return errNoPrivateRoom
	case err != nil:
		return err
	case password == "":
		return errPassword
	case !fits:
		return errWrong
	}
	return h.opts.Shelf.SetRole(ctx, name, user, RoleMember)
}

// tries are what is left of the tries of rooms' passwords. Its zero value is ready.
type tries struct {
	mu    sync.Mutex // guards what follows
	users map[UserID]*Bucket
	rooms map[RoomName]*Bucket
}

// triesSweep is how many buckets there are when those that are full again are forgotten.
const triesSweep = 1 << 12

func (t *tries) take(now time.Time, user UserID, room RoomName, l *Limits) error {
	if l.commands().unlimited() {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if wait := takeOf(&t.users, user, now, triesOfUser); wait > 0 {
		return TooMany(limitTries, wait, "Too many tries.")
	}
	if wait := takeOf(&t.rooms, room, now, triesOfRoom); wait > 0 {
		return TooMany(limitTries, wait, "Too many tries of this room's password.")
	}
	return nil
}

func takeOf[K comparable](buckets *map[K]*Bucket, key K, now time.Time, rate Rate) time.Duration {
	if *buckets == nil {
		*buckets = map[K]*Bucket{}
	}
	if len(*buckets) >= triesSweep {
		for other, b := range *buckets {
			if b.Full(now, rate) {
				delete(*buckets, other)
			}
		}
	}
	b := (*buckets)[key]
	if b == nil {
		b = &Bucket{}
		(*buckets)[key] = b
	}
	return b.Take(now, rate, 1)
}

// invite asks somebody into a room, and lets them into a closed one.
func (m *Member) invite(ctx context.Context, cmd *Command, name RoomName) error {
	if name.IsDirect() {
		return Errorf(CodeBadRequest, "A private conversation stays between its two. Make a room by invitation for more.")
	}
	peer, err := m.hub.opts.People.ByName(ctx, cmd.Name)
	if errors.Is(err, ErrNotFound) {
		return Errorf(CodeNotFound, "Nobody goes by the name %s here.", quoteName(cmd.Name))
	}
	if err != nil {
		return err
	}
	if peer.ID == m.User().ID {
		return Errorf(CodeBadRequest, "You are in the room already. Name somebody else.")
	}
	if name.IsClosed() {
		if err := m.hub.opts.Shelf.Invite(ctx, name, peer.ID, m.User().ID); err != nil {
			return err
		}
	}
	for _, theirs := range m.hub.connections(peer.ID) {
		theirs.Reply(&Reply{Kind: ReplyInvitation, Room: name, User: m.User(), Time: m.hub.now()})
	}
	m.Reply(&Reply{Kind: ReplyInvited, Of: cmd.Kind, Ref: cmd.Ref, Room: name, User: peer})
	return nil
}

// setPassword gives a room that has a password another one. Who is in stays in.
func (m *Member) setPassword(ctx context.Context, cmd *Command, name RoomName) error {
	may, err := m.hub.KeepsOrderIn(ctx, m.User().ID, name)
	switch {
	case err != nil:
		return err
	case !name.IsClosed() || name.Entry() != EntryPassword:
		return Errorf(CodeBadRequest, "This room has no password. A room gets one when it is made.")
	case !may:
		return errModerator
	}
	if err := checkPassword(cmd.Password); err != nil {
		return err
	}
	if err := m.hub.opts.Shelf.SetPassword(ctx, name, cmd.Password); err != nil {
		return err
	}
	return m.about(ctx, cmd, name)
}

// archive makes a room read-only for all, or ends that.
func (m *Member) archive(ctx context.Context, cmd *Command, name RoomName) error {
	user := m.User()
	may, err := m.hub.KeepsOrderIn(ctx, m.User().ID, name)
	switch {
	case err != nil:
		return err
	case name == Lobby || name.IsDirect():
		return Errorf(CodeForbidden, "This room can't be archived.")
	case !may:
		return errModerator
	}
	if err := m.hub.opts.Shelf.Archive(ctx, name, cmd.On); err != nil {
		return err
	}
	if !m.hub.submit(name, item{kind: itemArchive, user: user, on: cmd.On}) {
		return errDraining
	}
	return m.about(ctx, cmd, name)
}

// about answers with what one is in a room, and in a closed one with who was let in.
func (m *Member) about(ctx context.Context, cmd *Command, name RoomName) error {
	role, err := m.hub.opts.Shelf.Role(ctx, name, m.User().ID)
	if err != nil {
		return err
	}
	facts, err := m.hub.opts.Shelf.Facts(ctx, name)
	if err != nil {
		return err
	}
	var insiders []Insider
	if name.IsClosed() {
		if insiders, err = m.hub.opts.Shelf.Insiders(ctx, name); err != nil {
			return err
		}
	}
	m.Reply(&Reply{Kind: ReplyAbout, Of: cmd.Kind, Ref: cmd.Ref, Room: name, Role: role, On: facts.Archived, Insiders: insiders})
	return nil
}
