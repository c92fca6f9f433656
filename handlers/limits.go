package handlers

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"parley/internal/chat"
)

// The limits that are kept here, as refusals and metrics name them: by the settings that people know them by.
const (
	limitConnections = "limits.connections"
	limitAddress     = "limits.connections_per_address"
	limitRequests    = "limits.requests"
	limitRate        = "rate_limit.requests"
	limitUsers       = "rate_limit.address_users"
	limitTries       = "rate_limit.tries"
	limitWarnings    = "rate_limit.warnings"
	limitFirstFrame  = "socket.first_frame"
	limitIdle        = "idle_timeout"
	limitFrames      = "rate_limit.frames"
	limitFragments   = "limits.fragments"
	limitFrameBytes  = "limits.frame_bytes"
	limitBacklog     = "limits.backlog_bytes"
)

// refusals count what was refused, by limit. All may be called at any time.
type refusals map[string]*atomic.Int64

func newRefusals() refusals {
	r := refusals{}
	for _, limit := range []string{
		limitConnections, limitAddress, limitRequests, limitRate, limitUsers, limitTries, limitWarnings, limitFirstFrame, limitIdle,
	} {
		r[limit] = &atomic.Int64{}
	}
	return r
}

func (r refusals) count(limit string) { r[limit].Add(1) }

// refused says how often something was refused or ended to keep within a limit, by the setting, since the start.
func (s *site) refused() map[string]int64 {
	all := s.hub.Stats().Refused
	for limit, n := range s.refusals {
		all[limit] = n.Load()
	}
	k := &s.sockets.counters
	all[limitFrames], all[limitFragments] = k.TooManyFrames.Load(), k.TooManyFragments.Load()
	for limit, n := range s.uploads.Stats().Refused {
		all[limit] = n
	}
	all[limitFrameBytes], all[limitBacklog] = 0, 0
	for _, end := range k.Ends() {
		switch {
		case end.Ours && end.Code == closeTooBig:
			all[limitFrameBytes] += end.Count
		case end.Ours && end.Code == chat.CloseTooSlow:
			all[limitBacklog] += end.Count
		}
	}
	return all
}

// comeBack is how long those are told to wait who found no place: none can say when there will be one.
const comeBack = 10 * time.Second

// tooMuch counts a refusal and says which limit it keeps and for how long.
func (s *site) tooMuch(limit, code, message string, wait time.Duration) *problem {
	s.refusals.count(limit)
	p := newProblem(code, message)
	p.Limit, p.RetryAfter = limit, max(1, wait.Milliseconds())
	return p
}

// limitRequests lets an address ask for pages, forms and WebSockets only so often.
func (s *site) limitRequests(c *fiber.Ctx) error {
	if c.Locals(paidKey) != nil { // one address may have two rows
		return c.Next()
	}
	c.Locals(paidKey, true)
	if wait := s.addresses.request(s.address(c)); wait > 0 {
		return s.tooMuch(limitRate, "rate_limited", fmt.Sprintf("Too many requests from your address: %g a second are allowed. Wait %s.",
			s.rates.Requests, seconds(wait)), wait)
	}
	return c.Next()
}

const paidKey = "paid" // of the locals

// roomForOne refuses a WebSocket where there are as many as there may be.
func (s *site) roomForOne(c *fiber.Ctx) error {
	if most := s.config.Limits.Connections; most > 0 && s.sockets.open.Load() >= int64(most) {
		return s.tooMuch(limitConnections, "unavailable", "The server has as many connections as it may have. Try again later.", comeBack)
	}
	if !s.addresses.mayOpen(s.address(c)) {
		return s.tooMuch(limitAddress, "rate_limited", fmt.Sprintf("Your address has %d connections, which is as many as it may have. "+
			"Close one, or try again later.", s.config.Limits.ConnectionsPerAddress), comeBack)
	}
	return nil
}

// spend takes what something costs in messages from the budget of an address, or says why not.
func (s *site) spend(from netip.Addr, cost float64) *chat.Error {
	if s.rates.AddressUsers <= 0 || s.rates.Messages <= 0 {
		return nil
	}
	wait := s.addresses.spend(from, cost)
	if wait <= 0 {
		return nil
	}
	s.refusals.count(limitUsers)
	return chat.TooMany(limitUsers, wait,
		fmt.Sprintf("Too many messages from your address: %g a second are allowed.", s.addresses.messages.PerSecond))
}

// seconds is a time to wait as people read it.
func seconds(wait time.Duration) string { return fmt.Sprintf("%.1f seconds", max(0.1, wait.Seconds())) }

// visit keeps count of the connections that are no WebSockets, or not yet: what comes in slowly, or not at all, holds no more places
// than it may. It is fasthttp's ConnState.
func (s *site) visit(c net.Conn, state fasthttp.ConnState) {
	switch state {
	case fasthttp.StateNew:
		limit := s.addresses.come(c, s.config.Limits.Requests)
		if limit == "" {
			return
		}
		message := "The server has as many requests under way as it may have. Try again later."
		status := http.StatusServiceUnavailable
		if limit == limitAddress {
			status = http.StatusTooManyRequests
			message = fmt.Sprintf("Your address has %d connections, which is as many as it may have. Try again later.",
				s.config.Limits.ConnectionsPerAddress)
		}
		s.turnAway(c, status, limit, message)
	case fasthttp.StateHijacked, fasthttp.StateClosed:
		s.addresses.gone(c)
	case fasthttp.StateActive, fasthttp.StateIdle:
	}
}

// turnAway answers a connection before anything of it was read, and closes it. It runs where connections are accepted, so it must not
// wait: an answer that short the kernel takes at once.
func (s *site) turnAway(c net.Conn, status int, limit, message string) {
	s.refusals.count(limit)
	code := "unavailable"
	if status == http.StatusTooManyRequests {
		code = "rate_limited"
	}
	body := `{"error":{"code":"` + code + `","message":"` + message + `","limit":"` + limit + `","retry_after_ms":` +
		strconv.FormatInt(comeBack.Milliseconds(), 10) + `}}`
	answer := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nRetry-After: %.0f\r\n"+
		"Cache-Control: no-store\r\nConnection: close\r\n\r\n%s", status, http.StatusText(status), len(body), comeBack.Seconds(), body)
	_ = c.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = c.Write([]byte(answer)) // whoever isn't there any more needs none
	_ = c.Close()
}
