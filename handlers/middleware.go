package handlers

import (
	"bytes"
	"net/netip"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// policy is what pages may load and do: their own files and sockets, and nothing inline. blob: is a picture on the reader's own device,
// before it is sent.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; connect-src 'self'; " +
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
			s.metrics.panicked(inRequest)
			s.log.Error("a request panicked; its sender was told to try again", "panic", cause, "stack", string(debug.Stack()))
			err = s.fail(c, newProblem("internal", "Something went wrong here. Try again in a moment."))
		}
	}()
	if c.Request().Header.ContentLength() > bodyMost && !isUpload(c) { // whoever it is for: see wholeBody
		return fiber.ErrRequestEntityTooLarge
	}
	if !s.probes[c.Path()] {
		if err := s.knownHost(c); err != nil {
			return err
		}
	}
	return c.Next()
}

// ownSite refuses what a page of another site makes a browser send. Programs say nothing of a site and pass.
func (s *site) ownSite(c *fiber.Ctx) error {
	if !s.originAllowed(c) {
		return newProblem("forbidden", "This request comes from another site, "+quoted(c.Get(fiber.HeaderOrigin, "which it does not name"))+
			". Open the chat itself. If the site is the chat's own, behind a proxy, put it on origins in the settings.")
	}
	return c.Next()
}

// originAllowed reports whether a request comes from a page of ours or of a site on origins, or from no page at all. A page of ours
// is one with the scheme, host and port by which this request came, to the letter as browsers write them (RFC 6454, section 6.2);
// whatever else stands in Origin is no site. Sec-Fetch-Site, where a browser sends it, has to agree: another port of this machine is
// another origin, although browsers call it the same site.
func (s *site) originAllowed(c *fiber.Ctx) bool {
	origin := c.Get(fiber.HeaderOrigin)
	if slices.Contains(s.config.Origins, origin) {
		return true
	}
	switch c.Get(secFetchSite) {
	case "", "same-origin", "none":
	default:
		return false
	}
	return origin == "" || origin == s.scheme(c)+"://"+strings.ToLower(string(c.Request().Host()))
}

// scheme is how the browser came here; a trusted proxy says so, nobody else.
func (s *site) scheme(c *fiber.Ctx) string {
	if s.trusted(peer(c)) {
		// The last one is of the proxy that is trusted; those before it came with the request.
		said := forwarded(c, fiber.HeaderXForwardedProto)
		if proto := said[len(said)-1]; proto == "http" || proto == "https" {
			return proto
		}
	}
	if c.Context().IsTLS() {
		return "https"
	}
	return "http"
}

// address is where a request came from: the last hop that isn't a trusted proxy.
func (s *site) address(c *fiber.Ctx) netip.Addr {
	at := peer(c)
	if !s.trusted(at) {
		return at
	}
	for _, hop := range slices.Backward(forwarded(c, fiber.HeaderXForwardedFor)) {
		ip, ok := hopAddress(hop)
		if !ok {
			break
		}
		at = ip.Unmap()
		if !s.trusted(at) {
			break
		}
	}
	return at
}

// forwarded is a list that proxies add to, whether each adds to the line that is there or a line of its own: what comes last is
// nearest to us. It has at least one entry.
func forwarded(c *fiber.Ctx, header string) []string {
	lines := c.Request().Header.PeekAll(header)
	list := strings.Split(string(bytes.Join(lines, []byte{','})), ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// hopAddress reads an address as proxies write it: some with the port.
func hopAddress(hop string) (netip.Addr, bool) {
	if ip, err := netip.ParseAddr(hop); err == nil {
		return ip, true
	}
	at, err := netip.ParseAddrPort(hop)
	return at.Addr(), err == nil
}

func peer(c *fiber.Ctx) netip.Addr {
	ip, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	return ip.Unmap()
}

func (s *site) trusted(ip netip.Addr) bool {
	return slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
}
