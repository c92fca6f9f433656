package wire

import (
	"strings"
	"time"

	"parley/internal/chat"
)

// jsonDialect is the native dialect: the only one that can say everything.
type jsonDialect struct{}

func (jsonDialect) Name() string          { return "json" }
func (jsonDialect) Encoder() chat.Encoder { return jsonEncoder{} }

// exampleJSON is shown to whoever sends something that can't be read.
const exampleJSON = `{"type":"send","text":"hi"}`

// commands are the types of frames that clients may send, in the order in which a refusal names them.
var commands = [...]struct {
	name string
	kind chat.CommandKind
}{
	{"send", chat.CmdSend},
	{"edit", chat.CmdEdit},
	{"delete", chat.CmdDelete},
	{"react", chat.CmdReact},
	{"topic", chat.CmdTopic},
	{"pin", chat.CmdPin},
	{"join", chat.CmdJoin},
	{"leave", chat.CmdLeave},
	{"history", chat.CmdHistory},
	{"search", chat.CmdSearch},
	{"mentions", chat.CmdMentions},
	{"members", chat.CmdMembers},
	{"pins", chat.CmdPins},
	{"create", chat.CmdCreate},
	{"invite", chat.CmdInvite},
	{"archive", chat.CmdArchive},
	{"remove", chat.CmdRemove},
	{"password", chat.CmdPassword},
	{"about", chat.CmdAbout},
	{"rooms", chat.CmdRooms},
	{"read", chat.CmdRead},
	{"mute", chat.CmdMute},
	{"typing", chat.CmdTyping},
	{"active", chat.CmdActive},
	{"nick", chat.CmdRename},
	{"ping", chat.CmdPing},
	{"away", chat.CmdAway},
	{"back", chat.CmdBack},
	{"whois", chat.CmdWhois},
	{"ignore", chat.CmdIgnore},
	{"kick", chat.CmdKick},
	{"ban", chat.CmdBan},
	{"unban", chat.CmdUnban},
}

func (jsonDialect) Decode(frame []byte) (chat.Command, *chat.Error) {
	var r reader
	if err := r.read(frame); err != nil {
		return chat.Command{}, badJSON(err, exampleJSON)
	}
	cmd := chat.Command{Since: -1}
	cmd.ID = r.clientID(r.id)
	cmd.Ref = cmd.ID
	kind, unknown := r.kind()
	cmd.Kind = kind
	if unknown == nil {
		r.command(&cmd)
		unknown = r.err
	}
	if unknown != nil {
		unknown.Ref, unknown.Of = cmd.Ref, cmd.Kind
		return chat.Command{}, unknown
	}
	return cmd, nil
}

// kind reads the frame's type.
func (r *reader) kind() (chat.CommandKind, *chat.Error) {
	if r.typ == nil {
		return 0, chat.Errorf(chat.CodeBadRequest, `The frame has no "type". It is one of %s.`, commandNames())
	}
	name := r.str(r.typ, "type")
	if r.err != nil {
		return 0, r.err
	}
	for _, c := range commands {
		if c.name == name {
			return c.kind, nil
		}
	}
	return 0, chat.Errorf(chat.CodeUnknownType, "There is no such type of frame. The types are %s.", commandNames())
}

func commandNames() string {
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

// command fills in what a command of its kind says. Other members of the frame are ignored.
func (r *reader) command(cmd *chat.Command) {
	cmd.Room = chat.RoomName(r.str(r.room, "room"))
	switch cmd.Kind {
	case chat.CmdSend:
		cmd.To = r.str(r.to, "to")
		if cmd.Files = r.texts(r.files, "files"); len(cmd.Files) == 0 {
			r.need(r.text, "text")
		}
		cmd.Text = r.str(r.text, "text")
		cmd.ReplyTo = r.integer(r.replyTo, "reply_to", 0, seqMost, 0)
	case chat.CmdEdit:
		cmd.Of = r.message()
		cmd.Text = r.str(r.need(r.text, "text"), "text")
	case chat.CmdDelete:
		cmd.Of = r.message()
	case chat.CmdReact:
		cmd.Of = r.message()
		cmd.Emoji = r.str(r.need(r.emoji, "emoji"), "emoji")
		cmd.On = r.boolean(r.need(r.on, "on"), "on")
	case chat.CmdTopic:
		cmd.Text = r.str(r.need(r.text, "text"), "text")
	case chat.CmdPin:
		cmd.Of = r.message()
		cmd.On = r.boolean(r.need(r.on, "on"), "on")
	case chat.CmdCreate:
		r.create(cmd)
	case chat.CmdInvite:
		r.need(r.room, "room")
		cmd.Name = r.str(r.need(r.name, "name"), "name")
	case chat.CmdRemove:
		r.need(r.room, "room")
		r.person(cmd)
	case chat.CmdPassword:
		r.need(r.room, "room")
		cmd.Password = r.str(r.need(r.password, "password"), "password")
	case chat.CmdRooms:
		cmd.On = r.boolean(r.archived, "archived")
	case chat.CmdMute, chat.CmdArchive:
		r.need(r.room, "room")
		cmd.On = r.boolean(r.need(r.on, "on"), "on")
	case chat.CmdJoin:
		r.need(r.room, "room")
		cmd.Since = r.integer(r.since, "since", 0, seqMost, -1)
		cmd.Password = r.str(r.password, "password")
	case chat.CmdLeave:
		r.need(r.room, "room")
	case chat.CmdHistory:
		r.page(cmd)
	case chat.CmdSearch:
		r.search(cmd)
	case chat.CmdMentions:
		cmd.Place = r.str(r.before, "before")
		cmd.Limit = int(r.integer(r.limit, "limit", 0, chat.SearchMost, 0))
	case chat.CmdRead:
		cmd.Seq = r.integer(r.need(r.seq, "seq"), "seq", 0, seqMost, 0)
	case chat.CmdAway:
		cmd.Text = r.str(r.text, "text")
	case chat.CmdWhois:
		r.person(cmd)
	case chat.CmdIgnore:
		r.person(cmd)
		cmd.On = r.boolean(r.need(r.on, "on"), "on")
	case chat.CmdKick, chat.CmdBan, chat.CmdUnban:
		r.person(cmd)
		cmd.Text = r.str(r.text, "text")
		cmd.For = time.Duration(r.integer(r.seconds, "seconds", 0, secondsMost, 0)) * time.Second
	case chat.CmdRename:
		cmd.Name = r.str(r.need(r.name, "name"), "name")
	}
}

// secondsMost is how long somebody can be kept out for a time: ten years.
const secondsMost = 10 * 366 * 24 * 3600

// person reads whom a command is of: by id or by name.
func (r *reader) person(cmd *chat.Command) {
	cmd.User = chat.UserID(r.str(r.user, "user"))
	if r.user == nil {
		cmd.Name = r.str(r.need(r.name, "name"), "name")
	}
}

// message reads which message a command is of.
func (r *reader) message() int64 { return r.integer(r.need(r.of, "of"), "of", 1, seqMost, 0) }

// search reads what is looked for.
func (r *reader) search(cmd *chat.Command) {
	cmd.Text = r.str(r.need(r.query, "query"), "query")
	cmd.Place = r.str(r.before, "before")
	cmd.Limit = int(r.integer(r.limit, "limit", 0, chat.SearchMost, 0))
}

// page reads which page of history is asked for.
func (r *reader) page(cmd *chat.Command) {
	cmd.Before = r.integer(r.before, "before", 0, seqMost, 0)
	cmd.Limit = int(r.integer(r.limit, "limit", 0, chat.HistoryMost, 0))
}
