package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// resumeMissed is the most that somebody misses here. make resume asks for the promise's 100,000, which take a minute.
var resumeMissed = flag.Int("resume.missed", 5000, "how many messages are missed at most")

// TestComingBackShowsAllThatWasMissed comes back after so many events: all of it is in the answer, or the answer says that it isn't
// and paging back reaches it, without a gap and nothing twice.
func TestComingBackShowsAllThatWasMissed(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	began, session := time.Now(), s.session(t, "Ada")
	for _, missed := range []int{0, 1, 49, 50, 51, 499, 500, 501, *resumeMissed} {
		ada := dial(t, s.WS("?dialect=json"), session)
		ada.next("joined")
		since := ada.say(fmt.Sprintf("before %d", missed), "the last that Ada sees").Seq
		ada.leave()
		s.fill(t, missed)
		t.Logf("%6d said in %v", missed, time.Since(began).Round(time.Millisecond))
		began := time.Now()
		ada = dial(t, s.WS(fmt.Sprintf("?dialect=json&since=%d", since)), session)
		joined := ada.next("joined")
		answered := time.Since(began)
		if truncated := missed > 500; joined.Truncated != truncated || joined.Last != since+int64(missed) || len(joined.Changes) > 0 {
			t.Errorf("%d missed: truncated %v, last %d", missed, joined.Truncated, joined.Last-since)
		}
		if !joined.Truncated && len(joined.Messages) != missed || joined.Truncated && len(joined.Messages) != 50 {
			t.Errorf("%d missed: the answer has %d messages", missed, len(joined.Messages))
		}
		next, pages := joined.Last, 0 // the one that is to be found next, from the end back
		find := func(m told) {
			if want := fmt.Sprint("missed ", next-since-1); next > since && (m.Seq != next || m.Text != want) {
				t.Fatalf("%d missed: %q with seq %d is in the place of %q", missed, m.Text, m.Seq, want)
			}
			next--
		}
		for _, m := range slices.Backward(joined.Messages) {
			find(told{m.Seq, m.Text})
		}
		for more := joined.Truncated; more && next > since; pages++ {
			ada.send(fmt.Sprintf(`{"type":"history","room":"lobby","limit":200,"before":%d}`, next+1))
			var page struct {
				Messages []told
				More     bool
			}
			if err := json.Unmarshal([]byte(ada.read()), &page); err != nil || len(page.Messages) == 0 {
				t.Fatalf("%d missed: no page comes before %d: %v", missed, next+1, err)
			}
			for _, m := range slices.Backward(page.Messages) {
				find(m)
			}
			more = page.More
		}
		if next > since {
			t.Fatalf("%d missed: %d of them can't be found", missed, next-since)
		}
		t.Logf("%6d missed: answered in %v, complete in %v after %d pages of history", missed,
			answered.Round(time.Millisecond), time.Since(began).Round(time.Millisecond), pages)
		ada.leave()
	}
	t.Logf("all in %v", time.Since(began).Round(time.Second))
}

// told is a message, as far as it is looked at a hundred thousand times.
type told struct {
	Seq  int64
	Text string
}

// session signs in by the form: a header that is the same person on every connection, however the one before ended.
func (s *server) session(t *testing.T, name string) http.Header {
	t.Helper()
	_, cookie := s.join(t, url.Values{"name": {name}}, nil)
	return http.Header{"Cookie": {cookie}}
}

// fill says so many messages as fast as the server takes them, by a program that is told of none of them.
func (s *server) fill(t *testing.T, messages int) {
	t.Helper()
	c := dial(t, s.WS("?dialect=rpc&name=Filler"), nil)
	const ahead = 1000 // requests without an answer
	written, answered := 0, 0
	for answered < messages {
		for ; written < messages && written < answered+ahead; written++ {
			c.send(fmt.Sprintf(`{"id":%d,"method":"POST","target":"/message","body":"missed %d"}`, written, written))
		}
		if answer := c.read(); strings.HasPrefix(answer, fmt.Sprintf(`{"id":%d,"code":200,`, answered)) {
			answered++
		} else if !strings.HasPrefix(answer, `{"id":0,"code":0,`) {
			t.Fatalf("message %d is answered with %s", answered, answer)
		}
	}
	c.leave()
}

func TestEachDialectResumesInItsOwnWay(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	bob := s.json(t, "Bob", "")
	since := bob.say("1", "seen").Seq
	bob.say("2", "one\ntwo")
	of := bob.say("3", "three").Seq
	bob.ackOf("4", fmt.Sprintf(`{"type":"edit","id":"4","room":"lobby","of":%d,"text":"seen and changed"}`, since))
	bob.ackOf("5", fmt.Sprintf(`{"type":"edit","id":"5","room":"lobby","of":%d,"text":"three, changed"}`, of))
	at := bob.say("6", "the end").Time
	for dialect, want := range map[string][]string{
		"text": {"Bob: one\ntwo", "Bob: three, changed", "* Bob edited: seen and changed", "Bob: the end"},
		"pipe": {`|Bob|one\ntwo`, "|Bob|three, changed", "|*|Bob edited: seen and changed", at + "|Bob|the end"},
		"rpc": {
			`{"id":0,"code":0,"message":"message","body":"Bob: one\ntwo"}`,
			`{"id":0,"code":0,"message":"message","body":"Bob: three, changed"}`,
			`{"id":0,"code":0,"message":"system","body":"Bob edited: seen and changed"}`,
			`{"id":0,"code":0,"message":"message","body":"Bob: the end"}`,
		},
	} {
		c := dial(t, s.WS(fmt.Sprintf("?dialect=%s&name=Ada+%s&since=%d", dialect, dialect, since)), nil)
		for _, line := range want {
			if got := c.read(); !strings.HasSuffix(got, line) {
				t.Errorf("%s: read %q, want %q", dialect, got, line)
			}
		}
		bob.say("live for "+dialect, "live for "+dialect)
		for got := c.read(); !strings.Contains(got, "live for "+dialect); got = c.read() {
			if !strings.Contains(got, "live for") { // what was said for the dialect before was missed by this one
				t.Errorf("%s: read %q after the resume", dialect, got)
			}
		}
		c.leave()
	}

	s.fill(t, 600)
	for dialect, want := range map[string]string{
		"text": "* You missed more than this. Only the latest messages follow.",
		"pipe": "|*|You missed more than this. Only the latest messages follow.",
		"rpc":  `{"id":0,"code":0,"message":"system","body":"You missed more than this. Only the latest messages follow."}`,
	} {
		c := dial(t, s.WS(fmt.Sprintf("?dialect=%s&name=Eve+%s&since=%d", dialect, dialect, since)), nil)
		if got := c.read(); !strings.HasSuffix(got, want) {
			t.Errorf("%s: read %q, want %q", dialect, got, want)
		}
		for i := 550; i < 600; i++ {
			if got := c.read(); !strings.Contains(got, "Filler") || !strings.Contains(got, fmt.Sprintf("missed %d", i)) {
				t.Fatalf("%s: read %q in the place of %d", dialect, got, i)
			}
		}
		c.leave()
	}
}

// TestWhatIsSaidDuringAResumeComesOnce comes back again and again while others talk: what the answer ends with and what comes live
// after it have no gap between them, and nothing is in both.
func TestWhatIsSaidDuringAResumeComesOnce(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.fill(t, 5000)
	}()
	session := s.session(t, "Ada")
	since, resumes, live := int64(0), 0, 0
	for since < 5000 {
		ada := dial(t, s.WS(fmt.Sprintf("?dialect=json&since=%d", since)), session)
		joined := ada.next("joined")
		resumes++
		if joined.Truncated {
			since = joined.Messages[0].Seq - 1
		}
		follow := func(m frame) {
			if m.Seq != since+1 {
				t.Fatalf("resume %d: %d comes after %d", resumes, m.Seq, since)
			}
			since++
		}
		for _, m := range joined.Messages {
			follow(m)
		}
		if since != joined.Last {
			t.Fatalf("resume %d: the answer says that it reaches to %d, and ends with %d", resumes, joined.Last, since)
		}
		for i := 0; i < 20 && since < 5000; i++ {
			follow(ada.next("message"))
			live++
		}
		_ = ada.ws.Close()
	}
	<-done
	t.Logf("%d resumes, %d messages live in between", resumes, live)
}
