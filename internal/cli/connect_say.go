package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// say does what was entered.
func (t *talk) say(line string) {
	line = strings.TrimRight(line, " \t\r\n")
	if line == "" {
		if t.Online() {
			t.Active()
		} else {
			t.Reconnect()
		}
		return
	}
	names := make([]string, 0, len(t.names))
	for _, name := range t.names {
		names = append(names, name)
	}
	e, err := parseEntry(line, names)
	if err == nil {
		err = t.do(e)
	}
	if err != nil {
		t.failed(err.Error())
	}
}

func (t *talk) do(e entry) error {
	switch e.command {
	case "help":
		for _, c := range helpLines(t.moderator) {
			t.view.line(fmt.Sprintf("  %-16s  %s", c[0], t.style.paint(styleDim, c[1])))
		}
	case "ignore":
		if e.text == "" {
			t.system("", t.whoIsIgnored())
			return nil
		}
		return t.ask(e)
	case "who", "nick", "search", "rooms", "whois", "away", "back", "unignore", "topic", "remove", "password", "kick", "ban", "unban":
		return t.ask(e)
	case "msg":
		t.tellAlone(e.to, e.text)
	case "r":
		if t.answerTo == "" {
			return errors.New("nobody has written to you alone; /msg NAME text does")
		}
		t.tellAlone(t.answerTo, e.text)
	case "invite":
		if e.text != "" {
			return t.ask(e)
		}
		t.system("", "others come here with a browser: "+t.Pages(t.room))
	case "clear":
		t.view.clear()
	case "join":
		t.join(e.text, e.password)
	case "leave":
		room := t.room
		if e.text != "" {
			room = e.text
		}
		if !slices.Contains(t.rooms, room) {
			return errors.New("you aren't in that room")
		}
		t.Leave(room)
		t.out(room, "you left #%s")
	case "quit":
		t.over = true
	default:
		if t.room == "" {
			return errors.New("you are in no room; /join ROOM first")
		}
		t.unheard++
		t.Send(t.room, e.text)
	}
	return nil
}

// tellAlone sends a private message. It is answered to whom it is, until somebody else writes.
func (t *talk) tellAlone(name, text string) {
	t.unheard++
	t.answerTo = name
	t.SendTo(name, text)
}

// ask asks for what the server answers at once or not at all.
func (t *talk) ask(e entry) error {
	var err error
	switch e.command {
	case "nick":
		err = t.Rename(e.text)
	case "search":
		err = t.Search(e.text)
	case "rooms":
		err = t.Rooms()
	case "whois":
		err = t.Whois(e.text)
	case "away":
		err = t.Away(e.text)
	case "back":
		err = t.Back()
	case "kick", "ban", "unban":
		err = t.Order(e.command, t.room, e.to, e.text, e.long)
	case "ignore", "unignore":
		err = t.Ignore(e.text, e.command == "ignore")
	default:
		if t.room == "" {
			return errors.New("you are in no room; /join ROOM first")
		}
		err = t.askHere(e)
	}
	if err == nil {
		t.answers++
	}
	return err
}

// askHere asks for what is about the room that one is in.
func (t *talk) askHere(e entry) error {
	switch e.command {
	case "topic":
		return t.SetTopic(t.room, e.text)
	case "invite":
		return t.Invite(t.room, e.text)
	case "remove":
		return t.Remove(t.room, e.text)
	case "password":
		return t.SetPassword(t.room, e.text)
	default:
		return t.Members(t.room)
	}
}

// join goes into a room, or turns to one that one is in already.
func (t *talk) join(room, password string) {
	t.room = room
	if slices.Contains(t.rooms, room) {
		t.system("", "you are in #"+room)
		return
	}
	t.rooms = append(t.rooms, room)
	t.answers++
	t.Join(room, password)
}

// out takes a room from those that one is in, and says so.
func (t *talk) out(room, how string) {
	delete(t.here, room)
	i := slices.Index(t.rooms, room)
	if i < 0 {
		return
	}
	t.rooms = slices.Delete(t.rooms, i, i+1)
	next := "; you are in no room now: /join ROOM"
	if t.room == room {
		t.room = ""
	}
	if t.room == "" && len(t.rooms) > 0 {
		t.room = t.rooms[len(t.rooms)-1]
	}
	if t.room != "" {
		next = "; you are in #" + t.room
	}
	t.system("", fmt.Sprintf(how, cleanLine(room))+next)
}

// short cuts a text that is only to be recognised.
func short(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}
