package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestExportHasEveryMessageOnceAndInOrder(t *testing.T) {
	t.Parallel()
	const many = 10_000
	s := startServer(t, "--rate-limit.messages", "0", "--name", "Garden house")
	bob := s.json(t, "Bob", "")
	bob.say("1", "first")
	bob.ackOf("2", `{"type":"react","id":"2","room":"lobby","of":1,"emoji":"👍","on":true}`)
	s.fill(t, many)
	bob.ackOf("3", `{"type":"delete","id":"3","room":"lobby","of":1}`)
	header := s.session(t, "Ada")
	cookie := header.Get("Cookie")
	for format, message := range map[string]*regexp.Regexp{
		"json": regexp.MustCompile(`"text":"missed (\d+)"`), "txt": regexp.MustCompile(`(?m): missed (\d+)$`),
		"html": regexp.MustCompile(`<p>missed (\d+)</p>`),
	} {
		resp, file := s.get(t, "/rooms/lobby/export."+format, cookie)
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: %s, %v", format, resp.Status, resp.Header)
		}
		found := message.FindAllStringSubmatch(file, -1)
		if len(found) != many {
			t.Fatalf("%s: %d messages, want %d", format, len(found), many)
		}
		for i := range found {
			if found[i][1] != fmt.Sprint(i) {
				t.Fatalf("%s: message %d is %s", format, i, found[i][0])
			}
		}
		if strings.Contains(file, "first") || !strings.Contains(file, "Garden house") {
			t.Errorf("%s: what was deleted, or nothing of the chat: %.300s", format, file)
		}
		if format == "json" {
			var read struct {
				Room     string
				Messages []frame
				Count    int
			}
			if err := json.Unmarshal([]byte(file), &read); err != nil || read.Count != many+1 || read.Messages[0].Deleted == 0 || read.Room != "lobby" {
				t.Errorf("read as %d messages of %s, the first of them %+v: %v", read.Count, read.Room, read.Messages[0], err)
			}
		}
	}
	out, err := exec.Command(binary, "export", "--data", s.Data, "--room", "lobby", "--format", "text").Output() // while the server runs
	if n := strings.Count(string(out), ": missed "); err != nil || n != many {
		t.Errorf("parley export has %d messages: %v", n, err)
	}
	if out, err := exec.Command(binary, "export", "--data", s.Data, "--room", "nowhere").CombinedOutput(); err == nil || !strings.Contains(string(out), "nowhere") {
		t.Errorf("a room that isn't there: %v, %s", err, out)
	}
}

func TestExportIsForThoseWhoMayRead(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada, bob, eve := s.session(t, "Ada"), s.session(t, "Bob"), s.session(t, "Eve")
	c := dial(t, s.WS("?dialect=json"), ada)
	c.next("joined")
	c.send(`{"type":"send","id":"p1","to":"Bob","text":"between us"}`)
	room := c.next("message").Room
	path := "/rooms/" + url.PathEscape(room) + "/export."
	for _, format := range []string{"html", "json", "txt"} {
		for name, header := range map[string]http.Header{"Bob": ada, "Ada": bob} { // the file is called as the other one
			resp, file := s.get(t, path+format, header.Get("Cookie"))
			if resp.StatusCode != http.StatusOK || !strings.Contains(file, "between us") {
				t.Errorf("%s: %s, %s", format, resp.Status, file)
			}
			if got := resp.Header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="`+name+" 20") || !strings.HasSuffix(got, "."+format) {
				t.Errorf("%s is saved by %q", format, got)
			}
		}
		if resp, file := s.get(t, path+format, eve.Get("Cookie")); resp.StatusCode != http.StatusNotFound || strings.Contains(file, "between") {
			t.Errorf("Eve gets %s, %s", resp.Status, file)
		}
		if resp, file := s.get(t, path+format, ""); resp.StatusCode != http.StatusSeeOther || strings.Contains(file, "between") {
			t.Errorf("nobody gets %s, %s", resp.Status, file)
		}
	}
	for _, path := range []string{"/rooms/lobby/export.exe", "/rooms/lobby/export", "/rooms/NO/export.txt", "/rooms/@u_x.u_y/export.txt"} {
		if resp, _ := s.get(t, path, ada.Get("Cookie")); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s is answered with %s", path, resp.Status)
		}
	}
}

func TestOneExportOfAUserAtATimeAndASlowReaderGetsAllOfIt(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	bob := s.json(t, "Bob", "")
	long := strings.Repeat(`\"`, 4000) // in the file five bytes each, and two more
	const many = 500                   // 14 MB: more than sockets hold
	for i := range many {
		bob.send(fmt.Sprintf(`{"type":"send","id":"m%d","room":"lobby","text":"%s"}`, i, long))
		if i%50 == 49 {
			for last := fmt.Sprintf("m%d", i); bob.next("ack").ID != last; {
				continue
			}
		}
	}
	cookie := s.session(t, "Ada").Get("Cookie")
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/rooms/lobby/export.json", nil)
	req.Header.Set("Cookie", cookie)
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<16)
	lines.Scan()
	if again, _ := s.get(t, "/rooms/lobby/export.txt", cookie); again.StatusCode != http.StatusTooManyRequests || again.Header.Get("Retry-After") == "" {
		t.Errorf("a second one meanwhile is answered with %s", again.Status)
	}
	messages := 0
	for lines.Scan() {
		if strings.Contains(lines.Text(), long) {
			messages++
		}
	}
	if lines.Err() != nil || messages != many {
		t.Errorf("%d messages of %d: %v", messages, many, lines.Err())
	}
	if again, _ := s.get(t, "/rooms/nothing/export.txt", cookie); again.StatusCode != http.StatusOK {
		t.Errorf("one after it is answered with %s", again.Status)
	}
}

func TestExportOpensInABrowserWithoutAnything(t *testing.T) {
	t.Parallel()
	axe := axe(t)
	s := startServer(t, "--rate-limit.messages", "0", "--name", "Garden house")
	ada := newPerson(t, s, "Ada", desktop)
	ada.prefers("light")
	ada.joins("lobby")
	ben := s.json(t, "Ben", "")
	seq := ben.say("1", lively).Seq
	ben.send(fmt.Sprintf(`{"type":"send","id":"2","room":"lobby","text":"Is it </style><script>document.title='out'</script>?","reply_to":%d}`, seq))
	ben.ackOf("3", fmt.Sprintf(`{"type":"react","id":"3","room":"lobby","of":%d,"emoji":"👍","on":true}`, seq))
	ben.say("4", "said too much")
	ben.ackOf("5", `{"type":"delete","id":"5","room":"lobby","of":`+fmt.Sprint(seq+3)+`}`)
	ada.sees(".row.gone", "")
	ada.click("button[data-open=menu]")
	ada.sees(`#menu a[download][href="/rooms/lobby/export.html"]`, "Web page")
	eval[bool](ada, `(make => (URL.createObjectURL = file => (window.file = file, make(file)), true))(URL.createObjectURL)`)
	ada.click("#menu a[data-format=html]")
	ada.sees("#menu .saving", "Saved.")
	ada.misses("#room-title", "export") // its address is no room's
	ada.screenshot("saved")
	eval[bool](ada, `(file.text().then(text => { window.kept = text }), true)`)
	ada.until("what was saved to be read", "window.kept")
	if kept := eval[string](ada, "kept"); !strings.HasSuffix(kept, "</html>\n") || !strings.Contains(kept, "👍 1 <small>Ben</small>") {
		t.Errorf("the page saves %s", kept)
	}
	file := filepath.Join(t.TempDir(), "lobby.html")
	page := eval[string](ada, `document.querySelector("#menu a[data-format=html]").href`)
	_, saved := s.get(t, strings.TrimPrefix(page, s.URL), s.session(t, "Eve").Get("Cookie"))
	if err := os.WriteFile(file, []byte(saved), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Stop() // offline
	ada.expectTrouble("/ws", "ERR_CONNECTION_REFUSED", "WebSocket connection")
	ada.do(chromedp.Navigate("file://" + file))
	ada.sees("h1", "# lobby")
	ada.sees("article pre .hl-k", "func")
	ada.sees("article .quote", "Ben")
	ada.sees("article .gone", "deleted")
	ada.sees("article .chips", "👍 1")
	if bg := eval[string](ada, `getComputedStyle(document.querySelector("article")).backgroundColor`); bg != "rgb(238, 236, 230)" {
		t.Errorf("its own style isn't let in: %s", bg)
	}
	if title := eval[string](ada, "document.title"); title != "# lobby · Garden house" {
		t.Errorf("the title is %q", title)
	}
	ada.accessible("export", axe, desktop, phone)
	if over := eval[int](ada, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
		t.Errorf("the page runs %d px over a phone's edge", over)
	}
}
