//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// How long a server may take to say where it listens, and to end when it is asked to.
const (
	startWithin = 30 * time.Second
	stopWithin  = 12 * time.Second
)

var address = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)`)

// server is a peer that runs.
type server struct {
	Host string // 127.0.0.1:PORT
	cmd  *exec.Cmd
	data string
	done chan struct{} // closed when it has ended
}

// start runs a peer in the root of the project and waits until it has said where it listens. What it says on standard error is shown.
func start(ctx context.Context, p peer, root string) (*server, error) {
	data, err := os.MkdirTemp("", "parley-peers-")
	if err != nil {
		return nil, err
	}
	args := make([]string, len(p.command))
	for i, arg := range p.command {
		args[i] = strings.ReplaceAll(arg, "DATA", data)
	}
	s := &server{cmd: exec.Command(args[0], args[1:]...), data: data, done: make(chan struct{})}
	s.cmd.Dir = root
	s.cmd.Env = append(os.Environ(), "NODE_PATH="+root+"/"+npm)
	s.cmd.Stderr = os.Stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // also if we are killed, or a test takes too long
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(data))
	}
	line := make(chan string, 1)
	go func() {
		first, _ := bufio.NewReader(out).ReadString('\n') // what is missing shows in the line
		line <- first
		_, _ = io.Copy(io.Discard, out)
		_ = s.cmd.Wait() // it is ended by a signal, and says so
		close(s.done)
	}()
	select {
	case first := <-line:
		if at := address.FindStringSubmatch(first); at != nil {
			s.Host = at[1]
			return s, nil
		}
		err = fmt.Errorf("%s said %q instead of its address", p.name, first)
	case <-time.After(startWithin):
		err = fmt.Errorf("%s did not say its address", p.name)
	case <-ctx.Done():
		err = ctx.Err()
	}
	return nil, errors.Join(err, s.Stop())
}

// PID is the server's process.
func (s *server) PID() int { return s.cmd.Process.Pid }

// Stop asks the server to end, ends it if it doesn't, and removes its data.
func (s *server) Stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it fails if the process has ended already
	select {
	case <-s.done:
	case <-time.After(stopWithin):
		_ = s.cmd.Process.Kill()
		<-s.done
	}
	return os.RemoveAll(s.data)
}
