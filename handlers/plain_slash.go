package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
)

// typedForm is what somebody typed into a form of a room.
type typedForm struct {
	*site
	c    *fiber.Ctx
	who  identity
	room chat.RoomName
	here *visit
	id   string // of what it sends
	// replyTo is the message of the room that it answers, 0 for none.
	replyTo int64
}

// plainActs are what the commands do that people type, by their names in [chat.Slashes]. Each returns the address where what came of it
// is shown, "" for the room. static/js/slash.js has the same for the page with a script.
var plainActs = map[string]func(f *typedForm, text string) (next string, err error){
	"help": func(f *typedForm, _ string) (string, error) { return plainPath(f.room) + "?help", nil },
	"me":   func(f *typedForm, text string) (string, error) { return f.say("/me " + text) },
	"shrug": func(f *typedForm, text string) (string, error) {
		return f.say(strings.TrimSpace(text + " " + chat.Shrug))
	},
	"msg": (*typedForm).message,
	"r":   (*typedForm).answer,
	"nick": func(f *typedForm, name string) (string, error) {
		return "", formProblem(f.here.rename(f.c.UserContext(), names{f.accounts}, name))
	},
	"join": func(f *typedForm, text string) (string, error) {
		room, wrong := roomTyped(f.page(f.c, ""), text)
		if wrong != nil {
			return "", wrong
		}
		return plainPath(room), nil
	},
	"leave": (*typedForm).leave,
	"rooms": func(f *typedForm, _ string) (string, error) { return plainPath(f.room) + "#rooms", nil },
	"who":   func(f *typedForm, _ string) (string, error) { return plainPath(f.room) + "#people", nil },
	"whois": func(f *typedForm, text string) (string, error) {
		return f.named(chat.Command{Kind: chat.CmdWhois}, text)
	},
	"away": func(f *typedForm, text string) (string, error) {
		return f.ask(&chat.Command{Kind: chat.CmdAway, Text: text}, whoisPath(f.room, f.who.user.Name))
	},
	"back": func(f *typedForm, _ string) (string, error) {
		return f.ask(&chat.Command{Kind: chat.CmdBack}, whoisPath(f.room, f.who.user.Name))
	},
	"ignore": func(f *typedForm, text string) (string, error) {
		if text == "" {
			return plainPath(f.room) + "?ignored", nil
		}
		return f.named(chat.Command{Kind: chat.CmdIgnore, On: true}, text)
	},
	"unignore": func(f *typedForm, text string) (string, error) {
		return f.named(chat.Command{Kind: chat.CmdIgnore}, text)
	},
	"topic": func(f *typedForm, text string) (string, error) {
		return f.ask(&chat.Command{Kind: chat.CmdTopic, ID: f.id, Room: f.room, Text: text}, "")
	},
	"search": func(f *typedForm, text string) (string, error) {
		return plainPath(f.room) + "?search=" + url.QueryEscape(text), nil
	},
	"invite": (*typedForm).invite,
	"remove": func(f *typedForm, text string) (string, error) {
		return f.named(chat.Command{Kind: chat.CmdRemove, Room: f.room}, text)
	},
	"password": func(f *typedForm, text string) (string, error) {
		return f.ask(&chat.Command{Kind: chat.CmdPassword, Room: f.room, Password: text}, plainPath(f.room))
	},
	"clear": (*typedForm).clear,
	"kick": func(f *typedForm, text string) (string, error) {
		return f.named(chat.Command{Kind: chat.CmdKick, Room: f.room}, text)
	},
	"ban": (*typedForm).ban,
	"unban": func(f *typedForm, text string) (string, error) {
		return f.named(chat.Command{Kind: chat.CmdUnban}, text)
	},
}

// run does what was typed.
func (f *typedForm) run(typed chat.Typed) (next string, err error) {
	switch {
	case !typed.IsCommand:
		return f.say(typed.Text)
	case typed.Slash == nil:
		return "", f.unknown(typed.Name)
	case typed.Slash.NeedsText() && typed.Text == "":
		p := f.page(f.c, "")
		return "", badCommand(p.Say("js.slash.short", "usage", usageOf(p, typed.Slash)))
	}
	return plainActs[typed.Slash.Name](f, typed.Text)
}

// badCommand is what is wrong with a command, in the page's language.
func badCommand(message string) *problem {
	return &problem{Code: "bad_command", Message: message, status: http.StatusUnprocessableEntity}
}

// unknown says that there is no such command, and which may be meant.
func (f *typedForm) unknown(name string) error {
	const shown = 30
	p, near := f.page(f.c, ""), chat.NearestSlash(chat.SlashPage, name)
	if utf8.RuneCountInString(name) > shown {
		name = string([]rune(name)[:shown]) + "…"
	}
	if near != "" {
		return badCommand(p.Say("js.slash.near", "name", name, "near", near))
	}
	return badCommand(p.Say("js.slash.unknown", "name", name))
}

// roomTyped is the room that somebody means who types its name.
func roomTyped(p *page, text string) (chat.RoomName, *problem) {
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "#"))
	room := chat.RoomName(strings.Join(strings.Fields(strings.ToLower(text)), "-"))
	if !room.Public() && !room.IsClosed() {
		return "", badCommand(p.Say("js.rooms.bad"))
	}
	return room, nil
}

// do gives a command to the core.
func (f *typedForm) do(cmd *chat.Command) (formAnswer, error) {
	answer, err := f.here.do(f.c.UserContext(), cmd)
	return answer, formProblem(err)
}

// ask is do for what is shown elsewhere.
func (f *typedForm) ask(cmd *chat.Command, next string) (string, error) {
	_, err := f.do(cmd)
	return next, err
}

func (f *typedForm) send(room chat.RoomName, text string) (seq int64, err error) {
	cmd := &chat.Command{Kind: chat.CmdSend, ID: f.id, Room: room, Text: text}
	if room == f.room {
		cmd.ReplyTo = f.replyTo
	}
	answer, err := f.do(cmd)
	return answer.Seq, err
}

func (f *typedForm) say(text string) (string, error) {
	_, err := f.send(f.room, text)
	return "", err
}

// tell says something in a private room, and leads there.
func (f *typedForm) tell(room chat.RoomName, text string) (string, error) {
	if text != "" {
		if _, err := f.send(room, text); err != nil {
			return "", err
		}
	}
	return plainPath(room), nil
}

func (f *typedForm) message(text string) (string, error) {
	name, text, err := f.split(text)
	if err != nil {
		return "", err
	}
	answer, err := f.do(&chat.Command{Kind: chat.CmdWhois, Name: name})
	if err != nil {
		return "", f.nobody(err, name)
	}
	return f.tell(chat.Direct(f.who.user.ID, answer.Profile.User.ID), text)
}

// answer answers in the private room in which something was said last.
func (f *typedForm) answer(text string) (string, error) {
	rooms, err := f.hub.Rooms(f.c.UserContext(), f.who.user.ID)
	if err != nil {
		return "", err
	}
	for i := range rooms { // the latest first
		if rooms[i].Name.IsDirect() && rooms[i].Peer.ID != f.who.user.ID {
			return f.tell(rooms[i].Name, text)
		}
	}
	return "", badCommand(f.page(f.c, "").Say("js.slash.alone"))
}

// canLeave reports whether a room can be left: the lobby and private rooms of two can't.
func canLeave(room chat.RoomName) bool { return room != chat.Lobby && !room.IsDirect() }

func (f *typedForm) leave(text string) (string, error) {
	room, next, here := f.room, plainPath(chat.Lobby), f.here
	if text != "" {
		var wrong *problem
		if room, wrong = roomTyped(f.page(f.c, ""), text); wrong != nil {
			return "", wrong
		}
	}
	if !canLeave(room) {
		return "", badCommand(f.page(f.c, "").Say("js.slash.stay"))
	}
	if room != f.room {
		next = plainPath(f.room)
		if err := f.mayRead(f.c, f.who, room); err != nil {
			return "", err
		}
		var err error
		if here, err = f.visits.at(f.c.UserContext(), f.who, room); err != nil {
			return "", formProblem(err)
		}
	}
	if _, err := here.do(f.c.UserContext(), &chat.Command{Kind: chat.CmdLeave, Room: room}); err != nil {
		return "", formProblem(err)
	}
	f.visits.end(visited{f.who.session, room}, here)
	return next, nil
}

func (f *typedForm) invite(text string) (string, error) {
	if text == "" {
		return plainPath(f.room) + "?invite", nil
	}
	next, err := f.named(chat.Command{Kind: chat.CmdInvite, Room: f.room}, text)
	return next + "&invited", err
}

func (f *typedForm) ban(text string) (string, error) {
	name, span, err := f.split(text)
	if err != nil {
		return "", err
	}
	long := chat.ReadSpan(span)
	if span != "" && long == 0 {
		return "", badCommand(f.page(f.c, "").Say("js.slash.short", "usage", "/ban NAME 10m, 2h, 7d"))
	}
	return f.of(&chat.Command{Kind: chat.CmdBan, For: long}, name)
}

// clear leads to the page with what is said from now on.
func (f *typedForm) clear(string) (string, error) {
	last, err := f.hub.Last(f.c.UserContext(), f.who.user.ID, f.room)
	return plainPath(f.room) + "?after=" + strconv.FormatInt(max(1, last), 10), err
}

// named gives a command about somebody, with the text that follows the name, and leads to who they are then.
func (f *typedForm) named(cmd chat.Command, text string) (string, error) {
	name, rest, err := f.split(text)
	if err != nil {
		return "", err
	}
	cmd.Text = rest
	return f.of(&cmd, name)
}

// of gives a command about somebody, and leads to who they are then.
func (f *typedForm) of(cmd *chat.Command, name string) (string, error) {
	cmd.Name = name
	if _, err := f.do(cmd); err != nil {
		return "", f.nobody(err, name)
	}
	return whoisPath(f.room, name), nil
}

// nobody says whom there isn't, where that is what a command was refused for.
func (f *typedForm) nobody(err error, name string) error {
	var refused *problem
	if !errors.As(err, &refused) || refused.Code != string(chat.CodeNotFound) {
		return err
	}
	return badCommand(f.page(f.c, "").Say("js.slash.nobody", "name", isolated(name)))
}

// isolated keeps a name from turning the writing direction of what stands around it.
func isolated(name string) string { return "\u2068" + name + "\u2069" }

// split parts a name from what follows it. Known are those who are here, with whom one talks alone, and whom one ignores.
func (f *typedForm) split(text string) (name, rest string, err error) {
	ctx, user := f.c.UserContext(), f.who.user.ID
	people, _ := f.hub.Here(f.room)
	ignored, err := f.hub.Ignored(ctx, user)
	if err != nil {
		return "", "", err
	}
	rooms, err := f.hub.Rooms(ctx, user)
	if err != nil {
		return "", "", err
	}
	people = slices.Concat(people, ignored)
	for i := range rooms {
		people = append(people, rooms[i].Peer)
	}
	var known []string
	for _, u := range people {
		if u.Name != "" {
			known = append(known, u.Name)
		}
	}
	name, rest = chat.SplitName(text, known)
	return name, rest, nil
}
