package handlers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/conn"
	"parley/internal/session"
	"parley/internal/wire"
)

// sockets owns the goroutine of every upgraded connection.
type sockets struct {
	open atomic.Int64
	wg   sync.WaitGroup
	mu   sync.Mutex // guards closed and conns
	most int        // connections at a time; 0 is no limit
	// counters count what all connections do.
	counters conn.Counters
	// closed refuses new connections while the server stops.
	closed bool
	conns  map[*conn.Conn]struct{}
}

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
	if !h.room.ReadableBy(h.user.ID) {
		return newProblem("not_found", "There is no such private room.")
	}
	return nil
}

func roomAndSince(c *fiber.Ctx) (chat.RoomName, int64, error) {
	room := chat.RoomName(c.Query("room", string(chat.Lobby)))
	if !room.Public() && !room.IsDirect() {
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

// own starts the goroutine that serves a connection until its end.
func (s *site) own(raw net.Conn, h *hello) {
	c := conn.New(raw, conn.Limits{
		Message: s.config.Limits.FrameBytes, Backlog: s.config.Limits.BacklogBytes, Ping: s.config.Socket.Ping,
		WriteTimeout: s.config.Socket.WriteTimeout, Binary: h.echo,
		Frames: s.rates.Frames, FramesBurst: s.rates.FramesBurst, Fragments: s.config.Limits.Fragments,
	}, &s.sockets.counters)
	if !s.addresses.open(h.from) { // others came in during the handshake
		s.turnBack(c, limitAddress)
		return
	}
	err := s.sockets.start(c, func() {
		defer s.addresses.closed(h.from)
		defer c.Finish()
		s.serve(c, h)
	})
	if err == nil {
		return
	}
	s.addresses.closed(h.from)
	if errors.Is(err, errFull) {
		s.turnBack(c, limitConnections)
		return
	}
	c.Close(chat.CloseGoingAway, "the server is stopping")
	c.Finish()
}

// turnBack ends a connection that found no place any more when its handshake was done.
func (s *site) turnBack(c *conn.Conn, limit string) {
	s.refusals.count(limit)
	c.Close(closeTryLater, fmt.Sprintf("%s: no place is free; try again in %v", limit, comeBack))
	c.Finish()
}

// serve logs a connection's begin and end, and keeps a panic of it from the others.
func (s *site) serve(c *conn.Conn, h *hello) {
	begun := time.Now()
	dialect := "auto"
	if h.dialect != nil {
		dialect = h.dialect.Name()
	}
	log := s.log.With("address", h.from.String(), "user", string(h.user.ID), "room", string(h.room))
	if h.echo {
		dialect, log = "echo", s.log.With("address", h.from.String())
	}
	log.Info("connect", "dialect", dialect)
	s.metrics.speaks("", dialect)
	defer func() {
		s.metrics.speaks(dialect, "")
		if cause := recover(); cause != nil {
			s.metrics.panicked(inConnection)
			log.Error("a connection panicked and was closed; its user reconnects", "panic", cause, "stack", string(debug.Stack()))
			c.Close(chat.CloseInternal, "internal error")
		}
		if h.session != "" {
			// Also when the server stops: whoever was here until then has the name for as long again.
			if err := s.accounts.Seen(context.WithoutCancel(s.ctx), h.session); err != nil && !logged(err) {
				log.Error("a session's use was not noted; its name may be free too early", "error", err)
			}
		}
		log.Info("disconnect", "dialect", dialect, "code", c.Code(), "duration", time.Since(begun).Round(time.Millisecond))
	}()
	if h.echo {
		s.echoes(c, h.prefix)
		return
	}
	session.Run(s.ctx, c, session.Options{
		Hub: s.hub, Names: names{s.accounts}, User: h.user, Session: h.session, Stands: s.stands(h), Known: h.known, Dialect: h.dialect,
		Room: h.room, Since: h.since, Idle: s.config.IdleTimeout, Limits: s.limits, FirstFrame: s.config.Socket.FirstFrame,
		Spend: s.spender(h.from), Warnings: s.rates.Warnings, Refused: s.refusals.count,
		Decided: func(name string) {
			s.metrics.speaks(dialect, name)
			dialect = name
		},
	})
}

// stands asks whether the session of a connection has not ended since the handshake; nil for one without.
func (s *site) stands(h *hello) func(context.Context) (bool, error) {
	if h.session == "" {
		return nil
	}
	return func(ctx context.Context) (bool, error) { return s.accounts.Stands(ctx, h.session) }
}

// Close codes of RFC 6455, section 7.4.1, and the registry that it begins.
const (
	closeTooBig   = 1009
	closeTryLater = 1013
)

// echoes sends back every message until the connection ends, by itself where nothing is said for as long as in the chat.
func (s *site) echoes(c *conn.Conn, prefix string) {
	limit := s.config.IdleTimeout
	if limit <= 0 {
		limit = math.MaxInt64
	}
	idle := time.AfterFunc(limit, func() {
		s.refusals.count(limitIdle)
		c.Close(chat.CloseIdle, "idle")
	})
	defer idle.Stop()
	for {
		message, binary, err := c.Read()
		if err != nil {
			return
		}
		idle.Reset(limit)
		if binary {
			c.Write(wire.AppendFrame(nil, wire.OpBinary, message))
			continue
		}
		c.Write(wire.AppendFrame(nil, wire.OpText, append([]byte(prefix), message...)))
	}
}

var (
	errStopping = errors.New("the server is stopping")
	errFull     = errors.New("there are as many connections as there may be")
)

// start runs serve in a goroutine that close waits for. Its error is errFull, or once the server stops errStopping.
func (k *sockets) start(c *conn.Conn, serve func()) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return errStopping
	}
	if k.most > 0 && len(k.conns) >= k.most {
		return errFull
	}
	if k.conns == nil {
		k.conns = map[*conn.Conn]struct{}{}
	}
	k.conns[c] = struct{}{}
	k.open.Add(1)
	k.wg.Go(func() {
		defer k.remove(c)
		serve()
	})
	return nil
}

func (k *sockets) remove(c *conn.Conn) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.conns, c)
	k.open.Add(-1)
}

// close tells every connection to go away, and returns when all have gone or ctx ends.
func (k *sockets) close(ctx context.Context) {
	k.mu.Lock()
	k.closed = true
	for c := range k.conns {
		c.Close(chat.CloseGoingAway, "the server is stopping")
	}
	k.mu.Unlock()
	gone := make(chan struct{})
	go func() { k.wg.Wait(); close(gone) }() // every connection ends by itself after its close frame's deadline
	select {
	case <-gone:
	case <-ctx.Done():
	}
}

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
