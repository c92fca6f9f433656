//go:build !unix

package conn

// tryRead returns nil where one can't read without waiting. A connection then holds a buffer while it waits.
func (c *Conn) tryRead() func(fd uintptr) bool { return nil }
