package load

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Row is what was found with one of the values. What is unknown is left out.
type Row struct {
	Name    string   `json:"name"`
	Figures []Figure `json:"figures"`
}

// Add is [Result.Add] for one row.
func (r *Row) Add(name string, value float64, unit string) {
	r.Figures = append(r.Figures, Figure{name, value, unit})
}

// part measures one of several parts of a run, and returns what ends that. In the result is what all parts used together.
func (b *Bench) part() (stop func() (server Used, seconds float64)) {
	r := b.Result
	server, own, seconds, peak := r.Server, r.Bench, r.Seconds, b.Server.peak
	b.Server.peak = 0
	end := b.Measure()
	return func() (Used, float64) {
		end()
		part, took := r.Server, r.Seconds
		part.PeakMemory = max(part.PeakMemory, b.Server.peak)
		b.Server.peak = max(peak, part.PeakMemory)
		r.Server, r.Bench, r.Seconds = plus(server, part), plus(own, r.Bench), seconds+took
		return part, took
	}
}

func plus(a, b Used) Used {
	return Used{
		CPUSeconds: a.CPUSeconds + b.CPUSeconds, UserSeconds: a.UserSeconds + b.UserSeconds, SysSeconds: a.SysSeconds + b.SysSeconds,
		Memory: b.Memory, PeakMemory: max(a.PeakMemory, b.PeakMemory),
	}
}

// writeRows writes a line for each row, with a column for each figure that any of them has.
func (r *Result) writeRows(t *strings.Builder) {
	if len(r.Rows) == 0 {
		return
	}
	cells := [][]string{{r.RowsOf}}
	for _, row := range r.Rows {
		line := make([]string, len(cells[0]), len(cells[0])+len(row.Figures))
		line[0] = row.Name
		for _, f := range row.Figures {
			head := strings.TrimSpace(f.Name + " " + f.Unit)
			at := slices.Index(cells[0], head)
			if at < 0 {
				at = len(cells[0])
				cells[0] = append(cells[0], head)
				line = append(line, "")
			}
			line[at] = readable(f.Value)
		}
		cells = append(cells, line)
	}
	t.WriteString("\n")
	for _, line := range cells {
		for at, head := range cells[0] {
			text := "–"
			if at < len(line) && line[at] != "" {
				text = line[at]
			}
			width := utf8.RuneCountInString(head)
			for _, other := range cells {
				if at < len(other) {
					width = max(width, utf8.RuneCountInString(other[at]))
				}
			}
			fmt.Fprintf(t, "  %*s", width, text)
		}
		t.WriteString("\n")
	}
}
