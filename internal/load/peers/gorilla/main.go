// Command gorilla is a chat as the example of gorilla/websocket is designed: one hub goroutine that owns the set of clients and
// hears of all through channels, and for each client a channel of what it is to be sent, a goroutine that reads and one that writes.
// Whose channel is full is cut. The address, http://127.0.0.1:PORT with a free port, is the one line it prints.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

const (
	queued     = 256 // messages that may wait for a client
	writeWait  = 10 * time.Second
	pongWait   = 60 * time.Second
	pingPeriod = pongWait * 9 / 10
)

var newline = []byte{'\n'}

// hub passes each message on to every client.
type hub struct {
	clients    map[*client]bool
	broadcast  chan []byte
	register   chan *client
	unregister chan *client
}

func (h *hub) run() {
	for {
		select {
		case c := <-h.register:
			h.clients[c] = true
		case c := <-h.unregister:
			h.drop(c)
		case text := <-h.broadcast:
			for c := range h.clients {
				select {
				case c.send <- text:
				default:
					h.drop(c)
				}
			}
		}
	}
}

func (h *hub) drop(c *client) {
	if h.clients[c] {
		delete(h.clients, c)
		close(c.send)
	}
}

// client is one connection.
type client struct {
	hub  *hub
	ws   *websocket.Conn
	send chan []byte
}

// read hands all that the client says to the hub.
func (c *client) read() {
	defer func() {
		c.hub.unregister <- c
		c.ws.Close()
	}()
	c.ws.SetReadLimit(64 << 10)
	alive := func(string) error { return c.ws.SetReadDeadline(time.Now().Add(pongWait)) }
	c.ws.SetPongHandler(alive)
	if alive("") != nil {
		return
	}
	for {
		_, text, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		c.hub.broadcast <- text
	}
}

// write sends what the hub has for the client; what has gathered goes into one frame, with newlines between.
func (c *client) write() {
	ticker := time.NewTicker(pingPeriod)
	defer func() {
		ticker.Stop()
		c.ws.Close()
	}()
	for {
		var err error
		select {
		case text, open := <-c.send:
			if !open {
				_ = c.ws.WriteMessage(websocket.CloseMessage, nil)
				return
			}
			err = c.writeFrame(text)
		case <-ticker.C:
			_ = c.ws.SetWriteDeadline(time.Now().Add(writeWait))
			err = c.ws.WriteMessage(websocket.PingMessage, nil)
		}
		if err != nil {
			return
		}
	}
}

func (c *client) writeFrame(text []byte) error {
	_ = c.ws.SetWriteDeadline(time.Now().Add(writeWait))
	w, err := c.ws.NextWriter(websocket.TextMessage)
	if err != nil {
		return err
	}
	_, _ = w.Write(text) // what fails here fails in Close
	for range len(c.send) {
		_, _ = w.Write(newline)
		_, _ = w.Write(<-c.send)
	}
	return w.Close()
}

func main() {
	h := &hub{map[*client]bool{}, make(chan []byte), make(chan *client), make(chan *client)}
	go h.run()
	upgrader := websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024}
	http.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return // it has answered
		}
		c := &client{h, ws, make(chan []byte, queued)}
		h.register <- c
		go c.write()
		go c.read()
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}
