package cli

import (
	"fmt"
	"slices"

	"parley/internal/client"
)

// invited says who asks one into which room.
func (t *talk) invited(by client.User, room string) {
	if by.ID != "" && t.ignored[by.ID] == "" {
		t.heard[room] = true
		t.system("", person(by)+" asks you into a room: /join "+cleanLine(room))
	}
}

func (t *talk) hearMessage(m client.Message) {
	if t.names[m.User.ID] == "" || !m.History {
		t.meet(m.User)
	}
	if !m.History {
		t.noteIn(m.Room, m.User.ID)
	}
	if t.ignored[m.User.ID] != "" {
		return
	}
	if m.Quote != nil && t.ignored[m.Quote.User.ID] != "" {
		m.Quote = &client.Quote{User: m.Quote.User, Text: "(you ignore them)"}
	}
	if m.Peer.Name != "" && !m.Own {
		t.answerTo = m.Peer.Name
	}
	delete(t.typing, m.User.ID)
	t.newDay(m.Time)
	t.view.line(t.style.message(m, t.place(m.Room)))
	if t.person && !m.Own {
		t.Read(m.Room, m.Seq)
	}
}

func (t *talk) hearPresence(p client.Presence) {
	known := t.names[p.User.ID] == p.User.Name
	t.meet(p.User)
	delete(t.typing, p.User.ID)
	who := person(p.User)
	switch p.Event {
	case "join":
		t.noteIn(p.Room, p.User.ID)
		t.system(p.Room, who+" joining conversation...")
	case "away", "back":
		t.hearAway(p)
	case "leave":
		delete(t.here[p.Room], p.User.ID)
		t.system(p.Room, who+" leaving conversation...")
	case "rename":
		if !known { // it is told in every room, and true in all
			t.system("", isolate(cleanLine(p.Was))+" is now "+who)
		}
	}
}

func (t *talk) hearJoined(j client.Joined) {
	t.heard[j.Room] = true
	t.noteAllIn(j.Room, j.Members)
	if j.Resumed {
		return
	}
	t.answered()
	me := t.Me()
	others := slices.DeleteFunc(slices.Clone(j.Members), func(u client.User) bool { return u.ID == me.ID })
	with := "; nobody else is here"
	switch {
	case j.Count > 0:
		with = fmt.Sprintf("; %d people are here", j.Count)
	case len(others) > 0:
		with = "; here: " + people(others)
	}
	if t.person && !t.begun {
		with += "; /help lists the commands"
	}
	t.begun = true
	t.system("", fmt.Sprintf("you are in #%s as %s%s", j.Room, person(me), with))
}

func (t *talk) hearConnection(event client.Event) {
	switch e := event.(type) {
	case client.Lost:
		clear(t.typing)
		t.answers = 0 // what was asked on that connection is not answered on another
		if e.Idle {
			t.system("", "disconnected after long silence here; press Enter to come back")
			return
		}
		t.system("", "connection lost; reconnecting…")
	case client.Back:
		switch {
		case e.Truncated:
			t.system("", "back; so much was said meanwhile that only the latest is shown")
		case e.Missed > 0:
			t.system("", fmt.Sprintf("back; %s came meanwhile", count(e.Missed, "message")))
		default:
			t.system("", "back; nothing was missed")
		}
	}
}

// hearFound shows what a search found, the latest at the bottom, where one looks first.
func (t *talk) hearFound(f client.Found) {
	for _, hit := range slices.Backward(f.Hits) {
		t.view.line(t.style.hit(hit))
	}
	text := "nothing found"
	switch n := len(f.Hits); {
	case n > 0 && f.More:
		text = fmt.Sprintf("the latest %s; before:DATE finds older ones", count(n, "message"))
	case n > 0:
		text = count(n, "message") + " found"
	case f.More:
		text = "nothing found among the latest messages; before:DATE looks at older ones"
	}
	if f.Behind {
		text += "; not all messages can be found yet"
	}
	t.system("", text)
}

// hearRooms lists the public rooms: who is in each, and what one has not read.
func (t *talk) hearRooms(r client.Rooms) {
	t.hearOf(r.Rooms)
	for _, info := range r.Rooms {
		if client.IsPrivate(info.Room) {
			continue
		}
		text := count(info.Members, "person")
		switch {
		case info.Locked:
			text = "has a password"
		case info.Members != 1:
			text = fmt.Sprintf("%d people", info.Members)
		}
		if info.Unread > 0 {
			text += fmt.Sprintf(", %d unread", info.Unread)
		}
		t.view.line(fmt.Sprintf("  %-16s  %s", "#"+cleanLine(info.Room), t.style.paint(styleDim, text)))
	}
}
