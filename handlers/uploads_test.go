package handlers

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestUploadsMayPauseButHaveToGoOn(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	const enough = arrivesLeast
	for _, tt := range []struct {
		name    string
		passed  time.Duration
		bytes   int64
		patient bool
		want    error
	}{
		{"at its beginning", 0, 0, false, nil},
		{"slow, and not for long", arrivesWithin - time.Second, 1, false, nil},
		{"slow for too long", arrivesWithin + 10*time.Second, 9 * enough, false, errTooSlow},
		{"fast enough", arrivesWithin + 10*time.Second, 11 * enough, false, nil},
		{"slow where requests may take as long as they like", time.Hour, 1, true, nil},
	} {
		a := arriving{from: strings.NewReader("x"), conn: ours, begun: time.Now().Add(-tt.passed), bytes: tt.bytes, patient: tt.patient}
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if tt.want == nil && a.bytes != tt.bytes+1 {
			t.Errorf("%s: %d bytes are counted", tt.name, a.bytes)
		}
	}
}

func TestPartsAreReadAsTheStandardSays(t *testing.T) {
	for header, want := range map[string][3]int64{
		"": {0, 99, wholeFile}, "bytes=0-0": {0, 0, onePart}, "bytes=99-": {99, 99, onePart}, "bytes=-1": {99, 99, onePart},
		"bytes=100-": {0, 0, noPart}, "bytes= 5-6 ": {5, 6, onePart}, "bytes=a-b": {0, 99, wholeFile}, "bytes=1": {0, 99, wholeFile},
		"bytes=--1": {0, 99, wholeFile}, "bytes=1-2-3": {0, 99, wholeFile}, "bytes=+1-2": {0, 99, wholeFile}, "bytes=-": {0, 99, wholeFile},
		"bytes=9223372036854775807-9223372036854775807": {0, 0, noPart}, "bytes=-9223372036854775807": {0, 99, onePart},
	} {
		if from, to, part := rangeOf(header, 100); from != want[0] || to != want[1] || int64(part) != want[2] {
			t.Errorf("%q is %d to %d (%d), want %v", header, from, to, part, want)
		}
	}
}

func TestNamesInHeadersStayInTheirPlace(t *testing.T) {
	for name, want := range map[string]string{
		"a b.txt":      `inline; filename="a b.txt"; filename*=UTF-8''a%20b.txt`,
		`a";x="b.html`: `inline; filename="a_;x=_b.html"; filename*=UTF-8''a%22%3Bx%3D%22b.html`,
		"é\r\n%41.png": `inline; filename="____41.png"; filename*=UTF-8''%C3%A9%0D%0A%2541.png`,
		"王.png":        `inline; filename="_.png"; filename*=UTF-8''%E7%8E%8B.png`,
	} {
		if got := disposition(name, true); got != want {
			t.Errorf("%q is sent as %s, want %s", name, got, want)
		}
	}
}

var _ io.WriterTo = (*leaving)(nil) // or else a file would go out in small pieces
