package e2e

import "testing"

func TestBenchMixedDayIsWholeForEverybody(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--idle-timeout", "0")
	before := s.metric(t, "parley_events_stored_total")
	r := measured(t, "mixed", "--url", s.URL, "--people", "30", "--seed", "3", "--duration", "3s")
	counts := map[string]int64{}
	for _, h := range r.Times {
		counts[h.Name] = h.Count
	}
	for _, what := range []string{
		"signing in", "sent to delivered", "message to ack", "private message to ack", "edit to ack", "reaction to ack", "page of history", "search",
		"coming back: to all rooms, with all that was missed",
	} {
		if counts[what] == 0 {
			t.Errorf("nothing was measured as %q: %v", what, counts)
		}
	}
	if counts["arriving: to all rooms"]+counts["coming back: to all rooms, with all that was missed"] < 30 {
		t.Errorf("not everybody came: %v", counts)
	}
	// Whatever was acknowledged is an event, and of all messages that were stored somebody was told.
	stored := int64(s.metric(t, "parley_events_stored_total") - before)
	acked := counts["message to ack"] + counts["private message to ack"] + counts["edit to ack"] + counts["reaction to ack"]
	if stored < acked || r.Verified.Messages == 0 || int64(r.Verified.Messages) > stored {
		t.Errorf("%d events stored, %d acknowledged, %d messages seen", stored, acked, r.Verified.Messages)
	}
	if r.Verified.Deliveries < int64(r.Verified.Messages)*3 {
		t.Errorf("%d messages, %d deliveries", r.Verified.Messages, r.Verified.Deliveries)
	}
	if _, _, code := bench(t, "mixed", "--url", s.URL, "--dialect", "text"); code == 0 {
		t.Error("text can't do what people do")
	}
}
