package handlers

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"parley/internal/account"
	"parley/internal/chat"
	"parley/internal/conn"
	"parley/internal/session"
	"parley/internal/wire"
)

// connection is one upgraded connection, and the conversation over it. It lives in turns: goroutines, one at a time, that hear what has
// come and end when nothing more is there. Where the system can't say when that is, the first turn lasts as long as the connection.
type connection struct {
	site *site
	conn *conn.Conn
	*hello
	begun   time.Time
	speaks  string // the dialect, as metrics and logs name it
	talk    conversation
	talking atomic.Bool // talk is there, for those who look at it beside the turns
}

// conversation is what a connection is for: a session of the chat, or an echo.
type conversation interface {
	Hear(ctx context.Context, message []byte, binary bool)
	// Look does what is due by now. It is called beside the others.
	Look()
	End()
}

// turn hears what has come, and is the end of the connection where it has ended, or where hearing panics: others are kept from that.
func (c *connection) turn() {
	resting := false
	defer func() {
		if cause := recover(); cause != nil {
			c.panicked(cause)
		}
		if !resting {
			c.end()
		}
	}()
	if c.talk == nil && !c.begin() {
		return
	}
	for {
		message, binary, err := c.conn.Read()
		if err != nil {
			resting = err == conn.ErrResting //nolint:errorlint // and then another turn may run already
			return
		}
		c.talk.Hear(c.site.ctx, message, binary)
	}
}

// begin begins the conversation. It returns false where there is to be none.
func (c *connection) begin() bool {
	s := c.site
	c.speaks = "auto"
	if c.dialect != nil {
		c.speaks = c.dialect.Name()
	}
	if c.echo {
		c.speaks = "echo"
	}
	c.log().Info("connect", "dialect", c.speaks)
	s.metrics.speaks("", c.speaks)
	if c.echo {
		c.talk = newEcho(s, c.conn, c.prefix)
	} else if talk := session.Begin(s.ctx, &s.rules, c, c.conn, &session.Options{
		User: c.user, Session: c.session, Known: c.known, Dialect: c.dialect, Room: c.room, Since: c.since,
	}); talk != nil {
		c.talk = talk
	}
	c.talking.Store(c.talk != nil)
	return c.talk != nil
}

// end closes the connection for good and gives its place back.
func (c *connection) end() {
	s := c.site
	defer s.sockets.remove(c)
	defer s.addresses.closed(c.from)
	defer c.conn.Finish()
	defer func() {
		if cause := recover(); cause != nil {
			c.panicked(cause)
		}
	}()
	if c.talk != nil {
		c.talk.End()
	}
	s.metrics.speaks(c.speaks, "")
	if c.session != "" {
		// Also when the server stops: whoever was here until then has the name for as long again.
		if err := s.accounts.Seen(context.WithoutCancel(s.ctx), c.session); err != nil && !logged(err) {
			c.log().Error("a session's use was not noted; its name may be free too early", "error", err)
		}
	}
	c.log().Info("disconnect", "dialect", c.speaks, "code", c.conn.Code(), "duration", time.Since(c.begun).Round(time.Millisecond))
}

func (c *connection) panicked(cause any) {
	c.site.metrics.panicked(inConnection)
	c.log().Error("a connection panicked and was closed; its user reconnects", "panic", cause, "stack", string(debug.Stack()))
	c.conn.Close(chat.CloseInternal, "internal error")
}

// log is made when it is needed: a logger that knows its connection is several hundred bytes.
func (c *connection) log() *slog.Logger {
	if c.echo {
		return c.site.log.With("address", c.from.String())
	}
	return c.site.log.With("address", c.from.String(), "user", string(c.user.ID), "room", string(c.room))
}

// look does what is due by now. It is called beside the turns, and keeps others from a panic as they do.
func (c *connection) look() {
	defer func() {
		if cause := recover(); cause != nil {
			c.panicked(cause)
		}
	}()
	c.conn.Look()
	if c.talking.Load() {
		c.talk.Look()
	}
}

// Stands is part of [session.Owner].
func (c *connection) Stands(ctx context.Context) (bool, error) {
	var barred *account.Error
	switch err := c.site.accounts.Barred(ctx, string(c.user.ID)); {
	case errors.As(err, &barred):
		return false, nil
	case err != nil || c.session == "":
		return err == nil, err
	}
	return c.site.accounts.Stands(ctx, c.session)
}

// Spend is part of [session.Owner].
func (c *connection) Spend(cost float64) *chat.Error { return c.site.spend(c.from, cost) }

// Refused is part of [session.Owner].
func (c *connection) Refused(limit string) { c.site.refusals.count(limit) }

// Decided is part of [session.Owner].
func (c *connection) Decided(dialect string) {
	c.site.metrics.speaks(c.speaks, dialect)
	c.speaks = dialect
}

// echo sends back every message until the connection ends, by itself where nothing is said for as long as in the chat.
type echo struct {
	site   *site
	conn   *conn.Conn
	prefix string
	heard  atomic.Pointer[time.Time]
}

func newEcho(s *site, c *conn.Conn, prefix string) *echo {
	e := &echo{site: s, conn: c, prefix: prefix}
	e.note()
	return e
}

func (e *echo) note() {
	now := time.Now()
	e.heard.Store(&now)
}

// Hear is part of [conversation].
func (e *echo) Hear(_ context.Context, message []byte, binary bool) {
	e.note()
	if binary {
		e.conn.Write(wire.AppendFrame(nil, wire.OpBinary, message))
		return
	}
	e.conn.Write(wire.AppendFrame(nil, wire.OpText, append([]byte(e.prefix), message...)))
}

// Look is part of [conversation].
func (e *echo) Look() {
	if limit := e.site.config.IdleTimeout; limit > 0 && time.Since(*e.heard.Load()) >= limit && e.conn.Code() == 0 {
		e.site.refusals.count(limitIdle)
		e.conn.Close(chat.CloseIdle, "idle")
	}
}

// End is part of [conversation].
func (e *echo) End() {}
