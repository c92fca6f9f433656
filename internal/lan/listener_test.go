package lan

import (
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestListeningFindsTheSocketsOfAPort(t *testing.T) {
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1 0000000000000000 100 0 0 10 0
   1: 0100007F:0BB8 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 222 1 0000000000000000 100 0 0 10 0
   2: 00000000:0BB9 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 333 1 0000000000000000 100 0 0 10 0
   3: cut off
`
	found := map[string]bool{}
	listening([]byte(table), 3000, found)
	if got := slices.Collect(maps.Keys(found)); !slices.Equal(got, []string{"socket:[111]"}) {
		t.Errorf("found %v", got)
	}
}

func TestListenerIsThisProcess(t *testing.T) {
	if _, err := os.Stat("/proc/net/tcp"); err != nil {
		if who := Listener(1); who != "" {
			t.Errorf("where nothing can be known it says %q", who)
		}
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	who := Listener(uint16(l.Addr().(*net.TCPAddr).Port))
	if !strings.HasSuffix(who, "(process "+strconv.Itoa(os.Getpid())+")") {
		t.Errorf("it is %q", who)
	}
}

func TestOnlyHereIsTheLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"": false, "0.0.0.0": false, "::": false, "192.168.1.5": false, "127.0.0.1": true, "::1": true, "localhost": true,
	} {
		if got := OnlyHere(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}
