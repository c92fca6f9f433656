//go:build unix && !(linux && (amd64 || arm64 || arm || riscv64))

package conn

import "syscall"

// send writes to a socket what the kernel takes without waiting.
func send(fd int, p []byte) (int, error) { return syscall.Write(fd, p) }
