package wire

import "parley/internal/chat"

// The examples of what rooms are beside their logs.

var (
	topic = &chat.Event{
		Room: "lobby", Seq: 62, Kind: chat.KindTopic, User: ada, ClientID: "c12", Text: "Lunch at 12:30 by the gate", Time: at,
	}
	team       = chat.RoomName("~team.k7x2m9qa")
	invitation = &chat.Reply{Kind: chat.ReplyInvitation, Room: team, User: ada, Time: at}
	putOut     = &chat.Reply{Kind: chat.ReplyRemoval, Room: team, User: ada, Time: at}
	archive    = &chat.Signal{Kind: chat.SignalArchive, Room: "garden", User: ada, On: true, Time: at}
	reopened   = &chat.Signal{Kind: chat.SignalArchive, Room: "garden", User: ada, Time: at}

	pin = &chat.Event{Room: "lobby", Seq: 63, Kind: chat.KindPin, User: bob, Of: 42, On: true, Time: at}
)

func init() {
	clientExamples = append(clientExamples,
		heard{
			dialect: JSON, frame: `{"type":"topic","id":"c12","room":"lobby","text":"Lunch at 12:30 by the gate"}`,
			command: chat.Command{Kind: chat.CmdTopic, Ref: "c12", ID: "c12", Room: "lobby", Text: "Lunch at 12:30 by the gate", Since: -1},
		},
		heard{
			dialect: JSON, frame: `{"type":"pin","id":"c13","room":"lobby","of":42,"on":true}`,
			command: chat.Command{Kind: chat.CmdPin, Ref: "c13", ID: "c13", Room: "lobby", Of: 42, On: true, Since: -1},
		},
		heard{
			dialect: JSON, frame: `{"type":"pins","room":"lobby"}`,
			command: chat.Command{Kind: chat.CmdPins, Room: "lobby", Since: -1},
		},
		heard{
			dialect: JSON, frame: `{"type":"mute","room":"lobby","on":true}`,
			command: chat.Command{Kind: chat.CmdMute, Room: "lobby", On: true, Since: -1},
		},
		heard{
			dialect: JSON, frame: `{"type":"create","id":"c14","name":"team","entry":"invitation"}`,
			command: chat.Command{Kind: chat.CmdCreate, Ref: "c14", ID: "c14", Name: "team", Entry: chat.EntryInvitation, Since: -1},
		},
		heard{
			dialect: JSON, frame: `{"type":"create","id":"c15","name":"cellar","entry":"password","password":"open sesame"}`,
			command: chat.Command{Kind: chat.CmdCreate, Ref: "c15", ID: "c15", Name: "cellar", Entry: chat.EntryPassword, Password: "open sesame", Since: -1},
		},
		heard{
			dialect: JSON, frame: `{"type":"join","room":"~cellar","password":"open sesame"}`,
			command: chat.Command{Kind: chat.CmdJoin, Room: "~cellar", Password: "open sesame", Since: -1},
		},
		heard{
			dialect: JSON, frame: `{"type":"invite","id":"c16","room":"~team.k7x2m9qa","name":"Bob"}`,
			command: chat.Command{Kind: chat.CmdInvite, Ref: "c16", ID: "c16", Room: "~team.k7x2m9qa", Name: "Bob", Since: -1},
		},
		heard{
			dialect: JSON, frame: `{"type":"archive","id":"c17","room":"garden","on":true}`,
			command: chat.Command{Kind: chat.CmdArchive, Ref: "c17", ID: "c17", Room: "garden", On: true, Since: -1},
		},
		heard{
			dialect: JSON, frame: `{"type":"about","id":"c18","room":"garden"}`,
			command: chat.Command{Kind: chat.CmdAbout, Ref: "c18", ID: "c18", Room: "garden", Since: -1},
		},
		heard{
			dialect: JSON, frame: `{"type":"remove","id":"c19","room":"~team.k7x2m9qa","name":"Bob"}`,
			command: chat.Command{Kind: chat.CmdRemove, Ref: "c19", ID: "c19", Room: "~team.k7x2m9qa", Name: "Bob", Since: -1},
		},
		heard{
			dialect: JSON, frame: `{"type":"password","id":"c20","room":"~cellar","password":"open barley"}`,
			command: chat.Command{Kind: chat.CmdPassword, Ref: "c20", ID: "c20", Room: "~cellar", Password: "open barley", Since: -1},
		},
		heard{
			dialect: JSON, frame: `{"type":"rooms","archived":true}`,
			command: chat.Command{Kind: chat.CmdRooms, On: true, Since: -1},
		},
	)
	cleared := with(*topic, func(e *chat.Event) { e.Text = "" })
	unpinned := with(*pin, func(e *chat.Event) { e.On = false })
	serverExamples = append(serverExamples,
		said{JSON, `{"type":"topic","room":"lobby","seq":62,"id":"c12","user":"u_ada","name":"Ada","text":"Lunch at 12:30 by the gate","time":"2026-11-21T09:20:00.000Z"}`, topic},
		said{JSON, `{"type":"pinned","room":"lobby","seq":63,"of":42,"user":"u_bob","name":"Bob","on":true,"time":"2026-11-21T09:20:00.000Z"}`, pin},
		said{
			JSON, `{"type":"pins","room":"lobby","messages":[` + hiFrame + `],"more":false}`,
			&chat.Reply{Kind: chat.ReplyPins, Room: "lobby", Messages: []chat.Event{*hi}},
		},
		said{
			JSON, `{"type":"joined","room":"lobby","last":63,"members":[{"user":"u_ada","name":"Ada"}],"topic":"Lunch at 12:30 by the gate","pins":[40,42],"messages":[],"changes":[],"truncated":false,"more":true}`,
			&chat.Reply{
				Kind: chat.ReplyJoined, Room: "lobby", Last: 63, Members: []chat.User{ada}, Resumed: true, More: true,
				Facts: chat.Facts{Topic: topic.Text, Pins: []int64{40, 42}},
			},
		},
		said{JSON, `{"type":"muted","room":"lobby","on":true}`, &chat.Reply{Kind: chat.ReplyMuted, Room: "lobby", On: true}},
		said{
			JSON, `{"type":"rooms","rooms":[{"room":"garden","last":7,"read":0,"unread":7,"joined":true,"members":1,"topic":"Tomatoes","muted":true},{"room":"~team.k7x2m9qa","last":3,"read":0,"unread":0,"joined":false,"members":2,"inviter":{"user":"u_ada","name":"Ada"}}]}`,
			&chat.Reply{Kind: chat.ReplyRooms, Rooms: []chat.RoomInfo{
				{Name: "garden", Last: 7, Unread: 7, Joined: true, Members: 1, Topic: "Tomatoes", Muted: true},
				{Name: team, Last: 3, Members: 2, Inviter: ada},
			}},
		},
		said{
			JSON, `{"type":"created","id":"c14","room":"~team.k7x2m9qa"}`,
			&chat.Reply{Kind: chat.ReplyCreated, Ref: "c14", Room: team},
		},
		said{
			JSON, `{"type":"invited","id":"c16","room":"~team.k7x2m9qa","user":"u_bob","name":"Bob"}`,
			&chat.Reply{Kind: chat.ReplyInvited, Ref: "c16", Room: team, User: bob},
		},
		said{
			JSON, `{"type":"invitation","room":"~team.k7x2m9qa","user":"u_ada","name":"Ada","time":"2026-11-21T09:20:00.000Z"}`,
			invitation,
		},
		said{
			JSON, `{"type":"removed","id":"c19","room":"~team.k7x2m9qa","user":"u_bob","name":"Bob"}`,
			&chat.Reply{Kind: chat.ReplyRemoved, Ref: "c19", Room: team, User: bob},
		},
		said{
			JSON, `{"type":"removal","room":"~team.k7x2m9qa","user":"u_ada","name":"Ada","time":"2026-11-21T09:20:00.000Z"}`,
			putOut,
		},
		said{
			JSON, `{"type":"about","id":"c21","room":"~team.k7x2m9qa","role":"owner","archived":false,"insiders":[{"user":"u_ada","name":"Ada","role":"owner"},{"user":"u_bob","name":"Bob","role":"member"}]}`,
			&chat.Reply{
				Kind: chat.ReplyAbout, Ref: "c21", Room: team, Role: chat.RoleOwner,
				Insiders: []chat.Insider{{User: ada, Role: chat.RoleOwner}, {User: bob, Role: chat.RoleMember}},
			},
		},
		said{
			JSON, `{"type":"about","id":"c18","room":"garden","role":"owner","archived":false}`,
			&chat.Reply{Kind: chat.ReplyAbout, Ref: "c18", Room: "garden", Role: chat.RoleOwner},
		},
		said{
			JSON, `{"type":"archived","room":"garden","on":true,"user":"u_ada","name":"Ada","time":"2026-11-21T09:20:00.000Z"}`,
			archive,
		},
		said{
			JSON, `{"type":"rooms","rooms":[{"room":"~cellar","last":0,"read":0,"unread":0,"joined":false,"members":0,"locked":true},{"room":"barn","last":7,"read":7,"unread":0,"joined":true,"members":0,"archived":true}]}`,
			&chat.Reply{Kind: chat.ReplyRooms, Rooms: []chat.RoomInfo{{Name: "~cellar", Locked: true}, {Name: "barn", Last: 7, Read: 7, Joined: true, Archived: true}}},
		},
		said{
			JSON, `{"type":"joined","room":"garden","last":63,"members":[{"user":"u_ada","name":"Ada"}],"archived":true,"messages":[],"changes":[],"truncated":false,"more":true}`,
			&chat.Reply{
				Kind: chat.ReplyJoined, Room: "garden", Last: 63, Members: []chat.User{ada}, Resumed: true, More: true,
				Facts: chat.Facts{Archived: true},
			},
		},
		said{
			JSON, `{"type":"error","id":"c15","code":"taken","message":"There is a room cellar already. Choose another name."}`,
			&chat.Reply{Kind: chat.ReplyError, Ref: "c15", Err: chat.Errorf(chat.CodeTaken, "There is a room cellar already. Choose another name.")},
		},
		said{Pipe, `2026-11-21T09:20:00.000Z|*|Ada changed the topic: Lunch at 12:30 by the gate`, topic},
		said{Pipe, `2026-11-21T09:20:00.000Z|*|Bob pinned a message`, pin},
		said{Text, `* Ada changed the topic: Lunch at 12:30 by the gate`, topic},
		said{Text, `* Ada took the topic away`, cleared},
		said{Text, `* Bob pinned a message`, pin},
		said{Text, `* Bob unpinned a message`, unpinned},
		said{RPC, `{"id":0,"code":0,"message":"system","body":"Ada changed the topic: Lunch at 12:30 by the gate"}`, topic},
		said{RPC, `{"id":0,"code":0,"message":"system","body":"Bob pinned a message"}`, pin},
		said{Pipe, `2026-11-21T09:20:00.000Z|*|Ada archived the room: it can be read, and nothing is written in it`, archive},
		said{Pipe, `2026-11-21T09:20:00.000Z|*|Ada invites you into the room ~team.k7x2m9qa`, invitation},
		said{Pipe, `2026-11-21T09:20:00.000Z|*|Ada removed you from the room ~team.k7x2m9qa`, putOut},
		said{Text, `* Ada archived the room: it can be read, and nothing is written in it`, archive},
		said{Text, `* Ada opened the room again`, reopened},
		said{Text, `* Ada invites you into the room ~team.k7x2m9qa`, invitation},
		said{Text, `* Ada removed you from the room ~team.k7x2m9qa`, putOut},
		said{RPC, `{"id":0,"code":0,"message":"system","body":"Ada removed you from the room ~team.k7x2m9qa"}`, putOut},
		said{RPC, `{"id":0,"code":0,"message":"system","body":"Ada archived the room: it can be read, and nothing is written in it"}`, archive},
		said{RPC, `{"id":0,"code":0,"message":"system","body":"Ada invites you into the room ~team.k7x2m9qa"}`, invitation},
	)
}
