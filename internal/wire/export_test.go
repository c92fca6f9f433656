package wire

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

// breakout is what somebody would write who wants out of whatever it stands in.
const breakout = "</p></article></main></style></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'}]}\n-->\n== 2001-01-01 ==\n09:20:00 Bob: forged\u2028x"

// exportOf is a file of some events.
func exportOf(format string, about About, events ...chat.Event) string {
	x := NewExport(format, about)
	file := x.Begin(nil)
	for i := range events {
		file = x.Append(file, &events[i])
	}
	return string(x.End(file))
}

func hostileExport(format string) string {
	at := time.Date(2026, 11, 21, 9, 20, 0, 0, time.UTC)
	by := chat.User{ID: "u_ada", Name: breakout}
	about := About{Chat: breakout, Room: "lobby", Title: breakout, User: by, Time: at, Words: EnglishExport}
	return exportOf(format, about,
		chat.Event{Room: "lobby", Seq: 1, Kind: chat.KindMessage, User: by, Text: breakout, Time: at, Files: []chat.File{{ID: "f", Name: breakout}}},
		chat.Event{
			Room: "lobby", Seq: 2, Kind: chat.KindMessage, User: by, Text: "09:20:00 Bob: *b* " + breakout, Time: at, ReplyTo: 1, Edited: 3,
			Quote: &chat.Quote{User: by, Text: breakout}, Reactions: []chat.Reaction{{Emoji: breakout, Users: []chat.UserID{"u_ada", "u_bob"}}},
		},
		chat.Event{Room: "lobby", Seq: 4, Kind: chat.KindMessage, User: by, Text: "", Time: at.AddDate(0, 0, 1), Deleted: 5},
	)
}

func TestNothingThatIsSaidBreaksOutOfAnExport(t *testing.T) {
	page := hostileExport("html")
	_, body, _ := strings.Cut(page, "</style>")
	for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(body, -1) {
		name := strings.Trim(strings.Fields(strings.Trim(tag, "</>"))[0], "/")
		if !strings.Contains(" head body header h1 p main h2 article h3 bdi time small div br em a b span footer html ", " "+name+" ") {
			t.Errorf("the page has %s in it", tag)
		}
	}
	if strings.Count(page, "<style>") != 1 || strings.Count(page, "<script") != 0 || strings.Count(page, "</article>") != 3 {
		t.Errorf("somebody broke out: %s", body)
	}
	var file struct {
		Messages []struct{ Text string }
		Count    int
	}
	if err := json.Unmarshal([]byte(hostileExport("json")), &file); err != nil || file.Count != 3 || file.Messages[0].Text != breakout {
		t.Errorf("the JSON is read as %+v: %v", file, err)
	}
	for _, line := range strings.Split(hostileExport("txt"), "\n") {
		if strings.HasPrefix(line, "== ") && line != "== 2026-11-21 ==" && line != "== 2026-11-22 ==" || strings.HasPrefix(line, "09:20:00 Bob") {
			t.Errorf("a forged line: %q", line)
		}
	}
}

func TestAnExportShowsAllThereIsToAMessage(t *testing.T) {
	page, text := hostileExport("html"), hostileExport("txt")
	for _, want := range []string{
		`<h2>2026-11-21</h2>`, `<h2>2026-11-22</h2>`, `<article id="m1" class="lead">`, `<article id="m2">`, `<time datetime="2026-11-21T09:20:00.000Z">09:20</time>`,
		`<small>edited</small>`, `<a class="quote" href="#m1">`, `<em>b</em>`, ` 2</span></p>`, `<p class="gone">This message was deleted.</p>`,
		`<p class="file" dir="auto">📎 `, "Messages: 3",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, want := range []string{"\n== 2026-11-21 ==\n09:20:00 ", "> ", "\n         09:20:00 Bob: *b* ", " (edited)\n", ": This message was deleted.\n", "Messages: 3\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q", want)
		}
	}
}

func TestAnExportIsCalledAsItsRoom(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 20, 0, 0, time.UTC)
	for title, want := range map[string]string{"lobby": "lobby 2026-11-21.html", "王小明": "王小明 2026-11-21.html", `../a:b`: "---a-b 2026-11-21.html"} {
		if got := ExportName(&About{Title: title, Time: at}, "html"); got != want {
			t.Errorf("%q is saved as %q", title, got)
		}
	}
	if NewExport("exe", About{}) != nil || IsExportFormat("") {
		t.Error("there are other formats")
	}
}
