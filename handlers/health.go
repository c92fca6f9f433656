package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parley/internal/chat"
)

// healthz says that the process answers.
func (s *site) healthz(c *fiber.Ctx) error { return c.SendString("ok\n") }

// readyz says whether messages can be stored and read.
func (s *site) readyz(c *fiber.Ctx) error {
	if s.ctx.Err() != nil {
		return newProblem("unavailable", "The server is stopping.")
	}
	if err := s.ready(c.UserContext()); err != nil { // the store logs when it begins and ends
		var known *chat.Unavailable
		if errors.As(err, &known) {
			return newProblem("unavailable", known.Reason)
		}
		s.log.Error("the store does not answer; messages are refused until it does", "error", err)
		return newProblem("unavailable", "The store does not answer.")
	}
	return c.SendString("ready\n")
}

// newMetrics is the page for Prometheus.
func (s *site) newMetrics() fiber.Handler {
	registry := prometheus.NewRegistry()
	gauge := func(name, help string, read func() float64) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
	}
	gauge("parley_connections", "Open WebSocket connections.", func() float64 { return float64(s.sockets.open.Load()) })
	gauge("parley_rooms", "Rooms in use.", func() float64 { return float64(s.hub.Stats().Rooms) })
	gauge("parley_users", "Users with an open connection.", func() float64 { return float64(s.hub.Stats().People) })
	registry.MustRegister(prometheus.NewCounterFunc(
		prometheus.CounterOpts{Name: "parley_events_stored_total", Help: "Events stored by this process."},
		func() float64 { return float64(s.hub.Stats().Stored) }))
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return adaptor.HTTPHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
}
