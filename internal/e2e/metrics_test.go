package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// figures are what /metrics says: each series by its name and labels, as Prometheus writes them.
type figures map[string]float64

// figures reads /metrics as strictly as Prometheus does.
func (s *server) figures(t *testing.T) figures {
	t.Helper()
	resp, body := s.get(t, "/metrics", "")
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("/metrics: %s %s", resp.Status, body)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		t.Fatalf("/metrics can't be parsed: %v", err)
	}
	f := figures{}
	for name, family := range families {
		for _, m := range family.GetMetric() {
			series := name + labelsOf(m)
			switch family.GetType() {
			case dto.MetricType_COUNTER:
				f[series] = m.GetCounter().GetValue()
			case dto.MetricType_GAUGE:
				f[series] = m.GetGauge().GetValue()
			case dto.MetricType_HISTOGRAM:
				f[series+"_count"] = float64(m.GetHistogram().GetSampleCount())
				f[series+"_sum"] = m.GetHistogram().GetSampleSum()
			}
		}
	}
	return f
}

func labelsOf(m *dto.Metric) string {
	var pairs []string
	for _, l := range m.GetLabel() {
		pairs = append(pairs, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
	}
	if len(pairs) == 0 {
		return ""
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

// moved asks until figures have moved by exactly so much since before, and fails the test where they don't: some move behind the answer
// to what moves them.
func (s *server) moved(t *testing.T, before figures, want map[string]float64) {
	t.Helper()
	var wrong []string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		now := s.figures(t)
		wrong = nil
		for series, by := range want {
			if got := now[series] - before[series]; got != by {
				wrong = append(wrong, fmt.Sprintf("%s moved by %v, not %v", series, got, by))
			}
		}
		if len(wrong) == 0 {
			return
		}
	}
	t.Error(strings.Join(wrong, "\n"))
}

func TestMetricsMoveByExactlyWhatWasDone(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	ada, bob := s.json(t, "Ada", ""), s.json(t, "Bob", "")
	ada.next("presence")
	for _, c := range []*socket{ada, bob} { // what was written before is counted then
		c.send(`{"type":"ping"}`)
		c.next("pong")
	}
	before := s.figures(t)
	if before[`parley_connections_by_dialect{dialect="json"}`] != 2 || before["parley_users"] != 2 || before["parley_rooms"] != 1 {
		t.Errorf("two json connections of two users in one room: %v", before)
	}

	const sent = 20
	for i := range sent {
		ada.say(fmt.Sprint("id-", i), "hello")
	}
	ada.say("id-0", "hello") // a repeat
	for range sent {
		bob.next("message")
	}
	s.moved(t, before, map[string]float64{
		"parley_messages_in_total": sent + 1, "parley_events_stored_total": sent, "parley_messages_out_total": 2 * sent,
		"parley_store_commit_events_count": sent, "parley_store_commit_events_sum": sent,
		"parley_frames_in_total": sent + 1, "parley_frames_out_total": 3*sent + 1,
		"parley_room_inbox_items": 0, "parley_store_waiting_writes": 0, "parley_backlog_bytes": 0, "parley_connections_behind": 0,
	})

	before = s.figures(t)
	ada.send(`{"type":"send","room":"lobby","text":" "}`)
	ada.next("error")
	ada.send(`{"type":"what"}`)
	ada.next("error")
	ada.send(`not json`)
	ada.next("error")
	s.moved(t, before, map[string]float64{
		`parley_errors_total{code="empty"}`: 1, `parley_errors_total{code="unknown_type"}`: 1, `parley_errors_total{code="bad_json"}`: 1,
		`parley_errors_total{code="not_found"}`: 0,
	})

	before = s.figures(t)
	for since, sender := range map[int]string{sent: "Cyd", sent - 3: "Dan", 0: "Eve", 1000: "Fay"} {
		dial(t, s.WS("?dialect=json&name="+sender+"&since="+fmt.Sprint(since)), nil).next("joined")
	}
	text := dial(t, s.WS("?dialect=text&name=Gil"), nil)
	s.moved(t, before, map[string]float64{
		`parley_resumes_total{missed="0"}`: 1, `parley_resumes_total{missed="1-10"}`: 1, `parley_resumes_total{missed="11-100"}`: 1,
		`parley_resumes_total{missed="truncated"}`: 1, `parley_resumes_total{missed="over 100"}`: 0,
		`parley_connections_by_dialect{dialect="json"}`: 4, `parley_connections_by_dialect{dialect="text"}`: 1, "parley_connections": 5,
		`parley_http_requests_total{route="/ws",status="101"}`: 5,
	})

	before = s.figures(t)
	text.leave()
	bob.send(strings.Repeat("x", 70_000)) // larger than a frame may be
	if code := bob.closeCode(); code != 1009 {
		t.Errorf("closed with %d", code)
	}
	s.moved(t, before, map[string]float64{
		`parley_closes_total{by="client",code="1000",reason="left"}`:            1,
		`parley_closes_total{by="server",code="1009",reason="frame too large"}`: 1,
		"parley_connections": -2, `parley_connections_by_dialect{dialect="text"}`: -1,
	})
}

func TestMetricsOfRequestsNameTheRouteNeverWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	_, cookie := s.join(t, url.Values{"name": {"Ada"}}, nil)
	before := s.figures(t)
	for _, path := range []string{"/nowhere", "/rooms/lobby", "/rooms/secret-room", "/healthz", "/readyz", "/static/x/y.css", "/"} {
		s.get(t, path, cookie)
	}
	refused(t, s.WS("?dialect=what"), nil)
	s.moved(t, before, map[string]float64{
		`parley_http_requests_total{route="none",status="404"}`: 1, `parley_http_requests_total{route="/rooms/:room",status="200"}`: 2,
		`parley_http_requests_total{route="/healthz",status="200"}`: 1, `parley_http_requests_total{route="/readyz",status="200"}`: 1,
		`parley_http_requests_total{route="/",status="200"}`: 1, `parley_http_requests_total{route="/ws",status="400"}`: 1,
	})
	for series := range s.figures(t) {
		if strings.Contains(series, "secret") || strings.Contains(series, "nowhere") || strings.Contains(series, "Ada") {
			t.Errorf("%s has what somebody chose in it", series)
		}
	}
}

func TestMetricsAreWrittenAsPrometheusWantsThem(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	s.json(t, "Ada", "").say("1", "hi")
	_, body := s.get(t, "/metrics", "")
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "parley_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	f := s.figures(t)
	for _, series := range []string{"process_start_time_seconds", "go_goroutines", "process_open_fds", "parley_store_commit_seconds_sum"} {
		if f[series] <= 0 {
			t.Errorf("%s is %v", series, f[series])
		}
	}
	if !strings.Contains(body, `parley_build_info{go="go`) {
		t.Error("the page doesn't say what runs")
	}

	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, name := range regexp.MustCompile(`\bparley_[a-z_]+`).FindAllString(string(page), -1) {
		named[strings.TrimSuffix(name, "_bucket")] = true
	}
	told := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^# TYPE (parley_\S+)`).FindAllStringSubmatch(body, -1) {
		told[line[1]] = true
		if !named[line[1]] {
			t.Errorf("docs/operations.md doesn't tell what %s says", line[1])
		}
	}
	for name := range named {
		if !told[name] && name != "parley_closes_total" && name != "parley_http_requests_total" { // which appear with what happens first
			t.Errorf("docs/operations.md tells of %s, which there isn't", name)
		}
	}
}

func TestReadinessSaysWhyAndTheLogSaysSoOnce(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	ada := s.json(t, "Ada", "")
	ada.say("1", "before")
	unlock := lock(t, s)
	before := s.figures(t)
	ada.send(`{"type":"send","id":"2","room":"lobby","text":"during"}`)
	refusedWith := ada.next("error")
	if refusedWith.Code != "unavailable" || !strings.HasPrefix(refusedWith.Message, "Another program keeps the chat's database locked.") {
		t.Errorf("the sender is told %s: %s", refusedWith.Code, refusedWith.Message)
	}
	resp, body := s.get(t, "/readyz", "")
	if resp.StatusCode != http.StatusServiceUnavailable || body != "Another program keeps the chat's database locked.\n" {
		t.Errorf("/readyz: %s %s", resp.Status, body)
	}
	now := s.figures(t)
	if n := now[`parley_store_errors_total{kind="locked"}`] - before[`parley_store_errors_total{kind="locked"}`]; n < 1 {
		t.Errorf("%v store errors are counted", n)
	}
	unlock()
	ada.say("2", "after")
	if resp, body := s.get(t, "/readyz", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("/readyz after the lock: %s %s", resp.Status, body)
	}
	s.waitForLog(t, "storing works again")
	logs := s.Logs()
	if strings.Count(logs, "messages are refused until") != 1 || strings.Count(logs, "storing works again") != 1 {
		t.Errorf("the log doesn't say once each that it began and ended")
	}
}
