package load

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// signIn gets everybody a session, as the page does: with it one may come back while the server has not noticed yet that one was gone.
func (d *day) signIn(ctx context.Context) error {
	form := *d.b.where
	form.Scheme, form.Path, form.RawQuery = strings.Replace(form.Scheme, "ws", "http", 1), "/join", ""
	took := NewHistogram()
	for i, p := range d.people {
		d.b.progress("%d of %d people have a session", i, len(d.people))
		from := time.Now()
		key, err := session(ctx, form.String(), p.m.Name)
		if err != nil {
			return fmt.Errorf("%s can't sign in: %w", p.m.Name, err)
		}
		p.m.Key = key
		Record(took, time.Since(from))
	}
	d.took["signing in"] = took
	return nil
}

// session joins by the form, and returns the cookie.
func session(ctx context.Context, form, name string) (string, error) {
	ask, err := http.NewRequestWithContext(ctx, http.MethodPost, form, strings.NewReader(url.Values{"name": {name}}.Encode()))
	if err != nil {
		return "", err
	}
	ask.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	ask.Header.Set("Accept", "application/json")
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	for _, cookie := range answer.Cookies() {
		if strings.Contains(cookie.Name, "session") {
			return cookie.Name + "=" + cookie.Value, nil
		}
	}
	if answer.StatusCode == http.StatusUnauthorized {
		return "", errOpenOnly
	}
	return "", fmt.Errorf("%s: %s", answer.Status, said)
}
