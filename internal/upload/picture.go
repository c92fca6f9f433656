package upload

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // decodes its first frame
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"time"

	_ "golang.org/x/image/webp" // decodes it
)

const (
	pixelsMost = 64 << 20
	// decodeBytes is how much memory a picture may take while its small one is made; larger ones have none.
	decodeBytes = 160 << 20
	// decodeFor is how long that may take: some bytes can say to draw the same picture again and again.
	decodeFor   = 10 * time.Second
	decodeWait  = 30 * time.Second // for other pictures
	thumbSide   = 640              // pixels
	thumbNeeded = 128 << 10        // bytes: a picture that is no larger, in pixels too, is its own small one
	thumbGrade  = 82               // of JPEG's 100

	strippedEnding = ".stripped"
)

// look looks at a file that may be a picture or a film: how large it is, what a camera wrote beside it, and a small one. What calls itself a
// picture and isn't one is kept as bytes of no known type.
func (u *Uploads) look(ctx context.Context, path string, f *File) error {
	if boxed[f.Type] {
		return stripBoxes(path, f)
	}
	if strippers[f.Type] == nil {
		return nil
	}
	config, err := configOf(path)
	switch {
	case isOfDisk(err):
		return err
	case err != nil || config.Width <= 0 || config.Height <= 0:
		f.Type = Unknown
		return nil
	case int64(config.Width)*int64(config.Height) > pixelsMost:
		return &Error{Code: CodeBadImage, Message: fmt.Sprintf("The picture has %d × %d pixels; 64 million in all are the most. Make it smaller.",
			config.Width, config.Height)}
	}
	seen, err := strip(path, f)
	switch {
	case isOfDisk(err):
		return err
	case err != nil:
		f.Type = Unknown
		return nil
	}
	f.Width, f.Height = config.Width, config.Height
	if seen.turn >= 5 {
		f.Width, f.Height = f.Height, f.Width
	}
	return u.thumb(ctx, path, f, config, seen)
}

// isOfDisk reports whether an error is the disk's, and not of what is in a file.
func isOfDisk(err error) bool {
	_, path := errors.AsType[*os.PathError](err)
	_, link := errors.AsType[*os.LinkError](err)
	return path || link
}

func configOf(path string) (image.Config, error) {
	file, err := os.Open(path)
	if err != nil {
		return image.Config{}, err
	}
	defer closeAll(file)
	config, _, err := image.DecodeConfig(bufio.NewReaderSize(file, bufferBytes))
	return config, err
}

// weight is how many bytes a picture takes in memory while it is decoded, about.
func weight(kind string, c image.Config, seen seen) int64 {
	pixels := int64(c.Width) * int64(c.Height)
	switch kind {
	case "image/jpeg":
		each := seen.samples
		if seen.progressive {
			each *= 5 // and the coefficients of each sample, in four bytes
		}
		return pixels * int64(each) / samplesUnit
	case "image/gif":
		return pixels
	case "image/webp":
		return 6 * pixels
	}
	each := int64(4)
	switch c.ColorModel {
	case color.GrayModel:
		each = 1
	case color.Gray16Model:
		each = 2
	case color.RGBA64Model, color.NRGBA64Model:
		each = 8
	}
	if _, is := c.ColorModel.(color.Palette); is {
		each = 1
	}
	return each * pixels * 3 / 2 // one that is drawn in passes takes some of it twice
}

// thumb makes the small picture, where one is of use and can be made. That it can't is no refusal.
func (u *Uploads) thumb(ctx context.Context, path string, f *File, c image.Config, seen seen) error {
	if max(f.Width, f.Height) <= thumbSide && f.Size <= thumbNeeded || weight(f.Type, c, seen) > decodeBytes {
		return nil
	}
	wait, cancel := context.WithTimeout(ctx, decodeWait)
	defer cancel()
	select {
	case u.decoding <- struct{}{}:
	case <-wait.Done():
		return ctx.Err()
	}
	defer func() { <-u.decoding }()
	small, err := decodeSmall(path, seen.turn)
	if isOfDisk(err) {
		return err
	}
	if err != nil {
		u.opts.Logger.Debug("a picture has no small one", "type", f.Type, "error", err)
		return nil
	}
	out, err := os.OpenFile(path+thumbEnding, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileRights)
	if err != nil {
		return err
	}
	f.ThumbType = "image/png"
	if small.Opaque() {
		f.ThumbType = "image/jpeg"
		err = jpeg.Encode(out, small, &jpeg.Options{Quality: thumbGrade})
	} else {
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(out, small)
	}
	if f.ThumbSize, _ = out.Seek(0, io.SeekCurrent); err == nil {
		return out.Close()
	}
	closeAll(out)
	return err
}

// decodeSmall reads a picture and makes it small and upright. What a decoder does with bytes that nobody foresaw is contained.
func decodeSmall(path string, turn int) (small *image.RGBA, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the decoder panicked: %v", cause)
		}
	}()
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer closeAll(file)
	whole, _, err := image.Decode(bufio.NewReader(&until{file, time.Now().Add(decodeFor)}))
	if err != nil {
		return nil, err
	}
	return turned(shrunk(whole, thumbSide), turn), nil
}

// until reads until a time.
type until struct {
	from io.Reader
	end  time.Time
}

func (r *until) Read(p []byte) (int, error) {
	if time.Now().After(r.end) {
		return 0, errLate
	}
	return r.from.Read(p)
}

var errLate = errors.New("it takes too long")
