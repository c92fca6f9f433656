package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// terminal is `parley connect` on a real terminal: tmux draws what a person would see.
type terminal struct {
	t      *testing.T
	folder string // of tmux's socket
}

// openTerminal runs `parley connect` with args in a terminal of so many columns, 24 rows high.
func openTerminal(t *testing.T, columns int, s *server, args ...string) *terminal {
	t.Helper()
	return openTerminalIn(t, "NO_COLOR=", columns, s, args...)
}

// openTerminalIn is openTerminal with a variable of the environment.
func openTerminalIn(t *testing.T, variable string, columns int, s *server, args ...string) *terminal {
	t.Helper()
	folder, err := os.MkdirTemp("", "parley-tmux-") // t.TempDir's names are too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, folder: folder}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the terminal's last screen:\n%s", term.screen())
		}
		term.tmux("kill-server")
		os.RemoveAll(folder)
	})
	command := []string{"env", variable, binary, "connect", "--url", s.WS("")}
	for _, arg := range args {
		command = append(command, "'"+arg+"'")
	}
	script := strings.Join(command, " ") + `; echo "exit code $?, $(stty -a | grep -ow -- '-\?icanon')"; exec cat`
	term.tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(columns), "-y", "24", script)
	return term
}

// tmux runs one command of tmux and returns what it prints.
func (term *terminal) tmux(args ...string) string {
	term.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-u", "-S", term.folder + "/socket"}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "SHELL=/bin/sh")
	out, err := cmd.CombinedOutput()
	if err != nil {
		term.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// screen is what is to be read, row by row, blank rows at the end left out.
func (term *terminal) screen() string {
	return strings.TrimRight(term.tmux("capture-pane", "-p"), " \n")
}

// last is the last row that isn't blank, which is the line being typed.
func (term *terminal) last() string {
	rows := strings.Split(term.screen(), "\n")
	return rows[len(rows)-1]
}

// cursor is the column in which the cursor stands.
func (term *terminal) cursor() string {
	return strings.TrimSpace(term.tmux("display-message", "-p", "#{cursor_x}"))
}

// until waits until the screen shows something.
func (term *terminal) until(what string) {
	term.t.Helper()
	term.check(fmt.Sprintf("%q", what), func() bool { return strings.Contains(term.screen(), what) })
}

// check waits for what the screen shows, which tmux has to be asked for.
func (term *terminal) check(what string, ok func() bool) {
	term.t.Helper()
	for end := time.Now().Add(2 * patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			term.t.Fatalf("the terminal doesn't show %s but\n%s", what, term.screen())
		}
	}
}

// types presses keys: text as it is.
func (term *terminal) types(text string) { term.tmux("send-keys", "-l", text) }

// enters types a line and Enter.
func (term *terminal) enters(line string) {
	if line != "" {
		term.types(line)
	}
	term.press("Enter")
}

// press presses a key by tmux's name for it.
func (term *terminal) press(key string) { term.tmux("send-keys", key) }

// times requires that the screen shows something so many times, once all is drawn.
func (term *terminal) times(n int, what string) {
	term.t.Helper()
	term.check(fmt.Sprintf("%q %d times", what, n), func() bool { return strings.Count(term.screen(), what) == n })
}

func TestTerminalKeepsTheLineBeingTyped(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--presence.grace", "0")
	bob := dial(t, s.WS("?dialect=json&name=Bob"), nil)
	bob.next("joined")
	bob.send(`{"type":"send","id":"1","text":"said before"}`)
	bob.next("ack")
	ada := openTerminal(t, 60, s, "--name", "Ada")
	ada.until("Bob: said before")
	ada.until("you are in #lobby as Ada; here: Bob")
	if p := bob.next("presence"); p.Event != "join" || p.Name != "Ada" {
		t.Errorf("Bob hears of %+v", p)
	}
	ada.types("half a 日本")
	bob.next("typing")
	for i := range 5 {
		bob.send(fmt.Sprintf(`{"type":"send","id":"n%d","text":"news %d"}`, i, i))
	}
	ada.until("news 4")
	ada.times(1, "news 2")
	ada.times(1, "Ada> ")
	ada.check("the line being typed, and the cursor in it", func() bool { return ada.last() == "Ada> half a 日本" && ada.cursor() == "16" })
	bob.send(`{"type":"typing"}`)
	ada.check("who is typing, beside it", func() bool {
		last := ada.last()
		return strings.HasPrefix(last, "Ada> half a 日本 ") && strings.Contains(last, "Bob is typing…") && ada.cursor() == "16"
	})
	ada.enters("語")
	for m := bob.next("message"); m.Name != "Ada"; m = bob.next("message") {
	}
	ada.until("Ada: half a 日本語")
	cleo := dial(t, s.WS("?dialect=json&name=Cleo"), nil)
	ada.until("system: Cleo joining conversation...")
	ada.tabs("@c", "@Cleo ")
	ada.press("C-u")
	_ = cleo.ws.Close()
	ada.until("system: Cleo leaving conversation...")
	ada.types("@c")
	ada.press("Tab")
	ada.types("oming")
	ada.check("nobody who left", func() bool { return ada.last() == "Ada> @coming" })
}

func TestTerminalLineSurvivesAnotherSize(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := openTerminal(t, 80, s, "--name", "Ada")
	ada.until("Ada>")
	ada.types("a long line with 日本語 in it, longer than what will be left of the terminal")
	ada.until("left of the terminal")
	for _, columns := range []string{"40", "23", "70", "30", "100"} {
		ada.tmux("resize-window", "-x", columns, "-y", "24")
		whole := func() bool {
			return strings.Count(ada.screen(), "Ada> ") == 1 && strings.HasSuffix(ada.last(), "terminal")
		}
		ada.check("one prompt at "+columns, whole)
		ada.press("Home")
		ada.press("End")
		ada.check("one prompt at "+columns+" after typing", whole)
	}
	ada.enters("")
	ada.until("Ada: a long line with 日本語 in it, longer than what will be left of the terminal")
}

func TestTerminalCommands(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	bob := dial(t, s.WS("?dialect=json&name=Bob+B"), nil)
	bob.next("joined")
	ada := openTerminal(t, 80, s, "--name", "Ada")
	ada.until("Ada>")
	ada.enters("/dance")
	ada.until("error: there is no command /dance")
	ada.enters("/help")
	ada.until("/msg NAME text")
	ada.enters("/who")
	ada.until("system: in #lobby: Ada and Bob B")
	ada.enters("/me waves")
	ada.until("* Ada waves")
	ada.enters("//slash")
	ada.until("Ada: /slash")
	ada.enters("/search slash")
	ada.until("#lobby Ada: /slash")
	ada.until("system: 1 message found")
	ada.enters("/away lunch")
	ada.until("system: Ada is away since")
	ada.enters("/back")
	ada.until("system: Ada is here since")
	ada.completes()
	ada.enters("/msg bob b only you")
	ada.until("[you → Bob B] only you")
	for m := bob.next("message"); m.Text != "only you"; m = bob.next("message") {
	}
	bob.send(`{"type":"send","id":"2","to":"Ada","text":"me too \u001b[2J\u001b]0;title\u0007 here"}`)
	ada.until("[Bob B → you] me too")
	ada.until("* Ada waves") // nothing was cleared
	ada.enters("/msg Nobody hello")
	ada.until(`error: not sent: "hello"`)
	ada.enters("/join #Dev")
	ada.until("Ada #dev>")
	ada.enters("here")
	ada.until("Ada: here")
	bob.send(`{"type":"send","id":"3","room":"lobby","text":"there"}`)
	ada.until("#lobby Bob B: there")
	ada.enters("/leave")
	ada.until("you left #dev; you are in #lobby")
	ada.tabs("/join d", "/join dev ")
	ada.press("C-u")
	ada.enters("/remove Bob B")
	ada.until("error: Everybody can come into this room")
	ada.enters("/password open barley")
	ada.until("error: This room has no password")
	bob.send(`{"type":"create","name":"team","entry":"invitation"}`)
	team := bob.next("created").Room
	bob.send(`{"type":"join","room":"` + team + `"}`)
	bob.send(`{"type":"invite","room":"` + team + `","name":"Ada"}`)
	ada.until("system: Bob B asks you into a room: /join " + team)
	ada.enters("/join " + team)
	ada.until("Ada #" + team + ">")
	ada.enters("/kick Bob B")
	ada.until("error: Only the room's owner and its moderators can do that.")
	bob.send(`{"type":"remove","room":"` + team + `","name":"Ada"}`)
	ada.until("system: Bob B removed you from #" + team)
	ada.check("the prompt of the lobby", func() bool { return ada.last() == "Ada>" })
	bob.send(`{"type":"create","name":"cellar","entry":"password","password":"open sesame"}`)
	cellar := bob.next("created").Room
	ada.enters("/join " + cellar)
	ada.until("Give it to come in. /join ~ROOM PASSWORD")
	ada.until("you aren't in #" + cellar + "; you are in #lobby")
	ada.enters("/join " + cellar + " open barley")
	ada.until("That is not the room's password.")
	ada.enters("/join " + cellar + " open sesame")
	ada.until("Ada #" + cellar + ">")
	ada.enters("/leave")
	ada.until("you left #" + cellar)
	ada.enters("/nick Eve")
	ada.until("system: Ada is now Eve")
	ada.check("the new prompt", func() bool { return ada.last() == "Eve>" })
	ada.press("Up")
	ada.check("the line before", func() bool { return ada.last() == "Eve> /nick Eve" })
}

// tabs types a text and Tab, and requires the line that is being typed then.
func (term *terminal) tabs(text, line string) {
	term.t.Helper()
	term.types(text)
	term.press("Tab")
	term.check(fmt.Sprintf("the line %q", line), func() bool {
		column := strconv.Itoa(len("Ada> " + line))
		return term.last() == strings.TrimRight("Ada> "+line, " ") && term.cursor() == column
	})
}

// completes has Ada complete what she types, where Bob B is.
func (term *terminal) completes() {
	term.t.Helper()
	term.tabs("/wh", "/who")
	term.press("Tab")
	term.until("/who  /whois")
	term.tabs("i", "/whois ")
	term.tabs("b", `/whois "Bob B" `)
	term.times(0, "system: Bob B is here since") // not before Enter
	term.enters("")
	term.until("system: Bob B is here since")
	term.tabs("hi @b", "hi @Bob B ")
	term.enters("there")
	term.until("Ada: hi @Bob B there")
}

func TestTerminalComesBackWithNothingMissed(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(s *server){"stopped": (*server).Stop, "killed": (*server).Kill} {
		t.Run(name, func(t *testing.T) {
			s := startServer(t)
			ada := openTerminal(t, 80, s, "--name", "Ada")
			ada.until("Ada>")
			ada.enters("before")
			ada.until("Ada: before")
			ada.types("half")
			end(s)
			ada.until("system: connection lost; reconnecting…")
			ada.enters(" said meanwhile")
			ada.until("Ada (offline, 1 waiting)>")
			s.Start()
			bob := dial(t, s.WS("?dialect=json&name=Bob"), nil)
			bob.send(`{"type":"send","id":"1","text":"Bob was quicker, perhaps"}`)
			ada.until("system: back; ")
			ada.until("Ada: half said meanwhile")
			ada.until("Bob was quicker")
			ada.times(1, "Ada: before")
			ada.times(1, "half said meanwhile")
			ada.times(1, "Bob was quicker")
			ada.times(1, "connection lost")
			ada.enters("/quit")
			ada.until("exit code 0")
		})
	}
}

func TestTerminalThatWasIdleComesBackWithEnter(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--idle-timeout", "2s")
	ada := openTerminal(t, 80, s, "--name", "Ada")
	ada.until("still there? In 1 second you are disconnected")
	ada.until("press Enter to come back")
	ada.until("Ada (offline)>")
	ada.enters("")
	ada.until("system: back; nothing was missed")
}

func TestTerminalEndsAsItWasFound(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for name, end := range map[string]func(term *terminal){
		"quit":   func(term *terminal) { term.enters("/quit") },
		"ctrl-c": func(term *terminal) { term.types("half"); term.press("C-c") },
		"ctrl-d": func(term *terminal) { term.press("C-d") },
	} {
		t.Run(name, func(t *testing.T) {
			ada := openTerminal(t, 80, s, "--name", "Ada") // the same name each time: it is free again
			ada.until("Ada>")
			end(ada)
			ada.until("exit code 0, icanon")
			ada.times(0, "Ada>")
		})
	}
}

func TestTerminalColours(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for name, test := range map[string]struct {
		set      string
		coloured bool
	}{
		"coloured": {set: "A=1", coloured: true},
		"NO_COLOR": {set: "NO_COLOR=1"},
		"dumb":     {set: "TERM=dumb"},
	} {
		t.Run(name, func(t *testing.T) {
			ada := openTerminalIn(t, test.set, 80, s, "--name", "Ada "+name)
			ada.until("nobody else is here")
			got := ada.tmux("capture-pane", "-e", "-p")
			if strings.Contains(got, "\x1b[2m") != test.coloured {
				t.Errorf("the screen is %q", got)
			}
		})
	}
}

// pipe runs `parley connect` with a text on its standard input.
func pipe(t *testing.T, input string, args ...string) (out, failures string, code int) {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"connect"}, args...)...)
	cmd.Stdin = strings.NewReader(input)
	return ran(t, cmd)
}

func TestPipeSendsItsLinesAndEnds(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limit.messages", "40", "--rate-limit.burst", "5")
	out, failures, code := pipe(t, "hi\n", "--url", s.WS(""), "--name", "Ada")
	if code != 0 || failures != "" || !strings.Contains(out, "Ada: hi\n") || strings.Contains(out, "\x1b") {
		t.Errorf("exit code %d, %q, %q", code, out, failures)
	}
	out, failures, code = pipe(t, "", "--url", s.URL, "--name", "Ada")
	if code != 0 || failures != "" || !strings.Contains(out, "Ada: hi\n") {
		t.Errorf("without input: exit code %d, %q, %q", code, out, failures)
	}
	var lines strings.Builder
	for i := range 60 {
		fmt.Fprintf(&lines, "line %d\n", i)
	}
	out, failures, code = pipe(t, lines.String(), "--url", s.Host, "--name", "Ada", "--room", "many")
	at := 0
	for i := range 60 {
		next := strings.Index(out, fmt.Sprintf("Ada: line %d\n", i))
		if next < at {
			t.Fatalf("line %d is missing or too early in %q, %q", i, out, failures)
		}
		at = next
	}
	if code != 0 || failures != "" {
		t.Errorf("many lines: exit code %d, %q", code, failures)
	}
	out, failures, code = pipe(t, "/search \"line 41\"\n/search zebra\n", "--url", s.Host, "--name", "Ada")
	if code != 0 || !strings.Contains(out, " #many Ada: line 41\nsystem: 1 message found\n") || !strings.Contains(out, "system: nothing found\n") {
		t.Errorf("a search: exit code %d, %q, %q", code, out, failures)
	}
	out, failures, code = pipe(t, "/msg Nobody hi\n/who\n/nick Eve\nbye\n", "--url", s.Host, "--name", "Ada")
	if code != 1 || !strings.Contains(failures, `error: not sent: "hi": `) || !strings.Contains(out, "Eve: bye\n") ||
		!strings.Contains(out, "system: in #lobby: Ada\n") {
		t.Errorf("with a mistake: exit code %d, %q, %q", code, out, failures)
	}
}

func TestTerminalSaysWhyItCannotConnect(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	bob := dial(t, s.WS("?dialect=json&name=Bob"), nil)
	bob.next("joined")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"nobody":     {[]string{"--url", "ws://127.0.0.1:1/ws", "--name", "Ada"}, "nobody listens there"},
		"no name":    {[]string{"--url", s.WS("")}, "--name NAME"},
		"bad name":   {[]string{"--url", s.WS(""), "--name", "a|b"}, "|"},
		"taken":      {[]string{"--url", s.WS(""), "--name", "bob"}, "is free)"},
		"no account": {[]string{"--url", s.WS(""), "--key", "nonsense"}, "key"},
		"bad room":   {[]string{"--url", s.WS(""), "--name", "Ada", "--room", "a b"}, "a room's name"},
		"no chat":    {[]string{"--url", s.URL + "/nowhere/ws", "--key", "nonsense"}, ""},
		"an address": {[]string{"--url", "ftp://x", "--name", "Ada"}, "ws://"},
	} {
		out, failures, code := pipe(t, "hi\n", test.args...)
		if code != 1 || out != "" || strings.Count(failures, "\n") != 1 || !strings.Contains(failures, test.want) {
			t.Errorf("%s: exit code %d, %q, %q", name, code, out, failures)
		}
	}
}

func TestTerminalKnowsAccountsByTheirKeys(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--access", "keys")
	key, err := exec.Command(binary, "account", "add", "Groot", "--data", s.Data).Output()
	if err != nil {
		t.Fatal(err)
	}
	out, failures, code := pipe(t, "I am Groot\n", "--url", s.WS(""), "--key", strings.TrimSpace(string(key)))
	if code != 0 || failures != "" || !strings.Contains(out, "Groot: I am Groot\n") {
		t.Errorf("exit code %d, %q, %q", code, out, failures)
	}
	if _, failures, code = pipe(t, "hi\n", "--url", s.WS(""), "--name", "Groot"); code != 1 || strings.Count(failures, "\n") != 1 {
		t.Errorf("without a key: exit code %d, %q", code, failures)
	}
}
