package e2e

import (
	"net"
	"strings"
	"testing"
	"time"
)

func TestStoppingDoesNotWaitForConnectionsThatSayNothing(t *testing.T) {
	for _, tt := range []struct{ name, sent string }{
		{"opened ahead of need", ""},
		{"half a request", "GET / HTTP/1.1\r\nHost:"},
		{"half a form", "POST /join HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nname="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := startServer(t)
			slow, err := net.Dial("tcp", s.Host)
			if err != nil {
				t.Fatal(err)
			}
			defer slow.Close()
			if _, err := slow.Write([]byte(tt.sent)); err != nil {
				t.Fatal(err)
			}
			ada := s.json(t, "Ada", "")
			ada.say("1", "hi")
			begun := time.Now()
			told := make(chan time.Duration, 1)
			go func() {
				if code := ada.closeCode(); code != 1001 {
					t.Errorf("closed with %d", code)
				}
				told <- time.Since(begun)
			}()
			s.Stop()
			if took := <-told; took > time.Second {
				t.Errorf("people were told after %v", took)
			}
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("stopping took %v", took)
			}
			if strings.Contains(s.Logs(), "not stored in time") {
				t.Error("the log says that messages were lost, and none were")
			}
		})
	}
}
