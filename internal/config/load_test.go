package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// three returns three values for a setting that differ from its default and from each other.
func three(t *testing.T, s Setting) []string {
	t.Helper()
	account := func(i int) string {
		return fmt.Sprintf(`[{id: "a%d", name: "Ada %d", key: %q}]`, i, i, keyPrefix+hashed(strconv.Itoa(i)))
	}
	byKey := map[string][]string{
		"listen":     {":4001", "127.0.0.1:4002", "[::1]:0"},
		"data":       {"/srv/1", "/srv/2", "/srv/3"},
		"name":       {"One", "Two", "Three"},
		"access":     {"keys", "open", "keys"},
		"accounts":   {account(1), account(2), account(3)},
		"origins":    {"https://one.example", "https://two.example,http://two.example:81", "https://three.example"},
		"log.level":  {"debug", "warn", "error"},
		"log.format": {"json", "text", "json"},

		"hosts":           {"chat.example", "one.example,two.example", "three.example"},
		"trusted_proxies": {"10.0.0.1", "10.0.0.0/8,::1", "fd00::/8"},
		"limits.exempt":   {"10.0.0.1", "10.0.0.0/8,::1", "fd00::/8"},
	}
	byType := map[string][]string{
		typeNumber: {"200001", "200002", "200003"}, typeDuration: {"1m0s", "2m0s", "3m0s"}, typeSwitch: {"true", "false", "true"},
	}
	if values, ok := byKey[s.Key]; ok {
		return values
	}
	values, ok := byType[s.Type]
	if !ok {
		t.Fatalf("%s: this test knows no values for it; enter some", s.Key)
	}
	return values
}

// inFile is a file that sets one setting.
func inFile(s Setting, value string) string {
	switch s.Type {
	case typeText:
		value = strconv.Quote(value)
	case typeList:
		value = `["` + strings.ReplaceAll(value, ",", `", "`) + `"]`
	}
	if group, name, ok := strings.Cut(s.Key, "."); ok {
		return group + ":\n  " + name + ": " + value + "\n"
	}
	return s.Key + ": " + value + "\n"
}

func TestFlagBeatsEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	for _, s := range Settings() {
		t.Run(s.Key, func(t *testing.T) {
			values := three(t, s)
			file := filepath.Join(t.TempDir(), "settings.yaml")
			// A file with nothing else, so that frames hold the long messages that this test sets.
			write(t, file, inFile(s, values[0])+frames(s))
			env := []string{"HOME=/root", s.Env() + "=" + values[1]}
			for _, c := range []struct {
				why  string
				from Sources
				want string
			}{
				{"file over default", Sources{File: file}, values[0]},
				{"environment over file", Sources{File: file, Env: env}, values[1]},
				{"flag over environment", Sources{File: file, Env: env, Flags: map[string]string{s.Flag(): values[2]}}, values[2]},
				{"flag over file, by its key", Sources{File: file, Flags: map[string]string{s.Key: values[2]}}, values[2]},
			} {
				got, err := Load(c.from)
				if err != nil {
					t.Fatalf("%s: %v", c.why, err)
				}
				if text := s.text(&got); text != c.want {
					t.Errorf("%s: %s is %q, want %q", c.why, s.Key, text, c.want)
				}
			}
			if text := s.Default(); text == values[0] {
				t.Errorf("the first value, %q, is the default: nothing was tested", text)
			}
		})
	}
}

func frames(s Setting) string {
	if s.Key == "limits.message_length" {
		return "  frame_bytes: 0\n"
	}
	return ""
}

func TestNamesOfASettingFollowFromItsKey(t *testing.T) {
	for _, s := range Settings() {
		if s.Key == "rate_limit.messages" && (s.Flag() != "rate-limit.messages" || s.Env() != "PARLEY_RATE_LIMIT_MESSAGES") {
			t.Errorf("flag %s, variable %s", s.Flag(), s.Env())
		}
		if s.Help == "" || s.IsSwitch() != (s.Key == "dev") {
			t.Errorf("%s: help %q, switch %v", s.Key, s.Help, s.IsSwitch())
		}
	}
}

func TestEveryLimitCanBeTurnedOff(t *testing.T) {
	for _, s := range Settings() {
		if s.Type != typeNumber && s.Type != typeDuration {
			continue
		}
		got, err := Load(Sources{File: shipped, Flags: map[string]string{s.Flag(): "0"}})
		if text := s.text(&got); err != nil || text != "0" && text != "0s" {
			t.Errorf("--%s 0: %s, %v", s.Flag(), text, err)
		}
	}
}

func TestWrongFileGetsOneLineWithWhatWouldBeRight(t *testing.T) {
	hash := keyPrefix + hashed("key")
	for _, c := range []struct{ content, want string }{
		{
			"# first\nrate_limit:\n  messages: many\n",
			`FILE:3: rate_limit.messages: "many" is not a number; write messages per second, like 5, or 0 for no limit`,
		},
		{"rate_limit: {messages: '5'}", `FILE:1: rate_limit.messages: "5" is not a number; write messages per`},
		{"rate_limit: {messages: -1}", `FILE:1: rate_limit.messages: -1 is less than nothing; write messages per`},
		{"rate_limit: {messages: .nan}", `FILE:1: rate_limit.messages: .nan is not a number; `},
		{"rate_limit: {burst: 1.5}", `FILE:1: rate_limit.burst: 1.5 is not a whole number; write messages at once`},
		{"rate_limit: {burst: 99999999999999999999}", `FILE:1: rate_limit.burst: 99999999999999999999 is too large; `},
		{"rate_limit: {burst: 3000000000}", `FILE:1: rate_limit.burst: 3000000000 is too large; `},
		{"rate_limit: 5", `FILE:1: rate_limit: 5 is not a group of settings; write one setting per line, like messages: 5`},
		{"- listen", `FILE:1: a list is not a group of settings; write one setting per line, like listen: ":3000"`},
		{"\nlisten: 3000", `FILE:2: listen: 3000 is not text in quotes; write host:port, like ":3000"`},
		{"listen: '3000'", `FILE:1: listen: "3000" is not an address; write host:port`},
		{"listen: ':70000'", `FILE:1: listen: ":70000" has no port from 0 to 65535; write host:port`},
		{"listen: {}", `FILE:1: listen: a group of settings is not text in quotes; `},
		{"data: ''", `FILE:1: data: "" is no path; write the path of a folder`},
		{"name:", `FILE:1: name: nothing is not text in quotes; write what the chat is called`},
		{"name: " + strings.Repeat("n", 101), `" has more than 100 characters or a control character; write what`},
		{"access: all", `FILE:1: access: "all" is none of the choices; write "open" where`},
		{"dev: yes please", `FILE:1: dev: "yes please" is neither true nor false; write true or false`},
		{"idle_timeout: 300", `FILE:1: idle_timeout: 300 has no unit; write a time with its unit, like 5m or 30s, or 0 for never`},
		{"idle_timeout: soon", `FILE:1: idle_timeout: "soon" is not a time; write`},
		{"idle_timeout: -5m", `FILE:1: idle_timeout: "-5m" is less than nothing; write`},
		{"origins: https://a.example", `FILE:1: origins: "https://a.example" is not a list; write a list of sites`},
		{"origins:\n- https://a.example\n- https://b.example/", `FILE:3: origins: "https://b.example/" is not a site; write`},
		{"origins: ['*']", `FILE:1: origins: "*" is not a site; write`},
		{"origins: [[]]", `FILE:1: origins: a list is not text in quotes; write`},
		{"hosts: ['http://a.example']", `FILE:1: hosts: "http://a.example" is not the name of a host; write`},
		{"hosts: ['a.example:3000']", `FILE:1: hosts: "a.example:3000" is not the name of a host; write`},
		{"trusted_proxies: [router]", `FILE:1: trusted_proxies: "router" is neither an address nor a network; write`},
		{
			"limits: {message_length: 6000}",
			`FILE:1: limits.frame_bytes: 65536 is too few for limits.message_length 6000; write at least 73024, or 0 for no limit`,
		},
		{"limits:\n  message_length: 10\n  frame_bytes: 100", `FILE:3: limits.frame_bytes: 100 is too few for limits.message_length 10; `},

		{"lisen: ':1'", `FILE:1: lisen: there is no such setting; did you mean listen?`},
		{"limits:\n\n  roms: 1", `FILE:3: limits.roms: there is no such setting; did you mean limits.rooms?`},
		{"burst: 1", `FILE:1: burst: there is no such setting; did you mean rate_limit.burst?`},
		{"tls_certificate: x", `FILE:1: tls_certificate: there is no such setting; there are listen, data, `},
		{"? [listen]\n: x", `FILE:1: there is no such setting; there are listen, `},
		{"listen: ':1'\ndata: x\nlisten: ':2'", `FILE:3: listen: is set twice, in line 1 too; keep one of them`},
		{"log.level: info\nlog: {level: warn}", `FILE:2: log.level: is set twice, in line 1 too; keep`},

		{"listen: ':1'\n  data: x\n", `FILE:2: this is not YAML: `},
		{"listen: ':1'\nname: [\ndata: x\n", `FILE:2: this is not YAML: `},
		{"\tlisten: x", `FILE:1: this is not YAML: `},
		{"dev: true\n---\ndev: false", `FILE:2: a second document begins here; keep all settings in one`},

		{"accounts: yes", `FILE:1: accounts: this is not a list; write a list of accounts, each with id, name and key: "sha256:HEX"`},
		{"accounts:\n- groot", `FILE:2: accounts: this is not an account; write`},
		{
			"accounts:\n- {id: groot, name: Groot, key: 'I am Groot'}",
			`FILE:2: accounts: the key of account "groot" is not hashed; write key: "sha256:HEX", ` +
				`where HEX is what this prints: printf %s KEY | sha256sum`,
		},
		{"accounts: [{id: groot, name: Groot}]", `FILE:1: accounts: the key of account "groot" is not hashed; `},
		{"accounts: [{name: Groot, key: '" + hash + "'}]", `FILE:1: accounts: the account needs an id of 1 to 32 of a-z 0-9 _ -; write`},
		{"accounts: [{id: 1, name: Groot, key: x}]", `FILE:1: accounts: the account's id is not text in quotes; write`},
		{"accounts: [{id: g, key: '" + hash + "'}]", `FILE:1: accounts: the account "g" has no name; write`},
		{"accounts: [{id: g, id: h}]", `FILE:1: accounts: an account has one id only; write`},
		{"accounts: [{id: g, secret: h}]", `FILE:1: accounts: an account has no "secret"; write`},
		{
			"accounts:\n- &a {id: g, name: G, key: '" + hash + "'}\n- *a",
			`FILE:3: accounts: two accounts have the same id; write`,
		},
	} {
		_, err := parse(c.content)
		var wrong *Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q:\n got %v\nwant %s", c.content, err, c.want)
		}
	}
}

func TestUnhashedKeyIsNotRepeated(t *testing.T) {
	file := filepath.Join(t.TempDir(), "settings.yaml")
	write(t, file, "accounts: [{id: groot, name: Groot, key: hushhush}]")
	for _, from := range []Sources{
		{File: file},
		{Env: []string{"PARLEY_ACCOUNTS=[{id: groot, name: Groot, key: hushhush}]"}},
		{Env: []string{"PARLEY_ACCOUNTS=hushhush"}},
		{Env: []string{"PARLEY_ACCOUNTS=[hushhush"}},
	} {
		if from.File == "" {
			from.File = shipped
		}
		if _, err := Load(from); err == nil || strings.Contains(err.Error(), "hushhush") {
			t.Errorf("%+v: %v", from, err)
		}
	}
}

func TestWrongVariableOrFlagIsNamed(t *testing.T) {
	for _, c := range []struct {
		from Sources
		want string
	}{
		{
			Sources{Env: []string{"PARLEY_RATE_LIMIT_MESSAGES=many"}},
			`PARLEY_RATE_LIMIT_MESSAGES: "many" is not a number; write messages per second, like 5, or 0 for no limit`,
		},
		{
			Sources{Flags: map[string]string{"rate-limit.messages": ""}},
			`--rate-limit.messages: "" is not a number; write messages per second, like 5, or 0 for no limit`,
		},
		{Sources{Flags: map[string]string{"idle_timeout": "5"}}, `--idle-timeout: "5" has no unit; write`},
		{Sources{Env: []string{"PARLEY_ORIGINS=https://a.example, b.example"}}, `PARLEY_ORIGINS: "b.example" is not a site; write`},
		{Sources{Env: []string{"PARLEY_ACCOUNTS=groot"}}, `PARLEY_ACCOUNTS: this is not a list; write a list of accounts`},
		{
			Sources{Env: []string{"PARLEY_LIMITS_MESSAGE_LENGTH=6000"}},
			`PARLEY_LIMITS_MESSAGE_LENGTH: limits.frame_bytes: 65536 is too few for limits.message_length 6000; `,
		},
		{
			Sources{Env: []string{"PARLEY_RATE_LIMIT_MESAGES=5"}},
			"PARLEY_RATE_LIMIT_MESAGES: there is no such setting; did you mean PARLEY_RATE_LIMIT_MESSAGES?",
		},
		{Sources{Env: []string{"PARLEY_=5"}}, "PARLEY_: there is no such setting; there are PARLEY_LISTEN, "},
		{Sources{Flags: map[string]string{"lissen": ":1"}}, "--lissen: there is no such setting; did you mean listen?"},
	} {
		t.Chdir(t.TempDir())
		_, err := Load(c.from)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v:\n got %v\nwant %s", c.from, err, c.want)
		}
	}
}

func TestVariablesThatKubernetesSetsForAServiceAreNotOurs(t *testing.T) {
	env := []string{"PARLEY_PORT=tcp://10.0.0.1:3000", "PARLEY_SERVICE_HOST=10.0.0.1", "PARLEY_PORT_3000_TCP_ADDR=10.0.0.1"}
	if _, err := Load(Sources{File: shipped, Env: env}); err != nil {
		t.Error(err)
	}
}

func TestListMayBeEmptiedFromOutside(t *testing.T) {
	file := filepath.Join(t.TempDir(), "settings.yaml")
	write(t, file, "origins: ['https://a.example']\naccounts: [{id: g, name: G, key: 'sha256:"+hashed("g")+"'}]\n")
	got, err := Load(Sources{File: file, Env: []string{"PARLEY_ORIGINS=", "PARLEY_ACCOUNTS="}})
	if err != nil || len(got.Origins) > 0 || len(got.Accounts) > 0 {
		t.Errorf("%+v %+v %v", got.Origins, got.Accounts, err)
	}
}

func TestHashInUpperCaseIsTheSame(t *testing.T) {
	got, err := parse(`accounts: [{id: groot, name: Groot, key: "sha256:` + strings.ToUpper(hashed("I am Groot")) + `"}]`)
	if err != nil || len(got.Accounts) != 1 || got.Accounts[0].Key != keyPrefix+hashed("I am Groot") {
		t.Errorf("%+v, %v", got.Accounts, err)
	}
}

func hashed(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func FuzzFile(f *testing.F) {
	for _, seed := range []string{
		"listen: \":3000\"\nlimits:\n  rooms: 3\n", "accounts: [{id: a, name: A, key: x}]", "a: &a [*a]", "limits: &l {<<: *l}", "? [x]\n: y",
		"%YAML 1.2\n---\n!!binary x", "origins: [\"https://é\"]", "idle_timeout: 1h\ndev: true", "\xff\xfe",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		got, err := parse(string(content))
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("%q: more than one line: %v", content, err)
			}
			return
		}
		for _, s := range Settings() { // what was accepted can be said again
			again := Default()
			if err := s.set(&again, written(s.text(&got))); err != nil {
				t.Errorf("%q: %s has a value that isn't accepted: %v", content, s.Key, err)
			}
		}
	})
}

func TestNoLimitForMessagesIsNoneForWhatGoesWithThem(t *testing.T) {
	usual := Default().RateLimit
	if got := usual.InForce(); got.Frames != 105 || got.FramesBurst != 1020 || got.Commands != usual.Commands {
		t.Errorf("%+v", got)
	}
	none := usual
	none.Messages = 0
	if got, want := none.InForce(), (RateLimit{Tries: usual.Tries}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	flood := usual
	flood.Frames = 0
	if got := flood.InForce(); got.Frames != 0 {
		t.Errorf("frames without a limit have one of %v", got.Frames)
	}
}
