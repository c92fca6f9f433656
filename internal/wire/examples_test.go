package wire

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

// The examples are every frame of the surface with what it means. docs/protocol.md shows the same frames, and testdata/examples
// holds them for the page's tests; run this package's tests with -update to write that folder anew.

var update = flag.Bool("update", false, "write testdata/examples anew")

const docs = "../../docs/protocol.md"

var (
	groot = chat.User{ID: "u_groot", Name: "Groot"}
	ada   = chat.User{ID: "u_ada", Name: "Ada"}
	bob   = chat.User{ID: "u_bob", Name: "Bob"}

	at      = time.Date(2026, 11, 21, 9, 20, 0, 0, time.UTC)
	private = chat.Direct(ada.ID, bob.ID)
)

// heard is a frame of a client and the command that it is.
type heard struct {
	dialect Dialect
	frame   string
	first   bool // of a connection without an identity
	command chat.Command
}

var clientExamples = []heard{
	{
		dialect: JSON, frame: `{"type":"send","id":"c1","room":"lobby","text":"hi"}`,
		command: chat.Command{Kind: chat.CmdSend, Ref: "c1", ID: "c1", Room: "lobby", Text: "hi", Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"send","id":"c2","room":"lobby","text":"me too","reply_to":42}`,
		command: chat.Command{Kind: chat.CmdSend, Ref: "c2", ID: "c2", Room: "lobby", Text: "me too", ReplyTo: 42, Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"send","id":"c3","to":"Bob","text":"just between us"}`,
		command: chat.Command{Kind: chat.CmdSend, Ref: "c3", ID: "c3", To: "Bob", Text: "just between us", Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"edit","id":"c4","room":"lobby","of":42,"text":"hello"}`,
		command: chat.Command{Kind: chat.CmdEdit, Ref: "c4", ID: "c4", Room: "lobby", Of: 42, Text: "hello", Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"delete","id":"c5","room":"lobby","of":42}`,
		command: chat.Command{Kind: chat.CmdDelete, Ref: "c5", ID: "c5", Room: "lobby", Of: 42, Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"react","id":"c6","room":"lobby","of":42,"emoji":"👍","on":true}`,
		command: chat.Command{Kind: chat.CmdReact, Ref: "c6", ID: "c6", Room: "lobby", Of: 42, Emoji: "👍", On: true, Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"react","id":"c7","room":"lobby","of":42,"emoji":"👍","on":false}`,
		command: chat.Command{Kind: chat.CmdReact, Ref: "c7", ID: "c7", Room: "lobby", Of: 42, Emoji: "👍", Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"join","room":"dev"}`,
		command: chat.Command{Kind: chat.CmdJoin, Room: "dev", Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"join","room":"dev","since":41}`,
		command: chat.Command{Kind: chat.CmdJoin, Room: "dev", Since: 41},
	},
	{
		dialect: JSON, frame: `{"type":"leave","room":"dev"}`,
		command: chat.Command{Kind: chat.CmdLeave, Room: "dev", Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"history","room":"lobby","before":42,"limit":50}`,
		command: chat.Command{Kind: chat.CmdHistory, Room: "lobby", Before: 42, Limit: 50, Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"history","id":"c12","room":"lobby","before":67}`,
		command: chat.Command{Kind: chat.CmdHistory, Ref: "c12", ID: "c12", Room: "lobby", Before: 67, Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"mentions","id":"c12"}`,
		command: chat.Command{Kind: chat.CmdMentions, Ref: "c12", ID: "c12", Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"mentions","id":"c13","before":"1795252800000.43.lobby","limit":20}`,
		command: chat.Command{
			Kind: chat.CmdMentions, Ref: "c13", ID: "c13", Place: "1795252800000.43.lobby", Limit: 20, Since: -1,
		},
	},
	{
		dialect: JSON, frame: `{"type":"search","id":"c10","query":"coffee from:Bob after:2026-11-01"}`,
		command: chat.Command{Kind: chat.CmdSearch, Ref: "c10", ID: "c10", Text: "coffee from:Bob after:2026-11-01", Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"search","id":"c11","room":"lobby","query":"\"a coffee\"","before":"Z2o1bdXLmiyfqGZ3FKXDfw","limit":20}`,
		command: chat.Command{
			Kind: chat.CmdSearch, Ref: "c11", ID: "c11", Room: "lobby", Text: `"a coffee"`, Place: "Z2o1bdXLmiyfqGZ3FKXDfw", Limit: 20, Since: -1,
		},
	},
	{
		dialect: JSON, frame: `{"type":"members","room":"lobby"}`,
		command: chat.Command{Kind: chat.CmdMembers, Room: "lobby", Since: -1},
	},
	{dialect: JSON, frame: `{"type":"rooms"}`, command: chat.Command{Kind: chat.CmdRooms, Since: -1}},
	{
		dialect: JSON, frame: `{"type":"read","room":"lobby","seq":42}`,
		command: chat.Command{Kind: chat.CmdRead, Room: "lobby", Seq: 42, Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"typing","room":"lobby"}`,
		command: chat.Command{Kind: chat.CmdTyping, Room: "lobby", Since: -1},
	},
	{dialect: JSON, frame: `{"type":"active"}`, command: chat.Command{Kind: chat.CmdActive, Since: -1}},
	{
		dialect: JSON, frame: `{"type":"nick","id":"c8","name":"Ada L."}`,
		command: chat.Command{Kind: chat.CmdRename, Ref: "c8", ID: "c8", Name: "Ada L.", Since: -1},
	},
	{dialect: JSON, frame: `{"type":"ping"}`, command: chat.Command{Kind: chat.CmdPing, Since: -1}},
	{
		dialect: JSON, frame: `{"type":"away","id":"c20","text":"lunch"}`,
		command: chat.Command{Kind: chat.CmdAway, Ref: "c20", ID: "c20", Text: "lunch", Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"kick","id":"c25","name":"Bob","text":"too loud"}`,
		command: chat.Command{Kind: chat.CmdKick, Ref: "c25", ID: "c25", Name: "Bob", Text: "too loud", Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"ban","id":"c26","name":"Bob","seconds":3600}`,
		command: chat.Command{Kind: chat.CmdBan, Ref: "c26", ID: "c26", Name: "Bob", For: time.Hour, Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"unban","id":"c27","user":"u_bob"}`,
		command: chat.Command{Kind: chat.CmdUnban, Ref: "c27", ID: "c27", User: "u_bob", Since: -1},
	},
	{dialect: JSON, frame: `{"type":"back"}`, command: chat.Command{Kind: chat.CmdBack, Since: -1}},
	{
		dialect: JSON, frame: `{"type":"whois","id":"c21","name":"Bob"}`,
		command: chat.Command{Kind: chat.CmdWhois, Ref: "c21", ID: "c21", Name: "Bob", Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"whois","id":"c22","user":"u_bob"}`,
		command: chat.Command{Kind: chat.CmdWhois, Ref: "c22", ID: "c22", User: "u_bob", Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"ignore","id":"c23","name":"Bob","on":true}`,
		command: chat.Command{Kind: chat.CmdIgnore, Ref: "c23", ID: "c23", Name: "Bob", On: true, Since: -1},
	},
	{
		dialect: JSON, frame: `{"type":"ignore","id":"c24","user":"u_bob","on":false}`,
		command: chat.Command{Kind: chat.CmdIgnore, Ref: "c24", ID: "c24", User: "u_bob", Since: -1},
	},

	{dialect: Pipe, first: true, frame: `Ada|hi`, command: chat.Command{Kind: chat.CmdClaim, Name: "Ada", Text: "hi"}},
	{dialect: Pipe, frame: `Ada|either | or`, command: chat.Command{Kind: chat.CmdSend, Text: "either | or"}},

	{dialect: Text, first: true, frame: `Client 1: hi`, command: chat.Command{Kind: chat.CmdClaim, Name: "Client 1", Text: "hi"}},
	{dialect: Text, frame: `how are you?`, command: chat.Command{Kind: chat.CmdSend, Text: "how are you?"}},

	{
		dialect: RPC, frame: `{"id":7,"method":"POST","target":"/message","body":"hi"}`,
		command: chat.Command{Kind: chat.CmdSend, Ref: "7", Text: "hi"},
	},
	{
		dialect: RPC, frame: `{"id":8,"method":"GET","target":"/history","body":""}`,
		command: chat.Command{Kind: chat.CmdHistory, Ref: "8"},
	},
	{
		dialect: RPC, frame: `{"id":12,"method":"GET","target":"/search","body":"{\"query\":\"coffee\"}"}`,
		command: chat.Command{Kind: chat.CmdSearch, Ref: "12", Text: "coffee"},
	},
	{
		dialect: RPC, frame: `{"id":9,"method":"GET","target":"/history","body":"{\"before\":42,\"limit\":2}"}`,
		command: chat.Command{Kind: chat.CmdHistory, Ref: "9", Before: 42, Limit: 2},
	},
	{
		dialect: RPC, frame: `{"id":"a","method":"GET","target":"/members","body":""}`,
		command: chat.Command{Kind: chat.CmdMembers, Ref: `"a"`},
	},
	{
		dialect: RPC, frame: `{"id":10,"method":"POST","target":"/typing","body":""}`,
		command: chat.Command{Kind: chat.CmdTyping, Ref: "10"},
	},
}

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

// encode appends the frames that tell something.
func encode(enc chat.Encoder, dst []byte, tells any) []byte {
	switch v := tells.(type) {
	case *chat.Event:
		return enc.AppendEvent(dst, v)
	case *chat.Signal:
		return enc.AppendSignal(dst, v)
	case *chat.Reply:
		return enc.AppendReply(dst, v)
	default:
		panic("not something that is told")
	}
}

func TestExamplesOfClientsAreUnderstood(t *testing.T) {
	for _, e := range clientExamples {
		t.Run(e.dialect.Name()+" "+e.frame, func(t *testing.T) {
			decode := e.dialect.Decode
			if e.first {
				decode = func(frame []byte) (chat.Command, *chat.Error) { return DecodeFirst(e.dialect, frame) }
			}
			got, err := decode([]byte(e.frame))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e.command, got); diff != "" {
				t.Errorf("the command differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExamplesOfTheServerAreWritten(t *testing.T) {
	for _, e := range serverExamples {
		t.Run(e.dialect.Name()+" "+e.frame, func(t *testing.T) {
			got := texts(t, encode(e.dialect.Encoder(), nil, e.tells))
			if diff := cmp.Diff([]string{e.frame}, got); diff != "" {
				t.Errorf("the frames differ (-want +got):\n%s", diff)
			}
		})
	}
}

// examples returns the frames of all examples by dialect and side, as docs/protocol.md names them.
func examples() map[string][]string {
	found := map[string][]string{}
	for _, e := range clientExamples {
		found[e.dialect.Name()+"-client"] = append(found[e.dialect.Name()+"-client"], e.frame)
	}
	for _, e := range serverExamples {
		found[e.dialect.Name()+"-server"] = append(found[e.dialect.Name()+"-server"], e.frame)
	}
	return found
}

func TestDocsShowTheExamplesAndNoOthers(t *testing.T) {
	page, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string][]string{}
	block := "" // the examples that we are in
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSuffix(line, "\n")
		if info, fence := strings.CutPrefix(line, "```"); fence {
			_, block, _ = strings.Cut(info, " ")
		} else if block != "" {
			shown[block] = append(shown[block], line)
		}
	}
	want := examples()
	for _, m := range []map[string][]string{want, shown} {
		for _, frames := range m {
			slices.Sort(frames)
		}
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("docs/protocol.md and the examples differ (-examples +docs):\n%s", diff)
	}
}

func TestExampleFilesAreUpToDate(t *testing.T) {
	for name, frames := range examples() {
		path := filepath.Join("testdata", "examples", name+".txt")
		want := strings.Join(frames, "\n") + "\n"
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s is old; run go test ./internal/wire -update (-want +got):\n%s", path, diff)
		}
	}
}
