package chat

// HasSession reports whether a session has an open connection.
func (h *Hub) HasSession(session string) bool {
	return len(h.members(func(m *Member) bool { return m.session == session })) > 0
}
