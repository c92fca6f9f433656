package handlers

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/internal/chat"
)

// problem is a refusal: what a person reads and what a program reads.
type problem struct {
	Code       string `json:"code"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty"`     // a name that is free, for name_taken
	Limit      string `json:"limit,omitempty"`          // the setting that was kept to
	RetryAfter int64  `json:"retry_after_ms,omitempty"` // where waiting helps
	status     int
	word       string // which of the pages' words says it in other languages, where the code's own doesn't
}

func (p *problem) Error() string { return p.Code + ": " + p.Message }

// statuses is the one table of error codes and the HTTP status of each. Of several with one status, the first says no more than that.
var statuses = []struct {
	code   string
	status int
}{
	{"bad_request", http.StatusBadRequest},
	{"unauthorized", http.StatusUnauthorized},
	{"wrong_key", http.StatusUnauthorized},
	{"forbidden", http.StatusForbidden},
	{"barred", http.StatusForbidden},
	{"removed", http.StatusForbidden},
	{"locked", http.StatusForbidden},
	{"not_found", http.StatusNotFound},
	{"method", http.StatusMethodNotAllowed},
	{"name_taken", http.StatusConflict},
	{"bad_name", http.StatusUnprocessableEntity},
	{"misdirected", http.StatusMisdirectedRequest},
	{"upgrade_required", http.StatusUpgradeRequired},
	{"unsupported", http.StatusUnsupportedMediaType},
	{"length_required", http.StatusLengthRequired},
	{"too_large", http.StatusRequestEntityTooLarge},
	{"bad_image", http.StatusUnprocessableEntity},
	{"full", http.StatusInsufficientStorage},
	{"rate_limited", http.StatusTooManyRequests},
	{"internal", http.StatusInternalServerError},
	{"unavailable", http.StatusServiceUnavailable},
}

func newProblem(code, message string) *problem {
	p := &problem{Code: code, Message: message}
	for _, row := range statuses {
		if row.code == code {
			p.status = row.status
		}
	}
	return p
}

// codeOf is the code of an answer of which no more is known than its status.
func codeOf(status int) string {
	for _, row := range statuses {
		if row.status == status {
			return row.code
		}
	}
	return "bad_request"
}

// problemOf makes any error into a problem. What isn't meant for the other side is logged, once, and not told.
func (s *site) problemOf(c *fiber.Ctx, err error) *problem {
	var p *problem
	var f *fiber.Error
	var known *chat.Unavailable
	switch {
	case errors.As(err, &p):
		return p
	case logged(err) && errors.As(err, &known):
		return newProblem("unavailable", known.Reason+" Try again in a moment.")
	case errors.As(err, &f) && f.Code == http.StatusNotFound:
		return newProblem("not_found", "There is no such page.")
	case errors.As(err, &f) && f.Code < http.StatusInternalServerError:
		return &problem{Code: codeOf(f.Code), Message: http.StatusText(f.Code) + ".", status: f.Code}
	default:
		s.log.Error("a request failed; its sender was told to try again", "method", c.Method(), "route", c.Route().Path, "error", err)
		return newProblem("internal", "Something went wrong here. Try again in a moment.")
	}
}

// logged reports whether the log has a line about an error already: the store says once that it fails, not at every turn.
func logged(err error) bool {
	var known *chat.Unavailable
	return errors.As(err, &known) && known.Logged
}

// fail answers a request that went wrong: JSON to programs, a page to people.
func (s *site) fail(c *fiber.Ctx, err error) error {
	p := s.problemOf(c, err)
	s.setHeaders(c) // not every refused request came through the guard: one that can't be read did not
	c.Status(p.status)
	c.Set(fiber.HeaderCacheControl, "no-store")
	retryAfter(c, p)
	if wantsJSON(c) {
		return c.JSON(fiber.Map{"error": p})
	}
	page := s.page(c, http.StatusText(p.status))
	view := errorView{page: page, Status: p.status, Message: page.refusal(p)}
	if host := string(c.Request().Host()); !s.hosts.has(host) { // whoever asks may be anybody: not even the chat's name is theirs
		page.Host = hostname(host)
		view.Style = s.stray.style
		c.Set(fiber.HeaderContentSecurityPolicy, s.stray.policy)
	}
	return s.render(c, "error", view)
}

// retryAfter says in whole seconds when it is worth trying again, where waiting helps.
func retryAfter(c *fiber.Ctx, p *problem) {
	if p.RetryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.FormatInt((p.RetryAfter+999)/1000, 10))
	}
}

func wantsJSON(c *fiber.Ctx) bool {
	return strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMEApplicationJSON) || strings.HasPrefix(c.Path(), "/ws") ||
		isUpgrade(c) || c.Locals(programsKey) != nil
}
