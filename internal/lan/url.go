package lan

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// URLs returns the addresses by which one gets to a server that listens on bound, with their URLs, the one most worth typing first.
// There is one at least: where bound is every address and they can't be read, it is the loopback's.
func URLs(bound net.Addr) []Address {
	at, err := netip.ParseAddrPort(bound.String())
	if err != nil {
		return []Address{{URL: "http://" + bound.String(), Up: true}}
	}
	addresses, _ := Addresses() // without them the chat is there all the same
	return reachedAt(netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), addresses)
}

// Best returns the URL to invite others to, "" where none of them gets here. The list is ranked.
func Best(list []Address) string {
	for _, a := range list {
		if a.reachesOthers() {
			return a.URL
		}
	}
	return ""
}

// reachedAt is those of the machine's addresses that bound takes connections on.
func reachedAt(bound netip.AddrPort, addresses []Address) []Address {
	var found []Address
	for _, a := range addresses {
		onlyIPv4 := bound.Addr() == netip.IPv4Unspecified()
		if a.IP == bound.Addr() || bound.Addr().IsUnspecified() && (a.IP.Is4() || !onlyIPv4) {
			a.URL = webURL(a.IP, bound.Port())
			found = append(found, a)
		}
	}
	if len(found) > 0 {
		return found
	}
	only := bound.Addr()
	if only.IsUnspecified() {
		only = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return []Address{{URL: webURL(only, bound.Port()), IP: only, Up: true}}
}

// webURL writes an address as in a browser; a zone's % is escaped (RFC 6874).
func webURL(ip netip.Addr, port uint16) string {
	host := strings.Replace(ip.String(), "%", "%25", 1)
	if port != 80 {
		return "http://" + net.JoinHostPort(host, strconv.Itoa(int(port)))
	}
	if ip.Is6() {
		host = "[" + host + "]"
	}
	return "http://" + host
}
