package load

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestFiguresOfAServerThatFallsBehindAreThoseThatItReached holds all that is due up until the time is over.
func TestFiguresOfAServerThatFallsBehindAreThoseThatItReached(t *testing.T) {
	t.Parallel()
	url := startLiar(t, stalling(time.Second))
	r, err := Run(context.Background(), Latency{Clients: 3, Rate: 100}, Options{
		URL: url, Dialect: "plain", Send: "%s", Size: 64, Duration: 100 * time.Millisecond, Patience: 5 * time.Second, Dials: 4,
	})
	if err != nil {
		t.Fatal(err)
	}
	const messages, members = 10, 3
	for name, want := range map[string]float64{"messages": messages, "deliveries": messages * members} {
		if rate, ok := r.Value(name); !ok || math.Abs(rate*r.Seconds-want) > 0.01 {
			t.Errorf("%v %s a second in %v s are not %v", rate, name, r.Seconds, want)
		}
	}
	if due, _ := r.Value("messages that were due"); due != 100 {
		t.Errorf("%v were due", due)
	}
	if r.Seconds < 0.9 || len(r.Notes) != 1 || !strings.HasPrefix(r.Notes[0], "did not keep pace: 30 deliveries were still under way") {
		t.Errorf("%v s, %q", r.Seconds, r.Notes)
	}
}

// TestRunEndsWhereEveryConnectionHas has an hour to go, and counts nothing that could not be sent any more.
func TestRunEndsWhereEveryConnectionHas(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Latency{Clients: 3, Rate: 100}, Fanout{Clients: 3, UnderWay: 1}} {
		l := &liar{}
		l.wrong = func(_ int, text string) []string { // mu is held
			if strings.Contains(text, "#1.3#") {
				for _, c := range l.conns {
					_ = c.Close()
				}
			}
			return []string{text}
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		r, err := Run(ctx, kind, Options{
			URL: l.start(t), Dialect: "plain", Send: "%s", Size: 64, Duration: time.Hour, Patience: time.Second, Dials: 4,
		})
		if err != nil {
			t.Fatal(err)
		}
		if v := r.Verified; r.OK || r.Interrupted || v.Ended != 3 || v.Lost != 0 || v.Messages < 2 || v.Messages > 8 {
			t.Errorf("%s: %+v", kind.Name(), v)
		}
	}
}

// TestHandshakeWithoutAnAnswerIsNamed takes as long as a handshake may.
func TestHandshakeWithoutAnAnswerIsNamed(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(s.Close)
	o := Options{URL: s.URL, Dialect: "plain", Send: "%s", Size: 64, Duration: time.Hour, Dials: 1}
	_, err := Run(context.Background(), Fanout{Clients: 3, UnderWay: 1}, o)
	if err == nil || !strings.Contains(err.Error(), "no answer to its handshake") {
		t.Error(err)
	}
}

// TestServerIsAtRestWhenItsGarbageIsCollectedAndItsGoroutinesStay has servers whose memory stays from the beginning.
func TestServerIsAtRestWhenItsGarbageIsCollectedAndItsGoroutinesStay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ collected, ended int64 }{ // after so many looks, of which there are two at a time
		"a late collection": {20, 0}, "goroutines that end slowly": {1, 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var looks atomic.Int64
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				n, collections := looks.Add(1), 7
				if n > c.collected {
					collections++
				}
				fmt.Fprintf(w, "process_resident_memory_bytes 1e6\ngo_goroutines %d\ngo_gc_duration_seconds_count %d\n",
					10+10*max(0, c.ended-n), collections)
			}))
			t.Cleanup(s.Close)
			b := &Bench{Server: &Server{metrics: s.URL}}
			k, err := b.atRest(context.Background(), time.Minute)
			if err != nil || k.metrics["go_goroutines"] != 10 || k.metrics["go_gc_duration_seconds_count"] != 8 {
				t.Errorf("%+v, %v", k, err)
			}
		})
	}
}

func TestIdleHasNoFigureForEachOfAFew(t *testing.T) {
	t.Parallel()
	before, after := kept{server: 2 << 20, slabs: 1 << 20}, kept{server: 5 << 20, buffers: 1 << 20, slabs: 1 << 19}
	for clients, want := range map[int]int{999: 0, 1000: 2} {
		b := &Bench{Result: &Result{Seconds: 1}}
		Idle{Clients: clients}.report(b, before, after)
		each := 0
		for _, f := range b.Result.Figures {
			if strings.HasSuffix(f.Name, ", per connection") {
				each++
			}
			if f.Value < 0 {
				t.Errorf("%+v", f)
			}
		}
		if each != want || len(b.Result.Notes) != map[bool]int{true: 1}[want == 0] {
			t.Errorf("%d connections: %+v %q", clients, b.Result.Figures, b.Result.Notes)
		}
	}
}

func TestWhatNobodySawOfOneWhoseConnectionEndedWasNotSent(t *testing.T) {
	t.Parallel()
	b := &Bench{Result: &Result{}, Options: Options{Dialect: "json"}}
	order := b.NewOrder()
	for range 3 {
		b.newMember(Opening{Order: order}).speak = &jsonSpeaker{}
	}
	gone, refused, listener := b.members[0], b.members[1], b.members[2]
	gone.Sent, gone.stage = 2, ended // of which the second was lost with the connection
	refused.Sent, refused.Refused, refused.stage, listener.stage = 5, 4, open, open
	for _, m := range []*Member{refused, listener} {
		order.saw(m, token(1, 1), 7)
		order.saw(m, token(2, 3), 8)
	}
	gone.Say()
	b.account()
	if v := b.Result.Verified; gone.Sent != 2 || v.Messages != 2 || v.Deliveries != 4 || v.Lost != 0 {
		t.Errorf("%d said, %+v", gone.Sent, v)
	}
}
