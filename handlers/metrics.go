package handlers

import (
	"errors"
	"log/slog"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is what the server tells Prometheus. docs/operations.md says of each what it means and when to worry. No label ever holds
// what somebody chose: users, rooms and addresses are not among them, and there are no more series however many of those there are.
//
// What happens often is counted where it happens, in atomic numbers, and read when the page is asked for (see [site.Collect]).
type Metrics struct {
	registry *prometheus.Registry

	commitSeconds, commitEvents prometheus.Histogram
	storeErrors                 *prometheus.CounterVec
	requests                    *prometheus.CounterVec
	connections                 *prometheus.GaugeVec

	panics [len(panicPlaces)]atomic.Int64
}

// NewMetrics returns metrics that count nothing yet. troubles are the kinds of store errors that there may be.
func NewMetrics(version string, troubles []string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		commitSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parley_store_commit_seconds", Help: "How long storing one batch took, with the wait for the disk.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
		commitEvents: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parley_store_commit_events", Help: "Events stored by one batch, of those that stored any.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 12),
		}),
		storeErrors: counters("parley_store_errors_total", "Batches that could not be stored and reads that failed, by the reason.", "kind"),
		requests:    counters("parley_http_requests_total", "HTTP requests, handshakes of WebSockets too.", "route", "status"),
		connections: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "parley_connections_by_dialect", Help: "Open WebSocket connections, by how they speak.",
		}, []string{"dialect"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "parley_build_info", Help: "Always 1; its labels say what runs.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(m.commitSeconds, m.commitEvents, m.storeErrors, m.requests, m.connections, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	// What never happened is a 0 that can be watched, not a gap.
	for _, kind := range troubles {
		m.storeErrors.WithLabelValues(kind)
	}
	for _, dialect := range dialects {
		m.connections.WithLabelValues(dialect)
	}
	return m
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

// Committed notes a batch that is on disk. It is the store's observer, as is [Metrics.StoreFailed].
func (m *Metrics) Committed(events int, took time.Duration) {
	m.commitSeconds.Observe(took.Seconds())
	if events > 0 {
		m.commitEvents.Observe(float64(events))
	}
}

// StoreFailed notes a batch that wasn't stored, or a read that failed.
func (m *Metrics) StoreFailed(kind string) { m.storeErrors.WithLabelValues(kind).Inc() }

// Where a panic was contained. Those of rooms are counted by the core.
const (
	inRequest = iota
	inHandshake
	inConnection
)

var panicPlaces = [...]string{"request", "handshake", "connection"}

func (m *Metrics) panicked(where int) { m.panics[where].Add(1) }

// dialects are how a connection may be counted: "auto" has not chosen yet.
var dialects = []string{"auto", "json", "pipe", "text", "rpc", "pipe-in", "echo"}

// speaks counts a connection among those of a dialect, and no more among those of another; "" is none.
func (m *Metrics) speaks(from, to string) {
	if from != "" {
		m.connections.WithLabelValues(from).Dec()
	}
	if to != "" {
		m.connections.WithLabelValues(to).Inc()
	}
}

// newMetrics is the page for Prometheus.
func (s *site) newMetrics() fiber.Handler {
	return adaptor.HTTPHandler(promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, // one figure that fails doesn't take the others with it, nor its reason to whoever asks
		ErrorLog:      slog.NewLogLogger(s.log.Handler(), slog.LevelError),
	}))
}

// counted counts a request by its route and status. It is the outermost handler, and answers what failed within.
func (s *site) counted(c *fiber.Ctx) error {
	if err := c.Next(); err != nil {
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	s.metrics.requests.WithLabelValues(routeOf(c), strconv.Itoa(c.Response().StatusCode())).Inc()
	return s.endUnread(c)
}

// routeOf is the route's pattern, never what was asked for: anybody may ask for anything.
func routeOf(c *fiber.Ctx) string {
	route := c.Route().Path
	if route == "/" && c.Path() != "/" {
		return "none"
	}
	return route
}

// failUnread answers a request that could not even be read.
func (s *site) failUnread(c *fiber.Ctx, err error) error {
	if errors.Is(err, fiber.ErrBadGateway) { // as Fiber calls it when the other side hangs up half-way, which is no trouble of ours
		err = newProblem("bad_request", "The request broke off.")
	}
	failed := s.fail(c, err)
	s.metrics.requests.WithLabelValues("unread", strconv.Itoa(c.Response().StatusCode())).Inc()
	return failed
}
