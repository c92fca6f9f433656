package lan

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// on is an address as the tests write it: what it is on, what it is, and what is said of the interface.
func on(name, ip string, about ...string) Address {
	return Address{
		Interface: name, IP: netip.MustParseAddr(ip), Up: !slices.Contains(about, "down"),
		Default: slices.Contains(about, "default"), PointToPoint: slices.Contains(about, "pointtopoint"),
	}
}

func TestLikelyAddressComesFirst(t *testing.T) {
	for name, ordered := range map[string][]Address{
		"a laptop at home": {
			on("wlan0", "192.168.1.20", "default"),
			on("wlan0", "fd00::20", "default"),
			on("wlan0", "2001:db8::20", "default"),
			on("eth1", "192.168.7.1"),
			on("tailscale0", "100.101.102.103"),
			on("wlan0", "fe80::20%wlan0", "default"),
			on("docker0", "172.17.0.1"),
			on("lo", "127.0.0.1"),
			on("lo", "::1"),
			on("eth0", "192.168.2.2", "down"),
		},
		"a server with a public address": {
			on("eth0", "203.0.113.5", "default"),
			on("eth1", "10.0.0.5"),
			on("br-3f1a", "172.18.0.1"),
			on("lo", "127.0.0.1"),
		},
		"two networks with a default route": {
			on("eth0", "10.0.0.5", "default"),
			on("eth1", "203.0.113.5", "default"),
		},
		"all traffic through a VPN": {
			on("en0", "192.168.1.20"),
			on("utun3", "10.8.0.2", "default", "pointtopoint"),
			on("en0", "169.254.3.4"),
		},
		"a container": {
			on("eth0", "172.17.0.2", "default"),
			on("lo", "127.0.0.1"),
		},
		"a router, whose bridge is its network": {
			on("br-lan", "192.168.1.1", "default"),
			on("wg0", "10.9.0.1"),
			on("docker0", "172.17.0.1"),
		},
		"no network at all but containers": {
			on("veth12", "169.254.1.1"),
			on("lo", "127.0.0.1"),
		},
		"Windows with a virtual switch": {
			on("Ethernet", "192.168.0.9", "default"),
			on("vEthernet (WSL)", "172.29.0.1"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			list := slices.Clone(ordered)
			slices.Reverse(list)
			rank(list)
			if !slices.Equal(list, ordered) {
				for i := range list {
					t.Errorf("place %d: %s on %s (%d), want %s on %s (%d)", i+1, list[i].IP, list[i].Interface, list[i].score(),
						ordered[i].IP, ordered[i].Interface, ordered[i].score())
				}
			}
		})
	}
}

func TestEveryAddressOfTheMachineIsThere(t *testing.T) {
	list, err := Addresses()
	if err != nil {
		t.Fatal(err)
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		network, ok := a.(*net.IPNet)
		if ok && !slices.ContainsFunc(list, func(a Address) bool { return net.IP(a.IP.AsSlice()).Equal(network.IP) }) {
			t.Errorf("%v is missing in %v", network.IP, list)
		}
	}
	for i := range list[1:] {
		if list[i].score() < list[i+1].score() {
			t.Errorf("%v comes before %v", list[i], list[i+1])
		}
	}
}

func TestDefaultRoutesAreReadFromTheLinuxTable(t *testing.T) {
	const table = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
wlan0	00000000	0101A8C0	0003	0	0	600	00000000	0	0	0
eth0	00000000	0102A8C0	0003	0	0	100	00000000	0	0	0
eth2	00000000	0103A8C0	0002	0	0	100	00000000	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
tun0	00000000	0100080A	0003	0	0	0	00000080	0	0	0
short	00000000
`
	got := defaultRoutes([]byte(table))
	if len(got) != 2 || !got["wlan0"] || !got["eth0"] {
		t.Errorf("%v, want wlan0 and eth0: eth2's route is not in use, the others go elsewhere", got)
	}
}

func TestSourcesAreAddressesOfTheMachine(t *testing.T) {
	list, err := Addresses()
	if err != nil {
		t.Fatal(err)
	}
	for ip := range sources() {
		if !slices.ContainsFunc(list, func(a Address) bool { return a.IP.WithZone("") == ip.WithZone("") }) {
			t.Errorf("%v is none of %v", ip, list)
		}
	}
}

func TestURLsAreThoseThatTheServerTakes(t *testing.T) {
	machine := []Address{
		on("eth0", "192.168.1.20", "default"), on("eth0", "2001:db8::20", "default"), on("eth0", "fe80::20%eth0", "default"),
		on("lo", "127.0.0.1"), on("lo", "::1"),
	}
	for _, c := range []struct{ bound, want, best string }{
		{
			"[::]:3000", "http://192.168.1.20:3000 http://[2001:db8::20]:3000 http://[fe80::20%25eth0]:3000 http://127.0.0.1:3000 http://[::1]:3000",
			"http://192.168.1.20:3000",
		},
		{"0.0.0.0:80", "http://192.168.1.20 http://127.0.0.1", "http://192.168.1.20"},
		{"[2001:db8::20]:80", "http://[2001:db8::20]", "http://[2001:db8::20]"},
		{"127.0.0.1:3000", "http://127.0.0.1:3000", ""},
		{"192.0.2.7:3000", "http://192.0.2.7:3000", "http://192.0.2.7:3000"}, // the machine has got it since
	} {
		list := reachedAt(netip.MustParseAddrPort(c.bound), machine)
		var got []string
		for _, a := range list {
			got = append(got, a.URL)
		}
		if strings.Join(got, " ") != c.want || Best(list) != c.best {
			t.Errorf("%s: %q, best %q; want %q, best %q", c.bound, got, Best(list), c.want, c.best)
		}
	}
}

func TestThereIsAlwaysAURL(t *testing.T) {
	list := reachedAt(netip.MustParseAddrPort("[::]:3000"), nil)
	if len(list) != 1 || list[0].URL != "http://127.0.0.1:3000" || Best(list) != "" {
		t.Errorf("%+v, best %q", list, Best(list))
	}
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, a := range URLs(listener.Addr()) {
		c, err := net.Dial("tcp", strings.TrimPrefix(strings.Replace(a.URL, "%25", "%", 1), "http://"))
		if err != nil {
			t.Errorf("%+v: nobody answers: %v", a, err)
			continue
		}
		c.Close()
	}
	if got := URLs(&net.UnixAddr{Name: "parley", Net: "unix"}); len(got) != 1 {
		t.Errorf("%v", got)
	}
}
