package chat

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"
)

// Absence is that a user said that they are away. It is kept while they are connected, and ends when they say something.
type Absence struct {
	User  UserID
	Text  string // what they said of it, may be ""
	Since time.Time
}

// AwayMost is how many characters are said of being away.
const AwayMost = 100

// goAway notes that the user is away, and tells the rooms that they are in.
func (m *Member) goAway(ctx context.Context, cmd *Command) error {
	text := strings.Join(strings.Fields(cleanText(cmd.Text)), " ")
	if n := utf8.RuneCountInString(text); n > AwayMost {
		return Errorf(CodeTooLong, "That has %d characters; %d is the most. Say it in fewer words.", n, AwayMost)
	}
	h, user := m.hub, m.User()
	h.mu.Lock()
	was, isAway := h.away[user.ID]
	if !isAway || was.Text != text {
		since := h.now()
		if isAway {
			since = was.Since
		}
		h.away[user.ID] = Absence{User: user.ID, Text: text, Since: since}
		h.someAway.Store(true)
	}
	h.mu.Unlock()
	if !isAway || was.Text != text {
		h.tellRooms(user.ID, Signal{Kind: SignalAway, User: user, Text: text})
	}
	return m.tellProfile(ctx, cmd, user)
}

// comeBack ends that the user is away, where they are.
func (m *Member) comeBack() {
	if user := m.User(); m.hub.forgetAway(user.ID) {
		m.hub.tellRooms(user.ID, Signal{Kind: SignalBack, User: user})
	}
}

// forgetAway reports whether a user was away until now.
func (h *Hub) forgetAway(id UserID) bool {
	if !h.someAway.Load() {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	_, away := h.away[id]
	delete(h.away, id)
	h.someAway.Store(len(h.away) > 0)
	return away
}

// hasLeft forgets that a user is away who left a room and has no connection any more.
func (h *Hub) hasLeft(id UserID) {
	if h.someAway.Load() && !h.Online(id) {
		h.forgetAway(id)
	}
}

// awayOf returns those of some users who are away.
func (h *Hub) awayOf(users []User) (away []Absence) {
	if !h.someAway.Load() {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range users {
		if a, ok := h.away[users[i].ID]; ok {
			away = append(away, a)
		}
	}
	return away
}

// tellRooms tells all rooms that a user is in something about them, once each.
func (h *Hub) tellRooms(id UserID, s Signal) {
	told := map[RoomName]bool{}
	for _, m := range h.connections(id) {
		for _, name := range m.joined() {
			if !told[name] {
				told[name] = true
				h.submit(name, item{kind: itemSay, signal: &s})
			}
		}
	}
}

// back says that one is here again, and answers with who one is.
func (m *Member) back(ctx context.Context, cmd *Command) error {
	m.comeBack()
	return m.tellProfile(ctx, cmd, m.User())
}
