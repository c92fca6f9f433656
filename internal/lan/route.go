package lan

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// routes is where Linux tells its IPv4 routes. Other systems have no such file.
const routes = "/proc/net/route"

// ways are the interfaces that lead to the rest of the world, by name or by an address of theirs.
type ways struct {
	names map[string]bool
	ips   map[netip.Addr]bool
}

// leadingOut finds them. The route table is the better source: a VPN that takes all traffic hides the network's own default route
// from whoever asks for one way only.
func leadingOut() ways {
	var out ways
	if table, err := os.ReadFile(routes); err == nil {
		out.names = defaultRoutes(table)
	}
	if len(out.names) == 0 {
		out.ips = sources()
	}
	return out
}

// defaultRoutes returns the interfaces of a Linux route table that have a default route in use.
func defaultRoutes(table []byte) map[string]bool {
	const inUse = 0x1 // RTF_UP
	names := map[string]bool{}
	for line := range bytes.Lines(table) {
		fields := strings.Fields(string(line)) // Iface Destination Gateway Flags RefCnt Use Metric Mask …, numbers in hexadecimal
		if len(fields) < 8 || fields[1] != "00000000" || fields[7] != "00000000" {
			continue
		}
		if flags, err := strconv.ParseUint(fields[3], 16, 32); err == nil && flags&inUse != 0 {
			names[fields[0]] = true
		}
	}
	return names
}

// sources returns the addresses that the machine would send from to the rest of the world. Nothing is sent: dialing UDP only picks a
// route. The destinations are those that RFC 5737 and RFC 3849 keep for documentation.
func sources() map[netip.Addr]bool {
	ips := map[netip.Addr]bool{}
	for _, destination := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} {
		c, err := net.Dial("udp", destination)
		if err != nil {
			continue // no way there
		}
		if from, err := netip.ParseAddrPort(c.LocalAddr().String()); err == nil {
			ips[from.Addr().Unmap()] = true
		}
		_ = c.Close() // nothing was written
	}
	return ips
}
