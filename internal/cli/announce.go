package cli

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/term"

	"parley/internal/lan"
)

// announce says on standard output that the server accepts, and to a person at a terminal how others get here.
func (p *Program) announce(at net.Addr, addresses []lan.Address) {
	fmt.Fprintf(p.Stdout, "ready http://%s\n", reachable(at))
	if !term.IsTerminal(int(p.Stdout.Fd())) {
		return
	}
	if len(addresses) > 1 {
		fmt.Fprintln(p.Stdout, "\nThis machine's other addresses:")
		for _, a := range addresses[1:] {
			fmt.Fprintf(p.Stdout, "  %s  (%s)\n", a.URL, a.Interface)
		}
	}
	// Last, so that a small window shows all of it.
	best := addresses[0].URL
	colour := os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	fmt.Fprintf(p.Stdout, "\nPoint a phone on the same network at the code, or open the address:\n\n%s\n  %s      Ctrl+C stops.\n",
		lan.QR(best, colour), best)
}

// reachable is a bound address as one can be typed: all interfaces are reached here by localhost.
func reachable(at net.Addr) string {
	tcp, ok := at.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("localhost:%d", tcp.Port)
	}
	return at.String()
}
