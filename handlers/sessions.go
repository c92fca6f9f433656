package handlers

import (
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// sessionsPage answers GET /sessions: where one is signed in, and the buttons that end it there.
func (s *site) sessionsPage(c *fiber.Ctx) error {
	who := me(c)
	signIns, err := s.accounts.SignIns(c.UserContext(), string(who.user.ID))
	if err != nil {
		return err
	}
	p := s.page(c, "")
	p.Title = p.Say("sessions.title") + " · " + s.name
	view := sessionsView{page: p, Me: faceOf(who.user, who.user.ID), HasKey: who.hasKey, Token: s.formToken(c)}
	now := time.Now()
	for _, one := range signIns {
		shown := sessionView{
			page: p, ID: one.ID, Device: deviceOf(one.Agent), Begun: agoOf(p, now.Sub(one.Begun)), Seen: agoOf(p, now.Sub(one.Seen)),
			This: one.ID == who.session, Here: one.Open, Token: view.Token,
		}
		if shown.This {
			view.This = &shown
		} else {
			view.Others = append(view.Others, shown)
		}
	}
	return s.render(c, "sessions", view)
}

// endSession answers POST /sessions/end: one of one's own sessions ends, and with it its connections.
func (s *site) endSession(c *fiber.Ctx) error {
	who, ended := me(c), c.FormValue("session")
	if ended == who.session {
		return s.leave(c)
	}
	// The id of somebody else's session, or of none, ends nothing and is answered the same, so that nobody learns which there are.
	own, err := s.accounts.End(c.UserContext(), string(who.user.ID), ended)
	if err != nil {
		return err
	}
	if own {
		s.hub.EndSession(ended)
	}
	return s.sessionsEnded(c)
}

// endOtherSessions answers POST /sessions/others: all of one's sessions end but this one.
func (s *site) endOtherSessions(c *fiber.Ctx) error {
	who := me(c)
	ended, err := s.accounts.EndOthers(c.UserContext(), string(who.user.ID), who.session)
	if err != nil {
		return err
	}
	for _, id := range ended {
		s.hub.EndSession(id)
	}
	return s.sessionsEnded(c)
}

func (s *site) sessionsEnded(c *fiber.Ctx) error {
	if wantsJSON(c) {
		return c.SendStatus(http.StatusNoContent)
	}
	return c.Redirect("/sessions", http.StatusSeeOther)
}

type sessionsView struct {
	*page
	Me     face
	This   *sessionView
	Others []sessionView
	HasKey bool   // it is an account, whose key opens more than these
	Token  string // of the forms
}

// sessionView is one session in the list.
type sessionView struct {
	*page
	ID          string
	Device      device
	Begun, Seen ago
	This        bool   // the reader's own
	Here        bool   // it has an open connection
	Token       string // of the form
}

// device is what a session was begun with, in words that people know. Each is "" where it isn't known.
type device struct{ Browser, System, Program string }

// browsers and systems are found by what only they say of themselves, so the order matters: everyone claims to be Mozilla, most to
// be Safari, and nearly as many to be Chrome.
var (
	browsers = [][2]string{
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"Vivaldi/", "Vivaldi"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chromium/", "Chromium"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	}
	systems = [][2]string{
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"Windows", "Windows"},
		{"Mac OS X", "Mac"},
		{"CrOS", "Chromebook"},
		{"Linux", "Linux"},
	}
)

// deviceOf reads a browser's own words for itself. They are somebody else's, so nothing but names of ours and a short plain word
// comes back.
func deviceOf(agent string) device {
	find := func(table [][2]string) string {
		for _, sign := range table {
			if strings.Contains(agent, sign[0]) {
				return sign[1]
			}
		}
		return ""
	}
	if strings.HasPrefix(agent, "Mozilla/") {
		return device{Browser: find(browsers), System: find(systems)}
	}
	program, _, _ := strings.Cut(agent, "/")
	isPlain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' || r == '_'
	}
	const longest = 32
	if program == "" || len(program) > longest || strings.ContainsFunc(program, func(r rune) bool { return !isPlain(r) }) {
		return device{}
	}
	return device{Program: program}
}

// ago is how long something is past, in the largest unit that fits. The page can't know its reader's clock, so it names no times.
type ago struct {
	*page
	Unit string // now, minutes, hours or days
	N    int
}

func agoOf(p *page, d time.Duration) ago {
	switch {
	case d < time.Minute:
		return ago{p, "now", 0}
	case d < time.Hour:
		return ago{p, "minutes", int(d / time.Minute)}
	case d < 24*time.Hour:
		return ago{p, "hours", int(d / time.Hour)}
	default:
		return ago{p, "days", int(d / (24 * time.Hour))}
	}
}
