package chat

import (
	"context"
	"errors"
)

// Do carries out a command. An error that it returns is the command's refusal; everything else, later refusals included, is told
// by a [Reply]. It waits where the connection has too much under way. CmdClaim and CmdRename are the session's business.
func (m *Member) Do(ctx context.Context, cmd *Command) error {
	var err error
	if cmd.Kind.IsPost() {
		if err = m.post(ctx, cmd); err == nil && cmd.Kind == CmdSend {
			m.comeBack()
		}
	} else if err = m.chargeCommand(cmd); err == nil {
		err = m.do(ctx, cmd)
	}
	if err != nil {
		return m.refusal(cmd, err)
	}
	return nil
}

// Arrive carries out the join that a connection asked for when it was opened. It costs nothing: how often connections are opened is
// limited where that is done.
func (m *Member) Arrive(ctx context.Context, cmd *Command) error {
	if err := m.do(ctx, cmd); err != nil {
		return m.refusal(cmd, err)
	}
	return nil
}

// acts are what carries out the commands that aren't posts, each with the room that it was admitted to.
var acts = map[CommandKind]func(m *Member, ctx context.Context, cmd *Command, name RoomName) error{
	CmdJoin:     (*Member).join,
	CmdLeave:    (*Member).leave,
	CmdHistory:  (*Member).history,
	CmdSearch:   (*Member).search,
	CmdPins:     (*Member).pins,
	CmdMembers:  (*Member).members,
	CmdRead:     (*Member).read,
	CmdMute:     (*Member).mute,
	CmdInvite:   (*Member).invite,
	CmdArchive:  (*Member).archive,
	CmdRemove:   (*Member).removeFrom,
	CmdPassword: (*Member).setPassword,
	CmdAbout:    (*Member).about,
	CmdTyping:   (*Member).typing,
	CmdRooms:    roomless((*Member).listRooms),
	CmdMentions: roomless((*Member).listMentions),
	CmdCreate:   roomless((*Member).create),
	CmdAway:     roomless((*Member).goAway),
	CmdBack:     roomless((*Member).back),
	CmdWhois:    roomless((*Member).whois),
	CmdIgnore:   roomless((*Member).ignore),
	CmdKick:     roomless((*Member).keepOrder),
	CmdBan:      roomless((*Member).keepOrder),
	CmdUnban:    roomless((*Member).keepOrder),
	CmdPing: func(m *Member, _ context.Context, cmd *Command, _ RoomName) error {
		m.Reply(&Reply{Kind: ReplyPong, Of: cmd.Kind, Ref: cmd.Ref, Time: m.hub.now()})
		return nil
	},
	CmdActive: func(m *Member, _ context.Context, cmd *Command, _ RoomName) error {
		m.done(cmd, "")
		return nil
	},
}

// roomless makes what carries out a command that is about no room one of acts.
func roomless(act func(*Member, context.Context, *Command) error) func(*Member, context.Context, *Command, RoomName) error {
	return func(m *Member, ctx context.Context, cmd *Command, _ RoomName) error { return act(m, ctx, cmd) }
}

// do carries out what isn't a post.
func (m *Member) do(ctx context.Context, cmd *Command) error {
	cmd, err := m.asRemoval(ctx, cmd)
	if err != nil {
		return err
	}
	name, err := m.admit(ctx, cmd)
	if err != nil {
		return err
	}
	act := acts[cmd.Kind]
	if act == nil {
		return errNoCommand
	}
	return act(m, ctx, cmd, name)
}

func (m *Member) done(cmd *Command, name RoomName) {
	m.Reply(&Reply{Kind: ReplyDone, Of: cmd.Kind, Ref: cmd.Ref, Room: name})
}

// refusal makes what went wrong into what the client is told. What the client can't help is logged here, once.
func (m *Member) refusal(cmd *Command, err error) *Error {
	var refused *Error
	if !errors.As(err, &refused) {
		if !errors.Is(err, context.Canceled) && !isLogged(err) {
			m.hub.opts.Logger.Error("a command was refused for now; the client may try again", "user", m.User().ID, "error", err)
		}
		refused = unavailable(err, "The server can't do that right now. Try again in a moment.")
	}
	answer := *refused
	answer.Ref, answer.Of = cmd.Ref, cmd.Kind
	return &answer
}
