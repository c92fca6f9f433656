//go:build linux

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTableShowsMediansRatiosAndTroubles(t *testing.T) {
	t.Parallel()
	o := options{Measures: []string{"busy", "latency"}, Rounds: 3, Time: 3 * time.Second, Clients: 1000, Idle: 5000, Size: 128}
	rows := []*row{
		{peer: peer{name: "limit", title: "the limit"}, Values: map[string][]float64{
			"deliveries/s (64)": {3_000_000, 4_000_000, 3_500_000}, "CPU s (64)": {0.3, 0.2, 0.25}, "p50 ms": {2, 2, 2}, "p99 ms": {10, 400, 8},
		}},
		{peer: peer{name: "parley", title: "Parley"}, Values: map[string][]float64{
			"deliveries/s (64)": {3_150_000, 3_150_000, 1}, "CPU s (64)": {0.3, 0.3, 0.3}, "p50 ms": {3, 3, 3}, "p99 ms": {15, 12, 14},
		}},
		{peer: peer{name: "mojolicious", title: "Mojolicious"}, Values: map[string][]float64{
			"deliveries/s (64)": {31_000, 31_000}, "CPU s (64)": {36, 36},
		}, Troubles: []string{"mojolicious, busy: of 64000 deliveries 1 lost"}},
	}
	var out strings.Builder
	all := newTable(o, rows)
	if err := all.write(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| server | deliveries/s (64) | CPU s (64) | p50 ms | p99 ms |\n|---|---:|---:|---:|---:|\n",
		"| the limit | 3500 k | 0.25 | 2.00 | 10.0 |\n",
		"| Parley | 3150 k | 0.30 | 3.00 | 14.0 |\n",
		"| Mojolicious | 31 k | 36.0 | – | – |\n",
		"| server ÷ limit |",
		"| Parley | 0.90 | 1.20 | 1.50 | 1.40 |\n",
		"| server ÷ parley |",
		"| Mojolicious | 0.0098 | 120 | – | – |\n",
		"- mojolicious, busy: of 64000 deliveries 1 lost\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
	file := filepath.Join(t.TempDir(), "peers.json")
	if err := all.save(file); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var saved table
	if err := json.Unmarshal(raw, &saved); err != nil || len(saved.Servers) != 3 || saved.Servers[1].ToLimit["CPU s (64)"] != 1.2 {
		t.Errorf("saved %s, %v", raw, err)
	}
}

func TestMedianIsTheMiddleOne(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1}, 5},
		{[]float64{7, 100, 1}, 7},
		{[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := median(tt.values); got != tt.want {
			t.Errorf("of %v it is %v, want %v", tt.values, got, tt.want)
		}
	}
}
