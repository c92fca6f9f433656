package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// profile is a browser of one person alone, with a folder that it keeps on the disk: it can be closed or killed, and started again.
type profile struct {
	t      *testing.T
	name   string
	s      *server
	folder string

	ctx   context.Context
	stop  func()
	first *exec.Cmd // the browser's own process, which starts the others
}

// newProfile makes a profile; open starts the browser.
func newProfile(t *testing.T, s *server, name string) *profile {
	t.Helper()
	p := &profile{t: t, name: name, s: s, folder: t.TempDir()}
	t.Cleanup(func() {
		if p.stop != nil {
			p.Kill()
		}
	})
	return p
}

// Open starts the browser with what it kept, and returns the person in front of its one tab.
func (p *profile) Open() *person {
	p.t.Helper()
	options, err := chromiumOptions()
	if err != nil {
		p.t.Fatal(err)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(options,
		chromedp.UserDataDir(p.folder), chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) { p.first = cmd }))...)
	ctx, cancel := chromedp.NewContext(allocator)
	p.ctx, p.stop = ctx, func() { cancel(); stop() }
	if err := chromedp.Do(ctx); err != nil {
		p.t.Fatal(err)
	}
	tab := &person{t: p.t, name: p.name, ctx: ctx, s: p.s}
	tab.resize(desktop)
	tab.watch()
	return tab
}

// Close ends the browser as a person does, who gives it the time to write what it keeps.
func (p *profile) Close() {
	p.t.Helper()
	if err := chromedp.Cancel(p.ctx); err != nil {
		p.t.Fatalf("closing the browser: %v", err)
	}
	p.stop()
	p.stop = nil
}

// Kill ends all processes of the browser at once, as a crash of the machine would.
func (p *profile) Kill() {
	p.t.Helper()
	for _, pid := range family(p.t, p.first.Process.Pid) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // one that ended by itself is as good
	}
	p.stop()
	p.stop = nil
}

// family is a process and all that it and they started, oldest first.
func family(t *testing.T, pid int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	children := map[int][]int{}
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		var child, parent int
		if _, err := fmt.Sscan(string(stat), &child); err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(stat), ") ") // the name before may hold anything
		if _, err := fmt.Sscanf(rest, "%1s %d", new(string), &parent); err != nil {
			t.Fatal(err)
		}
		children[parent] = append(children[parent], child)
	}
	found := []int{pid}
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i]]...)
	}
	return found
}
