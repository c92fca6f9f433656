package handlers

import (
	"os"
	"testing"
	"time"

	"parley/internal/wire"
)

// The page's script says the same of the same files: internal/e2e/js/files.test.js.
func TestFilesAreDescribedAsPeopleDo(t *testing.T) {
	for size, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 1234: "1.2 kB", 9949: "9.9 kB", 9950: "10 kB", 482133: "482 kB", 999_499: "999 kB",
		999_500: "1.0 MB", 104_857_600: "105 MB", 1 << 30: "1.1 GB", 1 << 50: "1126 TB",
	} {
		if got := string(wire.AppendSize(nil, size)); got != want {
			t.Errorf("%d bytes are %q, want %q", size, got, want)
		}
	}
	for mime, want := range map[string]string{
		"application/pdf": "PDF", "text/plain; charset=utf-8": "TXT", "text/x-very-unusual": "TXT", "image/svg+xml": "SVG", "audio/mpeg": "MPEG",
		"application/x-tar": "TAR", "application/octet-stream": "", "application/vnd.oasis.opendocument.text": "", "": "", "video/mp4": "MP4",
		"nothing": "",
	} {
		if got := typeText(mime); got != want {
			t.Errorf("%s is a %q, want %q", mime, got, want)
		}
	}
	for from, want := range map[[2]int][2]int{
		{4032, 3024}: {320, 240}, {3024, 4032}: {240, 320}, {100, 50}: {100, 50}, {10000, 1}: {320, 1}, {1, 1}: {1, 1},
	} {
		if w, h := fit(from[0], from[1]); [2]int{w, h} != want {
			t.Errorf("%v is shown at %d×%d, want %v", from, w, h, want)
		}
	}
}

func TestTimesThatFilesAreKeptAreSaidAsPeopleDo(t *testing.T) {
	words, err := readWords(os.DirFS("../views"))
	if err != nil {
		t.Fatal(err)
	}
	for lasts, want := range map[time.Duration]string{
		time.Second: "1 minute", 90 * time.Minute: "90 minutes", time.Hour: "1 hour", 2 * time.Hour: "2 hours", 36 * time.Hour: "36 hours",
		24 * time.Hour: "1 day", 720 * time.Hour: "30 days",
	} {
		if got := lasting(&page{Lang: "en", words: words}, lasts); got != want {
			t.Errorf("%v is %q, want %q", lasts, got, want)
		}
	}
}
