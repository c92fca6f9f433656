// Package cli is the program's commands. serve is the one place that builds the whole server out of its parts.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"parley/internal/config"
)

// Program is what main hands over.
type Program struct {
	Version  string
	Settings []byte // config.yaml, with the defaults
	Views    fs.FS
	Static   fs.FS
	Args     []string // without the program's name
	Env      []string // as os.Environ
	Stdin    *os.File
	Stdout   *os.File
	Stderr   io.Writer

	flags map[string]string // settings given as flags
	typed []string          // Args as they were, with those
}

// commands is the command line. Settings are flags as well, see [takeSettings].
type commands struct {
	Config string `help:"A settings file. Without it, config.yaml in this folder is used if there is one." placeholder:"FILE"`

	Serve   serveCmd         `cmd:"" default:"1" help:"Run the chat (this is what happens without a command)."`
	Connect ConnectCmd       `cmd:"" help:"Chat in this terminal."`
	Account accountCmd       `cmd:"" help:"Accounts with keys."`
	Doctor  doctorCmd        `cmd:"" help:"Look whether all is well with the chat, and say what to do. Changes nothing."`
	Backup  backupCmd        `cmd:"" help:"Save the chat into one file. Works while the server runs."`
	Export  exportCmd        `cmd:"" help:"Write all that was said in a room to standard output, as HTML, JSON or text. Works while the server runs."`
	Bench   benchCmd         `cmd:"" help:"Put a load on a chat and measure it; parley bench --help tells of the kinds."`
	Version kong.VersionFlag `help:"Print the version."`
}

// onData is in the commands that work on the data folder; their help says how to name another one.
type onData struct{}

// Help is what --help says below a command.
func (onData) Help() string {
	return "It works on the chat that the settings mean: --data FOLDER names its folder, --config FILE its settings file."
}

// Run runs the program and returns its exit code: 0 when all went well, 1 with one line on standard error when not, 2 for a command
// line that can't be understood.
func Run(p Program) int {
	ctx, stop := signalled()
	defer stop()
	args, flags, err := takeSettings(p.Args)
	if err != nil {
		fmt.Fprintf(p.Stderr, "parley: %v\n", err)
		return 2
	}
	p.flags, p.typed = flags, p.Args
	var c commands
	parser, err := kong.New(&c,
		kong.Name("parley"),
		kong.Description("A group chat that anyone can run on their own network.\n\n"+settingsHelp()),
		kong.Vars{"version": p.Version},
		kong.Writers(p.Stdout, p.Stderr),
		kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(&p, &c),
	)
	if err != nil {
		fmt.Fprintf(p.Stderr, "parley: %v\n", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(p.Stderr, "parley: %v\n", err)
		return 2
	}
	err = parsed.Run()
	var quiet *exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &quiet):
		return quiet.code
	default:
		fmt.Fprintf(p.Stderr, "parley: %v\n", err)
		return 1
	}
}

// exitError ends the program with a code, after what there was to say has been said.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// signalled returns a context that the first SIGINT or SIGTERM ends. The second one ends the program at once.
func signalled() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from here on a signal does what it does by default
	return ctx, stop
}

// takeSettings takes the settings' flags, --KEY VALUE and --KEY=VALUE, out of the arguments; what remains is the command's.
func takeSettings(args []string) (rest []string, flags map[string]string, err error) {
	known := map[string]config.Setting{}
	for _, s := range config.Settings() {
		known[s.Flag()] = s
	}
	flags = map[string]string{}
	for i := 0; i < len(args); i++ {
		if args[i] == "--" {
			return append(rest, args[i:]...), flags, nil
		}
		key, value, given := strings.Cut(strings.TrimPrefix(args[i], "--"), "=")
		setting, ok := known[key]
		if !strings.HasPrefix(args[i], "--") || !ok || ownFlag(args, key) {
			rest = append(rest, args[i])
			continue
		}
		switch {
		case given:
		case setting.IsSwitch():
			value = "true"
		case i+1 == len(args):
			return nil, nil, fmt.Errorf("--%s needs a value", key)
		default:
			i++
			value = args[i]
		}
		flags[setting.Key] = value
	}
	return rest, flags, nil
}

// ownFlag reports whether a command has a flag of its own by a setting's name: connect's --name is who one is, the setting's --name
// is what the chat is called.
func ownFlag(args []string, key string) bool {
	return key == "name" && len(args) > 0 && args[0] == "connect"
}

// settingsHelp lists the settings for --help.
func settingsHelp() string {
	var b strings.Builder
	b.WriteString("Every setting of config.yaml is a flag too, like --idle-timeout 10m, and an environment variable, like " +
		"PARLEY_IDLE_TIMEOUT=10m: ")
	for i, s := range config.Settings() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("--" + s.Flag())
	}
	return b.String() + "."
}

// load reads the settings: flag beats environment beats file beats default.
func (p *Program) load(file string) (config.Config, error) {
	return config.Load(config.Sources{File: file, Env: p.Env, Flags: p.flags})
}
