package chat

import (
	"maps"
	"slices"
)

// Sessions returns the sessions that have open connections, each once.
func (h *Hub) Sessions() []string {
	found := map[string]struct{}{}
	for _, m := range h.members(func(m *Member) bool { return m.session != "" }) {
		found[m.session] = struct{}{}
	}
	return slices.Collect(maps.Keys(found))
}

// Unproven returns the users who are connected without a session, each once: all that they have is the name that they said.
func (h *Hub) Unproven() []string {
	found := map[string]struct{}{}
	for _, m := range h.members(func(m *Member) bool { return m.session == "" }) {
		found[string(m.User().ID)] = struct{}{}
	}
	return slices.Collect(maps.Keys(found))
}

// EndUnproven closes every connection of a user that has no session, as EndSession does.
func (h *Hub) EndUnproven(user UserID) {
	for _, m := range h.members(func(m *Member) bool { return m.session == "" && m.User().ID == user }) {
		m.gone.Store(true)
		m.sink.Close(CloseSessionEnded, "the name went to somebody else")
	}
}
