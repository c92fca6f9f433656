package handlers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/gofiber/fiber/v2"
)

// A page's forms carry a token that only our own pages can know: a MAC whose key is a cookie that no script and no other site can
// read. For the forms that give a session, the cookie is one of their own; for all others it is the session's, so that the token of
// one sign-in is none for another. Nothing is kept for it here, so that a form stays good when the server restarts.
const (
	formCookie = "parley_form"
	formFor    = 12 * time.Hour
	tokenField = "token"
)

// formToken is the token of the forms that change a session, "" where there is none.
func (s *site) formToken(c *fiber.Ctx) string { return tokenOf(c.Cookies(cookieName)) }

// joinToken is the token of the form that gives a session. It sets that form's cookie where the browser has none yet; one that it
// has is kept, so that several open pages are good.
func (s *site) joinToken(c *fiber.Ctx) string {
	secret := c.Cookies(formCookie)
	if !isFormSecret(secret) {
		var bits [32]byte
		rand.Read(bits[:]) // never fails
		secret = base64.RawURLEncoding.EncodeToString(bits[:])
	}
	cookie := s.cookie(c, secret, formFor)
	cookie.Name, cookie.SameSite = formCookie, fiber.CookieSameSiteStrictMode
	c.Cookie(cookie)
	return tokenOf(secret)
}

func isFormSecret(text string) bool {
	bits, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && len(bits) == 32
}

// tokenOf is the token that a cookie's secret makes, and from which nobody gets back to it.
func tokenOf(secret string) string {
	if secret == "" {
		return ""
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("parley form"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// needToken refuses a form of a browser that has not the token. A request is a browser's where it says where it comes from: every
// browser since 2020 sends Origin with a POST, and on HTTPS Sec-Fetch-Site too. A program that sends neither has no cookies but its
// own, so that nobody can send a form in its name.
func (s *site) needToken(c *fiber.Ctx) error { return s.checkToken(c, c.FormValue(tokenField)) }

// checkToken goes on where a browser has sent the token that belongs to its cookie.
func (s *site) checkToken(c *fiber.Ctx, token string) error {
	if c.Get(fiber.HeaderOrigin) == "" && c.Get(secFetchSite) == "" {
		return c.Next()
	}
	isJoin, isAdd := c.Route().Path == "/join", c.Route().Path == "/add"
	secret := c.Cookies(cookieName)
	if isJoin || isAdd {
		secret = c.Cookies(formCookie)
	}
	if want := tokenOf(secret); want != "" && hmac.Equal([]byte(want), []byte(token)) {
		return c.Next()
	}
	if isAdd {
		return s.addRefused(c, errOldForm)
	}
	if isJoin {
		return s.joinRefused(c, c.FormValue("name"), roomAsked(c.FormValue("room")), errOldForm)
	}
	if _, err := s.signedIn(c); err == errNoSession { //nolint:errorlint // it is never wrapped
		return c.Next() // nobody is signed in whom it could be done to; what is asked for is answered as to anybody
	}
	return errOldPage
}

var (
	errOldForm = newProblem("forbidden", "This page was open for too long. Press the button once more.")
	errOldPage = newProblem("forbidden", "The page that this comes from is older than your sign-in. Open it again, then try once more.")
)

const secFetchSite = "Sec-Fetch-Site"
