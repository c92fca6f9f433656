package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// pause waits in the kernel: the scheduler's timers may be late by a millisecond, as it waits for them in epoll.
func pause(d time.Duration) {
	t := unix.NsecToTimespec(int64(d))
	_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &t, nil) // a signal only makes it short, and who calls looks at the time
}
