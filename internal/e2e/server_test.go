// Package e2e tests the program from outside: the real binary, real sockets, real browsers and terminals. Nothing imports it.
package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// binary is the program, built with the race detector once per test run.
var binary string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "parley-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "parley")
	os.Setenv("XDG_STATE_HOME", filepath.Join(folder, "state")) // where terminals keep their sessions: not among those of who runs this
	build := exec.Command("go", "build", "-race", "-o", binary, ".")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "the program does not build: %v\n%s", err, out)
		return 1
	}
	defer closeBrowsers()
	return m.Run()
}

// server is a running program.
type server struct {
	t    *testing.T
	URL  string // http://127.0.0.1:PORT
	Host string // 127.0.0.1:PORT
	Data string
	args []string
	path string               // of the program
	as   *syscall.SysProcAttr // whose rights it has, nil for one's own
	cmd  *exec.Cmd
	logs *syncBuffer
	done chan error
}

// startServer runs `parley serve` on a free port with a data folder of its own, and whatever else args say. It is stopped, and has
// to stop cleanly, at the end of the test.
func startServer(t *testing.T, args ...string) *server {
	t.Helper()
	return startProgram(t, binary, args...)
}

// startProgram is startServer of another build, which path leads to.
func startProgram(t *testing.T, path string, args ...string) *server {
	t.Helper()
	s := &server{t: t, Data: t.TempDir(), args: args, path: path}
	s.start(freeAddress(t))
	t.Cleanup(s.stopIfRunning)
	return s
}

// programFor is the program with the race detector, or where figures are wanted without it.
func programFor(t *testing.T, fast bool) string {
	t.Helper()
	if !fast {
		return binary
	}
	path := filepath.Join(t.TempDir(), "parley")
	build := exec.Command("go", "build", "-o", path, ".")
	build.Dir = filepath.Join("..", "..")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		t.Fatalf("the program does not build: %v", err)
	}
	return path
}

// ran runs a command to its end, and returns what it wrote and its exit code.
func ran(t *testing.T, cmd *exec.Cmd) (out, problems string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

// ports are given out once each. They lie below those that the system gives to connections and to listeners on port 0, so that a
// server that starts again finds its own still free, whatever the tests beside it do.
var ports atomic.Int64

func freeAddress(t *testing.T) string {
	t.Helper()
	const first, many = 16_000, 16_000
	ports.CompareAndSwap(0, 1+rand.Int64N(many)) // another run of the tests may be under way
	for range many {
		address := fmt.Sprintf("127.0.0.1:%d", first+ports.Add(1)%many)
		if l, err := net.Listen("tcp", address); err == nil {
			_ = l.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// stopIfRunning is the server's end with its test.
func (s *server) stopIfRunning() {
	if s.cmd != nil {
		s.Stop()
	}
	if s.t.Failed() {
		s.t.Logf("the server's log:\n%s", s.Logs())
	}
}

func (s *server) start(listen string) {
	s.t.Helper()
	args := append([]string{"serve", "--listen", listen, "--data", s.Data}, s.args...)
	s.cmd = exec.Command(s.path, args...)
	s.cmd.SysProcAttr = s.as
	s.cmd.Dir = s.Data // so that no config.yaml of the project is found
	if s.logs == nil {
		s.logs = &syncBuffer{}
	}
	s.cmd.Stderr = s.logs
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ready := make(chan string, 1)
	s.done = make(chan error, 1)
	go func(cmd *exec.Cmd, done chan error) {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if url, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
				ready <- url
			}
		}
		done <- cmd.Wait()
	}(s.cmd, s.done)
	select {
	case s.URL = <-ready:
		s.Host = strings.TrimPrefix(s.URL, "http://")
	case err := <-s.done:
		s.t.Fatalf("the server did not start: %v\n%s", err, s.Logs())
	case <-time.After(time.Minute):
		_ = s.cmd.Process.Kill()
		s.t.Fatalf("the server was not ready within a minute\n%s", s.Logs())
	}
}

// Stop sends SIGTERM and requires exit code 0 within the contract's 10 seconds.
func (s *server) Stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Errorf("stopping the server: %v", err)
	}
	select {
	case err := <-s.done:
		if err != nil {
			s.t.Errorf("the server stopped with %v", err)
		}
	case <-time.After(11 * time.Second):
		_ = s.cmd.Process.Kill()
		s.t.Error("the server did not stop within 10 s")
		<-s.done
	}
	s.cmd = nil
}

// Kill ends the server as a power cut would.
func (s *server) Kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Errorf("killing the server: %v", err)
	}
	<-s.done
	s.cmd = nil
}

// Start runs the server again, after Stop or Kill, on the same address and data.
func (s *server) Start() {
	s.t.Helper()
	s.start(s.Host)
}

// Logs is what all runs of the server have logged.
func (s *server) Logs() string { return s.logs.String() }

// WS is the address of the socket with a query.
func (s *server) WS(query string) string { return "ws://" + s.Host + "/ws" + query }

// syncBuffer is a buffer that may be written and read at once.
type syncBuffer struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
