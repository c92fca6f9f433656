package load

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// thisMachine looks at what the run takes place on.
func thisMachine() Machine {
	m := Machine{CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(text))
	}
	m.Memory = kilobytes(field("/proc/meminfo", "MemTotal"))
	return m
}

// field is the first value of a name in a file of lines like `name: value`.
func field(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// kilobytes reads `123 kB` as bytes.
func kilobytes(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSuffix(text, " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}

// processUsage is what a process has used, by proc_pid_stat(5).
func processUsage(pid int) (Usage, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Usage{}, fmt.Errorf("there is no such process on this machine: %w", err)
	}
	_, after, _ := strings.Cut(string(stat), ") ") // the name before may hold anything
	fields := strings.Fields(after)
	const user, system, ticks = 11, 12, 100 // of the fields after the name; ticks a second are 100 for user space
	if len(fields) <= system {
		return Usage{}, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	u, _ := strconv.ParseFloat(fields[user], 64)
	s, _ := strconv.ParseFloat(fields[system], 64)
	return Usage{User: u / ticks, System: s / ticks, Memory: kilobytes(field(fmt.Sprintf("/proc/%d/status", pid), "VmRSS"))}, nil
}

// processWritten is how many bytes a process has let be written to disks, by proc_pid_io(5), 0 where that may not be seen.
func processWritten(pid int) int64 {
	n, _ := strconv.ParseInt(field(fmt.Sprintf("/proc/%d/io", pid), "write_bytes"), 10, 64)
	return n
}

// kernelMemory is what the kernel keeps: for TCP's buffers, and in slabs, where the sockets themselves are. It is the whole machine's.
func kernelMemory() (buffers, slabs int64) {
	for line := range strings.Lines(readAll("/proc/net/sockstat")) {
		f := strings.Fields(line)
		for i := 1; i+1 < len(f); i++ {
			if f[0] == "TCP:" && f[i] == "mem" {
				pages, _ := strconv.ParseInt(f[i+1], 10, 64)
				buffers = pages * int64(os.Getpagesize())
			}
		}
	}
	return buffers, kilobytes(field("/proc/meminfo", "Slab"))
}

func readAll(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	return string(text)
}

// apart keeps the server from the terminal's Ctrl+C, so that it is there until the run has ended, and from outliving the run.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
