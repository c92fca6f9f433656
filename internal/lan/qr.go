package lan

import (
	"fmt"
	"html"
	"strings"

	"rsc.io/qr"
)

// quiet is the width of the empty margin, in modules, that a reader needs to find the code (ISO/IEC 18004).
const quiet = 4

// code is a QR code with its margin.
type code struct{ *qr.Code }

// encode makes the code of a URL, if it is not too long for one: 2,331 bytes.
func encode(url string) (code, bool) {
	c, err := qr.Encode(url, qr.M)
	return code{c}, err == nil
}

func (c code) size() int { return c.Size + 2*quiet }

func (c code) dark(x, y int) bool { return c.Black(x-quiet, y-quiet) } // light outside of the code

// Black on white, whatever the terminal's colours are, and back.
const (
	inked = "\x1b[38;5;16;48;5;231m"
	reset = "\x1b[0m"
)

// QR draws a QR code for a terminal, two modules to a character, each line ended by a newline. With colour it is black on white.
// Without it the terminal is taken to be light on dark, as most are, and the light modules are drawn. It is "" where the URL is too
// long.
func QR(url string, colour bool) string {
	c, ok := encode(url)
	if !ok {
		return ""
	}
	blocks := [2][2]string{{" ", "▄"}, {"▀", "█"}} // upper, lower
	var b strings.Builder
	for y := 0; y < c.size(); y += 2 {
		if colour {
			b.WriteString(inked)
		}
		for x := range c.size() {
			b.WriteString(blocks[drawn(c.dark(x, y) == colour)][drawn(y+1 < c.size() && c.dark(x, y+1) == colour)])
		}
		if colour {
			b.WriteString(reset)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func drawn(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// SVG draws a QR code for a page: markup that is safe to insert as it is, without style attributes, which the pages' policy forbids.
// It is "" where the URL is too long.
func SVG(url string) string {
	c, ok := encode(url)
	if !ok {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %[1]d" shape-rendering="crispEdges" `+
		`role="img" aria-label="%s">`, c.size(), html.EscapeString(url))
	fmt.Fprintf(&b, `<rect width="%d" height="%[1]d" fill="#fff"/><path fill="#000" d="`, c.size())
	for y := range c.size() {
		for x := 0; x < c.size(); x++ {
			from := x
			for c.dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%[3]dz", from, y, x-from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String()
}
