package upload

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// memory is a file in memory, which never grows.
type memory struct{ b []byte }

func (m *memory) ReadAt(p []byte, at int64) (int, error) { return bytes.NewReader(m.b).ReadAt(p, at) }

func (m *memory) WriteAt(p []byte, at int64) (int, error) {
	if at < 0 || at+int64(len(p)) > int64(len(m.b)) {
		return 0, errors.New("written behind the end")
	}
	return copy(m.b[at:], p), nil
}

// FuzzStripBoxes has anything taken for a film, a song or a picture of boxes. Nothing is written but into what is there, each byte a few
// times at most; and what was overwritten once is overwritten for good.
func FuzzStripBoxes(f *testing.F) {
	for _, ending := range []string{"mov", "mp4", "m4a", "heic", "avif"} {
		b, err := os.ReadFile(filepath.Join("testdata", "taken."+ending))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(ending == "m4a", b)
	}
	table := "\x00\x00\x00\x30stco\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"
	f.Add(false, []byte("\x00\x00\x00\x60moov\x00\x00\x00\x58trak\x00\x00\x00\x50mdia\x00\x00\x00\x14hdlr\x00\x00\x00\x00\x00\x00\x00\x00meta"+
		"\x00\x00\x00\x40minf\x00\x00\x00\x38stbl"+table))
	f.Fuzz(func(t *testing.T, isSong bool, written []byte) {
		kept := &memory{bytes.Clone(written)}
		b := boxes{file: kept, size: int64(len(written)), isSong: isSong}
		if err := b.strip(); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	})
}

func TestBoxesThatNeverEndAreLeft(t *testing.T) {
	many := bytes.Repeat([]byte("\x00\x00\x00\x08mdat"), boxesMost+1)
	many = append(many, "\x00\x00\x00\x0eudtaSECRET"...)
	kept := &memory{many}
	b := boxes{file: kept, size: int64(len(many))}
	if err := b.strip(); err != nil || b.left != -1 {
		t.Errorf("%d boxes are left to look at, %v", b.left, err)
	}
	// A table that names the same bytes again and again.
	same := &memory{make([]byte, 1000)}
	b = boxes{file: same, size: 1000, zeroes: 2000}
	for range 2 {
		if err := b.zero(0, 1000); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.zero(0, 1); !errors.Is(err, errEnough) {
		t.Errorf("overwritten for the third time: %v", err)
	}
}
