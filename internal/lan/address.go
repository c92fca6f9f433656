// Package lan finds the address that others on the network join by, and draws it as a QR code. It imports no other package of the
// program; cli prints what it finds at the start, and the pages show the same under "Invite".
//
// A machine has many addresses and nobody can know for certain which one a phone reaches. So none is left out: [Addresses] puts the
// likely ones first.
package lan

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Address is one of the machine's addresses, with what speaks for and against typing it into a phone.
type Address struct {
	URL          string // of the chat, http://HOST:PORT; "" where [Addresses] tells it
	IP           netip.Addr
	Interface    string // "" where it isn't known
	Up           bool
	PointToPoint bool
	Default      bool // the interface leads to the rest of the world
}

// What an address is worth, from what it is on, and then what it is. A step of the first outweighs all of the second.
const (
	onVPN      = -100 // reaches who is in the same VPN
	linkLocal  = -200 // a cable between two machines; as IPv6 no browser takes it
	onBridge   = -300 // reaches containers and virtual machines
	onLoopback = -400 // reaches this machine alone
	onNothing  = -500 // the interface is down
	leadsOut   = 40
	isIPv4     = 20 // IPv6 is longer to type, and not every access point passes it on
	isPrivate  = 10 // what is private is on this network
)

// Names that interfaces of containers, virtual machines and VPNs begin with.
var (
	bridges = []string{
		"docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "cni", "podman", "lxc", "lxdbr", "flannel", "cali", "cilium", "kube",
	}
	vpns = []string{"tun", "tap", "wg", "tailscale", "utun", "zt", "ppp", "ipsec", "nordlynx", "proton"}
)

func (a Address) score() int {
	score := 0
	switch {
	case !a.Up:
		score = onNothing
	case a.IP.IsLoopback():
		score = onLoopback
	case begins(a.Interface, bridges) && !a.Default: // one that leads out is the machine's own, like br-lan of a router
		score = onBridge
	case a.IP.IsLinkLocalUnicast():
		score = linkLocal
	case begins(a.Interface, vpns) || a.PointToPoint:
		score = onVPN
	}
	if a.Default {
		score += leadsOut
	}
	if a.IP.Is4() {
		score += isIPv4
	}
	if a.IP.IsPrivate() {
		score += isPrivate
	}
	return score
}

// reachesOthers reports whether other devices may get to the address; where it doesn't, there is nothing to invite them to.
func (a Address) reachesOthers() bool {
	return a.Up && !a.IP.IsLoopback() && (a.Default || !begins(a.Interface, bridges))
}

func begins(name string, with []string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(with, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// rank sorts addresses, the most likely one first.
func rank(list []Address) {
	slices.SortStableFunc(list, func(a, b Address) int {
		return cmp.Or(cmp.Compare(b.score(), a.score()), a.IP.Compare(b.IP))
	})
}

// Addresses returns all addresses of the machine, the one most worth typing first.
func Addresses() ([]Address, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("read the network interfaces: %w", err)
	}
	out := leadingOut()
	var list []Address
	for _, i := range interfaces {
		addresses, err := i.Addrs()
		if err != nil {
			continue // it is gone since
		}
		for _, a := range addresses {
			network, ok := a.(*net.IPNet)
			if !ok {
				continue
			}
			ip, ok := netip.AddrFromSlice(network.IP)
			if !ok {
				continue
			}
			if ip = ip.Unmap(); ip.Is6() && ip.IsLinkLocalUnicast() {
				ip = ip.WithZone(i.Name)
			}
			list = append(list, Address{
				IP: ip, Interface: i.Name, Up: i.Flags&net.FlagUp != 0, PointToPoint: i.Flags&net.FlagPointToPoint != 0,
				Default: out.names[i.Name] || out.ips[ip],
			})
		}
	}
	rank(list)
	return list, nil
}
