package handlers

import (
	"encoding/json"
	"regexp"
	"strings"

	"parley/internal/chat"
	"parley/internal/upload"
	"parley/internal/wire"
)

// fileView is a file of a message as a row shows it. static/js/ui/files.js shows the same.
type fileView struct {
	Kind                    string // shot, film, sound or card: see views/files.html
	Name, Meta              string
	URL, Thumb              string
	ShownWidth, ShownHeight int
	JSON                    string // as in a frame, for the script
}

// fileViewsOf shows the files of a message.
func fileViewsOf(p *page, files []chat.File) []fileView {
	views := make([]fileView, len(files))
	for i := range files {
		views[i] = fileViewOf(p, &files[i])
	}
	return views
}

func fileViewOf(p *page, f *chat.File) fileView {
	told := wire.AppendFile(nil, f)
	var at struct{ URL, Thumb string }
	_ = json.Unmarshal(told, &at) // written the line before
	v := fileView{Kind: "card", Name: f.Name, URL: at.URL, Thumb: at.Thumb, JSON: string(told)}
	if v.Thumb == "" {
		v.Thumb = v.URL // it is small as it is
	}
	_, shown := upload.Shown(f.Type)
	switch {
	case f.Gone || !shown:
	case strings.HasPrefix(f.Type, "image/") && f.Width > 0 && f.Height > 0:
		v.Kind = "shot"
		v.ShownWidth, v.ShownHeight = fit(f.Width, f.Height)
	case strings.HasPrefix(f.Type, "video/"):
		v.Kind = "film"
	case strings.HasPrefix(f.Type, "audio/"):
		v.Kind = "sound"
	}
	meta := []string{string(wire.AppendSize(nil, f.Size))}
	if kind := typeText(f.Type); kind != "" {
		meta = append([]string{kind}, meta...)
	}
	if f.Gone {
		meta = append(meta, p.Say("js.files.gone"))
	}
	v.Meta = strings.Join(meta, " · ")
	return v
}

// shotWide and shotTall are how large a picture in the log is at most, in CSS pixels.
const shotWide, shotTall = 320, 320

// fit is the size at which a picture is shown, so that its place is kept before it is there.
func fit(width, height int) (int, int) {
	scale := min(1, shotWide/float64(width), shotTall/float64(height))
	return max(1, int(float64(width)*scale+0.5)), max(1, int(float64(height)*scale+0.5))
}

var shortKind = regexp.MustCompile(`^[a-z0-9+-]{1,8}$`)

// typeText is what people call a kind of file, "PDF" or "ZIP", or nothing where it has no short name.
func typeText(mime string) string {
	mime, _, _ = strings.Cut(mime, ";")
	family, kind, _ := strings.Cut(strings.TrimSpace(mime), "/")
	kind = strings.TrimPrefix(kind, "x-")
	short, _, _ := strings.Cut(kind, "+")
	switch {
	case mime == "text/plain":
		return "TXT"
	case short != "" && shortKind.MatchString(kind):
		return strings.ToUpper(short)
	case family == "text":
		return "TXT"
	default:
		return ""
	}
}
