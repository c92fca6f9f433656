package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// patience is how long a test waits for what should come at once.
const patience = 10 * time.Second

// socket is a bare WebSocket client: what it sends and reads is what is on the wire.
type socket struct {
	t  *testing.T
	ws *websocket.Conn
}

// dial opens a WebSocket and fails the test where that is refused.
func dial(t *testing.T, url string, header http.Header) *socket {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial(url, header)
	if err != nil {
		body := ""
		if resp != nil {
			b, _ := io.ReadAll(resp.Body)
			body = resp.Status + " " + string(b)
		}
		t.Fatalf("dialing %s: %v %s", url, err, body)
	}
	_ = ws.SetReadDeadline(time.Now().Add(patience))
	t.Cleanup(func() { _ = ws.Close() })
	return &socket{t: t, ws: ws}
}

// refused dials where no upgrade is expected, and returns the status and the error of the JSON body.
func refused(t *testing.T, url string, header http.Header) (status int, code, message string) {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial(url, header)
	if err == nil {
		_ = ws.Close()
		t.Fatalf("%s was upgraded", url)
	}
	if resp == nil {
		t.Fatalf("dialing %s: %v", url, err)
	}
	return resp.StatusCode, errorCode(t, resp), err.Error()
}

func errorCode(t *testing.T, resp *http.Response) string {
	t.Helper()
	var body struct {
		Error struct{ Code, Message string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil || body.Error.Message == "" {
		t.Errorf("the refusal's body is not the contract's JSON: %v", err)
	}
	return body.Error.Code
}

// send sends one text frame.
func (s *socket) send(frame string) {
	s.t.Helper()
	if err := s.ws.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		s.t.Fatalf("sending %s: %v", frame, err)
	}
}

// read returns the next frame.
func (s *socket) read() string {
	s.t.Helper()
	_ = s.ws.SetReadDeadline(time.Now().Add(patience))
	_, frame, err := s.ws.ReadMessage()
	if err != nil {
		s.t.Fatalf("no frame came: %v", err)
	}
	return string(frame)
}

// want requires that the next frame is this one, letter for letter.
func (s *socket) want(frame string) {
	s.t.Helper()
	if got := s.read(); got != frame {
		s.t.Fatalf("read %q, want %q", got, frame)
	}
}

// frame is a json frame, as far as tests look at it.
type frame struct {
	Type, Room, ID, User, Name, Was, Event, Text, HTML, Code, Message, Time string
	Seq, Of, Last, Seconds                                                  int64
	RetryAfter                                                              int64 `json:"retry_after_ms"`
	Truncated, More                                                         bool
	Members                                                                 []struct{ User, Name string }
	Messages, Changes                                                       []frame
	Rooms                                                                   []struct {
		Room         string
		Peer         struct{ User, Name string }
		Last, Unread int64
		Joined       bool
		Members      int
	}
	Limits      map[string]float64
	IdleSeconds int64 `json:"idle_seconds"`
	Emoji       string
	On          bool
	ReplyTo     int64 `json:"reply_to"`
	Edited      int64
	Deleted     int64
	Reactions   []reaction
	Mentions    []string
	Here        bool
	Quote       *struct{ Text string }
}

// reaction is one emoji under a message and who set it.
type reaction struct {
	Emoji string
	Users []string
}

// next returns the next json frame of one of the types, passing over others.
func (s *socket) next(types ...string) frame {
	s.t.Helper()
	for {
		var f frame
		raw := s.read()
		if err := json.Unmarshal([]byte(raw), &f); err != nil {
			s.t.Fatalf("not a json frame: %s", raw)
		}
		for _, t := range types {
			if f.Type == t {
				return f
			}
		}
	}
}

// closeCode reads until the connection is closed, and returns with which code.
func (s *socket) closeCode() int {
	s.t.Helper()
	_ = s.ws.SetReadDeadline(time.Now().Add(patience))
	for {
		if _, _, err := s.ws.ReadMessage(); err != nil {
			var closed *closeError
			if !asClose(err, &closed) {
				s.t.Fatalf("no close frame came: %v", err)
			}
			return closed.Code
		}
	}
}

type closeError = websocket.CloseError

func asClose(err error, closed **closeError) bool {
	c, ok := err.(*closeError) //nolint:errorlint // the package returns it unwrapped
	*closed = c
	return ok
}

// leave closes as someone does who means it.
func (s *socket) leave() {
	s.t.Helper()
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if err := s.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(patience)); err != nil {
		s.t.Errorf("closing: %v", err)
	}
	_ = s.closeCode()
}

// json opens a native connection under a name, and reads past the welcome and the join.
func (s *server) json(t *testing.T, name, query string) *socket {
	t.Helper()
	c := dial(t, s.WS("?dialect=json&name="+url.QueryEscape(name)+query), nil)
	if w := c.next("welcome"); w.Name != name {
		t.Fatalf("welcomed as %q, want %q", w.Name, name)
	}
	c.next("joined")
	return c
}

// say sends a message and waits for its ack.
func (s *socket) say(id, text string) frame {
	s.t.Helper()
	b, _ := json.Marshal(map[string]string{"type": "send", "id": id, "room": "lobby", "text": text})
	s.send(string(b))
	for {
		f := s.next("ack", "error")
		if f.Type == "error" {
			s.t.Fatalf("%q was refused: %s %s", text, f.Code, f.Message)
		}
		if f.ID == id {
			return f
		}
	}
}

// browserless is an HTTP client that keeps cookies to itself and follows no redirect. It has the time for a large file on a slow disk.
var browserless = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       6 * patience,
}

// join signs in by the form, and returns the answer and the session cookie.
func (s *server) join(t *testing.T, form url.Values, header http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/join", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		req.Header = header
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := browserless.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	for _, c := range resp.Cookies() {
		if c.Name == "parley_session" {
			return resp, fmt.Sprint(c.Name, "=", c.Value)
		}
	}
	return resp, ""
}

// get asks for a page, with a session cookie or without.
func (s *server) get(t *testing.T, path, cookie string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	resp, err := browserless.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}
