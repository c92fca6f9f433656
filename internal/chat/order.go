package chat

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"
)

// Order keeps who keeps order in the whole chat, and whom they keep out.
type Order interface {
	// IsModerator reports whether a user keeps order.
	IsModerator(ctx context.Context, user UserID) (bool, error)
	// Bar keeps a user out until a time, in whichever way they come, and ends their sessions; nobody else gets their name meanwhile. The
	// zero time lets them in again. It is ErrNotFound where there is no such user.
	Bar(ctx context.Context, user UserID, until time.Time) error
	// BarredUntil returns until when a user is kept out, the zero time where they never were.
	BarredUntil(ctx context.Context, user string) (time.Time, error)
}

// ForEver is until when somebody is kept out who is so until they are let in again.
var ForEver = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// ReasonMost is how many characters are said of why somebody was removed: so much that a close frame holds it in any script.
const ReasonMost = 30

var errModerators = Errorf(CodeForbidden, "Only moderators can do this.")

// IsModerator reports whether a user keeps order in the chat.
func (h *Hub) IsModerator(ctx context.Context, user UserID) (bool, error) {
	return h.opts.Shelf.IsModerator(ctx, user)
}

// moderates is nil where the member keeps order.
func (m *Member) moderates(ctx context.Context) error {
	is, err := m.hub.IsModerator(ctx, m.User().ID)
	if err == nil && !is {
		err = errModerators
	}
	return err
}

// KeepsOrderIn reports whether a user is a moderator of a room, as its maker is, or of the whole chat.
func (h *Hub) KeepsOrderIn(ctx context.Context, user UserID, room RoomName) (bool, error) {
	role, err := h.opts.Shelf.Role(ctx, room, user)
	if err != nil || role >= RoleModerator {
		return err == nil, err
	}
	return h.IsModerator(ctx, user)
}

// keepOrder removes somebody, keeps them out, or lets them in again.
func (m *Member) keepOrder(ctx context.Context, cmd *Command) error {
	other, err := m.named(ctx, cmd)
	if err != nil {
		return err
	}
	reason := strings.Join(strings.Fields(cleanText(cmd.Text)), " ")
	if n := utf8.RuneCountInString(reason); n > ReasonMost {
		return Errorf(CodeTooLong, "The reason has %d characters; %d is the most. Say it in fewer words.", n, ReasonMost)
	}
	if cmd.Kind != CmdUnban {
		if is, err := m.hub.IsModerator(ctx, other.ID); err != nil || is {
			if err == nil {
				err = Errorf(CodeForbidden, "%s is a moderator, whom only the chat's host can remove.", other.Name)
			}
			return err
		}
	}
	until := time.Time{}
	if cmd.Kind == CmdBan {
		until = ForEver
		if cmd.For > 0 {
			until = m.hub.now().Add(cmd.For)
		}
	}
	if cmd.Kind != CmdKick {
		if err := m.hub.opts.Shelf.Bar(ctx, other.ID, until); err != nil {
			return err
		}
	}
	m.hub.opts.Logger.Info("a moderator keeps order", "moderator", m.User().ID, "does", cmd.Kind.orderly(), "user", other.ID,
		"until", until, "reason", reason)
	if cmd.Kind != CmdUnban {
		m.hub.remove(other.ID, reason)
	}
	return m.tellProfile(ctx, cmd, other)
}

// orderly is what the log calls a moderator's command.
func (k CommandKind) orderly() string {
	return map[CommandKind]string{CmdKick: "kick", CmdBan: "ban", CmdUnban: "unban"}[k]
}

// remove closes all connections of a user, who leaves without grace.
func (h *Hub) remove(user UserID, reason string) {
	for _, m := range h.connections(user) {
		m.gone.Store(true)
		m.sink.Close(CloseRemoved, reason)
	}
}
