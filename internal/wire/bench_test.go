package wire

import (
	"strings"
	"testing"

	"parley/internal/chat"
)

func TestEncodingAllocatesNothingWhereThereIsRoom(t *testing.T) {
	dst := make([]byte, 0, 1<<16)
	for _, e := range serverExamples {
		enc := e.dialect.Encoder()
		if n := testing.AllocsPerRun(100, func() { encode(enc, dst, e.tells) }); n != 0 {
			t.Errorf("%s %s: %v allocations", e.dialect.Name(), e.frame, n)
		}
	}
	long := with(*hi, func(e *chat.Event) { e.Text = strings.Repeat("\"<a>\" https://a.b \xff\n", 200) })
	for _, d := range []Dialect{JSON, Pipe, Text, RPC} {
		enc := d.Encoder()
		if n := testing.AllocsPerRun(100, func() { enc.AppendEvent(dst, long) }); n != 0 {
			t.Errorf("%s, a long text: %v allocations", d.Name(), n)
		}
	}
}

func BenchmarkEncodeMessage(b *testing.B) {
	for _, d := range []Dialect{JSON, Pipe, Text, RPC} {
		b.Run(d.Name(), func(b *testing.B) {
			enc := d.Encoder()
			e := with(*hi, func(e *chat.Event) { e.Text = "Has anyone seen https://example.com/news? It's \"new\"." })
			dst := enc.AppendEvent(nil, e)
			b.SetBytes(int64(len(dst)))
			b.ReportAllocs()
			for b.Loop() {
				dst = enc.AppendEvent(dst[:0], e)
			}
		})
	}
}

func BenchmarkDecodeMessage(b *testing.B) {
	for _, e := range []heard{
		{dialect: JSON, frame: `{"type":"send","id":"5f0c2a61","room":"lobby","text":"Has anyone seen https://example.com/news?"}`},
		{dialect: Pipe, frame: `Ada|Has anyone seen https://example.com/news?`},
		{dialect: Text, frame: `Has anyone seen https://example.com/news?`},
		{dialect: RPC, frame: `{"id":7,"method":"POST","target":"/message","body":"Has anyone seen https://example.com/news?"}`},
	} {
		b.Run(e.dialect.Name(), func(b *testing.B) {
			frame := []byte(e.frame)
			b.SetBytes(int64(len(frame)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.dialect.Decode(frame); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
