package cli

import (
	"fmt"
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
	here      map[string]map[string]bool // ids of those who are in a room, or have spoken there, by its name
	heard     map[string]bool            // names of rooms that one has heard of
	ignored   map[string]string          // names of those whom one ignores, by their ids
	away      map[string]string          // what those say who are away, by their ids
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

const (
	typingShown = 5 * time.Second
	dayLayout   = "Monday, 2 January 2006"
)

func newTalk(c *client.Client, v view, s style, room string, person bool) *talk {
	return &talk{
		Client: c, view: v, style: s, person: person, room: room, rooms: []string{room},
		answers: 2, // to the handshake: the welcome, and what the first room says
		here:    map[string]map[string]bool{}, heard: map[string]bool{},
		names: map[string]string{}, away: map[string]string{}, typing: map[string]typist{}, day: time.Now().In(s.zone).Format(dayLayout),
	}
}

// hear shows what happened.
func (t *talk) hear(event client.Event) {
	switch e := event.(type) {
	case client.Welcome:
		t.hearOf(e.Rooms)
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
		if e.Never {
			t.out(e.Room, "you aren't in #%s")
		} else {
			t.out(e.Room, "you aren't in #%s any more")
		}
	case client.Members:
		t.noteAllIn(e.Room, e.Members)
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
		message := clean(e.Message)
		if e.Code == "locked" {
			message += " /join ~ROOM PASSWORD"
		}
		t.failed(message)
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
