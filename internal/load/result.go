package load

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Result is what a run found.
type Result struct {
	Kind        string    `json:"kind"`
	Settings    []Setting `json:"settings"` // the kind's
	Dialect     string    `json:"dialect"`
	URL         string    `json:"url"`  // "" for a server of the run's own
	Size        int       `json:"size"` // bytes of a message's text
	Command     []string  `json:"command"`
	Served      []string  `json:"served,omitempty"` // how the run's own server was started
	Started     time.Time `json:"started"`
	Seconds     float64   `json:"seconds"` // that were measured
	Interrupted bool      `json:"interrupted"`
	OK          bool      `json:"ok"`
	Machine     Machine   `json:"machine"`
	Versions    Versions  `json:"versions"`
	Verified    Verified  `json:"verified"`
	Server      Used      `json:"server"`
	Bench       Used      `json:"bench"`   // the load generator itself
	Figures     []Figure  `json:"figures"` // in the order of the table
	Times       []Times   `json:"times"`
	RowsOf      string    `json:"rows_of,omitempty"` // a setting of which the run goes through several values
	Rows        []Row     `json:"rows,omitempty"`
	Notes       []string  `json:"notes,omitempty"` // sentences on what the figures mean
}

// Setting is one of a kind's settings, by its flag.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Machine is what a run takes place on.
type Machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Memory int64  `json:"memory"` // bytes
	Kernel string `json:"kernel"`
	System string `json:"system"`
}

// Versions are those of what measures, and of what is measured.
type Versions struct {
	Parley string `json:"parley"`
	Go     string `json:"go"`
	Server string `json:"server"` // as a Parley says it itself, of both; "" for other chats
}

// Verified is what was checked over the whole run, with what came before and after the measuring.
type Verified struct {
	Messages   int      `json:"messages"`
	Deliveries int64    `json:"deliveries"`
	Lost       int      `json:"lost"`
	Twice      int      `json:"twice"`
	OutOfOrder int      `json:"out_of_order"`
	Ended      int      `json:"ended"`   // connections that should not have
	Refused    int      `json:"refused"` // messages that the chat did not take, as they were too many: rate_limited
	Errors     int      `json:"errors"`  // frames that say that something went wrong, and reasons of connections that ended
	Examples   []string `json:"examples,omitempty"`
}

// OK reports whether all is as it should be.
func (v *Verified) OK() bool { return v.Lost+v.Twice+v.OutOfOrder+v.Refused+v.Ended+v.Errors == 0 }

// refusals are the frames that say no.
func (v *Verified) refusals() int { return v.Refused + v.Errors - v.Ended }

// Used is what a process used while it was measured. 0 is unknown.
type Used struct {
	CPUSeconds  float64 `json:"cpu_seconds"`
	UserSeconds float64 `json:"user_seconds"`
	SysSeconds  float64 `json:"system_seconds"`
	Memory      int64   `json:"memory"` // bytes resident at the end
	PeakMemory  int64   `json:"peak_memory"`
}

// Figure is one thing that was measured.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// Times are how long something took, in milliseconds.
type Times struct {
	Name  string  `json:"name"`
	Count int64   `json:"count"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p99_9"`
	Max   float64 `json:"max"`
	Mean  float64 `json:"mean"`
}

func newResult(kind Kind, o Options) *Result {
	return &Result{
		Kind: kind.Name(), Settings: settings(kind), Dialect: o.Dialect, URL: o.URL, Size: o.Size, Command: o.Command, Started: time.Now().UTC(),
		Machine: thisMachine(), Versions: Versions{Parley: o.Version, Go: runtime.Version()}, Figures: []Figure{}, Times: []Times{},
	}
}

// Add adds a figure. Its unit is what the value counts, like "1/s" or "KiB".
func (r *Result) Add(name string, value float64, unit string) {
	r.Figures = append(r.Figures, Figure{name, value, unit})
}

// measured reports whether there is anything to show.
func (r *Result) measured() bool { return len(r.Figures)+len(r.Rows)+len(r.Times) > 0 && r.Seconds > 0 }

// Value is a figure by its name.
func (r *Result) Value(name string) (float64, bool) {
	for _, f := range r.Figures {
		if f.Name == name {
			return f.Value, true
		}
	}
	return 0, false
}

// NewHistogram counts times from a microsecond to ten minutes, each right to a thousandth.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(int64(time.Microsecond), int64(10*time.Minute), 3)
}

// Record counts a time; what is out of range counts as the nearest in it.
func Record(h *hdrhistogram.Histogram, d time.Duration) {
	_ = h.RecordValue(min(max(int64(d), int64(time.Microsecond)), int64(10*time.Minute))) // it is in range
}

// AddTimes adds what a histogram holds.
func (r *Result) AddTimes(name string, h *hdrhistogram.Histogram) {
	if h.TotalCount() == 0 { // whose greatest is more than nothing
		r.Times = append(r.Times, Times{Name: name})
		return
	}
	ms := func(ns int64) float64 { return float64(ns) / 1e6 }
	r.Times = append(r.Times, Times{
		Name: name, Count: h.TotalCount(), P50: ms(h.ValueAtPercentile(50)), P90: ms(h.ValueAtPercentile(90)), P99: ms(h.ValueAtPercentile(99)),
		P999: ms(h.ValueAtPercentile(99.9)), Max: ms(h.Max()), Mean: h.Mean() / 1e6,
	})
}

// Measure begins to measure: what the server and we use counts from here to the call of what it returns, which gives the seconds.
func (b *Bench) Measure() (stop func() float64) {
	begun := time.Now()
	server, known := b.Server.Usage()
	own, _ := ownUsage()
	return func() float64 {
		r := b.Result
		r.Seconds = time.Since(begun).Seconds()
		if now, err := b.Server.Usage(); err == nil && known == nil {
			r.Server = used(server, now)
		}
		if now, err := ownUsage(); err == nil {
			r.Bench = used(own, now)
		}
		return r.Seconds
	}
}

func used(from, to Usage) Used {
	return Used{
		CPUSeconds: to.CPU() - from.CPU(), UserSeconds: to.User - from.User, SysSeconds: to.System - from.System, Memory: to.Memory, PeakMemory: to.Memory,
	}
}

// PerDelivery adds the figures that every run with deliveries has.
func (b *Bench) PerDelivery(messages, deliveries int64) {
	r := b.Result
	r.Add("messages", float64(messages)/r.Seconds, "1/s")
	r.Add("deliveries", float64(deliveries)/r.Seconds, "1/s")
	if deliveries > 0 && r.Server.CPUSeconds > 0 {
		r.Add("server's CPU per million deliveries", r.Server.CPUSeconds/float64(deliveries)*1e6, "s")
	}
	if deliveries > 0 && r.Bench.CPUSeconds > 0 {
		r.Add("bench's CPU per million deliveries", r.Bench.CPUSeconds/float64(deliveries)*1e6, "s")
	}
}

// finish sums up.
func (r *Result) finish(s *Server) {
	r.Server.PeakMemory = max(r.Server.PeakMemory, s.peak)
	r.OK = r.Verified.OK()
	if n := r.Verified.Refused; n > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("the chat refused %d messages (rate_limited): start that server with --rate-limit.messages 0", n))
	}
}

// WriteJSON writes a result for programs.
func (r *Result) WriteJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(r)
}

// WriteTable writes a result for people.
func (r *Result) WriteTable(w io.Writer) error {
	var t strings.Builder
	fmt.Fprintf(&t, "%s: %s, %s, %d bytes", r.Kind, describe(r.Settings), r.Dialect, r.Size)
	if r.URL != "" {
		fmt.Fprintf(&t, ", %s", r.URL)
	}
	fmt.Fprintf(&t, ", %.1f s measured", r.Seconds)
	if r.Interrupted {
		t.WriteString(" (interrupted)")
	}
	t.WriteString("\n\n")
	r.writeFigures(&t)
	r.writeRows(&t)
	r.writeTimes(&t)
	v := &r.Verified
	fmt.Fprintf(&t, "\n  %d messages, %d deliveries checked: %d lost, %d twice, %d out of order, %d refused, %d connections ended, %d errors: %s\n",
		v.Messages, v.Deliveries, v.Lost, v.Twice, v.OutOfOrder, v.Refused, v.Ended, v.Errors, map[bool]string{true: "all is well", false: "FAILED"}[v.OK()])
	for _, e := range v.Examples {
		fmt.Fprintf(&t, "    %q\n", e)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&t, "  %s\n", note)
	}
	fmt.Fprintf(&t, "  %s, %d cores, %.0f GiB, %s %s; parley %s, %s\n", r.Machine.CPU, r.Machine.Cores, float64(r.Machine.Memory)/(1<<30),
		r.Machine.System, r.Machine.Kernel, r.Versions.Parley, r.Versions.Go)
	_, err := io.WriteString(w, t.String())
	return err
}

// writeFigures writes a line for each figure.
func (r *Result) writeFigures(t *strings.Builder) {
	all := slices.Clone(r.Figures)
	if r.Server.CPUSeconds > 0 {
		all = append(all, Figure{"server's CPU", r.Server.CPUSeconds, "s"})
	}
	if r.Server.PeakMemory > 0 {
		all = append(all, Figure{"server's memory, at most", float64(r.Server.PeakMemory) / (1 << 20), "MiB"})
	}
	width := 0
	for _, f := range all {
		width = max(width, utf8.RuneCountInString(f.Name))
	}
	for _, f := range all {
		fmt.Fprintln(t, strings.TrimRight(fmt.Sprintf("  %-*s %12s %s", width, f.Name, readable(f.Value), f.Unit), " "))
	}
}

// readable writes a value with as many digits as are worth reading.
func readable(value float64) string {
	digits := 0
	switch {
	case value == math.Trunc(value):
	case math.Abs(value) < 10:
		digits = 3
	case math.Abs(value) < 1000:
		digits = 1
	}
	return thousands(fmt.Sprintf("%.*f", digits, value))
}

// writeTimes writes a line for each kind of time.
func (r *Result) writeTimes(t *strings.Builder) {
	if len(r.Times) == 0 {
		return
	}
	width := len("milliseconds")
	for _, h := range r.Times {
		width = max(width, utf8.RuneCountInString(h.Name))
	}
	fmt.Fprintf(t, "\n  %-*s %10s %10s %10s %10s %10s %10s\n", width, "milliseconds", "p50", "p90", "p99", "p99.9", "max", "count")
	for _, h := range r.Times {
		if h.Count == 0 {
			fmt.Fprintf(t, "  %-*s %10s %10s %10s %10s %10s %10d\n", width, h.Name, "–", "–", "–", "–", "–", 0)
			continue
		}
		fmt.Fprintf(t, "  %-*s %10.3f %10.3f %10.3f %10.3f %10.3f %10d\n", width, h.Name, h.P50, h.P90, h.P99, h.P999, h.Max, h.Count)
	}
}

// thousands puts a comma before every three digits of a whole part.
func thousands(text string) string {
	whole, rest, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	return whole
}

// describe writes a kind's settings on one line.
func describe(settings []Setting) string {
	var all []string
	for _, s := range settings {
		all = append(all, s.Name+" "+s.Value)
	}
	return strings.Join(all, ", ")
}
