package upload

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"
)

// keptChunks are those of PNG (and its animations) that are needed to see it. Texts, times, Exif and what nobody knows are not.
var keptChunks = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true, "gAMA": true, "cHRM": true, "sRGB": true, "iCCP": true,
	"sBIT": true, "bKGD": true, "pHYs": true, "cICP": true, "mDCV": true, "cLLI": true, "acTL": true, "fcTL": true, "fdAT": true,
}

const pngSign = "\x89PNG\r\n\x1a\n"

// stripPNG copies a PNG up to its end, without the chunks that aren't needed to see it.
func stripPNG(w *bufio.Writer, r *bufio.Reader, _ *seen) error {
	var sign [len(pngSign)]byte
	if _, err := io.ReadFull(r, sign[:]); err != nil || string(sign[:]) != pngSign {
		return errBroken
	}
	if _, err := w.WriteString(pngSign); err != nil {
		return err
	}
	for {
		var head [8]byte // length and name
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return errBroken
		}
		rest := int64(binary.BigEndian.Uint32(head[:])) + 4 // with the sum
		name := string(head[4:])
		if !keptChunks[name] {
			if n, err := io.CopyN(io.Discard, r, rest); err != nil || n != rest {
				return errBroken
			}
			continue
		}
		if _, err := w.Write(head[:]); err != nil {
			return err
		}
		if err := copyExactly(w, r, rest); err != nil {
			return err
		}
		if name == "IEND" {
			return nil
		}
	}
}

// copyExactly copies so many bytes. That they aren't there is the picture's fault, that they can't be written the disk's.
func copyExactly(w *bufio.Writer, r *bufio.Reader, n int64) error {
	for n > 0 {
		piece, err := r.Peek(int(min(n, bufferBytes)))
		if len(piece) == 0 && err != nil {
			return errBroken
		}
		if _, err := w.Write(piece); err != nil {
			return err
		}
		n -= int64(len(piece))
		if _, err := r.Discard(len(piece)); err != nil {
			return err
		}
	}
	return nil
}

// stripWebP copies a WebP without Exif and XMP. How many bytes it has in all is set when that is known: see setRIFFSize.
func stripWebP(w *bufio.Writer, r *bufio.Reader, _ *seen) error {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WEBP" {
		return errBroken
	}
	left := int64(binary.LittleEndian.Uint32(head[4:])) - 4
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	for left >= 8 {
		var chunk [8]byte
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return errBroken
		}
		rest := int64(binary.LittleEndian.Uint32(chunk[4:]))
		rest += rest & 1 // they begin at even places
		left -= 8 + rest
		switch string(chunk[:4]) {
		case "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP":
		default:
			if n, err := io.CopyN(io.Discard, r, rest); err != nil || n != rest {
				return errBroken
			}
			continue
		}
		if _, err := w.Write(chunk[:]); err != nil {
			return err
		}
		if string(chunk[:4]) == "VP8X" && rest > 0 { // what it says of what else is in the file
			flags, err := r.ReadByte()
			if err != nil {
				return errBroken
			}
			const hasExif, hasXMP = 0x08, 0x04
			if err := w.WriteByte(flags &^ (hasExif | hasXMP)); err != nil {
				return err
			}
			rest--
		}
		if err := copyExactly(w, r, rest); err != nil {
			return err
		}
	}
	return nil
}

// setRIFFSize writes how many bytes follow the first eight of a file.
func setRIFFSize(f *os.File, size int64) error {
	var bytes [4]byte
	binary.LittleEndian.PutUint32(bytes[:], uint32(size-8))
	_, err := f.WriteAt(bytes[:], 4)
	return err
}
