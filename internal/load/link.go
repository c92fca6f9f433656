package load

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

// goLink is a connection that has a goroutine to read, and while something waits one to write: for TLS, and where there is no poller.
type goLink struct {
	b       *Bench
	raw     net.Conn
	out     []byte // guarded by b.mu, as is writing
	writing bool
	cancel  context.CancelFunc
}

// noLink is the link of what could not be opened.
type noLink struct{}

func (noLink) send([]byte) {}
func (noLink) end(bool)    {}

// converse opens a member's connection and reads it until its end. The caller holds mu.
func (b *Bench) converse(m *Member) {
	ctx, cancel := context.WithTimeout(context.Background(), handshakeTime+time.Second) // who waits for it says so before
	l := &goLink{b: b, cancel: cancel}
	m.link = l
	go func() {
		defer cancel()
		raw, err := b.connect(ctx, m.Index)
		b.mu.Lock()
		defer b.mu.Unlock()
		if err != nil {
			m.end(err)
			return
		}
		if m.stage == ended {
			_ = raw.Close()
			return
		}
		l.raw, m.stage = raw, upgrading
		l.send(b.request(m))
		b.read(m, l)
	}()
}

// connect opens the connection below.
func (b *Bench) connect(ctx context.Context, index int) (net.Conn, error) {
	dialer := net.Dialer{KeepAlive: -1}
	if from := b.source(index); from != nil {
		dialer.LocalAddr = &net.TCPAddr{IP: from}
	}
	raw, err := dialer.DialContext(ctx, "tcp", b.address.String())
	if err != nil || b.tls == nil {
		return raw, err
	}
	secure := tls.Client(raw, b.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return secure, nil
}

// read handles what comes. The caller holds mu, which read gives up while it waits.
func (b *Bench) read(m *Member, l *goLink) {
	buf := make([]byte, 16<<10)
	kept := 0
	for m.stage != ended && m.link == l {
		b.mu.Unlock()
		n, err := l.raw.Read(buf[kept:])
		b.mu.Lock()
		if m.stage == ended || m.link != l {
			return
		}
		b.now = time.Now()
		used, broken := m.took(buf[:kept+n])
		if broken != nil {
			err = broken
		}
		if err != nil {
			m.end(err)
			return
		}
		kept = copy(buf, buf[used:kept+n])
		if kept == len(buf) {
			buf = append(buf, make([]byte, len(buf))...)
		}
	}
}

func (l *goLink) send(b []byte) {
	l.out = append(l.out, b...)
	if l.writing || l.raw == nil {
		return
	}
	l.writing = true
	go func() {
		l.b.mu.Lock()
		defer l.b.mu.Unlock()
		for len(l.out) > 0 {
			now := l.out
			l.out = nil
			l.b.mu.Unlock()
			_, err := l.raw.Write(now)
			l.b.mu.Lock()
			if err != nil {
				return // it shows when it is read
			}
		}
		l.writing = false
	}()
}

func (l *goLink) end(reset bool) {
	l.cancel()
	if l.raw == nil {
		return
	}
	raw := l.raw
	if secure, ok := raw.(*tls.Conn); ok {
		raw = secure.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = raw.Close()
}
