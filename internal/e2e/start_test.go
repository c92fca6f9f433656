package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWhatKeepsTheServerFromStartingIsOneClearLine(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	damaged := filepath.Join(folder, "damaged")
	if err := os.Mkdir(damaged, 0o700); err != nil {
		t.Fatal(err)
	}
	write("damaged/parley.db", strings.Repeat("not a database ", 1000))
	for name, tt := range map[string]struct {
		args []string
		says []string
	}{
		"port in use":          {[]string{"--listen", s.Host, "--data", folder}, []string{s.Host, "in use"}},
		"folder in use":        {[]string{"--data", s.Data}, []string{s.Data, "another server"}},
		"folder that can't be": {[]string{"--data", write("file", "") + "/below"}, []string{"file/below"}},
		"damaged database":     {[]string{"--data", damaged}, []string{"parley.db"}},
		"unknown key":          {[]string{"--config", write("a.yaml", "listen: \":0\"\nidle_time: 5m\n")}, []string{"a.yaml:2", "idle_time", "idle_timeout"}},
		"wrong type":           {[]string{"--config", write("b.yaml", "rate_limit:\n  messages: many\n")}, []string{"b.yaml:2", "rate_limit.messages", "many"}},
		"impossible value":     {[]string{"--limits.frame-bytes", "10"}, []string{"--limits.frame-bytes", "at least"}},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(folder, "data")}, tt.args...)
			cmd := exec.Command(binary, args...)
			cmd.Dir = folder
			var out, errs bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errs
			stop := time.AfterFunc(3*patience, func() { _ = cmd.Process.Kill() })
			err := cmd.Run()
			stop.Stop()
			if err == nil || cmd.ProcessState.ExitCode() != 1 {
				t.Errorf("ended with %v, want exit code 1", err)
			}
			line, rest, _ := strings.Cut(errs.String(), "\n")
			if rest != "" || out.Len() > 0 {
				t.Errorf("said more than one line: %q and on standard output %q", errs.String(), out.String())
			}
			for _, part := range tt.says {
				if !strings.Contains(line, part) {
					t.Errorf("%q does not say %q", line, part)
				}
			}
		})
	}
}

func TestTheBinaryAloneInAnEmptyFolderServesTheChat(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	alone := filepath.Join(folder, "parley")
	raw, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(alone, raw, 0o700); err != nil {
		t.Fatal(err)
	}
	s := startProgram(t, alone)
	for path, want := range map[string]string{"/": `name="name"`, "/check": "parley-check"} {
		if resp, body := s.get(t, path, ""); resp.StatusCode != 200 || !strings.Contains(body, want) {
			t.Errorf("%s is answered with %s", path, resp.Status)
		}
	}
	s.json(t, "Ada", "").say("1", "served from one file")
}

func TestStoppingDoesNotWaitForSomebodyWhoDoesNotAnswer(t *testing.T) {
	s := startServer(t)
	_ = s.json(t, "Silent", "") // reads nothing more, so that a polite stop has somebody to wait for
	begun := time.Now()
	s.Stop()
	if d := time.Since(begun); d > 5*time.Second {
		t.Errorf("stopping took %v", d)
	}
}

// Their only flags besides are settings, which the list of flags leaves out.
func TestHelpOfCommandsOnTheDataSaysHowToNameIt(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"account add", "account list", "account key", "account remove", "doctor", "backup"} {
		help, err := exec.Command(binary, append(strings.Fields(command), "--help")...).Output()
		if err != nil || !strings.Contains(string(help), "--data FOLDER") {
			t.Errorf("parley %s --help does not say how to name the data folder (%v):\n%s", command, err, help)
		}
	}
}
