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
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
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
			if (event.data.size > 0 && recorder.state === "recording") recorder.stop(); // nothing is there before the first picture
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
