package e2e

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var codeInPage = regexp.MustCompile(`/add/([A-Za-z0-9_-]{22,})`)

// offers asks for a code for another device.
func (s *server) offers(t *testing.T, cookie string) string {
	t.Helper()
	resp, page := s.answered(t, ask{method: "POST", path: "/sessions/add", cookies: cookie, form: url.Values{}})
	found := codeInPage.FindStringSubmatch(page)
	if resp.StatusCode != http.StatusOK || found == nil || !strings.Contains(page, "<svg") || resp.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("there is no code in the answer, %s: %.500s", resp.Status, page)
	}
	return found[1]
}

// adds presses the button of a device that has opened the address.
func (s *server) adds(t *testing.T, code, cookies string) (*http.Response, string) {
	t.Helper()
	resp, _ := s.answered(t, ask{method: "POST", path: "/add", cookies: cookies, form: url.Values{"code": {code}}})
	return resp, cookieOf(resp, "parley_session")
}

func TestCodeForAnotherDeviceSignsInOnceAndOnlyByTheButton(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--limits.exempt", "")
	ada := s.signIn(t, "Ada", "", "", firefox)
	code := s.offers(t, ada)
	for range 3 { // whatever looks at the address: previews, prefetching browsers
		resp, page := s.get(t, "/add/"+code, "")
		if resp.StatusCode != http.StatusOK || !strings.Contains(page, "Continue as") || cookieOf(resp, "parley_session") != "" {
			t.Fatalf("the address is answered with %s, and sets %q", resp.Status, resp.Header["Set-Cookie"])
		}
	}
	// Another site can't press the button for somebody: who is signed in as whom is not theirs to say.
	for _, header := range []http.Header{
		{"Origin": {s.URL}},
		{"Origin": {"https://evil.example"}},
		{"Sec-Fetch-Site": {"cross-site"}},
	} {
		resp, _ := s.answered(t, ask{method: "POST", path: "/add", header: header, form: url.Values{"code": {code}}})
		if resp.StatusCode != http.StatusForbidden || cookieOf(resp, "parley_session") != "" {
			t.Errorf("without the token, from %v: %s", header, resp.Status)
		}
	}
	form, page := s.get(t, "/add/"+code, "")
	resp, _ := s.answered(t, ask{
		method: "POST", path: "/add", header: http.Header{"Origin": {s.URL}, "User-Agent": {iPhone}},
		cookies: cookieOf(form, "parley_form"), form: url.Values{"code": {code}, "token": {tokenOn(t, page)}},
	})
	phone := cookieOf(resp, "parley_session")
	if resp.StatusCode != http.StatusSeeOther || phone == "" || phone == ada {
		t.Fatalf("the button is answered with %s", resp.Status)
	}
	if _, page := s.get(t, "/sessions", ada); !strings.Contains(page, "Safari on iPhone") || !strings.Contains(page, "Firefox on Linux") {
		t.Errorf("the devices are %s", page)
	}
	one, two := s.withCookie(t, ada), s.withCookie(t, phone)
	one.send(`{"type":"members","room":"lobby"}`)
	if members := one.next("members").Members; len(members) != 1 || members[0].Name != "Ada" {
		t.Errorf("two devices are %v", members)
	}
	two.leave()
	one.leave()

	if resp, cookie := s.adds(t, code, ""); resp.StatusCode != http.StatusNotFound || cookie != "" {
		t.Errorf("the code is good again: %s", resp.Status)
	}
	if resp, _ := s.get(t, "/add/"+code, ""); resp.StatusCode != http.StatusNotFound {
		t.Errorf("its address is answered with %s", resp.Status)
	}
	second := s.offers(t, ada)
	third := s.offers(t, ada)
	if resp, cookie := s.adds(t, second, ""); resp.StatusCode != http.StatusNotFound || cookie != "" {
		t.Errorf("a code is good although another was asked for: %s", resp.Status)
	}
	s.answered(t, ask{method: "POST", path: "/leave", cookies: ada, form: url.Values{}})
	if resp, cookie := s.adds(t, third, ""); resp.StatusCode != http.StatusNotFound || cookie != "" {
		t.Errorf("a code is good although its session has ended: %s", resp.Status)
	}
	// The name is kept by the phone.
	if resp, cookie := s.join(t, url.Values{"name": {"Ada"}}, nil); resp.StatusCode != http.StatusConflict || cookie != "" {
		t.Errorf("Ada's name goes to somebody else: %s", resp.Status)
	}
	for _, secret := range []string{code, second, third} {
		if strings.Contains(s.Logs(), secret) {
			t.Error("a code stands in the log")
		}
	}
}

func TestTriesOfCodesAreLimited(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.tries", "3")
	code := s.offers(t, s.signIn(t, "Ada", "", "", firefox))
	statuses := []int{}
	for _, guess := range []string{"AAAAAAAAAAAAAAAAAAAAAAAAAAA", "x", code[:26]} {
		resp, _ := s.get(t, "/add/"+guess, "")
		statuses = append(statuses, resp.StatusCode)
	}
	resp, _ := s.get(t, "/add/"+code, "")
	statuses = append(statuses, resp.StatusCode)
	resp, _ = s.adds(t, code, "")
	statuses = append(statuses, resp.StatusCode)
	for i, want := range []int{404, 404, 404, 429, 429} {
		if statuses[i] != want {
			t.Fatalf("the tries are answered with %v", statuses)
		}
	}
}

func TestBrowsersAddAPhoneThatIsTheSamePerson(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--presence.grace", "0")
	ada, bob := newPerson(t, s, "Ada", desktop), newPerson(t, s, "Bob", desktop)
	bob.joins("lobby")
	ada.joins("lobby")
	ada.click("button[data-open=menu]")
	ada.click("#add-device button")
	ada.sees("#device .left", "Good once, for 1:")
	ada.sees("#device .hint", "plain HTTP")
	path := eval[string](ada, `new URL(document.querySelector("#device .url").textContent).pathname`)

	mobile := newPerson(t, s, "Ada's phone", phone)
	mobile.open(path)
	mobile.sees("button", "Continue as \u2068Ada\u2069")
	mobile.click("form button")
	mobile.connected()
	mobile.says("From my phone")
	ada.sees("#device .left", "has been used")
	ada.screenshot("used")
	ada.click("#device [data-act=close]")
	ada.until("the chat again, not the menu from which one went on", `!document.querySelector("dialog[open]") && document.activeElement.ariaLabel === "Menu"`)
	ada.sees(".row.mine .body", "From my phone")
	bob.sees(".row .body", "From my phone")
	bob.until("Ada to be one person", `document.querySelectorAll("parley-people li").length === 2`)
	bob.sees(".count", "2 people here")

	mobile.open("/sessions")
	mobile.click(`.devices ~ form[action="/sessions/add"] button`) // without a script, a page
	mobile.sees("h1", "Add a device")
	mobile.open("/rooms/lobby")
	mobile.connected()
	mobile.click("button[data-open=menu]")
	mobile.click("#menu [data-act=leave]")
	mobile.click("#leave .primary")
	mobile.sees("h1", "Who’s there?")
	ada.says("I am still here")
	bob.sees(".row .body", "I am still here")
	bob.until("Ada to be there as before", `document.querySelectorAll("parley-people li").length === 2`)
	bob.misses(".note", "left")
}
