package e2e

import (
	"strings"
	"testing"
)

// benchRow is a row of a run that goes through several values.
type benchRow struct {
	Name    string
	Figures []struct {
		Name, Unit string
		Value      float64
	}
}

func (r benchRow) figure(name string) float64 {
	for _, f := range r.Figures {
		if f.Name == name {
			return f.Value
		}
	}
	return 0
}

func (r benchRow) names() string {
	var names []string
	for _, f := range r.Figures {
		names = append(names, f.Name)
	}
	return strings.Join(names, " ")
}

func TestBenchRoomsMeasuresEachNumberOfRooms(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--idle-timeout", "0")
	for _, dialect := range []string{"json", "text", "rpc"} {
		r := measured(t, "rooms", "--url", s.URL, "--dialect", dialect, "--rooms", "1,7", "--members", "3", "--under-way", "8",
			"--duration", "150ms", "--warmup", "10ms")
		if len(r.Rows) != 2 || r.Rows[0].Name != "1 x 3" || r.Rows[1].Name != "7 x 3" {
			t.Fatalf("%s: %+v", dialect, r.Rows)
		}
		each := int64(3)
		if dialect == "rpc" {
			each-- // it doesn't show people what they said
		}
		if v := r.Verified; v.Messages < 16 || v.Deliveries != int64(v.Messages)*each {
			t.Errorf("%s: %d messages and %d deliveries", dialect, v.Messages, v.Deliveries)
		}
		for _, row := range r.Rows {
			if names := row.names(); !strings.HasPrefix(names, "messages deliveries ") || !strings.Contains(names, " p50 p99 max memory") {
				t.Errorf("%s: a row of %s", dialect, names)
			}
		}
	}
}

func TestBenchRoomsAtASteadyPaceSaysWhatIsDue(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--idle-timeout", "0")
	r := measured(t, "rooms", "--url", s.URL, "--rooms", "5", "--members", "4", "--rate", "200", "--duration", "200ms", "--warmup", "50ms")
	if v := r.Verified; v.Messages != 50 || v.Deliveries != 200 {
		t.Errorf("%d messages and %d deliveries", v.Messages, v.Deliveries)
	}
	if len(r.Times) != 3 || r.Times[2].Count != 50 {
		t.Errorf("%+v", r.Times)
	}
}

func TestBenchStoreHasOneMessageUnderWayForEachSender(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--idle-timeout", "0")
	before := s.metric(t, "parley_events_stored_total")
	alone := measured(t, "store", "--url", s.URL, "--senders", "1,6", "--duration", "300ms", "--warmup", "10ms")
	if v := alone.Verified; v.Messages < 7 || v.Deliveries != int64(v.Messages) {
		t.Errorf("%d messages and %d deliveries to their senders alone", v.Messages, v.Deliveries)
	}
	if len(alone.Rows) != 2 || !strings.HasPrefix(alone.Rows[1].names(), "acked p50 p99 p99.9") {
		t.Fatalf("%+v", alone.Rows)
	}
	// A commit can't hold more than what is under way.
	one, six := alone.Rows[0].figure("messages/commit"), alone.Rows[1].figure("messages/commit")
	if one > 1 || six > 6 || one+six == 0 {
		t.Errorf("%v and %v messages in a commit", one, six)
	}
	together := measured(t, "store", "--url", s.URL, "--senders", "6", "--one-room", "--duration", "150ms", "--warmup", "10ms")
	if v := together.Verified; v.Deliveries != int64(v.Messages)*6 {
		t.Errorf("%d messages and %d deliveries in one room", v.Messages, v.Deliveries)
	}
	stored := s.metric(t, "parley_events_stored_total") - before
	said := alone.Verified.Messages + together.Verified.Messages
	if extra := int(stored) - said; extra < 8 || extra > 16 { // those of the beginning, one or two for each of 8 rooms
		t.Errorf("%d events stored, of them %d messages that were measured", int(stored), said)
	}
	if _, problems, code := bench(t, "store", "--url", s.URL, "--dialect", "text"); code == 0 {
		t.Errorf("text has no acks: %s", problems)
	}
}
