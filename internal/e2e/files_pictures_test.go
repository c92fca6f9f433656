package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

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
	for _, p := range []*person{ada, pia} { // three in a row; a fourth makes them two by two
		eval[bool](p, `(one => one.after(one.cloneNode(true)))(document.querySelector(".shot")) ?? true`)
		if got := eval[string](p, `(all => ["left", "top"].map(side => new Set(all.map(e => Math.round(e.getBoundingClientRect()[side]))).size).join(" by "))
			([...document.querySelectorAll(".row:has(.shot ~ .shot) .shot")])`); got != "2 by 2" {
			t.Errorf("four pictures stand %s", got)
		}
		eval[bool](p, `document.querySelector(".shot").scrollIntoView(), true`)
		p.screenshot("four")
	}
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
	p.isDrawn()
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
