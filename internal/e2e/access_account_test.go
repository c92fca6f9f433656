package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
)

// accounts runs parley account on the server's data, and returns what it prints and says.
func (s *server) accounts(t *testing.T, args ...string) (out, wrong string) {
	t.Helper()
	var problems strings.Builder
	cmd := exec.Command(binary, append(append([]string{"account"}, args...), "--data", s.Data)...)
	cmd.Stderr = &problems
	printed, err := cmd.Output()
	if (err != nil) != (problems.Len() > 0) {
		t.Fatalf("parley account %v: %v, %s", args, err, problems.String())
	}
	return string(printed), problems.String()
}

func TestStolenKeyIsChangedOrItsAccountRemovedWhileTheServerRuns(t *testing.T) {
	t.Parallel() // it waits for what the server looks for every few seconds
	s := startServer(t, "--access", "keys")
	groot, rocket := s.account(t, "Groot"), s.account(t, "Rocket")
	cookie := s.signIn(t, "Groot", groot, "", firefox)
	thief, thiefs := dial(t, s.WS("?dialect=json"), http.Header{"Key": {groot}}), s.withCookie(t, cookie)
	thief.next("joined")
	other := dial(t, s.WS("?dialect=json"), http.Header{"Key": {rocket}})
	other.next("joined")
	if list, _ := s.accounts(t, "list"); !strings.Contains(list, "Groot\tu_") || !strings.Contains(list, "Rocket\tu_") || strings.Contains(list, "prl_") {
		t.Errorf("the list is %q", list)
	}

	out, _ := s.accounts(t, "key", "groot")
	fresh := strings.TrimSpace(out)
	for _, c := range []*socket{thief, thiefs} { // both were let in by the old key
		if code := c.closeCode(); code != 4004 {
			t.Errorf("what the old key opened is closed with %d", code)
		}
	}
	if status, _, _ := refused(t, s.WS(""), http.Header{"Key": {groot}}); status != http.StatusUnauthorized {
		t.Errorf("the old key is answered with %d", status)
	}
	if resp, _ := s.join(t, url.Values{"name": {"Groot"}, "key": {groot}}, nil); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("the old key in the form is answered with %s", resp.Status)
	}
	owner := dial(t, s.WS("?dialect=json"), http.Header{"Key": {fresh}})
	owner.next("joined")
	owner.say("1", "mine again")
	other.say("1", "not touched")

	if out, wrong := s.accounts(t, "remove", "Groot"); out != "" || wrong != "" {
		t.Errorf("removing prints %q and %q", out, wrong)
	}
	if code := owner.closeCode(); code != 4004 {
		t.Errorf("the removed account's socket is closed with %d", code)
	}
	if status, _, _ := refused(t, s.WS(""), http.Header{"Key": {fresh}}); status != http.StatusUnauthorized {
		t.Errorf("the key of the removed account is answered with %d", status)
	}
	other.say("2", "still not touched")
	for _, args := range [][]string{{"remove", "Groot"}, {"key", "Nobody"}, {"key", "a|b"}} {
		if _, wrong := s.accounts(t, args...); strings.Count(wrong, "\n") != 1 || !strings.Contains(wrong, args[1]) {
			t.Errorf("parley account %v says %q", args, wrong)
		}
	}
}

func TestGuestWhoseNameBecomesAnAccountIsOutWhileTheServerRuns(t *testing.T) {
	t.Parallel() // it waits for what the server looks for every few seconds
	s := startServer(t)
	groot, rocket, silent := dial(t, s.WS("?dialect=json&name=Groot"), nil), dial(t, s.WS("?dialect=json&name=Rocket"), nil), dial(t, s.WS(""), nil)
	member := s.withCookie(t, s.signIn(t, "Ada", "", "", firefox))
	groot.next("joined")
	rocket.next("joined")
	const hasKey = `<details class="has-key"`
	if _, page := s.get(t, "/", ""); strings.Contains(page, hasKey) {
		t.Error("a key is asked for where nobody has one")
	}
	key := s.account(t, "Groot")
	if _, page := s.get(t, "/", ""); !strings.Contains(page, hasKey) {
		t.Error("who has a key can't give it")
	}
	if code := groot.closeCode(); code != 4004 {
		t.Errorf("whose name belongs to an account now is closed with %d", code)
	}
	if status, _, _ := refused(t, s.WS("?name=Groot"), nil); status != http.StatusConflict {
		t.Errorf("saying the account's name is answered with %d", status)
	}
	owner := dial(t, s.WS("?dialect=json"), http.Header{"Key": {key}})
	owner.next("joined")
	for i, c := range []*socket{owner, rocket, member} {
		c.say(fmt.Sprint(i), "not touched")
	}
	silent.send(`{"type":"ping"}`) // a guest with a name like "Guest 1"
	silent.next("pong")
}
