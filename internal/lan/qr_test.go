package lan

import (
	"encoding/xml"
	"image"
	"image/color"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

var urls = []string{
	"http://192.168.1.20:3000", "http://[2001:db8::20]:3000", "https://chat.example.org/rooms/treehouse",
	"http://10.0.0.1:3000/rooms/" + strings.Repeat("a-long-name-", 30),
}

func TestTerminalCodeReadsAsTheURL(t *testing.T) {
	for _, url := range urls {
		coloured, plain := QR(url, true), QR(url, false)
		// Black on white: blocks are dark. Without colours, on a dark terminal: blocks are light.
		for name, modules := range map[string][][]bool{"coloured": blocks(t, coloured, true), "plain": blocks(t, plain, false)} {
			if got := read(t, modules); got != url {
				t.Errorf("%s: reads as %q, want %q", name, got, url)
			}
		}
		if strings.Contains(plain, "\x1b") {
			t.Error("colours where there may be none")
		}
		for line := range strings.Lines(coloured) {
			if !strings.HasPrefix(line, inked) || !strings.HasSuffix(line, reset+"\n") {
				t.Errorf("%q doesn't set its colours and take them back", line)
			}
		}
	}
}

func TestSVGReadsAsTheURL(t *testing.T) {
	for _, url := range urls {
		if got := read(t, squares(t, SVG(url))); got != url {
			t.Errorf("reads as %q, want %q", got, url)
		}
	}
}

func TestSVGNeedsNoStyleAndEscapesItsName(t *testing.T) {
	svg := SVG(`http://host/"><script>&`)
	if strings.Contains(svg, "style") || strings.Contains(svg, "<script") {
		t.Error(svg)
	}
	var root struct {
		XMLName xml.Name `xml:"svg"`
		Role    string   `xml:"role,attr"`
		Label   string   `xml:"aria-label,attr"`
		Edges   string   `xml:"shape-rendering,attr"`
	}
	if err := xml.Unmarshal([]byte(svg), &root); err != nil {
		t.Fatal(err)
	}
	if root.Role != "img" || root.Label != `http://host/"><script>&` || root.Edges != "crispEdges" {
		t.Errorf("%+v", root)
	}
}

func TestURLTooLongForACodeHasNone(t *testing.T) {
	fits, long := strings.Repeat("x", 2331), strings.Repeat("x", 2332)
	if SVG(fits) == "" || QR(fits, true) == "" {
		t.Error("the longest URL has no code")
	}
	if SVG(long) != "" || QR(long, true) != "" {
		t.Error("a URL that is too long has a code")
	}
}

// blocks reads the modules of a terminal's half blocks; true is dark. A last row that has no module below is left out.
func blocks(t *testing.T, drawn string, blockIsDark bool) [][]bool {
	t.Helper()
	drawn = strings.NewReplacer(inked, "", reset, "").Replace(drawn)
	var modules [][]bool
	for line := range strings.Lines(drawn) {
		var upper, lower []bool
		for _, r := range strings.TrimSuffix(line, "\n") {
			upper = append(upper, (r == '█' || r == '▀') == blockIsDark)
			lower = append(lower, (r == '█' || r == '▄') == blockIsDark)
		}
		modules = append(modules, upper, lower)
	}
	width := utf8.RuneCountInString(drawn[:strings.IndexByte(drawn, '\n')])
	return modules[:width]
}

// squares reads the modules of an SVG: what its path's rectangles cover is dark.
func squares(t *testing.T, svg string) [][]bool {
	t.Helper()
	box := regexp.MustCompile(`viewBox="0 0 (\d+) \d+"`).FindStringSubmatch(svg)
	if box == nil {
		t.Fatal("no viewBox")
	}
	modules := make([][]bool, number(t, box[1]))
	for y := range modules {
		modules[y] = make([]bool, len(modules))
	}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`).FindAllStringSubmatch(svg, -1) {
		x, y, width := number(t, run[1]), number(t, run[2]), number(t, run[3])
		for i := range width {
			modules[y][x+i] = true
		}
	}
	return modules
}

func number(t *testing.T, digits string) int {
	t.Helper()
	n, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// read decodes a QR code with a reader that has nothing in common with what drew it, and checks the margin.
func read(t *testing.T, modules [][]bool) string {
	t.Helper()
	const scale = 4
	picture := image.NewGray(image.Rect(0, 0, len(modules)*scale, len(modules)*scale))
	for y := range picture.Rect.Dy() {
		for x := range picture.Rect.Dx() {
			if !modules[y/scale][x/scale] {
				picture.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	for i := range modules {
		for j := range quiet {
			last := len(modules) - 1 - j
			if modules[i][j] || modules[i][last] || modules[j][i] || modules[last][i] {
				t.Fatalf("the margin is less than %d modules", quiet)
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result.GetText()
}
