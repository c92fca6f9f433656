package upload_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"parley/internal/upload"
)

// corners is a picture that is red, green, blue and white in its corners, from the upper left one with the clock.
func corners(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{255, 0, 0, 255}
			switch {
			case x >= width/2 && y < height/2:
				c = color.RGBA{0, 255, 0, 255}
			case x >= width/2:
				c = color.RGBA{0, 0, 255, 255}
			case y >= height/2:
				c = color.RGBA{255, 255, 255, 255}
			}
			img.Set(x, y, c)
		}
	}
	return img
}

// exif is what a camera writes: the turn, and a directory with a maker and a place.
func exif(order binary.AppendByteOrder, turn uint16) []byte {
	mark := "II*\x00"
	if order.(binary.ByteOrder) == binary.BigEndian {
		mark = "MM\x00*"
	}
	tiff := order.AppendUint32([]byte(mark), 8)
	tiff = order.AppendUint16(tiff, 2)
	tiff = order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x010f), 2), 12) // the maker
	tiff = order.AppendUint32(tiff, 38)
	tiff = order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x0112), 3), 1)
	tiff = order.AppendUint16(order.AppendUint16(tiff, turn), 0)
	tiff = order.AppendUint32(tiff, 0)
	return append(tiff, "SECRETCAMERA at 52.5 N 13.4 E"...)
}

// segment is a segment of JPEG.
func segment(mark byte, name string, body []byte) []byte {
	s := []byte{0xff, mark}
	s = binary.BigEndian.AppendUint16(s, uint16(2+len(name)+len(body)))
	return append(append(s, name...), body...)
}

// photo is a JPEG as a camera makes one.
func photo(t *testing.T, width, height int, order binary.AppendByteOrder, turn uint16) (written, plain []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, corners(width, height), nil); err != nil {
		t.Fatal(err)
	}
	plain = b.Bytes()
	written = append(written, plain[:2]...)
	written = append(written, segment(0xe1, "Exif\x00\x00", exif(order, turn))...)
	written = append(written, segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00", []byte("<SECRET/>"))...)
	written = append(written, segment(0xe2, "MPF\x00", []byte("SECRET"))...)
	written = append(written, segment(0xe2, "ICC_PROFILE\x00", []byte("\x01\x01colours"))...)
	written = append(written, segment(0xed, "Photoshop 3.0\x00", []byte("SECRET"))...)
	written = append(written, segment(0xfe, "", []byte("SECRET"))...)
	written = append(written, plain[2:]...)
	return append(written, "\xff\xd8\xff\xe1SECRET second picture"...), plain
}

// cornersOf are the colours of a picture's corners, as letters.
func cornersOf(t *testing.T, b []byte) (string, image.Rectangle) {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	r := img.Bounds()
	var letters strings.Builder
	for _, p := range []image.Point{{r.Dx() / 8, r.Dy() / 8}, {r.Dx() * 7 / 8, r.Dy() / 8}, {r.Dx() * 7 / 8, r.Dy() * 7 / 8}, {r.Dx() / 8, r.Dy() * 7 / 8}} {
		red, green, blue, _ := img.At(p.X, p.Y).RGBA()
		switch {
		case red > 0x8000 && green > 0x8000:
			letters.WriteByte('w')
		case red > 0x8000:
			letters.WriteByte('r')
		case green > 0x8000:
			letters.WriteByte('g')
		case blue > 0x8000:
			letters.WriteByte('b')
		}
	}
	return letters.String(), r
}

func TestWhatACameraWritesIsTakenOutAndTheTurnStays(t *testing.T) {
	h := open(t, upload.Limits{})
	for turn, want := range []string{1: "rgbw", 2: "grwb", 3: "bwrg", 4: "wbgr", 5: "rwbg", 6: "wrgb", 7: "bgrw", 8: "gbwr"} {
		if turn == 0 {
			continue
		}
		order := binary.AppendByteOrder(binary.BigEndian)
		if turn%2 == 0 {
			order = binary.LittleEndian
		}
		written, plain := photo(t, 660, 440, order, uint16(turn))
		f := h.take(t, "photo.jpg", written)
		width, height := 660, 440
		if turn >= 5 {
			width, height = 440, 660
		}
		if f.Width != width || f.Height != height || f.Type != "image/jpeg" || f.ThumbType != "image/jpeg" {
			t.Errorf("turned by %d it is %+v", turn, f)
		}
		kept := h.bytes(t, f, false)
		if int64(len(kept)) != f.Size || bytes.Contains(kept, []byte("SECRET")) || !bytes.Contains(kept, []byte("ICC_PROFILE")) {
			t.Errorf("turned by %d, %d bytes of %d are kept, with what was secret: %v", turn, len(kept), f.Size, bytes.Contains(kept, []byte("SECRET")))
		}
		if has := bytes.Contains(kept, []byte("Exif\x00\x00")); has != (turn != 1) {
			t.Errorf("turned by %d, Exif is there: %v", turn, has)
		}
		if !bytes.HasSuffix(kept, plain[len(plain)-1000:]) {
			t.Errorf("turned by %d, the pixels have changed", turn)
		}
		if letters, _ := cornersOf(t, kept); letters != "rgbw" {
			t.Errorf("the pixels are %s", letters)
		}
		again := h.take(t, "again.jpg", kept) // what was written anew is read as it was meant
		if again.Width != width || again.Size != f.Size {
			t.Errorf("taken again it is %+v", again)
		}
		thumb := h.bytes(t, f, true)
		letters, size := cornersOf(t, thumb)
		if letters != want || max(size.Dx(), size.Dy()) != 640 || int64(len(thumb)) != f.ThumbSize || bytes.Contains(thumb, []byte("Exif")) {
			t.Errorf("turned by %d the small one is %s of %v; want %s", turn, letters, size, want)
		}
	}
}

func TestTextsBesideAPictureAreTakenOut(t *testing.T) {
	h := open(t, upload.Limits{})
	var b bytes.Buffer
	if err := png.Encode(&b, corners(50, 40)); err != nil {
		t.Fatal(err)
	}
	chunk := func(name, body string) []byte {
		c := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
		return append(append(append(c, name...), body...), 0, 0, 0, 0)
	}
	plain := b.Bytes()
	const head = 8 + 25 // the sign and IHDR
	written := append(append([]byte{}, plain[:head]...), chunk("tEXt", "Author\x00SECRET")...)
	written = append(append(written, chunk("eXIf", "MM SECRET")...), chunk("iTXt", "SECRET")...)
	written = append(append(written, plain[head:]...), "SECRET behind the end"...)
	if kept := h.bytes(t, h.take(t, "a.png", written), false); !bytes.Equal(kept, plain) {
		t.Errorf("%d bytes are kept, want %d", len(kept), len(plain))
	}

	webp := []byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x0c\x00\x00\x00\x31\x00\x00\x27\x00\x00")
	little := func(name, body string) []byte {
		c := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
		return append(append(c, body...), make([]byte, len(body)&1)...)
	}
	webp = append(append(webp, little("VP8L", "\x2f\x31\xc0\x09\x00")...), little("EXIF", "MM SECRET")...)
	webp = append(webp, little("XMP ", "SECRET!")...)
	binary.LittleEndian.PutUint32(webp[4:], uint32(len(webp)-8))
	f := h.take(t, "a.webp", webp)
	kept := h.bytes(t, f, false)
	if f.Type != "image/webp" || bytes.Contains(kept, []byte("SECRET")) || kept[20] != 0 || f.Width != 50 || f.Height != 40 ||
		int(binary.LittleEndian.Uint32(kept[4:])) != len(kept)-8 {
		t.Errorf("it became %+v with %x", f, kept)
	}
}

func TestPicturesThatAreNoneAreKeptAsBytes(t *testing.T) {
	h := open(t, upload.Limits{})
	written, plain := photo(t, 500, 400, binary.BigEndian, 6)
	for name, body := range map[string][]byte{
		"cut in its tables":   written[:300],
		"a length of nothing": []byte("\xff\xd8\xff\xe1\x00\x00\xff\xd9"),
		"only a beginning":    []byte("\xff\xd8\xff"),
		"two beginnings":      append([]byte("\xff\xd8"), plain...),
		"a GIF without one":   []byte("GIF89a"),
		"a WebP without one":  []byte("RIFF\x04\x00\x00\x00WEBPVP8 "),
		"a PNG without one":   []byte("\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR"),
	} {
		if f := h.take(t, name, body); f.Type != upload.Unknown || f.Width != 0 || f.ThumbType != "" || f.Size != int64(len(body)) {
			t.Errorf("%s became %+v", name, f)
		}
	}
	// One that breaks off within its pixels is as much as there is.
	if f := h.take(t, "cut in its pixels", written[:len(written)-1500]); f.Type != "image/jpeg" || f.Height != 500 {
		t.Errorf("cut in its pixels it became %+v", f)
	}
}

func TestSmallPicturesKeepWhatIsSeenThrough(t *testing.T) {
	h := open(t, upload.Limits{})
	img := image.NewNRGBA(image.Rect(0, 0, 2000, 30))
	for x := range 1000 {
		for y := range 30 {
			img.Set(x, y, color.NRGBA{200, 0, 0, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	f := h.take(t, "line.png", b.Bytes())
	small, err := png.Decode(bytes.NewReader(h.bytes(t, f, true)))
	if err != nil || f.ThumbType != "image/png" {
		t.Fatalf("the small one is %s, %v", f.ThumbType, err)
	}
	if got := small.Bounds().Size(); got != (image.Point{640, 9}) {
		t.Errorf("it has %v pixels", got)
	}
	_, _, _, left := small.At(100, 5).RGBA()
	_, _, _, right := small.At(600, 5).RGBA()
	if left != 0xffff || right != 0 {
		t.Errorf("it is seen through by %d and %d", left, right)
	}
}
