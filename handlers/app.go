// Package handlers is the web: the pages, the forms and the handshake of the sockets. It is the only room that knows Fiber, and it
// is built by internal/cli. What happens after a handshake is the session's.
package handlers

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/internal/account"
	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/conn"
	"parley/internal/session"
	"parley/internal/upload"
)

// Deps are what the web stands on.
type Deps struct {
	Config   config.Config
	Hub      *chat.Hub
	People   chat.People
	Accounts *account.Accounts
	Limits   chat.Limits                 // told to clients
	Ready    func(context.Context) error // nil while messages can be stored and read
	Waiting  func() int                  // writes that wait
	// Unindexed is how many events a search can't find by the index yet.
	Unindexed func(context.Context) int64
	Uploads   *upload.Uploads
	Metrics   *Metrics
	Views     fs.FS
	Static    fs.FS
	Name      string                  // of the chat, shown on its pages
	LANURL    string                  // the address that others on the network join by, where it is known
	QR        func(url string) string // an SVG
	Log       *slog.Logger
}

// App is the web server.
type App struct {
	site   *site
	fiber  *fiber.App
	cancel context.CancelFunc
	watch  sync.WaitGroup // of closeEnded, and of who looks at the sockets
}

// site is what the handlers share.
type site struct {
	config   config.Config
	hub      *chat.Hub
	people   chat.People
	accounts *account.Accounts
	limits   chat.Limits
	ready    func(context.Context) error
	name     string
	lanURL   string
	qr       func(url string) string
	log      *slog.Logger

	ctx       context.Context // ends when the server stops
	words     words
	assets    *assets
	proxies   []netip.Prefix
	hosts     hosts
	stray     strayLook
	probes    map[string]bool // addresses that may be asked for by any name
	tries     *tries
	rates     config.RateLimit // as they hold
	addresses *addresses
	refusals  refusals
	sockets   sockets
	visits    *visits
	rules     session.Rules
	upgrade   fiber.Handler
	exports   exports

	uploads   *upload.Uploads
	lingering chan struct{} // has a token for each connection that is listened to once more: see endUnread

	metrics       *Metrics
	writesWaiting func() int
	unindexed     func(context.Context) int64
	httpOpen      func() int32
}

// Bounds of the HTTP side, in bytes and time. A form has a name, a key and a room; a slow client may take its time, but not hold a
// connection open for ever.
const (
	bodyMost      = 64 << 10
	headersMost   = 16 << 10
	answerTimeout = 20 * time.Second
	idleTimeout   = 60 * time.Second
)

// New builds the web server. Its routes are the table's, in access.go.
func New(d Deps) (*App, error) {
	s := &site{
		config: d.Config, hub: d.Hub, people: d.People, accounts: d.Accounts, limits: d.Limits, ready: d.Ready,
		name: d.Name, lanURL: d.LANURL, qr: d.QR, log: d.Log,
		hosts: hostsOf(d.Config), probes: map[string]bool{}, tries: newTries(d.Config.RateLimit.Tries),
		rates: d.Config.RateLimit.InForce(), refusals: newRefusals(), metrics: d.Metrics, writesWaiting: d.Waiting, unindexed: d.Unindexed,
	}
	s.uploads, s.lingering = d.Uploads, make(chan struct{}, lingerMost)
	s.rules = session.Rules{
		Hub: d.Hub, Names: names{d.Accounts}, Idle: d.Config.IdleTimeout, Limits: d.Limits, FirstFrame: d.Config.Socket.FirstFrame,
		Warnings: s.rates.Warnings,
	}
	s.sockets.set(d.Config, s.rates)
	s.visits = newVisits(d.Hub, d.Limits.Rooms, d.Config.Presence.Refresh)
	var err error
	if s.words, err = readWords(d.Views); err != nil {
		return nil, err
	}
	said, err := s.words.scripts()
	if err != nil {
		return nil, err
	}
	if s.assets, err = newAssets(d.Static, d.Config.Dev, said); err != nil {
		return nil, err
	}
	if s.stray, err = newStrayLook(d.Static); err != nil {
		return nil, err
	}
	if s.proxies, err = prefixes("trusted_proxies", d.Config.TrustedProxies); err != nil {
		return nil, err
	}
	exempt, err := prefixes("limits.exempt", d.Config.Limits.Exempt)
	if err != nil {
		return nil, err
	}
	s.addresses = newAddresses(d.Config, append(exempt, s.proxies...))
	engine, err := newEngine(d.Views, d.Config.Dev)
	if err != nil {
		return nil, err
	}
	if err := s.metrics.registry.Register(s); err != nil {
		return nil, err
	}
	if s.sockets.poller, err = conn.NewPoller(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.ctx, s.upgrade = ctx, s.newUpgrade()

	app := s.newFiber(engine)
	a := &App{site: s, fiber: app, cancel: cancel}
	a.watch.Go(func() { s.closeEnded(ctx) })
	a.watch.Go(func() { s.sockets.look(ctx) })
	a.watch.Go(func() { s.visits.look(ctx) })
	return a, nil
}

// newFiber is Fiber as it has to be for us, with the routes.
func (s *site) newFiber(engine fiber.Views) *fiber.App {
	app := fiber.New(fiber.Config{
		Views: engine, DisableStartupMessage: true, ErrorHandler: s.failUnread, BodyLimit: bodyMost, ReadBufferSize: headersMost,
		ReadTimeout: s.config.Socket.RequestTimeout, WriteTimeout: answerTimeout, IdleTimeout: idleTimeout,
		Immutable: true, // a name taken from a request would otherwise become part of the next one
		// A body is read when it is known what it is for: see wholeBody, takeFile and openParcel. BodyLimit holds for none of it.
		StreamRequestBody: true, DisablePreParseMultipartForm: true,
		UnescapePath: true, // a private room's name is escaped in its address
	})
	app.Server().KeepHijackedConns = true // what is upgraded is ours to close
	app.Server().ConnState = s.visit
	app.Server().MaxIdleWorkerDuration = 2 * time.Second // the goroutines that a flood of requests takes don't outlast it by much

	s.httpOpen = app.Server().GetOpenConnectionsCount
	app.Use(s.counted)
	app.Use(s.guard)
	s.register(app)
	return app
}

func prefixes(setting string, list []string) ([]netip.Prefix, error) {
	var found []netip.Prefix
	for _, text := range list {
		if ip, err := netip.ParseAddr(text); err == nil {
			found = append(found, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is neither an address nor a network like 10.0.0.0/8", setting, text)
		}
		found = append(found, p)
	}
	return found, nil
}

// Serve answers requests until [App.Stop].
func (a *App) Serve(l net.Listener) error { return a.fiber.Listener(l) }

// Stop stops in order: no new connections, what was said is stored and acknowledged, every connection is told to go away and ends.
// It returns when all that is done, or when ctx ends.
func (a *App) Stop(ctx context.Context) {
	a.cancel()
	// Beside the rest: a browser that opened a connection ahead of need, or one that sends slowly, must not use up everybody's time.
	requests, cut := context.WithTimeout(ctx, requestsWithin)
	defer cut()
	answered := make(chan error, 1)
	go func() { answered <- a.fiber.ShutdownWithContext(requests) }()
	if err := a.site.hub.Drain(ctx); err != nil {
		a.site.log.Error("some messages were not stored in time; their senders were not told that they are sent", "error", err)
	}
	a.site.sockets.close(ctx)
	a.watch.Wait()
	if err := a.site.sockets.poller.Close(); err != nil {
		a.site.log.Warn("the poller of connections was not closed", "error", err)
	}
	if err := <-answered; err != nil {
		a.site.log.Warn("some requests were cut off", "error", err)
	}
}

const requestsWithin = 2 * time.Second // how long requests under way may take when the server stops
