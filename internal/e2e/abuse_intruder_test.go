package e2e

import (
	"bufio"
	endian "encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// intruder is one connection of an attack. Its errors are its own business: it was let in or not.
type intruder struct {
	conn net.Conn
	in   *bufio.Reader
}

// intrude opens a connection, and as a WebSocket where a query says so. A refusal is an error that begins with the status.
func (s *server) intrude(address string) (*intruder, error) {
	conn, err := net.DialTimeout("tcp", s.Host, patience)
	if err != nil {
		return nil, err
	}
	return &intruder{conn: conn, in: bufio.NewReaderSize(conn, 512)}, conn.SetDeadline(time.Now().Add(3 * patience))
}

// upgrade opens a WebSocket from an address.
func (s *server) upgrade(path, from string) (*intruder, error) {
	i, err := s.intrude(from)
	if err != nil {
		return nil, err
	}
	request := upgradeRequest(s.Host, path, map[string]string{"X-Forwarded-For": from})
	if _, err = io.WriteString(i.conn, request); err == nil {
		err = i.accepted()
	}
	if err != nil {
		_ = i.conn.Close()
		return nil, err
	}
	return i, nil
}

func (i *intruder) accepted() error {
	resp, err := http.ReadResponse(i.in, nil)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return errors.New(resp.Status + " " + readAll(resp))
	}
	return nil
}

func readAll(resp *http.Response) string {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

// read returns the next frame.
func (i *intruder) read() (first byte, payload []byte, err error) {
	var b [8]byte
	if _, err := io.ReadFull(i.in, b[:2]); err != nil {
		return 0, nil, err
	}
	first = b[0]
	length := uint64(b[1] & 0x7F)
	switch length {
	case 126:
		_, err = io.ReadFull(i.in, b[:2])
		length = uint64(endian.BigEndian.Uint16(b[:2]))
	case 127:
		_, err = io.ReadFull(i.in, b[:8])
		length = endian.BigEndian.Uint64(b[:8])
	}
	if err != nil {
		return 0, nil, err
	}
	payload = make([]byte, length)
	_, err = io.ReadFull(i.in, payload)
	return first, payload, err
}

// ending reads until the connection ends, and returns the close frame's code and reason; 0 where none came.
func (i *intruder) ending() (code int, reason string) {
	for {
		first, payload, err := i.read()
		if err != nil {
			return 0, err.Error()
		}
		if first&0x0F == opClose && len(payload) >= 2 {
			return int(endian.BigEndian.Uint16(payload)), string(payload[2:])
		}
	}
}

// flood writes the same bytes as fast as they are taken, up to so many times, and returns how the connection ended.
func (i *intruder) flood(bytes []byte, times int) (sent int, code int, reason string) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		code, reason = i.ending()
		_ = i.conn.SetWriteDeadline(time.Now())
	}()
	for range times {
		if _, err := i.conn.Write(bytes); err != nil {
			break
		}
		sent++
	}
	if sent == times {
		_ = i.conn.SetReadDeadline(time.Now().Add(patience))
	}
	<-done
	_ = i.conn.Close()
	return sent, code, reason
}
