package lan

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Listener names the program that listens on a port of this machine, as "NAME (process 123)", or returns "" where that can't be
// known: on systems other than Linux, and of programs of other users.
func Listener(port uint16) string {
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		content, err := os.ReadFile(table)
		if err == nil {
			listening(content, port, sockets)
		}
	}
	if len(sockets) == 0 {
		return ""
	}
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is right
	for _, file := range files {
		target, err := os.Readlink(file)
		if err != nil || !sockets[target] {
			continue
		}
		process := strings.Split(file, "/")[2]
		name, err := os.ReadFile("/proc/" + process + "/comm")
		if err == nil {
			return fmt.Sprintf("%s (process %s)", bytes.TrimSpace(name), process)
		}
	}
	return ""
}

// listening finds the sockets that listen on a port in one of Linux's tables, as the links in /proc name them.
func listening(table []byte, port uint16, sockets map[string]bool) {
	const listen = "0A" // TCP_LISTEN
	for line := range bytes.Lines(table) {
		fields := strings.Fields(string(line)) // sl local_address rem_address st … the tenth is the inode
		if len(fields) < 10 || fields[3] != listen {
			continue
		}
		_, text, _ := strings.Cut(fields[1], ":")
		if at, err := strconv.ParseUint(text, 16, 16); err == nil && uint16(at) == port {
			sockets["socket:["+fields[9]+"]"] = true
		}
	}
}

// OnlyHere reports whether a host to listen on takes connections of this machine alone.
func OnlyHere(host string) bool {
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}
