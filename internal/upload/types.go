package upload

import (
	"bytes"
	"net/http"
	"strings"
)

// Unknown is the type of what isn't known, and what all is sent as that a browser must not show by itself.
const Unknown = "application/octet-stream"

// shown are the types that a browser may show by itself: nothing in them runs. Never a type that can hold a script, such as SVG, HTML,
// XML or PDF.
var shown = map[string]bool{
	"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true,
	"audio/mpeg": true, "audio/ogg": true, "audio/wave": true, "audio/flac": true, "audio/mp4": true, "audio/aac": true,
	"video/mp4": true, "video/webm": true, "video/quicktime": true,
	"text/plain": true,
}

// Shown returns the type that a file is sent as, and whether a browser may show it by itself.
func Shown(kind string) (as string, inline bool) {
	bare, _, _ := strings.Cut(kind, ";")
	if !shown[bare] {
		return Unknown, false
	}
	return kind, true
}

// signs are what the first bytes of a file may be that [http.DetectContentType] doesn't know, or calls otherwise than browsers do.
var signs = []struct {
	at   int
	sign string
	kind string
}{
	{0, "fLaC", "audio/flac"},
	{4, "ftypM4A", "audio/mp4"},
	{4, "ftypM4B", "audio/mp4"},
	{4, "ftypqt", "video/quicktime"},
	{4, "ftyphe", "image/heic"}, // heic, heix and others, by how they are coded
	{4, "ftypmif1", "image/heic"},
	{4, "ftypmsf1", "image/heic"},
	{4, "ftypavif", "image/avif"},
	{4, "ftyp3g", "video/3gpp"},
	{4, "ftypiso", "video/mp4"},
	{4, "ftypmp4", "video/mp4"},
	{4, "ftypavc1", "video/mp4"},
	{4, "ftypdash", "video/mp4"},
	{4, "ftypMSNV", "video/mp4"},
	{4, "ftypM4V", "video/mp4"},
	{0, "\xff\xf1", "audio/aac"},
	{0, "\xff\xf9", "audio/aac"},
	{0, "\xff\xfb", "audio/mpeg"},
	{0, "\xff\xf3", "audio/mpeg"},
	{0, "\xff\xf2", "audio/mpeg"},
	{0, "II*\x00", "image/tiff"},
	{0, "MM\x00*", "image/tiff"},
	{0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"},
}

// typeOf says what a file is by its first bytes, never by its name.
func typeOf(first []byte) string {
	for _, s := range signs {
		if len(first) >= s.at && bytes.HasPrefix(first[s.at:], []byte(s.sign)) {
			return s.kind
		}
	}
	kind := http.DetectContentType(first)
	bare, _, _ := strings.Cut(kind, ";")
	switch {
	case bare == "text/plain" || bare == "text/xml":
		if isSVG(first) {
			return "image/svg+xml"
		}
	case bare == "application/ogg":
		if bytes.Contains(first, []byte("\x80theora")) {
			return "video/ogg"
		}
		return "audio/ogg"
	}
	return kind
}

// isSVG reports whether text has the element of an SVG near its beginning.
func isSVG(first []byte) bool { return bytes.Contains(bytes.ToLower(first), []byte("<svg")) }
