package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe is the source of axe-core, which `make js` installs. It is run in the page by the debugger: the page's own policy lets no
// foreign script in.
func axe(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", ".cache", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("axe-core is missing; make js installs it: %v", err)
	}
	return string(source)
}

// objections are what axe objects to, each as a line, or that it looked at nothing.
const objections = `axe.run(document, {resultTypes: ["violations"]}).then(({violations, passes}) => {
	if (passes.length < 5) return ["axe looked at nothing on " + location.href];
	const line = (v, n) => v.id + " (" + v.help + "): " + n.target.join(" ") + " — " + n.failureSummary;
	return violations.flatMap(v => v.nodes.map(n => line(v, n)));
})`

// accessible requires that axe finds nothing to object to in what the person sees now, in windows of these sizes, light and dark.
func (p *person) accessible(state, axe string, windows ...window) {
	p.t.Helper()
	if !eval[bool](p, "Boolean(window.axe)") {
		eval[bool](p, axe+"; true")
	}
	for _, w := range windows {
		p.resize(w)
		for _, theme := range []string{"light", "dark"} {
			p.prefers(theme)
			found, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](objections, chromedp.EvalAwaitPromise))
			if err != nil {
				p.t.Fatalf("%s: axe: %v", p.name, err)
			}
			for _, objection := range found {
				p.t.Errorf("%s, %s, %d px: %s", state, theme, w.width, objection)
			}
			p.screenshot(fmt.Sprintf("%s %s %d", state, theme, w.width))
		}
	}
}
