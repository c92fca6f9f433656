package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestTerminalSendsOnceWhereverItIsCut(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	p := startProxy(t, s.Host)
	ada := openTerminal(t, 80, s.by(p), "--name", "Ada")
	ada.until("Ada>")
	want := []string{"at first"}
	ada.enters("at first")
	ada.until("Ada: at first")
	for _, at := range []struct {
		text    string
		towards direction
		part    string
	}{
		{"not yet at the server", toServer, `"type":"send"`},
		{"stored and not told", toClient, `"type":"message"`},
		{"told and not acknowledged", toClient, `"type":"ack"`},
	} {
		cut := p.CutWhen(at.towards, at.part)
		ada.enters(at.text)
		ada.enters("then: " + at.text)
		want = append(want, at.text, "then: "+at.text)
		<-cut
		ada.until("connection lost; reconnecting…")
		ada.until("Ada: then: " + at.text)
		ada.until("system: back; ")
		ada.check("the prompt of one who is online", func() bool { return ada.last() == "Ada>" })
		p.OnFrame(nil)
		ada.times(1, "Ada: "+at.text)
		ada.times(1, "Ada: then: "+at.text)
		ada.press("C-l")
		ada.check("an empty screen", func() bool { return !strings.Contains(ada.screen(), "connection lost") })
	}
	s.holds(t, "lobby", want...)
}

func TestTerminalComesBackToWhatWasMissedOrSaysThatItIsTooMuch(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "0")
	p := startProxy(t, s.Host)
	ada := openTerminal(t, 80, s.by(p), "--name", "Ada")
	ada.until("Ada>")
	for _, missed := range []struct {
		messages int
		told     string
	}{{1, "back; 1 message came meanwhile"}, {500, "back; 500 messages came meanwhile"}, {501, "only the latest is shown"}} {
		p.away(true)
		ada.until("connection lost; reconnecting…")
		s.fill(t, missed.messages)
		p.away(false)
		ada.enters("") // now, and not when it would by itself
		ada.until(missed.told)
		ada.times(1, "Filler: missed "+strconv.Itoa(missed.messages-1)+"\n")
		ada.press("C-l")
		ada.check("an empty screen", func() bool { return !strings.Contains(ada.screen(), "missed") })
	}
}

// kill ends the program in a terminal as the system does that has no memory left: without a goodbye.
func (term *terminal) kill() {
	term.t.Helper()
	shell, err := strconv.Atoi(strings.TrimSpace(term.tmux("display-message", "-p", "#{pane_pid}")))
	if err != nil {
		term.t.Fatal(err)
	}
	for _, pid := range family(term.t, shell)[1:] {
		_ = syscall.Kill(pid, syscall.SIGKILL) // one that ended by itself is as good
	}
	term.until("exit code 137")
}

func TestTerminalThatWasKilledComesBackAsTheSamePerson(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	state := "XDG_STATE_HOME=" + t.TempDir()
	bob := s.json(t, "Bob", "")
	ada := openTerminalIn(t, state, 80, s, "--name", "Ada")
	ada.until("you are in #lobby as Ada")
	ada.enters("before")
	me := bob.next("message").User
	kept := sessionsIn(t, state)
	if len(kept) != 1 || kept[0].Mode() != 0o600 {
		t.Errorf("kept is %v", kept)
	}

	second := openTerminalIn(t, state, 80, s, "--name", "Ada") // while the first is there
	second.until("in use")
	ada.enters("still here")
	if m := bob.next("message"); m.Text != "still here" {
		t.Errorf("Bob reads %+v", m)
	}
	ada.kill()
	bob.ackOf("1", `{"type":"send","id":"1","to":"Ada","text":"are you there?"}`)

	stranger := openTerminal(t, 80, s, "--name", "Ada") // who has the name only, not the folder
	stranger.until("in use")
	for _, end := range []func(*terminal){(*terminal).kill, func(term *terminal) { term.enters("/quit"); term.until("exit code 0") }} {
		ada = openTerminalIn(t, state, 80, s, "--name", "Ada")
		ada.until("you are in #lobby as Ada")
		ada.until("are you there?")
		ada.enters("it is me")
		m := bob.next("message")
		for ; m.Text != "it is me"; m = bob.next("message") {
		}
		if m.User != me {
			t.Errorf("Ada was %s and is %s", me, m.User)
		}
		ada.until("Ada: it is me")
		end(ada)
	}
	if kept := sessionsIn(t, state); len(kept) > 0 {
		t.Errorf("after leaving, kept is %v", kept)
	}
	stranger = openTerminal(t, 80, s, "--name", "Ada")
	stranger.until("you are in #lobby as Ada") // the name is free again
}

func TestTerminalThatWasKilledComesBackAfterARestartOrARename(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	state := "XDG_STATE_HOME=" + t.TempDir()
	ada := openTerminalIn(t, state, 80, s, "--name", "Ada")
	ada.until("you are in #lobby as Ada")
	ada.kill()
	s.Stop() // and the server is another process by then
	s.Start()
	again := openTerminalIn(t, state, 80, s, "--name", "Ada", "--room", "dev")
	again.until("you are in #dev as Ada")
	again.enters("/nick Eve")
	again.until("system: Ada is now Eve")
	again.kill()
	again = openTerminalIn(t, state, 80, s, "--name", "Ada") // the name that was asked for, not the one that it became
	again.until("you are in #lobby as Ada")
}

// sessionsIn lists what terminals keep.
func sessionsIn(t *testing.T, state string) []os.FileInfo {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(strings.TrimPrefix(state, "XDG_STATE_HOME="), "parley", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var found []os.FileInfo
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, info)
	}
	return found
}
