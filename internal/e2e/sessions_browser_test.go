package e2e

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// carries puts a session into the browser, as if it had signed in there.
func (p *person) carries(cookie string) {
	p.t.Helper()
	parsed, err := http.ParseCookie(cookie)
	if err != nil {
		p.t.Fatal(err)
	}
	_, err = chromedp.Call(p.ctx, network.SetCookie, network.SetCookieParams{
		Name: parsed[0].Name, Value: parsed[0].Value, URL: p.s.URL, HTTPOnly: new(true),
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func TestBrowsersEndTheirOtherDevices(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--name", "Garden house")
	key := s.account(t, "Ada Lovelace")
	laptop, mobile := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Ada on the phone", phone)
	laptop.prefers("light")
	laptop.carries(s.signIn(t, "Ada Lovelace", key, "", firefox))
	mobile.carries(s.signIn(t, "Ada Lovelace", key, "", iPhone))
	s.signIn(t, "Ada Lovelace", key, "", "curl/8.5")
	mobile.open("/rooms/lobby")
	mobile.connected()
	tab := mobile.newTab()
	tab.open("/rooms/lobby")
	tab.connected()

	laptop.open("/rooms/lobby")
	laptop.connected()
	laptop.click("button[data-open=menu]")
	laptop.sees("#menu a", "Your devices")
	laptop.screenshot("menu")
	laptop.click(`#menu a[href="/sessions"]`)
	laptop.sees("h1", "Your devices")
	laptop.sees(".devices li:first-child .this", "This device")
	laptop.sees(".devices li", "Safari on iPhone")

	laptop.click(`.devices li:has(h2[id]):not(:first-child) form:has(p) button`)
	laptop.until("one device less", `document.querySelectorAll(".devices li").length === 2`)
	laptop.click(".devices ~ form button")
	laptop.sees(".hint", "nowhere else")
	for _, p := range []*person{mobile, tab} {
		p.sees("#stopped h2", "signed out")
	}
	mobile.screenshot("ended")
	mobile.click("#stopped button")
	mobile.until("the join page", `location.pathname === "/" && document.querySelector("#name")`)
	laptop.click("a.continue")
	laptop.connected()
	laptop.says("Only here now")
}

func TestBrowsersEndDevicesInTheirLanguageAndWithoutScripts(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	_, cookie := s.join(t, url.Values{"name": {"Ada"}}, nil)
	for language, title := range map[string]string{"de-DE": "Deine Geräte", "zh-CN": "你的设备"} {
		ada := newPerson(t, s, language, phone)
		ada.carries(cookie)
		headers := network.Headers{"Accept-Language": language}
		if _, err := chromedp.Call(ada.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: headers}); err != nil {
			t.Fatal(err)
		}
		ada.open("/sessions")
		ada.sees("h1", title)
		ada.screenshot("devices")
		if over := eval[int](ada, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
			t.Errorf("%s: the page is %d px too wide for a phone", language, over)
		}
		if n := eval[int](ada, "document.scripts.length"); n != 0 {
			t.Errorf("the page has %d scripts", n)
		}
	}
}
