//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"parley/internal/load"
)

// table is what was found of all.
type table struct {
	Options options       `json:"options"`
	Machine *load.Machine `json:"machine"`
	Servers []entry       `json:"servers"`

	columns []column
	rows    []*row
}

// entry is one server in the JSON.
type entry struct {
	Name     string               `json:"name"`
	Medians  map[string]float64   `json:"medians"`
	ToLimit  map[string]float64   `json:"to_limit,omitempty"`  // of the medians
	ToParley map[string]float64   `json:"to_parley,omitempty"` // likewise
	Rounds   map[string][]float64 `json:"rounds"`
	Troubles []string             `json:"troubles,omitempty"`
	Runs     []*load.Result       `json:"runs"`
}

func newTable(o options, rows []*row) *table {
	t := &table{Options: o, rows: rows}
	for _, m := range measures {
		if slices.Contains(o.Measures, m.name) {
			t.columns = append(t.columns, m.columns...)
		}
	}
	for _, r := range rows {
		e := entry{Name: r.name, Medians: map[string]float64{}, Rounds: r.Values, Troubles: r.Troubles, Runs: r.Runs}
		for name, values := range r.Values {
			e.Medians[name] = median(values)
		}
		if len(r.Runs) > 0 {
			t.Machine = &r.Runs[0].Machine
		}
		t.Servers = append(t.Servers, e)
	}
	limit, parley := t.medians("limit"), t.medians("parley")
	for i := range t.Servers {
		e := &t.Servers[i]
		e.ToLimit, e.ToParley = ratios(e.Medians, limit), ratios(e.Medians, parley)
	}
	return t
}

func (t *table) medians(name string) map[string]float64 {
	for _, e := range t.Servers {
		if e.Name == name {
			return e.Medians
		}
	}
	return nil
}

// median is the middle one; of an even number the mean of the two there.
func median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// ratios are those of figures to the same ones of another server.
func ratios(of, to map[string]float64) map[string]float64 {
	r := map[string]float64{}
	for name, v := range of {
		if to[name] > 0 {
			r[name] = v / to[name]
		}
	}
	return r
}

// write prints the table in Markdown: each figure, and what it is to the limit's and to Parley's.
func (t *table) write(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d clients in one room, texts of %d bytes; medians of %d rounds of %v. With 64 messages and with 1 under way at once: CPU s are "+
		"the server's seconds for a million deliveries. p50 and p99 are at 100 messages/s. Idle is the server's memory for each of %d "+
		"connections.\n",
		t.Options.Clients, t.Options.Size, t.Options.Rounds, t.Options.Time, t.Options.Idle)
	if m := t.Machine; m != nil {
		fmt.Fprintf(&b, "%s, %d cores that server and load share, %s %s.\n", m.CPU, m.Cores, m.System, m.Kernel)
	}
	t.section(&b, "", func(e entry) map[string]float64 { return e.Medians })
	for _, other := range []string{"limit", "parley"} {
		if t.medians(other) == nil {
			continue
		}
		t.section(&b, " ÷ "+other, func(e entry) map[string]float64 {
			if other == "limit" {
				return e.ToLimit
			}
			return e.ToParley
		})
	}
	for _, e := range t.Servers {
		for i, trouble := range e.Troubles {
			if i == 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "- %s\n", trouble)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// section prints one figure of each server for each column.
func (t *table) section(b *strings.Builder, suffix string, of func(entry) map[string]float64) {
	fmt.Fprintf(b, "\n| server%s |", suffix)
	for _, c := range t.columns {
		fmt.Fprintf(b, " %s |", c.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(t.columns)) + "\n")
	for i, e := range t.Servers {
		fmt.Fprintf(b, "| %s |", t.rows[i].title)
		for _, c := range t.columns {
			v, ok := of(e)[c.name]
			fmt.Fprintf(b, " %s |", digits(v, ok))
		}
		b.WriteString("\n")
	}
}

// digits writes a figure with as many digits as mean something.
func digits(v float64, known bool) string {
	switch {
	case !known:
		return "–"
	case v >= 10_000:
		return fmt.Sprintf("%.0f k", v/1000)
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.4f", v)
}

// save writes everything for programs.
func (t *table) save(file string) error {
	raw, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(raw, '\n'), 0o644)
}
