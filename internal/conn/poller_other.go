//go:build !linux

package conn

// Poller watches connections to which nothing comes. There is one for Linux only; elsewhere each connection waits in a goroutine of its own.
type Poller struct{}

// NewPoller returns nil, which watches nothing.
func NewPoller() (*Poller, error) { return nil, nil }

// Close ends the poller.
func (p *Poller) Close() error { return nil }

func (p *Poller) add(*Conn) bool { return false }

func (p *Poller) arm(int) error { return nil }

func (p *Poller) forget(*Conn) {}
