// Package session is one member's conversation: who is talking and in which dialect, the welcome, command after command with its
// reply, and the idle clock. It is free of sockets and HTTP; the handlers give it an upgraded connection and import it.
package session

import (
	"context"
	"errors"
	"strings"
	"time"

	"parley/internal/chat"
	"parley/internal/wire"
)

// Socket is the connection that a session talks over.
type Socket interface {
	chat.Sink
	// Code is the close code with which the connection ended.
	Code() int
}

// Names gives out names. Its errors are [chat.Error] values where the name is at fault.
type Names interface {
	// Claim returns the user who goes by a name that was said without a session or key.
	Claim(ctx context.Context, name string) (chat.User, error)
	// Arrived notes that a user who was given a name is connected.
	Arrived(user chat.UserID)
	// Rename gives a user another name.
	Rename(ctx context.Context, user chat.UserID, name string) (chat.User, error)
}

// Owner has the connection. A session asks it, and tells it, what is beyond one conversation.
type Owner interface {
	// Stands reports whether who the connection is has not ended since the handshake. It is asked once the connection can be found by
	// who ends sessions, so that none slips through between.
	Stands(ctx context.Context) (bool, error)
	// Spend takes what something costs in messages from the budget of the address that the connection comes from, or says why not. It
	// is asked before the user's own budget.
	Spend(cost float64) *chat.Error
	// Refused is told which setting ended the connection.
	Refused(limit string)
	// Decided is told the dialect, where the first frame decided it.
	Decided(dialect string)
}

// Rules are what holds for all sessions of a server.
type Rules struct {
	Hub    *chat.Hub
	Names  Names
	Idle   time.Duration // how long without an act of the person until a connection is closed; 0 for ever
	Limits chat.Limits   // told in the welcome
	// FirstFrame is how long a connection may be open without it being known who it is, where its first frame could still say so; 0
	// for ever.
	FirstFrame time.Duration
	// Warnings is how many refusals in a row, never calm for 10 seconds, end a connection; 0 for none.
	Warnings int
}

// Options say who a connection is and what it asked for at the handshake.
type Options struct {
	User    chat.User
	Session string // the session that the connection belongs to, "" for none
	// Known is false for a connection without an identity: User is a guest then, and the first frame may say another name.
	Known   bool
	Dialect wire.Dialect // nil where the first frame decides
	Room    chat.RoomName
	Since   int64 // resume after this seq; below 0 for the latest messages
}

// Session is one connection's conversation. Its methods are called by one goroutine at a time, but for Look, which may be called beside
// any of them. It is there for as long as the connection, so that it holds no more than it needs while nothing is said.
type Session struct {
	*Rules
	owner   Owner
	sock    Socket
	user    chat.User
	known   bool
	dialect wire.Dialect
	member  *chat.Member

	clock    clock
	strikes  int
	struckAt time.Time
}

// Begin begins to talk over sock. It returns nil, and sock is closed, where who the connection is has ended meanwhile.
func Begin(ctx context.Context, rules *Rules, owner Owner, sock Socket, o *Options) *Session {
	s := &Session{Rules: rules, owner: owner, sock: sock, user: o.User, known: o.Known, dialect: o.Dialect}
	enc, silent := wire.JSON.Encoder(), false
	if o.Dialect != nil {
		enc = o.Dialect.Encoder()
	}
	if !o.Known {
		silent = o.Dialect == nil || o.Dialect == wire.Text || o.Dialect == wire.Pipe
	}
	s.member = rules.Hub.Connect(o.User, o.Session, enc, sock, silent)
	if !s.stands(ctx) {
		s.End()
		return nil
	}
	s.Names.Arrived(o.User.ID)
	sayWithin := time.Duration(0)
	if silent {
		sayWithin = rules.FirstFrame
	}
	s.clock.begin(sayWithin)
	s.welcome(ctx)
	s.arrive(ctx, o)
	return s
}

// End is the end of the connection. The caller finishes the socket.
func (s *Session) End() {
	if s.sock.Code() == closeNormal {
		s.member.Leave()
	}
	s.member.Close()
}

// The codes that the core has no use for.
const (
	closeNormal   = 1000
	closeInternal = 1011
)

// stands closes a connection whose session ended during the handshake, or where that can't be known.
func (s *Session) stands(ctx context.Context) bool {
	stands, err := s.owner.Stands(ctx)
	switch {
	case err != nil:
		s.sock.Close(closeInternal, "the session can't be checked")
	case !stands:
		s.sock.Close(chat.CloseSessionEnded, "session ended")
	}
	return err == nil && stands
}

func (s *Session) welcome(ctx context.Context) {
	rooms, err := s.Hub.Rooms(ctx, s.user.ID)
	if err != nil { // the chat itself may still work; the list is asked for again later
		rooms = nil
	}
	ignored, err := s.Hub.Ignored(ctx, s.user.ID)
	if err != nil { // likewise: nobody is hidden until the next welcome
		ignored = nil
	}
	moderator, err := s.Hub.IsModerator(ctx, s.user.ID)
	if err != nil { // who keeps order is asked about again with each thing that they do
		moderator = false
	}
	s.member.Reply(&chat.Reply{
		Kind: chat.ReplyWelcome, Moderator: moderator, User: s.user, Rooms: rooms, Ignored: ignored, Limits: s.Limits, Idle: s.Idle,
		Time: time.Now().UTC().Truncate(time.Millisecond),
	})
}

// arrive goes into the room that the handshake asked for.
func (s *Session) arrive(ctx context.Context, o *Options) {
	cmd := &chat.Command{Kind: chat.CmdJoin, Room: o.Room, Since: o.Since}
	s.answer(cmd, s.member.Arrive(ctx, cmd))
}

// Hear handles one frame, which is the caller's again then. It is a text.
func (s *Session) Hear(ctx context.Context, frame []byte, _ bool) {
	first := s.decide(frame)
	var cmd chat.Command
	var refused *chat.Error
	if s.known {
		cmd, refused = s.dialect.Decode(frame)
	} else {
		cmd, refused = wire.DecodeFirst(s.dialect, frame)
	}
	if first {
		s.member.Speak(s.dialect.Encoder())
	}
	if refused != nil {
		s.refuse(refused)
		s.charge(chat.CostUnreadable)
		return
	}
	if cmd.IsAct() {
		s.clock.act()
	}
	if cmd.Kind == chat.CmdSend && s.dialect == wire.Text {
		// A plain client may put its name before every line, not only the first.
		cmd.Text = strings.TrimPrefix(cmd.Text, s.user.Name+": ")
	}
	if !s.known && (cmd.Kind == chat.CmdSend || cmd.Kind == chat.CmdClaim) {
		if _, refused := s.Limits.CheckText(cmd.Text); refused != nil { // nothing was said, and nobody by it
			refused.Ref, refused.Of = cmd.Ref, cmd.Kind
			s.refuse(refused)
			s.charge(chat.CostMessage)
			return
		}
	}
	if !s.known && cmd.Kind != chat.CmdClaim {
		s.isKnown(s.user) // it goes by its guest name
	}
	s.do(ctx, &cmd)
}

// decide chooses the dialect by the first frame, where the handshake did not.
func (s *Session) decide(frame []byte) (now bool) {
	if s.dialect != nil {
		return false
	}
	s.dialect = wire.Detect(frame)
	s.owner.Decided(s.dialect.Name())
	return true
}

// isKnown notes who the connection is from now on.
func (s *Session) isKnown(user chat.User) {
	s.known, s.user = true, user
	s.member.Identify(user)
	s.Names.Arrived(user.ID)
	s.clock.known()
}

// do carries out a command and tells its refusal.
func (s *Session) do(ctx context.Context, cmd *chat.Command) {
	var err error
	switch cmd.Kind {
	case chat.CmdClaim:
		err = s.claim(ctx, cmd)
	case chat.CmdRename:
		err = s.rename(ctx, cmd)
	case chat.CmdSend, chat.CmdEdit, chat.CmdDelete, chat.CmdReact, chat.CmdTopic, chat.CmdPin:
		if err = s.spend(chat.CostMessage); err == nil {
			err = s.member.Do(ctx, cmd)
		}
	case chat.CmdSearch:
		if err = s.spend(chat.CostSearch); err == nil {
			err = s.member.Do(ctx, cmd)
		}
	default:
		err = s.member.Do(ctx, cmd)
	}
	s.answer(cmd, err)
}

// answer tells the refusal of a command, where there is one.
func (s *Session) answer(cmd *chat.Command, err error) {
	if err == nil {
		return
	}
	var refused *chat.Error
	if !errors.As(err, &refused) {
		refused = chat.Errorf(chat.CodeUnavailable, "The server can't do that right now. Try again in a moment.")
	}
	answer := *refused
	answer.Ref, answer.Of = cmd.Ref, cmd.Kind
	s.refuse(&answer)
	if answer.Code == chat.CodeRateLimited {
		s.strike()
	}
}

func (s *Session) refuse(err *chat.Error) {
	s.member.Reply(&chat.Reply{Kind: chat.ReplyError, Of: err.Of, Ref: err.Ref, Err: err})
}

// claim gives the connection the name that its first frame said, and sends what the frame said besides, which has been checked.
func (s *Session) claim(ctx context.Context, cmd *chat.Command) error {
	if err := s.spend(chat.CostMessage); err != nil {
		return err
	}
	user, err := s.Names.Claim(ctx, cmd.Name)
	if err != nil {
		if s.member.Charge(chat.CostMessage) != nil { // what a claim sends pays for itself
			s.strike()
		}
		return err
	}
	s.isKnown(user)
	s.welcome(ctx)
	return s.member.Do(ctx, &chat.Command{Kind: chat.CmdSend, Ref: cmd.Ref, Room: cmd.Room, Text: cmd.Text})
}

func (s *Session) rename(ctx context.Context, cmd *chat.Command) error {
	if err := s.pay(chat.CostMessage); err != nil {
		return err
	}
	user, err := s.Names.Rename(ctx, s.user.ID, cmd.Name)
	if err != nil {
		return err
	}
	s.user = user
	s.member.Identify(user)
	s.welcome(ctx)
	return nil
}
