package handlers

import (
	"errors"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"os"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/internal/upload"
)

// parcel is a form with a file in it (RFC 7578), as far as it has been read: the fields before the file. The file is read as it comes.
type parcel struct {
	fields map[string]string
	file   *multipart.Part
	size   int64 // of the whole
}

const (
	parcelKey = "parcel" // of the locals
	fileField = "file"
)

var (
	errNoParcel   = newProblem("unsupported", "Send a form with a file in it: multipart/form-data.")
	errFieldsMuch = newProblem("too_large", "There is too much before the file.")
	errFieldsOnly = newProblem("bad_request", "There is no file in the form. Choose one; it has to be the last field.")
)

// needTokenInParcel is [site.needToken] where a file comes behind the fields: it is not read before the token is known to be good.
func (s *site) needTokenInParcel(c *fiber.Ctx) error {
	p, err := s.openParcel(c)
	if err != nil {
		return uploadRefused(err)
	}
	c.Locals(parcelKey, p)
	return s.checkToken(c, p.fields[tokenField])
}

// openParcel reads a form up to its file.
func (s *site) openParcel(c *fiber.Ctx) (*parcel, error) {
	kind, said, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || kind != fiber.MIMEMultipartForm || said["boundary"] == "" {
		return nil, errNoParcel
	}
	body, size, err := s.arrival(c)
	if err != nil {
		return nil, err
	}
	before := &bounded{from: body, left: bodyMost}
	form, p := multipart.NewReader(before, said["boundary"]), &parcel{fields: map[string]string{}, size: size}
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, errFieldsOnly
		case err != nil:
			return nil, brokenForm(err)
		case part.FormName() == fileField:
			before.left = math.MaxInt64
			p.file = part
			return p, nil
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, brokenForm(err)
		}
		p.fields[part.FormName()] = string(value)
	}
}

// brokenForm is what is wrong with a form that can't be read to its file.
func brokenForm(err error) error {
	var refused *problem
	if errors.As(err, &refused) || errors.Is(err, errTooSlow) || errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return upload.ErrCut
}

// arrival is the body of a request whose length is known, as it comes in.
func (s *site) arrival(c *fiber.Ctx) (*arriving, int64, error) {
	size, stream := c.Request().Header.ContentLength(), c.Context().RequestBodyStream()
	if size < 0 || stream == nil {
		return nil, 0, errNoLength
	}
	patient := s.config.Socket.RequestTimeout <= 0
	return &arriving{from: stream, conn: c.Context().Conn(), begun: time.Now(), patient: patient}, int64(size), nil
}

// bounded reads so much, and no more.
type bounded struct {
	from io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errFieldsMuch
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
