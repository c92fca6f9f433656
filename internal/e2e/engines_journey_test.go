package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// traveller is somebody at another browser than Chromium.
type traveller struct {
	t *testing.T
	engine
}

// get returns the value of a JavaScript expression in the page.
func get[T any](v *traveller, expression string) (value T) {
	v.t.Helper()
	found, err := v.evaluate(expression)
	if err == nil {
		err = json.Unmarshal(found, &value)
	}
	if err != nil {
		v.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// waits waits until a condition holds, which these browsers have to be asked for. A page on its way to another has no answer.
func (v *traveller) waits(what, condition string) {
	v.t.Helper()
	var found json.RawMessage
	var err error
	for end := time.Now().Add(2 * patience); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		if found, err = v.evaluate("Boolean(" + condition + ")"); err == nil && string(found) == "true" {
			return
		}
	}
	v.t.Fatalf("waited in vain for %s (%v)", what, err)
}

// does is what hands do.
func (v *traveller) does(device, kind string, parameters map[string]any, steps ...map[string]any) {
	v.t.Helper()
	source := map[string]any{"type": kind, "id": device, "actions": steps}
	if parameters != nil {
		source["parameters"] = parameters
	}
	if err := v.perform(source); err != nil {
		v.t.Fatal(err)
	}
}

// types types on the keyboard, wherever the focus is.
func (v *traveller) types(text string) {
	v.t.Helper()
	var steps []map[string]any
	for _, key := range text {
		steps = append(steps, map[string]any{"type": "keyDown", "value": string(key)}, map[string]any{"type": "keyUp", "value": string(key)})
	}
	v.does("keyboard", "key", nil, steps...)
}

// The keys as WebDriver names them.
const (
	keyEnter  = "\uE007"
	keyPageUp = "\uE00E"
)

// clicks presses the mouse on the middle of the first such element that is shown.
func (v *traveller) clicks(selector string) {
	v.t.Helper()
	element := fmt.Sprintf(`[...document.querySelectorAll(%s)].find(e => e.getClientRects().length > 0)`, quote(selector))
	v.waits(selector, element)
	at := get[[2]float64](v, fmt.Sprintf(`(r => [r.x + r.width / 2, r.y + r.height / 2])(%s.getBoundingClientRect())`, element))
	v.does("mouse", "pointer", map[string]any{"pointerType": "mouse"},
		map[string]any{"type": "pointerMove", "x": int(at[0]), "y": int(at[1])}, map[string]any{"type": "pointerDown", "button": 0},
		map[string]any{"type": "pause", "duration": 50}, map[string]any{"type": "pointerUp", "button": 0})
}

// TestOtherBrowsersGoThroughTheCoreJourney has people in Firefox and WebKitGTK join, send, receive, read up to the beginning and come
// back after the server was gone.
func TestOtherBrowsersGoThroughTheCoreJourney(t *testing.T) {
	t.Parallel()
	for _, of := range []struct {
		name  string
		start func(*testing.T) engine
	}{{"Firefox", startFirefox}, {"WebKitGTK", startWebKit}} {
		t.Run(of.name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, withoutLimits...)
			fill(t, s, 200)
			bob := s.json(t, "Bob", "")
			v := &traveller{t, of.start(t)}
			defer func() {
				if t.Failed() {
					page, _ := v.evaluate("document.body.innerText")
					t.Logf("%s showed %s; wrong: %s", of.name, page, v.wrong())
				}
			}()
			v.joins(s, "Fay 王")
			v.sends("from " + of.name)
			bob.until(t, `"text":"from `+of.name+`"`)
			bob.say("b1", "to you")
			v.waits("Bob's message", shown(".row .body", "to you"))

			v.readsUp(202)
			v.clicks(".latest") // while the last key still moves the log, in Firefox
			v.waits("the end", `Math.abs(document.querySelector("parley-log .scroll").scrollTop) < 2`)

			s.Kill()
			v.waits("the banner", shown("parley-banner", "No connection"))
			v.clicks("#text")
			v.types("meanwhile" + keyEnter)
			v.waits("the row of what waits", shown(".row.mine.sending .body", "meanwhile"))
			s.Start()
			v.waits("the message to be sent", sentRow("meanwhile"))
			v.waits("no banner", "!"+shown("parley-banner", ""))
			texts := get[[]string](v, `[...document.querySelectorAll(".row .body")].map(b => b.textContent)`)
			want := []string{"from " + of.name, "to you", "meanwhile"}
			if got := texts[len(texts)-3:]; !slices.Equal(got, want) {
				t.Errorf("the end of the log is %q, want %q", got, want)
			}
			said := 0
			for _, m := range s.json(t, "Eve", "").history("lobby") {
				if m.Text == "meanwhile" {
					said++
				}
			}
			if said != 1 {
				t.Errorf("what was written meanwhile is there %d times", said)
			}
			for _, wrong := range v.wrong() {
				if !strings.Contains(wrong, "ws://") { // Firefox tells of each try to connect while the server was away
					t.Errorf("the page objects: %s", wrong)
				}
			}
		})
	}
}

func (v *traveller) joins(s *server, name string) {
	v.t.Helper()
	if err := v.navigate(s.URL + "/?room=lobby"); err != nil {
		v.t.Fatal(err)
	}
	v.clicks("#name")
	v.types(name + keyEnter)
	v.waits("the connection", `document.body.dataset.connection === "open"`)
}

func (v *traveller) sends(text string) {
	v.t.Helper()
	v.clicks("#text")
	v.types(text + keyEnter)
	v.waits("the message to be sent", sentRow(text))
}

// readsUp goes to the beginning of the log by the keyboard. Each page that comes leaves what one reads where it stood.
func (v *traveller) readsUp(last int) {
	v.t.Helper()
	get[bool](v, `(document.querySelector("parley-log .scroll").focus(), true)`)
	first := `Number(document.querySelector('.row` + stored + `').dataset.seq)`
	for end := time.Now().Add(3 * patience); get[int](v, first) > 1; {
		if time.Now().After(end) {
			v.t.Fatalf("the oldest message that comes is %d", get[int](v, first))
		}
		v.types(keyPageUp)
	}
	seqs := get[[]int](v, `[...document.querySelectorAll('.row`+stored+`')].map(r => Number(r.dataset.seq))`)
	for i, seq := range seqs {
		if seq != i+1 {
			v.t.Fatalf("message %d stands at place %d of %d", seq, i+1, last)
		}
	}
}
