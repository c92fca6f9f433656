package wire

import "parley/internal/chat"

// The examples of what rooms are beside their logs.

var (
	topic = &chat.Event{
		Room: "lobby", Seq: 62, Kind: chat.KindTopic, User: ada, ClientID: "c12", Text: "Lunch at 12:30 by the gate", Time: at,
	}
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
			JSON, `{"type":"rooms","rooms":[{"room":"garden","last":7,"read":0,"unread":7,"joined":true,"members":1,"topic":"Tomatoes","muted":true}]}`,
			&chat.Reply{Kind: chat.ReplyRooms, Rooms: []chat.RoomInfo{
				{Name: "garden", Last: 7, Unread: 7, Joined: true, Members: 1, Topic: "Tomatoes", Muted: true},
			}},
		},
		said{Pipe, `2026-11-21T09:20:00.000Z|*|Ada changed the topic: Lunch at 12:30 by the gate`, topic},
		said{Pipe, `2026-11-21T09:20:00.000Z|*|Bob pinned a message`, pin},
		said{Text, `* Ada changed the topic: Lunch at 12:30 by the gate`, topic},
		said{Text, `* Ada took the topic away`, cleared},
		said{Text, `* Bob pinned a message`, pin},
		said{Text, `* Bob unpinned a message`, unpinned},
		said{RPC, `{"id":0,"code":0,"message":"system","body":"Ada changed the topic: Lunch at 12:30 by the gate"}`, topic},
		said{RPC, `{"id":0,"code":0,"message":"system","body":"Bob pinned a message"}`, pin},
	)
}
