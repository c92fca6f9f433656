package wire

import (
	"time"

	"parley/internal/chat"
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
