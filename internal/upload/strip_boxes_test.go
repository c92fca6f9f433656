package upload_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"parley/internal/upload"
)

// taken is a file in testdata as a phone makes one. All were made by ffmpeg or libheif, and exiftool wrote into them: the place (52.5 N
// 13.4 E), who took it, and when.
func taken(t *testing.T, ending string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "taken."+ending))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The place as the forms have it: ISO 6709, fractions of Exif, and 16.16 of 3GPP.
var places = []string{"+52.5", "SECRET", "\x00\x00\x00\x34\x00\x00\x00\x01", "\x00\x0d\x67\xae", "loci", "\xa9xyz", "location"}

func TestWhereFilmsAndPicturesOfPhonesWereTakenIsOverwritten(t *testing.T) {
	h := open(t, upload.Limits{})
	for ending, kind := range map[string]string{
		"mov": "video/quicktime", "mp4": "video/mp4", "m4a": "audio/mp4", "heic": "image/heic", "avif": "image/avif", "gif": "image/gif",
	} {
		written := taken(t, ending)
		f := h.take(t, "taken."+ending, written)
		kept := h.bytes(t, f, false)
		if f.Type != kind || f.Size != int64(len(kept)) {
			t.Errorf("%s became %+v with %d bytes", ending, f, len(kept))
		}
		if ending != "gif" && len(kept) != len(written) {
			t.Errorf("of %s %d bytes are kept, want all %d where they were", ending, len(kept), len(written))
		}
		hadOne := false
		for _, place := range places {
			hadOne = hadOne || bytes.Contains(written, []byte(place))
			if bytes.Contains(kept, []byte(place)) {
				t.Errorf("%s still has %q", ending, place)
			}
		}
		if !hadOne {
			t.Errorf("%s had no place, so that this test says nothing of it", ending)
		}
		if again := h.bytes(t, h.take(t, "again", kept), false); !bytes.Equal(again, kept) {
			t.Errorf("%s taken again is another", ending)
		}
	}
}

func TestSongsKeepWhatPlayersShow(t *testing.T) {
	h := open(t, upload.Limits{})
	kept := h.bytes(t, h.take(t, "a.m4a", taken(t, "m4a")), false)
	for _, tag := range []string{"Song", "Band", "ilst"} {
		if !bytes.Contains(kept, []byte(tag)) {
			t.Errorf("%q is gone", tag)
		}
	}
}

// boxOf is a box with some content.
func boxOf(kind string, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(content))), kind...), content...)
}

// words32 are numbers of 32 bits.
func words32(numbers ...uint32) (b []byte) {
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

func TestPlacesOnTheWayOfAFilmAreOverwritten(t *testing.T) {
	begin := boxOf("ftyp", []byte("isom\x00\x00\x00\x00mp42"))
	const piece = 8
	mdat := boxOf("mdat", []byte("--------"+"PIXEL---"+"SECRET11SECRET2!SECRET3!"+"PIXEL---"+"SECRET44"))
	at := uint32(len(begin) + 8)
	track := func(handler string, sizes []byte, chunks []byte) []byte {
		return boxOf("trak",
			boxOf("tkhd", words32(0x01000007, 1, 2, 3, 4), make([]byte, 60)),
			boxOf("mdia",
				boxOf("mdhd", words32(0, 99, 98), make([]byte, 12)),
				boxOf("hdlr", words32(0, 0), []byte(handler), make([]byte, 13)),
				boxOf("minf", boxOf("stbl", boxOf("stsz", words32(0), sizes), boxOf("stsc", words32(0, 2, 1, 3, 1, 2, 1, 1)), chunks))))
	}
	for name, places := range map[string][]byte{
		"each of its size": track("meta", words32(0, 4, 6, 10, 8, 8), boxOf("stco", words32(0, 2, at+16, at+48))),
		"all of one size":  track("meta", words32(piece, 4), boxOf("stco", words32(0, 2, at+16, at+48))),
		"far away":         track("meta", words32(piece, 4), boxOf("co64", words32(0, 2, 0, at+16, 0, at+48))),
	} {
		h := open(t, upload.Limits{})
		film := track("vide", words32(piece, 2), boxOf("stco", words32(0, 1, at+8)))
		written := bytes.Join([][]byte{begin, mdat, boxOf("moov", boxOf("mvhd", words32(0, 77, 76), make([]byte, 88)), film, places), boxOf("gps ", []byte("SECRET"))}, nil)
		f := h.take(t, "film.mp4", written)
		kept := h.bytes(t, f, false)
		if bytes.Contains(kept, []byte("SECRET")) || bytes.Count(kept, []byte("PIXEL---")) != 2 || bytes.Count(kept, []byte("trak")) != 1 {
			t.Errorf("%s: it became %q", name, kept)
		}
		if bytes.Contains(kept, words32(77, 76)) || bytes.Contains(kept, words32(99, 98)) || bytes.Contains(kept, words32(1, 2, 3, 4)) {
			t.Errorf("%s: it still says when it was taken", name)
		}
		// In one that is in pieces the track stays, as they are its.
		inPieces := bytes.Join([][]byte{begin, mdat, boxOf("moov", film, places, boxOf("mvex"))}, nil)
		kept = h.bytes(t, h.take(t, "film.mp4", inPieces), false)
		if bytes.Contains(kept, []byte("SECRET")) || bytes.Count(kept, []byte("trak")) != 2 {
			t.Errorf("%s, in pieces: it became %q", name, kept)
		}
	}
}
