//go:build report

package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// reportRounds is how often make page-report looks at each page.
var reportRounds = flag.Int("page.rounds", 3, "have Lighthouse look at the pages so many times each")

// What Lighthouse has to say of the pages at least, from 0 to 1, and how much they may weigh.
const (
	scoreWhole = 1.0
	scoreFast  = 0.95
	joinWeight = 15_000
	chatWeight = 60_000
)

// lighthouse is what it found of a page, in one or as the median of several rounds.
type lighthouse struct {
	performance, accessibility, practices float64
	paint, interactive, blocked, shift    float64 // ms, ms, ms, share of the window
	bytes, requests                       float64
}

// TestPageReport has Lighthouse look at both pages, as a phone and as a desktop, over plain HTTP. make page-report runs it, not make
// test: it judges times, which on a busy machine are not the pages'.
func TestPageReport(t *testing.T) {
	s := startProgram(t, programFor(t, true), withoutLimits...)
	fill(t, s, 60)
	_, cookie := s.join(t, url.Values{"name": {"Pia"}}, nil)
	fmt.Println("| page | as | performance | accessibility | best practices | first paint ms | interactive ms | blocked ms | shift | bytes | requests |")
	fmt.Println("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
	for _, page := range []struct {
		name, path, cookie string
		weight             float64
	}{{"join", "/", "", joinWeight}, {"chat", "/rooms/lobby", cookie, chatWeight}} {
		for _, as := range []string{"mobile", "desktop"} {
			var all []lighthouse
			for range *reportRounds {
				all = append(all, look(t, s.URL+page.path, page.cookie, as))
			}
			found := medianOf(all)
			fmt.Printf("| %s | %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.3f | %.0f | %.0f |\n", page.name, as, 100*found.performance,
				100*found.accessibility, 100*found.practices, found.paint, found.interactive, found.blocked, found.shift, found.bytes, found.requests)
			if found.accessibility < scoreWhole || found.practices < scoreWhole || found.performance < scoreFast || found.bytes > page.weight {
				t.Errorf("%s, %s: wanted 100 for accessibility and best practices, 95 for performance, and %.0f bytes at most", page.name, as, page.weight)
			}
		}
	}
}

// look runs Lighthouse once.
func look(t *testing.T, address, cookie, as string) lighthouse {
	t.Helper()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	headers := filepath.Join(t.TempDir(), "headers.json")
	b, _ := json.Marshal(map[string]string{"Cookie": cookie, "Accept-Language": "en"})
	if err := os.WriteFile(headers, b, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{
		address, "--quiet", "--output=json", "--output-path=stdout", "--extra-headers=" + headers,
		"--only-categories=performance,accessibility,best-practices",
		"--chrome-flags=--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync",
	}
	if as == "desktop" {
		args = append(args, "--preset=desktop")
	}
	cmd := exec.Command(filepath.Join("..", "..", ".cache", "report", "node_modules", ".bin", "lighthouse"), args...)
	cmd.Env = append(os.Environ(), "CHROME_PATH="+browser)
	out, problems, code := ran(t, cmd)
	if code != 0 {
		t.Fatalf("Lighthouse ended with %d: %s", code, problems)
	}
	return readLighthouse(t, out)
}

func readLighthouse(t *testing.T, out string) lighthouse {
	t.Helper()
	var report struct {
		Categories map[string]struct{ Score float64 }
		Audits     map[string]struct {
			Title        string
			Score        *float64
			NumericValue float64
			Details      json.RawMessage // of another form in each
		}
		RuntimeError struct{ Message string }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || report.RuntimeError.Message != "" {
		t.Fatalf("Lighthouse's report: %v %s", err, report.RuntimeError.Message)
	}
	for name, audit := range report.Audits {
		if audit.Score != nil && *audit.Score < 0.9 {
			t.Logf("%s: %s (%.2f)", name, audit.Title, *audit.Score)
		}
	}
	var network struct {
		Items []struct{ TransferSize float64 }
	}
	if err := json.Unmarshal(report.Audits["network-requests"].Details, &network); err != nil {
		t.Fatal(err)
	}
	requests := network.Items
	found := lighthouse{
		performance: report.Categories["performance"].Score, accessibility: report.Categories["accessibility"].Score,
		practices: report.Categories["best-practices"].Score, paint: report.Audits["first-contentful-paint"].NumericValue,
		interactive: report.Audits["interactive"].NumericValue, blocked: report.Audits["total-blocking-time"].NumericValue,
		shift: report.Audits["cumulative-layout-shift"].NumericValue, requests: float64(len(requests)),
	}
	for _, request := range requests {
		found.bytes += request.TransferSize
	}
	return found
}

// medianOf is, of each figure, the one in the middle.
func medianOf(all []lighthouse) lighthouse {
	middle := func(of func(*lighthouse) float64) float64 {
		var figures []float64
		for i := range all {
			figures = append(figures, of(&all[i]))
		}
		slices.Sort(figures)
		return figures[len(figures)/2]
	}
	return lighthouse{
		performance:   middle(func(l *lighthouse) float64 { return l.performance }),
		accessibility: middle(func(l *lighthouse) float64 { return l.accessibility }),
		practices:     middle(func(l *lighthouse) float64 { return l.practices }),
		paint:         middle(func(l *lighthouse) float64 { return l.paint }),
		interactive:   middle(func(l *lighthouse) float64 { return l.interactive }),
		blocked:       middle(func(l *lighthouse) float64 { return l.blocked }),
		shift:         middle(func(l *lighthouse) float64 { return l.shift }),
		bytes:         middle(func(l *lighthouse) float64 { return l.bytes }),
		requests:      middle(func(l *lighthouse) float64 { return l.requests }),
	}
}
