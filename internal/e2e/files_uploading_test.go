package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

func TestBrowsersGoOnWhileFilesAreUploaded(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	p := startProxy(t, s.Host)
	ada := newPerson(t, s.by(p), "Ada", slowPhone)
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
	ada.click("dialog.drawer .make-room")
	ada.types("#make-name", "garden")
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
	ada := newPerson(t, s.by(p), "Ada", desktop)
	ada.prefers("light")
	ada.joins("lobby")
	pia := newPerson(t, s, "Pia", slowPhone)
	pia.joins("lobby")
	ada.expectTrouble("ERR_", "WebSocket connection")

	p.away(true)
	ada.picks(noise(t, "first.bin", 5000)) // what uploads it is not there yet
	ada.sees("parley-composer .wrong", "can’t be attached without a connection")
	p.away(false)
	ada.comesBack("the connection", `document.body.dataset.connection === "open"`)

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
	p.Trickle(1<<10, 20*time.Millisecond)
	ada.picks(noise(t, "cut.bin", 900_000))
	ada.sendsFiles("After the cut")
	ada.sees(`.row.sending .upload[data-state="sending"]`, "")
	p.Refuse(true)
	p.Cut()
	ada.sees(".row.failed .state", "was not uploaded")
	p.Trickle(0, 0)
	p.Refuse(false)
	ada.comesBack("it to be sent", sentRow("After the cut"))
	pia.sees(".card .name", "cut.bin")
	pia.sees(".row .body", "After the cut")

	// A reload in the middle: the page says what it lost and keeps the words.
	p.Trickle(1<<10, 20*time.Millisecond)
	ada.picks(noise(t, "lost.bin", 900_000))
	ada.sendsFiles("These words stay")
	ada.sees(`.row.sending .upload[data-state="sending"]`, "")
	ada.picks(noise(t, "unsent.bin", 5000))
	ada.sees(".tray .name", "unsent.bin")
	ada.leaves(false)
	ada.sees(`.row.sending .upload[data-state="sending"]`, "")
	ada.leaves(true)
	p.Trickle(0, 0)
	ada.connected()
	ada.sees(".row.failed .state", "The page was closed while this was being uploaded:")
	ada.sees("parley-composer .wrong", "unsent.bin")
	ada.screenshot("lost")
	ada.accessible("a message that failed", axe(t), desktop, phone)
	ada.fits("a message that failed", everyWidth...)
	ada.resize(desktop)
	ada.click(".row.failed [data-act=again]")
	pia.sees(".row .body", "These words stay")
	const sent = `[...document.querySelectorAll(".card .name")].map(e => e.textContent).join()`
	if got := eval[string](pia, sent); got != "again.bin,cut.bin" {
		t.Errorf("the files %s have come, want again.bin and cut.bin, each once", got)
	}
}

// leaves loads the page anew, which the browser asks about, and goes through with it or not.
func (p *person) leaves(really bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	asked := make(chan page.DialogType, 1)
	if err := chromedp.Listen(ctx, func(ev any) {
		if dialog, ok := ev.(*page.EventJavascriptDialogOpening); ok {
			asked <- dialog.Type
		}
	}); err != nil {
		p.t.Fatal(err)
	}
	eval[bool](p, `window.isOld = true, setTimeout(() => location.reload()) > 0`)
	select {
	case kind := <-asked:
		if kind != page.DialogTypeBeforeunload {
			p.t.Errorf("the browser asks %s", kind)
		}
	case <-ctx.Done():
		p.t.Fatal("the browser does not ask before the page is left")
	}
	if _, err := chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: really}); err != nil {
		p.t.Fatal(err)
	}
	if really {
		p.until("the page anew", "!window.isOld")
	}
}
