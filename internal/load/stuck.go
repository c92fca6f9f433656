package load

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// stuckCrowd is all connections that don't read.
type stuckCrowd struct {
	b    *Bench
	now  []*stuck
	came int
	kept *hdrhistogram.Histogram // for how long the server bore with those that it let go
}

// stuck is a connection that completes the handshake and then never reads. It goes on saying that it lives, as a system does whose
// program hangs; that shows when the server has let go.
type stuck struct {
	raw    net.Conn
	opened time.Time
	ended  time.Time // zero while the server bears with it
	stop   chan struct{}
	done   sync.WaitGroup
}

// come opens n of them.
func (c *stuckCrowd) come(ctx context.Context, n int) error {
	b := c.b
	for i := range n {
		b.progress("%d of %d slow ones are there", i, n)
		var m *Member
		b.Do(func() {
			m = b.newMember(Opening{Rough: true})
			m.stage, m.link = ended, noLink{} // none that is read
		})
		s, err := b.openStuck(ctx, m)
		if err != nil {
			return fmt.Errorf("a slow one could not come: %w", err)
		}
		c.now = append(c.now, s)
		c.came++
	}
	return nil
}

// leave ends those that are left, and waits until the others have been told of it, as far as one can tell.
func (c *stuckCrowd) leave(ctx context.Context, h *healthy) {
	for _, s := range c.now {
		close(s.stop)
		s.done.Wait()
		if !s.ended.IsZero() {
			Record(c.kept, s.ended.Sub(s.opened))
		}
		_ = s.raw.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = s.raw.Write(frame(nil, 0x88, []byte{0x03, 0xe8})) // as above, for what it is worth
		below(s.raw).reset()
	}
	c.now = nil
	if h.b.Dialect == "plain" {
		return
	}
	h.b.progress("waiting until the slow ones are gone")
	h.b.Until(ctx, h.b.Patience, func() bool { return h.gone >= c.came })
}

// openStuck opens a connection in a member's name.
func (b *Bench) openStuck(ctx context.Context, m *Member) (*stuck, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	raw, err := b.connect(ctx, m.Index)
	if err != nil {
		return nil, err
	}
	s := &stuck{raw: raw, stop: make(chan struct{})}
	if err := errors.Join(below(raw).small(), raw.SetDeadline(time.Now().Add(handshakeTime)), s.shake(b.request(m)), raw.SetDeadline(time.Time{})); err != nil {
		below(raw).reset()
		return nil, err
	}
	s.opened = time.Now()
	s.done.Add(1)
	go s.live()
	return s, nil
}

// shake does the handshake, and reads no further than to its end.
func (s *stuck) shake(request []byte) error {
	if _, err := s.raw.Write(request); err != nil {
		return err
	}
	var head []byte
	for one := make([]byte, 1); !bytes.HasSuffix(head, endOfHead); head = append(head, one[0]) {
		if _, err := s.raw.Read(one); err != nil {
			return err
		}
	}
	if line, _, _ := bytes.Cut(head, endOfHead[:2]); !bytes.HasPrefix(line, []byte("HTTP/1.1 101")) {
		return fmt.Errorf("the server says no to the handshake: %s", line)
	}
	return nil
}

// live says twice a second that it lives, until the server hears that no more.
func (s *stuck) live() {
	defer s.done.Done()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			_ = s.raw.SetWriteDeadline(time.Now().Add(time.Second))
			if _, err := s.raw.Write(frame(nil, 0x8a, nil)); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				s.ended = time.Now()
				return
			}
		}
	}
}

// tcp is the connection below the encryption.
type tcp struct{ *net.TCPConn }

func below(raw net.Conn) tcp {
	if secure, ok := raw.(*tls.Conn); ok {
		raw = secure.NetConn()
	}
	conn, _ := raw.(*net.TCPConn) // a dialer makes no others
	return tcp{conn}
}

// small makes the system's buffer for what isn't read as small as it can be.
func (t tcp) small() error { return t.SetReadBuffer(1) }

func (t tcp) reset() {
	_ = t.SetLinger(0)
	_ = t.Close()
}
