package load

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// liar is a chat that sends everybody what one says, and may do something wrong to one of them.
type liar struct {
	mu    sync.Mutex // guards conns, of whom each write is made with it held
	conns []*websocket.Conn
	wrong func(to int, text string) []string // what a connection gets for a message; nil is the message
}

func startLiar(t *testing.T, wrong func(to int, text string) []string) string {
	t.Helper()
	return (&liar{wrong: wrong}).start(t)
}

func (l *liar) start(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(l)
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "http", "ws", 1)
}

// stalling does nothing wrong but to hold the first message up, and with it all others, as mu is held.
func stalling(stall time.Duration) func(to int, text string) []string {
	var once sync.Once
	return func(_ int, text string) []string {
		once.Do(func() { time.Sleep(stall) }) // is the thing that is measured
		return []string{text}
	}
}

func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	c, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	l.mu.Lock()
	l.conns = append(l.conns, c)
	l.mu.Unlock()
	for {
		_, text, err := c.ReadMessage()
		if err != nil {
			return
		}
		l.tell(string(text))
	}
}

func (l *liar) tell(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, c := range l.conns {
		texts := []string{text}
		if l.wrong != nil && !strings.Contains(text, "#0.") { // not those of the beginning
			texts = l.wrong(i, text)
		}
		for _, t := range texts {
			_ = c.WriteMessage(websocket.TextMessage, []byte(`{"said":"`+t+`"}`)) // who has gone has gone
		}
	}
}

// run loads the chat for a moment, with five members.
func run(t *testing.T, url string, kind Kind) *Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, err := Run(ctx, kind, Options{
		URL: url, Dialect: "plain", Send: "%s", Size: 64, Duration: 400 * time.Millisecond, Patience: time.Second, Dials: 4,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatAChatDoesWrongIsFound(t *testing.T) {
	t.Parallel()
	var kept string
	for _, c := range []struct {
		name  string
		wrong func(number int, text string) []string // what the fifth member gets for the first's third and fourth message
		want  Verified
	}{
		{"nothing", func(_ int, text string) []string { return []string{text} }, Verified{}},
		{"lost", func(number int, text string) []string {
			if number == 3 {
				return nil
			}
			return []string{text}
		}, Verified{Lost: 1}},
		{"twice at once", func(_ int, text string) []string { return []string{text, text} }, Verified{Twice: 2}},
		{"twice", func(number int, text string) []string {
			if number == 3 {
				kept = text
				return []string{text}
			}
			return []string{text, kept}
		}, Verified{Twice: 1}},
		{"swapped", func(number int, text string) []string {
			if number == 3 {
				kept = text
				return nil
			}
			return []string{text, kept}
		}, Verified{OutOfOrder: 1}},
		{"never said by us", func(_ int, text string) []string { return []string{text, "#1.999999#", "#77.1#"} }, Verified{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := startLiar(t, func(to int, text string) []string {
				switch {
				case to == 4 && strings.Contains(text, "#1.3#"):
					return c.wrong(3, text)
				case to == 4 && strings.Contains(text, "#1.4#"):
					return c.wrong(4, text)
				}
				return []string{text}
			})
			// One under way: its sender has seen each message before the next is said, so that the order isn't said by who was wronged.
			r := run(t, url, Fanout{Clients: 5, UnderWay: 1})
			v := r.Verified
			if v.Messages < 8 {
				t.Fatalf("only %d messages", v.Messages)
			}
			if v.Lost != c.want.Lost || v.Twice != c.want.Twice || v.OutOfOrder != c.want.OutOfOrder || v.Ended+v.Errors != 0 {
				t.Errorf("found %+v, not %+v", v, c.want)
			}
			if want := int64(v.Messages*5 - c.want.Lost + c.want.Twice); v.Deliveries != want {
				t.Errorf("%d deliveries of %d messages to 5, not %d", v.Deliveries, v.Messages, want)
			}
			if r.OK != c.want.OK() {
				t.Errorf("ok is %v", r.OK)
			}
		})
	}
}

// TestEncryptedConnectionsAreRead goes through [goLink], which reads where there is no poller too.
func TestEncryptedConnectionsAreRead(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(&liar{})
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of every handshake that is not finished
	s.StartTLS()
	t.Cleanup(s.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(s.Certificate())
	o := Options{
		URL: strings.Replace(s.URL, "http", "ws", 1), Dialect: "plain", Send: "%s", Size: 20_000, Duration: 400 * time.Millisecond,
		Patience: time.Second, Dials: 4, Trust: trusted,
	}
	for _, kind := range []Kind{Fanout{Clients: 5, UnderWay: 3}, Connect{}} {
		r, err := Run(context.Background(), kind, o)
		if err != nil {
			t.Fatal(err)
		}
		if v := r.Verified; !v.OK() || v.Deliveries != int64(5*v.Messages) || kind.Name() == "fanout" && v.Messages < 3 {
			t.Errorf("%s: %+v", kind.Name(), v)
		}
		if kind.Name() == "connect" && r.Times[0].Count < 1 {
			t.Errorf("%+v", r.Times)
		}
	}
	o.Trust = nil
	if _, err := Run(context.Background(), Fanout{Clients: 1, UnderWay: 1}, o); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
}

func TestConnectionsThatEndAreCounted(t *testing.T) {
	t.Parallel()
	l := &liar{}
	l.wrong = func(to int, text string) []string { // mu is held
		if to == 1 && strings.Contains(text, "#1.2#") {
			_ = l.conns[1].Close()
		}
		return []string{text}
	}
	r := run(t, l.start(t), Fanout{Clients: 3, UnderWay: 1})
	if r.OK || r.Verified.Ended != 1 || r.Verified.Lost != 0 || len(r.Verified.Examples) == 0 {
		t.Errorf("%+v", r.Verified)
	}
}

// TestTimesCountFromWhenMessagesWereDue holds all messages up for a while: with what was due meanwhile, about half of all have waited.
func TestTimesCountFromWhenMessagesWereDue(t *testing.T) {
	t.Parallel()
	const stall = 300 * time.Millisecond
	url := startLiar(t, stalling(stall))
	ctx := context.Background()
	r, err := Run(ctx, Latency{Clients: 3, Rate: 100}, Options{
		URL: url, Dialect: "plain", Send: "%s", Size: 64, Duration: 2 * stall, Patience: time.Second, Dials: 4,
	})
	if err != nil {
		t.Fatal(err)
	}
	const messages = int(2 * stall / (10 * time.Millisecond))
	if !r.OK || r.Verified.Messages != messages || r.Times[0].Count != int64(3*messages) {
		t.Errorf("%d messages, %d deliveries in the times: %+v", r.Verified.Messages, r.Times[0].Count, r.Verified)
	}
	// A load that waits for answers would have one slow message. Here the one that was due in the middle of the stall waited for half of it.
	if r.Times[0].P90 < 0.5*float64(stall.Milliseconds()) || r.Times[0].Max < 0.9*float64(stall.Milliseconds()) {
		t.Errorf("the stall doesn't show: %+v", r.Times[0])
	}
}

func TestRunThatIsEndedWhileItOpensSaysSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done() // never answers; the connection is cut
	}))
	t.Cleanup(s.Close)
	o := Options{URL: s.URL, Dialect: "plain", Send: "%s", Size: 64, Duration: time.Hour, Dials: 1}
	if r, err := Run(ctx, Fanout{Clients: 3, UnderWay: 1}, o); !errors.Is(err, errInterrupted) || !r.Interrupted {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestResultIsTableAndJSON(t *testing.T) {
	t.Parallel()
	r := run(t, startLiar(t, nil), Fanout{Clients: 5, UnderWay: 2})
	var text, table bytes.Buffer
	if err := r.WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	var back Result
	decoder := json.NewDecoder(&text)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&back); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(back.Figures) != fmt.Sprint(r.Figures) || back.Verified.Messages != r.Verified.Messages || back.Machine != r.Machine {
		t.Errorf("%+v came back as %+v", r, back)
	}
	if err := r.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"fanout: clients 5, under-way 2, plain, 64 bytes, ", "deliveries", "all is well", r.Versions.Go} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("%q is not in\n%s", want, table.String())
		}
	}
}

func TestOneWhoGoesOnIsReadInWhateverPieces(t *testing.T) {
	t.Parallel()
	b := &Bench{Result: &Result{}, Options: Options{Dialect: "json"}, members: []*Member{{Sent: 3}}}
	order := b.NewOrder()
	b.members[0].order = order
	sent := &sentLink{}
	m := &Member{
		Index: 1, b: b, handler: Quiet{}, speak: newSpeaker(b, "json"), order: order, stage: open, link: sent, Query: "since=1",
	}
	var in []byte
	for _, text := range []string{
		`{"type":"presence"}`, `{"type":"joined","messages":[` + said(2, 1) + `,` + said(3, 2) + `]}`,
	} {
		in = append(in, 0x81, 126, byte(len(text)>>8), byte(len(text)))
		in = append(in, text...)
	}
	last := said(4, 3) // in fragments, with a ping between them
	in = append(append(in, 0x01, 100), last[:100]...)
	in = append(in, 0x89, 2, 'h', 'i')
	in = append(append(in, 0x80, byte(len(last)-100)), last[100:]...)
	for rest := []byte(nil); len(in) > 0; in = in[1:] {
		rest = append(rest, in[0])
		used, err := m.took(rest)
		if err != nil {
			t.Fatal(err)
		}
		rest = rest[used:]
	}
	if m.view.got != 3 || order.Said() != 3 || !b.Result.Verified.OK() {
		t.Errorf("%d messages, %d in order: %+v", m.view.got, order.Said(), b.Result.Verified)
	}
	if len(sent.frames) != 8 || sent.frames[0] != 0x8a || sent.frames[1] != 0x80|2 {
		t.Errorf("the ping was answered with %x", sent.frames)
	}
	other := &Member{Index: 2, b: b, handler: Quiet{}, speak: m.speak, order: order, stage: open}
	other.message([]byte(said(5, 1))) // a number that others were not told
	if b.Result.Verified.OutOfOrder == 0 {
		t.Error("another seq than the others' went unnoticed")
	}
}

// sentLink keeps what is sent.
type sentLink struct{ frames []byte }

func (l *sentLink) send(b []byte) { l.frames = append(l.frames, b...) }
func (l *sentLink) end(bool)      {}

// said is a message frame of the first member.
func said(seq, number int) string {
	return fmt.Sprintf(`{"type":"message","room":"lobby","seq":%d,"id":"1.%d","user":"u","name":"n","text":"#1.%d# words","html":"<p>#1.%d# words</p>","time":""}`,
		seq, number, number, number)
}

func TestDeliveriesAllocateNothing(t *testing.T) {
	b := &Bench{Result: &Result{}, Options: Options{Dialect: "json"}, members: []*Member{{Sent: 1000}}}
	order := b.NewOrder()
	b.members[0].order = order
	first := &Member{b: b, handler: Quiet{}, speak: newSpeaker(b, "json"), order: order, stage: open}
	var in []byte
	for n := 1; n <= 1000; n++ {
		text := said(n, n)
		in = append(append(in, 0x81, 126, byte(len(text)>>8), byte(len(text))), text...)
	}
	if _, err := first.took(in); err != nil { // who is first says the order
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(10, func() {
		m := Member{Index: 1, b: b, handler: Quiet{}, speak: first.speak, order: order, stage: open}
		if _, err := m.took(in); err != nil || m.view.got != 1000 {
			t.Fatalf("%d messages, %v", m.view.got, err)
		}
	}); n > 1 { // the member
		t.Errorf("%v allocations for 1,000 deliveries", n)
	}
	if !b.Result.Verified.OK() {
		t.Errorf("%+v", b.Result.Verified)
	}
}
