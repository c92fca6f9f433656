package wire

import (
	"time"

	"parley/internal/chat"
)

// said is a frame of the server and what it tells: an event, a signal or a reply.
type said struct {
	dialect Dialect
	frame   string
	tells   any
}

func message(seq int64, user chat.User, text string) chat.Event {
	return chat.Event{Room: "lobby", Seq: seq, Kind: chat.KindMessage, User: user, Text: text, Time: at}
}

// with returns an event that differs from e.
func with(e chat.Event, change func(e *chat.Event)) *chat.Event {
	change(&e)
	return &e
}

var (
	hi    = with(message(42, ada, "hi"), func(e *chat.Event) { e.ClientID = "c1" })
	meant = with(message(43, ada, "@Bob, @here!"), func(e *chat.Event) {
		e.Mentions = &chat.Mentions{Users: []chat.Mention{{User: bob.ID, Name: "Bob"}}, Here: true}
	})
	secret  = with(message(1, ada, "just between us"), func(e *chat.Event) { e.Room, e.ClientID = private, "c3" })
	edit    = &chat.Event{Room: "lobby", Seq: 58, Kind: chat.KindEdit, User: ada, ClientID: "c4", Text: "hello", Of: 42, Time: at}
	removal = &chat.Event{Room: "lobby", Seq: 60, Kind: chat.KindDelete, User: ada, Of: 41, Time: at}
	thumb   = &chat.Event{Room: "lobby", Seq: 61, Kind: chat.KindReaction, User: bob, Of: 42, Emoji: "👍", On: true, Time: at}
	changed = with(*hi, func(e *chat.Event) {
		e.Text, e.ReplyTo, e.Edited = "hello", 40, 58
		e.Quote = &chat.Quote{User: bob, Text: "Who is there?"}
		e.Reactions = []chat.Reaction{{Emoji: "👍", Users: []chat.UserID{"u_bob", "u_groot"}}}
	})
	gone    = with(message(41, ada, "oops"), func(e *chat.Event) { e.Deleted = 60 })
	arrives = &chat.Signal{Kind: chat.SignalJoin, Room: "lobby", User: groot, Time: at}
	departs = &chat.Signal{Kind: chat.SignalLeave, Room: "lobby", User: groot, Time: at}
	renamed = &chat.Signal{Kind: chat.SignalRename, Room: "lobby", User: chat.User{ID: ada.ID, Name: "Ada L."}, Was: "Ada", Time: at}
	typing  = &chat.Signal{Kind: chat.SignalTyping, Room: "lobby", User: bob, Time: at}
	tooLong = &chat.Error{Code: chat.CodeTooLong, Message: "The message has 4001 characters; 4000 is the most. Send it in parts."}
	tooMany = &chat.Error{Code: chat.CodeRateLimited, Message: "Too many messages: 5 a second are allowed. Wait 0.2 seconds.", Limit: "rate_limit.messages", RetryAfter: 150 * time.Millisecond}
	absent  = chat.Absence{User: bob.ID, Text: "lunch", Since: at}
	coffees = []chat.Hit{
		{Event: chat.Event{Room: "lobby", Seq: 57, User: bob, Time: at}, Snippet: []string{"Who wants a ", "coffee", "?"}},
		{Event: chat.Event{Room: private, Seq: 1, User: bob, Time: at}, Snippet: []string{"", "Coffee", ", just us two"}},
	}
	listings = []chat.RoomInfo{
		{Name: "lobby", Last: 57, Read: 50, Unread: 3, Joined: true, Members: 4},
		{Name: private, Peer: bob, Last: 1, Read: 1, Joined: true, Members: 2},
	}
)

const (
	hiFrame      = `{"type":"message","room":"lobby","seq":42,"id":"c1","user":"u_ada","name":"Ada","text":"hi","html":"<p>hi</p>","time":"2026-11-21T09:20:00.000Z"}`
	changedFrame = `{"type":"message","room":"lobby","seq":42,"id":"c1","user":"u_ada","name":"Ada","text":"hello","html":"<p>hello</p>","time":"2026-11-21T09:20:00.000Z","reply_to":40,"quote":{"user":"u_bob","name":"Bob","text":"Who is there?"},"edited":58,"reactions":[{"emoji":"👍","users":["u_bob","u_groot"]}]}`
	goneFrame    = `{"type":"message","room":"lobby","seq":41,"user":"u_ada","name":"Ada","text":"","html":"","time":"2026-11-21T09:20:00.000Z","deleted":60}`
	removalFrame = `{"type":"deleted","room":"lobby","seq":60,"of":41,"user":"u_ada","name":"Ada","time":"2026-11-21T09:20:00.000Z"}`
	roomsMember  = `"rooms":[{"room":"lobby","last":57,"read":50,"unread":3,"joined":true,"members":4},{"room":"@u_ada.u_bob","peer":{"user":"u_bob","name":"Bob"},"last":1,"read":1,"unread":0,"joined":true,"members":2}]`
)

var serverExamples = []said{
	{
		JSON, `{"type":"welcome","user":"u_ada","name":"Ada",` + roomsMember + `,"limits":{"message_length":4000,"history":50,"rate_messages":5,"rate_burst":20,"files":10,"file_bytes":100000000},"idle_seconds":300,"time":"2026-11-21T09:20:00.000Z"}`,
		&chat.Reply{
			Kind: chat.ReplyWelcome, User: ada, Rooms: listings, Limits: chat.Limits{MessageLength: 4000, Messages: 5, Burst: 20, Rooms: 50, FileBytes: 100_000_000},
			Idle: 5 * time.Minute, Time: at,
		},
	},
	{
		JSON, `{"type":"joined","room":"lobby","last":42,"members":[{"user":"u_ada","name":"Ada"}],"messages":[` + hiFrame + `],"changes":[],"truncated":false,"more":true}`,
		&chat.Reply{Kind: chat.ReplyJoined, Room: "lobby", Last: 42, Members: []chat.User{ada}, Messages: []chat.Event{*hi}, More: true},
	},
	{
		JSON, `{"type":"joined","room":"lobby","last":60,"members":[{"user":"u_ada","name":"Ada"},{"user":"u_bob","name":"Bob"}],"messages":[` + changedFrame + `],"changes":[` + removalFrame + `],"truncated":false,"more":true}`,
		&chat.Reply{
			Kind: chat.ReplyJoined, Room: "lobby", Last: 60, Members: []chat.User{ada, bob}, Messages: []chat.Event{*changed},
			Changes: []chat.Event{*removal}, Resumed: true, More: true,
		},
	},
	{
		JSON, `{"type":"joined","room":"lobby","last":42,"members":[{"user":"u_ada","name":"Ada"},{"user":"u_bob","name":"Bob"}],"count":20000,"messages":[],"changes":[],"truncated":false,"more":true}`,
		&chat.Reply{
			Kind: chat.ReplyJoined, Room: "lobby", Last: 42, Members: []chat.User{ada, bob}, Count: 20000, Resumed: true, More: true,
		},
	},
	{JSON, hiFrame, hi},
	{JSON, changedFrame, changed},
	{JSON, goneFrame, gone},
	{JSON, `{"type":"message","room":"@u_ada.u_bob","seq":1,"id":"c3","user":"u_ada","name":"Ada","text":"just between us","html":"<p>just between us</p>","time":"2026-11-21T09:20:00.000Z"}`, secret},
	{
		JSON, `{"type":"ack","id":"c1","room":"lobby","seq":42,"time":"2026-11-21T09:20:00.000Z"}`,
		&chat.Reply{Kind: chat.ReplyAck, Of: chat.CmdSend, Ref: "c1", ID: "c1", Room: "lobby", Seq: 42, Time: at},
	},
	{JSON, `{"type":"edited","room":"lobby","seq":58,"of":42,"id":"c4","user":"u_ada","name":"Ada","text":"hello","html":"<p>hello</p>","time":"2026-11-21T09:20:00.000Z"}`, edit},
	{JSON, removalFrame, removal},
	{JSON, `{"type":"reaction","room":"lobby","seq":61,"of":42,"user":"u_bob","name":"Bob","emoji":"👍","on":true,"time":"2026-11-21T09:20:00.000Z"}`, thumb},
	{JSON, `{"type":"presence","room":"lobby","event":"join","user":"u_groot","name":"Groot","time":"2026-11-21T09:20:00.000Z"}`, arrives},
	{JSON, `{"type":"presence","room":"lobby","event":"leave","user":"u_groot","name":"Groot","time":"2026-11-21T09:20:00.000Z"}`, departs},
	{JSON, `{"type":"presence","room":"lobby","event":"rename","user":"u_ada","name":"Ada L.","was":"Ada","time":"2026-11-21T09:20:00.000Z"}`, renamed},
	{JSON, `{"type":"typing","room":"lobby","user":"u_bob","name":"Bob"}`, typing},
	{JSON, `{"type":"presence","room":"lobby","event":"away","user":"u_bob","name":"Bob","text":"lunch","time":"2026-11-21T09:20:00.000Z"}`, &chat.Signal{Kind: chat.SignalAway, Room: "lobby", User: bob, Text: "lunch", Time: at}},
	{JSON, `{"type":"presence","room":"lobby","event":"back","user":"u_bob","name":"Bob","time":"2026-11-21T09:20:00.000Z"}`, &chat.Signal{Kind: chat.SignalBack, Room: "lobby", User: bob, Time: at}},
	{
		JSON, `{"type":"members","room":"lobby","members":[{"user":"u_ada","name":"Ada"},{"user":"u_bob","name":"Bob"}],"away":[{"user":"u_bob","text":"lunch","since":"2026-11-21T09:20:00.000Z"}]}`,
		&chat.Reply{Kind: chat.ReplyMembers, Room: "lobby", Members: []chat.User{ada, bob}, Away: []chat.Absence{absent}},
	},
	{
		JSON, `{"type":"whois","id":"c21","user":"u_bob","name":"Bob","here":true,"since":"2026-11-21T09:20:00.000Z","away":{"text":"lunch","since":"2026-11-21T09:20:00.000Z"},"in":["dev","lobby"]}`,
		&chat.Reply{Kind: chat.ReplyWhois, Ref: "c21", Profile: &chat.Profile{
			User: bob, Here: true, Since: at, Away: &absent, Rooms: []chat.RoomName{"dev", "lobby"},
		}},
	},
	{JSON, `{"type":"whois","id":"c22","user":"u_bob","name":"Bob","here":false,"in":[]}`, &chat.Reply{Kind: chat.ReplyWhois, Ref: "c22", Profile: &chat.Profile{User: bob}}},
	{
		JSON, `{"type":"whois","id":"c26","user":"u_bob","name":"Bob","here":false,"barred":"2026-11-21T09:20:00.000Z","in":[]}`,
		&chat.Reply{Kind: chat.ReplyWhois, Ref: "c26", Profile: &chat.Profile{User: bob, Barred: &at}},
	},
	{JSON, `{"type":"ignored","id":"c23","people":[{"user":"u_bob","name":"Bob"}]}`, &chat.Reply{Kind: chat.ReplyIgnored, Ref: "c23", Members: []chat.User{bob}}},
	{
		JSON, `{"type":"crowd","room":"lobby","count":20000,"away":[{"user":"u_bob","text":"lunch","since":"2026-11-21T09:20:00.000Z"}],"back":["u_ada"]}`,
		&chat.Signal{
			Kind: chat.SignalCrowd, Room: "lobby", Count: 20000, Away: []chat.Absence{{User: "u_bob", Text: "lunch", Since: at}}, Back: []chat.UserID{"u_ada"}, Time: at,
		},
	},
	{JSON, `{"type":"crowd","room":"lobby","count":20000}`, &chat.Signal{Kind: chat.SignalCrowd, Room: "lobby", Count: 20000, Time: at}},
	{
		JSON, `{"type":"crowd","room":"lobby","count":2,"members":[{"user":"u_ada","name":"Ada"},{"user":"u_bob","name":"Bob"}]}`,
		&chat.Signal{Kind: chat.SignalCrowd, Room: "lobby", Count: 2, Members: []chat.User{ada, bob}, Time: at},
	},
	{
		JSON, `{"type":"history","room":"lobby","messages":[` + goneFrame + `,` + hiFrame + `],"more":true}`,
		&chat.Reply{Kind: chat.ReplyHistory, Room: "lobby", Messages: []chat.Event{*gone, *hi}, More: true},
	},
	{
		JSON, `{"type":"history","id":"c12","room":"lobby","messages":[],"more":false}`,
		&chat.Reply{Kind: chat.ReplyHistory, Ref: "c12", Room: "lobby"},
	},
	{JSON, `{"type":"message","room":"lobby","seq":43,"user":"u_ada","name":"Ada","text":"@Bob, @here!","html":"<p><span class=\"mention\" data-user=\"u_bob\">@Bob</span>, <span class=\"mention here\">@here</span>!</p>","time":"2026-11-21T09:20:00.000Z","mentions":["u_bob"],"here":true}`, meant},
	{
		JSON, `{"type":"mentions","id":"c12","hits":[{"room":"lobby","seq":43,"user":"u_ada","name":"Ada","time":"2026-11-21T09:20:00.000Z","snippet":["","@Bob",", @here!"]}],"before":""}`,
		&chat.Reply{Kind: chat.ReplyMentions, Ref: "c12", Found: chat.Found{Hits: []chat.Hit{
			{Event: *meant, Snippet: []string{"", "@Bob", ", @here!"}},
		}}},
	},
	{
		JSON, `{"type":"rooms","rooms":[{"room":"lobby","last":57,"read":50,"unread":3,"mentions":1,"joined":true,"members":4}]}`,
		&chat.Reply{Kind: chat.ReplyRooms, Rooms: []chat.RoomInfo{
			{Name: "lobby", Last: 57, Read: 50, Unread: 3, Mentions: 1, Joined: true, Members: 4},
		}},
	},
	{
		JSON, `{"type":"found","id":"c10","hits":[{"room":"lobby","seq":57,"user":"u_bob","name":"Bob","time":"2026-11-21T09:20:00.000Z","snippet":["Who wants a ","coffee","?"]},{"room":"@u_ada.u_bob","seq":1,"user":"u_bob","name":"Bob","time":"2026-11-21T09:20:00.000Z","snippet":["","Coffee",", just us two"]}],"before":"Z2o1bdXLmiyfqGZ3FKXDfw","behind":false}`,
		&chat.Reply{Kind: chat.ReplyFound, Ref: "c10", Found: chat.Found{Hits: coffees}, Place: "Z2o1bdXLmiyfqGZ3FKXDfw"},
	},
	{
		JSON, `{"type":"found","id":"c14","hits":[{"room":"lobby","seq":44,"user":"u_bob","name":"Bob","time":"2026-11-21T09:20:00.000Z","snippet":["the ","plan"],"files":["plan.pdf"]}],"before":"","behind":false}`,
		&chat.Reply{Kind: chat.ReplyFound, Ref: "c14", Found: chat.Found{Hits: []chat.Hit{{
			Event:   *with(message(44, bob, "the plan"), func(e *chat.Event) { e.Files = []chat.File{{ID: "f", Name: "plan.pdf"}} }),
			Snippet: []string{"the ", "plan"},
		}}}},
	},
	{
		JSON, `{"type":"found","id":"c11","room":"lobby","hits":[],"before":"","behind":false}`,
		&chat.Reply{Kind: chat.ReplyFound, Ref: "c11", Room: "lobby"},
	},
	{
		JSON, `{"type":"members","room":"lobby","members":[{"user":"u_ada","name":"Ada"},{"user":"u_bob","name":"Bob"}]}`,
		&chat.Reply{Kind: chat.ReplyMembers, Room: "lobby", Members: []chat.User{ada, bob}},
	},
	{JSON, `{"type":"rooms",` + roomsMember + `}`, &chat.Reply{Kind: chat.ReplyRooms, Rooms: listings}},
	{JSON, `{"type":"read","room":"lobby","seq":42}`, &chat.Reply{Kind: chat.ReplyRead, Room: "lobby", Seq: 42}},
	{JSON, `{"type":"left","room":"dev"}`, &chat.Reply{Kind: chat.ReplyLeft, Room: "dev"}},
	{JSON, `{"type":"pong","time":"2026-11-21T09:20:00.000Z"}`, &chat.Reply{Kind: chat.ReplyPong, Time: at}},
	{JSON, `{"type":"idle_warning","seconds":30}`, &chat.Reply{Kind: chat.ReplyIdleWarning, Idle: 30 * time.Second}},
	{
		JSON, `{"type":"error","id":"c9","code":"too_long","message":"The message has 4001 characters; 4000 is the most. Send it in parts."}`,
		&chat.Reply{Kind: chat.ReplyError, Ref: "c9", Err: tooLong},
	},
	{
		JSON, `{"type":"error","code":"rate_limited","message":"Too many messages: 5 a second are allowed. Wait 0.2 seconds.","limit":"rate_limit.messages","retry_after_ms":150}`,
		&chat.Reply{Kind: chat.ReplyError, Err: tooMany},
	},

	{Pipe, `2026-11-21T09:20:00.000Z|Ada|hi`, hi},
	{Pipe, `2026-11-21T09:20:00.000Z|Ada|one\ntwo`, with(*hi, func(e *chat.Event) { e.Text = "one\ntwo" })},
	{Pipe, `2026-11-21T09:20:00.000Z|Ada|(private) just between us`, secret},
	{Pipe, `2026-11-21T09:20:00.000Z|*|Ada edited: hello`, edit},
	{Pipe, `2026-11-21T09:20:00.000Z|*|Ada deleted a message`, removal},
	{Pipe, `2026-11-21T09:20:00.000Z|*|Groot joined`, arrives},
	{Pipe, `2026-11-21T09:20:00.000Z|*|Groot left`, departs},
	{Pipe, `2026-11-21T09:20:00.000Z|*|Ada is now Ada L.`, renamed},
	{
		Pipe, `2026-11-21T09:20:00.000Z|*|30 seconds until you are disconnected. Say something to stay.`,
		&chat.Reply{Kind: chat.ReplyIdleWarning, Idle: 30 * time.Second, Time: at},
	},
	{
		Pipe, `2026-11-21T09:20:00.000Z|*|You missed more than this. Only the latest messages follow.`,
		&chat.Reply{Kind: chat.ReplyJoined, Resumed: true, Truncated: true, Time: at},
	},
	{
		Pipe, `2026-11-21T09:20:00.000Z|*|error: The message has 4001 characters; 4000 is the most. Send it in parts.`,
		&chat.Reply{Kind: chat.ReplyError, Err: tooLong, Time: at},
	},

	{Text, `Ada: hi`, hi},
	{Text, `Ada (private): just between us`, secret},
	{Text, `* Ada edited: hello`, edit},
	{Text, `* Ada deleted a message`, removal},
	{Text, `* Groot joined`, arrives},
	{Text, `* Groot left`, departs},
	{Text, `* Ada is now Ada L.`, renamed},
	{Text, `* 30 seconds until you are disconnected. Say something to stay.`, &chat.Reply{Kind: chat.ReplyIdleWarning, Idle: 30 * time.Second}},
	{Text, `* You missed more than this. Only the latest messages follow.`, &chat.Reply{Kind: chat.ReplyJoined, Resumed: true, Truncated: true}},
	{Text, `* error: The message has 4001 characters; 4000 is the most. Send it in parts.`, &chat.Reply{Kind: chat.ReplyError, Err: tooLong}},

	{
		RPC, `{"id":7,"code":200,"message":"","body":""}`,
		&chat.Reply{Kind: chat.ReplyAck, Of: chat.CmdSend, Ref: "7", Room: "lobby", Seq: 42, Time: at},
	},
	{
		RPC, `{"id":8,"code":200,"message":"","body":"Ada: hi\nGroot: one\\ntwo"}`,
		&chat.Reply{Kind: chat.ReplyHistory, Of: chat.CmdHistory, Ref: "8", Messages: []chat.Event{*gone, *hi, message(43, groot, "one\ntwo")}},
	},
	{
		RPC, `{"id":12,"code":200,"message":"","body":"Bob: Who wants a coffee?\nBob: Coffee, just us two"}`,
		&chat.Reply{Kind: chat.ReplyFound, Of: chat.CmdSearch, Ref: "12", Found: chat.Found{Hits: coffees}},
	},
	{
		RPC, `{"id":"a","code":200,"message":"","body":"Ada\nBob"}`,
		&chat.Reply{Kind: chat.ReplyMembers, Of: chat.CmdMembers, Ref: `"a"`, Members: []chat.User{ada, bob}},
	},
	{RPC, `{"id":10,"code":200,"message":"","body":""}`, &chat.Reply{Kind: chat.ReplyDone, Of: chat.CmdTyping, Ref: "10"}},
	{
		RPC, `{"id":11,"code":413,"message":"The message has 4001 characters; 4000 is the most. Send it in parts.","body":""}`,
		&chat.Reply{Kind: chat.ReplyError, Ref: "11", Err: tooLong},
	},
	{RPC, `{"id":0,"code":0,"message":"message","body":"Groot: hi"}`, with(*hi, func(e *chat.Event) { e.User = groot })},
	{RPC, `{"id":0,"code":0,"message":"private","body":"Ada: just between us"}`, secret},
	{RPC, `{"id":0,"code":0,"message":"system","body":"Groot joining conversation..."}`, arrives},
	{RPC, `{"id":0,"code":0,"message":"system","body":"Groot leaving conversation..."}`, departs},
	{RPC, `{"id":0,"code":0,"message":"system","body":"Ada is now Ada L."}`, renamed},
	{RPC, `{"id":0,"code":0,"message":"system","body":"Ada edited: hello"}`, edit},
	{RPC, `{"id":0,"code":0,"message":"system","body":"Ada deleted a message"}`, removal},
	{
		RPC, `{"id":0,"code":0,"message":"system","body":"30 seconds until you are disconnected. Say something to stay."}`,
		&chat.Reply{Kind: chat.ReplyIdleWarning, Idle: 30 * time.Second},
	},
	{
		RPC, `{"id":0,"code":0,"message":"system","body":"You missed more than this. Only the latest messages follow."}`,
		&chat.Reply{Kind: chat.ReplyJoined, Resumed: true, Truncated: true},
	},
}
