package upload

import (
	"bufio"
	"errors"
	"io"
)

// Blocks of GIF (GIF89a, appendix A).
const (
	gifImage, gifExtension, gifEnd = 0x2c, 0x21, 0x3b
	gifControl, gifApplication     = 0xf9, 0xff // labels of extensions
	gifColours                     = 0x80       // a flag: a table of colours follows
)

// keptApplications are those whose extensions are needed to see a GIF: how often it is shown, and its colours.
var keptApplications = map[string]bool{"NETSCAPE2.0": true, "ANIMEXTS1.0": true, "ICCRGBG1012": true}

// stripGIF copies a GIF up to its end, without comments and what programs wrote into it. One that breaks off is as much as there is.
func stripGIF(w *bufio.Writer, r *bufio.Reader, _ *seen) error {
	head, err := r.Peek(13)
	if err != nil || string(head[:4]) != "GIF8" {
		return errBroken
	}
	flags := head[10]
	if err := copyExactly(w, r, int64(len(head))+coloursOf(flags)); err != nil {
		return err
	}
	nowhere := bufio.NewWriter(io.Discard) // one for all: a file can be made of nothing but extensions
	for begun := false; ; {
		block, err := r.ReadByte()
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return err
		case err == nil && block == gifImage:
			begun, err = true, copyGIFImage(w, r)
		case err == nil && block == gifExtension:
			err = copyGIFExtension(w, nowhere, r)
		case !begun:
			return errBroken
		case err != nil:
			return nil
		default: // the end, or what nobody knows
			return w.WriteByte(gifEnd)
		}
		if begun && errors.Is(err, errBroken) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// coloursOf is how many bytes the table of colours has that some flags speak of.
func coloursOf(flags byte) int64 {
	if flags&gifColours == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

func copyGIFImage(w *bufio.Writer, r *bufio.Reader) error {
	if err := w.WriteByte(gifImage); err != nil {
		return err
	}
	about, err := r.Peek(9)
	if err != nil {
		return errBroken
	}
	if err := copyExactly(w, r, 9+coloursOf(about[8])+1); err != nil { // and how the pixels are coded
		return err
	}
	return copyGIFPieces(w, r)
}

func copyGIFExtension(w, nowhere *bufio.Writer, r *bufio.Reader) error {
	label, err := r.ReadByte()
	if err != nil {
		return errBroken
	}
	const name = 11
	about, _ := r.Peek(1 + name) // where there is less, it is none of those that are kept
	isKept := label == gifControl || label == gifApplication && len(about) == 1+name && keptApplications[string(about[1:])]
	if !isKept {
		return copyGIFPieces(nowhere, r)
	}
	if _, err := w.Write([]byte{gifExtension, label}); err != nil {
		return err
	}
	return copyGIFPieces(w, r)
}

// copyGIFPieces copies pieces, each behind its length, up to an empty one.
func copyGIFPieces(w *bufio.Writer, r *bufio.Reader) error {
	for {
		n, err := r.ReadByte()
		if err != nil {
			return errBroken
		}
		if err := w.WriteByte(n); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		if err := copyExactly(w, r, int64(n)); err != nil {
			return err
		}
	}
}
