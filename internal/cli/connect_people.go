package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"parley/internal/client"
)

// hearWhois says who somebody is: in one line, what anybody may know.
func (t *talk) hearWhois(w client.Whois) {
	text := person(w.User) + " isn't here now"
	switch {
	case w.Away != nil:
		text = fmt.Sprintf("%s is away since %s%s", person(w.User), w.Away.Since.In(t.style.zone).Format("15:04"), because(w.Away.Text))
	case w.Here:
		text = fmt.Sprintf("%s is here since %s", person(w.User), w.Since.In(t.style.zone).Format("15:04"))
	}
	if len(w.Rooms) > 0 && w.User.ID != t.Me().ID {
		text += "; you are both in #" + cleanLine(strings.Join(w.Rooms, ", #"))
	}
	switch {
	case w.Barred.Year() >= 9999:
		text = person(w.User) + " is kept out until /unban"
	case !w.Barred.IsZero():
		text = person(w.User) + " is kept out until " + w.Barred.In(t.style.zone).Format("15:04, "+dayLayout)
	case w.Moderator:
		text += "; a moderator"
	}
	t.system("", text)
}

func because(text string) string {
	if text = cleanLine(text); text == "" {
		return ""
	}
	return ": " + isolate(text)
}

// noteIn notes that somebody is in a room.
func (t *talk) noteIn(room, user string) {
	if t.here[room] == nil {
		t.here[room] = map[string]bool{}
	}
	t.here[room][user] = true
}

// noteAllIn notes who is in a room, and that nobody else is known to be.
func (t *talk) noteAllIn(room string, users []client.User) {
	t.meet(users...)
	delete(t.here, room)
	for _, u := range users {
		t.noteIn(room, u.ID)
	}
}

// hearOf notes which rooms there are, and with whom one has a private one.
func (t *talk) hearOf(rooms []client.RoomInfo) {
	for _, info := range rooms {
		t.meet(info.Peer)
		if !client.IsPrivate(info.Room) {
			t.heard[info.Room] = true
		}
	}
}

// hearAway says that somebody is away or back: once, however many rooms tell it. Of oneself the answer says it.
func (t *talk) hearAway(p client.Presence) {
	was, wasAway := t.away[p.User.ID]
	text, isAway := p.Text, p.Event == "away"
	if isAway == wasAway && was == text {
		return
	}
	delete(t.away, p.User.ID)
	if isAway {
		t.away[p.User.ID] = text
	}
	switch {
	case p.User.ID == t.Me().ID:
	case isAway:
		t.system("", person(p.User)+" is away"+because(text))
	default:
		t.system("", person(p.User)+" is back")
	}
}

// ignore notes whom one ignores.
func (t *talk) ignore(users []client.User) {
	t.meet(users...)
	t.ignored = map[string]string{}
	for _, u := range users {
		t.ignored[u.ID] = person(u)
	}
}

func (t *talk) whoIsIgnored() string {
	if len(t.ignored) == 0 {
		return "you ignore nobody"
	}
	return "you ignore " + strings.Join(slices.Sorted(maps.Values(t.ignored)), ", ") + "; /unignore NAME ends it"
}

// hearTopic says what a room is about now.
func (t *talk) hearTopic(e client.Topic) {
	t.newDay(e.Time)
	text := person(e.User) + " took the topic away"
	if topic := cleanLine(e.Text); topic != "" {
		text = person(e.User) + " set the topic: " + isolate(topic)
	}
	t.system(e.Room, text)
	if e.User.ID == t.Me().ID {
		t.answered()
	}
}
