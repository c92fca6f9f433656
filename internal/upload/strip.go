package upload

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// seen is what was seen in a picture on the way.
type seen struct {
	turn        int  // how the camera was held, as Exif says it: 1 to 8
	progressive bool // a JPEG that is drawn in several passes
	samples     int  // of a JPEG: samples for each pixel, in samplesUnit
}

// samplesUnit is what a sample for each pixel counts as: with halved colours there are one and a half.
const samplesUnit = 16

var errBroken = errors.New("the picture is broken")

// strippers copy a picture without what was written beside it.
var strippers = map[string]func(*bufio.Writer, *bufio.Reader, *seen) error{
	"image/jpeg": stripJPEG, "image/png": stripPNG, "image/webp": stripWebP, "image/gif": stripGIF,
}

// strip takes out of a picture what a camera or program wrote beside it: the place, the time, the device, a text, a second picture. What
// is needed to see it as it was meant stays: the colours, and how it is turned. No pixel changes.
func strip(path string, f *File) (s seen, err error) {
	s = seen{turn: 1, samples: 3 * samplesUnit}
	in, err := os.Open(path)
	if err != nil {
		return s, err
	}
	defer closeAll(in)
	out, err := os.OpenFile(path+strippedEnding, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileRights)
	if err != nil {
		return s, err
	}
	w := bufio.NewWriterSize(out, bufferBytes)
	if err = strippers[f.Type](w, bufio.NewReaderSize(in, bufferBytes), &s); err == nil {
		err = w.Flush()
	}
	var size int64
	if err == nil {
		size, err = out.Seek(0, io.SeekCurrent)
	}
	if err == nil && f.Type == "image/webp" {
		err = setRIFFSize(out, size)
	}
	if err = errors.Join(err, out.Close()); err != nil {
		removeAll(path + strippedEnding)
		return s, err
	}
	f.Size = size
	return s, os.Rename(path+strippedEnding, path)
}

// Markers of JPEG (ITU T.81, table B.1).
const (
	markSOI, markEOI, markSOS, markCOM    = 0xd8, 0xd9, 0xda, 0xfe
	markAPP0, markAPP1, markAPP2, markAPP = 0xe0, 0xe1, 0xe2, 0xef // the last of them
	markAdobe                             = 0xee                   // APP14, which says what the colours are
)

// stripJPEG copies a JPEG without what applications wrote into it, but for JFIF, the colour profile and Adobe's mark, and without
// what comes behind its end. Of Exif the turn alone is written anew.
func stripJPEG(w *bufio.Writer, r *bufio.Reader, s *seen) error {
	var begin [2]byte
	if _, err := io.ReadFull(r, begin[:]); err != nil || begin != [2]byte{0xff, markSOI} {
		return errBroken
	}
	// Before the pixels there may be several tables: they are kept until the turn is known, which has to stand before them.
	var head []byte
	scanning := false
	mark, err := nextMark(r)
	for {
		if err != nil {
			return err
		}
		if mark == markEOI {
			if !scanning {
				return errBroken
			}
			_, err := w.Write([]byte{0xff, markEOI})
			return err
		}
		var segment []byte
		if segment, err = segmentOf(r, mark); err != nil {
			return err
		}
		s.see(mark, segment)
		if keepsSegment(mark, segment) {
			head = append(head, segment...)
		}
		if len(head) > headMost {
			return errBroken
		}
		if mark != markSOS {
			mark, err = nextMark(r)
			continue
		}
		if !scanning {
			scanning = true
			if err := writeBeginning(w, head, s.turn); err != nil {
				return err
			}
		} else if _, err := w.Write(head); err != nil {
			return err
		}
		head = head[:0]
		if mark, err = copyScan(w, r); errors.Is(err, io.EOF) {
			return nil // it ends before its end, and is as much as there is
		}
	}
}

// headMost is how many bytes of tables may stand before the pixels; a colour profile has up to a few hundred thousand.
const headMost = 8 << 20

// nextMark reads up to the next marker.
func nextMark(r *bufio.Reader) (byte, error) {
	if c, err := r.ReadByte(); err != nil || c != 0xff {
		return 0, errBroken
	}
	return markBehind(r)
}

// markBehind reads a marker behind its first byte, which may come several times.
func markBehind(r *bufio.Reader) (byte, error) {
	for {
		if c, err := r.ReadByte(); err != nil {
			return 0, errBroken
		} else if c != 0xff {
			return c, nil
		}
	}
}

// segmentOf reads the segment behind a marker, and returns it with its marker.
func segmentOf(r *bufio.Reader, mark byte) ([]byte, error) {
	if mark == 0x01 || mark >= 0xd0 && mark <= 0xd7 { // they stand alone
		return []byte{0xff, mark}, nil
	}
	var size [2]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, errBroken
	}
	n := int(binary.BigEndian.Uint16(size[:]))
	if n < 2 || mark == 0 || mark == markSOI {
		return nil, errBroken
	}
	segment := make([]byte, 2+n)
	copy(segment, []byte{0xff, mark, size[0], size[1]})
	if _, err := io.ReadFull(r, segment[4:]); err != nil {
		return nil, errBroken
	}
	return segment, nil
}

// keepsSegment reports whether a segment is needed to see the picture.
func keepsSegment(mark byte, segment []byte) bool {
	switch {
	case mark == markCOM:
		return false
	case mark == markAPP0:
		return hasName(segment, "JFIF\x00")
	case mark == markAPP2:
		return hasName(segment, "ICC_PROFILE\x00")
	case mark == markAdobe:
		return hasName(segment, "Adobe")
	}
	return mark < markAPP0 || mark > markAPP
}

func hasName(segment []byte, name string) bool {
	return len(segment) >= 4+len(name) && string(segment[4:4+len(name)]) == name
}

// see notes what a segment says of the picture.
func (s *seen) see(mark byte, segment []byte) {
	switch {
	case mark == markAPP1 && hasName(segment, "Exif\x00\x00"):
		if turn := turnIn(segment[10:]); turn != 0 {
			s.turn = turn
		}
	case mark == 0xc2 || mark == 0xc6 || mark == 0xca || mark == 0xce:
		s.progressive = true
		s.countSamples(segment)
	case mark == 0xc0 || mark == 0xc1:
		s.countSamples(segment)
	}
}

// countSamples reads how finely the colours are sampled (T.81, B.2.2).
func (s *seen) countSamples(segment []byte) {
	if len(segment) < 10 {
		return
	}
	components := segment[10:]
	most, sum := 1, 0
	for i := range int(segment[9]) {
		if len(components) < 3*i+2 {
			return
		}
		factor := int(components[3*i+1]>>4) * int(components[3*i+1]&15)
		most, sum = max(most, factor), sum+factor
	}
	s.samples = samplesUnit * sum / most
}

// turnIn reads how the picture is turned out of the first directory of Exif's TIFF, 0 where that doesn't say.
func turnIn(tiff []byte) int {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	const entry, tagTurn = 12, 0x0112
	entries := tiff[at+2:]
	for i := range int(order.Uint16(tiff[at:])) {
		if len(entries) < entry*(i+1) {
			return 0
		}
		if e := entries[entry*i:]; order.Uint16(e) == tagTurn {
			if turn := int(order.Uint16(e[8:])); turn >= 1 && turn <= 8 {
				return turn
			}
		}
	}
	return 0
}

// writeBeginning writes what stands before the pixels: JFIF first, as it has to be, then the turn.
func writeBeginning(w *bufio.Writer, head []byte, turn int) error {
	begin := []byte{0xff, markSOI}
	if len(head) >= 4 && head[1] == markAPP0 {
		n := 2 + int(binary.BigEndian.Uint16(head[2:]))
		begin, head = append(begin, head[:n]...), head[n:]
	}
	if turn != 1 {
		begin = append(begin, 0xff, markAPP1, 0, 34)
		begin = append(begin, "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"...)
		begin = append(begin, byte(turn), 0, 0, 0, 0, 0, 0)
	}
	_, err := w.Write(append(begin, head...))
	return err
}

// copyScan copies the pixels up to the next marker, which it reads. Where they end without one, it says io.EOF.
func copyScan(w *bufio.Writer, r *bufio.Reader) (mark byte, err error) {
	for {
		piece, err := r.ReadSlice(0xff)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if _, err := w.Write(piece); err != nil {
				return 0, err
			}
			continue
		case errors.Is(err, io.EOF):
			if _, err := w.Write(piece); err != nil {
				return 0, err
			}
			return 0, io.EOF
		case err != nil:
			return 0, err
		}
		if _, err := w.Write(piece[:len(piece)-1]); err != nil {
			return 0, err
		}
		if mark, err = markBehind(r); err != nil {
			return 0, io.EOF
		}
		if mark != 0 && (mark < 0xd0 || mark > 0xd7) {
			return mark, nil
		}
		if _, err := w.Write([]byte{0xff, mark}); err != nil {
			return 0, err
		}
	}
}
