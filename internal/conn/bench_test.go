package conn

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"testing"
	"time"
)

// upgraded is a connection as the handshake leaves it: with a buffered reader in front, and a way around it.
type upgraded struct {
	net.Conn
	reader *bufio.Reader
}

func (u *upgraded) Read(p []byte) (int, error) { return u.reader.Read(p) }
func (u *upgraded) UnsafeConn() net.Conn       { return u.Conn }

func benchmarkRead(b *testing.B, limits Limits, together int) {
	sent := frame(text, "a message as people write them")
	server, client := tcpPair(b)
	c := New(&upgraded{server, bufio.NewReaderSize(server, 16<<10)}, &limits, nil)
	go func() {
		for batch := bytes.Repeat(sent, together); ; {
			if _, err := client.Write(batch); err != nil {
				return
			}
		}
	}()
	b.SetBytes(int64(len(sent)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := c.Read(); err != nil {
			b.Fatal(err)
		}
	}
	_ = client.Close()
	c.Finish()
}

func BenchmarkReadSmallFrames(b *testing.B) {
	limited := Limits{Message: 64 << 10, Ping: 25 * time.Second, Frames: 1e9, FramesBurst: 1e9, Fragments: 1000}
	b.Run("32 at once, limited", func(b *testing.B) { benchmarkRead(b, limited, 32) })
	b.Run("32 at once", func(b *testing.B) { benchmarkRead(b, Limits{Message: 64 << 10, Ping: 25 * time.Second}, 32) })
	b.Run("one by one, limited", func(b *testing.B) { benchmarkRead(b, limited, 1) })
}

func BenchmarkWriteToReadySocket(b *testing.B) {
	server, client := tcpPair(b)
	c := New(server, &Limits{Backlog: 1 << 20, WriteTimeout: 10 * time.Second}, nil)
	sent := append([]byte{text, 126, 0, 200}, bytes.Repeat([]byte("x"), 200)...)
	const together = 50 // which the socket takes without its reader
	read := make([]byte, together*len(sent))
	written := 0
	b.SetBytes(int64(len(sent)))
	b.ReportAllocs()
	for b.Loop() {
		if !c.Write(sent) {
			b.Fatal("Write said no")
		}
		if written++; written%together == 0 {
			if _, err := io.ReadFull(client, read); err != nil {
				b.Fatal(err)
			}
		}
	}
	_ = client.Close()
	c.Finish()
}

func BenchmarkUnmask(b *testing.B) {
	p := make([]byte, 4<<10)
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		unmask(p, [4]byte{1, 2, 3, 4}, 1)
	}
}
