package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// engine is a browser that isn't Chromium, driven as its makers offer it.
type engine interface {
	// navigate goes to an address and returns when the page is loaded.
	navigate(url string) error
	// evaluate returns the value of a JavaScript expression, as JSON.
	evaluate(expression string) (json.RawMessage, error)
	// perform does what hands do, as https://www.w3.org/TR/webdriver2/#actions describes it.
	perform(actions ...map[string]any) error
	// wrong is what the page had to object to, where the engine tells.
	wrong() []string
}

// child starts a program that ends, with all that it started itself, at the end of the test.
func child(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; make test installs it", err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
}

// lineWith returns what follows prefix in the first line that has it.
func lineWith(t *testing.T, from io.Reader, prefix string) string {
	t.Helper()
	found := make(chan string, 1)
	go func() { // ends with the program that writes
		lines := bufio.NewScanner(from)
		for lines.Scan() {
			if _, rest, ok := strings.Cut(lines.Text(), prefix); ok {
				found <- rest
				break
			}
		}
		_, _ = io.Copy(io.Discard, from)
	}()
	select {
	case rest := <-found:
		return rest
	case <-time.After(6 * patience):
		t.Fatalf("nothing was said of %q", prefix)
		return ""
	}
}

// gecko speaks WebDriver BiDi with Firefox.
type gecko struct {
	ws      *websocket.Conn
	last    int
	context string
	errors  []string
}

func startFirefox(t *testing.T) engine {
	t.Helper()
	profile := t.TempDir()
	settings := `user_pref("app.update.enabled", false); user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false); user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,"); user_pref("browser.safebrowsing.downloads.remote.enabled", false);
user_pref("toolkit.telemetry.enabled", false); user_pref("extensions.update.enabled", false);
user_pref("ui.primaryPointerCapabilities", 6); user_pref("ui.allPointerCapabilities", 6);`
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("firefox-esr", "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "MOZ_DISABLE_CONTENT_SANDBOX=1")
	says, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	child(t, cmd)
	ws, _, err := websocket.DefaultDialer.Dial(lineWith(t, says, "WebDriver BiDi listening on ")+"/session", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	f := &gecko{ws: ws}
	if err := f.ask("session.new", map[string]any{"capabilities": map[string]any{}}, nil); err != nil {
		t.Fatal(err)
	}
	var tree struct{ Contexts []struct{ Context string } }
	if err := f.ask("browsingContext.getTree", map[string]any{}, &tree); err != nil || len(tree.Contexts) == 0 {
		t.Fatalf("no tab: %v", err)
	}
	f.context = tree.Contexts[0].Context
	if err := f.ask("session.subscribe", map[string]any{"events": []string{"log.entryAdded"}}, nil); err != nil {
		t.Fatal(err)
	}
	size := map[string]any{"width": desktop.width, "height": desktop.height}
	if err := f.ask("browsingContext.setViewport", map[string]any{"context": f.context, "viewport": size}, nil); err != nil {
		t.Fatal(err)
	}
	return f
}

// ask gives a command and waits for its result. What the page logs meanwhile is kept.
func (f *gecko) ask(method string, params map[string]any, result any) error {
	f.last++
	if err := f.ws.WriteJSON(map[string]any{"id": f.last, "method": method, "params": params}); err != nil {
		return err
	}
	_ = f.ws.SetReadDeadline(time.Now().Add(3 * patience))
	for {
		var answer struct {
			ID             int
			Type           string
			Error, Message string
			Result, Params json.RawMessage
		}
		if err := f.ws.ReadJSON(&answer); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		switch {
		case answer.Type == "event":
			var entry struct{ Level, Text string }
			if json.Unmarshal(answer.Params, &entry) == nil && entry.Level == "error" {
				f.errors = append(f.errors, entry.Text)
			}
		case answer.ID != f.last:
		case answer.Type == "error":
			return fmt.Errorf("%s: %s: %s", method, answer.Error, answer.Message)
		case result == nil:
			return nil
		default:
			return json.Unmarshal(answer.Result, result)
		}
	}
}

func (f *gecko) navigate(url string) error {
	return f.ask("browsingContext.navigate", map[string]any{"context": f.context, "url": url, "wait": "complete"}, nil)
}

func (f *gecko) evaluate(expression string) (json.RawMessage, error) {
	var evaluated struct {
		Type             string
		Result           struct{ Value string }
		ExceptionDetails struct{ Text string }
	}
	params := map[string]any{
		"expression": "JSON.stringify(" + expression + ")", "target": map[string]any{"context": f.context}, "awaitPromise": true,
	}
	if err := f.ask("script.evaluate", params, &evaluated); err != nil {
		return nil, err
	}
	if evaluated.Type != "success" {
		return nil, errors.New(evaluated.ExceptionDetails.Text)
	}
	return json.RawMessage(evaluated.Result.Value), nil
}

func (f *gecko) perform(actions ...map[string]any) error {
	return f.ask("input.performActions", map[string]any{"context": f.context, "actions": actions}, nil)
}

func (f *gecko) wrong() []string { return f.errors }

// webkit speaks WebDriver with WebKitGTK's small browser.
type webkit struct{ session string }

func startWebKit(t *testing.T) engine {
	t.Helper()
	screen := exec.Command("Xvfb", "-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp")
	display, err := screen.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	child(t, screen)
	address := freeAddress(t)
	_, port, _ := strings.Cut(address, ":")
	driver := exec.Command("WebKitWebDriver", "--port="+port)
	driver.Env = append(os.Environ(), "DISPLAY=:"+lineWith(t, display, ""), "HOME="+t.TempDir(), "GDK_BACKEND=x11", "NO_AT_BRIDGE=1",
		"LIBGL_ALWAYS_SOFTWARE=1", "WEBKIT_DISABLE_DMABUF_RENDERER=1")
	child(t, driver)
	answers := func() bool {
		resp, err := http.Get("http://" + address + "/status")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}
	for end := time.Now().Add(6 * patience); !answers(); time.Sleep(30 * time.Millisecond) { // it doesn't say when it listens
		if time.Now().After(end) {
			t.Fatal("the driver doesn't answer")
		}
	}
	browsers, _ := filepath.Glob("/usr/lib/*/webkit2gtk-4.*/MiniBrowser")
	if len(browsers) == 0 {
		t.Fatal("there is no MiniBrowser of WebKitGTK; make test installs it")
	}
	options := map[string]any{"binary": browsers[len(browsers)-1], "args": []string{"--automation"}}
	w := &webkit{session: "http://" + address + "/session"}
	var made struct{ SessionID string }
	err = w.ask("", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{"webkitgtk:browserOptions": options}}}, &made)
	if err != nil {
		t.Fatal(err)
	}
	w.session += "/" + made.SessionID
	size := map[string]any{"width": desktop.width, "height": desktop.height}
	if err := w.ask("/window/rect", size, nil); err != nil {
		t.Fatal(err)
	}
	return w
}

// ask posts a command and waits for its value.
func (w *webkit) ask(command string, params map[string]any, value any) error {
	body, err := json.Marshal(params)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: 6 * patience}
	resp, err := client.Post(w.session+command, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var answer struct{ Value json.RawMessage }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s %s", command, resp.Status, answer.Value)
	}
	if value == nil {
		return nil
	}
	return json.Unmarshal(answer.Value, value)
}

func (w *webkit) navigate(url string) error { return w.ask("/url", map[string]any{"url": url}, nil) }

func (w *webkit) evaluate(expression string) (json.RawMessage, error) {
	var value string
	err := w.ask("/execute/sync", map[string]any{"script": "return JSON.stringify(" + expression + ")", "args": []any{}}, &value)
	return json.RawMessage(value), err
}

func (w *webkit) perform(actions ...map[string]any) error {
	return w.ask("/actions", map[string]any{"actions": actions}, nil)
}

func (w *webkit) wrong() []string { return nil }
