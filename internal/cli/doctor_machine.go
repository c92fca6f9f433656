package cli

import (
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	firstYear     = 2025     // nobody ran this before
	perConnection = 16 << 10 // bytes of memory that a connection takes, roughly
	leastMemory   = 64 << 20
	otherFiles    = 100 // that the server opens beside its connections
)

// clock looks whether this machine knows what time it is: every message has the server's time.
func (x *examination) clock() {
	const about = "clock"
	for _, f := range x.findings {
		if f.About == about {
			return // it is wrong, and the database showed that
		}
	}
	now := time.Now()
	synchronised, known := clockSynchronised()
	switch {
	case now.Year() < firstYear:
		x.bad(about, "Set it, best by NTP.", "it says %s; messages would have a wrong time for ever", now.Format(time.DateTime))
	case known && !synchronised:
		x.warn(about, "Switch on NTP, for example systemd-timesyncd or chrony.",
			"it says %s, and nothing keeps it right; times in the chat may drift", now.Format(time.DateTime))
	default:
		x.fine(about, "%s", now.Format(time.DateTime))
	}
}

// resources looks whether the machine bears the connections that the settings let in.
func (x *examination) resources() {
	most := x.cfg.Limits.Connections
	if limit, known := openFilesLimit(); known {
		switch need := uint64(most) + otherFiles; {
		case most == 0:
			x.fine("limits", "as many connections as the system allows: %d open files", limit)
		case limit < need:
			x.warn("limits", "Set LimitNOFILE="+strconv.FormatUint(need, 10)+" in the service, or limits.connections lower.",
				"the system allows %d open files, and limits.connections is %d: the last ones to come are cut off", limit, most)
		default:
			x.fine("limits", "%d connections, with %d open files allowed", most, limit)
		}
	}
	available, known := memoryAvailable()
	switch {
	case !known:
	case available < leastMemory:
		x.warn("memory", "End other programs, or give the machine more.", "only %s available: the system may end the server", bytes(available))
	case available < int64(most)*perConnection:
		x.warn("memory", "Set limits.connections lower, or give the machine more.",
			"%s available, and %d connections take some %s", bytes(available), most, bytes(int64(most)*perConnection))
	default:
		x.fine("memory", "%s available", bytes(available))
	}
}

// memoryAvailable is what Linux says that programs may still use, in bytes.
func memoryAvailable() (int64, bool) {
	table, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(table)) {
		if text, ok := strings.CutPrefix(line, "MemAvailable:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "kB")), 10, 64)
			return kib << 10, err == nil
		}
	}
	return 0, false
}
