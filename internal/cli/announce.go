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
	best := addresses[0]
	fmt.Fprintf(p.Stdout, "\nPoint a phone at the code, or open the address, on the same network:\n\n%s\n  %s\n",
		lan.QR(best.URL, os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"), best.URL)
	if len(addresses) > 1 {
		fmt.Fprintln(p.Stdout, "\nThis machine has other addresses too:")
		for _, a := range addresses[1:] {
			fmt.Fprintf(p.Stdout, "  %s  (%s)\n", a.URL, a.Interface)
		}
	}
	fmt.Fprint(p.Stdout, "\nCtrl+C stops.\n\n")
}

// reachable is a bound address as one can be typed: all interfaces are reached here by localhost.
func reachable(at net.Addr) string {
	tcp, ok := at.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("localhost:%d", tcp.Port)
	}
	return at.String()
}
