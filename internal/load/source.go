package load

import "net"

// perAddress is how many connections one address of this machine opens. It has about 28,000 ports for them, but to find one that is free
// takes the kernel the longer the more are taken.
const perAddress = 5_000

// source is the address that a connection comes from, nil for the one that the system chooses. More connections to this machine than
// one address has ports for come from several of 127.0.0.0/8.
func (b *Bench) source(index int) net.IP {
	to, ok := b.address.(*net.TCPAddr)
	if !ok || !to.IP.IsLoopback() || to.IP.To4() == nil || index < perAddress {
		return nil
	}
	return net.IPv4(127, 0, 0, byte(1+index/perAddress))
}
