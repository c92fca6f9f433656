package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/internal/client"
)

// talk is a conversation at a terminal: what happens is shown, what is entered is done. One goroutine owns it.
type talk struct {
	*client.Client
	view   view
	style  style
	person bool // somebody sits there and reads; else it is a pipe

	rooms     []string // that one is in, the latest last
	room      string   // where one speaks, "" for nowhere
	names     map[string]string
	ignored   map[string]string // names of those whom one ignores, by their ids
	away      map[string]string // what those say who are away, by their ids
	typing    map[string]typist
	day       string // of the last line
	answerTo  string // the name of whom /r answers
	unheard   int    // messages whose Sent or Refused is still to come
	answers   int    // that are still to come before a pipe may end
	moderator bool   // one keeps order
	begun     bool   // the first room was entered
	refused   bool   // something didn't work
	over      bool   // there was a /quit
	err       error  // why the server ended the conversation
}

// typist is somebody who is writing in a room.
type typist struct {
	name, room string
	until      time.Time
}

const (
	typingShown = 5 * time.Second
	dayLayout   = "Monday, 2 January 2006"
)

func newTalk(c *client.Client, v view, s style, room string, person bool) *talk {
	return &talk{
		Client: c, view: v, style: s, person: person, room: room, rooms: []string{room},
		answers: 2, // to the handshake: the welcome, and what the first room says
		names:   map[string]string{}, away: map[string]string{}, typing: map[string]typist{}, day: time.Now().In(s.zone).Format(dayLayout),
	}
}

// hear shows what happened.
func (t *talk) hear(event client.Event) {
	switch e := event.(type) {
	case client.Welcome:
		for _, room := range e.Rooms {
			t.meet(room.Peer)
		}
		t.ignore(e.Ignored)
		for _, room := range e.Rooms {
			t.invited(room.Inviter, room.Room)
		}
		t.moderator = e.Moderator
		t.answered()
	case client.Message:
		t.hearMessage(e)
	case client.Changed:
		if t.ignored[e.User.ID] != "" {
			return
		}
		t.newDay(e.Time)
		t.view.line(t.style.changed(e, t.place(e.Room)))
	case client.Presence:
		t.hearPresence(e)
	case client.Joined:
		t.hearJoined(e)
	case client.Left:
		t.out(e.Room, "you aren't in #%s any more")
	case client.Members:
		t.meet(e.Members...)
		t.system("", fmt.Sprintf("in #%s: %s", cleanLine(e.Room), people(e.Members)))
		t.answered()
	case client.Found:
		t.hearFound(e)
		t.answered()
	case client.Whois:
		t.hearWhois(e)
		t.answered()
	case client.Ignored:
		t.ignore(e.People)
		t.system("", t.whoIsIgnored())
		t.answered()
	case client.Invited:
		t.system("", person(e.User)+" is asked into #"+cleanLine(e.Room))
		t.answered()
	case client.Invitation:
		t.invited(e.User, e.Room)
	case client.Removed:
		t.system("", person(e.User)+" is removed from #"+cleanLine(e.Room))
		t.answered()
	case client.Removal:
		t.system("", person(e.User)+" removed you from #"+cleanLine(e.Room))
		t.out(e.Room, "you are out of #%s")
	case client.About:
		t.system("", "#"+cleanLine(e.Room)+" has its new password; who is in stays in")
		t.answered()
	case client.Topic:
		t.hearTopic(e)
	case client.Rooms:
		t.hearRooms(e)
		t.answered()
	case client.Typing:
		if t.ignored[e.User.ID] != "" {
			return
		}
		t.typing[e.User.ID] = typist{person(e.User), e.Room, time.Now().Add(typingShown)}
	case client.Sent:
		t.unheard--
	case client.Refused:
		t.unheard--
		t.failed(fmt.Sprintf("not sent: %q: %s", short(cleanLine(e.Text)), clean(e.Message)))
	case client.Failed:
		t.failed(clean(e.Message))
		t.answered()
	case client.IdleWarning:
		left := count(int(e.Left.Seconds()), "second")
		t.system("", "still there? In "+left+" you are disconnected; press Enter to stay")
	case client.Lost, client.Back:
		t.hearConnection(e)
	case client.Ended:
		t.err = e.Err
	}
}

// invited says who asks one into which room.
func (t *talk) invited(by client.User, room string) {
	if by.ID != "" && t.ignored[by.ID] == "" {
		t.system("", person(by)+" asks you into a room: /join "+cleanLine(room))
	}
}

func (t *talk) hearMessage(m client.Message) {
	if t.names[m.User.ID] == "" || !m.History {
		t.meet(m.User)
	}
	if t.ignored[m.User.ID] != "" {
		return
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
		t.system(p.Room, who+" joining conversation...")
	case "away", "back":
		t.hearAway(p)
	case "leave":
		t.system(p.Room, who+" leaving conversation...")
	case "rename":
		if !known { // it is told in every room, and true in all
			t.system("", isolate(cleanLine(p.Was))+" is now "+who)
		}
	}
}

func (t *talk) hearJoined(j client.Joined) {
	t.meet(j.Members...)
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
	for _, info := range r.Rooms {
		t.meet(info.Peer)
		if client.IsPrivate(info.Room) {
			continue
		}
		text := count(info.Members, "person")
		if info.Members != 1 {
			text = fmt.Sprintf("%d people", info.Members)
		}
		if info.Unread > 0 {
			text += fmt.Sprintf(", %d unread", info.Unread)
		}
		t.view.line(fmt.Sprintf("  %-16s  %s", "#"+cleanLine(info.Room), t.style.paint(styleDim, text)))
	}
}

// out takes a room from those that one is in, and says so.
func (t *talk) out(room, how string) {
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
		t.join(e.text)
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
func (t *talk) join(room string) {
	t.room = room
	if slices.Contains(t.rooms, room) {
		t.system("", "you are in #"+room)
		return
	}
	t.rooms = append(t.rooms, room)
	t.answers++
	t.Join(room)
}

// edited tells the others that a message is being written.
func (t *talk) edited(text string) {
	command := strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && !strings.HasPrefix(text, "/me ") &&
		!strings.HasPrefix(text, "/shrug")
	if t.room != "" && text != "" && !command {
		t.Typing(t.room)
	}
}

// refresh shows what is so just now, and returns how long until that changes by itself, 0 for not at all.
func (t *talk) refresh() time.Duration {
	prompt := cleanLine(t.Me().Name)
	if len(t.rooms) > 1 {
		prompt += " #" + t.room
	}
	waiting := t.Waiting()
	switch {
	case t.Online():
	case waiting > 0:
		prompt += fmt.Sprintf(" (offline, %d waiting)", waiting)
	default:
		prompt += " (offline)"
	}
	t.view.prompt(prompt)
	hint, next := t.whoTypes(time.Now())
	t.view.hint(hint)
	return next
}

// whoTypes says who is writing in this room, and how long it stays so.
func (t *talk) whoTypes(now time.Time) (hint string, next time.Duration) {
	var names []string
	for id, who := range t.typing {
		left := who.until.Sub(now)
		if left <= 0 {
			delete(t.typing, id)
			continue
		}
		if next == 0 || left < next {
			next = left
		}
		if who.room == t.room {
			names = append(names, who.name)
		}
	}
	slices.Sort(names)
	switch len(names) {
	case 0:
		return "", next
	case 1:
		return names[0] + " is typing…", next
	case 2:
		return names[0] + " and " + names[1] + " are typing…", next
	default:
		return fmt.Sprintf("%d people are typing…", len(names)), next
	}
}

// settled reports whether all that was entered has been answered, and the answers been shown: the client knows of an ack before its
// events, and with them the message itself, come here.
func (t *talk) settled() bool { return t.unheard <= 0 && t.answers <= 0 }

func (t *talk) answered() { t.answers = max(0, t.answers-1) }

func (t *talk) failed(text string) {
	t.refused = true
	t.view.failure(t.style.error(text))
}

func (t *talk) system(room, text string) { t.view.line(t.style.system(t.place(room), text)) }

// place names a room where it isn't the one that one is in.
func (t *talk) place(room string) string {
	if room == "" || room == t.room || client.IsPrivate(room) {
		return ""
	}
	return room
}

// meet remembers people, so that their names are known to /msg.
func (t *talk) meet(users ...client.User) {
	for _, u := range users {
		if u.ID != "" && u.Name != "" {
			t.names[u.ID] = u.Name
		}
	}
}

// newDay says the date where it isn't that of the line before.
func (t *talk) newDay(at time.Time) {
	if day := at.In(t.style.zone).Format(dayLayout); day != t.day {
		t.day = day
		t.system("", day)
	}
}

// short cuts a text that is only to be recognised.
func short(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}
