package e2e

import (
	"database/sql"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// The first who uses a name owns it by the cookie, for names.hold after they were there last: whatever the way, nobody takes it.
func TestFirstUseOwnsANameForAsLongAsItIsHeld(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	resp, ada := s.join(t, url.Values{"name": {"Ada Lovelace"}}, nil)
	for _, c := range resp.Cookies() {
		if c.Name == "parley_session" && c.MaxAge != int((30*24*time.Hour).Seconds()) {
			t.Errorf("the cookie is kept for %d s", c.MaxAge)
		}
	}
	taken := func(when string) {
		t.Helper()
		for _, name := range []string{"Ada Lovelace", "ada  LOVELACE", "ＡＤＡ Lovelace"} {
			resp, cookie := s.join(t, url.Values{"name": {name}}, http.Header{"Accept": {"text/html"}})
			if resp.StatusCode != http.StatusConflict || cookie != "" {
				t.Errorf("%s, the form gives %q to somebody else: %s", when, name, resp.Status)
			}
			if status, code, _ := refused(t, s.WS("?name="+url.QueryEscape(name)), nil); status != http.StatusConflict || code != "name_taken" {
				t.Errorf("%s, a socket is given %q: %d %s", when, name, status, code)
			}
		}
		guest := s.json(t, "Somebody", "")
		guest.send(`{"type":"nick","name":"Ada Lovelace"}`)
		if f := guest.next("error", "welcome"); f.Type != "error" {
			t.Errorf("%s, somebody else goes by it", when)
		}
		guest.leave()
		line := dial(t, s.WS("?dialect=pipe"), nil)
		line.send("Ada Lovelace|It is me")
		if got := line.read(); !strings.Contains(got, "in use") {
			t.Errorf("%s, a line in the name is answered with %q", when, got)
		}
	}
	taken("while she isn't connected")
	s.Stop()
	s.Start()
	taken("after a restart")
	if resp, page := s.get(t, "/", ada); resp.StatusCode != http.StatusOK || !strings.Contains(page, "Continue as") {
		t.Error("who comes back isn't known")
	}

	s.ages(t, 31*24*time.Hour) // she was not seen for so long
	resp, page := s.get(t, "/rooms/lobby", ada)
	if resp.StatusCode != http.StatusSeeOther {
		t.Errorf("an old cookie is answered with %s: %.200s", resp.Status, page)
	}
	if resp, cookie := s.join(t, url.Values{"name": {"Ada Lovelace"}}, nil); resp.StatusCode != http.StatusSeeOther || cookie == "" {
		t.Errorf("a name that isn't held any more is refused: %s", resp.Status)
	}
}

// ages makes everything that is known of people older, while the server stands still.
func (s *server) ages(t *testing.T, by time.Duration) {
	t.Helper()
	s.Stop()
	db, err := sql.Open("sqlite", filepath.Join(s.Data, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"sessions", "users"} {
		if _, err := db.ExecContext(t.Context(), "UPDATE "+table+" SET seen_at = seen_at - ?", by.Milliseconds()); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s.Start()
}
