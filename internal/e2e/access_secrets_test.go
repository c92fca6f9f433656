package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// eavesdropper keeps all that a socket is sent.
type eavesdropper struct {
	*socket
	heard *syncBuffer
	done  sync.WaitGroup
}

func (s *server) eavesdrop(t *testing.T, query string, header http.Header, into *syncBuffer) *eavesdropper {
	t.Helper()
	e := &eavesdropper{socket: dial(t, s.WS(query), header), heard: into}
	e.done.Go(func() {
		for {
			_ = e.ws.SetReadDeadline(time.Now().Add(patience))
			_, frame, err := e.ws.ReadMessage()
			if err != nil {
				return
			}
			_, _ = into.Write(append(frame, '\n'))
		}
	})
	return e
}

// Everything is done that can be done, with all of it logged, and whatever anybody was told is searched for what would let them in.
func TestNothingThatGrantsAccessIsToldOrLogged(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--log.level", "debug")
	var told syncBuffer
	key := s.account(t, "Groot")
	ada, groot := s.signIn(t, "Ada", "", "", firefox), s.signIn(t, "Groot", key, "", iPhone)
	wrong := "prl_wrongwrongwrongwrongwrongwrongwrongwrongwro"
	_, chat := s.get(t, "/rooms/lobby", ada)
	secrets := map[string]string{"the key": key, "a wrong key": wrong, "a form's token": tokenOn(t, chat)}
	for who, cookie := range map[string]string{"Ada's": ada, "Groot's": groot} {
		secrets[who+" cookie"] = strings.TrimPrefix(cookie, "parley_session=")
	}

	listeners := []*eavesdropper{
		s.eavesdrop(t, "?dialect=json&name=Eve", nil, &told), s.eavesdrop(t, "?dialect=text&name=Tom", nil, &told),
		s.eavesdrop(t, "?dialect=pipe&name=Pia", nil, &told), s.eavesdrop(t, "", http.Header{"Key": {key}}, &told),
		s.eavesdrop(t, "?dialect=json", http.Header{"Authorization": {"Bearer " + key}}, &told),
		s.eavesdrop(t, "?dialect=json", http.Header{"Cookie": {ada}}, &told),
	}
	speaker := listeners[5]
	for i, frame := range []string{
		`{"type":"send","id":"1","text":"hi"}`, `{"type":"edit","id":"2","of":1,"text":"hello"}`,
		`{"type":"react","id":"3","of":1,"emoji":"👍","on":true}`, `{"type":"delete","id":"4","of":1}`, `{"type":"rooms"}`,
		`{"type":"send","id":"5","to":"Groot","text":"between us"}`, `{"type":"history"}`, `{"type":"members"}`, `{"type":"typing"}`,
		`{"type":"join","room":"dev"}`, `{"type":"nick","name":"Ada L."}`, `{"type":"what"}`, `{`, `{"type":"read","seq":1}`,
		`{"type":"join","room":"@u_a.u_b"}`,
	} {
		if err := speaker.ws.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
	}
	becomes(t, "the last frame is answered", func() bool { return strings.Contains(told.String(), "no such private room") })
	note := func(resp *http.Response, body string, mayHold ...string) {
		text := body
		for name, values := range resp.Header {
			if name != "Set-Cookie" {
				text += "\n" + name + ": " + strings.Join(values, ", ")
			}
		}
		for _, held := range mayHold {
			text = strings.ReplaceAll(text, held, "")
		}
		_, _ = told.Write([]byte(text + "\n"))
	}
	for _, cookie := range []string{"", ada, groot, "parley_session=none"} {
		for _, path := range []string{"/", "/check", "/rooms/lobby", "/sessions", "/rooms/@u_a.u_b", "/nowhere", "/metrics", "/readyz", "/ws"} {
			resp, body := s.get(t, path, cookie)
			mine := tokenInPage.FindStringSubmatch(body) // a page holds the token of its own reader's forms
			if mine == nil {
				mine = []string{"", "nothing"}
			}
			note(resp, body, mine[1])
		}
	}
	for _, header := range []http.Header{{"Key": {wrong}}, {"Authorization": {"Bearer " + wrong}}, {"Cookie": {"parley_session=" + wrong}}} {
		resp, body := s.answered(t, ask{method: "GET", path: "/ws", header: header, upgrade: true})
		note(resp, body)
	}
	resp, body := s.answered(t, ask{method: "POST", path: "/join", form: url.Values{"name": {"Groot"}, "key": {wrong}}})
	note(resp, body)
	for _, cookie := range []string{ada, groot} {
		resp, body := s.answered(t, ask{method: "POST", path: "/leave", cookies: cookie})
		note(resp, body)
	}
	for _, l := range listeners {
		l.end()
	}

	all := told.String() + s.Logs()
	for _, sign := range []string{"hello", "between us", "Ada L.", "parley_connections", "level=INFO"} {
		if !strings.Contains(all, sign) {
			t.Errorf("%q is not in what was gathered, so that this test says little", sign)
		}
	}
	stored := ""
	for _, name := range []string{"parley.db", "parley.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(s.Data, name))
		if err != nil {
			t.Fatal(err)
		}
		stored += string(raw)
	}
	if !strings.Contains(stored, "between us") {
		t.Error("what was said is not in the files, so that searching them says nothing")
	}
	for what, secret := range secrets {
		if strings.Contains(stored, secret) {
			t.Errorf("%s is stored as it is, not hashed", what)
		}
		hash := sha256.Sum256([]byte(secret))
		for form, text := range map[string]string{
			"": secret, "the hash of ": hex.EncodeToString(hash[:]), "the hash in base64 of ": base64.RawStdEncoding.EncodeToString(hash[:]),
			"the bytes of the hash of ": string(hash[:]), "the first half of ": secret[:len(secret)/2], "the list of bytes of ": fmt.Sprint(hash[:8])[1:20],
		} {
			if i := strings.Index(strings.ToLower(all), strings.ToLower(text)); i >= 0 {
				t.Errorf("%s%s was told or logged: …%q…", form, what, all[max(0, i-80):min(len(all), i+80)])
			}
		}
	}
}

// end closes the socket and waits until nothing more is heard.
func (e *eavesdropper) end() {
	_ = e.ws.Close()
	e.done.Wait()
}
