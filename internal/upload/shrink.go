package upload

import (
	"image"
	"image/draw"

	scale "golang.org/x/image/draw"
)

// shrunk returns a picture of which no side is longer than a number of pixels. It first takes the mean of whole squares of pixels, a
// stripe at a time, so that it needs no second picture of the size of the first, and then goes the rest of the way.
func shrunk(src image.Image, side int) *image.RGBA {
	b := src.Bounds()
	long := max(b.Dx(), b.Dy())
	small := means(src, max(1, long/side))
	if long <= side {
		return small
	}
	w, h := max(1, b.Dx()*side/long), max(1, b.Dy()*side/long)
	if small.Bounds().Dx() == w && small.Bounds().Dy() == h {
		return small
	}
	fit := image.NewRGBA(image.Rect(0, 0, w, h))
	scale.ApproxBiLinear.Scale(fit, fit.Bounds(), small, small.Bounds(), draw.Src, nil)
	return fit
}

// means returns a picture of the means of squares of n × n pixels.
func means(src image.Image, n int) *image.RGBA {
	b := src.Bounds()
	w, h := max(1, b.Dx()/n), max(1, b.Dy()/n)
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	stripe := image.NewRGBA(image.Rect(0, 0, b.Dx(), n))
	sums := make([]uint32, 4*w)
	for y := range h {
		rows := min(n, b.Dy()-y*n)
		draw.Draw(stripe, stripe.Bounds(), src, image.Pt(b.Min.X, b.Min.Y+y*n), draw.Src)
		clear(sums)
		for row := range rows {
			line := stripe.Pix[row*stripe.Stride:]
			for x := range w {
				columns := min(n, b.Dx()-x*n)
				for _, at := 0, 0; at < columns; at++ {
					p := line[4*(x*n+at):]
					for c := range 4 {
						sums[4*x+c] += uint32(p[c])
					}
				}
			}
		}
		for x := range w {
			count := uint32(rows * min(n, b.Dx()-x*n))
			for c := range 4 {
				dst.Pix[y*dst.Stride+4*x+c] = uint8((sums[4*x+c] + count/2) / count)
			}
		}
	}
	return dst
}

// turned returns a picture upright that a camera held another way, as Exif says it (tag 0x0112): from 5 on width and height change.
func turned(src *image.RGBA, turn int) *image.RGBA {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if turn < 2 || turn > 8 {
		return src
	}
	dw, dh := w, h
	if turn >= 5 {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range dh {
		for x := range dw {
			var sx, sy int
			switch turn {
			case 2:
				sx, sy = w-1-x, y
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sx, sy = x, h-1-y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			copy(dst.Pix[y*dst.Stride+4*x:][:4], src.Pix[sy*src.Stride+4*sx:][:4])
		}
	}
	return dst
}
