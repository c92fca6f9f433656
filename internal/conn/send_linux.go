//go:build amd64 || arm64 || arm || riscv64

package conn

import (
	"syscall"
	"unsafe"
)

// send writes to a socket what the kernel takes without waiting. It is send(2), which goes to the socket directly where write(2) first
// goes through what it has for files: up to a tenth less for each delivery that has a write of its own. The syscall package has it only
// without the number of bytes, which is what we need.
func send(fd int, p []byte) (int, error) {
	n, _, errno := syscall.Syscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)),
		syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
