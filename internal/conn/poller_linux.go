package conn

import (
	"errors"
	"os"
	"sync"
	"syscall"
)

// Poller watches connections to which nothing comes, and begins their turns when something does. It is a set of epoll(7) beside the Go
// runtime's own, whose every waiting needs a goroutine with a stack of some kilobytes. It may be used by several goroutines at once.
type Poller struct {
	epoll *os.File // not for reading: it is ready when one of the connections is, which the runtime tells without a blocked thread
	set   int      // its descriptor
	loop  sync.WaitGroup

	mu    sync.Mutex // guards conns
	conns []*Conn    // by descriptor
}

// NewPoller returns a poller that works until [Poller.Close].
func NewPoller() (*Poller, error) {
	set, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if err := syscall.SetNonblock(set, true); err != nil { // else the runtime would block a thread on it
		return nil, errors.Join(os.NewSyscallError("fcntl", err), syscall.Close(set))
	}
	p := &Poller{epoll: os.NewFile(uintptr(set), "epoll"), set: set}
	ready, err := p.epoll.SyscallConn()
	if err != nil {
		return nil, errors.Join(err, p.epoll.Close())
	}
	p.loop.Go(func() { p.run(ready) })
	return p, nil
}

// Close ends the poller. Connections that it still watches are not woken any more.
func (p *Poller) Close() error {
	err := p.epoll.Close()
	p.loop.Wait()
	return err
}

// run begins turns until the poller is closed.
func (p *Poller) run(ready syscall.RawConn) {
	events := make([]syscall.EpollEvent, 256)
	for {
		n := 0
		err := ready.Read(func(uintptr) bool {
			n, _ = syscall.EpollWait(p.set, events, 0) // interrupted is nothing yet
			return n > 0
		})
		if err != nil { // it is closed
			return
		}
		p.mu.Lock()
		for _, e := range events[:n] {
			// It may be another connection by now that goes by the descriptor. That one reads in vain, and rests again.
			if c := p.conns[e.Fd]; c != nil {
				c.ready()
			}
		}
		p.mu.Unlock()
	}
}

// add takes a connection into the set, without waiting for anything yet. It returns false where that can't be done.
func (p *Poller) add(c *Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.conns) <= c.fd {
		p.conns = append(p.conns, nil)
	}
	event := syscall.EpollEvent{Events: syscall.EPOLLONESHOT, Fd: int32(c.fd)}
	if syscall.EpollCtl(p.set, syscall.EPOLL_CTL_ADD, c.fd, &event) != nil {
		return false
	}
	p.conns[c.fd] = c
	return true
}

// arm waits for something to read, once. What is there already counts.
func (p *Poller) arm(fd int) error {
	const next = syscall.EPOLLIN | syscall.EPOLLRDHUP | syscall.EPOLLONESHOT
	return syscall.EpollCtl(p.set, syscall.EPOLL_CTL_MOD, fd, &syscall.EpollEvent{Events: next, Fd: int32(fd)})
}

// forget is for a connection that is about to be closed, with which it leaves the set.
func (p *Poller) forget(c *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c.fd] = nil
}
