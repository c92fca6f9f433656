package chat

import (
	"context"
	"errors"
)

// Ignores keeps whom each user ignores. Clients hide what those say; the server remembers it, for all of a user's devices, and neither
// counts nor finds it for that user. Nobody is told that they are ignored.
type Ignores interface {
	// Ignore notes that a user ignores another from now on, or no longer.
	Ignore(ctx context.Context, user, other UserID, on bool) error
	// Ignored lists whom a user ignores, as they are called now, in the order of ignoring, at most IgnoredMost.
	Ignored(ctx context.Context, user UserID) ([]User, error)
}

// IgnoredMost is how many others one can ignore.
const IgnoredMost = 200

// ignore notes whom the user ignores, and tells all of their connections the whole list.
func (m *Member) ignore(ctx context.Context, cmd *Command) error {
	other, err := m.named(ctx, cmd)
	if err != nil {
		return err
	}
	me := m.User().ID
	if other.ID == me {
		return Errorf(CodeBadRequest, "This is you. Say whom else to ignore.")
	}
	list, err := m.hub.opts.Shelf.Ignored(ctx, me)
	if err != nil {
		return err
	}
	if cmd.On && len(list) >= IgnoredMost {
		return Errorf(CodeBadRequest, "You ignore %d people; that is the most. Stop ignoring somebody first.", IgnoredMost)
	}
	if err := m.hub.opts.Shelf.Ignore(ctx, me, other.ID, cmd.On); err != nil {
		return err
	}
	if list, err = m.hub.opts.Shelf.Ignored(ctx, me); err != nil {
		return err
	}
	for _, own := range m.hub.connections(me) {
		if own != m {
			own.Reply(&Reply{Kind: ReplyIgnored, Members: list})
		}
	}
	m.Reply(&Reply{Kind: ReplyIgnored, Of: cmd.Kind, Ref: cmd.Ref, Members: list})
	return nil
}

// ignoredIDs are the ids of those whom the user ignores.
func (m *Member) ignoredIDs(ctx context.Context) ([]UserID, error) {
	list, err := m.hub.opts.Shelf.Ignored(ctx, m.User().ID)
	if err != nil {
		return nil, err
	}
	ids := make([]UserID, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	return ids, nil
}

// Ignored lists whom a user ignores.
func (h *Hub) Ignored(ctx context.Context, user UserID) ([]User, error) {
	return h.opts.Shelf.Ignored(ctx, user)
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
