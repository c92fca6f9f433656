package handlers

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"parley/internal/account"
	"parley/internal/chat"
)

// addDevice answers POST /sessions/add: a page with a code by which another device is signed in as the same user. The chat page shows
// what is in it as a sheet (static/js/device.js).
func (s *site) addDevice(c *fiber.Ctx) error {
	who := me(c)
	code, err := s.accounts.Offer(account.Session{ID: who.session, User: account.User{ID: string(who.user.ID)}})
	var refused *account.Error
	if errors.As(err, &refused) {
		return newProblem("rate_limited", refused.Message)
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	url := s.reachedBy(c) + addPath + code
	if wantsJSON(c) {
		return c.JSON(fiber.Map{"url": url, "seconds": int(account.OfferFor.Seconds())})
	}
	p := s.page(c, "")
	p.Title = p.Say("device.title") + " · " + s.name
	return s.render(c, "device", deviceView{
		page: p, Me: faceOf(who.user, who.user.ID), Code: code, Token: s.formToken(c), Seconds: int(account.OfferFor.Seconds()),
		Invite: s.inviteTo(url),
	})
}

const addPath = "/add/"

// deviceView is the page with the code.
type deviceView struct {
	*page
	Me      face
	Invite  invite
	Code    string
	Seconds int    // that the code is good for
	Token   string // of the form
}

// addPage answers GET /add/CODE, which the other device opens: it says as whom one would go on, and has a button. That somebody looks at
// the address signs nobody in, as programs that show what a link leads to do, and browsers that fetch ahead.
func (s *site) addPage(c *fiber.Ctx) error {
	user, err := s.accounts.Offered(c.UserContext(), c.Params("code"))
	isGone := errors.Is(err, account.ErrNotFound)
	switch {
	case isGone:
		failed(c)
	case err != nil:
		return err
	}
	if wantsJSON(c) { // the sheet asks whether its code was used
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.JSON(fiber.Map{"good": !isGone})
	}
	if isGone {
		return s.showAdd(c, &addView{Gone: true})
	}
	return s.showAdd(c, &addView{Name: user.Name, Code: c.Params("code"), is: chat.UserID(user.ID)})
}

func (s *site) showAdd(c *fiber.Ctx, view *addView) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	view.page = s.page(c, "")
	view.Title = view.Say("add.title") + " · " + s.name
	if who, err := s.signedIn(c); err == nil {
		view.Before, view.IsAlready = who.user.Name, who.user.ID == view.is
	}
	if view.Token = s.joinToken(c); view.Gone {
		c.Status(http.StatusNotFound)
	}
	return s.render(c, "add", view)
}

// addView is the page that the other device opens.
type addView struct {
	*page
	Name, Code string
	Before     string // as whom this device is signed in already, "" for nobody
	IsAlready  bool   // and that is the same user
	Gone       bool   // the code was used, is too old, or was none
	Error      string
	Token      string // of the form
	is         chat.UserID
}

// add answers POST /add: the button was pressed. The device has a session of the same user.
func (s *site) add(c *fiber.Ctx) error {
	joined, err := s.accounts.Accept(c.UserContext(), c.FormValue("code"), c.Get(fiber.HeaderUserAgent), c.Cookies(cookieName))
	if errors.Is(err, account.ErrNotFound) {
		failed(c)
		if wantsJSON(c) {
			return newProblem("not_found", "This code was used, or is older than two minutes. Ask for another.")
		}
		return s.showAdd(c, &addView{Gone: true})
	}
	if err != nil {
		return err
	}
	for _, session := range joined.Ended {
		s.hub.EndSession(session)
	}
	s.setSession(c, joined.Token)
	return s.welcome(c, chatUser(joined.User), chat.Lobby)
}

// addRefused shows the page with the button again, as its token is not this browser's: it was open for too long.
func (s *site) addRefused(c *fiber.Ctx, p *problem) error {
	code := c.FormValue("code")
	user, err := s.accounts.Offered(c.UserContext(), code)
	if wantsJSON(c) || err != nil {
		return p
	}
	view := &addView{Name: user.Name, Code: code, is: chat.UserID(user.ID)}
	c.Status(p.status)
	view.Error = s.page(c, "").refusal(p)
	return s.showAdd(c, view)
}
