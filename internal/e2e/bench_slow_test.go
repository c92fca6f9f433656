package e2e

import (
	"strings"
	"testing"
)

func TestBenchSlowMembersAreLetGoAndTheOthersGetEverything(t *testing.T) {
	t.Parallel()
	// What waits in the system is some megabytes for each that doesn't read: messages of 60 kB fill that soon.
	s := startServer(t, "--rate-limit.messages", "0", "--idle-timeout", "0", "--limits.message-length", "0", "--limits.frame-bytes", "0",
		"--limits.backlog-bytes", "300000", "--presence.grace", "0")
	r := measured(t, "slow", "--url", s.URL, "--clients", "6", "--slow", "34%", "--pairs", "2", "--rate", "50", "--size", "60000",
		"--duration", "1s", "--warmup", "20ms")
	const messages, healthy = 2 * 2 * (50 + 1), 4
	if v := r.Verified; v.Messages != messages || v.Deliveries != messages*healthy {
		t.Errorf("%d messages and %d deliveries", v.Messages, v.Deliveries)
	}
	if came, gone := r.figure(t, "slow ones that came"), r.figure(t, "closed by the server with 4003, too slow"); came != 4 || gone != came {
		t.Errorf("%v slow ones came, %v were let go", came, gone)
	}
	if len(r.Rows) != 4 || r.Rows[0].Name != "1 without" || r.Rows[3].Name != "2 with" {
		t.Errorf("%+v", r.Rows)
	}
	if len(r.Times) != 3 || r.Times[0].Count != 100*healthy || r.Times[1].Count != 100*healthy {
		t.Errorf("%+v", r.Times)
	}
	s.waitForMetric(t, "parley_connections", func(n float64) bool { return n == 0 })
	if _, problems, code := bench(t, "slow", "--slow", "101%"); code == 0 || !strings.Contains(problems, "101%") {
		t.Errorf("code %d: %s", code, problems)
	}
}
