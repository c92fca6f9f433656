package load

import (
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// poller reads thousands of connections with one goroutine and one buffer. A goroutine for each costs a switch and the scheduler's
// work for every read, on the same cores that the server is measured on.
type poller struct {
	b     *Bench
	ep    int
	wake  int         // an eventfd that ends it
	links []*fileLink // by descriptor; guarded by b.mu
	done  chan struct{}
}

// fileLink is a connection that the poller reads.
type fileLink struct {
	p   *poller
	m   *Member
	fd  int
	out []byte // what the kernel did not take yet
}

const readAhead = 256 << 10 // bytes that one read may bring, and so the largest frame that costs no more than others

func (b *Bench) startPoller() error {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return errors.Join(err, unix.Close(ep))
	}
	p := &poller{b: b, ep: ep, wake: wake, done: make(chan struct{})}
	if err := unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, wake, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(wake)}); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	b.poll = p
	go p.loop()
	return nil
}

// stop ends the loop and waits for it.
func (p *poller) stop() {
	if _, err := unix.Write(p.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		return // the loop has failed before
	}
	<-p.done
	_ = unix.Close(p.wake)
	_ = unix.Close(p.ep)
}

func (p *poller) loop() {
	defer close(p.done)
	events := make([]unix.EpollEvent, 512)
	buf := make([]byte, readAhead)
	for {
		n, err := unix.EpollWait(p.ep, events, -1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		for _, e := range events[:max(n, 0)] {
			if int(e.Fd) == p.wake {
				return
			}
			p.b.mu.Lock()
			buf = p.handle(e, buf)
			p.b.mu.Unlock()
		}
	}
}

// handle does what an event asks for. It returns the buffer, larger where a frame needs it.
func (p *poller) handle(e unix.EpollEvent, buf []byte) []byte {
	l := p.links[e.Fd]
	if l == nil {
		return buf // ended by an event before
	}
	if e.Events&unix.EPOLLOUT != 0 {
		if l.m.stage == connecting && !l.connected() {
			return buf
		}
		l.flush()
	}
	if e.Events&^uint32(unix.EPOLLOUT) == 0 || l.m.stage == ended {
		return buf
	}
	m := l.m
	kept := copy(buf, m.rest)
	n, err := unix.Read(l.fd, buf[kept:])
	if n <= 0 {
		if n == 0 && err == nil {
			err = errEnded
		}
		if !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
			m.end(err)
		}
		return buf
	}
	p.b.now = time.Now()
	in := buf[:kept+n]
	used, err := m.took(in)
	if err != nil {
		m.end(err)
		return buf
	}
	m.rest = append(m.rest[:0], in[used:]...)
	if len(m.rest) == len(buf) {
		return make([]byte, 2*len(buf))
	}
	if len(m.rest) == 0 && cap(m.rest) > 4<<10 {
		m.rest = nil
	}
	return buf
}

// dial begins to connect. The caller holds mu, as for all that follows.
func (p *poller) dial(m *Member) {
	if err := p.begin(m); err != nil {
		m.end(err)
	}
}

func (p *poller) begin(m *Member) error {
	to, family := sockaddr(p.b.address.(*net.TCPAddr))
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("no more connections: %w", err)
	}
	l := &fileLink{p: p, m: m, fd: fd}
	for len(p.links) <= fd {
		p.links = append(p.links, nil)
	}
	p.links[fd] = l
	m.link = l
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return err
	}
	if from := p.b.source(m.Index); from != nil {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
			return err
		}
		if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte(from.To4())}); err != nil {
			return err
		}
	}
	if err := unix.Connect(fd, to); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return err
	}
	l.out = p.b.request(m)
	return unix.EpollCtl(p.ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT, Fd: int32(fd)})
}

func sockaddr(a *net.TCPAddr) (unix.Sockaddr, int) {
	if ip := a.IP.To4(); ip != nil {
		return &unix.SockaddrInet4{Port: a.Port, Addr: [4]byte(ip)}, unix.AF_INET
	}
	return &unix.SockaddrInet6{Port: a.Port, Addr: [16]byte(a.IP.To16())}, unix.AF_INET6
}

// connected reports whether connecting went well, and lets the handshake begin.
func (l *fileLink) connected() bool {
	code, err := unix.GetsockoptInt(l.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && code != 0 {
		err = unix.Errno(code)
	}
	if err != nil {
		l.m.end(err)
		return false
	}
	l.m.stage = upgrading
	return true
}

func (l *fileLink) send(b []byte) {
	if len(l.out) > 0 {
		l.out = append(l.out, b...)
		return
	}
	n, _ := unix.Write(l.fd, b) // an error shows when it is read
	if n = max(n, 0); n < len(b) {
		l.out = append(l.out, b[n:]...)
		l.watch(unix.EPOLLIN | unix.EPOLLOUT)
	}
}

// flush writes what waits.
func (l *fileLink) flush() {
	n, _ := unix.Write(l.fd, l.out) // as above
	l.out = l.out[max(n, 0):]
	if len(l.out) == 0 {
		l.out = nil
		l.watch(unix.EPOLLIN)
	}
}

func (l *fileLink) watch(events uint32) {
	_ = unix.EpollCtl(l.p.ep, unix.EPOLL_CTL_MOD, l.fd, &unix.EpollEvent{Events: events, Fd: int32(l.fd)}) // it was added
}

func (l *fileLink) end(reset bool) {
	if reset { // leaves no port behind that can't be used for a minute
		_ = unix.SetsockoptLinger(l.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	}
	l.p.links[l.fd] = nil
	_ = unix.Close(l.fd)
}
