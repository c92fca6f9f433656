//go:build !linux

package load

// poller is nothing where there is no epoll: each connection has a goroutine.
type poller struct{}

func (*Bench) startPoller() error { return nil }
func (*poller) dial(*Member)      {}
func (*poller) stop()             {}
