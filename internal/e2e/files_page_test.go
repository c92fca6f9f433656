package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestBrowsersPlaySoundsAndOfferOtherFiles(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := newPerson(t, s, "Ada", desktop)
	ada.joins("lobby")
	pia := newPerson(t, s, "Pia", desktop)
	pia.joins("lobby")
	name := strings.Repeat("Bericht-", 12) + "تقرير.bin"
	ada.films()
	ada.picks(soundFile(t, "tune.wav", 20), noise(t, name, 123_456), pictureFile(t, "wide.png", 1200, 600, 40))
	ada.uploaded(4)
	ada.sees(".tray .name", "…")
	ada.sendsFiles("Listen")
	pia.sees(".card .name", name)
	pia.sees(".card .meta", "123 kB")
	pia.until("the length of the sound", `Math.abs(document.querySelector(".sound audio").duration - 20) < 0.1`)
	eval[bool](pia, `document.querySelector(".sound audio").currentTime = 15, true`)
	pia.until("the sound to be there", `(a => !a.seeking && a.currentTime === 15)(document.querySelector(".sound audio"))`)
	pia.until("the film", `document.querySelector(".film video").videoWidth === 160`)
	pia.until("the film to play", `(film => (film.loop = true, film.play(), film.currentTime > 0))(document.querySelector(".film video"))`)
	eval[bool](pia, `document.querySelector(".sound audio").play(), true`)
	pia.until("the sound to play alone", `document.querySelector(".film video").paused && !document.querySelector(".sound audio").paused`)
	eval[bool](pia, `document.querySelector(".sound audio").pause(), true`)
	if got := eval[string](pia, `document.querySelector(".card").download`); got != name {
		t.Errorf("it would be saved as %q", got)
	}
	pia.click(".row .shot")
	pia.sees("dialog.viewer .name", "wide.png")
	pia.press(kb.Escape)
	ada.picks(noise(t, "more.bin", 2000), writeFile(t, "empty.txt", nil))
	ada.sees(".tray .meta", "It is empty")
	ada.uploaded(1)
	deleteOwn(ada)
	pia.sees(".row.gone .body", "deleted")
	if got := eval[int](pia, `document.querySelectorAll(".row .file").length`); got != 0 {
		t.Errorf("a deleted message still shows %d files", got)
	}

	ids := []string{ada.user(), pia.user()}
	slices.Sort(ids)
	for _, p := range []*person{ada, pia} {
		p.open("/rooms/@" + strings.Join(ids, "."))
		p.connected()
	}
	ada.picks(pictureFile(t, "ours.png", 50, 50, 40))
	ada.uploaded(1)
	ada.sendsFiles("")
	pia.shots(1)
}

// user is who the page is for.
func (p *person) user() string {
	p.t.Helper()
	return eval[string](p, `JSON.parse(document.getElementById("boot").textContent).user`)
}

// deleteOwn deletes the first message in the log, by a socket of its author's own.
func deleteOwn(p *person) {
	p.t.Helper()
	eval[bool](p, `(() => {
		const socket = new WebSocket(location.origin.replace("http", "ws") + "/ws?dialect=json");
		socket.onopen = () => socket.send(JSON.stringify({type: "delete", id: "gone", room: "lobby", of: 1}));
		return true;
	})()`)
}
