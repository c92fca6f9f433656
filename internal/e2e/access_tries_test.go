package e2e

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func TestGuessingIsSlowedAtEveryDoorTogether(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.tries", "4", "--trusted-proxies", "127.0.0.1", "--rate-limit.requests", "0")
	key := s.account(t, "Groot")
	s.json(t, "Taken", "")
	from := func(address string, more http.Header) http.Header {
		header := http.Header{"X-Forwarded-For": {address}, "Accept": {"application/json"}}
		for name, values := range more {
			header[name] = values
		}
		return header
	}
	doors := map[string]func(address string, right bool) ask{
		"the form": func(address string, right bool) ask {
			form := url.Values{"name": {"Groot"}, "key": {key}}
			if !right {
				form.Set("key", "wrong")
			}
			return ask{method: "POST", path: "/join", header: from(address, nil), form: form}
		},
		"the Key header": func(address string, right bool) ask {
			return ask{method: "GET", path: "/ws", upgrade: true, header: from(address, http.Header{"Key": {map[bool]string{true: key, false: "wrong"}[right]}})}
		},
		"the Authorization header": func(address string, right bool) ask {
			header := http.Header{"Authorization": {"Bearer " + map[bool]string{true: key, false: "wrong"}[right]}}
			return ask{method: "GET", path: "/", upgrade: true, header: from(address, header)}
		},
		"names in the address": func(address string, right bool) ask {
			return ask{method: "GET", path: "/ws?name=" + map[bool]string{true: "Free", false: "Taken"}[right], upgrade: true, header: from(address, nil)}
		},
		"names in the form": func(address string, right bool) ask {
			name := map[bool]string{true: "Free too", false: "Taken"}[right]
			return ask{method: "POST", path: "/join", header: from(address, nil), form: url.Values{"name": {name}}}
		},
	}
	address := 0
	for name, door := range doors {
		address++
		guesser := "10.0.0." + strconv.Itoa(address)
		for i := range 4 {
			if resp, body := s.answered(t, door(guesser, false)); resp.StatusCode < 400 || resp.StatusCode == 429 {
				t.Errorf("%s: wrong try %d is answered with %s: %s", name, i+1, resp.Status, body)
			}
		}
		for other, elsewhere := range doors { // the budget is one for all doors, and a right try is no way around
			resp, body := s.answered(t, elsewhere(guesser, true))
			wait, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
			if resp.StatusCode != http.StatusTooManyRequests || wait < 1 || wait > 15 || !strings.Contains(body, "from your address: 4 a minute") ||
				!strings.Contains(body, `"retry_after_ms":`) {
				t.Errorf("after %s, %s is answered with %s, to wait %d s: %s", name, other, resp.Status, wait, body)
			}
		}
		if resp, _ := s.answered(t, ask{method: "GET", path: "/ws", upgrade: true, header: from(guesser, nil)}); resp.StatusCode != 101 {
			t.Errorf("who tries nothing is kept out with %s", resp.Status)
		}
	}
	for range 50 { // right ones cost nothing
		resp, _ := s.answered(t, doors["the form"]("10.0.1.1", true))
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("a right key is answered with %s", resp.Status)
		}
		for name := range resp.Header {
			if strings.HasPrefix(name, "X-Rate") {
				t.Errorf("a join tells its limits: %s", name)
			}
		}
	}

	// One name, from ever more addresses: its own budget is five times as large. Four tries are used up already.
	refused := ""
	for i := range 25 {
		resp, body := s.answered(t, doors["the form"]("10.0.2."+strconv.Itoa(i), false))
		if resp.StatusCode == http.StatusTooManyRequests {
			refused = body
			break
		}
	}
	if !strings.Contains(refused, "for this name: 20 a minute") {
		t.Errorf("a name that is tried from everywhere is answered with %q", refused)
	}
	form := ask{method: "POST", path: "/join", header: http.Header{"X-Forwarded-For": {"10.0.3.1"}}, form: url.Values{"name": {"Groot"}, "key": {"x"}}}
	if resp, page := s.answered(t, form); resp.StatusCode != http.StatusTooManyRequests || !strings.Contains(page, `value="Groot"`) ||
		resp.Header.Get("Retry-After") == "" {
		t.Errorf("people are answered with %s, without the form or Retry-After", resp.Status)
	}
	if !strings.Contains(s.Logs(), "level=") || strings.Contains(s.Logs(), key) {
		t.Error("the log is empty, or holds the key")
	}
}
