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
	// Read returns the next message, valid until the next call, or an error at the end of the connection.
	Read() (message []byte, binary bool, err error)
	// Code is the close code with which the connection ended.
	Code() int
}

// Names gives out names. Its errors are [chat.Error] values where the name is at fault.
type Names interface {
	// Claim returns the user who goes by a name that was said without a session or key.
	Claim(ctx context.Context, name string) (chat.User, error)
	// Rename gives a user another name.
	Rename(ctx context.Context, user chat.UserID, name string) (chat.User, error)
}

// Options say who a connection is and what it asked for at the handshake.
type Options struct {
	Hub     *chat.Hub
	Names   Names
	User    chat.User
	Session string // the session that the connection belongs to, "" for none
	// Stands reports whether the session has not ended since the handshake. It is asked once the connection can be found by who ends
	// sessions, so that none slips through between. nil where there is nothing that could end.
	Stands func(context.Context) (bool, error)
	// Known is false for a connection without an identity: User is a guest then, and the first frame may say another name.
	Known   bool
	Dialect wire.Dialect // nil where the first frame decides
	Room    chat.RoomName
	Since   int64         // resume after this seq; below 0 for the latest messages
	Idle    time.Duration // how long without an act of the person until the connection is closed; 0 for ever
	Limits  chat.Limits   // told in the welcome
	// FirstFrame is how long the connection may be open without it being known who it is, where its first frame could still say so; 0
	// for ever.
	FirstFrame time.Duration
	// Spend takes what something costs in messages from the budget of the address that the connection comes from, or says why not. It
	// is asked before the user's own budget. nil for no such budget.
	Spend func(cost float64) *chat.Error
	// Warnings is how many refusals in a row, never calm for 10 seconds, end the connection; 0 for none.
	Warnings int
	// Refused is told which setting ended the connection. May be nil.
	Refused func(limit string)
	// Decided is called once the dialect is known. May be nil.
	Decided func(dialect string)
}

// conversation is the state of one Run.
type conversation struct {
	Options
	sock     Socket
	member   *chat.Member
	idle     *idleClock
	unknown  *time.Timer // ends the connection; nil where it is known who it is, or needs not be
	strikes  int
	struckAt time.Time
}

// Run talks over sock until the connection ends. The caller finishes the socket.
func Run(ctx context.Context, sock Socket, o Options) {
	s := &conversation{Options: o, sock: sock}
	enc, silent := wire.JSON.Encoder(), false
	if o.Dialect != nil {
		enc = o.Dialect.Encoder()
	}
	if !o.Known {
		silent = o.Dialect == nil || o.Dialect == wire.Text || o.Dialect == wire.Pipe
	}
	s.member = o.Hub.Connect(o.User, o.Session, enc, sock, silent)
	defer s.member.Close()
	if !s.stands(ctx) {
		return
	}
	s.idle = newIdleClock(o.Idle, s.warnIdle, s.closeIdle)
	defer s.idle.stop()
	if silent && o.FirstFrame > 0 {
		s.unknown = time.AfterFunc(o.FirstFrame, s.closeUnknown)
		defer s.unknown.Stop()
	}

	s.welcome(ctx)
	s.arrive(ctx)
	for {
		frame, _, err := sock.Read()
		if err != nil {
			break
		}
		s.hear(ctx, frame)
	}
	if sock.Code() == closeNormal {
		s.member.Leave()
	}
}

// The codes that the core has no use for.
const (
	closeNormal   = 1000
	closeInternal = 1011
)

// stands closes a connection whose session ended during the handshake, or where that can't be known.
func (s *conversation) stands(ctx context.Context) bool {
	if s.Stands == nil {
		return true
	}
	stands, err := s.Stands(ctx)
	switch {
	case err != nil:
		s.sock.Close(closeInternal, "the session can't be checked")
	case !stands:
		s.sock.Close(chat.CloseSessionEnded, "session ended")
	}
	return err == nil && stands
}

func (s *conversation) welcome(ctx context.Context) {
	rooms, err := s.Hub.Rooms(ctx, s.User.ID)
	if err != nil { // the chat itself may still work; the list is asked for again later
		rooms = nil
	}
	s.member.Reply(&chat.Reply{
		Kind: chat.ReplyWelcome, User: s.User, Rooms: rooms, Limits: s.Limits, Idle: s.Idle,
		Time: time.Now().UTC().Truncate(time.Millisecond),
	})
}

// arrive goes into the room that the handshake asked for.
func (s *conversation) arrive(ctx context.Context) {
	cmd := &chat.Command{Kind: chat.CmdJoin, Room: s.Room, Since: s.Since}
	s.answer(cmd, s.member.Arrive(ctx, cmd))
}

// hear handles one frame.
func (s *conversation) hear(ctx context.Context, frame []byte) {
	first := s.decide(frame)
	var cmd chat.Command
	var refused *chat.Error
	if s.Known {
		cmd, refused = s.Dialect.Decode(frame)
	} else {
		cmd, refused = wire.DecodeFirst(s.Dialect, frame)
	}
	if first {
		s.member.Speak(s.Dialect.Encoder())
	}
	if refused != nil {
		s.refuse(refused)
		s.charge(chat.CostUnreadable)
		return
	}
	if cmd.IsAct() {
		s.idle.act()
	}
	if cmd.Kind == chat.CmdSend && s.Dialect == wire.Text {
		// A plain client may put its name before every line, not only the first.
		cmd.Text = strings.TrimPrefix(cmd.Text, s.User.Name+": ")
	}
	if !s.Known && (cmd.Kind == chat.CmdSend || cmd.Kind == chat.CmdClaim) {
		if _, refused := s.Limits.CheckText(cmd.Text); refused != nil { // nothing was said, and nobody by it
			refused.Ref, refused.Of = cmd.Ref, cmd.Kind
			s.refuse(refused)
			s.charge(chat.CostMessage)
			return
		}
	}
	if !s.Known && cmd.Kind != chat.CmdClaim {
		s.isKnown(s.User) // it goes by its guest name
	}
	s.do(ctx, &cmd)
}

// decide chooses the dialect by the first frame, where the handshake did not.
func (s *conversation) decide(frame []byte) (now bool) {
	if s.Dialect != nil {
		return false
	}
	s.Dialect = wire.Detect(frame)
	if s.Decided != nil {
		s.Decided(s.Dialect.Name())
	}
	return true
}

// isKnown notes who the connection is from now on.
func (s *conversation) isKnown(user chat.User) {
	s.Known, s.User = true, user
	s.member.Identify(user)
	if s.unknown != nil {
		s.unknown.Stop()
	}
}

// do carries out a command and tells its refusal.
func (s *conversation) do(ctx context.Context, cmd *chat.Command) {
	var err error
	switch cmd.Kind {
	case chat.CmdClaim:
		err = s.claim(ctx, cmd)
	case chat.CmdRename:
		err = s.rename(ctx, cmd)
	case chat.CmdSend, chat.CmdEdit, chat.CmdDelete, chat.CmdReact:
		if err = s.spend(chat.CostMessage); err == nil {
			err = s.member.Do(ctx, cmd)
		}
	default:
		err = s.member.Do(ctx, cmd)
	}
	s.answer(cmd, err)
}

// answer tells the refusal of a command, where there is one.
func (s *conversation) answer(cmd *chat.Command, err error) {
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

func (s *conversation) refuse(err *chat.Error) {
	s.member.Reply(&chat.Reply{Kind: chat.ReplyError, Of: err.Of, Ref: err.Ref, Err: err})
}

// claim gives the connection the name that its first frame said, and sends what the frame said besides, which has been checked.
func (s *conversation) claim(ctx context.Context, cmd *chat.Command) error {
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

func (s *conversation) rename(ctx context.Context, cmd *chat.Command) error {
	if err := s.pay(chat.CostMessage); err != nil {
		return err
	}
	user, err := s.Names.Rename(ctx, s.User.ID, cmd.Name)
	if err != nil {
		return err
	}
	s.User = user
	s.member.Identify(user)
	s.welcome(ctx)
	return nil
}

func (s *conversation) warnIdle(left time.Duration) {
	s.member.Reply(&chat.Reply{Kind: chat.ReplyIdleWarning, Idle: left})
}

func (s *conversation) closeIdle() { s.end(chat.CloseIdle, "idle_timeout", "idle") }
