package handlers

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"

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
	meta := []string{sizeText(f.Size)}
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

// fileRules says how large a file may be and how long it stays, before somebody sends one; "" where neither is limited.
func (s *site) fileRules(p *page) string {
	limits := s.uploads.Limits()
	var rules []string
	if most := limits.FileBytes; most > 0 {
		rules = append(rules, p.Say("files.most", "size", sizeText(most)))
	}
	if limits.Expire > 0 {
		rules = append(rules, p.Say("files.kept", "time", lasting(p, limits.Expire)))
	}
	return strings.Join(rules, " ")
}

// lasting is a time as people say it: in days, or in hours or minutes where it is less than two of them.
func lasting(p *page, d time.Duration) string {
	const hour, day = time.Hour, 24 * time.Hour
	switch {
	case d >= 2*day || d == day:
		return p.Count("files.days", int(d/day))
	case d >= 2*hour || d == hour:
		return p.Count("files.hours", int(d/hour))
	}
	return p.Count("files.minutes", max(1, int(d/time.Minute)))
}

// storage says how much all files take, for whoever keeps order in the chat.
func (s *site) storage(p *page) string {
	stats := s.uploads.Stats()
	if most := s.uploads.Limits().TotalBytes; most > 0 {
		return p.Count("files.storage", int(stats.Files), "bytes", sizeText(stats.Bytes), "most", sizeText(most))
	}
	return p.Count("files.stored", int(stats.Files), "bytes", sizeText(stats.Bytes))
}

func sizeText(bytes int64) string { return string(wire.AppendSize(nil, bytes)) }
