package upload

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// boxed are the types that are made of boxes (ISO/IEC 14496-12): films, songs, and the pictures of newer phones.
var boxed = map[string]bool{
	"video/mp4": true, "video/quicktime": true, "video/3gpp": true, "audio/mp4": true, "image/heic": true, "image/avif": true,
}

const (
	boxesMost = 1 << 17 // in a file: a film of hours in pieces of a second has a tenth of it
	zeroBytes = 32 << 10
)

// errEnough ends looking at a file that says the same again and again.
var errEnough = errors.New("too much of it")

// boxes are the boxes of a file. What a camera wrote beside the pictures lies in some of them, and is overwritten there, so that
// nothing moves to which others point and nothing large is copied. A file that isn't made as it should be is left as it is from there on.
type boxes struct {
	file interface {
		io.ReaderAt
		io.WriterAt
	}
	size   int64
	isSong bool  // its title and its cover are what it is sent for
	left   int   // boxes that are still looked at
	zeroes int64 // bytes that may still be overwritten
}

// box is one of them. Behind its head, its content begins at from and ends before end.
type box struct {
	kind          string
	at, from, end int64
}

// stripBoxes overwrites in a film, a song or a picture what was written beside it: the place, the time, the device. In a song, what
// players show of it stays.
func stripBoxes(path string, f *File) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	b := boxes{file: file, size: f.Size, isSong: f.Type == "audio/mp4"}
	return errors.Join(b.strip(), file.Close())
}

func (b *boxes) strip() error {
	b.left, b.zeroes = boxesMost, 2*b.size
	err := b.each(0, b.size, b.top)
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// each goes through the boxes between two places, until something is none.
func (b *boxes) each(at, end int64, do func(box) error) error {
	for end-at >= 8 {
		if b.left--; b.left < 0 {
			return errEnough
		}
		var head [16]byte
		if _, err := b.file.ReadAt(head[:min(int64(len(head)), end-at)], at); err != nil {
			return err
		}
		x := box{kind: string(head[4:8]), at: at, from: at + 8}
		size := int64(binary.BigEndian.Uint32(head[:]))
		switch {
		case size == 0: // up to the end
			size = end - at
		case size == 1 && end-at >= 16:
			x.from += 8
			size = int64(binary.BigEndian.Uint64(head[8:])) //nolint:gosec // what is too large is less than nothing
		}
		if size < x.from-at {
			return nil
		}
		x.end = at + min(size, end-at) // the last one may be cut off
		if err := do(x); err != nil {
			return err
		}
		at = x.end
	}
	return nil
}

// top looks at a box that is in no other. What nobody knows there is of no use for seeing it.
func (b *boxes) top(x box) error {
	switch x.kind {
	case "moov":
		return b.movie(x)
	case "meta":
		return b.pictures(x)
	case "ftyp", "styp", "mdat", "moof", "mfra", "sidx", "ssix", "prft", "pdin", "emsg", "mini":
		return nil
	}
	return b.blank(x)
}

// movie looks at what describes a film.
func (b *boxes) movie(moov box) error {
	inPieces := false
	if err := b.each(moov.from, moov.end, func(x box) error {
		inPieces = inPieces || x.kind == "mvex"
		return nil
	}); err != nil {
		return err
	}
	return b.each(moov.from, moov.end, func(x box) error {
		switch x.kind {
		case "mvhd":
			return b.blankTimes(x)
		case "trak":
			return b.track(x, inPieces)
		case "mvex", "iods", "pssh", "clip", "ctab", "rmra", "cmov":
			return nil
		case "udta":
			if b.isSong {
				return b.each(x.from, x.end, b.song)
			}
		}
		return b.blank(x)
	})
}

// song looks at what was written beside a song. What players show is in a form of its own; chapters are, too.
func (b *boxes) song(x box) error {
	const tags = "mdir"
	if kind, inside := b.metaOf(x); kind == tags {
		return b.each(inside, x.end, func(list box) error {
			if list.kind != "ilst" {
				return nil
			}
			return b.each(list.from, list.end, func(tag box) error {
				if tag.kind == "\xa9xyz" {
					return b.blank(tag)
				}
				return nil
			})
		})
	}
	if x.kind == "chpl" {
		return nil
	}
	return b.blank(x)
}

// metaOf says what kind of things a box meta has, "" for another box, and where they begin.
func (b *boxes) metaOf(x box) (kind string, inside int64) {
	if x.kind != "meta" {
		return "", x.from
	}
	inside = x.from + 4
	if first := b.bytesAt(x.from+4, 4); string(first) == "hdlr" { // as QuickTime has it, without a version
		inside = x.from
	}
	hdlr := b.bytesAt(inside, 20)
	if len(hdlr) < 20 || string(hdlr[4:8]) != "hdlr" {
		return "", inside
	}
	return string(hdlr[16:]), inside
}

// track looks at one of a film's tracks. One that has neither pictures nor sound, such as of all places on the way, is taken out.
func (b *boxes) track(trak box, inPieces bool) error {
	var handler string
	var table box
	err := b.each(trak.from, trak.end, func(x box) (err error) {
		switch x.kind {
		case "tkhd":
			return b.blankTimes(x)
		case "mdia":
			handler, table, err = b.media(x)
			return err
		case "udta", "meta", "uuid", "free", "skip":
			return b.blank(x)
		}
		return nil
	})
	if err != nil || handler != "meta" {
		return err
	}
	if err := b.blankSamples(table); err != nil || inPieces { // whose pieces would be of no track
		return err
	}
	return b.blank(trak)
}

// media looks at what a track consists of: who shows it, and the table of where it is.
func (b *boxes) media(mdia box) (handler string, table box, err error) {
	err = b.each(mdia.from, mdia.end, func(x box) error {
		switch x.kind {
		case "mdhd":
			return b.blankTimes(x)
		case "hdlr":
			handler = string(b.bytesAt(x.from+8, 4))
		case "minf":
			return b.each(x.from, x.end, func(x box) error {
				if x.kind == "stbl" {
					table = x
				}
				return nil
			})
		}
		return nil
	})
	return handler, table, err
}

// bytesAt reads some bytes, or as many as there are.
func (b *boxes) bytesAt(at int64, n int) []byte {
	read := make([]byte, n)
	n, _ = b.file.ReadAt(read, at) // what can't be read is missed by whoever asks
	return read[:n]
}

// blankTimes overwrites when something was made and changed last, which is what some boxes begin with.
func (b *boxes) blankTimes(x box) error {
	n := int64(8)
	if version := b.bytesAt(x.from, 1); len(version) == 1 && version[0] == 1 {
		n = 16
	}
	return b.zero(x.from+4, min(n, x.end-x.from-4))
}

// blank makes a box one that everyone passes over, with nothing in it.
func (b *boxes) blank(x box) error {
	if _, err := b.file.WriteAt([]byte("free"), x.at+4); err != nil {
		return err
	}
	return b.zero(x.from, x.end-x.from)
}

var zeroPiece [zeroBytes]byte

// zero overwrites so many bytes, as far as the file has them.
func (b *boxes) zero(at, n int64) error {
	if at < 0 || at >= b.size || n <= 0 {
		return nil
	}
	n = min(n, b.size-at)
	if b.zeroes -= n; b.zeroes < 0 {
		return errEnough
	}
	for n > 0 {
		piece := zeroPiece[:min(n, zeroBytes)]
		if _, err := b.file.WriteAt(piece, at); err != nil {
			return err
		}
		at, n = at+int64(len(piece)), n-int64(len(piece))
	}
	return nil
}
