//go:build !unix

package conn

// try reads nothing where one can't read without waiting. A connection then holds a buffer while it waits.
func (c *Conn) try(uintptr) bool { return false }

func (c *Conn) readWhenThere() error { return nil }
