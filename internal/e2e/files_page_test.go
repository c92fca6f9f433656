package e2e

import (
	"bytes"
	littleEndian "encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// pictureFile is a PNG in a colour of its own.
func pictureFile(t *testing.T, name string, width, height int, hue uint8) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Set(x, y, color.RGBA{hue, uint8(x * 255 / width), uint8(y * 255 / height), 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, name, out.Bytes())
}

// soundFile is a WAV of so many seconds of silence.
func soundFile(t *testing.T, name string, seconds int) string {
	t.Helper()
	const rate = 8000
	size := uint32(rate * seconds)
	var out bytes.Buffer
	out.WriteString("RIFF")
	for _, part := range []any{
		36 + size,
		[]byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(rate), uint16(1), uint16(8), []byte("data"), size,
	} {
		_ = littleEndian.Write(&out, littleEndian.LittleEndian, part) // to memory
	}
	out.Write(bytes.Repeat([]byte{128}, int(size)))
	return writeFile(t, name, out.Bytes())
}

// noise is a file of no known type whose bytes don't repeat.
func noise(t *testing.T, name string, size int) string {
	t.Helper()
	all := make([]byte, size)
	state := uint32(len(name) + 1)
	for i := range all {
		state = state*1664525 + 1013904223
		all[i] = byte(state >> 24)
	}
	all[0] = 0 // no text
	return writeFile(t, name, all)
}

func writeFile(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// picks chooses files as the system's dialog does.
func (p *person) picks(paths ...string) {
	p.t.Helper()
	p.do(chromedp.SetUploadFiles(chromedp.CSS("#attach"), paths))
}

// drags moves files over the chat and, if drop, lets go of them there.
func (p *person) drags(drop bool, paths ...string) {
	p.t.Helper()
	steps := []input.DispatchDragEventType{"dragEnter", "dragOver"}
	if drop {
		steps = append(steps, "drop")
	}
	for _, step := range steps {
		_, err := chromedp.Call(p.ctx, input.DispatchDragEvent, input.DispatchDragEventParams{
			Type: step, X: 200, Y: 300, Data: &input.DragData{Items: []*input.DragDataItem{}, Files: paths, DragOperationsMask: 1},
		})
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

// uploaded waits until so many files stand above the field and are on the server.
func (p *person) uploaded(n int) {
	p.t.Helper()
	p.until(fmt.Sprintf("%d uploaded files", n), fmt.Sprintf(`document.querySelectorAll('.tray [data-state="stored"]').length === %d`, n))
}

// sendsFiles sends what is attached, with a text or without.
func (p *person) sendsFiles(text string) {
	p.t.Helper()
	if text != "" {
		p.types("#text", text)
	}
	p.click("button.send")
}

// shots waits until so many pictures are shown and loaded.
func (p *person) shots(n int) {
	p.t.Helper()
	p.until(fmt.Sprintf("%d pictures", n), fmt.Sprintf(`(shots => shots.length === %d && shots.every(i => i.complete && i.naturalWidth > 0))
		([...document.querySelectorAll(".shot img")].map(i => (i.loading = "eager", i)))`, n))
}

func TestBrowsersSharePicturesByPickPasteAndDrop(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := newPerson(t, s, "Ada", desktop)
	ada.prefers("light")
	ada.joins("lobby")
	pia := newPerson(t, s, "Pia", slowPhone)
	pia.prefers("light")
	pia.joins("lobby")
	ada.picks(pictureFile(t, "wide.png", 1200, 600, 40), pictureFile(t, "Ein sehr langer Name für ein Bild, das niemand mehr findet, Fassung 2.png", 300, 400, 90),
		pictureFile(t, "صورة.png", 500, 500, 140))
	ada.uploaded(3)
	ada.screenshot("tray")
	ada.sendsFiles("Three at once")
	ada.until("an empty tray", `document.querySelector(".tray").hidden`)
	pia.sees(".row .body", "Three at once")
	pia.shots(3)

	eval[bool](ada, `(() => {
		const data = new DataTransfer();
		const canvas = document.createElement("canvas");
		canvas.width = 640; canvas.height = 480;
		canvas.getContext("2d").fillRect(100, 100, 440, 280);
		canvas.toBlob(blob => {
			data.items.add(new File([blob], "image.png", {type: "image/png"}));
			document.querySelector("#text").dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
		});
		return true;
	})()`)
	ada.uploaded(1)
	hold := fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/files/*"}, {URLPattern: "*/thumbs/*"}}}
	if _, err := chromedp.Call(pia.ctx, fetch.Enable, hold); err != nil {
		t.Fatal(err)
	}
	ada.sendsFiles("")
	const places = `JSON.stringify([...document.querySelectorAll(".row")].map(row => (({height, width}) => [width, height])(row.getBoundingClientRect())))`
	pia.until("the place of the picture", `document.querySelectorAll(".row .shot").length === 4`)
	before := eval[string](pia, places)
	if eval[bool](pia, `[...document.querySelectorAll(".row .shot img")].at(-1).naturalWidth > 0`) {
		t.Error("the picture was there already, so that this test says nothing of its place")
	}
	if _, err := chromedp.Call(pia.ctx, fetch.Disable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	pia.shots(4)
	if after := eval[string](pia, places); after != before {
		t.Errorf("the picture that came made rows of %s out of rows of %s", after, before)
	}

	s.json(t, "Zoe", "").send(`{"type":"send","id":"1","room":"lobby","text":"Nice one","reply_to":2}`)
	pia.sees(".quote .line", "image.png")

	dropped := pictureFile(t, "dropped.png", 200, 900, 200)
	ada.drags(false, dropped)
	ada.sees(".drop", "Drop files")
	ada.screenshot("drop")
	ada.drags(true, dropped)
	ada.misses(".drop", "")
	ada.uploaded(1)
	ada.sendsFiles("")
	pia.shots(5)
	ada.shots(5)
	pia.fits("pictures", 320, 390, 1280)
	pia.resize(slowPhone)
	pia.screenshot("rows")
	ada.screenshot("rows")
	ada.viewsPictures()
	pia.swipesPictures()

	pia.reload() // as the server draws them
	pia.shots(5)
	pia.click(`.shot[title="dropped.png"]`)
	pia.sees("dialog.viewer .name", "dropped.png")
	pia.open("/rooms/lobby/plain") // which has no script
	pia.shots(5)
}

// viewsPictures goes through five pictures by keys.
func (p *person) viewsPictures() {
	p.t.Helper()
	p.click(".row .shot")
	p.sees("dialog.viewer .name", "wide.png")
	p.sees("dialog.viewer .of", "1 of 5")
	p.press(kb.ArrowRight)
	p.press(kb.ArrowRight)
	p.sees("dialog.viewer .name", "صورة.png")
	p.until("the picture itself", `(i => i.naturalWidth === 500 && Math.abs(i.getBoundingClientRect().x + i.getBoundingClientRect().width / 2 - innerWidth / 2) < 2)
		(document.querySelectorAll("dialog.viewer .slide img")[2])`)
	p.press(kb.End)
	p.sees("dialog.viewer .of", "5 of 5")
	p.press(kb.ArrowLeft)
	p.sees("dialog.viewer .name", "image.png")
	p.screenshot("viewer")
	p.press(kb.Enter)
	p.sees(".slide.large", "")
	p.press(kb.Escape)
	p.until("no viewer", `!document.querySelector("dialog.viewer")`)
	if got := eval[string](p, "document.activeElement.title"); got != "wide.png" {
		p.t.Errorf("after the viewer the focus is on %q, not on the picture it came from", got)
	}
}

// swipesPictures goes from one picture to the next by a finger.
func (p *person) swipesPictures() {
	p.t.Helper()
	p.click(".row .shot")
	p.sees("dialog.viewer .of", "1 of 5")
	p.until("the picture", `document.querySelector("dialog.viewer img").naturalWidth === 1200`)
	p.swipe(330, 60)
	p.sees("dialog.viewer .of", "2 of 5")
	p.screenshot("viewer")
	p.click("dialog.viewer [data-act=close]")
	p.until("no viewer", `!document.querySelector("dialog.viewer")`)
}

// swipe moves a finger over the middle of the page from one side towards the other.
func (p *person) swipe(from, to float64) {
	p.t.Helper()
	const steps = 10
	for i := range steps + 2 {
		params := input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchMove}
		switch i {
		case 0:
			params.Type = input.DispatchTouchEventTypeTouchStart
		case steps + 1:
			params.Type = input.DispatchTouchEventTypeTouchEnd
		}
		if i <= steps {
			params.TouchPoints = []*input.TouchPoint{{X: from + (to-from)*float64(i)/steps, Y: 400}}
		} else {
			params.TouchPoints = []*input.TouchPoint{}
		}
		if _, err := chromedp.Call(p.ctx, input.DispatchTouchEvent, params); err != nil {
			p.t.Fatal(err)
		}
	}
}

func TestBrowsersPlaySoundsAndOfferOtherFiles(t *testing.T) {
	t.Parallel()
	axe := axe(t)
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
	if got := eval[string](pia, `document.querySelector(".card").download`); got != name {
		t.Errorf("it would be saved as %q", got)
	}
	pia.accessible("files", axe, desktop, slowPhone)
	pia.fits("files", 320, 390, 1280)
	pia.click(".row .shot")
	pia.sees("dialog.viewer .name", "wide.png")
	pia.accessible("viewer", axe, desktop, slowPhone)
	pia.press(kb.Escape)
	pia.resize(desktop)
	ada.picks(noise(t, "more.bin", 2000), writeFile(t, "empty.txt", nil))
	ada.sees(".tray .meta", "It is empty")
	ada.uploaded(1)
	ada.accessible("attached", axe, desktop, slowPhone)
	ada.fits("attached", 320, 390)

	ada.prefers("light")
	ada.resize(desktop)
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

// films attaches a short film, which the browser makes itself.
func (p *person) films() {
	p.t.Helper()
	eval[bool](p, `(() => {
		const canvas = document.createElement("canvas");
		canvas.width = 160; canvas.height = 120;
		const pen = canvas.getContext("2d"), input = document.querySelector("#attach"), parts = [];
		const recorder = new MediaRecorder(canvas.captureStream(25), {mimeType: "video/webm"});
		const timer = setInterval(() => pen.fillRect(Math.random() * 160, Math.random() * 120, 9, 9), 20);
		recorder.ondataavailable = event => {
			parts.push(event.data);
			if (recorder.state === "recording") recorder.stop();
		};
		recorder.onstop = () => {
			clearInterval(timer);
			const data = new DataTransfer();
			data.items.add(new File(parts, "film.webm"));
			input.files = data.files;
			input.dispatchEvent(new Event("change"));
		};
		recorder.start(200);
		return true;
	})()`)
	p.uploaded(1)
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

func TestBrowsersGoOnWhileFilesAreUploaded(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	p := startProxy(t, s.Host)
	slow := *s
	slow.URL = "http://" + p.Host
	ada := newPerson(t, &slow, "Ada", slowPhone)
	ada.prefers("light")
	ada.joins("lobby")
	pia := newPerson(t, s, "Pia", desktop)
	pia.joins("lobby")

	ada.picks(noise(t, "first.bin", 1000))
	ada.uploaded(1) // its script is there
	ada.click(".tray .shut")
	ada.until("an empty tray", `document.querySelector(".tray").hidden`)
	ada.until("the file to be taken back", `performance.getEntriesByType("resource").some(e => /files\/[A-Z0-9]+$/.test(e.name) && e.responseStatus === 204)`)

	p.Trickle(4<<10, 10*time.Millisecond) // slower than it will be for a while
	ada.picks(noise(t, "large.bin", 6<<20), noise(t, "unwanted.bin", 6<<20), noise(t, "small.bin", 1<<10))
	ada.until("progress", `document.querySelector(".tray progress").value > 0`)
	ada.click(`.tray [aria-label="Remove unwanted.bin"]`)
	ada.sendsFiles("Here is the large one")
	ada.sees(".row.sending .upload .name", "large.bin")
	ada.screenshot("pending")
	ada.says("Meanwhile")
	pia.sees(".row .body", "Meanwhile")
	if pia.rows("large one") > 0 {
		t.Error("the message came before its files")
	}
	ada.click(".to-rooms")
	ada.types("dialog.drawer #new-room", "garden")
	ada.enter()
	ada.sees("#room-title", "garden")
	p.Trickle(0, 0)
	pia.sees(".row .body", "Here is the large one")
	pia.sees(".card .name", "large.bin")
	pia.sees(".card .name", "small.bin")
	if got := eval[int](pia, `document.querySelectorAll(".row .file").length`); got != 2 {
		t.Errorf("the message has %d files, want 2", got)
	}
}

func TestBrowsersSayWhyAFileFailsAndTryAgain(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--upload.file-bytes", "1000000", "--upload.expire", "720h")
	p := startProxy(t, s.Host)
	cut := *s
	cut.URL = "http://" + p.Host
	ada := newPerson(t, &cut, "Ada", desktop)
	ada.prefers("light")
	ada.joins("lobby")
	pia := newPerson(t, s, "Pia", slowPhone)
	pia.joins("lobby")
	ada.expectTrouble("ERR_", "WebSocket connection")

	p.away(true)
	ada.picks(noise(t, "first.bin", 5000)) // what uploads it is not there yet
	ada.sees("parley-composer .wrong", "can’t be attached without a connection")
	p.away(false)
	ada.connected()

	ada.picks(noise(t, "huge.bin", 2_000_000))
	ada.sees(".tray .meta", "It has 2.0 MB; 1.0 MB is the most")
	if got := eval[int](ada, `performance.getEntriesByType("resource").filter(e => e.name.includes("/files?")).length`); got != 0 {
		t.Error("a file that is too large was sent all the same")
	}
	ada.click(".tray .shut")

	if _, err := chromedp.Call(ada.ctx, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/files?*"}}}); err != nil {
		t.Fatal(err)
	}
	failing := make(chan struct{}, 10)
	if err := chromedp.Listen(ada.ctx, func(ev any) {
		if paused, ok := ev.(*fetch.EventRequestPaused); ok {
			go func() {
				_, _ = chromedp.Call(ada.ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: paused.RequestID, ErrorReason: "ConnectionReset"})
				failing <- struct{}{}
			}()
		}
	}); err != nil {
		t.Fatal(err)
	}
	ada.picks(noise(t, "again.bin", 5000))
	ada.sees(".tray .meta", "There is no connection")
	ada.screenshot("failed")
	<-failing
	if _, err := chromedp.Call(ada.ctx, fetch.Disable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	ada.click(".tray [data-attach=again]")
	ada.uploaded(1)
	unheard := p.CutWhen(toClient, `"type":"ack"`) // stored, and not told: the same files are sent again
	ada.sendsFiles("")
	<-unheard
	p.OnFrame(nil)
	pia.sees(".card .name", "again.bin")
	ada.until("the row to be stored", `document.querySelector(".row.mine[data-seq='1'] .card") && !document.querySelector(".row:is(.sending, .failed)")`)

	// A cut in the middle, while the message waits: it goes out when the connection is back.
	p.Trickle(4<<10, 20*time.Millisecond)
	ada.picks(noise(t, "cut.bin", 900_000))
	ada.sendsFiles("After the cut")
	ada.sees(`.row.sending .upload[data-state="sending"]`, "")
	p.Refuse(true)
	p.Cut()
	ada.sees(".row.failed .state", "was not uploaded")
	p.Trickle(0, 0)
	p.Refuse(false)
	pia.sees(".card .name", "cut.bin")
	pia.sees(".row .body", "After the cut")

	// A reload in the middle: the page says what it lost and keeps the words.
	p.Trickle(1<<10, 20*time.Millisecond)
	ada.picks(noise(t, "lost.bin", 900_000))
	ada.sendsFiles("These words stay")
	ada.sees(`.row.sending .upload[data-state="sending"]`, "")
	ada.picks(noise(t, "unsent.bin", 5000))
	ada.sees(".tray .name", "unsent.bin")
	ada.reload()
	p.Trickle(0, 0)
	ada.sees(".row.failed .state", "The page was closed while this was being uploaded:")
	ada.sees("parley-composer .wrong", "unsent.bin")
	ada.screenshot("lost")
	ada.click(".row.failed [data-act=again]")
	pia.sees(".row .body", "These words stay")
	const sent = `[...document.querySelectorAll(".card .name")].map(e => e.textContent).join()`
	if got := eval[string](pia, sent); got != "again.bin,cut.bin" {
		t.Errorf("the files %s have come, want again.bin and cut.bin, each once", got)
	}
}
