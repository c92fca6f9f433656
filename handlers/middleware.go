package handlers

import (
	"net/netip"
	"net/url"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// policy is what pages may load and do: their own files and sockets, and nothing inline.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// chunked finds a body in chunks. The package has taken that header away when we see the request.
var chunked = regexp.MustCompile(`(?i)(^|\n)transfer-encoding[ \t]*:`)

// setHeaders sets the headers that every answer has.
func (s *site) setHeaders(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentSecurityPolicy, policy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	if s.scheme(c) == "https" { // on plain HTTP a browser ignores it, and says so as an error
		c.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// guard sets the headers that every answer has, and keeps a panic from reaching anybody but the log.
func (s *site) guard(c *fiber.Ctx) (err error) {
	s.setHeaders(c)
	if chunked.Match(c.Request().Header.RawHeaders()) { // beside a Content-Length, what comes behind could be anybody's
		c.Context().SetConnectionClose()
	}
	defer func() {
		if cause := recover(); cause != nil {
			s.log.Error("a request panicked; its sender was told to try again", "panic", cause, "stack", string(debug.Stack()))
			err = s.fail(c, newProblem("internal", "Something went wrong here. Try again in a moment."))
		}
	}()
	return c.Next()
}

// sameOrigin refuses what a page of another site makes a browser send. Programs send no Origin and pass.
func (s *site) sameOrigin(c *fiber.Ctx) error {
	if !s.originAllowed(c) {
		return newProblem("forbidden", "This request comes from another site. Open the chat itself, or put the site on origins.")
	}
	return c.Next()
}

func (s *site) originAllowed(c *fiber.Ctx) bool {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return true
	}
	if slices.Contains(s.config.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.User != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	return strings.EqualFold(u.Host, string(c.Request().Host())) && (u.Scheme == s.scheme(c) || u.Scheme == "https")
}

// scheme is how the browser came here; a trusted proxy says so, nobody else.
func (s *site) scheme(c *fiber.Ctx) string {
	if proto := c.Get(fiber.HeaderXForwardedProto); proto != "" && s.trusted(peer(c)) {
		return proto
	}
	if c.Context().IsTLS() {
		return "https"
	}
	return "http"
}

// address is where a request came from: the last hop that isn't a trusted proxy.
func (s *site) address(c *fiber.Ctx) string {
	at := peer(c)
	if !s.trusted(at) {
		return at.String()
	}
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for _, hop := range slices.Backward(hops) {
		ip, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		at = ip.Unmap()
		if !s.trusted(at) {
			break
		}
	}
	return at.String()
}

func peer(c *fiber.Ctx) netip.Addr {
	ip, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	return ip.Unmap()
}

func (s *site) trusted(ip netip.Addr) bool {
	return slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
}
