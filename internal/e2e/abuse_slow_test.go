package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// slow sends the beginning of a request, and then a byte now and then, until it is cut off. It returns the answer's status, 0 for none.
func (a *assault) slow(head, rest string) (status int, lasted time.Duration, err error) {
	begun := time.Now()
	c, err := a.s.intrude("")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = c.conn.Close() }()
	go func() {
		_, err := io.WriteString(c.conn, head)
		for b := 0; err == nil; b++ {
			time.Sleep(100 * time.Millisecond) // the attack is that it is slow
			_, err = c.conn.Write([]byte{rest[b%len(rest)]})
		}
	}()
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, time.Since(begun), nil //nolint:nilerr // cut off without a word
	}
	if resp.StatusCode == http.StatusServiceUnavailable && !strings.Contains(readAll(resp), `"limit":"limits.requests"`) {
		a.t.Error("a refusal does not say its limit")
	}
	return resp.StatusCode, time.Since(begun), nil
}

// slowly opens more connections than there are places, each slow; all have to be cut off in time.
func (a *assault) slowly(head, rest string) {
	var ends tally
	var longest atomic.Int64
	a.each(400, func(int) {
		for range a.scale {
			status, lasted, err := a.slow(head, rest)
			if err != nil {
				a.t.Error(err)
				return
			}
			ends.add(fmt.Sprint(status))
			for {
				known := longest.Load()
				if int64(lasted) <= known || longest.CompareAndSwap(known, int64(lasted)) {
					break
				}
			}
		}
	})
	a.wait()
	if ends.ends["503"] == 0 {
		a.t.Error("none was refused for want of places, though there were twice as many")
	}
	if got := time.Duration(longest.Load()); got > patience {
		a.t.Errorf("one held its place for %v", got)
	}
	for end, count := range ends.ends {
		if end != "0" && end != "503" && end != "408" && end != "400" {
			a.t.Errorf("%d were answered with %s", count, end)
		}
		a.note("%d × %s", count, end)
	}
	a.note("longest %.1f s", time.Duration(longest.Load()).Seconds())
}

func slowHandshakes(a *assault) {
	request := upgradeRequest(a.s.Host, "/ws", nil)
	a.slowly(strings.TrimSuffix(request, "\r\n")+"X-Slow: ", "slow")
}

func slowBodies(a *assault) {
	a.slowly("POST /join HTTP/1.1\r\nHost: "+a.s.Host+"\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
		"Content-Length: 60000\r\n\r\nname=", "slow")
}
