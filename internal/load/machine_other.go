//go:build !linux

package load

import (
	"runtime"
	"syscall"
)

// thisMachine is what Go knows where there is no /proc.
func thisMachine() Machine {
	return Machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH}
}

func processUsage(int) (Usage, error) { return Usage{}, errUnknown }

func processWritten(int) int64 { return 0 }

func kernelMemory() (buffers, slabs int64) { return 0, 0 }

func apart() *syscall.SysProcAttr { return nil }
