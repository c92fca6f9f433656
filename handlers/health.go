package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
)

// healthz says that the process answers.
func (s *site) healthz(c *fiber.Ctx) error { return c.SendString("ok\n") }

// readyz says whether a message could be stored now and read, and in words why not: as text, for programs that asked for it as JSON.
func (s *site) readyz(c *fiber.Ctx) error {
	reason := s.unready(c)
	switch {
	case reason == "":
		return c.SendString("ready\n")
	case strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMEApplicationJSON):
		return newProblem("unavailable", reason)
	default:
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.Status(http.StatusServiceUnavailable).SendString(reason + "\n")
	}
}

func (s *site) unready(c *fiber.Ctx) (reason string) {
	if s.ctx.Err() != nil {
		return "The server is stopping."
	}
	err := s.ready(c.UserContext())
	var known *chat.Unavailable
	switch {
	case err == nil:
		return ""
	case errors.As(err, &known):
		return known.Reason // the store logs when that begins and ends
	default:
		s.log.Error("the store does not answer; messages are refused until it does", "error", err)
		return "The store does not answer."
	}
}
