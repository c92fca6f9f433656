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
		file = x.Append(file, &events[i], nil)
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

func TestAnExportHasTheMarkOfOpenRoomsForThemAlone(t *testing.T) {
	for room, want := range map[chat.RoomName]string{"garden": "# garden", "~garden.2tqq7a94": "garden", "@u_ada.u_bob": "garden"} {
		if file := exportOf("txt", About{Room: room, Title: "garden", Words: EnglishExport}); !strings.HasPrefix(file, want+" – ") {
			t.Errorf("the export of %s begins %.20q, want %s", room, file, want)
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

func TestAnExportSaysWhatWasDoneToTheRoomWhoReactedAndHowLargeFilesAre(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 20, 0, 0, time.UTC)
	names := map[chat.UserID]string{"u_ada": "Ada", "u_eve": breakout, "u_gone": ""}
	events := []chat.Event{
		{
			Room: "lobby", Seq: 1, Kind: chat.KindMessage, User: chat.User{ID: "u_ada", Name: "Ada"}, Text: "the plan", Time: at,
			Files:     []chat.File{{ID: "f", Name: "plan.pdf", Size: 1_234_567}, {ID: "g", Name: "old.pdf", Size: 12, Gone: true}},
			Reactions: []chat.Reaction{{Emoji: "👍", Users: []chat.UserID{"u_ada", "u_eve", "u_gone"}}, {Emoji: "🎉", Users: []chat.UserID{"u_ada"}}},
		},
		{Room: "lobby", Seq: 3, Kind: chat.KindPin, User: chat.User{ID: "u_bob", Name: "Bob"}, Of: 1, On: true, Time: at},
		{Room: "lobby", Seq: 4, Kind: chat.KindTopic, User: chat.User{ID: "u_eve", Name: breakout}, Text: breakout, Time: at},
		{Room: "lobby", Seq: 5, Kind: chat.KindTopic, User: chat.User{ID: "u_bob", Name: "Bob"}, Time: at},
		{Room: "lobby", Seq: 6, Kind: chat.KindPin, User: chat.User{ID: "u_bob", Name: "Bob"}, Of: 1, Time: at},
	}
	files := map[string]string{}
	for _, format := range ExportFormats {
		x := NewExport(format, About{Room: "lobby", Title: "lobby", Time: at, Words: EnglishExport})
		file := x.Begin(nil)
		for i := range events {
			file = x.Append(file, &events[i], names)
		}
		files[format] = string(x.End(file))
	}
	for format, wants := range map[string][]string{
		"html": {
			`📎 plan.pdf (1.2 MB)</p>`, `old.pdf (12 B, no longer kept)`, `<a href="#m1">Bob pinned a message</a>`, `Bob took the topic away</p>`, `🎉 1 <small>Ada</small>`,
			"Messages: 1<",
		},
		"txt": {
			"[plan.pdf (1.2 MB)]", "\n         👍 3: Ada, </p>", "\n         🎉 1: Ada\n", "\n09:20:00 * Bob pinned a message\n", "\n09:20:00 * Bob took the topic away\n",
			"Messages: 1\n",
		},
	} {
		for _, want := range wants {
			if !strings.Contains(files[format], want) {
				t.Errorf("%s lacks %q:\n%s", format, want, files[format])
			}
		}
	}
	if strings.Contains(files["html"], "<script") || strings.Contains(files["txt"], "\n== 2001") {
		t.Error("somebody breaks out of a topic or a name")
	}
	var read struct {
		Messages []struct {
			Type, Text string
			Of         int64
			Names      map[string]string
		}
		Count int
	}
	if err := json.Unmarshal([]byte(files["json"]), &read); err != nil || read.Count != 1 || len(read.Messages) != len(events) {
		t.Fatalf("the JSON is read as %+v: %v", read, err)
	}
	if m := read.Messages; m[0].Names["u_ada"] != "Ada" || m[0].Names["u_eve"] != breakout || len(m[0].Names) != 2 || m[1].Type != "pinned" || m[1].Of != 1 ||
		m[2].Type != "topic" || m[2].Text != breakout {
		t.Errorf("the JSON has %+v", m)
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
