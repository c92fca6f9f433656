package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// watched is a person whose page's cost is measured: alone in a browser of their own, so that its processes are the page's.
type watched struct {
	*person
	browser *profile
	slow    float64
	said    int // in the room
}

// newWatched starts the browser. slow is by how much its page's thread is slowed down, 1 for not.
func newWatched(t *testing.T, s *server, name string, w window, slow float64) *watched {
	t.Helper()
	browser := newProfile(t, s, name)
	p := &watched{person: browser.Open(), browser: browser, slow: slow}
	t.Cleanup(p.report)
	p.resize(w)
	if _, err := chromedp.Call(p.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: slow}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(p.ctx, performance.Enable, performance.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	p.starts(observe)
	return p
}

// observe has every page note what it says of itself: tasks of its thread above 50 ms, how long after a key was pressed the next
// picture was there, where that took 16 ms or more, and what moved without anybody's doing (0 to 1 and more): all of it, and what isn't a
// row of the log. Those move up when one comes below them. And when the script had built the page, and when it was connected.
//
// A banner says that connecting takes long, where it does. It stands aside here, so that what it would move isn't counted.
const observe = `{
	const aside = new CSSStyleSheet();
	aside.replaceSync("parley-banner { position: fixed; inset-block-start: 0; }");
	document.adoptedStyleSheets.push(aside);
	window.seen = {tasks: [], keys: [], shift: 0, frame: 0, moved: []};
	const on = (type, act, more) => new PerformanceObserver(list => list.getEntries().forEach(act)).observe({type, ...more});
	on("longtask", e => window.seen.tasks.push(e.duration));
	on("event", e => e.name === "keydown" && window.seen.keys.push(e.duration), {durationThreshold: 16});
	// What one thing that moved adds: the share of the window that it was on and is on now, times how far it went.
	const moved = ({previousRect: was, currentRect: is}) => {
		const across = Math.max(0, Math.min(was.right, is.right) - Math.max(was.left, is.left));
		const along = Math.max(0, Math.min(was.bottom, is.bottom) - Math.max(was.top, is.top));
		const area = was.width * was.height + is.width * is.height - across * along;
		const way = Math.max(Math.abs(is.left - was.left), Math.abs(is.top - was.top));
		return area / (innerWidth * innerHeight) * way / Math.max(innerWidth, innerHeight);
	};
	on("layout-shift", e => {
		if (e.hadRecentInput) return;
		const rows = document.querySelector(".rows");
		window.seen.shift += e.value;
		for (const source of e.sources) {
			const {node} = source;
			if (!node || node === rows?.parentElement || rows?.contains(node)) continue;
			window.seen.frame += moved(source);
			window.seen.moved.push((node.className || node.nodeName) + " " + moved(source).toFixed(4));
		}
	});
	new MutationObserver(() => {
		const state = document.body?.dataset.connection;
		if (state) window.seen.usable ??= performance.now();
		if (state === "open") window.seen.open ??= performance.now();
	}).observe(document, {subtree: true, attributeFilter: ["data-connection"]});
}`

// seen is what observe has noted, in milliseconds, and of the readings before and after what is held to a bound.
type seen struct {
	Tasks, Keys  []float64
	Shift, Frame float64

	thread float64 // seconds that the page's thread took
	heap   float64 // MB of JavaScript that are left when the garbage is collected
}

// longest is the longest task, 0 where none took 50 ms.
func (s *seen) longest() float64 { return slices.Max(append([]float64{0}, s.Tasks...)) }

// reading is what a page has used until now and what it holds.
type reading struct {
	task, script, layout, style float64 // seconds of the page's thread, which a slowed down one takes longer for
	renderer, browser           float64 // seconds of CPU: of the page's process, of all processes of the browser
	heap, private               float64 // MB: of JavaScript; of memory that is the process's alone
	elements                    int
}

// read takes a reading, after the garbage is collected where it is asked for.
func (p *watched) read(collect bool) reading {
	p.t.Helper()
	if collect {
		if _, err := chromedp.Call(p.ctx, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
			p.t.Fatal(err)
		}
	}
	result, err := chromedp.Call(p.ctx, performance.GetMetrics, cdp.Empty{})
	if err != nil {
		p.t.Fatal(err)
	}
	is := map[string]float64{}
	for _, m := range result.Metrics {
		is[m.Name] = m.Value
	}
	r := reading{
		task: is["TaskDuration"], script: is["ScriptDuration"], layout: is["LayoutDuration"], style: is["RecalcStyleDuration"],
		heap: is["JSHeapUsedSize"] / 1e6, elements: eval[int](p.person, `document.querySelectorAll("*").length`),
	}
	for _, pid := range family(p.t, p.browser.first.Process.Pid) {
		used := processTime(pid)
		r.browser += used
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if strings.Contains(string(line), "--type=renderer") && used > r.renderer { // others are spares, which do nothing
			r.renderer, r.private = used, privateMemory(pid)/1e6
		}
	}
	return r
}

// processTime is how much CPU a process has used, in seconds; 0 for one that has ended.
func processTime(pid int) float64 {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(stat), ") ") // the name before may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100 // USER_HZ, which is 100 wherever Linux runs Chromium
}

// privateMemory is what would be free if a process ended, in bytes.
func privateMemory(pid int) float64 {
	maps, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	sum := 0.0
	for line := range strings.Lines(string(maps)) {
		var name string
		var kilobytes float64
		if _, err := fmt.Sscan(line, &name, &kilobytes); err == nil && strings.HasPrefix(name, "Private_") {
			sum += kilobytes * 1024
		}
	}
	return sum
}

// measure reports what the page uses while act goes on, and what it holds before and after.
func (p *watched) measure(to *pageTable, run string, act func()) seen {
	p.t.Helper()
	before := p.read(true)
	eval[bool](p.person, "Object.assign(window.seen, {tasks: [], keys: [], shift: 0, frame: 0}), true")
	began := time.Now()
	act()
	took := time.Since(began).Seconds()
	end := p.read(false)
	after := p.read(true)
	found := eval[seen](p.person, "window.seen")
	found.thread, found.heap = end.task-before.task, after.heap
	to.note(run, "seconds", "%.1f", took)
	to.note(run, "CPU s, page's process", "%.2f", end.renderer-before.renderer)
	to.note(run, "CPU s, whole browser", "%.2f", end.browser-before.browser)
	to.note(run, "thread s", "%.2f", found.thread)
	to.note(run, "… of it script", "%.2f", end.script-before.script)
	to.note(run, "… style", "%.2f", end.style-before.style)
	to.note(run, "… layout", "%.2f", end.layout-before.layout)
	to.note(run, "tasks > 50 ms", "%.0f", float64(len(found.Tasks)))
	to.note(run, "longest task ms", "%.0f", found.longest())
	to.note(run, "elements before", "%.0f", float64(before.elements))
	to.note(run, "elements after", "%.0f", float64(end.elements))
	to.note(run, "heap MB before", "%.1f", before.heap)
	to.note(run, "heap MB at the end", "%.1f", end.heap)
	to.note(run, "heap MB collected", "%.1f", after.heap)
	to.note(run, "private MB before", "%.0f", before.private)
	to.note(run, "private MB after", "%.0f", after.private)
	to.note(run, "layout shift", "%.3f", found.Shift)
	to.note(run, "… outside of the log", "%.3f", found.Frame)
	return found
}

// lateFrames is how many of so many frames came later than one and a half of their time.
func (p *watched) lateFrames(frames int) int {
	p.t.Helper()
	const count = `window.late = null, (() => {
		let late = 0, left = %d, was = 0;
		requestAnimationFrame(function next(now) {
			if (was && now - was > 25) late++;
			was = now;
			if (left--) requestAnimationFrame(next); else window.late = late;
		});
		return true;
	})()`
	eval[bool](p.person, fmt.Sprintf(count, frames))
	p.untilWithin(6*patience, "the frames", "window.late !== null")
	return eval[int](p.person, "window.late")
}

// pageTable is a table of figures by what they are of and in which run they were measured.
type pageTable struct {
	runs, names []string
	cells       map[[2]string]pageFigure
}

type pageFigure struct {
	value float64
	shown string
}

func (c *pageTable) note(run, name, format string, value float64) {
	if c.cells == nil {
		c.cells = map[[2]string]pageFigure{}
	}
	if !slices.Contains(c.runs, run) {
		c.runs = append(c.runs, run)
	}
	if !slices.Contains(c.names, name) {
		c.names = append(c.names, name)
	}
	c.cells[[2]string{run, name}] = pageFigure{value, fmt.Sprintf(format, value)}
}

// best keeps the least of several.
func (c *pageTable) best(run, name string, value float64) {
	if was, ok := c.cells[[2]string{run, name}]; !ok || value < was.value {
		c.note(run, name, "%.0f", value)
	}
}

// print writes the table as Markdown and its figures as JSON.
func (c *pageTable) print() {
	fmt.Printf("\n| | %s |\n|---|%s\n", strings.Join(c.runs, " | "), strings.Repeat("---:|", len(c.runs)))
	byRun := map[string]map[string]float64{}
	for _, run := range c.runs {
		byRun[run] = map[string]float64{}
	}
	for _, name := range c.names {
		row := []string{name}
		for _, run := range c.runs {
			cell, ok := c.cells[[2]string{run, name}]
			if !ok {
				cell.shown = "–"
			} else {
				byRun[run][name] = cell.value
			}
			row = append(row, cell.shown)
		}
		fmt.Println("| " + strings.Join(row, " | ") + " |")
	}
	out, _ := json.Marshal(byRun)
	fmt.Printf("\n%s\n", out)
}

// percentile of values, 0 to 1; 0 for none.
func percentile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}
