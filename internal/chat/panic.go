package chat

import "runtime/debug"

// contain keeps a panic of a room's turn from the other rooms, as the turn's deferred call. What the room had in memory may be half
// changed, so it is dropped: every connection in the room is closed, comes back by itself, and resumes from what is stored.
// Whoever waits for an ack sends again.
func (r *room) contain(batch []item) {
	cause := recover()
	if cause == nil {
		return
	}
	r.hub.panics.Add(1)
	concerned := map[*Member]bool{}
	for _, s := range r.seats {
		concerned[s.member] = true
	}
	if a, b, direct := r.name.Pair(); direct {
		for _, m := range r.hub.connections(a, b) {
			concerned[m] = true
		}
	}
	for i := range batch {
		it := &batch[i]
		if it.member != nil {
			concerned[it.member] = true
		}
		if it.kind == itemPost && !it.told {
			it.settle()
		}
	}
	r.hub.opts.Logger.Error("a room panicked; everyone in it was disconnected, comes back by themselves and misses nothing",
		"room", r.name, "connections", len(concerned), "panic", cause, "stack", string(debug.Stack()))

	r.stopTimers()
	r.mu.Lock()
	clear(r.present)
	r.seated = 0
	r.mu.Unlock()
	r.said = delivery{}
	r.rest()
	r.seats, r.delivered, r.facts, r.crowd = nil, -1, nil, crowd{}
	clear(r.places)
	for m := range concerned {
		m.sink.Close(CloseInternal, "internal error; come back")
	}
}
