package upload

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// numbers reads the tables within boxes, as they come: they may be long. Behind their end all is 0, and done is true.
type numbers struct {
	from *bufio.Reader
	done bool
	err  error // of the disk
}

// numbersOf reads a table behind its first bytes.
func (b *boxes) numbersOf(x box, skip int64) *numbers {
	begin := min(x.from+skip, x.end)
	return &numbers{from: bufio.NewReader(io.NewSectionReader(b.file, begin, x.end-begin)), done: x.kind == ""}
}

// next reads a number of so many bytes.
func (n *numbers) next(size int) int64 {
	var bytes [8]byte
	if n.done || size > len(bytes) {
		return 0
	}
	if _, err := io.ReadFull(n.from, bytes[len(bytes)-size:]); err != nil {
		n.done = true
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			n.err = err
		}
		return 0
	}
	return int64(min(binary.BigEndian.Uint64(bytes[:]), math.MaxInt64)) //nolint:gosec // it fits
}

// blankSamples overwrites what a track consists of: it lies in chunks, of which one table says where they are, one how many samples
// are in which, and one how large these are (ISO/IEC 14496-12, 8.7).
func (b *boxes) blankSamples(table box) error {
	parts := map[string]box{}
	if err := b.each(table.from, table.end, func(x box) error {
		parts[x.kind] = x
		return nil
	}); err != nil {
		return err
	}
	places, width := parts["stco"], 4
	if parts["co64"].kind != "" {
		places, width = parts["co64"], 8
	}
	const version = 4
	chunks, runs := b.numbersOf(places, version+4), b.numbersOf(parts["stsc"], version+4)
	sizes := b.numbersOf(parts["stsz"], version)
	each := sizes.next(4)
	sizes.next(4) // how many there are
	first, many := runs.next(4), runs.next(4)
	runs.next(4)
	if first != 1 {
		return runs.err
	}
	until, then := runs.next(4), runs.next(4)
	runs.next(4)
	for chunk := int64(1); ; chunk++ {
		at := chunks.next(width)
		if chunks.done {
			return errors.Join(chunks.err, runs.err)
		}
		if chunk == until {
			many, until, then = then, runs.next(4), runs.next(4)
			runs.next(4)
		}
		length := each * many
		for i := int64(0); each == 0 && i < many && !sizes.done; i++ {
			length += sizes.next(4)
		}
		if err := errors.Join(sizes.err, b.zero(at, length)); err != nil {
			return err
		}
	}
}

// pictures looks at what describes the pictures of a file, and overwrites what was written beside them: Exif and XMP are items like them.
func (b *boxes) pictures(meta box) error {
	const pictures = "pict"
	kind, inside := b.metaOf(meta)
	if kind != pictures {
		return b.blank(meta)
	}
	var infos, places, data box
	if err := b.each(inside, meta.end, func(x box) error {
		switch x.kind {
		case "iinf":
			infos = x
		case "iloc":
			places = x
		case "idat":
			data = x
		case "udta", "meta", "uuid", "free", "skip":
			return b.blank(x)
		}
		return nil
	}); err != nil {
		return err
	}
	beside, err := b.itemsBeside(infos)
	if err != nil || len(beside) == 0 {
		return err
	}
	return b.blankItems(places, data, beside)
}

// itemsBeside are the items that are no pictures. There are no more than a number of 16 bits has, in files that somebody made.
func (b *boxes) itemsBeside(infos box) (map[int64]bool, error) {
	beside := map[int64]bool{}
	count := int64(2)
	if version := b.bytesAt(infos.from, 1); len(version) == 1 && version[0] > 0 {
		count = 4
	}
	err := b.each(infos.from+4+count, infos.end, func(x box) error {
		n := b.numbersOf(x, 0)
		version := n.next(1)
		n.next(3)
		idWidth := 4
		if version < 3 {
			idWidth = 2
		}
		id := n.next(idWidth)
		n.next(2)
		if kind := n.next(4); version >= 2 && (kind == numberOf("Exif") || kind == numberOf("mime")) && len(beside) < math.MaxUint16 {
			beside[id] = true
		}
		return n.err
	})
	return beside, err
}

func numberOf(kind string) int64 { return int64(binary.BigEndian.Uint32([]byte(kind))) }

// blankItems overwrites items, which lie in the file or in the box idat, each in one piece or several (ISO/IEC 14496-12, 8.11.3).
func (b *boxes) blankItems(places, data box, beside map[int64]bool) error {
	n := b.numbersOf(places, 0)
	version := n.next(1)
	n.next(3)
	widths := n.next(2)
	offset, length, base, index := int(widths>>12), int(widths>>8&15), int(widths>>4&15), int(widths&15)
	idWidth := 2
	if version >= 2 {
		idWidth = 4
	}
	if version == 0 {
		index = 0
	}
	if length == 0 || max(offset, length, base, index) > 8 { // items as long as the file are none of those
		return n.err
	}
	for items := n.next(idWidth); items > 0 && !n.done; items-- {
		id, how := n.next(idWidth), int64(0)
		if version > 0 {
			how = n.next(2) & 15
		}
		n.next(2)
		begin := n.next(base)
		if how == inData {
			begin += data.from
		}
		for pieces := n.next(2); pieces > 0 && !n.done; pieces-- {
			n.next(index)
			at, size := begin+n.next(offset), n.next(length)
			if !beside[id] || how > inData || n.done {
				continue
			}
			if err := b.zero(at, size); err != nil {
				return err
			}
		}
	}
	return n.err
}

// inData is how an item lies in the box idat; 0 is in the file.
const inData = 1
