//go:build !unix

package conn

import "net"

// descriptor is -1 where one can't write without waiting: everything is left to the backlog's goroutine then.
func descriptor(net.Conn) int { return -1 }

func writeNow(int, []byte) (int, error) { return 0, nil }
