package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// benchResult is what these tests look at of a run's JSON.
type benchResult struct {
	Kind        string
	Dialect     string
	Command     []string
	Seconds     float64
	OK          bool
	Interrupted bool
	Machine     struct {
		Cores  int
		Memory int64
		Kernel string
	}
	Served   []string
	Versions struct{ Parley, Go, Server string }
	Verified struct {
		Messages, Lost, Twice, Ended, Errors int
		OutOfOrder                           int `json:"out_of_order"`
		Deliveries                           int64
		Examples                             []string
	}
	Server struct {
		CPU    float64 `json:"cpu_seconds"`
		Memory int64
		Peak   int64 `json:"peak_memory"`
	}
	Figures []struct {
		Name, Unit string
		Value      float64
	}
	Times []struct {
		Name  string
		Count int64
		P50   float64
		P999  float64 `json:"p99_9"`
		Max   float64
	}
	Rows []benchRow
}

func (r benchResult) figure(t *testing.T, name string) float64 {
	t.Helper()
	for _, f := range r.Figures {
		if f.Name == name {
			return f.Value
		}
	}
	t.Errorf("%s: there is no figure %q", r.Kind, name)
	return 0
}

// bench runs `parley bench` with args and returns what it prints, and its exit code.
func bench(t *testing.T, args ...string) (out, problems string, code int) {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"bench"}, args...)...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "TMPDIR="+cmd.Dir)
	out, problems, code = ran(t, cmd)
	if left, err := os.ReadDir(cmd.Dir); err != nil || len(left) != 0 {
		t.Errorf("parley bench %s leaves %v behind, %v", strings.Join(args, " "), left, err)
	}
	return out, problems, code
}

// startBench starts `parley bench` with args. What it writes is out's when it has ended.
func startBench(t *testing.T, args ...string) (cmd *exec.Cmd, out *bytes.Buffer) {
	t.Helper()
	cmd, out = exec.Command(binary, append([]string{"bench"}, args...)...), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// measured runs a bench that has to go well, and returns its JSON.
func measured(t *testing.T, args ...string) (r benchResult) {
	t.Helper()
	out, problems, code := bench(t, append(args, "--json", "-")...)
	if code != 0 || problems != "" {
		t.Fatalf("parley bench %s: exit code %d\n%s%s", strings.Join(args, " "), code, problems, out)
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	v := r.Verified
	if !r.OK || r.Interrupted || v.Lost+v.Twice+v.OutOfOrder+v.Ended+v.Errors != 0 {
		t.Errorf("parley bench %s: %+v", strings.Join(args, " "), v)
	}
	if r.Machine.Cores < 1 || r.Versions.Go == "" || r.Versions.Parley == "" || !strings.Contains(r.Versions.Server, `version="`) || r.Seconds <= 0 || r.Server.Memory <= 0 || r.Server.Peak < r.Server.Memory {
		t.Errorf("parts are missing: %+v", r)
	}
	return r
}

func TestBenchBusyRoomInEveryDialect(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--idle-timeout", "0")
	for _, dialect := range []string{"json", "pipe", "text", "rpc"} {
		r := measured(t, "fanout", "--url", s.URL, "--dialect", dialect, "--clients", "12", "--under-way", "18", "--duration", "150ms", "--warmup", "10ms")
		each := int64(12)
		if dialect == "rpc" {
			each-- // it doesn't show people what they said
		}
		v := r.Verified
		if v.Messages < 18 || v.Deliveries != int64(v.Messages)*each {
			t.Errorf("%s: %d messages and %d deliveries", dialect, v.Messages, v.Deliveries)
		}
		if r.Kind != "fanout" || r.Dialect != dialect || r.figure(t, "deliveries") < 0 {
			t.Errorf("%+v", r)
		}
	}
}

func TestBenchLatencyCountsEveryDelivery(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--idle-timeout", "0")
	r := measured(t, "latency", "--url", s.WS(""), "--clients", "7", "--rate", "200", "--duration", "200ms", "--warmup", "50ms")
	const messages, warm = 40, 10
	if r.Verified.Messages != messages+warm || r.Verified.Deliveries != (messages+warm)*7 {
		t.Errorf("%d messages and %d deliveries", r.Verified.Messages, r.Verified.Deliveries)
	}
	if len(r.Times) != 3 || r.Times[0].Count != messages*7 || r.Times[1].Count != messages || r.Times[2].Count != messages {
		t.Fatalf("%+v", r.Times)
	}
	if h := r.Times[0]; h.P50 <= 0 || h.P999 < h.P50 || h.Max < h.P999 {
		t.Errorf("%+v", h)
	}
}

func TestBenchStartsAServerOfItsOwn(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "result.json")
	out, problems, code := bench(t, "idle", "--clients", "40", "--per-room", "20", "--settle", "0s", "--duration", "50ms", "--json", file,
		"--limits.connections", "50")
	if code != 0 || problems != "" || !strings.Contains(out, "all is well") || !strings.Contains(out, "40 connections are too few") {
		t.Errorf("exit code %d\n%s%s", code, problems, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r benchResult
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if r.figure(t, "connections") != 40 || !strings.Contains(fmt.Sprint(r.Command), "--limits.connections 50") ||
		!strings.Contains(fmt.Sprint(r.Served), "--limits.connections=50") {
		t.Errorf("%+v", r)
	}
	// A setting of the server holds: it takes no more than 50.
	out, problems, code = bench(t, "idle", "--clients", "60", "--per-room", "20", "--settle", "0s", "--duration", "10ms", "--limits.connections", "50")
	if code != 1 || !strings.Contains(problems, "503") && !strings.Contains(out, "limits.connections: no place is free") {
		t.Errorf("60 connections to a server that takes 50: exit code %d\n%s%s", code, problems, out)
	}
}

func TestBenchConnectsAndComesBack(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--idle-timeout", "0")
	before := s.figures(t)
	r := measured(t, "connect", "--url", s.URL, "--dials", "4", "--duration", "1s", "--warmup", "0s")
	opened := s.figures(t)[`parley_http_requests_total{route="/ws",status="101"}`] - before[`parley_http_requests_total{route="/ws",status="101"}`]
	if len(r.Times) != 1 || opened < 5 || float64(r.Times[0].Count) > opened {
		t.Errorf("%v handshakes, the server says %v", r.Times, opened)
	}
	for _, dialect := range []string{"json", "pipe", "rpc"} {
		r := measured(t, "connect", "--url", s.URL, "--dialect", dialect, "--return", "15", "--missed", "30")
		const said = 10 + 30 + 1
		deliveries := int64(15*said + said) // the one who talks speaks json
		if r.figure(t, "members who are back and whole") != 15 || r.Verified.Messages != said || r.Verified.Deliveries != deliveries {
			t.Errorf("%s: %+v %+v", dialect, r.Figures, r.Verified)
		}
		if len(r.Times) != 2 || r.Times[0].Count != 15 || r.Times[1].Count != 15 {
			t.Errorf("%s: %+v", dialect, r.Times)
		}
	}
}

func TestBenchInterruptedTellsWhatItHas(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--idle-timeout", "0")
	before := s.metric(t, "parley_messages_out_total")
	cmd, out := startBench(t, "fanout", "--url", s.URL, "--clients", "5", "--under-way", "2", "--duration", "1h", "--warmup", "0s", "--json", "-")
	s.waitForMetric(t, "parley_messages_out_total", func(n float64) bool { return n >= before+100 })
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, out.Bytes())
	}
	var r benchResult
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	if !r.OK || !r.Interrupted || r.Verified.Messages < 20 || r.Verified.Deliveries != int64(r.Verified.Messages)*5 {
		t.Errorf("%+v", r.Verified)
	}
}

func TestBenchFailsWhereTheChatDoes(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "5", "--rate-limit.burst", "20", "--rate-limit.warnings", "0") // less than it will be sent
	for _, dialect := range []string{"json", "pipe", "text", "rpc"} {
		out, _, code := bench(t, "latency", "--url", s.URL, "--dialect", dialect, "--clients", "2", "--rate", "200", "--duration", "500ms")
		if code != 1 || !strings.Contains(out, "FAILED") || !strings.Contains(out, ": 0 lost,") || strings.Contains(out, " 0 refused,") ||
			!strings.Contains(out, "(rate_limited): start that server with --rate-limit.messages 0") {
			t.Errorf("%s: exit code %d\n%s", dialect, code, out)
		}
	}
}

// TestBenchHelpNamesSettingsThatThereAre gives the run's own server what the help says, as it is typed there.
func TestBenchHelpNamesSettingsThatThereAre(t *testing.T) {
	t.Parallel()
	help, _, code := bench(t, "fanout", "--help")
	found := regexp.MustCompile(`--(?:[a-z-]+\.[a-z_-]+|idle-timeout) 0`).FindAllString(strings.Join(strings.Fields(help), " "), -1)
	if code != 0 || len(found) != 3 {
		t.Fatalf("code %d, %q\n%s", code, found, help)
	}
	args := []string{"fanout", "--clients", "2", "--under-way", "1", "--duration", "50ms", "--warmup", "0s", "--size", "70000"} // which fits, too
	measured(t, append(args, strings.Fields(strings.Join(found, " "))...)...)
}

// TestBenchMixedKeepsTheDayUntilTheServerStopped begins a day of an hour, whose people reload and come back all the time.
func TestBenchMixedKeepsTheDayUntilTheServerStopped(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0", "--idle-timeout", "0")
	file := filepath.Join(t.TempDir(), "result.json")
	cmd, out := startBench(t, "mixed", "--url", s.URL, "--people", "100", "--duration", "30s", "--json", file)
	s.waitForMetric(t, "parley_events_stored_total", func(n float64) bool { return n >= 20 })
	s.Kill()
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("%v\n%s", err, out.Bytes())
	}
	var r benchResult
	if text, err := os.ReadFile(file); err != nil || json.Unmarshal(text, &r) != nil {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	if r.OK || r.Verified.Messages == 0 || r.Verified.Ended == 0 || !strings.Contains(out.String(), "could not be opened") {
		t.Errorf("%+v\n%s", r.Verified, out.Bytes())
	}
}

func TestBenchSaysWhatIsWrongWithACommand(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	keys := startServer(t, "--access", "keys")
	for _, c := range []struct {
		want string
		args []string
	}{
		{"there is no chat at ws://127.0.0.1:1/ws", []string{"fanout", "--url", "ws://127.0.0.1:1/ws"}},
		{"is no address of a chat", []string{"fanout", "--url", "127.0.0.1:3000"}},
		{"is no address of a chat", []string{"fanout", "--url", "ftp://127.0.0.1:3000"}},
		{"404", []string{"fanout", "--url", s.URL + "/nowhere", "--clients", "1"}},
		{"--size is from 24", []string{"fanout", "--size", "3"}},
		{"--duration has to be longer", []string{"fanout", "--duration", "0s"}},
		{"--clients and --under-way are at least 1", []string{"fanout", "--clients", "0"}},
		{"at least 2", []string{"fanout", "--clients", "1", "--dialect", "rpc"}},
		{"--rate from", []string{"latency", "--url", s.URL, "--rate", "0"}},
		{"--missed from 1 to 500", []string{"connect", "--url", s.URL, "--return", "5", "--missed", "501"}},
		{"--send needs one %s", []string{"fanout", "--url", s.URL, "--dialect", "plain", "--send", "hello"}},
		{"are for --dialect plain", []string{"fanout", "--hello", "%s"}},
		{"for other chats", []string{"fanout", "--dialect", "plain"}},
		{"no server of the run's own", []string{"fanout", "--url", s.URL, "--idle-timeout", "0"}},
		{"--data can't be had", []string{"fanout", "--data", "elsewhere"}},
		{"no such process", []string{"fanout", "--url", s.URL, "--pid", "999999999"}},
		{"--pid is for a server that --url names", []string{"fanout", "--pid", "999999999"}},
		{"can't be written", []string{"fanout", "--json", "nowhere/result.json"}},
		{"with --slow 1% it is one", []string{"slow", "--clients", "100", "--slow", "0.4%"}},
		{"5000 characters", []string{"fanout", "--url", s.URL, "--clients", "2", "--size", "5000", "--json", "result.json"}},
		{"needs a chat with access: open", []string{"fanout", "--url", keys.URL, "--clients", "2"}},
		{"needs a chat with access: open", []string{"mixed", "--url", keys.URL, "--people", "2"}},
		{"too few for 100000000 connections", []string{"idle", "--url", s.URL, "--clients", "100000000"}},
	} {
		out, problems, code := bench(t, c.args...)
		if code == 0 || out != "" || !strings.Contains(problems, c.want) || strings.Count(problems, "\n") != 1 {
			t.Errorf("parley bench %s: exit code %d\n%s%s", strings.Join(c.args, " "), code, problems, out)
		}
	}
}
