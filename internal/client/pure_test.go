package client

import (
	"encoding/json"
	"testing"
	"time"
)

func TestAddressesAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string][2]string{
		"ws://host:3000/ws":         {"ws://host:3000/ws", "http://host:3000/join"},
		"host:3000":                 {"ws://host:3000/ws", "http://host:3000/join"},
		"192.168.1.5:3000/":         {"ws://192.168.1.5:3000/ws", "http://192.168.1.5:3000/join"},
		"https://chat.example":      {"wss://chat.example/ws", "https://chat.example/join"},
		"wss://chat.example/a/b/ws": {"wss://chat.example/a/b/ws", "https://chat.example/a/b/join"},
		"ws://[::1]:3000":           {"ws://[::1]:3000/ws", "http://[::1]:3000/join"},
		"ws://h/ws?dialect=text":    {"ws://h/ws", "http://h/join"},
	} {
		a, err := parseAddress(text)
		if err != nil || a.socket.String() != want[0] || a.page("join") != want[1] {
			t.Errorf("%s is %s, %s, %v", text, a.socket.String(), a.page("join"), err)
		}
	}
	for _, text := range []string{"", "ftp://host/", "ws://", "ws://me:secret@host/ws", "ws://ho st/"} {
		if a, err := parseAddress(text); err == nil {
			t.Errorf("%q is %s", text, a.socket.String())
		}
	}
}

func TestWaitsDoubleUpToABoundAndAreRandomBelowIt(t *testing.T) {
	b := backoff{rand: func() float64 { return 1 }}
	for i, want := range []time.Duration{500, 1000, 2000, 4000, 8000, 15000, 15000} {
		if got := b.next(); got != want*time.Millisecond {
			t.Errorf("wait %d is %v", i, got)
		}
	}
	b.reset()
	b.rand = func() float64 { return 0.5 }
	if got := b.next(); got != backoffFirst/2 {
		t.Errorf("after a reset, half of the first is %v", got)
	}
}

func FuzzNoFrameBreaksTheClient(f *testing.F) {
	for _, text := range []string{
		`{"type":"welcome","user":"u_a","name":"Ada","limits":{"message_length":4000}}`, `{"type":"welcome","limits":7}`,
		`{"type":"joined","room":"lobby","last":3,"messages":[{"type":"message","seq":3}],"changes":[{"type":"edited","seq":2,"of":1}]}`,
		`{"type":"message","room":"@u_a.u_b","seq":9,"user":"u_a"}`, `{"type":"message","room":"@","seq":-1}`,
		`{"type":"error","code":"unavailable"}`, `{"type":"error","id":"join:lobby"}`, `{"type":"left","room":"lobby"}`,
		`{"type":"presence","event":"rename","user":"u_a","name":"Eve"}`, `{"type":"ack","id":"x"}`,
		`{"type":"idle_warning","seconds":30}`,
	} {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		c, _ := newClient(t.Context(), &Options{URL: "host", Name: "Ada"})
		defer c.cancel()
		c.outbox.add(Outgoing{ID: "x", Room: "lobby"})
		c.begin(&frame{Type: "welcome", User: "u_a", Name: "Ada"})
		for _, text := range []string{first, second} {
			var f frame
			if json.Unmarshal([]byte(text), &f) != nil {
				continue
			}
			done := make(chan struct{})
			go func() { defer close(done); c.take(&f) }()
			for waiting := true; waiting; {
				select {
				case <-c.events:
				case <-done:
					waiting = false
				}
			}
		}
	})
}

func TestServerWhoseLogWasPutBackIsFollowedFromThere(t *testing.T) {
	r := &room{name: "lobby", known: true, seen: 90, asking: true}
	if fresh := r.catchUp(&frame{Last: 40, Truncated: true, Messages: []frame{{Seq: 39}, {Seq: 40}}}); len(fresh) > 0 {
		t.Errorf("%+v is told again", fresh)
	}
	if verdict := r.judge(41); verdict != tell {
		t.Errorf("what is said after that is judged %v", verdict)
	}
}
