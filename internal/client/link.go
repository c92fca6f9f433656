package client

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/fasthttp/websocket"
)

const (
	writeTimeout = 10 * time.Second
	closeTimeout = time.Second // how long a polite goodbye may take
	frameMost    = 64 << 20    // bytes: a resume has at most 500 events of 4,000 characters, as text and as HTML
)

// link is one open connection. One goroutine reads it, which ends when the connection does; the conversation's goroutine alone
// writes it, but for the answers to pings and closes that the WebSocket package gives.
type link struct {
	ws      *websocket.Conn
	welcome frame
	frames  chan frame // closed at the end of the connection; err is set then
	err     error
}

// newLink waits for the welcome and starts to read.
func newLink(ws *websocket.Conn) (*link, error) {
	ws.SetReadLimit(frameMost)
	l := &link{ws: ws, frames: make(chan frame)}
	_, message, err := ws.ReadMessage()
	if err != nil {
		return nil, err
	}
	if json.Unmarshal(message, &l.welcome) != nil || l.welcome.Type != "welcome" {
		return nil, errors.New("what answers there is not a Parley server")
	}
	go l.read()
	return l, nil
}

func (l *link) read() {
	defer close(l.frames)
	for {
		_, message, err := l.ws.ReadMessage()
		if err != nil {
			l.err = err
			return
		}
		var f frame
		if json.Unmarshal(message, &f) == nil { // a frame that a later server invented is none of ours
			l.frames <- f
		}
	}
}

func (l *link) write(r request) error {
	message, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := l.ws.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	return l.ws.WriteMessage(websocket.TextMessage, message)
}

// end returns the close code that the server gave, once the frames have ended. 1006 is none.
func (l *link) end() int {
	var closed *websocket.CloseError
	if errors.As(l.err, &closed) {
		return closed.Code
	}
	return websocket.CloseAbnormalClosure
}

// goodbye closes from our side, with a close code or, where that is 0, without a word, and returns when the reader has ended.
func (l *link) goodbye(code int) {
	if code != 0 {
		until := time.Now().Add(closeTimeout)
		_ = l.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), until)
		_ = l.ws.SetReadDeadline(until)
		l.drain()
	}
	l.ws.Close()
	l.drain()
}

// linger reads on for a moment after a write failed, because the server may have said why it closes before it did.
func (l *link) linger() {
	_ = l.ws.SetReadDeadline(time.Now().Add(closeTimeout))
	l.drain()
	l.ws.Close()
}

func (l *link) drain() {
	for range l.frames { // what is still said is told after the next resume
	}
}
