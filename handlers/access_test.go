package handlers

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/relay"
)

// newTestApp is the web server as far as its routes go.
func newTestApp(t *testing.T) *App {
	t.Helper()
	hub := chat.NewHub(chat.Options{Relay: relay.Local{}})
	t.Cleanup(func() { _ = hub.Drain(t.Context()) })
	app, err := New(Deps{
		Config: config.Default(), Hub: hub, Views: os.DirFS(filepath.Join("..", "views")), Static: os.DirFS(filepath.Join("..", "static")),
		Metrics: NewMetrics("", nil), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.cancel)
	return app
}

func TestEveryRouteHasARowAndEveryRowARoute(t *testing.T) {
	app := newTestApp(t)
	rows := map[string]bool{}
	for _, r := range app.site.table() {
		rows[r.method+" "+r.path] = true
		if r.method == "GET" {
			rows["HEAD "+r.path] = true
		}
	}
	routes := map[string]bool{}                   // Fiber makes one of two rows of the same address
	for _, r := range app.fiber.GetRoutes(true) { // without what stands before all of them
		routes[r.Method+" "+r.Path] = true
	}
	if fmt.Sprint(rows) != fmt.Sprint(routes) {
		t.Errorf("the table has\n%v, and the server\n%v", rows, routes)
	}
}

func TestPageOfWhoMayDoWhatSaysWhatTheTableSays(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "access.md"))
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| GET ") || strings.HasPrefix(line, "| POST ") || strings.HasPrefix(line, "| DELETE ") {
			said = append(said, strings.TrimSpace(line))
		}
	}
	var want []string
	for _, r := range newTestApp(t).site.table() {
		limited := " "
		if r.limited {
			limited = " yes "
		}
		want = append(want, fmt.Sprintf("| %s | %s | %s | %s |%s|", r.method, r.path, r.kind, r.who, limited))
	}
	if !slices.Equal(said, want) {
		t.Errorf("docs/access.md says\n%s\nand the table\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}

func TestDevicesAreNamedInPlainWords(t *testing.T) {
	for agent, want := range map[string]device{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0": {
			Browser: "Edge", System: "Windows",
		},
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1": {
			Browser: "Safari", System: "iPhone",
		},
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36": {
			Browser: "Chrome", System: "Android",
		},
		"Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0": {Browser: "Firefox", System: "Linux"},
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15": {
			Browser: "Safari", System: "Mac",
		},
		"curl/8.5.0":                       {Program: "curl"},
		"Go-http-client/1.1":               {Program: "Go-http-client"},
		"":                                 {},
		"<script>alert(1)</script>":        {},
		"Mozilla/5.0 <img src=x>":          {},
		"evil\u202egnp.exe/1":              {},
		strings.Repeat("x", 200):           {},
		"Mozilla/5.0 (compatible; Chrome/": {Browser: "Chrome"},
	} {
		if got := deviceOf(agent); got != want {
			t.Errorf("%q is %+v, want %+v", agent, got, want)
		}
	}
}
