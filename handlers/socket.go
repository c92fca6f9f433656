package handlers

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/conn"
	"parley/internal/wire"
)

// hello is what the handshake found out about a connection.
type hello struct {
	identity
	from    netip.Addr // where it came from, beyond proxies that are trusted
	room    chat.RoomName
	since   int64
	dialect wire.Dialect // nil where the subprotocol or the first frame decides
	echo    bool
	prefix  string // of an echo
}

const helloKey = "hello" // of the upgrade's locals; keys that aren't strings are lost there

// socket answers GET /ws: who is it, which room, which dialect; then the upgrade.
func (s *site) socket(c *fiber.Ctx) error {
	h := &hello{from: s.address(c)}
	if err := s.greet(c, h); err != nil {
		return err
	}
	return s.admit(c, h)
}

// greet fills in the hello from the request, or says why there is no upgrade.
func (s *site) greet(c *fiber.Ctx, h *hello) (err error) {
	if h.room, h.since, err = roomAndSince(c); err != nil {
		return err
	}
	if name := c.Query("dialect"); name != "" {
		var known bool
		if h.dialect, known = wire.ByName(name); !known {
			return newProblem("bad_request", "There is no such dialect. Use json, pipe, text or rpc.")
		}
	}
	if h.identity, err = s.identify(c); err != nil {
		return err
	}
	if h.dialect == nil && h.byKey && c.Get("Key") != "" {
		h.dialect = wire.RPC
	}
	err = s.hub.MayRead(c.UserContext(), h.user.ID, h.room)
	if errors.Is(err, chat.ErrNotFound) {
		return newProblem("not_found", "There is no such private room.")
	}
	return err
}

func roomAndSince(c *fiber.Ctx) (chat.RoomName, int64, error) {
	room := chat.RoomName(c.Query("room", string(chat.Lobby)))
	if !room.Valid() {
		return "", 0, newProblem("bad_request", "A room's name is 1 to 48 of the characters a-z 0-9 - _.")
	}
	text := c.Query("since")
	if text == "" {
		return room, -1, nil
	}
	since, err := strconv.ParseInt(text, 10, 64)
	if err != nil || since < 0 {
		return "", 0, newProblem("bad_request", "since is the seq of the last message that you have, or 0.")
	}
	return room, since, nil
}

// echo answers GET /ws/echo, which sends back what it is sent.
func (s *site) echo(c *fiber.Ctx) error {
	prefix := c.Query("prefix")
	if len([]rune(prefix)) > echoPrefix {
		return newProblem("bad_request", "The prefix has more than 64 characters.")
	}
	if s.config.Access == config.AccessKeys {
		if _, err := s.identify(c); err != nil {
			return err
		}
	}
	return s.admit(c, &hello{from: s.address(c), echo: true, prefix: prefix})
}

const echoPrefix = 64 // characters

// beforeUpgrade refuses what can't or may not become a WebSocket, for both sockets.
func (s *site) beforeUpgrade(c *fiber.Ctx) error {
	if !isUpgrade(c) || c.Get("Sec-WebSocket-Version") != "13" || !c.Context().Request.Header.IsHTTP11() {
		c.Set(fiber.HeaderUpgrade, "websocket")
		c.Set("Sec-WebSocket-Version", "13")
		return newProblem("upgrade_required", "This address speaks WebSocket, version 13. Open it with a WebSocket client.")
	}
	if !isKey(c.Get("Sec-WebSocket-Key")) {
		return newProblem("bad_request", "Sec-WebSocket-Key has to be 16 bytes in base64. WebSocket clients make one by themselves.")
	}
	if !s.originAllowed(c) {
		return newProblem("forbidden", "This site may not connect here. Its address has to be on origins.")
	}
	if err := s.roomForOne(c); err != nil {
		return err
	}
	return c.Next()
}

// admit upgrades the connection and gives it a goroutine of its own.
func (s *site) admit(c *fiber.Ctx, h *hello) error {
	c.Locals(helloKey, h)
	forUpgrade(c)
	return s.upgrade(c)
}

// newUpgrade makes the handler that does the WebSocket handshake. It returns as soon as ours has the connection, so that nothing of
// the package's (its pooled connection least of all) is in use after the handshake.
func (s *site) newUpgrade() fiber.Handler {
	return websocket.New(func(ws *websocket.Conn) {
		h := ws.Locals(helloKey).(*hello)
		if d, ok := wire.ByProtocol(ws.Subprotocol()); ok { // what both sides agreed on beats what the address asks for
			h.dialect = d
		}
		s.own(ws.NetConn(), h)
	}, websocket.Config{
		Subprotocols: wire.Protocols, ReadBufferSize: 256, WriteBufferSize: 256,
		RecoverHandler: func(*websocket.Conn) {
			if cause := recover(); cause != nil {
				s.metrics.panicked(inHandshake)
				s.log.Error("a handshake panicked; the connection is lost", "panic", cause, "stack", string(debug.Stack()))
			}
		},
	})
}

// own takes a connection over, and serves it until its end in goroutines of its own.
func (s *site) own(raw net.Conn, h *hello) {
	limits := &s.sockets.chats
	if h.echo {
		limits = &s.sockets.echoes
	}
	c := &connection{site: s, hello: h, begun: time.Now()}
	c.conn = conn.New(raw, limits, &s.sockets.counters)
	if !s.addresses.open(h.from) { // others came in during the handshake
		s.turnBack(c.conn, limitAddress)
		return
	}
	err := s.sockets.start(c)
	if err == nil {
		return
	}
	s.addresses.closed(h.from)
	if errors.Is(err, errFull) {
		s.turnBack(c.conn, limitConnections)
		return
	}
	c.conn.Close(chat.CloseGoingAway, "the server is stopping")
	c.conn.Finish()
}

// turnBack ends a connection that found no place any more when its handshake was done.
func (s *site) turnBack(c *conn.Conn, limit string) {
	s.refusals.count(limit)
	c.Close(closeTryLater, fmt.Sprintf("%s: no place is free; try again in %v", limit, comeBack))
	c.Finish()
}

// Close codes of RFC 6455, section 7.4.1, and the registry that it begins.
const (
	closeTooBig   = 1009
	closeTryLater = 1013
)

// identity is who a connection or request is.
type identity struct {
	user    chat.User
	session string
	known   bool // false for a guest who may still say a name in the first frame
	byKey   bool
	hasKey  bool // it is an account
}

// keyOf returns the account key that a request carries, in either header.
func keyOf(c *fiber.Ctx) string {
	if key := c.Get("Key"); key != "" {
		return key
	}
	scheme, key, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(key)
	}
	return ""
}

// roomPath is the address of a room's page.
func roomPath(name chat.RoomName) string { return "/rooms/" + url.PathEscape(string(name)) }
