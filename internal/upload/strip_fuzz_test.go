package upload

import (
	"bufio"
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
)

// FuzzStrip has anything taken for a picture. What comes out is nothing, or a picture of the same size in which nothing of what was
// written beside it is left; and taken once more, it stays as it is.
func FuzzStrip(f *testing.F) {
	img := image.NewRGBA(image.Rect(0, 0, 9, 7))
	img.Set(3, 3, color.White)
	var j, p bytes.Buffer
	if err := jpeg.Encode(&j, img, nil); err != nil {
		f.Fatal(err)
	}
	if err := png.Encode(&p, img); err != nil {
		f.Fatal(err)
	}
	exif := "\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"
	f.Add(0, j.Bytes())
	f.Add(0, append([]byte("\xff\xd8"+exif), j.Bytes()[2:]...))
	f.Add(1, p.Bytes())
	f.Add(2, []byte("RIFF\x24\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x0c\x00\x00\x00\x08\x00\x00\x06\x00\x00EXIF\x02\x00\x00\x00MM"))
	f.Add(3, []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00!\xfe\x06SECRET\x00"+
		",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;behind"))
	f.Fuzz(func(t *testing.T, kind int, picture []byte) {
		copies := []func(*bufio.Writer, *bufio.Reader, *seen) error{stripJPEG, stripPNG, stripWebP, stripGIF}
		if kind < 0 || kind >= len(copies) {
			return
		}
		stripped := func(in []byte) ([]byte, seen, error) {
			var out bytes.Buffer
			w, s := bufio.NewWriter(&out), seen{turn: 1}
			err := copies[kind](w, bufio.NewReaderSize(bytes.NewReader(in), 16), &s)
			if flushed := w.Flush(); flushed != nil {
				t.Fatal(flushed)
			}
			return out.Bytes(), s, err
		}
		once, first, err := stripped(picture)
		if err != nil {
			return
		}
		if first.turn < 1 || first.turn > 8 || first.samples < 0 {
			t.Fatalf("it is seen as %+v", first)
		}
		if len(once) > len(picture)+64 {
			t.Fatalf("%d bytes became %d", len(picture), len(once))
		}
		if kind == 2 { // how long it is in all is set afterwards
			return
		}
		twice, second, err := stripped(once)
		if err != nil || !bytes.Equal(once, twice) || first.turn != second.turn {
			t.Fatalf("taken once more, it is another: %v, %+v and %+v\n%x\n%x", err, first, second, once, twice)
		}
		before, _, err1 := image.DecodeConfig(bytes.NewReader(picture))
		after, _, err2 := image.DecodeConfig(bytes.NewReader(once))
		if err1 == nil && (err2 != nil || before.Width != after.Width || before.Height != after.Height) {
			t.Fatalf("%d × %d became %d × %d, %v", before.Width, before.Height, after.Width, after.Height, err2)
		}
	})
}

// full is a disk that is full after some bytes.
type full struct{ left int }

var errFull = errors.New("the disk is full")

func (d *full) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestDiskThatFailsIsNoBrokenPicture(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 200, 200))
	for i := range img.Pix {
		img.Pix[i] = byte(i * i)
	}
	var j, p bytes.Buffer
	if err := jpeg.Encode(&j, img, nil); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&p, img); err != nil {
		t.Fatal(err)
	}
	webp := "RIFF\xff\xff\x00\x00WEBPVP8L\xf0\xff\x00\x00" + string(make([]byte, 0xfff0))
	for kind, picture := range [][]byte{j.Bytes(), p.Bytes(), []byte(webp)} {
		copies := []func(*bufio.Writer, *bufio.Reader, *seen) error{stripJPEG, stripPNG, stripWebP}
		for left := 0; left < len(picture)-64; left += 1 + len(picture)/50 {
			w, s := bufio.NewWriterSize(&full{left}, 16), seen{turn: 1}
			if err := copies[kind](w, bufio.NewReader(bytes.NewReader(picture)), &s); !errors.Is(err, errFull) {
				t.Fatalf("kind %d with room for %d bytes of %d: %v", kind, left, len(picture), err)
			}
		}
	}
}

func TestGIFOfNothingButExtensionsTakesNoMemory(t *testing.T) {
	gif := []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00" + strings.Repeat("!\xfe\x00", 1000) + ",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")
	made := testing.AllocsPerRun(3, func() {
		if err := stripGIF(bufio.NewWriter(io.Discard), bufio.NewReader(bytes.NewReader(gif)), &seen{}); err != nil {
			t.Fatal(err)
		}
	})
	if made > 50 {
		t.Errorf("it takes %.0f pieces of memory", made)
	}
}
