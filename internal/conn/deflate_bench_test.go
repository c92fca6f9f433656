package conn

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/klauspost/compress/flate"
)

// chatFrames are payloads as a room sends them, of people who say what people say.
func chatFrames(n int) (all [][]byte) {
	said := []string{
		"morning", "has anyone seen the projector? it isn't in room 4", "yes, it's downstairs, I'll bring it up in ten minutes",
		"grüße aus der Werkstatt: die Teile sind da", "lunch at 12:30?", "The build is green again. It was the clock: two machines were " +
			"three minutes apart, and the certificate wasn't valid yet on one of them.", "👍", "can somebody look at the printer on the second floor",
	}
	for i := range n {
		text := said[i%len(said)]
		all = append(all, fmt.Appendf(nil, `{"type":"message","room":"lobby","seq":%d,"id":"%016x","user":"u_%s","name":"Person %d",`+
			`"text":%q,"html":"<p>%s</p>","time":"2026-11-21T17:%02d:%02d.%03dZ"}`, 100_000+i, uint64(i)*0x9E3779B97F4A7C15,
			"f6jw4cizx7cuqopf", i%40, text, text, i/60%60, i%60, i*37%1000))
	}
	return all
}

// BenchmarkDeflate compresses a batch of a room's frames as permessage-deflate would have it (RFC 7692), once for all members of a
// dialect and without context takeover, so that everybody can be written the same bytes. It says what is saved, and what one
// compressor holds. docs/decisions/9-no-compression.md goes by it.
func BenchmarkDeflate(b *testing.B) {
	for _, level := range []int{flate.BestSpeed, flate.DefaultCompression} {
		for _, batch := range []int{1, 64} {
			b.Run(fmt.Sprintf("level %d, %d at once", level, batch), func(b *testing.B) {
				frames := chatFrames(batch)
				var out bytes.Buffer
				w, err := flate.NewWriter(&out, level)
				if err != nil {
					b.Fatal(err)
				}
				plain, packed := 0, 0
				b.ReportAllocs()
				for b.Loop() {
					plain, packed = 0, 0
					for _, f := range frames { // each message is compressed by itself
						out.Reset()
						w.Reset(&out)
						_, _ = w.Write(f) // into memory
						_ = w.Flush()
						plain, packed = plain+len(f), packed+out.Len()-4 // the end of a flush is left out (RFC 7692, section 7.2.1)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch), "ns/message")
				b.ReportMetric(float64(plain)/float64(batch), "bytes/message")
				b.ReportMetric(100*float64(packed)/float64(plain), "%left")
			})
		}
	}
}

// BenchmarkInflate is what each client would do for each message.
func BenchmarkInflate(b *testing.B) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		b.Fatal(err)
	}
	_, _ = w.Write(chatFrames(2)[1])
	_ = w.Flush()
	packed, plain := out.Bytes(), make([]byte, 4096)
	r := flate.NewReader(nil)
	b.ReportAllocs()
	for b.Loop() {
		_ = r.(flate.Resetter).Reset(bytes.NewReader(packed), nil)
		_, _ = r.Read(plain)
	}
}
