package e2e

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	endian "encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// Opcodes and bits of a frame's first byte (RFC 6455, section 5.2).
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA
	fin            = 0x80
)

// bareSocket is a WebSocket of which tests see and send every byte. No package stands in between that could mend something.
type bareSocket struct {
	t    testing.TB
	conn *net.TCPConn
	in   *bufio.Reader
}

// bareFrame is one frame as the server sent it.
type bareFrame struct {
	first   byte // FIN, reserved bits and opcode
	payload string
}

func (f bareFrame) String() string {
	return fmt.Sprintf("%#x with %d bytes %.60q", f.first, len(f.payload), f.payload)
}

// connect opens a TCP connection to the server.
func (s *server) connect(t testing.TB) *bareSocket {
	t.Helper()
	conn, err := net.Dial("tcp", s.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(3 * patience)) // what should come and doesn't, fails
	return &bareSocket{t: t, conn: conn.(*net.TCPConn), in: bufio.NewReader(conn)}
}

// bare upgrades a connection by hand.
func (s *server) bare(t testing.TB, path string) *bareSocket {
	t.Helper()
	c := s.connect(t)
	resp := c.handshake(s.Host, path, nil)
	if resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%s is answered with %s", path, resp.Status)
	}
	return c
}

const (
	sampleKey    = "dGhlIHNhbXBsZSBub25jZQ==" // the one of RFC 6455, section 1.3
	sampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// upgradeRequest is a client's handshake. Headers in change replace its own; those that are empty there are left out.
func upgradeRequest(host, path string, change map[string]string) string {
	headers := map[string]string{
		"Host": host, "Upgrade": "websocket", "Connection": "Upgrade",
		"Sec-WebSocket-Key": sampleKey, "Sec-WebSocket-Version": "13",
	}
	for name, value := range change {
		headers[name] = value
	}
	var b strings.Builder
	b.WriteString("GET " + path + " HTTP/1.1\r\n")
	for name, value := range headers {
		if value != "" {
			b.WriteString(name + ": " + value + "\r\n")
		}
	}
	return b.String() + "\r\n"
}

// handshake sends a client's handshake and returns the answer.
func (c *bareSocket) handshake(host, path string, change map[string]string) *http.Response {
	c.t.Helper()
	c.send([]byte(upgradeRequest(host, path, change)), 0)
	return c.response()
}

func (c *bareSocket) response() *http.Response {
	c.t.Helper()
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.t.Fatalf("the handshake is not answered: %v", err)
	}
	return resp
}

// acceptOf is what Sec-WebSocket-Accept has to say to a key (RFC 6455, section 4.2.2).
func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// clientFrame is a frame as clients send it, masked with whatever comes.
func clientFrame(first byte, payload string) []byte {
	frame := make(maskable, 0, len(payload)+14)
	frame = append(append(frame, clientHeader(first, len(payload), [4]byte{})...), payload...)
	return frame.mask(len(payload), rand.Uint32())
}

type maskable []byte

// clientHeader is a frame's header for a payload of so many bytes.
func clientHeader(first byte, length int, mask [4]byte) maskable {
	b := maskable{first}
	switch {
	case length < 126:
		b = append(b, 0x80|byte(length))
	case length < 1<<16:
		b = endian.BigEndian.AppendUint16(append(b, 0x80|126), uint16(length))
	default:
		b = endian.BigEndian.AppendUint64(append(b, 0x80|127), uint64(length))
	}
	return append(b, mask[:]...)
}

// mask masks the payload, the last bytes of the frame, and writes the mask in front of it (RFC 6455, section 5.3).
func (b maskable) mask(payload int, key uint32) []byte {
	endian.BigEndian.PutUint32(b[len(b)-payload-4:], key)
	mask := b[len(b)-payload-4:][:4]
	pattern := bytes.Repeat(mask, 1<<10)
	for p := b[len(b)-payload:]; len(p) > 0; p = p[subtle.XORBytes(p, p, pattern):] {
	}
	return b
}

// closePayload is what a close frame says.
func closePayload(code int, reason string) string {
	return string(endian.BigEndian.AppendUint16(nil, uint16(code))) + reason
}

// send sends bytes in writes of chop bytes, or in one where chop is 0. That the server hangs up meanwhile is no failure of sending.
func (c *bareSocket) send(b []byte, chop int) {
	c.t.Helper()
	for len(b) > 0 {
		n := len(b)
		if chop > 0 {
			n = min(n, chop)
		}
		if _, err := c.conn.Write(b[:n]); err != nil {
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				c.t.Fatalf("the server doesn't read: %v", err)
			}
			return
		}
		b = b[n:]
	}
}

// read returns the next frame, and requires that it is one that a server may send.
func (c *bareSocket) read() bareFrame {
	c.t.Helper()
	f, err := c.tryRead()
	if err != nil {
		c.t.Fatalf("no frame came: %v", err)
	}
	return f
}

func (c *bareSocket) tryRead() (bareFrame, error) {
	var h [10]byte
	if _, err := io.ReadFull(c.in, h[:2]); err != nil {
		return bareFrame{}, err
	}
	if h[1]&0x80 != 0 {
		return bareFrame{}, errors.New("the server's frame is masked")
	}
	length, least := uint64(h[1]), uint64(0)
	switch length {
	case 126:
		if _, err := io.ReadFull(c.in, h[2:4]); err != nil {
			return bareFrame{}, err
		}
		length, least = uint64(endian.BigEndian.Uint16(h[2:4])), 126
	case 127:
		if _, err := io.ReadFull(c.in, h[2:10]); err != nil {
			return bareFrame{}, err
		}
		length, least = endian.BigEndian.Uint64(h[2:10]), 1<<16
	}
	if length < least || length > 1<<30 {
		return bareFrame{}, fmt.Errorf("the server's frame says its length as %x", h)
	}
	payload := make([]byte, length)
	_, err := io.ReadFull(c.in, payload)
	return bareFrame{h[0], string(payload)}, err
}

// quiet requires that the server says nothing for a moment.
func (c *bareSocket) quiet() {
	c.t.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if b, err := c.in.Peek(1); err == nil {
		f := c.read()
		c.t.Fatalf("the server said %v too early (%x)", f, b)
	} else if !errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Fatalf("the server hung up too early: %v", err)
	}
	_ = c.conn.SetReadDeadline(time.Now().Add(3 * patience))
}

// closed requires a close frame with this code next, or without one where it is 1005, and then the end of the server's side of the
// connection. It returns the reason.
func (c *bareSocket) closed(code int) string {
	c.t.Helper()
	f := c.read()
	want := closePayload(code, "")
	if code == 1005 {
		want = ""
	}
	if f.first != fin|opClose || !strings.HasPrefix(f.payload, want) || code == 1005 && f.payload != "" {
		c.t.Fatalf("read %v, want a close frame with %d", f, code)
	}
	if left, err := io.ReadAll(c.in); err != nil || len(left) > 0 {
		c.t.Fatalf("after the close frame came %q and %v, want the end of the connection", left, err)
	}
	return f.payload[len(want):]
}
