package handlers

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"
)

// kind says how an address may be asked for, and thereby what guards it. Every request but a probe has to name this server by a name
// of ours (see [hosts]).
type kind string

const (
	probe  kind = "probe"  // by any name and from any site: it tells nothing of anybody
	file   kind = "file"   // from any site; it is the same for everybody
	view   kind = "page"   // from any site, so that links lead here; it changes nothing
	socket kind = "socket" // from our own pages and the sites on origins
	form   kind = "form"   // as a socket, and from a browser only with the token of one of our pages
	inflow kind = "bytes"  // as a form, with the token in a header: the body, if any, is a file, which is read as it comes
	loaded kind = "loaded" // as a form, in which a file comes last, which is read as it comes
	sent   kind = "sent"   // as a page; it is what somebody has sent, and nothing in it may run
)

// who says who is answered. Anybody else is told no before anything is looked up.
type who string

const (
	anyone   who = "anyone"
	entrant  who = "whoever has a session or a key; with open access anyone, by a name or as a guest"
	listener who = "anyone; with access by keys whoever has a session or a key"
	member   who = "whoever has a session"
	holder   who = "whoever has a session or a key"
)

// route is one row of the table of who may ask for what.
type route struct {
	method, path string
	kind         kind
	who          who
	limited      bool // failed tries of names and keys are limited
	serve        []fiber.Handler
}

// table is the one place where it is said who may ask the server for what; the routes are made of it, and what it has no row for is
// answered with 404. docs/access.md says the same to people, and the tests hold the two against each other and walk them.
//
// Whether one may know of a room is not a matter of the address: see chat.Hub.MayRead and the table of internal/chat/access.go.
func (s *site) table() []route {
	return []route{
		{fiber.MethodGet, "/healthz", probe, anyone, false, serve(s.healthz)},
		{fiber.MethodGet, "/readyz", probe, anyone, false, serve(s.readyz)},
		{fiber.MethodGet, "/metrics", probe, anyone, false, serve(s.newMetrics())},
		{fiber.MethodGet, "/static/:hash/*", file, anyone, false, serve(s.assets.serve)},
		{fiber.MethodGet, "/ws", socket, entrant, true, serve(s.socket)},
		{fiber.MethodGet, "/ws/echo", socket, listener, true, serve(s.echo)},
		{fiber.MethodGet, "/", view, anyone, false, serve(s.joinPage)}, // where it asks for a WebSocket, the next row answers
		{fiber.MethodGet, "/", socket, entrant, true, serve(s.socket)},
		{fiber.MethodGet, "/check", view, anyone, false, serve(s.checkPage)},
		{fiber.MethodGet, "/rooms/:room", view, member, false, serve(s.roomPage)},
		{fiber.MethodGet, "/rooms/:room/plain", view, member, false, serve(s.plainPage)},
		{fiber.MethodGet, "/rooms/:room/export.:format", view, member, false, serve(s.exportRoom)},
		{fiber.MethodPost, "/rooms/:room/password", form, member, false, serve(s.unlock)},
		{fiber.MethodPost, "/rooms/:room/messages", form, member, false, serve(s.postMessage)},
		{fiber.MethodPost, "/rooms/:room/messages/:of", form, member, false, serve(s.changeMessage)},
		{fiber.MethodPost, "/rooms/:room/plain/files", loaded, member, false, serve(s.postFile)},
		{fiber.MethodPost, "/rooms/:room/files", inflow, holder, true, serve(s.takeFile)},
		{fiber.MethodDelete, "/files/:id", inflow, holder, true, serve(s.cancelFile)},
		{fiber.MethodGet, "/files/:id/:name", sent, holder, true, serve(s.sendFile)},
		{fiber.MethodGet, "/thumbs/:id", sent, holder, true, serve(s.sendThumb)},
		{fiber.MethodGet, "/sessions", view, member, false, serve(s.sessionsPage)},
		{fiber.MethodPost, "/sessions/add", form, member, false, serve(s.addDevice)},
		{fiber.MethodGet, "/add/:code", view, anyone, true, serve(s.addPage)},
		{fiber.MethodPost, "/add", form, anyone, true, serve(s.add)},
		{fiber.MethodPost, "/sessions/end", form, member, false, serve(s.endSession)},
		{fiber.MethodPost, "/sessions/others", form, member, false, serve(s.endOtherSessions)},
		{fiber.MethodPost, "/join", form, anyone, true, serve(s.join)},
		{fiber.MethodPost, "/leave", form, anyone, false, serve(s.leave)},
	}
}

func serve(handlers ...fiber.Handler) []fiber.Handler { return handlers }

// register makes the routes of the table, each behind the guards of its row.
func (s *site) register(app *fiber.App) {
	shrink := compress.New(compress.Config{Next: isUpgrade, Level: compress.LevelDefault}) // under a millisecond, for a fifth less of the page
	for _, r := range s.table() {
		chain := []fiber.Handler{}
		if r.kind != inflow && r.kind != loaded {
			chain = append(chain, s.wholeBody)
		}
		switch r.kind {
		case probe: // what watches a server asks for it by names that it never heard of
			s.probes[r.path] = true
		case file:
		case view:
			chain = append(chain, s.limitRequests, shrink)
		case socket:
			chain = append(chain, s.limitRequests, s.beforeUpgrade)
		case form:
			chain = append(chain, s.limitRequests, shrink, unpacked, s.ownSite, s.needToken)
		case loaded:
			chain = append(chain, s.limitRequests, shrink, unpacked, s.ownSite)
		case inflow:
			chain = append(chain, answerPrograms, s.limitRequests, unpacked, s.ownSite, s.needTokenHeader)
		case sent:
			chain = append(chain, s.limitRequests)
		}
		if r.limited {
			chain = append(chain, s.limitTries)
		}
		switch r.who {
		case member:
			chain = append(chain, s.membersOnly)
		case holder:
			chain = append(chain, s.holdersOnly)
		}
		if r.kind == loaded { // nothing of it is read for whoever isn't known
			chain = append(chain, s.needTokenInParcel)
		}
		chain = append(chain, r.serve...)
		if r.method == fiber.MethodGet {
			app.Get(r.path, chain...) // and HEAD
		} else {
			app.Add(r.method, r.path, chain...)
		}
	}
}

// unpacked refuses a form that came packed: a few kilobytes would unpack to as much as the sender likes.
func unpacked(c *fiber.Ctx) error {
	if packed := c.Get(fiber.HeaderContentEncoding); packed != "" && !strings.EqualFold(packed, "identity") {
		return newProblem("unsupported", "Send the form as it is, not compressed.")
	}
	return c.Next()
}

const memberKey = "member" // of the locals: the identity that membersOnly found

// membersOnly sends whoever has no session to the page that gives one.
func (s *site) membersOnly(c *fiber.Ctx) error {
	me, err := s.signedIn(c)
	switch {
	case err == nil:
		c.Locals(memberKey, me)
		return c.Next()
	case err != errNoSession: //nolint:errorlint // it is never wrapped
		return err
	case wantsJSON(c):
		return errUnauthorized
	case c.Params("room") != "":
		return c.Redirect("/?room="+string(roomAsked(c.Params("room"))), http.StatusSeeOther)
	default:
		return c.Redirect("/", http.StatusSeeOther)
	}
}

// me is who asks, on the addresses that are for members.
func me(c *fiber.Ctx) identity { return c.Locals(memberKey).(identity) }
