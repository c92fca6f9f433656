//go:build unix

package load

import (
	"fmt"
	"os"
	"syscall"
)

// raiseFileLimit lets the process have as many connections as the system allows, and more where it may allow itself more.
func (b *Bench) raiseFileLimit() {
	const enough = 1 << 18
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return
	}
	more := syscall.Rlimit{Cur: max(limit.Max, enough), Max: max(limit.Max, enough)}
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &more) == nil {
		b.files = uint64(more.Cur) //nolint:unconvert // its type differs between systems
		return
	}
	limit.Cur = limit.Max
	_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit) // what is too little is told when it is too little
	b.files = uint64(limit.Cur)                          //nolint:unconvert // as above
}

// enoughFiles says why so many connections can't be had.
func (b *Bench) enoughFiles(connections int) error {
	const others = 32 // files besides
	if b.files != 0 && uint64(connections+others) > b.files {
		return fmt.Errorf("the system allows %d open files, too few for %d connections; raise it with ulimit -n %d",
			b.files, connections, connections+others)
	}
	return nil
}

func interrupt(p *os.Process) { _ = p.Signal(syscall.SIGTERM) } // fails only where it has ended

// ownUsage is what this process has used.
func ownUsage() (Usage, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return Usage{}, err
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return Usage{User: seconds(u.Utime), System: seconds(u.Stime)}, nil
}
