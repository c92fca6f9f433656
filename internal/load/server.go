package load

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Server is what a load is on, as far as one can look at it.
type Server struct {
	URL string // http://…

	own     *exec.Cmd // nil for one that was there
	logs    *tail
	ended   chan error
	folder  string
	pid     int
	metrics string // address of its /metrics, "" where it has none
	peak    int64
}

// Usage is what a server has used.
type Usage struct {
	User, System float64 // seconds of processor time; all of it is in User where it is known together only
	Memory       int64   // bytes that are resident, 0 where unknown
}

// CPU is both in one.
func (u Usage) CPU() float64 { return u.User + u.System }

// findServer starts a server, or finds the one that the address names.
func (b *Bench) findServer(ctx context.Context) error {
	b.Server = &Server{URL: b.URL, pid: b.PID}
	if b.PID != 0 {
		if _, err := processUsage(b.PID); err != nil {
			return fmt.Errorf("--pid %d: %w", b.PID, err)
		}
	}
	if b.URL == "" {
		if err := b.startServer(ctx); err != nil {
			b.Server.stop()
			return err
		}
	}
	if err := b.findAddress(ctx); err != nil {
		b.Server.stop()
		return err
	}
	return nil
}

// findAddress finds out where the socket is, and connects once, so that a chat that isn't there is told as that.
func (b *Bench) findAddress(ctx context.Context) error {
	u, err := url.Parse(b.Server.URL)
	if err != nil || u.Host == "" {
		return fmt.Errorf("%q is no address of a chat; it is like ws://HOST:3000/ws", b.Server.URL)
	}
	port := "80"
	switch u.Scheme {
	case "ws", "http":
		u.Scheme = "ws"
	case "wss", "https":
		u.Scheme, port = "wss", "443"
		b.tls = &tls.Config{ServerName: u.Hostname(), RootCAs: b.Trust, NextProtos: []string{"http/1.1"}}
	default:
		return fmt.Errorf("%q is no address of a chat; it begins with ws:// or http://", b.Server.URL)
	}
	if u.Port() != "" {
		port = u.Port()
	}
	ours := b.Dialect != "plain"
	if ours && (u.Path == "" || u.Path == "/") {
		u.Path = "/ws"
	}
	b.where = u
	probe, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return fmt.Errorf("there is no chat at %s: %w", b.Server.URL, err)
	}
	b.address = probe.RemoteAddr()
	_ = probe.Close()
	if ours {
		web := *u
		web.Scheme, web.Path, web.RawQuery = strings.Replace(u.Scheme, "ws", "http", 1), "/metrics", ""
		if told, err := readMetrics(ctx, web.String()); err == nil {
			b.Server.metrics = web.String()
			b.Result.Versions.Server = versionOf(told)
		}
	}
	return nil
}

// versionOf is what a Parley says of its version and Go's, "" where it is none.
func versionOf(metrics map[string]float64) string {
	for name := range metrics {
		if labels, ok := strings.CutPrefix(name, "parley_build_info{"); ok {
			return strings.TrimSuffix(labels, "}")
		}
	}
	return ""
}

// startServer runs this program's own serve, on a free port of this machine, with an empty data folder. Messages have no limit there, and so
// nothing else that is counted per second, and nobody is idle; it logs warnings only.
func (b *Bench) startServer(ctx context.Context) (err error) {
	s := b.Server
	if len(b.Program) == 0 {
		return errors.New("name the chat with --url")
	}
	if s.folder, err = os.MkdirTemp("", "parley-bench-"); err != nil {
		return err
	}
	cmd := exec.Command(b.Program[0], append(slices.Clone(b.Program[1:]), "--data", s.folder)...)
	b.Result.Served = cmd.Args
	cmd.Dir = s.folder // where no config.yaml is
	cmd.SysProcAttr = apart()
	s.logs = &tail{}
	cmd.Stderr = s.logs
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("the server can't be started: %w", err)
	}
	s.own, s.pid, s.ended = cmd, cmd.Process.Pid, make(chan error, 1)
	ready := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if address, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
				ready <- address
			}
		}
		s.ended <- cmd.Wait()
	}()
	select {
	case s.URL = <-ready:
		return nil
	case err := <-s.ended:
		s.own = nil
		return fmt.Errorf("the server did not start: %w\n%s", err, s.logs)
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Minute):
		return fmt.Errorf("the server was not ready within a minute\n%s", s.logs)
	}
}

// stop ends the server where it is ours, and removes its folder. It is called once or more.
func (s *Server) stop() {
	if s.own != nil {
		interrupt(s.own.Process)
		select {
		case <-s.ended:
		case <-time.After(15 * time.Second):
			_ = s.own.Process.Kill()
			<-s.ended
		}
		s.own = nil
	}
	if s.folder != "" {
		_ = os.RemoveAll(s.folder)
		s.folder = ""
	}
}

// Usage is what the server has used so far: its process's where that is known, else what it says itself.
func (s *Server) Usage() (Usage, error) {
	if s.pid != 0 {
		if u, err := processUsage(s.pid); err == nil || s.metrics == "" {
			return s.note(u), err
		}
	}
	if s.metrics == "" {
		return Usage{}, errUnknown
	}
	m, err := readMetrics(context.Background(), s.metrics)
	if err != nil {
		return Usage{}, err
	}
	return s.note(Usage{User: m["process_cpu_seconds_total"], Memory: int64(m["process_resident_memory_bytes"])}), nil
}

var errUnknown = errors.New("what the server uses can't be seen from here; name its process with --pid")

// look keeps up with how much memory the server has at most, where that costs next to nothing. Who calls it also measures.
func (s *Server) look() {
	if s.pid != 0 {
		_, _ = s.Usage() // who wants it for itself is told of the error
	}
}

func (s *Server) note(u Usage) Usage {
	s.peak = max(s.peak, u.Memory)
	return u
}

// Metrics are the numbers that a Parley tells, by their names, with labels as they stand there; empty for other chats.
func (s *Server) Metrics(ctx context.Context) map[string]float64 {
	if s.metrics == "" {
		return nil
	}
	m, err := readMetrics(ctx, s.metrics)
	if err != nil {
		return nil
	}
	return m
}

// readMetrics reads a page of Prometheus's text format.
func readMetrics(ctx context.Context, address string) (map[string]float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	if err != nil || answer.StatusCode != http.StatusOK {
		return nil, errors.Join(err, fmt.Errorf("%s: %s", address, answer.Status))
	}
	found := map[string]float64{}
	for line := range bytes.Lines(body) {
		text := strings.TrimSpace(string(line))
		at := strings.LastIndexByte(text, ' ') // the values of labels may have spaces, too
		if at < 0 {
			continue
		}
		name, value := text[:at], text[at+1:]
		if v, err := strconv.ParseFloat(value, 64); err == nil && !strings.HasPrefix(name, "#") {
			found[name] = v
		}
	}
	return found, nil
}

// tail keeps the end of what a server logs.
type tail struct {
	mu   sync.Mutex // guards text
	text []byte
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if extra := len(t.text) - 8<<10; extra > 0 {
		t.text = append(t.text[:0], t.text[extra:]...)
	}
	return len(p), nil
}

// String is what is kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
