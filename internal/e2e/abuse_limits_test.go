package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// from is the header of a client behind the trusted proxy.
func from(address string) http.Header { return http.Header{"X-Forwarded-For": {address}} }

// turnedAway is a refusal over HTTP.
type turnedAway struct {
	status     int
	retryAfter string // the header
	Error      struct {
		Code, Message, Limit string
		RetryAfter           int64 `json:"retry_after_ms"`
	}
}

// tryOpening opens a WebSocket, or returns how that was refused.
func (s *server) tryOpening(t *testing.T, query string, header http.Header) (*websocket.Conn, *turnedAway) {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial(s.WS(query), header)
	if err == nil {
		t.Cleanup(func() { _ = ws.Close() })
		return ws, nil
	}
	if resp == nil {
		t.Fatalf("dialing: %v", err)
	}
	return nil, readRefusal(t, resp)
}

func readRefusal(t *testing.T, resp *http.Response) *turnedAway {
	t.Helper()
	no := &turnedAway{status: resp.StatusCode, retryAfter: resp.Header.Get("Retry-After")}
	if err := json.NewDecoder(resp.Body).Decode(no); err != nil {
		t.Errorf("a refusal with %s isn't JSON: %v", resp.Status, err)
	}
	return no
}

// is requires that a refusal says which limit and for how long.
func (no *turnedAway) is(t *testing.T, status int, code, limit string) {
	t.Helper()
	if no == nil {
		t.Fatalf("it is let in, want %s", limit)
	}
	var seconds int64
	if _, err := fmt.Sscan(no.retryAfter, &seconds); err != nil || seconds*1000 < no.Error.RetryAfter || no.Error.RetryAfter <= 0 {
		t.Errorf("%s: Retry-After %q and %d ms", limit, no.retryAfter, no.Error.RetryAfter)
	}
	if no.status != status || no.Error.Code != code || no.Error.Limit != limit || len(no.Error.Message) < 20 {
		t.Errorf("refused with %+v, want %d %s %s", no, status, code, limit)
	}
}

// refusals is how often the server says that it refused something over a limit.
func (s *server) refusals(t *testing.T, limit string) float64 {
	t.Helper()
	return s.metric(t, fmt.Sprintf("parley_limit_refusals_total{limit=%q}", limit))
}

func TestRefusedHandshakesSayWhichLimitAndForHowLongAndAreCounted(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--trusted-proxies", "127.0.0.1", "--limits.connections", "6", "--limits.connections-per-address", "3",
		"--rate-limit.requests", "0.02", "--rate-limit.requests-burst", "5")
	for range 3 {
		if _, no := s.tryOpening(t, "", from("10.0.0.1")); no != nil {
			t.Fatalf("refused: %+v", no)
		}
	}
	s.waitForMetric(t, "parley_connections", func(n float64) bool { return n == 3 })
	_, no := s.tryOpening(t, "", from("10.0.0.1"))
	no.is(t, http.StatusTooManyRequests, "rate_limited", "limits.connections_per_address")
	if _, no := s.tryOpening(t, "", from("10.0.0.2")); no != nil {
		t.Fatalf("another address is refused: %+v", no)
	}
	for range 2 { // one network of IPv6 is one address
		if _, no := s.tryOpening(t, "", from("2001:db8::1")); no != nil {
			t.Fatalf("refused: %+v", no)
		}
	}
	s.waitForMetric(t, "parley_connections", func(n float64) bool { return n == 6 })
	_, no = s.tryOpening(t, "", from("10.0.0.3"))
	no.is(t, http.StatusServiceUnavailable, "unavailable", "limits.connections")

	for range 10 {
		if _, no = s.tryOpening(t, "", from("2001:db8::ffff")); no.status == http.StatusTooManyRequests {
			break
		}
	}
	no.is(t, http.StatusTooManyRequests, "rate_limited", "rate_limit.requests")
	if no.Error.RetryAfter > 50_000 {
		t.Errorf("one has to wait %d ms for a request of 0.02 a second", no.Error.RetryAfter)
	}
	for limit, want := range map[string]float64{
		"limits.connections": 4, "limits.connections_per_address": 1, "rate_limit.requests": 1,
	} {
		if got := s.refusals(t, limit); got != want {
			t.Errorf("%v refusals for %s are counted, want %v", got, limit, want)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = from("2001:db8::1234")
	resp, err := browserless.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if page := readAll(resp); resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" ||
		!strings.Contains(page, "Too many requests from your address") {
		t.Errorf("a page is answered with %s: %.200s", resp.Status, page)
	}
}

func TestAddressHasOnlySoManyPlacesForRequestsToo(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--limits.exempt", "", "--limits.connections-per-address", "5")
	holding := make([]*intruder, 5)
	for i := range holding {
		c, err := s.intrude("")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.conn.Close() }()
		if _, err := c.conn.Write([]byte("GET / HTTP/1.1\r\n")); err != nil {
			t.Fatal(err)
		}
		holding[i] = c
	}
	refused := func() *http.Response {
		c, err := s.intrude("")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.conn.Close() }()
		resp, err := http.ReadResponse(c.in, nil)
		if err != nil {
			t.Fatalf("nothing is answered to a connection too many: %v", err)
		}
		return resp
	}
	readRefusal(t, refused()).is(t, http.StatusTooManyRequests, "rate_limited", "limits.connections_per_address")
	for _, c := range holding {
		_ = c.conn.Close()
	}
	becomes(t, "the places of connections that went away are free", func() bool {
		resp, err := browserless.Get(s.URL + "/healthz")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	s.json(t, "Ada", "").say("1", "there is room again")
}

func TestWhoNeverSaysWhoTheyAreIsClosedAndNobodyElse(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--socket.first-frame", "1s")
	_, cookie := s.join(t, url.Values{"name": {"Cookie"}}, nil)
	silent := map[string]*socket{
		"by name":          dial(t, s.WS("?name=Named"), nil),
		"by session":       dial(t, s.WS(""), http.Header{"Cookie": {cookie}}),
		"a guest in json":  dial(t, s.WS("?dialect=json"), nil),
		"a guest in rpc":   dial(t, s.WS("?dialect=rpc"), nil),
		"by its one frame": dial(t, s.WS(""), nil),
	}
	silent["by its one frame"].send(`{"type":"ping"}`)
	for query, wrong := range map[string]string{"": "", "?dialect=text": "", "?dialect=pipe": "no bar in it"} {
		c := dial(t, s.WS(query), nil)
		if wrong != "" {
			c.send(wrong) // a frame that says no name leaves it open
		}
		if code := c.closeCode(); code != 4000 {
			t.Errorf("%q: who says nothing is closed with %d, want 4000", query, code)
		}
	}
	s.json(t, "Speaker", "").say("1", "still there?") // well after a second, three times over
	for who, c := range silent {
		for got := ""; !strings.Contains(got, "still there?"); {
			if got = c.read(); strings.Contains(got, `"type":"idle`) {
				t.Errorf("%s: %s", who, got)
			}
		}
	}
	if got := s.refusals(t, "socket.first_frame"); got != 3 {
		t.Errorf("%v are counted, want 3", got)
	}
}

func TestComingBackGivesNobodyNewBudgets(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0.01", "--rate-limit.burst", "3", "--rate-limit.commands", "0.01",
		"--rate-limit.commands-burst", "10", "--presence.grace", "0")
	ada := s.json(t, "Ada", "")
	for i := range 3 {
		ada.say(fmt.Sprint(i), "said")
	}
	ada.send(`{"type":"rooms"}`)
	ada.next("rooms")
	for range 3 {
		ada.leave()
		_ = ada.ws.Close()
		s.waitForMetric(t, "parley_connections", func(n float64) bool { return n == 0 })
		ada = s.json(t, "Ada", "")
		ada.send(`{"type":"send","id":"x","room":"lobby","text":"once more"}`)
		if e := ada.next("error", "ack"); e.Code != "rate_limited" || e.RetryAfter < 1000 {
			t.Fatalf("after coming back: %+v", e)
		}
		ada.send(`{"type":"members","room":"lobby"}`)
		if e := ada.next("error", "members"); e.Code != "rate_limited" || e.RetryAfter < 1000 {
			t.Fatalf("after coming back: %+v", e)
		}
	}
	if m, c := s.refusals(t, "rate_limit.messages"), s.refusals(t, "rate_limit.commands"); m != 3 || c != 3 {
		t.Errorf("%v and %v refusals are counted, want 3 each", m, c)
	}
}

// TestManyPeopleBehindOneAddressComeBackAtOnce is what happens after a restart: everyone is back within a moment, with all their
// rooms, what they wrote meanwhile, and older messages to look at. No default limit may be in their way.
func TestManyPeopleBehindOneAddressComeBackAtOnce(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--trusted-proxies", "127.0.0.1", "--log.level", "warn")
	const people, rooms = 300, 20
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			ws, resp, err := websocket.DefaultDialer.Dial(s.WS(fmt.Sprintf("?dialect=json&room=team-%d&name=Person%%20%d", i/10, i)), from("10.0.0.1"))
			if err != nil {
				if resp != nil {
					t.Errorf("person %d is not let in: %s %s", i, resp.Status, readAll(resp))
				} else {
					t.Errorf("person %d is not let in: %v", i, err)
				}
				return
			}
			defer func() { _ = ws.Close() }()
			if i%30 == 0 {
				for r := range rooms {
					_ = ws.WriteMessage(1, fmt.Appendf(nil, `{"type":"join","room":"room-%d"}`, r))
				}
				for range 50 {
					_ = ws.WriteMessage(1, []byte(`{"type":"history"}`))
				}
			}
			for n := range 3 { // 900 in all, from an outbox
				_ = ws.WriteMessage(1, fmt.Appendf(nil, `{"type":"send","id":"m%d","text":"back again"}`, n))
			}
			_ = ws.SetReadDeadline(time.Now().Add(6 * patience))
			for acks := 0; acks < 3; {
				_, raw, err := ws.ReadMessage()
				if err != nil {
					t.Errorf("person %d: %v", i, err)
					return
				}
				switch text := string(raw); {
				case strings.HasPrefix(text, `{"type":"error"`):
					t.Errorf("person %d is refused: %s", i, text)
					return
				case strings.HasPrefix(text, `{"type":"ack"`):
					acks++
				}
			}
		})
	}
	wg.Wait()
}
