package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// typist is somebody who is writing in a room.
type typist struct {
	name, room string
	until      time.Time
}

// edited tells the others that a message is being written.
func (t *talk) edited(text string) {
	command := strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && !strings.HasPrefix(text, "/me ") &&
		!strings.HasPrefix(text, "/shrug")
	if t.room != "" && text != "" && !command {
		t.Typing(t.room)
	}
}

// refresh shows what is so just now, and returns how long until that changes by itself, 0 for not at all.
func (t *talk) refresh() time.Duration {
	prompt := cleanLine(t.Me().Name)
	if len(t.rooms) > 1 {
		prompt += " #" + t.room
	}
	waiting := t.Waiting()
	switch {
	case t.Online():
	case waiting > 0:
		prompt += fmt.Sprintf(" (offline, %d waiting)", waiting)
	default:
		prompt += " (offline)"
	}
	t.view.prompt(prompt)
	hint, next := t.whoTypes(time.Now())
	t.view.hint(hint)
	return next
}

// whoTypes says who is writing in this room, and how long it stays so.
func (t *talk) whoTypes(now time.Time) (hint string, next time.Duration) {
	var names []string
	for id, who := range t.typing {
		left := who.until.Sub(now)
		if left <= 0 {
			delete(t.typing, id)
			continue
		}
		if next == 0 || left < next {
			next = left
		}
		if who.room == t.room {
			names = append(names, who.name)
		}
	}
	slices.Sort(names)
	switch len(names) {
	case 0:
		return "", next
	case 1:
		return names[0] + " is typing…", next
	case 2:
		return names[0] + " and " + names[1] + " are typing…", next
	default:
		return fmt.Sprintf("%d people are typing…", len(names)), next
	}
}
