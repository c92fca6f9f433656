package chat

import (
	"maps"
	"slices"
)

// HasSession reports whether a session has an open connection.
func (h *Hub) HasSession(session string) bool {
	return len(h.members(func(m *Member) bool { return m.session == session })) > 0
}

// Sessions returns the sessions that have open connections, each once.
func (h *Hub) Sessions() []string {
	found := map[string]struct{}{}
	for _, m := range h.members(func(m *Member) bool { return m.session != "" }) {
		found[m.session] = struct{}{}
	}
	return slices.Collect(maps.Keys(found))
}
