package e2e

import (
	"fmt"
	"slices"
	"testing"
)

// holds requires that a room's messages are these, in this order: what an unconcerned reader of its history finds.
func (s *server) holds(t *testing.T, room string, want ...string) {
	t.Helper()
	reader := s.json(t, "Reader of "+room, "")
	var got []string
	for _, m := range reader.history(room) {
		got = append(got, m.Text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s holds %q, want %q", room, got, want)
	}
	reader.leave()
}

// history is all messages of a room, oldest first, as paging back finds them.
func (s *socket) history(room string) []frame {
	s.t.Helper()
	var all []frame
	for before := int64(0); ; before = all[0].Seq {
		s.send(fmt.Sprintf(`{"type":"history","room":%q,"limit":200,"before":%d}`, room, before))
		page := s.next("history")
		all = slices.Concat(page.Messages, all)
		if !page.More {
			return all
		}
	}
}

// shows requires that the page shows these messages and no others, each once and in this order, and none as on its way.
func (p *person) shows(want ...string) {
	p.t.Helper()
	if got := p.texts(); !slices.Equal(got, want) {
		p.t.Errorf("%s sees %q, want %q", p.name, got, want)
	}
	if n := eval[int](p, `document.querySelectorAll(".row.sending, .row.failed").length`); n > 0 {
		p.t.Errorf("%s sees %d messages as unsent", p.name, n)
	}
}
