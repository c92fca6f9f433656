package chat

import (
	"context"
	"errors"
	"fmt"
)

// post checks a command that becomes an event and puts it into its room's inbox.
func (m *Member) post(ctx context.Context, cmd *Command) error {
	if err := m.Charge(CostMessage); err != nil {
		return err
	}
	if err := checkID(cmd.ID); err != nil {
		return err
	}
	e, err := m.event(ctx, cmd)
	if err != nil {
		return m.unlessSent(ctx, cmd, err)
	}
	if err := m.beginPosting(ctx); err != nil {
		return err
	}
	if !m.hub.submit(e.Room, item{kind: itemPost, member: m, ref: cmd.Ref, of: cmd.Kind, event: e}) {
		m.posted()
		return errDraining
	}
	return nil
}

// beginPosting counts a post, and waits where the connection has too many under way. The connection's reader alone calls it.
func (m *Member) beginPosting(ctx context.Context) error {
	m.mu.Lock()
	if m.posting < pendingMost {
		m.posting++
		m.mu.Unlock()
		return nil
	}
	full := make(chan struct{})
	m.full = full
	m.mu.Unlock()
	select {
	case <-full:
		return m.beginPosting(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// posted is the end of a post that beginPosting counted.
func (m *Member) posted() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.posting--
	if m.full != nil {
		close(m.full)
		m.full = nil
	}
}

// isPosting reports whether posts of the member are under way.
func (m *Member) isPosting() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.posting > 0
}

var errDraining = Errorf(CodeUnavailable, "The server is restarting. Send it again in a moment.")

// event makes a command into the event that is to be stored.
func (m *Member) event(ctx context.Context, cmd *Command) (Event, error) {
	name, err := m.target(ctx, cmd)
	if err != nil {
		return Event{}, err
	}
	e := Event{Room: name, User: m.User(), ClientID: cmd.ID}
	if err := m.fill(ctx, &e, cmd); err != nil {
		return e, err
	}
	e.Mentions, err = m.mentions(ctx, name, e.Text)
	return e, err
}

// unlessSent returns the refusal of a command, or gives it its first ack where it was carried out before: its sender was cut off
// before it heard that, and what it asked for may have become impossible by then. An edit, say, of a message deleted since.
func (m *Member) unlessSent(ctx context.Context, cmd *Command, err error) error {
	var refused *Error
	if cmd.ID == "" || !errors.As(err, &refused) {
		return err
	}
	e, missing := m.hub.opts.Log.Sent(ctx, m.User().ID, cmd.ID)
	switch {
	case errors.Is(missing, ErrNotFound):
		return err
	case missing != nil:
		return missing
	}
	m.Reply(&Reply{Kind: ReplyAck, Of: cmd.Kind, Ref: cmd.Ref, Room: e.Room, ID: e.ClientID, Seq: e.Seq, Time: e.Time})
	return nil
}

// target returns the room that a post goes to.
func (m *Member) target(ctx context.Context, cmd *Command) (RoomName, error) {
	if cmd.To != "" {
		if cmd.Room != "" {
			return "", Errorf(CodeBadRequest, "Give either a room or a name to send to, not both.")
		}
		peer, err := m.hub.opts.People.ByName(ctx, cmd.To)
		if errors.Is(err, ErrNotFound) {
			return "", Errorf(CodeNotFound, "Nobody goes by the name %s here.", quoteName(cmd.To))
		}
		return Direct(m.User().ID, peer.ID), err
	}
	return m.admit(ctx, cmd)
}

// fill makes the command's contents into the event's, checked.
func (m *Member) fill(ctx context.Context, e *Event, cmd *Command) error {
	var refused *Error
	switch cmd.Kind {
	case CmdSend:
		e.Kind, e.ReplyTo = KindMessage, cmd.ReplyTo
		if e.Text, refused = m.hub.opts.Limits.CheckText(cmd.Text); refused != nil && (refused.Code != CodeEmpty || len(cmd.Files) == 0) {
			return refused
		}
		var err error
		if e.Files, err = m.files(ctx, cmd.Files); err != nil {
			return err
		}
		if e.ReplyTo != 0 {
			source, err := m.message(ctx, e.Room, e.ReplyTo)
			e.Quote = quoteOf(&source, m.hub.opts.Renderer)
			return err
		}
		return nil
	case CmdTopic:
		e.Kind = KindTopic
		if e.Text, refused = checkTopic(e.Room, cmd.Text); refused != nil {
			return refused
		}
		return nil
	case CmdPin:
		e.Kind, e.On = KindPin, cmd.On
	case CmdEdit:
		e.Kind = KindEdit
		if e.Text, refused = m.hub.opts.Limits.CheckText(cmd.Text); refused != nil {
			return refused
		}
	case CmdDelete:
		e.Kind = KindDelete
	case CmdReact:
		e.Kind, e.Emoji, e.On = KindReaction, cmd.Emoji, cmd.On
		if len(cmd.Emoji) > emojiLength || !isEmoji(cmd.Emoji) {
			return Errorf(CodeBadRequest, "A reaction is one emoji.")
		}
	}
	e.Of = cmd.Of
	message, err := m.message(ctx, e.Room, e.Of)
	switch {
	case err != nil:
		return err
	case message.Deleted != 0:
		return Errorf(CodeNotFound, "Message %d has been deleted.", e.Of)
	case cmd.Kind == CmdReact && cmd.On && isOneTooMany(message.Reactions, cmd.Emoji):
		return Errorf(CodeBadRequest, "There are %d different reactions to this message already. Join one of them.", reactionsMost)
	}
	return m.mayChange(ctx, cmd, &message)
}

func (m *Member) message(ctx context.Context, name RoomName, seq int64) (Event, error) {
	e, err := m.hub.opts.Log.Message(ctx, name, seq)
	if errors.Is(err, ErrNotFound) {
		return Event{}, Errorf(CodeNotFound, "There is no message %d in this room.", seq)
	}
	return e, err
}

func quoteName(name string) string {
	if r := []rune(name); len(r) > 40 {
		name = string(r[:40]) + "…"
	}
	return fmt.Sprintf("“%s”", cleanText(name))
}
